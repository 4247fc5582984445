"""A workflow that hears signals and does nothing: what a flood costs where no rule of ours runs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.common import RawValue
from temporalio.service import RPCError

from workflows.writer.door import SIGNALS_OF_A_RUN

QUEUE = "unmoved"
AGAIN = 0.02


@activity.defn
async def keep_nothing() -> None:
    """What stands for the record of an act."""


@workflow.defn
class UnmovedWorkflow:
    """It counts signals, answers updates, and ends a run where a case does."""

    def __init__(self) -> None:
        self._signals = 0

    @workflow.run
    async def run(self) -> None:
        """One run of a flood."""
        await workflow.wait_condition(lambda: self._signals >= SIGNALS_OF_A_RUN)
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new()

    @workflow.signal(dynamic=True)
    def on_signal(self, _name: str, _args: Sequence[RawValue]) -> None:
        """Not even read."""
        self._signals += 1

    @workflow.update
    async def act(self) -> None:
        """An act with a record, within its task as a case's."""
        await workflow.execute_local_activity(
            keep_nothing, start_to_close_timeout=timedelta(seconds=3)
        )


async def acted(client: Client, handle: WorkflowHandle[UnmovedWorkflow, None]) -> None:
    """One act, asked again where a run ended before it was taken in, as the gateway does."""
    newest = client.get_workflow_handle_for(UnmovedWorkflow.run, handle.id)
    while True:
        try:
            await newest.execute_update(UnmovedWorkflow.act)
        except (RPCError, WorkflowUpdateFailedError):
            await asyncio.sleep(AGAIN)
        else:
            return
