"""The workflow as a careless change would leave it: one more command than the histories have."""

from __future__ import annotations

from temporalio import workflow
from temporalio.common import RawValue

from workflows.application.case import Receipt
from workflows.application.messages import StepRecorded
from workflows.application.move import Move
from workflows.application.workflow import ApplicationWorkflow
from workflows.writer.spoken import Outcome


@workflow.defn(name="Application")
class WaitsFirst(ApplicationWorkflow):
    """A timer before anything else."""

    @workflow.init
    def __init__(self, raw: RawValue) -> None:
        super().__init__(raw)

    @workflow.run
    async def run(self, raw: RawValue) -> Receipt:
        """Wait, then live as before."""
        await workflow.sleep(1)
        return await super().run(raw)


@workflow.defn(name="Application")
class WaitsBeforeAStep(ApplicationWorkflow):
    """A timer before each step after the first: only a case that went on shows it."""

    @workflow.init
    def __init__(self, raw: RawValue) -> None:
        super().__init__(raw)

    @workflow.run
    async def run(self, raw: RawValue) -> Receipt:
        """Live as before."""
        return await super().run(raw)

    async def _record(self, move: Move, seq: int) -> Outcome[StepRecorded]:
        if seq > 1:
            await workflow.sleep(1)
        return await super()._record(move, seq)
