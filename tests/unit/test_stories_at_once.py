"""Many stories at once: a stuck one fails alone and by name; the shares hold each story once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast

import pytest

from starter.rehearsal.conductor import Conductor, ScenarioReport, playing
from starter.rehearsal.scenario import Scenario, scenario_of
from starter.rehearsal.staging import Stage
from starter.rehearsal.world import World
from tests.conftest import STORIES, group_of
from tests.scenarios import test_scenarios
from tests.scenarios.shares import FILES, dealt, length

NO_WORLD = cast("World", None)
STUCK, BROKEN = "走不动", "出错"


def a_story(title: str) -> Scenario:
    step = {"at": "2023-10-07T09:00:00", "do": "submit"}
    table = {"title": title, "campaign": "bd-2023", "application": [{"route": "city_unit"}]}
    return scenario_of({**table, "step": [step]}, title)


@pytest.fixture(autouse=True)
def plays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is played really: a story is over at once, or never, or breaks."""

    async def play(self: Conductor, report: ScenarioReport) -> None:
        if report.scenario.title == STUCK:
            await asyncio.Event().wait()
        if report.scenario.title == BROKEN:
            raise ZeroDivisionError

    async def prepare(self: Stage, at: object, campaigns: object) -> None:
        return None

    monkeypatch.setattr(Conductor, "_play", play)
    monkeypatch.setattr(Stage, "prepare", prepare)


async def test_a_stuck_story_fails_alone_and_says_where() -> None:
    stories = [a_story(title) for title in ("甲", STUCK, "乙")]

    async with playing(NO_WORLD, stories, jobs=2, limit=0.05) as under_way:
        reports = await asyncio.gather(*under_way)

    assert [report.all_problems for report in reports] == [
        [],
        ["第 1 步没有办完：演练已满 0.05 秒"],
        [],
    ]


async def test_a_story_that_breaks_leaves_the_others_alone() -> None:
    stories = [a_story(title) for title in (BROKEN, "甲")]

    async with playing(NO_WORLD, stories) as (broken, sound):
        assert (await sound).good
        with pytest.raises(ZeroDivisionError):
            await broken


async def test_the_limit_of_a_story_begins_with_its_turn() -> None:
    """One at a time, the last begins when the limit of the first is long over."""
    stories = [a_story(title) for title in (STUCK, STUCK, "甲")]

    async with playing(NO_WORLD, stories, jobs=1, limit=0.05) as under_way:
        reports = await asyncio.gather(*under_way)

    assert [report.good for report in reports] == [False, False, True]


async def test_what_nobody_waits_for_any_more_stops() -> None:
    async with playing(NO_WORLD, [a_story(STUCK)]) as under_way:
        pass

    assert under_way[0].cancelled()


@pytest.mark.parametrize("count", [1, 2, 3])
def test_each_story_is_in_one_share_and_the_shares_are_of_one_length(count: int) -> None:
    shares = dealt(count)

    assert sorted(path for share in shares for path in share) == FILES
    lengths = [sum(map(length, share)) for share in shares]
    assert max(lengths) - min(lengths) <= max(map(length, FILES))


def test_a_story_is_dealt_out_with_its_share_and_a_file_as_a_whole() -> None:
    def grouped(path: Path) -> str:
        return group_of(f"{STORIES}{path.name}]", 2)

    first, second = dealt(2)
    one_stack = {
        group_of(f"tests/integration/{name}.py::test_any", 2)
        for name in ("test_cli_acts", "test_cli_meetings", "test_registers_cli")
    }

    assert {grouped(path) for path in first} == {"stories 1"}
    assert {grouped(path) for path in second} == {"stories 2"}
    assert group_of("tests/unit/test_draw.py::test_any[a::b]", 2) == "tests/unit/test_draw.py"
    assert one_stack == {"command line"}


def test_the_stories_are_known_by_the_name_of_their_test(request: pytest.FixtureRequest) -> None:
    """Else they would be dealt out with their file, all on one process."""
    name = test_scenarios.test_a_scenario_goes_as_its_file_says.__name__
    file = Path(test_scenarios.__file__).relative_to(request.config.rootpath)

    assert f"{file.as_posix()}::{name}[" == STORIES
