"""The workflow as a careless change would leave it: one more command than the histories have."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.application.case import Receipt
    from workflows.application.messages import OpenApplication, StepRecorded
    from workflows.application.move import Move
    from workflows.writer.writer import Outcome

from workflows.application.workflow import ApplicationWorkflow


@workflow.defn(name="Application")
class WaitsFirst(ApplicationWorkflow):
    """A timer before anything else."""

    @workflow.init
    def __init__(self, opening: OpenApplication) -> None:
        super().__init__(opening)

    @workflow.run
    async def run(self, opening: OpenApplication) -> Receipt:
        """Wait, then live as before."""
        await workflow.sleep(1)
        return await super().run(opening)


@workflow.defn(name="Application")
class WaitsBeforeAStep(ApplicationWorkflow):
    """A timer before each step after the first: only a case that went on shows it."""

    @workflow.init
    def __init__(self, opening: OpenApplication) -> None:
        super().__init__(opening)

    @workflow.run
    async def run(self, opening: OpenApplication) -> Receipt:
        """Live as before."""
        return await super().run(opening)

    async def _record(self, move: Move, seq: int) -> Outcome[StepRecorded]:
        if seq > 1:
            await workflow.sleep(1)
        return await super()._record(move, seq)
