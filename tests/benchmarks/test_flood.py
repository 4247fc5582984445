"""Ten thousand signals in a minute by a stranger at one case, and at a workflow without rules (`make bench`)."""

from __future__ import annotations

import os

import pytest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from tests.benchmarks.figures import figure
from tests.benchmarks.unmoved import QUEUE, UnmovedWorkflow, acted, keep_nothing
from tests.fixtures.engine import skipper_of, workers
from tests.hostile.engine.flood import Seen, flood, letters_to_the_office, pressed
from tests.workflow.season import MemoryRecords, Season

pytestmark = pytest.mark.benchmark

A_MINUTE = int(os.environ.get("ZHIPING_FLOOD", "10000"))
A_SECOND = 170


async def test_ten_thousand_signals_in_a_minute(client: Client) -> None:
    bare = await at_a_workflow_without_rules(client)
    records = MemoryRecords()
    season = Season(skipper_of(client), client, "2024-10-10T09:00:00")
    async with workers(client, records):
        seen = await flood(season, A_MINUTE, a_second=A_SECOND)
    print(f"\nwithout rules: {bare}")
    print(f"{seen}; {letters_to_the_office(records)} letters to the office")
    figure("flood.slower", seen.slower, "times", beside=f"{bare.slower:.1f} without rules")
    figure("flood.slower_bare", bare.slower, "times")

    assert seen.status is WorkflowExecutionStatus.RUNNING
    assert seen.largest < 5_000_000
    assert letters_to_the_office(records) <= 3


async def at_a_workflow_without_rules(client: Client) -> Seen:
    """The same flood, in the same minutes, where nothing is read and nothing decided: the engine's own share."""
    runner = UnsandboxedWorkflowRunner()
    async with Worker(
        client,
        task_queue=QUEUE,
        workflows=[UnmovedWorkflow],
        activities=[keep_nothing],
        workflow_runner=runner,
    ):
        handle = await client.start_workflow(UnmovedWorkflow.run, id="unmoved", task_queue=QUEUE)
        return await pressed(
            handle, client, lambda: acted(client, handle), A_MINUTE, a_second=A_SECOND
        )
