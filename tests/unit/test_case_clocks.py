"""One sentence each about a case's clocks: what is in time, what is told, what an extension does."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from tests.unit.lives import (
    CLERK,
    DEPARTMENT,
    ITEMS,
    STRANGER,
    SUPERVISOR,
    UNIT,
    Life,
    at_chain,
    at_committee,
    confirmed,
    moment,
    paying,
    posted,
    submitted,
)
from tests.workflow.season import APPLICANT, the_calendar
from workflows.application.case import Case
from workflows.application.clocks import clock_of, clocks_of
from workflows.application.decision import decide, may
from workflows.application.recording import commit, state_of
from workflows.rules.calendar import Calendar
from workflows.rules.deadlines import Deadline
from workflows.rules.names import EndName, LetterKind, Party, RuleName, Stage
from workflows.rules.policy import Cutoff
from workflows.rules.refusals import Code, Refused
from workflows.writer.messages import Act, Actor

R = RuleName


def clock(life: Life, rule: RuleName) -> Deadline:
    """A clock that runs."""
    found = clock_of(life.case, rule)
    assert found is not None, rule
    return found


def returned() -> Life:
    """At the unit's correction since Thursday 2024-10-10, 10:00, to Saturday 10-12, which is worked."""
    life = submitted()
    life.act("return_for_correction", UNIT, "2024-10-10T10:00", items=ITEMS, days=2)
    return life


def listens_until(life: Life) -> datetime | None:
    """Until when an ended case listens."""
    assert life.case.end is not None
    return life.case.end.closes_at


def calendar_with(rest: str = "", worked: str = "") -> Calendar:
    """The calendar after one day was moved."""
    found = the_calendar()
    moved = date.fromisoformat(rest or worked)
    year = found.years[moved.year]
    update = {
        "holidays": year.holidays | ({moved: "调整"} if rest else {}),
        "workdays": (*year.workdays, *([moved] if worked else [])),
    }
    years = found.years | {moved.year: year.model_copy(update=update)}
    return Calendar(version="changed", years=years)


# In time.


def test_an_act_at_midnight_sharp_is_in_time_and_a_second_later_is_not() -> None:
    life = returned()

    late = life.refused("resubmit", APPLICANT, "2024-10-13T00:00:01")
    life.act("resubmit", APPLICANT, "2024-10-13T00:00:00")

    assert late is Code.WINDOW_CLOSED
    assert life.case.stage is Stage.UNIT_REVIEW


def test_an_act_in_time_that_comes_after_the_lapse_reopens() -> None:
    life = returned()
    life.until("2024-10-13T00:05")
    ended = life.case.end

    life.act("resubmit", APPLICANT, "2024-10-13T00:00:00", "2024-10-13T00:06")

    assert ended is not None
    assert ended.name is EndName.ABANDONED
    assert (life.case.stage, life.case.end) == (Stage.UNIT_REVIEW, None)
    assert life.case.claim == "taken"


@pytest.mark.parametrize(
    ("life", "at"),
    [
        (returned, "2024-10-13T00:05"),
        (at_chain, "2024-11-09T00:05"),
        (paying, "2024-11-16T00:05"),
    ],
    ids=["abandoned", "lapsed", "payment_missed"],
)
def test_a_case_that_a_clock_ended_listens_to_the_end_of_the_day_its_letter_names(
    life: Any, at: str
) -> None:
    found: Life = life()
    found.until(at)
    closes_at = listens_until(found)
    assert closes_at is not None
    letters = [order for order in found.moves[-1].letters if "closes_on" in order.params]

    assert letters
    for order in letters:
        day = date.fromisoformat(order.params["closes_on"])
        assert closes_at == moment(f"{day + timedelta(days=1)}T00:00")
    before, sharp, after = (
        (closes_at + timedelta(seconds=step)).isoformat()[:19] for step in (-1, 0, 1)
    )
    found.until(before)
    assert found.refused("reinstate", CLERK, before) is Code.REASON_REQUIRED
    found.until(sharp)
    assert found.refused("reinstate", CLERK, after, reason="text-1") is Code.ALREADY_DECIDED
    assert listens_until(found) is None


def test_what_the_right_ended_is_not_reinstated_and_no_letter_says_it_could_be() -> None:
    found = confirmed()
    found.until("2025-03-01T00:05")
    letters = found.moves[-1].letters

    assert letters
    assert not any("closes_on" in order.params for order in letters)
    assert listens_until(found) is not None
    assert found.refused("reinstate", CLERK, "2025-03-01T00:06") is Code.WRONG_STAGE


