"""What is no act on a case: one activity, one transaction, one audit entry (design.md 13)."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy

from workflows import ports
from workflows.operation.messages import AmendOpen, OperationOutcome, OperationRequest
from workflows.rules.names import LIVE
from workflows.rules.refusals import Refused
from workflows.writer.inbox import as_error
from workflows.writer.refused import OPERATION, count_refused
from workflows.writer.vouching import opening

TIMEOUT = timedelta(seconds=60)
RETRY = RetryPolicy(maximum_interval=timedelta(seconds=60))
AMENDING = ("amend_campaign", "amend_calendar", "load_calendar")
"""A newly loaded year reaches open cases too: one may stand still for want of it."""
LONGEST, SILENT = timedelta(days=1), timedelta(seconds=60)
"""How long the telling of a whole season may take, and be silent meanwhile."""


@workflow.defn(name="Operation")
class OperationWorkflow:
    """Publishing, directory, registers; an amendment also reaches every open case it touches."""

    @workflow.init
    def __init__(self, raw: RawValue) -> None:
        self._request = opening(raw, OperationRequest)

    @workflow.run
    async def run(self, raw: RawValue) -> OperationOutcome:
        """Carry the operation out, then let whatever an amendment touches be told of it, each once.

        Raises:
            ApplicationError: nobody vouched for this start, or it cannot be read.
        """
        request = self._request
        if isinstance(request, Refused):
            raise as_error(request.reasons)
        if request.realm == LIVE:
            # When it was asked is a door's word only where the clock is a rehearsal's: an earlier
            # day would revive a right that ended, or a request whose time is over.
            request = request.model_copy(update={"as_of": workflow.now()})
        outcome = await workflow.execute_activity(
            ports.carry_out_operation,
            request,
            task_queue=ports.RECORDS,
            start_to_close_timeout=TIMEOUT,
            retry_policy=RETRY,
        )
        count_refused(outcome.refusals, OPERATION)
        if outcome.done and outcome.kind in AMENDING and outcome.affected is not None:
            await workflow.execute_activity(
                ports.amend_open,
                AmendOpen(
                    operation=outcome.operation,
                    affected=outcome.affected,
                    reason=outcome.params.get("reason", ""),
                ),
                task_queue=ports.RECORDS,
                start_to_close_timeout=LONGEST,
                heartbeat_timeout=SILENT,
                retry_policy=RETRY,
            )
        return outcome
