"""One sentence of the law each: the clocks and words of a meeting's batches, decided purely."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.workflow.season import beijing, member, the_calendar, the_policy
from tests.workflow.sitting import CITY, COMMITTEE, OFFICE
from workflows.meeting.clocks import clock_of, clocks_of
from workflows.meeting.decision import decide, follow_up, let_strike
from workflows.meeting.meeting import Meeting, Phase, Track, Waiting
from workflows.meeting.messages import BatchCounts, MeetingBasis, MeetingStepRecorded
from workflows.meeting.move import MeetingMove
from workflows.meeting.projection import tasks
from workflows.meeting.recording import adopt
from workflows.meeting.strikes import next_due
from workflows.rules.calendar import Calendar
from workflows.rules.committee import Seat
from workflows.rules.names import Level, RuleName
from workflows.rules.refusals import Code, Refused
from workflows.writer.messages import Act, Actor

CLERK, CITY_CLERK = member(OFFICE), member(CITY)
OPERATIONS = Actor(person="ops", role="operations")
SYSTEM = Actor(person="case:application-1", role="system")
SEATS = [
    Seat(
        expert=f"expert-{number}",
        person=f"person-{number}",
        unit=f"unit-{number}",
        chair="director" if number == 1 else "",
        rank=number,
        term_to=date(2025, 5, 31),
    )
    for number in range(1, 12)
]
PRESENT = [seat.expert for seat in SEATS]


class Table:
    """A meeting that is opened; each step is answered with the counts a test states."""

    def __init__(self, **more: Any) -> None:
        self.meeting = Meeting(
            meeting="meeting-0190",
            number="2023-BD-01",
            committee=COMMITTEE,
            policy=the_policy("bd-2023"),
            calendar=the_calendar(),
            days=(date(2023, 12, 8),),
            phase=Phase.EXPERTS_DRAWN,
            seats=SEATS,
        ).model_copy(update=more)
        self.answer = MeetingStepRecorded(seq=0)

    def say(self, name: str, at: str, actor: Actor = CLERK, **payload: Any) -> MeetingMove:
        """One act, and what follows from its answer."""
        act = Act(request_id="r", actor=actor, payload=payload)
        return self._do(decide(self.meeting, name, act, beijing(f"{at}:00")), at)

    def amend(self, at: str, calendar: Calendar) -> MeetingMove:
        """Operations amend: what is published now is this calendar."""
        act = Act(request_id="r", actor=OPERATIONS, payload={"reason": "text-1"})
        basis = MeetingBasis(
            committee=self.meeting.committee, policy=self.meeting.policy, calendar=calendar
        )
        moment = beijing(f"{at}:00")
        return self._do(decide(self.meeting, "amend", act, moment, published=basis), at)

    def _do(self, move: MeetingMove, at: str) -> MeetingMove:
        self.meeting = adopt(move, self.answer)
        self.meeting.telling = None
        self._follow(at)
        return move

    def refused(self, name: str, at: str, actor: Actor = CLERK, **payload: Any) -> Code:
        """The code an act is refused with."""
        act = Act(request_id="r", actor=actor, payload=payload)
        with pytest.raises(Refused) as error:
            decide(self.meeting, name, act, beijing(f"{at}:00"))
        return error.value.first.code

    def answers(self, at: str, *waiting: Waiting, left: int = 1, **batches: BatchCounts) -> None:
        """What the next step finds in the rows: `b1=…`; taken in at once, with what follows."""
        self.answer = MeetingStepRecorded(
            seq=0,
            left=left,
            released=waiting,
            batches={int(name[1:]): counts for name, counts in batches.items()},
        )
        self.say("note_case", at, SYSTEM, application="application-1", news="held", on=at[:10])

    def strike_until(self, moment: str) -> None:
        """Let every clock strike that is due by then."""
        until = beijing(f"{moment}:00")
        while (due := next_due(self.meeting)) is not None and due.at <= until:
            self.meeting = adopt(let_strike(self.meeting, due, due.at), self.answer)
            self._follow(moment)

    def ends(self) -> dict[str, date]:
        """The running clocks."""
        return {item.key: item.ends_on for item in clocks_of(self.meeting)}

    def kinds(self) -> list[str]:
        """The open tasks by key."""
        return [task.key for task in tasks(self.meeting, clocks_of(self.meeting))]

    def _follow(self, at: str) -> None:
        while (move := follow_up(self.meeting, beijing(f"{at}:00"))) is not None:
            self.meeting = adopt(move, self.answer)


def counts(unposted: int = 0, **tracks: int) -> BatchCounts:
    """How a batch of ten stands."""
    return BatchCounts(rows=10, unposted=unposted, tracks=tracks)


def signed(**tracks: int) -> Table:
    """Signed on 2023-12-08, nothing posted."""
    table = Table()
    table.say("open", "2023-12-08T09:00", present=PRESENT)
    table.answer = MeetingStepRecorded(seq=0, left=10, batches={1: counts(10, **tracks)})
    table.say("sign", "2023-12-08T18:00", chair="expert-1", ended_on="2023-12-08")
    return table


def posted(**tracks: int) -> Table:
    """Reported and posted on 2023-12-12: the floor ends on 2023-12-19."""
    table = signed(**tracks)
    table.say("report_batch", "2023-12-11T10:00")
    table.say("publish_batch", "2023-12-12T10:00")
    table.answers("2023-12-12T10:05", b1=counts(**tracks), left=10)
    return table


def test_the_last_day_is_one_of_the_meetings_days_and_no_later_one() -> None:
    table = Table()
    table.say("open", "2023-12-08T09:00", present=PRESENT)

    late = table.refused("sign", "2023-12-29T10:00", chair="expert-1", ended_on="2023-12-29")

    assert late is Code.DATE_NOT_ALLOWED


def test_a_late_signature_does_not_move_the_authoritys_own_clock() -> None:
    table = Table()
    table.say("open", "2023-12-08T09:00", present=PRESENT)
    table.answer = MeetingStepRecorded(seq=0, left=10, batches={1: counts(10, confirm=10)})

    table.say("sign", "2024-01-24T10:00", chair="expert-1", ended_on="2023-12-08")

    assert table.ends() == {"result_report:1": date(2023, 12, 15)}


def test_an_expert_whose_term_is_over_on_the_moved_day_is_not_there() -> None:
    seats = [seat.model_copy(update={"term_to": date(2023, 12, 10)}) for seat in SEATS]
    table = Table(seats=seats)
    table.say("move_meeting", "2023-12-01T09:00", days=["2023-12-11"], reason="text-1")

    assert table.refused("open", "2023-12-11T09:00", present=PRESENT) is Code.NOT_A_MEMBER


def test_a_draft_after_midnight_leaves_no_clock_behind_that_is_met_already() -> None:
    table = posted(confirm=10)

    table.say("draft_batch", "2023-12-20T00:05")

    assert table.ends() == {"city_confirmation:1": date(2024, 1, 4)}
    table.strike_until("2023-12-21T00:00")
    assert table.kinds() == ["confirm_batch:1"]


def test_a_batch_nobody_of_which_is_to_be_confirmed_goes_into_no_draft() -> None:
    table = posted(reply=10)
    table.strike_until("2023-12-20T00:05")

    assert table.refused("draft_batch", "2023-12-20T10:00") is Code.BATCH_NOT_READY
    assert table.ends() == {"confirmation_reply:1": date(2024, 1, 10)}


def test_who_is_released_before_the_publicity_ends_counts_from_its_end() -> None:
    table = posted(confirm=10)
    table.strike_until("2023-12-20T00:05")
    table.say("draft_batch", "2023-12-20T10:00")
    early = Waiting(track=Track.CONFIRM, batch=1, since=date(2023, 12, 14), number=1)

    table.answers("2023-12-20T11:00", early, b1=counts(confirm=9))

    assert table.ends()["confirmation:2"] == date(2024, 1, 10)
    assert "open_supplement" in table.kinds()


def test_a_released_candidate_of_an_entrusting_unit_waits_for_a_reply() -> None:
    table = posted(confirm=9)
    table.strike_until("2023-12-20T00:05")
    table.say("draft_batch", "2023-12-20T10:00")
    released = Waiting(track=Track.REPLY, batch=1, since=date(2023, 12, 25), number=1)

    table.answers("2023-12-25T11:00", released, b1=counts(confirm=9))

    assert set(table.ends()) == {"city_confirmation:1", "confirmation_reply:2"}


def test_no_clock_runs_for_nobody() -> None:
    table = posted(confirm=10)
    table.strike_until("2023-12-20T00:05")
    table.say("draft_batch", "2023-12-20T10:00")
    released = Waiting(track=Track.CONFIRM, batch=1, since=date(2023, 12, 25), number=1)
    table.answers("2023-12-25T11:00", released, b1=counts(confirm=9))

    table.answers("2023-12-26T11:00", b1=counts(confirm=9))

    assert set(table.ends()) == {"city_confirmation:1"}
    table.answers("2023-12-27T11:00", b1=counts(confirm=9))
    assert "open_supplement" not in table.kinds()


def test_where_everybody_is_held_the_draft_is_owed_from_the_release() -> None:
    table = posted(confirm=1)
    table.strike_until("2023-12-20T00:05")
    table.answers("2023-12-21T10:00", b1=counts())
    held = table.ends()

    table.answers("2023-12-27T10:00", b1=counts(confirm=1))

    assert held == {}
    assert table.ends() == {"confirmation:1": date(2024, 1, 18)}


def test_a_supplement_is_not_drafted_before_its_publicity_is_over() -> None:
    table = posted(confirm=10)
    released = Waiting(track=Track.CONFIRM, batch=1, since=date(2023, 12, 14), number=1)
    table.answers("2023-12-14T11:00", released, b1=counts(confirm=9))
    table.answer = table.answer.model_copy(
        update={"released": (), "batches": {1: counts(confirm=9), 2: counts(confirm=1)}}
    )
    table.say("open_supplement", "2023-12-14T12:00")

    early = table.refused("draft_batch", "2023-12-15T10:00", batch=2)

    assert early is Code.PUBLICITY_NOT_OVER
    table.say("draft_batch", "2023-12-20T10:00", batch=2)


def test_who_was_never_posted_comes_in_a_batch_that_is_reported_and_posted_first() -> None:
    table = posted(confirm=9)
    late = Waiting(track=Track.CONFIRM, batch=1, since=date(2023, 12, 25), number=1, posted=False)
    table.answers("2023-12-25T11:00", late, b1=counts(confirm=9))
    table.answer = table.answer.model_copy(
        update={"released": (), "batches": {1: counts(confirm=9), 2: counts(1, confirm=1)}}
    )

    table.say("open_supplement", "2023-12-25T12:00")

    assert table.ends()["result_report:2"] == date(2024, 1, 2)
    assert {"report_batch:2", "publish_batch:2"} <= set(table.kinds())
    assert table.refused("draft_batch", "2023-12-26T10:00", batch=2) is Code.BATCH_NOT_READY


def test_a_meeting_does_not_close_before_it_has_reported() -> None:
    table = signed(reply=1)
    table.say("publish_batch", "2023-12-12T10:00")
    table.answers("2023-12-12T10:05", b1=counts(reply=1))
    table.say("reply_batch", "2023-12-20T10:00", issued_on="2023-12-20", number="示例函1号")
    table.answers("2023-12-20T10:05", b1=counts(), left=0)
    still = table.meeting.phase

    table.answer = MeetingStepRecorded(seq=0, batches={1: counts()})
    table.say("report_batch", "2023-12-21T10:00")

    assert still is Phase.SIGNED
    assert table.meeting.phase is Phase.CLOSED


def test_a_meeting_whose_candidates_were_all_deferred_has_nothing_to_report() -> None:
    table = Table()
    table.say("open", "2023-12-08T09:00", present=PRESENT)
    table.answer = MeetingStepRecorded(seq=0, left=2)

    table.say("sign", "2023-12-08T18:00", chair="expert-1", ended_on="2023-12-08")

    assert table.ends() == {}
    table.answers("2023-12-09T10:00", left=0)
    assert table.meeting.phase is Phase.CLOSED


def test_nothing_closes_while_a_case_hangs_in_the_meeting() -> None:
    table = posted(confirm=10)
    table.strike_until("2023-12-20T00:05")
    table.say("draft_batch", "2023-12-20T10:00")
    table.answer = MeetingStepRecorded(seq=0, left=1, batches={1: counts()})

    table.say("confirm_batch", "2023-12-25T10:00", CITY_CLERK, issued_on="2023-12-25", number="1")

    assert table.meeting.phase is Phase.SIGNED


def test_a_changed_calendar_moves_the_floor_of_the_batch_and_never_forward() -> None:
    table = posted(confirm=10)
    calendar = the_calendar()
    year = calendar.years[2023]
    longer = year.model_copy(update={"holidays": year.holidays | {date(2023, 12, 18): "示例假日"}})
    changed = Calendar(version="changed", years=calendar.years | {2023: longer})

    table.amend("2023-12-13T10:00", changed)
    moved = table.ends()
    table.amend("2023-12-13T11:00", calendar)

    assert moved == {"result_publicity:1": date(2023, 12, 20)}
    assert table.ends() == moved
    assert table.meeting.batches[0].publicity is not None
    assert table.meeting.batches[0].publicity.ends_on == date(2023, 12, 20)


def test_a_missing_year_stops_the_clock_and_its_coming_lets_it_go_on() -> None:
    calendar = the_calendar()
    short = Calendar(version="short", years={2023: calendar.years[2023]})
    table = posted(confirm=10)
    table.meeting.calendar = short
    with pytest.raises(Refused) as error:
        table.strike_until("2023-12-20T00:05")

    table.amend("2023-12-20T09:00", calendar)
    table.strike_until("2023-12-20T09:05")

    assert error.value.first.code is Code.CALENDAR_MISSING
    assert table.ends() == {"confirmation:1": date(2024, 1, 10)}


def test_a_committee_lists_only_levels_it_is_filed_for() -> None:
    committee = COMMITTEE.model_copy(update={"max_level": Level.MID})
    blank = Table(committee=committee, number="", phase=Phase.PLANNED)

    move = blank.say(
        "plan",
        "2023-11-27T09:00",
        number="2023-BD-01",
        committee="bd-2023",
        campaign="bd-2023",
        days=["2023-12-08"],
    )

    assert move.change is not None
    assert move.change.model_dump()["levels"] == ("junior", "mid")


def test_a_meeting_of_another_committees_campaign_is_not_planned() -> None:
    committee = COMMITTEE.model_copy(update={"office": "lc-committee-office"})
    blank = Table(committee=committee, number="", phase=Phase.PLANNED)
    stated = {
        "number": "2023-BD-01",
        "committee": "bd-2023",
        "campaign": "bd-2023",
        "days": ["2023-12-08"],
    }

    code = blank.refused("plan", "2023-11-27T09:00", member("lc-committee-office"), **stated)

    assert code is Code.OUT_OF_SCOPE


def test_an_opened_meeting_that_is_cancelled_gives_back_who_is_in_review() -> None:
    table = Table()
    table.say("open", "2023-12-08T09:00", present=PRESENT)

    move = table.say("cancel_meeting", "2023-12-08T11:00", reason="text-1")

    assert move.telling is not None
    assert (move.telling.action, move.telling.select) == ("record_result", "outcomes")


def test_duties_only_remind() -> None:
    table = posted(confirm=10)
    table.strike_until("2024-02-20T00:00")

    assert table.ends() == {"confirmation:1": date(2024, 1, 10)}
    assert table.meeting.batches[0].phase == "posted"
    assert clock_of(table.meeting, RuleName.CONFIRMATION, 1) is not None


def test_who_is_let_go_after_the_draft_came_back_is_sent_within_15_days_of_it() -> None:
    table = posted(confirm=1)
    table.strike_until("2023-12-20T00:05")
    table.say("draft_batch", "2023-12-20T10:00")
    table.say("send_back_batch", "2023-12-21T10:00", CITY_CLERK, batch=1, reason="text-1")
    came_back = table.ends()
    table.answers("2023-12-22T10:00", b1=counts())

    table.answers("2023-12-27T10:00", b1=counts(confirm=1))

    assert came_back == {}
    assert table.ends() == {"confirmation:1": date(2024, 1, 18)}
    table.say("draft_batch", "2023-12-28T10:00")
    assert set(table.ends()) == {"city_confirmation:1"}