def test_who_may_is_asked_before_what_is_stated() -> None:
    life = submitted()
    nonsense: dict[str, Any] = {"nobody_knows": 1}

    assert life.refused("start_publicity", STRANGER, "2024-10-10T10:00", **nonsense) is (
        Code.NOT_ENTITLED
    )
    assert life.refused("approve", UNIT, "2024-10-10T10:00", **nonsense) is Code.WRONG_STAGE
    assert life.refused("start_publicity", UNIT, "2024-10-10T10:00", **nonsense) is (
        Code.MALFORMED_PAYLOAD
    )


# Extensions.


@pytest.mark.parametrize("day", ["2024-10-11", "2024-10-12"])
def test_an_extension_is_later_than_what_was_told(day: str) -> None:
    stated = {"rule": "unit_correction", "ends_on": day, "reason": "text-1"}

    assert returned().refused("extend_deadline", UNIT, "2024-10-11T10:00", **stated) is (
        Code.DATE_NOT_ALLOWED
    )


def test_an_extension_is_taken_as_given_and_told() -> None:
    """A57: a Sunday stays a Sunday, and says that it is one."""
    life = returned()
    stated = {"rule": "unit_correction", "ends_on": "2024-10-20", "reason": "text-1"}

    move = life.act("extend_deadline", UNIT, "2024-10-11T10:00", **stated)

    found = clock(life, R.UNIT_CORRECTION)
    assert (found.ends_on, found.extended, found.extended_by) == (date(2024, 10, 20), True, "unit")
    assert [item.code.value for item in move.warnings] == ["rest_day"]
    told = [order for order in move.letters if order.kind is LetterKind.DATES_CHANGED]
    assert {order.to for order in told} == {Party.APPLICANT}
    assert {order.params["new_on"] for order in told} == {"2024-10-20"}
    assert {order.params["old_on"] for order in told} == {"2024-10-12"}


@pytest.mark.parametrize(("day", "allowed"), [("2024-11-08", True), ("2024-11-09", False)])
def test_a_clock_of_unit_or_chain_is_not_extended_past_the_cutoff(
    day: str, *, allowed: bool
) -> None:
    """The cutoff would strike first: nobody is promised a day behind it (A14)."""
    life = returned()
    stated = {"rule": "unit_correction", "ends_on": day, "reason": "text-1"}
    if allowed:
        life.act("extend_deadline", UNIT, "2024-10-11T10:00", **stated)
        assert clock(life, R.UNIT_CORRECTION).ends_on == date(2024, 11, 8)
        return
    act = Act(request_id="r", actor=UNIT, payload=stated)
    with pytest.raises(Refused) as error:
        decide(life.case, "extend_deadline", act, moment("2024-10-11T10:00"))
    assert error.value.first.code is Code.DATE_NOT_ALLOWED
    assert error.value.first.params["reason"] == "past_the_cutoff"


def test_after_the_cutoff_was_extended_so_are_the_terms_it_cuts() -> None:
    life = returned()
    cutoff: dict[str, Any] = {"rule": "chain_cutoff", "ends_on": "2024-11-20", "reason": "text-1"}
    term = {"rule": "unit_correction", "ends_on": "2024-11-20", "reason": "text-1"}

    life.both("extend_deadline", SUPERVISOR, "2024-10-11T10:00", **cutoff)
    life.act("extend_deadline", UNIT, "2024-10-11T11:00", **term)

    assert clock(life, R.UNIT_CORRECTION).ends_on == date(2024, 11, 20)


def test_a_right_is_extended_by_nobody() -> None:
    stated = {"rule": "recheck", "ends_on": "2025-03-31", "reason": "text-1"}

    assert confirmed().refused("extend_deadline", CLERK, "2025-01-06T10:00", **stated) is (
        Code.NOT_LATE
    )


def test_an_extension_survives_what_is_taken_back() -> None:
    """What was promised stays promised, though the return after it never was."""
    life = submitted()
    stated = {"rule": "unit_duty", "ends_on": "2024-10-25", "reason": "text-1"}
    life.act("extend_deadline", CLERK, "2024-10-10T10:00", **stated)
    life.act("return_for_correction", UNIT, "2024-10-10T11:00", items=ITEMS, days=2)

    life.act("set_aside", UNIT, "2024-10-10T11:05", reason="text-2")

    assert clock(life, R.UNIT_DUTY).ends_on == date(2024, 10, 25)


def test_a_second_return_has_a_term_of_its_own() -> None:
    life = returned()
    stated = {"rule": "unit_correction", "ends_on": "2024-10-20", "reason": "text-1"}
    life.act("extend_deadline", UNIT, "2024-10-11T10:00", **stated)
    life.act("resubmit", APPLICANT, "2024-10-11T11:00")

    life.act("return_for_correction", UNIT, "2024-10-14T10:00", items=ITEMS, days=1)

    found = clock(life, R.UNIT_CORRECTION)
    assert (found.ends_on, found.extended) == (date(2024, 10, 15), False)


