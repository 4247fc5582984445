"""Armed clocks on the embedded server: how late they strike in an ordinary minute, and all at once.

`make bench WHAT=timers`; `ZHIPING_BENCH_TIMERS=100000` is the size of issue 10 (default 2,000). The
armed are workflows without rules, since a hundred thousand of ours would take a day to begin: what
the engine itself brings is measured, and what a strike of ours costs besides, on a few real cases;
a model joins the two and says what one more worker host would bring.
"""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from uuid import uuid4

import psutil
import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from config.temporal import connect
from tests.benchmarks.armed import BEGUN, QUEUE, ArmedWorkflow, Strikes
from tests.benchmarks.figures import figure, percentile, under_load
from tests.benchmarks.one_day import ACTS, Season
from tests.benchmarks.real_stack import real_stack
from tests.benchmarks.test_latency import AT_ONCE, at_once
from workers.runner import workflow_runner
from workers.stack import StackOptions, running

pytestmark = pytest.mark.benchmark

ARMED = int(os.environ.get("ZHIPING_BENCH_TIMERS", "2000"))
A_MINUTE = 60
"""Strikes of an ordinary minute: eight times what 100,000 cases of a season make on the average."""
AT_THE_SAME_SECOND = ARMED // 5
CASES = int(os.environ.get("ZHIPING_BENCH_CASES", "8"))
A_DAY = 86_400.0
STARTERS = 40
PROCESSORS = os.cpu_count() or 1
ENGINES = ("engine", "postgres")
"""What a second host of workers does not take over."""


async def test_armed_clocks_of_an_ordinary_minute_and_of_one_second(tmp_path: Path) -> None:
    strikes = Strikes()
    options = StackOptions(with_workers=False, with_interface=False)
    async with running(tmp_path / "stack", options=options) as stack:
        client = await connect(stack.settings)
        engine = psutil.Process(stack.folder.read_state()["children"]["temporal"])
        worker = Worker(
            client,
            task_queue=QUEUE,
            workflows=[ArmedWorkflow],
            activities=[strikes.struck],
            workflow_runner=workflow_runner(),
            max_cached_workflows=200,
        )
        async with worker:
            far = time.time() + 30 * A_DAY
            with under_load(f"{ARMED} clocks armed"):
                began, worked = time.monotonic(), _cpu(engine)
                await _armed(client, [far] * (ARMED - AT_THE_SAME_SECOND))
                seconds = time.monotonic() - began
                figure("timers.armed", ARMED - AT_THE_SAME_SECOND, "clocks")
                figure("timers.arming", (ARMED - AT_THE_SAME_SECOND) / seconds, "1/s")
                each = (_cpu(engine) - worked) / (ARMED - AT_THE_SAME_SECOND)
                figure("timers.arming.engine_cpu", 1000 * each, "ms")
                figure("timers.engine_memory", engine.memory_info().rss / 2**20, "MiB")

            with under_load(f"an ordinary minute: {A_MINUTE} of them strike"):
                first = time.time() + 10 + 1.5 * A_MINUTE * seconds / ARMED
                await _armed(client, [first + number for number in range(A_MINUTE)])
                figure("timers.minute.armed_before", first - time.time(), "s")
                await _struck(strikes, A_MINUTE)
                for share in (0.5, 0.99):
                    late = 1000 * percentile(strikes.late, share)
                    figure(f"timers.minute.p{share * 100:.0f}", late, "ms", beside="aim p99 ≤ 2 s")

            strikes.late.clear()
            strikes.recorded_at.clear()
            with under_load(f"{AT_THE_SAME_SECOND} strike in the same second"):
                instant = time.time() + 10 + 1.5 * AT_THE_SAME_SECOND * seconds / ARMED
                await _armed(client, [instant] * AT_THE_SAME_SECOND)
                figure("timers.second.armed_before", instant - time.time(), "s")
                worked = _cpu(engine)
                await _struck(strikes, AT_THE_SAME_SECOND)
                for share in (0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1.0):
                    late = percentile(strikes.late, share)
                    figure(f"timers.second.p{share * 100:.0f}", late, "s")
                rate = AT_THE_SAME_SECOND / max(strikes.late)
                figure("timers.second.rate", rate, "1/s", beside="bare strikes recorded")
                each = (_cpu(engine) - worked) / AT_THE_SAME_SECOND
                figure("timers.second.engine_cpu", 1000 * each, "ms/strike")
    assert len(strikes.late) == AT_THE_SAME_SECOND


async def test_what_a_strike_of_ours_takes_and_what_another_host_would_bring(
    tmp_path: Path,
) -> None:
    """A strike is a step like that of an act, without its update: an act's work is its upper bound."""
    async with real_stack(tmp_path / "stack") as stack:
        await (await Season.opened(stack)).day()
        await stack.drained()
        season = await Season.opened(stack)
        with under_load(f"{CASES} cases of {ACTS} acts, {AT_ONCE} at a time"):
            before = stack.cpu()
            await at_once(CASES, AT_ONCE, season.day)
            await stack.drained()
            steps = CASES * ACTS
            work = {name: (now - before[name]) / steps for name, now in stack.cpu().items()}
            for name, seconds in work.items():
                figure(f"timers.step.{name}", 1000 * seconds, "ms/step")
            here, many = sum(work.values()), 20_000
            staying = sum(work[name] for name in ENGINES)
            figure("timers.model.one_host", many * here / PROCESSORS, "s",
                   beside=f"20,000 strikes, letters included, on {PROCESSORS} cores")  # fmt: skip
            two = max(staying, here - staying) * many / PROCESSORS
            figure("timers.model.two_hosts", two, "s",
                   beside=f"the workers on {PROCESSORS} cores of their own")  # fmt: skip
            figure("timers.model.rate", PROCESSORS / here, "1/s")
    assert len(season.took) == steps


async def _armed(client: Client, instants: list[float]) -> None:
    """Start one for each instant, the earliest first, and wait until the clocks of all run: one that
    began after its own instant says nothing of how late clocks strike."""
    waiting = {f"armed-{uuid4()}": instant for instant in sorted(instants)}
    ours = set(waiting)

    async def starter() -> None:
        while waiting:
            name = next(iter(waiting))
            await client.start_workflow(
                ArmedWorkflow.run, waiting.pop(name), id=name, task_queue=QUEUE
            )

    await asyncio.gather(*(starter() for _ in range(STARTERS)))
    while not ours <= BEGUN:  # noqa: ASYNC110 - a first task is the worker's, which has no event
        await asyncio.sleep(0.1)


async def _struck(strikes: Strikes, number: int) -> None:
    while len(strikes.late) < number:  # noqa: ASYNC110 - a strike is an activity's, which has no event
        await asyncio.sleep(0.5)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
