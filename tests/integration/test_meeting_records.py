"""The record of meetings: each step once, a refused step leaves nothing behind, mail after it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from activities.database import Pool
from activities.identity import Identity
from activities.meeting_records import MeetingRecords
from activities.published_reading import PublishedReading
from tests.builders import BD
from tests.fixtures.record import Rung
from tests.integration.sittings import (
    AT,
    MEETING,
    Sitting,
    a_committee,
    add_cases,
    codes,
    lines,
)
from tests.integration.steps import a_deadline, a_letter, a_task
from workflows.letter.messages import room_of
from workflows.meeting import messages as m
from workflows.meeting.meeting import Phase
from workflows.rules.names import DeadlineKind, LetterKind, Party, RuleName
from workflows.rules.refusals import Code

pytestmark = pytest.mark.integration

TABLES = ("meeting", "meeting_step", "candidate", "telling", "telling_line", "task", "letter")


@pytest.fixture
async def cases(pool: Pool, identity: Identity) -> list[str]:
    """Three who wait for a meeting."""
    return await add_cases(pool, identity, range(1, 4))


@pytest.fixture
def sitting(meetings: MeetingRecords) -> Sitting:
    """A meeting not planned yet."""
    return Sitting(meetings)


async def sizes(pool: Pool) -> dict[str, int]:
    """How many rows each table has."""
    return {
        table: await pool.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608
        for table in TABLES
    }


async def test_the_first_step_opens_the_meeting_with_its_list(
    sitting: Sitting, cases: list[str], pool: Pool, rung: Rung
) -> None:
    order = sitting.order("assign_to_meeting", "listed", payload={"meeting": MEETING})
    answer = await sitting.plan(
        tasks=(a_task("draw", organisation="bd-committee-office"),),
        letters=(a_letter("n-1", kind=LetterKind.TASK, to=Party.OFFICE, params={"task": "draw"}),),
        telling=order,
    )
    assert (answer.seq, answer.counted, answer.lines, answer.refusals) == (1, 3, 3, ())
    assert await sizes(pool) == {
        "meeting": 1,
        "meeting_step": 1,
        "candidate": 3,
        "telling": 1,
        "telling_line": 3,
        "task": 1,
        "letter": 1,
    }
    assert await lines(pool, order.id) == cases
    assert rung.rooms == [room_of("live", MEETING)]


async def test_the_same_step_again_answers_what_it_answered(
    sitting: Sitting, cases: list[str], pool: Pool, rung: Rung
) -> None:
    letter = a_letter("n-1", kind=LetterKind.TASK, to=Party.OFFICE, params={"task": "draw"})
    first = await sitting.plan(
        telling=sitting.order("assign_to_meeting", "listed"), letters=(letter,)
    )
    assert sitting.last is not None
    before = await sizes(pool)
    await pool.execute("UPDATE candidate SET state = 'off'")  # the rows have moved on since
    again = await asyncio.gather(
        *(sitting.records.record_meeting_step(sitting.last) for _ in range(4))
    )
    assert again == [first] * 4
    assert await sizes(pool) == before
    assert set(rung.rooms) == {room_of("live", MEETING)}


async def test_another_step_under_the_same_number_is_loud(
    sitting: Sitting, cases: list[str]
) -> None:
    await sitting.plan()
    sitting.state.seq = 0
    with pytest.raises(ApplicationError) as caught:
        await sitting("move")
    assert (caught.value.type, caught.value.non_retryable) == ("step_conflict", True)


@pytest.mark.parametrize("seq", [0, 5])
async def test_a_gap_is_loud(sitting: Sitting, cases: list[str], seq: int) -> None:
    if seq:
        await sitting.plan()
    sitting.state.seq = seq or 3
    with pytest.raises(ApplicationError) as caught:
        await sitting("move")
    assert (caught.value.type, caught.value.non_retryable) == ("step_gap", True)


async def test_a_number_is_taken_once_in_a_realm_and_stays_a_cancelled_meetings(
    sitting: Sitting, meetings: MeetingRecords, cases: list[str], pool: Pool
) -> None:
    await sitting.plan(cases[:1])
    second = Sitting(meetings, meeting=f"{MEETING[:-2]}bb")
    before = await sizes(pool)
    refused = await second.plan(cases[1:2])
    assert (refused.seq, codes(refused)) == (0, [Code.NUMBER_TAKEN])
    assert await sizes(pool) == before
    sitting.phase = Phase.CANCELLED
    await sitting("cancel", m.FreeAll())
    refused = await second.plan(cases[1:2])
    assert (refused.seq, codes(refused)) == (0, [Code.NUMBER_TAKEN])
    other = Sitting(meetings, meeting=f"{MEETING[:-2]}cc", number="2023-BD-02")
    assert not (await other.plan(cases[1:2])).refusals


async def test_two_meetings_at_once_take_one_number(
    meetings: MeetingRecords, cases: list[str]
) -> None:
    rooms = [Sitting(meetings, meeting=f"{MEETING}{place}") for place in range(4)]
    answers = await asyncio.gather(*(room.plan(cases[:1]) for room in rooms))
    assert sorted(len(answer.refusals) for answer in answers) == [0, 1, 1, 1]


async def test_a_refused_first_step_leaves_no_meeting(sitting: Sitting, pool: Pool) -> None:
    answer = await sitting.plan(letters=(a_letter(),), telling=sitting.order("x", "listed"))
    assert (answer.seq, codes(answer)) == (0, [Code.NOT_FOUND])
    assert answer.refusals[0].params["what"] == "candidates"
    assert set((await sizes(pool)).values()) == {0}


async def test_a_word_for_nobody_is_not_written(
    sitting: Sitting, cases: list[str], pool: Pool
) -> None:
    await sitting.plan()
    answer = await sitting.say("report_results", "batch", 1)
    assert answer.lines == 0
    assert (await sizes(pool))["telling"] == 0


async def test_a_bell_that_could_not_ring_rings_on_the_repeat(
    sitting: Sitting, cases: list[str], rung: Rung
) -> None:
    rung.away = True
    with pytest.raises(ConnectionError):
        await sitting.plan(letters=(a_letter(),))
    rung.away = False
    await sitting.records.record_meeting_step(sitting.last or sitting.command("plan"))
    assert rung.rooms == [room_of("live", MEETING)]


async def test_tasks_and_deadlines_are_kept_as_those_of_cases(
    sitting: Sitting, cases: list[str], pool: Pool
) -> None:
    def clock(key: str, **more: Any) -> Any:
        return a_deadline(
            key, rule=RuleName(key.split(":", maxsplit=1)[0]), kind=DeadlineKind.DUTY, **more
        )

    await sitting.plan(tasks=(a_task("draw"), a_task("open")))
    running = (clock("result_report:1"), clock("city_confirmation:1"))
    await sitting("x", tasks=(a_task("open"),), deadlines=running)
    await sitting("y", tasks=(a_task("open"),), deadlines=running[1:])
    sitting.phase = Phase.CANCELLED
    await sitting("cancel")
    tasks = await pool.fetch("SELECT key, closed_seq FROM task ORDER BY key")
    assert [tuple(row) for row in tasks] == [("draw", 2), ("open", 4)]
    kept = await pool.fetch("SELECT key, holder, ended, subject FROM deadline ORDER BY key")
    assert [tuple(row) for row in kept] == [
        ("city_confirmation:1", "city-title-office", "case_ended", MEETING),
        ("result_report:1", "bd-committee-office", "met", MEETING),
    ]


async def test_the_trail_of_a_meeting_is_only_added_to(
    sitting: Sitting, cases: list[str], owner: Pool
) -> None:
    await sitting.plan()
    for statement in ("UPDATE meeting_step SET name = 'x'", "DELETE FROM meeting_step"):
        with pytest.raises(Exception, match="only added to"):
            await owner.execute(statement)


async def test_a_meeting_is_loaded_as_its_last_step_left_it_with_what_its_steps_answered(
    meetings: MeetingRecords,
    sitting: Sitting,
    cases: list[str],
    published: object,
    pool: Pool,
    identity: Identity,
) -> None:
    """For a run that the engine lost, or that does not know the last steps."""
    calendar = await PublishedReading(pool, identity).calendar(realm="live")
    assert calendar is not None
    sitting.versions = {"policy_version": 1, "calendar_version": calendar.version}
    await sitting.plan(mark="mark-1")
    await sitting("move", mark="mark-2")

    whole = await meetings.load_meeting(m.MeetingQuery(meeting=MEETING))
    since = await meetings.load_meeting(m.MeetingQuery(meeting=MEETING, after=1))
    with pytest.raises(ApplicationError) as caught:
        await meetings.load_meeting(m.MeetingQuery(meeting="meeting-of-nobody"))

    assert (whole.meeting.meeting, whole.meeting.days) == (MEETING, sitting.state.days)
    assert (whole.meeting.policy.campaign, whole.meeting.policy.routes) == (BD, {})
    assert [(one.seq, one.mark, one.request_id) for one in whole.answered] == [
        (1, "mark-1", "request-1"),
        (2, "mark-2", "request-2"),
    ]
    assert since.answered == whole.answered[1:]
    assert whole.answered[0].actor is not None
    assert caught.value.type == "not_found"


async def test_the_basis_is_loaded_as_published(
    meetings: MeetingRecords, published: object, pool: Pool
) -> None:
    with pytest.raises(ApplicationError) as caught:
        await meetings.load_meeting_basis(
            m.MeetingBasisQuery(realm="live", committee="nobody", campaign=BD)
        )
    assert (caught.value.type, caught.value.non_retryable) == ("not_found", True)
    filed = a_committee()
    more = {"name": "大数据评委会", "series": "工程系列", "organised_by": "profession"}
    content = json.dumps(filed.model_dump(mode="json") | more)
    await pool.execute(
        "INSERT INTO committee (id, name, office, city_office, filing, filed_on, valid_until,"
        " seats, spares, minimum, max_level, content, updated_at)"
        " VALUES ($1, '', $2, $3, '', $4, $5, 11, 3, 11, 'deputy_senior', $6, $7)",
        filed.id,
        filed.office,
        filed.city_office,
        filed.filed_on,
        filed.valid_until,
        content,
        AT,
    )
    basis = await meetings.load_meeting_basis(
        m.MeetingBasisQuery(realm="live", committee=filed.id, campaign=BD)
    )
    assert (basis.committee, basis.policy.campaign, basis.policy.routes) == (filed, BD, {})
    assert set(basis.calendar.years) == {2023, 2024, 2025}