# What an amendment does.


def test_a_day_that_an_amendment_moves_is_told_to_applicant_and_who_has_the_work() -> None:
    life = submitted()
    life.act("start_publicity", UNIT, "2024-10-10T10:00")
    before = clock(life, R.UNIT_PUBLICITY).ends_on

    move = life.amend("2024-10-11T10:00", calendar=calendar_with(rest="2024-10-16"))

    after = clock(life, R.UNIT_PUBLICITY)
    assert (before, after.ends_on) == (date(2024, 10, 16), date(2024, 10, 17))
    assert life.case.unit_publicity is not None
    assert life.case.unit_publicity.ends_on == date(2024, 10, 17)
    told = [order for order in move.letters if order.params.get("rule") == "unit_publicity"]
    assert {(order.to, order.organisation) for order in told} == {
        (Party.APPLICANT, ""),
        (Party.HOLDER, "unit"),
    }


def test_an_amendment_that_is_amended_back_takes_no_day_back() -> None:
    life = submitted()
    life.act("start_publicity", UNIT, "2024-10-10T10:00")
    life.amend("2024-10-11T10:00", calendar=calendar_with(rest="2024-10-16"))

    move = life.amend("2024-10-11T11:00", calendar=the_calendar())

    assert clock(life, R.UNIT_PUBLICITY).ends_on == date(2024, 10, 17)
    assert clock(life, R.UNIT_PUBLICITY).computed_on == date(2024, 10, 16)
    assert move.letters == []


def test_a_duty_may_end_earlier_after_an_amendment() -> None:
    life = submitted()
    life.act("return_for_correction", UNIT, "2024-10-10T10:00", items=ITEMS, days=2)
    life.act("resubmit", APPLICANT, "2024-10-11T10:00")
    before = clock(life, R.UNIT_DUTY).ends_on

    life.amend("2024-10-11T11:00", calendar=calendar_with(worked="2024-10-13"))

    assert (before, clock(life, R.UNIT_DUTY).ends_on) == (date(2024, 10, 15), date(2024, 10, 14))


def test_an_extended_term_is_moved_by_no_amendment() -> None:
    life = returned()
    stated = {"rule": "unit_correction", "ends_on": "2024-10-16", "reason": "text-1"}
    life.act("extend_deadline", UNIT, "2024-10-11T10:00", **stated)

    life.amend("2024-10-11T11:00", calendar=calendar_with(rest="2024-10-16"))

    assert clock(life, R.UNIT_CORRECTION).ends_on == date(2024, 10, 16)


# What struck, and what was reopened.


def test_a_reinstated_case_is_not_ended_again_by_the_clock_that_struck() -> None:
    life = returned()
    life.until("2024-10-13T00:05")

    life.act("reinstate", CLERK, "2024-10-13T09:00", reason="text-1")
    life.until("2024-10-31T00:00")

    assert life.case.stage is Stage.UNIT_CORRECTION
    assert clock(life, R.UNIT_CORRECTION).struck


def test_an_act_in_time_that_reopened_a_lapsed_case_is_taken_back_with_the_chance_it_took() -> None:
    life = at_chain()
    life.until("2024-11-09T00:05")
    taken = life.act("approve", DEPARTMENT, "2024-11-08T20:00", "2024-11-09T09:00")

    back = life.act(
        "set_aside", DEPARTMENT, "2024-11-08T20:05", "2024-11-09T09:05", reason="text-2"
    )

    assert life.case.end is not None
    assert (taken.claim, back.claim) == ("take", "release")
    assert life.case.claim == "released"


def test_the_sheet_of_what_has_struck_counts_no_day_after_its_last() -> None:
    life = returned()
    life.until("2024-10-14T10:00")
    life.act("reinstate", CLERK, "2024-10-14T11:00", reason="text-1")

    life.amend("2024-10-14T12:00", calendar=calendar_with(rest="2024-10-11"))

    term = clock(life, R.UNIT_CORRECTION)
    assert (term.struck, term.ends_on) == (True, date(2024, 10, 12))
    assert max(term.counted) <= term.ends_on
    assert max(day.date for day in term.skipped) <= term.ends_on


def test_a_case_that_was_closed_at_once_offers_nothing_to_take_back() -> None:
    """The record, from which it would be woken, knows no undo: page and answer say the same."""
    life = submitted()
    life.act("start_publicity", UNIT, "2024-10-10T10:00")
    life.act("file_complaint", STRANGER, "2024-10-11T10:00", text="text-1")
    life.until("2024-10-18T10:00")
    life.act("finish_publicity", UNIT, "2024-10-18T10:00")
    assert life.case.undo is not None
    ended: dict[str, Any] = {"inquiry": "1", "outcome": "substantiated", "reason": "text-1"}
    life.act("conclude_inquiry", CLERK, "2024-10-18T10:02", **ended)
    assert life.case.end is not None
    assert life.case.end.closes_at is None
    for actor in (UNIT, SUPERVISOR):
        no = may(life.case, "set_aside", actor, moment("2024-10-18T10:03"))
        assert no is not None
        assert (no.code, no.params) == (Code.NOTHING_TO_SET_ASIDE, {})


