"""A case without rules: it answers what a meeting tells it."""

from __future__ import annotations

from collections.abc import Sequence

from temporalio import workflow
from temporalio.common import RawValue

from workflows.application.case import Receipt


@workflow.defn(name="Answering")
class AnsweringWorkflow:
    """A case without rules: whatever it is told, it answers."""

    @workflow.run
    async def run(self) -> None:
        """Listen until somebody ends it."""
        await workflow.wait_condition(lambda: False)

    @workflow.update(dynamic=True)
    async def on_update(self, name: str, args: Sequence[RawValue]) -> Receipt:
        """Done."""
        del args
        return Receipt(application=workflow.info().workflow_id, seq=1, action=name)
