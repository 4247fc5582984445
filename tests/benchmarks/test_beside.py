"""Ours beside a bare workflow of the same messages, timers and activities (`make bench WHAT=beside`)."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from tests.benchmarks.bare import DAYS, BareWorkflow, Load, nothing
from tests.benchmarks.figures import figure, under_load
from tests.benchmarks.told import ROUTE, one_day, tell, whole_season
from tests.fixtures.engine import skipper_of, workers
from tests.replay.stories import OPENS, Script
from tests.workflow.season import MemoryRecords, Season, SharedRecords
from workers.runner import workflow_runner
from workflows.application.messages import Submission, SubmissionQuery

pytestmark = pytest.mark.benchmark

APPLICATIONS = int(os.environ.get("ZHIPING_BENCH_APPLICATIONS", "24"))
ROUNDS = 2
MOVES = 7
"""How often the season's clock is moved for one application."""
SPEED_AIM = 0.8


class Prepared(MemoryRecords):
    """Loads its submission once for all: reading files is the test's cost, not the engine's."""

    async def load_submission(self, query: SubmissionQuery) -> Submission:
        """The same submission for each."""
        if not PREPARED:
            PREPARED.append(await super().load_submission(query))
        return PREPARED[0]


PREPARED: list[Submission] = []


@pytest.mark.parametrize(
    ("name", "title", "script", "moves"),
    [
        ("season", "happy path", whole_season, MOVES),
        ("day", "ten acts of one day, no clock moved", one_day, 0),
    ],
    ids=["season", "day"],
)
async def test_applications_per_second_beside_a_bare_workflow(
    name: str, title: str, script: Script, moves: int, client: Client
) -> None:
    one = (await tell(client, script, close=bool(moves))).cost
    load = Load(
        updates=one.number("WORKFLOW_EXECUTION_UPDATE_ACCEPTED"),
        timers=one.number("TIMER_STARTED") if moves else 0,
        local=one.number("MARKER_RECORDED"),
        activities=one.number("ACTIVITY_TASK_SCHEDULED"),
    )
    ours, bare = Stopwatch(), Stopwatch()
    with under_load(f"{title}: {APPLICATIONS} at once, {ROUNDS} rounds; each {load}"):
        for _ in range(ROUNDS):
            await many_bare(client, load, bare, moves)
            await many_of_ours(client, script, ours)
        for who, watch in (("ours", ours), ("bare", bare)):
            figure(f"beside.{name}.{who}", watch.done / watch.seconds, "1/s")
            figure(f"beside.{name}.{who}.cpu", 1000 * watch.cpu / watch.done, "ms",
                   beside="workers and driver, the engine apart")  # fmt: skip
        ratio = (ours.done / ours.seconds) / (bare.done / bare.seconds)
        figure(f"beside.{name}.ratio", ratio, "ours/bare", beside=f"aim ≥ {SPEED_AIM}")
        figure(f"beside.{name}.cpu_ratio", bare.cpu / ours.cpu, "bare/ours")
    assert ours.done == bare.done == APPLICATIONS * ROUNDS


@dataclass
class Stopwatch:
    """What was done, and in how much time."""

    done: int = 0
    seconds: float = 0.0
    cpu: float = 0.0

    async def measure(self, *lives: Awaitable[None]) -> None:
        """Run all at once and add them up."""
        began, worked = time.monotonic(), time.process_time()
        await asyncio.gather(*lives)
        self.seconds += time.monotonic() - began
        self.cpu += time.process_time() - worked
        self.done += len(lives)


async def many_of_ours(client: Client, script: Script, watch: Stopwatch) -> None:
    """Applications, all at once."""
    records = SharedRecords()

    async def one() -> None:
        season = Season(skipper_of(client), client, OPENS)
        records.of[season.id] = Prepared(route=ROUTE)
        await script(season)

    async with workers(client, records):
        await watch.measure(*(one() for _ in range(APPLICATIONS)))


async def many_bare(client: Client, load: Load, watch: Stopwatch, moves: int) -> None:
    """The same number of bare workflows, driven in the same way."""
    skipper = skipper_of(client)

    async def one() -> None:
        handle = await client.start_workflow(
            BareWorkflow.run, load, id=f"bare-{uuid4()}", task_queue="cases"
        )
        for number in range(load.updates):
            await handle.execute_update("tick", number)
            if (number + 1) * moves // load.updates > number * moves // load.updates:
                await skipper.fast_forward(handle, timedelta(days=DAYS + 1) / moves)
        await handle.result()

    cases = Worker(
        client,
        task_queue="cases",
        workflows=[BareWorkflow],
        activities=[nothing],
        no_remote_activities=True,
        workflow_runner=workflow_runner(),
    )
    recording = Worker(client, task_queue="records", activities=[nothing])
    async with cases, recording:
        await watch.measure(*(one() for _ in range(APPLICATIONS)))
