"""Many applications behind one pair of workers, each with a record of its own in memory."""

from __future__ import annotations

from temporalio import activity

from tests.workflow.season import MemoryRecords
from workflows.messages import (
    ClosedCase,
    ClosedCaseQuery,
    RecordStep,
    StepRecorded,
    Submission,
    SubmissionQuery,
)


class ManyRecords(MemoryRecords):
    """Passes each call on to the record of its case."""

    def __init__(self) -> None:
        super().__init__()
        self.of: dict[str, MemoryRecords] = {}

    @activity.defn(name="load_submission")
    async def load_submission(self, query: SubmissionQuery) -> Submission:
        """The sample of the case's own route."""
        return await self.of[query.application].load_submission(query)

    @activity.defn(name="record_step")
    async def record_step(self, command: RecordStep) -> StepRecorded:
        """Kept with its case."""
        return await self.of[command.step.application].record_step(command)

    @activity.defn(name="load_closed_case")
    async def load_closed_case(self, query: ClosedCaseQuery) -> ClosedCase:
        """The state of its case."""
        return await self.of[query.application].load_closed_case(query)
