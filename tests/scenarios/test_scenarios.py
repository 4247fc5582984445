"""Every scenario file, played through one real stack, sixteen at once; and what they cover."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from starter.rehearsal.conductor import ScenarioReport, play_all
from starter.rehearsal.embedded import stack_in
from starter.rehearsal.scenario import Scenario, load
from starter.rehearsal.staging import scenario_files
from starter.rehearsal.world import entered
from workflows.rules.names import EndName, Level, Route, RuleName
from workflows.rules.refusals import Code

FOLDER = Path(__file__).parent
FILES = scenario_files(FOLDER)
BUDGET_SECONDS = 300.0

NO_CLOCK_OF_A_CASE = {
    RuleName.APPLICATION_WINDOW: Code.WINDOW_CLOSED,
    RuleName.REVIEW_WINDOW: Code.WINDOW_NOT_OPEN,
    RuleName.BAR: Code.EXCLUDED_BAR,
}
"""Rules that gate rather than run: shown by their refusal."""

SHOWN_ELSEWHERE = {
    Code.INELIGIBLE: "the answer around several reasons, never alone",
    Code.PAYLOAD_TOO_LARGE: "tests/workflow: a file of 64 KiB is no story",
    Code.UNDECODABLE_PAYLOAD: "tests/workflow: needs another key",
    Code.SHIFT_FORBIDDEN: "tests/e2e: the gateway of a production namespace",
    Code.BUSY_TRY_AGAIN: "tests/e2e: the server's own limit",
    Code.NEEDS_OPERATOR: "tests/workflow: a parked case",
    Code.PAPER_NOT_DUE: "tests/integration: a paper is no act of a story",
    Code.SEAL_MISSING: "tests/integration: the embedded stack has a seal",
}
"""Codes no scenario can bring about, and where they are shown."""


@pytest.fixture(scope="session")
async def reports(
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, ScenarioReport]:
    """All files played once."""
    scenarios = [load(path) for path in FILES]
    folder = tmp_path_factory.mktemp("stack")
    async with stack_in(folder, "--no-interface") as settings, entered(settings) as world:
        began = time.monotonic()
        played = await play_all(world, scenarios)
        took = time.monotonic() - began
    print(f"\n{len(played)} scenarios in {took:.0f} s")
    return {Path(report.scenario.file).name: report for report in played}


@pytest.mark.e2e
@pytest.mark.timeout(BUDGET_SECONDS + 120)
@pytest.mark.parametrize("name", [path.name for path in FILES])
async def test_a_scenario_goes_as_its_file_says(
    name: str, reports: dict[str, ScenarioReport]
) -> None:
    assert reports[name].all_problems == []


@pytest.fixture(scope="module")
def stories() -> list[Scenario]:
    """The files, read and not played."""
    return [load(path) for path in FILES]


def test_every_route_and_handled_level_is_told(stories: list[Scenario]) -> None:
    told = {part.route for story in stories for part in story.application}
    levels = {part.level for story in stories for part in story.application}

    assert told == set(Route)
    assert levels == set(Level)


def test_every_end_is_reached(stories: list[Scenario]) -> None:
    reached = {step.expect.end for story in stories for step in story.step if step.expect}

    assert set(EndName) - reached == set()


def test_every_clock_is_expected_somewhere(stories: list[Scenario]) -> None:
    expected: set[RuleName] = set()
    for story in stories:
        for step in story.step:
            if step.expect:
                dated = {
                    rule for rule, value in step.expect.deadlines.items() if value is not False
                }
                expected |= dated | set(step.expect.struck)
            if step.expect_meeting:
                expected |= {
                    RuleName(key.partition(":")[0])
                    for key, value in step.expect_meeting.deadlines.items()
                    if value is not False
                }

    assert set(RuleName) - expected - set(NO_CLOCK_OF_A_CASE) == set()


def test_every_refusal_is_met(stories: list[Scenario]) -> None:
    met = {code for story in stories for step in story.step for code in step.refused}

    assert set(Code) - met - set(SHOWN_ELSEWHERE) == set()
    assert met & set(SHOWN_ELSEWHERE) == set()
    assert set(NO_CLOCK_OF_A_CASE.values()) <= met


def test_every_demand_of_the_domain_has_a_file(stories: list[Scenario]) -> None:
    wanted = {
        f"SC{number:02d}" for number in (1, 3, 5, 6, 8, 10, 11, 13, 14, 15, 18, 19, 21, 23, 25)
    }
    served = {demand for story in stories for demand in story.demands}

    assert wanted | {"SC28", "SC29", "SC30"} <= served
