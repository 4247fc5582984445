"""What lists, pages and papers read of meetings, and the letters about them."""

from __future__ import annotations

from datetime import date, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from activities.letters.mailroom import Mailroom
from activities.letters.smtp import Accepted, Carrier, MailServer, Sender
from activities.meeting_records import MeetingRecords
from activities.meeting_views import MeetingFilter
from activities.reading import Reading
from activities.references import AmbiguousReferenceError
from activities.views import InboxFilter
from tests.fixtures.record import Office
from tests.integration.postboxes import EACH_AT_ONCE
from tests.integration.sittings import (
    AT,
    CITY_OFFICE,
    DAY,
    EXPERTS,
    MEETING,
    NO,
    OFFICE,
    YES,
    Sitting,
    add_cases,
    add_pool,
    answer,
)
from tests.integration.steps import a_deadline, a_letter, a_task
from workflows.letter.messages import MailroomShift, room_of
from workflows.meeting import messages as m
from workflows.meeting.meeting import Batch, Phase
from workflows.rules.message import end_of, start_of
from workflows.rules.names import LetterKind, Party
from workflows.rules.recusal import Ground
from workflows.writer.messages import Actor, Cover

pytestmark = pytest.mark.integration

FIRST, LATER = timedelta(days=1), timedelta(days=40)


@pytest.fixture
async def sitting(
    meetings: MeetingRecords, published: Office, pool: Pool, identity: Identity
) -> Sitting:
    """A signed meeting of three, in the published world, with its experts."""
    await add_pool(pool, identity)
    cases = await add_cases(pool, identity, range(1, 4), unit="liangjiang-data-group")
    sitting = Sitting(meetings)
    await sitting.plan(tasks=(a_task("draw_experts", organisation=OFFICE),))
    await sitting.seated()
    await sitting(
        "recuse",
        m.NoteRecusal(
            expert=EXPERTS[0], applications=(cases[0],), ground=Ground.KIN, reason="text-1"
        ),
    )
    await sitting.open(EXPERTS[1:10])
    await answer(pool)
    await sitting.settle()
    await sitting.opinions(cases, EXPERTS[2:5])
    for person in ("wang", "zhao"):
        await sitting.count(person, {cases[0]: YES, cases[1]: NO})
    await sitting("defer", m.Defer(application=cases[2], why="deferred"))
    sitting.state.batches = [Batch(number=1, began_on=DAY, opened_at=start_of(DAY))]
    sitting.state.ended_on = sitting.state.opened_on = DAY
    await sitting.sign()
    return sitting


async def test_meetings_are_listed_and_narrowed(
    sitting: Sitting, meetings: MeetingRecords, reading: Reading, pool: Pool, identity: Identity
) -> None:
    late = await add_cases(pool, identity, [9])
    later = Sitting(meetings, meeting=f"{MEETING[:-2]}bb", number="2023-BD-02")
    later.state.days = (DAY + LATER,)
    await later.plan(late)
    shown, following = await reading.meetings(MeetingFilter())
    assert following == ""
    assert [(item.number, item.phase, item.candidates) for item in shown] == [
        ("2023-BD-02", Phase.PLANNED, 1),
        ("2023-BD-01", Phase.SIGNED, 3),
    ]
    assert shown[1].office_name
    first, following = await reading.meetings(MeetingFilter(limit=1))
    second, end = await reading.meetings(MeetingFilter(limit=1, after=following))
    assert ((*first, *second), end) == (shown, "")
    signed, _ = await reading.meetings(MeetingFilter(phase="signed", campaign="bd-2023"))
    assert [item.meeting for item in signed] == [MEETING]
    assert await reading.meetings(MeetingFilter(realm="nowhere")) == ((), "")
    assert await reading.meetings(MeetingFilter(office="nobody")) == ((), "")
    later.phase = Phase.CANCELLED
    await later("cancel", m.FreeAll())
    still_open, _ = await reading.meetings(MeetingFilter(only_open=True))
    assert [item.meeting for item in still_open] == [MEETING]
    every = [item.meeting async for item in reading.every_meeting(MeetingFilter())]
    assert every == [item.meeting for item in shown]


