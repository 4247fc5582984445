"""What an act costs on an old case beside the same act on a fresh one, by the work of every process.

The unit begins its publicity anew: on the old one until its history has `ZHIPING_BENCH_EVENTS` events
(400), before anything is measured; then on both in turns.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest

from config.temporal import connect
from tests.benchmarks.figures import figure, spread, under_load
from tests.benchmarks.one_day import UNIT, Season
from tests.benchmarks.real_stack import RealStack, real_stack

pytestmark = pytest.mark.benchmark

EVENTS = int(os.environ.get("ZHIPING_BENCH_EVENTS", "400"))
ACTS = 3
CASES = int(os.environ.get("ZHIPING_BENCH_CASES", "16"))


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RealStack]:
    """One stack for both."""
    async with real_stack(tmp_path_factory.mktemp("age") / "stack") as ready:
        yield ready


async def test_an_act_on_an_old_case(stack: RealStack) -> None:
    season = await Season.opened(stack)
    client = await connect(stack.settings)

    async def events(case: str) -> int:
        return (await client.get_workflow_handle(case).describe()).history_length

    old = await posted(season)
    while await events(old) < EVENTS:
        await acts(season, old)
    await stack.drained()
    began = await events(old)
    used = {"old": 0.0, "fresh": 0.0}
    took: dict[str, list[float]] = {"old": [], "fresh": []}
    with under_load(f"{CASES} times {ACTS} acts each, in turns; the old case has {began} events"):
        for _ in range(CASES):
            fresh = await posted(season)
            await stack.drained()
            for age, case in (("fresh", fresh), ("old", old)):
                before = sum(stack.cpu().values())
                season.took.clear()
                await acts(season, case)
                await stack.drained()
                used[age] += sum(stack.cpu().values()) - before
                took[age] += season.took
        for age, seconds in used.items():
            figure(f"age.{age}", 1000 * seconds / len(took[age]), "ms/act", beside="all processes")
            spread(f"age.{age}", took[age])
        figure("age.ratio", used["old"] / used["fresh"], "of_1", beside="aim ≤ 1.2")
    assert await events(old) > began


async def posted(season: Season) -> str:
    """A case in its unit's publicity."""
    case, _ = await season.submitted()
    await season.act(case, "start_publicity", UNIT, place=season.texts[0])
    return case


async def acts(season: Season, case: str) -> None:
    """As many as are looked at together."""
    for _ in range(ACTS):
        await season.act(case, "restart_publicity", UNIT, reason=season.texts[1])
