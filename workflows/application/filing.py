"""What reaches a closed case: a short workflow with the same catalogue and the same record."""

from __future__ import annotations

from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from workflows import ports
    from workflows.application.case import Case, Receipt
    from workflows.application.catalogue import CATALOGUE
    from workflows.application.decision import commit, decide, refusal_step
    from workflows.application.messages import ClosedCaseQuery, FilingRequest, RecordStep
    from workflows.rules.message import local
    from workflows.rules.refusals import Refused
    from workflows.writer.inbox import as_error, reasons_of

TIMEOUT = timedelta(seconds=20)
RETRY = RetryPolicy(maximum_interval=timedelta(seconds=60))


@workflow.defn(name="Filing")
class FilingWorkflow:
    """One act on a closed case: late 复查 (recorded, refused, told), complaint, revoke."""

    @workflow.init
    def __init__(self, request: FilingRequest) -> None:
        self._request = request

    @workflow.run
    async def run(self, request: FilingRequest) -> Receipt:
        """Decide the act on the state the case left behind.

        Raises:
            ApplicationError: the refusal's code as type; one with legal weight is recorded first.
        """
        closed = await workflow.execute_activity(
            ports.load_closed_case,
            ClosedCaseQuery(application=request.application),
            task_queue=ports.RECORDS,
            start_to_close_timeout=TIMEOUT,
            retry_policy=RETRY,
        )
        case = closed.case
        now = self._now()
        try:
            move = decide(case, request.action, request.act, now)
        except Refused as error:
            await self._record_refusal(case, error, now)
            raise as_error(reasons_of(error)) from None
        await self._record(commit(move, case.seq + 1))
        end = move.case.end
        return Receipt(
            application=case.application,
            seq=move.case.seq,
            action=request.action,
            recorded_at=now,
            end=end.name if end else None,
        )

    async def _record_refusal(self, case: Case, error: Refused, now: datetime) -> None:
        action = CATALOGUE.get(self._request.action)
        if action is None or not action.weighty:
            return
        await self._record(
            refusal_step(
                case.model_copy(deep=True),
                self._request.action,
                self._request.act,
                reasons_of(error),
                now,
                case.seq + 1,
            )
        )

    async def _record(self, command: RecordStep) -> None:
        letters = tuple(
            order.model_copy(update={"id": str(workflow.uuid7())}) for order in command.letters
        )
        await workflow.execute_activity(
            ports.record_step,
            command.model_copy(update={"letters": letters}),
            task_queue=ports.RECORDS,
            start_to_close_timeout=TIMEOUT,
            retry_policy=RETRY,
        )

    def _now(self) -> datetime:
        return local(workflow.now() + timedelta(seconds=self._request.shift_seconds))