async def test_a_meeting_is_found_by_number_or_part_of_its_id(
    sitting: Sitting, meetings: MeetingRecords, reading: Reading, pool: Pool, identity: Identity
) -> None:
    for reference in ("2023-BD-01", MEETING, MEETING[-6:], " 018bcfe5 "):
        assert await reading.resolve_meeting(reference) == MEETING
    assert await reading.resolve_meeting("2023-BD-01", "nowhere") is None
    for nothing in ("2023-BD", "", "meeting-", "018b"):
        assert await reading.resolve_meeting(nothing) is None
    await add_cases(pool, identity, [9])
    await Sitting(meetings, meeting=f"{MEETING[:-2]}bb", number="2023-BD-02").plan()
    with pytest.raises(AmbiguousReferenceError) as caught:
        await reading.resolve_meeting("018bcfe5")
    assert len(caught.value.candidates) == 2
    assert await reading.resolve_meeting(MEETING) == MEETING


async def test_one_meeting_shows_what_stands_how(sitting: Sitting, reading: Reading) -> None:
    found = await reading.meeting(MEETING)
    assert found is not None
    assert (found.seats, found.present, found.ended_on) == (11, 9, DAY)
    assert found.states == {"balloted": 2, "deferred": 1}
    assert found.outcomes == {"deferred": 1, "not_passed": 1, "passed": 1}
    [batch] = found.batches
    assert (batch.size, batch.standings, batch.tracks) == (2, {"collected": 2}, {"confirm": 2})
    assert [(item.action, item.open, item.done) for item in found.tellings] == [
        ("record_result", 3, 0),
        ("open_review", 0, 3),
    ]
    assert await reading.meeting(MEETING, "nowhere") is None
    assert await reading.meeting("meeting-nobody") is None


async def test_candidates_carry_names_and_only_final_totals(
    sitting: Sitting, reading: Reading
) -> None:
    (first, second, third), _ = await reading.candidates(MEETING)
    assert (first.applicant, first.unit_name != "", first.totals) == ("张三1", True, YES)
    assert (first.recused, first.opinion, first.group, first.outcome) == (1, True, 1, "passed")
    assert (second.outcome, second.standing, second.batch) == ("not_passed", "collected", 1)
    assert (third.state, third.why, third.totals, third.batch) == (
        "deferred",
        "deferred",
        None,
        None,
    )
    for wanted, positions in (
        ({"batch": 1}, [1, 2]),
        ({"in_batches": True}, [1, 2]),
        ({"state": "deferred"}, [3]),
    ):
        found, _ = await reading.candidates(MEETING, **wanted)
        assert [item.position for item in found] == positions
    one, following = await reading.candidates(MEETING, standing="collected", limit=1)
    another, end = await reading.candidates(MEETING, standing="collected", limit=1, after=following)
    assert [item.position for item in (*one, *another)] == [1, 2]
    assert end == ""
    assert await reading.every_candidate(MEETING) == (first, second, third)


async def test_a_first_count_is_said_and_not_shown(
    meetings: MeetingRecords, reading: Reading, pool: Pool, identity: Identity
) -> None:
    [case] = await add_cases(pool, identity, [1])
    sitting = Sitting(meetings)
    await sitting.plan()
    await sitting.open()
    await sitting.count("wang", {case: YES})
    [candidate], _ = await reading.candidates(MEETING)
    assert (candidate.counted_once, candidate.totals) == (True, None)


async def test_papers_read_a_batch_with_names(sitting: Sitting, reading: Reading) -> None:
    passed, failed = await reading.batch_rows(MEETING, 1)
    assert (passed.name, passed.outcome, passed.totals, passed.track) == (
        "张三1",
        "passed",
        YES,
        "confirm",
    )
    assert (failed.name, failed.outcome, failed.level) == ("张三2", "not_passed", "deputy_senior")
    assert passed.unit_name
    assert await reading.batch_rows(MEETING, 2) == ()


