"""Every scenario file, played through a real stack, sixteen at once; and what they cover."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from starter.rehearsal.conductor import STORY_SECONDS
from starter.rehearsal.embedded import stack_in
from starter.rehearsal.scenario import Scenario
from starter.rehearsal.world import entered
from tests.scenarios.shares import FILES, STORIES, Stage, read
from workflows.rules.names import EndName, Level, Route, RuleName
from workflows.rules.refusals import Code

STACK_SECONDS = 300.0
"""What the first story waits for besides: the stack, the notices, the calendar."""

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
    Code.SEAL_NOT_ENTITLED: "tests/hostile: the embedded stack's seal may certify all",
    Code.TITLE_WITHDRAWN: "tests/hostile: a paper is no act of a story",
    Code.TOO_MANY_TODAY: "tests/hostile: a hundred complaints are no story",
    Code.NOT_VOUCHED: "tests/hostile: whoever plays a story has a key",
    Code.UNSAFE_TEXT: "tests/hostile: a file of a story is text",
    Code.PRIVATE_CHARACTER: "tests/edges: names of stories are standard characters",
    Code.ADDRESS_UNUSABLE: "tests/edges: stories take the invented people's addresses",
    Code.IDENTITY_UNKNOWN: "tests/hostile: the directory of the stories knows everybody",
    Code.REQUEST_EXPIRED: "tests/hostile: a rehearsal's second person is there at once",
    Code.PAPER_NOT_DUE: "tests/integration: a paper is no act of a story",
    Code.SEAL_MISSING: "tests/integration: the embedded stack has a seal",
    Code.CHARACTER_MISSING: "tests/integration: a paper is no act of a story",
    Code.MORE_REASONS: "tests/integration: sheets of thousands are no story",
    Code.COVER_NOT_POSSIBLE: "tests/integration: deputies are named by operations, not in a story",
    Code.LOGIN_TAKEN: "tests/console: people of stories have no accounts",
    Code.COMMITTEE_DIFFERS: "tests/integration: publishing is no act of a story",
}
"""Codes no scenario can bring about, and where they are shown."""


@pytest.fixture(scope="module")
async def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    """A stack for the stories of this process, and those of them that were chosen."""
    parametrized = [item for item in request.session.items if hasattr(item, "callspec")]
    asked = {item.callspec.params.get("path") for item in parametrized}
    folder = tmp_path_factory.mktemp("stack")
    async with (
        stack_in(folder, "--no-interface") as settings,
        entered(settings) as world,
        AsyncExitStack() as stack,
    ):
        yield Stage(world, asked, stack)


@pytest.mark.e2e
@pytest.mark.timeout(STORY_SECONDS + STACK_SECONDS)
@pytest.mark.parametrize("path", STORIES)
async def test_a_scenario_goes_as_its_file_says(
    path: Path, stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    read(path)  # a file that cannot be read is a failure of its own
    report = await stage.report(path)
    # The time of this test is what was left to wait for; this is the story's own.
    record_property("seconds", round(report.seconds, 1))

    assert not report.all_problems, "\n".join(report.all_problems)


@pytest.fixture(scope="module")
def stories() -> list[Scenario]:
    """The files, read and not played."""
    return [read(path) for path in FILES]


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
