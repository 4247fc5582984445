"""The `Letter` workflow: one row to one mailbox, however long the mail server is away."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy

with workflow.unsafe.imports_passed_through():
    from workflows.letter.messages import DeliverLetter, Delivery
    from workflows.ports import LETTERS, deliver_letter
    from workflows.rules.refusals import Refused
    from workflows.writer.inbox import as_error
    from workflows.writer.vouching import opening

RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=5),
    backoff_coefficient=2,
    maximum_interval=timedelta(minutes=15),
)
"""No end of attempts and no schedule-to-close: a dead mail server delays, it ends nothing."""


@workflow.defn(name="Letter")
class LetterWorkflow:
    """Delivers one letter. Detached: no case waits for it, and it knows nothing of the case.

    Its history is three events and an answer; what it says and to whom stays in Postgres.
    """

    @workflow.init
    def __init__(self, raw: RawValue) -> None:
        self._order = opening(raw, DeliverLetter)

    @workflow.run
    async def run(self, raw: RawValue) -> Delivery:
        """Run the one activity and answer how it ended.

        Raises:
            ApplicationError: nobody vouched for this start, or it cannot be read.
        """
        if isinstance(self._order, Refused):
            raise as_error(self._order.reasons)
        return await workflow.execute_activity(
            deliver_letter,
            self._order,
            task_queue=LETTERS,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=RETRY,
        )