def test_a_reinstated_case_still_has_the_cutoff_before_it() -> None:
    life = returned()
    life.until("2024-10-13T00:05")
    life.act("reinstate", CLERK, "2024-10-13T09:00", reason="text-1")

    life.until("2024-11-09T00:05")

    assert life.case.end is not None
    assert life.case.end.clock == "chain_cutoff"


def test_a_case_that_was_reinstated_is_moved_by_no_amendment_of_the_days_that_are_over() -> None:
    life = returned()
    life.until("2024-10-13T00:05")
    life.act("reinstate", CLERK, "2024-10-13T09:00", reason="text-1")

    move = life.amend("2024-10-13T10:00", calendar=calendar_with(rest="2024-10-11"))

    assert clock(life, R.UNIT_CORRECTION).ends_on == date(2024, 10, 12)
    assert move.letters == []


def test_of_reminders_missed_while_the_fleet_was_away_the_latest_is_told_once() -> None:
    life = returned()
    count = len(life.moves)

    life.until("2024-10-12T23:00")

    told = [move.at for move in life.moves[count:] if move.source == "reminder"]
    assert len(told) == len(set(told))
    assert told == sorted(told)


# What travels.


@pytest.mark.parametrize("life", [submitted, returned, at_committee, paying, posted, confirmed])
def test_the_recorded_state_is_the_case_again(life: Any) -> None:
    """What `load_case` brings back has every clock that the case had."""
    case: Case = life().case
    kept = json.loads(state_of(case))

    again = Case.model_validate(kept | {"policy": case.policy, "calendar": case.calendar})

    left_out = {"requests", "undo"}
    assert again.model_dump(exclude=left_out) == case.model_dump(exclude=left_out)
    assert clocks_of(again) == clocks_of(case)


@pytest.mark.parametrize("life", [submitted, returned, at_committee, paying, posted, confirmed])
def test_a_case_goes_through_continue_as_new_as_it_is(life: Any) -> None:
    case: Case = life().case

    again = Case.model_validate_json(case.model_dump_json())

    assert again == case
    assert clocks_of(again) == clocks_of(case)


# The committee's returns.


def test_a_supervisors_return_for_new_defects_counts_as_no_submission() -> None:
    life = at_committee()
    before = life.case.submissions
    stated: dict[str, Any] = {"items": ITEMS, "days": 3, "reason": "text-9"}
    life.both("override_return", SUPERVISOR, "2024-10-22T11:00", **stated)

    life.act("resubmit", APPLICANT, "2024-10-23T10:00")

    assert (before, life.case.submissions) == (1, 1)
    assert life.case.stage is Stage.COMMITTEE_INTAKE


def test_the_commission_of_a_step_shows_what_runs() -> None:
    """The projection, the receipt and the page see one set of clocks."""
    life = at_chain()
    life.act("return_for_correction", DEPARTMENT, "2024-10-18T11:00", items=ITEMS, days=2)
    step = commit(life.moves[-1], 9)

    assert step.projection.deadlines == clocks_of(life.case)
    assert step.projection.due_rule == "chain_correction"


def test_somebody_without_any_standing_reads_nothing_out_of_a_refusal() -> None:
    actor = Actor(person="x", organisation="elsewhere", role="member")

    assert at_committee().refused("accept", actor, "2024-10-22T11:00") is Code.NOT_ENTITLED


def test_a_cutoff_with_an_hour_strikes_at_it_and_is_told_so() -> None:
    """A chain's deadline of its own, long before the end of the review window."""
    cutoff = Cutoff(clause="JZ 三(二)", ends_on=date(2024, 10, 25), closes_at=time(17))
    life = at_chain(chain_cutoff=cutoff)
    received = [
        order.params
        for move in life.moves
        for order in move.letters
        if order.kind is LetterKind.RECEIVED
    ]

    assert [(item["cutoff_on"], item["cutoff_at"]) for item in received] == [
        ("2024-10-25", "2024-10-25T17:00:00+08:00")
    ]
    assert clock(life, R.CHAIN_CUTOFF).ends_at == moment("2024-10-25T17:00")
    life.until("2024-10-25T17:00")
    assert life.case.stage is Stage.CHAIN_REVIEW
    life.until("2024-10-25T17:02")
    assert life.case.end is not None
    assert (life.case.end.name, life.case.end.at) == (EndName.LAPSED, moment("2024-10-25T17:00"))
