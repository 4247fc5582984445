"""Ours beside the same outline on DBOS, in alternating rounds (`make bench WHAT=dbos`).

On one stack: the same Postgres, the same mail sink, eight answered acts and 13 letters a case, 8
cases at a time. DBOS has no rules, no encryption and no clocks there (`dbos/case.py`).
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.benchmarks.figures import figure, spread, under_load
from tests.benchmarks.one_day import ACTS, Season
from tests.benchmarks.real_stack import RealStack, another_database, real_stack
from tests.benchmarks.test_latency import AT_ONCE, at_once

pytestmark = pytest.mark.benchmark

HERE = Path(__file__).parent
PYTHON = HERE.parents[1] / ".venv" / "dbos" / "bin" / "python"
"""The environment that `make bench WHAT=dbos` makes for it."""
CASES = int(os.environ.get("ZHIPING_BENCH_CASES", "16"))
ROUNDS = int(os.environ.get("ZHIPING_BENCH_ROUNDS", "3"))
DOORS = ("cases", "records", "letters", "engine", "postgres")


@dataclass
class Side:
    """One of the two, over all rounds."""

    name: str
    took: list[float]
    acted: float = 0.0
    drained: float = 0.0
    cpu: float = 0.0

    def told(self) -> float:
        """Print its figures; applications a second, letters included."""
        done = CASES * ROUNDS
        figure(f"dbos.{self.name}", done / self.drained, "1/s", beside="acts and letters")
        figure(f"dbos.{self.name}.acts_only", done / self.acted, "1/s")
        figure(f"dbos.{self.name}.cpu", 1000 * self.cpu / done, "ms/application")
        spread(f"dbos.{self.name}.act", self.took)
        return done / self.drained


@pytest.mark.skipif(not PYTHON.exists(), reason="`make bench WHAT=dbos` installs it first")
async def test_ours_beside_dbos(tmp_path: Path) -> None:
    async with real_stack(tmp_path / "stack") as stack:
        database = await another_database(stack, "beside")
        ours, theirs = Side("ours", []), Side("dbos", [])
        await (await Season.opened(stack)).day()
        await _dbos(stack, database, 1, Side("warm", []))
        with under_load(
            f"{ROUNDS} rounds of {CASES} cases, {AT_ONCE} at a time, one after another"
        ):
            for _ in range(ROUNDS):
                await _dbos(stack, database, CASES, theirs)
                await _ours(stack, ours)
            ratio = ours.told() / theirs.told()
            figure("dbos.ratio", ratio, "ours/dbos", beside="aim ≥ 1")
    assert len(ours.took) == len(theirs.took) == CASES * ROUNDS * ACTS


async def _ours(stack: RealStack, side: Side) -> None:
    season = await Season.opened(stack)
    before, worked, began = stack.cpu(), time.process_time(), time.monotonic()
    await at_once(CASES, AT_ONCE, season.day)
    side.acted += time.monotonic() - began
    await stack.drained()
    side.drained += time.monotonic() - began
    after = stack.cpu()
    side.cpu += sum(after[name] - before[name] for name in DOORS)
    side.cpu += time.process_time() - worked  # who asks: DBOS's asks in its own process too
    side.took += season.took


async def _dbos(stack: RealStack, database: str, cases: int, side: Side) -> None:
    before = stack.cpu()["postgres"]
    process = await asyncio.create_subprocess_exec(
        *(str(PYTHON), str(HERE / "dbos" / "case.py"), str(cases), str(AT_ONCE)),
        *(database, str(stack.settings.smtp_port)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    found = json.loads(out.decode().splitlines()[-1])
    side.acted += found["acted"]
    side.drained += found["drained"]
    side.cpu += found["cpu"] + stack.cpu()["postgres"] - before
    side.took += found["took"]