async def test_experts_are_named_to_those_who_ask_for_them(
    sitting: Sitting, reading: Reading
) -> None:
    seats = await reading.seats(MEETING)
    assert [seat.expert for seat in seats] == list(EXPERTS[:11])
    assert (seats[0].name, seats[0].present, seats[1].present) == ("李四e01", False, True)
    [recusal] = await reading.recusals(MEETING)
    assert (recusal.expert_name, recusal.applicant, recusal.ground, recusal.entered_by) == (
        "李四e01",
        "张三1",
        Ground.KIN,
        "wang",
    )
    assert await reading.seats("meeting-nobody") == ()


async def test_a_recusal_under_cover_is_read_with_both_names(
    meetings: MeetingRecords, published: Office, pool: Pool, identity: Identity, reading: Reading
) -> None:
    assert published is not None
    await add_pool(pool, identity)
    [case] = await add_cases(pool, identity, range(1, 2), unit="liangjiang-data-group")
    sitting = Sitting(meetings)
    await sitting.plan(tasks=(a_task("draw_experts", organisation=OFFICE),))
    await sitting.seated()
    deputy = Actor(
        person="chen",
        organisation=OFFICE,
        role="member",
        cover=Cover(principal="chen-zong", human="", acts=("recuse",)),
    )
    own = Actor(person="chen-zong", organisation=OFFICE, role="supervisor")
    for minute, expert, actor in ((1, EXPERTS[1], deputy), (2, EXPERTS[2], own)):
        change = m.NoteRecusal(
            expert=expert, applications=(case,), ground=Ground.KIN, reason="text-1"
        )
        await sitting("recuse", change, actor=actor, at=sitting.at + timedelta(minutes=minute))
    found = {item.expert: item for item in await reading.recusals(MEETING)}
    assert (found[EXPERTS[1]].entered_by_name, found[EXPERTS[1]].principal) == (
        "陈老师（代陈总）",
        "chen-zong",
    )
    assert (found[EXPERTS[2]].entered_by_name, found[EXPERTS[2]].principal) == ("陈总", "")


async def test_what_is_read_of_a_meeting_names_no_expert(
    sitting: Sitting, reading: Reading
) -> None:
    view = await reading.meeting(MEETING)
    shown = repr(
        (
            view,
            await reading.every_candidate(MEETING),
            await reading.batch_rows(MEETING, 1),
            await reading.meeting_steps(MEETING),
        )
    )
    assert "张三1" in shown
    assert "李四" not in shown


async def test_the_trail_reads_with_names_and_texts(
    sitting: Sitting, reading: Reading, intake: Intake
) -> None:
    reason = await intake.store_text("主任委员出差")
    await sitting("move_meeting", reason=reason)
    steps = await reading.meeting_steps(MEETING)
    assert [step.seq for step in steps] == list(range(1, len(steps) + 1))
    assert steps[0].counted == 3
    assert (steps[-1].name, steps[-1].reason) == ("move_meeting", "主任委员出差")
    assert steps[-1].organisation_name
    assert await reading.meeting_steps("meeting-nobody") == ()


async def test_an_inbox_shows_tasks_of_meetings_beside_those_of_cases(
    sitting: Sitting, reading: Reading
) -> None:
    task = a_task("report_batch:1", kind="report_batch", organisation=OFFICE, params={"batch": "1"})
    await sitting("x", tasks=(task,))
    shown = (await reading.inbox(InboxFilter(organisation=OFFICE, as_of=AT))).tasks
    [found] = [item for item in shown if item.kind == "report_batch"]
    assert (found.application, found.meeting, found.meeting_number, found.campaign) == (
        "",
        MEETING,
        "2023-BD-01",
        "bd-2023",
    )
    assert (found.overdue, found.params, found.applicant) == (True, {"batch": "1"}, "")
    view = await reading.meeting(MEETING)
    assert view is not None
    assert [item.kind for item in view.tasks] == ["report_batch"]


