"""One committee meeting on the real engine: its clocks, its words, and everything that may go wrong."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.fixtures.engine import skipper_of, workers
from tests.workflow.season import member
from tests.workflow.sitting import (
    CITY,
    COMMITTEE,
    OFFICE,
    MemoryMeetings,
    SharedMeetings,
    Sitting,
)
from workflows.meeting import recording
from workflows.meeting.meeting import Phase
from workflows.meeting.messages import MeetingSnapshot
from workflows.meeting.projection import take_in
from workflows.rules.refusals import Code, Refusal
from workflows.writer.messages import Actor

pytestmark = pytest.mark.asyncio(loop_scope="session")

CITY_CLERK = member(CITY)
ISSUED = {"issued_on": "2024-01-12", "number": "示例〔2024〕12号"}


@pytest.fixture
def records() -> MemoryMeetings:
    """A record in memory."""
    return MemoryMeetings()


def ends(snapshot: MeetingSnapshot) -> dict[str, date]:
    """The running clocks by key."""
    return {item.key: item.ends_on for item in snapshot.projection.deadlines}


def kinds(snapshot: MeetingSnapshot) -> set[str]:
    """The open tasks."""
    return {task.kind for task in snapshot.projection.tasks}


async def parked(sitting: Sitting) -> None:
    """Wait until the meeting stands still for a person."""
    for _ in range(1200):
        if (await sitting.snapshot()).needs_operator:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("not parked")


async def test_a_meeting_goes_from_its_plan_to_the_confirmation(
    sitting: Sitting, records: MemoryMeetings
) -> None:
    await sitting.to_signed(records)
    report = ends(await sitting.snapshot())
    await sitting.act("report_batch", reported_on="2023-12-08")
    await sitting.until("2023-12-15T10:00:00")
    await sitting.act("publish_batch")
    floor = ends(await sitting.snapshot())
    await sitting.until("2023-12-23T09:00:00")
    draft = ends(await sitting.snapshot())
    await sitting.until("2023-12-25T10:00:00")
    await sitting.act("draft_batch")
    city = await sitting.snapshot()
    await sitting.until("2024-01-12T10:00:00")

    await sitting.act("confirm_batch", CITY_CLERK, **ISSUED)

    last = await sitting.handle.result()
    assert report == {"result_report:1": date(2023, 12, 15)}
    assert floor == {"result_publicity:1": date(2023, 12, 22)}
    assert draft == {"confirmation:1": date(2024, 1, 15)}
    assert kinds(city) == {"confirm_batch"}
    assert last["phase"] == Phase.CLOSED
    assert records.told == [
        "assign_to_meeting",
        "open_review",
        "record_result",
        "report_results",
        "post_results",
        "send_for_confirmation",
        "confirm",
    ]


async def test_the_history_does_not_grow_with_the_batch(
    sitting: Sitting, records: MemoryMeetings
) -> None:
    records.candidates = 5_000

    await sitting.to_signed(records)

    history = await sitting.handle.fetch_history()
    size = sum(event.ByteSize() for event in history.events)
    assert len(history.events) < 200
    assert size < 400_000


async def test_a_batch_that_nobody_handles_is_reminded_of_and_never_moves(
    sitting: Sitting, records: MemoryMeetings
) -> None:
    await sitting.to_signed(records)
    before = await sitting.snapshot()

    await sitting.until("2024-01-10T00:00:00")

    late = await sitting.snapshot()
    told = [item for item in records.steps if item.step.source == "reminder"]
    organisations = {notice.organisation for item in told for notice in item.letters}
    assert late.batches[0].phase == before.batches[0].phase
    assert ends(late) == ends(before)
    assert organisations == {OFFICE, CITY}
    assert records.told.count("post_results") == 0


async def test_one_person_short_of_the_quorum_opens_nothing(
    sitting: Sitting, records: MemoryMeetings
) -> None:
    await sitting.plan()
    await sitting.draw()
    await sitting.until("2023-12-08T09:00:00")
    members = sitting.experts(records)

    short = await sitting.refused("open", present=members[:7])
    await sitting.act("open", present=members[:8])

    assert short == Code.QUORUM_SHORT
    assert (await sitting.snapshot()).projection.phase is Phase.OPENED


async def test_no_meeting_opens_without_a_chair_or_on_another_day(
    sitting: Sitting, records: MemoryMeetings
) -> None:
    await sitting.plan()
    await sitting.draw()
    members = sitting.experts(records)
    early = await sitting.refused("open", present=members)
    await sitting.until("2023-12-08T09:00:00")
    chairs = [name for name in members if name in ("expert-1", "expert-2")]

    without = [name for name in members if name not in chairs]

    assert early == Code.DATE_NOT_ALLOWED
    expected = Code.CHAIR_MISSING if len(without) >= 8 else Code.QUORUM_SHORT
    assert await sitting.refused("open", present=without) == expected


async def test_a_committee_whose_filing_is_over_plans_nothing(
    sitting: Sitting, records: MemoryMeetings
) -> None:
    records.committee = COMMITTEE.model_copy(update={"valid_until": date(2023, 12, 1)})

    with pytest.raises(Exception) as error:  # noqa: PT011 - the cause is looked at
        await sitting.plan()

    assert error.value.__cause__ is not None
    assert Code.COMMITTEE_EXPIRED in str(error.value.__cause__)
    assert records.steps == []


async def test_a_later_day_beyond_the_filing_is_refused(
    sitting: Sitting, records: MemoryMeetings
) -> None:
    records.committee = COMMITTEE.model_copy(update={"valid_until": date(2023, 12, 8)})
    await sitting.plan()

    moved = await sitting.refused("move_meeting", days=["2023-12-11"], reason="text-1")

    assert moved == Code.COMMITTEE_EXPIRED


async def test_the_report_counts_from_the_last_of_two_meeting_days(
    sitting: Sitting, records: MemoryMeetings
) -> None:
    await sitting.plan(days=["2023-12-08", "2023-12-07"])
    await sitting.draw()
    await sitting.until("2023-12-07T09:00:00")
    there = sitting.experts(records)
    await sitting.act("open", present=there)
    await sitting.until("2023-12-08T18:00:00")

    await sitting.act("sign", chair=there[0], ended_on="2023-12-08")

    assert ends(await sitting.snapshot()) == {"result_report:1": date(2023, 12, 15)}


async def test_nothing_of_a_batch_happens_too_early(
    sitting: Sitting, records: MemoryMeetings
) -> None:
    await sitting.to_signed(records)
    unposted = await sitting.refused("draft_batch")
    await sitting.act("publish_batch")

    early = await sitting.refused("draft_batch")
    unsent = await sitting.refused("confirm_batch", CITY_CLERK, **ISSUED)
    twice = await sitting.refused("publish_batch")

    assert unposted == Code.BATCH_NOT_READY
    assert early == Code.PUBLICITY_NOT_OVER
    assert unsent == Code.BATCH_NOT_READY
    assert twice == Code.ALREADY_DECIDED


async def test_a_draft_that_is_sent_back_does_not_start_the_fifteen_days_again(
    sitting: Sitting, records: MemoryMeetings
) -> None:
    await sitting.to_signed(records)
    await sitting.act("report_batch")
    await sitting.act("publish_batch")
    await sitting.until("2023-12-18T10:00:00")
    await sitting.act("draft_batch")

    await sitting.act("send_back_batch", CITY_CLERK, reason="text-2")

    back = await sitting.snapshot()
    assert ends(back) == {}
    assert kinds(back) == {"draft_batch"}
    await sitting.act("draft_batch")
    assert kinds(await sitting.snapshot()) == {"confirm_batch"}


async def test_who_was_held_comes_in_a_batch_with_a_clock_of_its_own(
    sitting: Sitting, records: MemoryMeetings
) -> None:
    records.held = 1
    await sitting.to_signed(records)
    await sitting.act("report_batch")
    await sitting.act("publish_batch")
    await sitting.until("2023-12-18T10:00:00")
    await sitting.act("draft_batch")
    await sitting.act("confirm_batch", CITY_CLERK, issued_on="2023-12-18", number="示例1号")
    still_open = await sitting.snapshot()
    await sitting.news("released", "2023-12-18")
    await sitting.until("2023-12-20T10:00:00")
    released = await sitting.snapshot()

    await sitting.act("open_supplement")
    await sitting.act("draft_batch", batch=2)
    await sitting.act(
        "confirm_batch", CITY_CLERK, batch=2, issued_on="2023-12-20", number="示例2号"
    )

    last = await sitting.handle.result()
    assert still_open.projection.phase is Phase.SIGNED
    assert kinds(released) == {"open_supplement"}
    assert ends(released) == {"confirmation:2": date(2024, 1, 9)}
    assert last["phase"] == Phase.CLOSED


async def test_a_no_of_the_rows_leaves_nothing_behind(
    sitting: Sitting, records: MemoryMeetings
) -> None:
    there = await sitting.to_opened(records)
    records.refuses["enter_ballots"] = Refusal(code=Code.BALLOT_DISAGREES)
    tallies = [{"application": "application-1", "yes": 9}]

    refused = await sitting.refused("enter_ballots", tallies=tallies)
    receipt = await sitting.act("enter_ballots", tallies=tallies)

    assert refused == Code.BALLOT_DISAGREES
    assert receipt.seq == len(records.steps) == 8
    assert records.names()[-2:] == ["told:open_review", "enter_ballots"]
    assert len(there) == 9


async def test_the_same_request_twice_is_one_act(sitting: Sitting, records: MemoryMeetings) -> None:
    await sitting.plan()
    await sitting.act("commit_draw", CITY_CLERK, commitment="0" * 64)
    await sitting.act("draw", request_id="r-1")
    ordered = records.steps[-1].state
    again = await sitting.plan()

    other = await sitting.refused("draw", request_id="r-9")

    assert again.seq == 1
    assert other == Code.DRAW_OPEN
    assert records.steps[-1].state == ordered


async def test_strangers_and_the_wrong_office_are_refused(
    sitting: Sitting, records: MemoryMeetings
) -> None:
    await sitting.to_signed(records)

    stranger = await sitting.refused("publish_batch", Actor(person="visitor"))
    city = await sitting.refused("publish_batch", CITY_CLERK)
    office = await sitting.refused("send_back_batch", reason="text-1")

    assert {stranger, city, office} == {Code.NOT_ENTITLED}


async def test_what_cannot_be_read_fails_no_meeting(
    sitting: Sitting, records: MemoryMeetings
) -> None:
    await sitting.plan()

    await sitting.handle.signal("no_such_word", "x")
    await sitting.handle.signal("draw", args=[])
    await sitting.handle.signal("draw", args=["a", "b"])
    await sitting.handle.signal("draw", {"actor": 3})
    await sitting.draw()

    refused = [item.step.refusals[0].code for item in records.steps if item.step.refusals]
    assert refused == [Code.UNKNOWN_ACTION, Code.MALFORMED_PAYLOAD]
    assert (await sitting.snapshot()).projection.phase is Phase.EXPERTS_DRAWN


async def test_a_conflict_parks_the_meeting_until_a_person_says_go_on(
    sitting: Sitting, records: MemoryMeetings
) -> None:
    await sitting.plan()
    records.conflicts = 1
    drawing = asyncio.create_task(sitting.draw())
    await parked(sitting)

    stranger = await sitting.refused("resume")
    await sitting.act("resume", Actor(person="ops", role="operations"))

    assert stranger == Code.NOT_ENTITLED
    await drawing
    assert (await sitting.snapshot()).projection.phase is Phase.EXPERTS_DRAWN


async def test_a_cancelled_meeting_gives_everybody_back(
    sitting: Sitting, records: MemoryMeetings
) -> None:
    await sitting.plan()

    await sitting.act("cancel_meeting", reason="text-1")

    last = await sitting.handle.result()
    assert last["phase"] == Phase.CANCELLED
    assert records.steps[-1].telling is not None
    assert records.steps[-1].telling.action == "leave_meeting"


async def test_a_spare_takes_the_seat_of_who_cannot_come(
    sitting: Sitting, records: MemoryMeetings
) -> None:
    await sitting.plan()
    await sitting.draw()
    leaving = sitting.experts(records)[-1]
    reasonless = await sitting.refused("replace_expert", expert=leaving, reason="")

    await sitting.act("replace_expert", expert=leaving, reason="text-1")

    gone = await sitting.refused("recuse", expert=leaving, applications=["a"], reason="text-1")
    assert reasonless == Code.REASON_REQUIRED
    assert gone == Code.NOT_A_MEMBER
    assert records.steps[-1].change is not None


async def test_a_meeting_lives_through_continue_as_new(
    hasty_engine: WorkflowEnvironment,
) -> None:
    shared, records = SharedMeetings(), MemoryMeetings()
    client = hasty_engine.client
    sitting = Sitting(skipper_of(client), client, "2023-11-27T09:00:00")
    shared.of[sitting.realm] = records
    async with workers(client, shared):
        await sitting.to_signed(records)
        await sitting.act("report_batch")
        await sitting.act("publish_batch")
        await sitting.until("2023-12-18T10:00:00")
        await sitting.act("draft_batch")
        runs = {(await sitting.handle.describe()).run_id}
        first = (await sitting.handle.describe()).raw_description.workflow_execution_info
        await sitting.act("confirm_batch", CITY_CLERK, issued_on="2023-12-18", number="示例1号")
        last = await sitting.handle.result()

    assert first.first_run_id not in runs
    assert last["phase"] == Phase.CLOSED
    seqs = [item.step.seq for item in records.steps]
    assert seqs == list(range(1, len(seqs) + 1))


async def test_an_act_waits_until_the_word_before_it_is_told(
    sitting: Sitting, records: MemoryMeetings, house: SharedMeetings
) -> None:
    await sitting.plan()

    await asyncio.gather(
        sitting.act("commit_draw", CITY_CLERK, commitment="0" * 64),
        sitting.act("move_meeting", days=["2023-12-11"], reason="text-1"),
    )

    names = records.names()
    assert names[:2] == ["plan", "told:assign_to_meeting"]
    assert names.index("move_meeting") < len(names)


async def test_a_step_whose_answer_cannot_be_taken_in_is_the_meetings_last_all_the_same(
    sitting: Sitting, records: MemoryMeetings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stood still as it was before: its next step had a number that was taken, for ever."""
    await sitting.plan()
    for _ in range(600):
        if (await sitting.snapshot()).seq == 2:  # it has the cases' answers to the plan
            break
        await asyncio.sleep(0.05)
    right, faults = take_in, ["one"]

    def wrong(*given: Any) -> None:
        if faults:
            raise LookupError("nobody foresaw this")
        right(*given)

    monkeypatch.setattr(recording, "take_in", wrong)
    asked = asyncio.create_task(sitting.refused("request_redraw", reason="text-1"))
    await parked(sitting)
    assert await asked == Code.NEEDS_OPERATOR

    faults.clear()
    await sitting.act("resume", Actor(person="ops", role="operations"))
    await sitting.act("request_redraw", reason="text-2")
    assert records.names()[2:] == ["request_redraw"] * 3
    assert [step.step.seq for step in records.steps] == [1, 2, 3, 4, 5]
    assert records.steps[3].step.refusals[0].code is Code.NEEDS_OPERATOR
