"""How long one act takes from asking to its answer, beside a bare update on the same engine.

One at a time, and at ten a second; at ten a second it is what two processors are asked for by an
office's busiest hour. Besides: what an application of eight acts and its letters costs each process.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import uuid4

import pytest
from temporalio.worker import Worker

from activities.database import Pool
from config.temporal import connect
from tests.benchmarks.bare import BareWorkflow, Load, nothing
from tests.benchmarks.figures import figure, spread, under_load
from tests.benchmarks.one_day import ACTS, Season
from tests.benchmarks.real_stack import RealStack, real_stack
from workers.runner import workflow_runner

pytestmark = pytest.mark.benchmark

CASES = int(os.environ.get("ZHIPING_BENCH_CASES", "16"))
SECONDS = int(os.environ.get("ZHIPING_BENCH_SECONDS", "20"))
AT_ONCE = 8
A_SECOND = 10
QUEUE = "bare"


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RealStack]:
    """One stack for all that is measured here."""
    async with real_stack(tmp_path_factory.mktemp("latency") / "stack") as ready:
        season = await Season.opened(ready)
        await season.day()  # whoever comes first waits for caches and connections
        await ready.drained()
        yield ready


async def test_what_an_application_costs_each_process(stack: RealStack) -> None:
    season = await Season.opened(stack)
    used, letters = stack.cpu(), await _letters(stack.pool)
    with under_load(f"{CASES} cases of {ACTS} acts, {AT_ONCE} at a time, and their letters"):
        began = time.monotonic()
        await at_once(CASES, AT_ONCE, season.day)
        acted = time.monotonic() - began
        await stack.drained()
        drained = time.monotonic() - began
        used = {name: now - used[name] for name, now in stack.cpu().items()}
        letters = await _letters(stack.pool) - letters
        for name, seconds in used.items():
            figure(f"cpu.{name}", 1000 * seconds / CASES, "ms/application")
        figure("cpu.all", 1000 * sum(used.values()) / CASES, "ms/application", beside="aim ≤ 500")
        figure("cpu.letters_each", letters / CASES, "letters/application")
        figure("cpu.applications", CASES / acted, "1/s")
        figure("cpu.applications_with_letters", CASES / drained, "1/s")
    assert len(season.took) == CASES * ACTS


async def test_one_act_one_at_a_time_and_at_ten_a_second(stack: RealStack) -> None:
    season = await Season.opened(stack)
    with under_load(f"ours, one at a time: {CASES // 2} cases of {ACTS} acts"):
        for _ in range(CASES // 2):
            await season.day()
        spread("latency.alone", season.took)
        assert len(season.took) == CASES // 2 * ACTS
    await stack.drained()

    season = await Season.opened(stack)
    with under_load(f"ours, {A_SECOND} acts a second for {SECONDS} s"):
        await paced(A_SECOND * SECONDS // ACTS, ACTS / A_SECOND, season.day)
        spread("latency.at_ten", season.took)
        figure("latency.at_ten.acts", len(season.took), "acts")


async def test_the_same_of_bare_updates(stack: RealStack) -> None:
    client = await connect(stack.settings)
    took: list[float] = []

    async def day() -> None:
        """One bare workflow: eight updates with an activity each."""
        load = Load(updates=ACTS, timers=0, local=ACTS, activities=0, queue=QUEUE)
        handle = await client.start_workflow(
            BareWorkflow.run, load, id=f"bare-{uuid4()}", task_queue=QUEUE
        )
        for number in range(ACTS):
            began = time.monotonic()
            await handle.execute_update("tick", number)
            took.append(time.monotonic() - began)
        await handle.result()

    worker = Worker(
        client,
        task_queue=QUEUE,
        workflows=[BareWorkflow],
        activities=[nothing],
        workflow_runner=workflow_runner(),
    )
    async with worker:
        await day()
        took.clear()
        with under_load(f"bare, one at a time: {CASES // 2} workflows of {ACTS} updates"):
            for _ in range(CASES // 2):
                await day()
            spread("latency.bare.alone", took)
        took.clear()
        with under_load(f"bare, {A_SECOND} updates a second for {SECONDS} s"):
            await paced(A_SECOND * SECONDS // ACTS, ACTS / A_SECOND, day)
            spread("latency.bare.at_ten", took)
    assert took


async def at_once(number: int, abreast: int, one: Callable[[], Awaitable[object]]) -> None:
    """So many in all, so many at a time."""
    slots = asyncio.Semaphore(abreast)

    async def in_turn() -> None:
        async with slots:
            await one()

    await asyncio.gather(*(in_turn() for _ in range(number)))


async def paced(number: int, seconds: float, one: Callable[[], Awaitable[object]]) -> None:
    """Begin one every so many seconds, whether or not those before are done."""
    begun = []
    for _ in range(number):
        begun.append(asyncio.ensure_future(one()))
        await asyncio.sleep(seconds)
    await asyncio.gather(*begun)


async def _letters(pool: Pool) -> int:
    return int(await pool.fetchval("SELECT count(*) FROM letter WHERE state <> 'no_address'"))