async def clocked(
    sitting: Sitting, key: str, ends_on: date, done: date | None, struck: bool = False
) -> None:
    """A clock of the meeting that is met (or not) on a day."""
    clock = a_deadline(key, ends_on=ends_on, ends_at=end_of(ends_on))
    await sitting("x", deadlines=(clock,))
    if struck:
        await sitting("x", deadlines=(clock.model_copy(update={"struck": True}),))
    if done is not None:
        await sitting("met", at=AT + (done - DAY), deadlines=())


@pytest.mark.parametrize(
    ("done", "as_of", "duty", "kept"),
    [
        (DAY, None, "kept", True),
        (DAY + timedelta(days=7), None, "kept", True),
        (DAY + timedelta(days=8), None, "missed", False),
        (None, DAY, "running", None),
        (None, DAY + timedelta(days=8), "overdue", None),
    ],
)
async def test_duties_are_kept_or_missed_by_when_it_was_done(
    sitting: Sitting,
    reading: Reading,
    done: date | None,
    as_of: date | None,
    duty: str,
    kept: bool | None,
) -> None:
    await clocked(sitting, "result_report:1", DAY + timedelta(days=7), done)
    instant = AT + (as_of - DAY) if as_of else None
    [line], _ = await reading.duties(as_of=instant)
    assert (line.number, line.batch, line.rule, line.holder, line.duty, line.done_on) == (
        "2023-BD-01",
        1,
        "result_report",
        OFFICE,
        duty,
        done,
    )
    [clock] = await reading.meeting_deadlines(MEETING)
    assert clock.kept is kept
    assert await reading.duties("nowhere") == ((), "")


async def test_a_duty_that_struck_is_missed_and_one_that_fell_away_is_neither(
    sitting: Sitting, reading: Reading
) -> None:
    await clocked(sitting, "confirmation:1", DAY, DAY, struck=True)
    await clocked(sitting, "city_confirmation:1", DAY, None)
    sitting.phase = Phase.CANCELLED
    await sitting("cancel")
    (first, second), _ = await reading.duties()
    assert (first.rule, first.duty) == ("confirmation", "missed")
    assert (second.rule, second.holder, second.duty) == (
        "city_confirmation",
        CITY_OFFICE,
        "dropped",
    )
    struck, _ = await reading.struck()
    assert [(line.meeting, line.application) for line in struck] == [(MEETING, "")]


@pytest.mark.parametrize(
    ("key", "act", "duty"),
    [
        ("confirmation_reply:1", "reply_batch", "kept"),
        ("confirmation_reply:1", "file_batch", "kept"),
        ("city_confirmation:1", "confirm_batch", "kept"),
        ("city_confirmation:1", "note_case", "dropped"),
    ],
)
async def test_a_duty_whose_act_closes_the_meeting_is_kept(
    sitting: Sitting, reading: Reading, key: str, act: str, duty: str
) -> None:
    await clocked(sitting, key, DAY, None)
    sitting.phase = Phase.CLOSED
    await sitting(act)
    [line], _ = await reading.duties()
    assert line.duty == duty


async def test_a_publicity_posted_anew_stops_the_duty_without_meeting_it(
    sitting: Sitting, reading: Reading
) -> None:
    clock = a_deadline("confirmation:1", ends_on=DAY, ends_at=end_of(DAY))
    await sitting("x", deadlines=(clock,))
    await sitting("restart_batch_publicity")
    [line], _ = await reading.duties()
    assert line.duty == "dropped"


# --- letters


class Post(Sender):
    """Takes letters instead of sending them."""

    def __init__(self) -> None:
        super().__init__(MailServer(host="127.0.0.1", port=9, sender="office@example.test"))
        self.letters: list[Any] = []

    def carrier(self) -> Carrier:
        """Brings them here."""
        return Bag(self)


class Bag(Carrier):
    """Carries to a post."""

    def __init__(self, post: Post) -> None:
        super().__init__(post.server)
        self._post = post

    async def open(self) -> Any:
        """Nothing is to be opened."""

    async def send(self, content: bytes, recipients: Any) -> Accepted:
        """Keep it."""
        message = message_from_bytes(content, policy=policy.default)
        self._post.letters.append((message, recipients))
        return Accepted("250 ok")


async def deliver(
    sitting: Sitting, pool: Pool, reading: Reading, identity: Identity, **letter: Any
) -> tuple[str, Post]:
    """Order a letter with a step of the meeting and deliver it."""
    await sitting("x", letters=(a_letter("n-m", **letter),), deadlines=letter_deadlines())
    post = Post()
    mailroom = Mailroom(pool, reading, post, EACH_AT_ONCE, linger=0)
    shift = MailroomShift(room=room_of("live", MEETING))
    await ActivityEnvironment().run(mailroom.work_mailroom, shift)
    state = await pool.fetchval("SELECT state FROM letter WHERE id = 'n-m'")
    return str(state), post


def letter_deadlines() -> tuple[Any, ...]:
    """The clock a reminder is about."""
    return (a_deadline("result_report:1", ends_on=DAY, ends_at=end_of(DAY)),)


async def test_a_task_of_a_meeting_is_told_to_the_office(
    sitting: Sitting, pool: Pool, reading: Reading, identity: Identity
) -> None:
    state, post = await deliver(
        sitting,
        pool,
        reading,
        identity,
        kind=LetterKind.TASK,
        to=Party.OFFICE,
        organisation=OFFICE,
        params={
            "task": "draft_batch",
            "rule": "confirmation",
            "deadline_on": "2023-12-25",
            "batch": "1",
            "meeting_number": "2023-BD-01",
            "clause": "四（三）3",
        },
    )
    assert state == "sent"
    [(letter, recipients)] = post.letters
    text = letter.get_body(("plain",)).get_content()
    assert recipients
    assert "待办：报送代拟的职称资格确认通知" in letter["Subject"]
    assert "评审会（2023-BD-01）第1批评审结果需要贵单位办理" in text
    assert "会议编号：2023-BD-01" in text
    assert "2023年12月25日" in text
    assert "申报编号" not in text
    assert not [name for name in ("李四", "张三", "None", "batch") if name in text]


@pytest.mark.parametrize(("told", "state"), [("2023-12-04", "sent"), ("2023-12-05", "cancelled")])
async def test_a_reminder_is_sent_while_its_clock_stands(
    sitting: Sitting, pool: Pool, reading: Reading, identity: Identity, told: str, state: str
) -> None:
    found, post = await deliver(
        sitting,
        pool,
        reading,
        identity,
        kind=LetterKind.REMINDER,
        to=Party.CITY_OFFICE,
        organisation=CITY_OFFICE,
        params={
            "rule": "result_report",
            "deadline_key": "result_report:1",
            "deadline_on": told,
            "batch": "1",
        },
    )
    assert found == state
    if post.letters:
        text = post.letters[0][0].get_body(("plain",)).get_content()
        assert "评审会（2023-BD-01）第1批评审结果" in text
        assert "请贵单位督促办理" in text


async def test_a_letter_of_a_meeting_nobody_can_be_sent_to_becomes_its_task(
    sitting: Sitting, pool: Pool, owner: Pool, reading: Reading, identity: Identity
) -> None:
    await pool.execute("UPDATE organisation SET email = '' WHERE id = $1", OFFICE)
    await owner.execute("DELETE FROM access_grant WHERE organisation = $1", OFFICE)
    state, _ = await deliver(
        sitting,
        pool,
        reading,
        identity,
        kind=LetterKind.TASK,
        to=Party.OFFICE,
        organisation=OFFICE,
        params={"task": "draft_batch"},
    )
    assert state == "no_address"
    [letter], _ = await reading.unsettled_letters()
    assert (letter.meeting, letter.meeting_number, letter.application) == (
        MEETING,
        "2023-BD-01",
        "",
    )
    task = await pool.fetchrow("SELECT meeting, kind FROM task WHERE key = 'letter:n-m'")
    assert task is not None
    assert tuple(task) == (MEETING, "unaddressed_letter")
    await sitting("y")  # a later step does not close what is the delivery's
    assert await pool.fetchval("SELECT closed_at FROM task WHERE key = 'letter:n-m'") is None
