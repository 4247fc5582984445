"""Where an inquiry meets a draft, an amended calendar or a cutoff: what is told and from when it runs."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.unit.lives import (
    CITY,
    CLERK,
    DEPARTMENT,
    STRANGER,
    UNIT,
    Life,
    at_chain,
    confirmed,
    paying,
    posted,
    submitted,
)
from tests.workflow.season import APPLICANT, the_calendar
from workflows.application.clocks import clock_of
from workflows.application.move import Move
from workflows.rules.calendar import Calendar
from workflows.rules.names import EndName, Party, RuleName
from workflows.rules.refusals import Code

R = RuleName
SAID = {"text": "text-1"}
UNFOUNDED = {"inquiry": "1", "outcome": "unfounded", "reason": "text-2"}


def sent_back() -> Life:
    """Posted to 2024-12-17, sent on the 18th, given back by 市职改办 on the 19th."""
    life = posted()
    life.until("2024-12-18T10:00")
    life.act("send_for_confirmation", CLERK, "2024-12-18T10:00")
    life.act("send_back", CITY, "2024-12-19T10:00", reason="text-1")
    return life


def working_on(*days: date) -> Calendar:
    """The calendar after rest days of 2024 became make-up days."""
    found = the_calendar()
    year = found.years[2024]
    changed = year.model_copy(update={"workdays": year.workdays + days})
    return Calendar(version="changed", years=found.years | {2024: changed})


def test_a_draft_that_was_given_back_starts_no_days_anew() -> None:
    assert clock_of(sent_back().case, R.CONFIRMATION) is None


def test_who_was_held_after_the_draft_came_back_is_sent_within_15_days_of_the_finding() -> None:
    life = sent_back()
    life.act("file_complaint", STRANGER, "2024-12-20T10:00", **SAID)

    life.act("conclude_inquiry", CLERK, "2024-12-23T10:00", **UNFOUNDED)

    duty = clock_of(life.case, R.CONFIRMATION)
    assert duty is not None
    assert (duty.starts_on, duty.ends_on) == (date(2024, 12, 23), date(2025, 1, 14))
    life.act("send_for_confirmation", CLERK, "2024-12-24T10:00")
    life.act("send_back", CITY, "2024-12-25T10:00", reason="text-1")
    assert clock_of(life.case, R.CONFIRMATION) is None


def test_a_hearing_told_while_the_case_was_ended_ends_no_earlier_once_it_is_reopened() -> None:
    """11-10 became a day of work: counted anew, the three days would be over on the 12th."""
    life = at_chain()
    life.until("2024-11-09T00:05")
    told = life.act("file_complaint", STRANGER, "2024-11-09T08:00", **SAID).letters
    assert "2024-11-13" in {order.params.get("deadline_on") for order in told}
    life.amend("2024-11-09T08:30", calendar=working_on(date(2024, 11, 10)))

    life.act("reinstate", CLERK, "2024-11-09T09:00", reason="text-1")

    hearing = clock_of(life.case, f"{R.INQUIRY_RESPONSE.value}:1")
    assert hearing is not None
    assert hearing.ends_on == date(2024, 11, 13)
    assert life.case.inquiries[0].heard_until == date(2024, 11, 13)


# An objection, and the cutoff that does not wait for its finding (T3).


def objected_on(posted_on: str, at: str) -> tuple[Life, Move]:
    """Posted on a day of 2024, and objected to at an instant; the cutoff is Friday 11-08."""
    life = submitted(at="2024-10-28T09:00")
    life.act("start_publicity", UNIT, f"{posted_on}T10:00")
    life.until(at)
    return life, life.act("raise_objection", STRANGER, at, **SAID)


def to_the_office(move: Move) -> dict[str, str]:
    """What a step asks of the office about the cutoff; nothing where it is not told."""
    letters = [order for order in move.letters if order.to is Party.OFFICE]
    told = [order.params for order in letters if order.params.get("task") == "consider_extension"]
    return told[0] if told else {}


def test_the_office_learns_of_an_objection_whose_finding_may_come_after_the_cutoff() -> None:
    _, move = objected_on("2024-10-30", "2024-11-05T10:00")

    assert to_the_office(move)["deadline_on"] == "2024-11-08"


def test_an_objection_that_leaves_time_is_told_when_the_cutoff_comes_near() -> None:
    life, move = objected_on("2024-10-28", "2024-10-29T10:00")
    assert not to_the_office(move)

    life.until("2024-11-07T09:00")

    reminders = [item for item in life.moves if item.action == "chain_cutoff"]
    assert [to_the_office(item)["deadline_on"] for item in reminders] == ["2024-11-08"] * 2


def test_without_an_objection_the_office_is_not_asked_to_extend() -> None:
    life = submitted(at="2024-10-28T09:00")
    life.act("start_publicity", UNIT, "2024-10-28T10:00")

    life.until("2024-11-07T09:00")

    assert not any(to_the_office(item) for item in life.moves)


def test_a_complaint_that_ends_a_reassessment_leaves_the_title_to_who_may_revoke_it() -> None:
    """A36: a confirmed title is 市职改办's alone to take; it is told, and may."""
    life = confirmed()
    life.act("request_recheck", APPLICANT, "2025-01-06T10:00", text="text-1")
    again = {"decision": "reassess", "reason": "text-2"}
    life.act("decide_recheck", CLERK, "2025-01-07T10:00", **again)
    life.act("file_complaint", STRANGER, "2025-01-08T10:00", **SAID)
    life.act("respond_to_inquiry", APPLICANT, "2025-01-09T10:00", inquiry="1", text="text-3")
    found = {"inquiry": "1", "outcome": "substantiated", "reason": "text-4"}

    move = life.act("conclude_inquiry", CLERK, "2025-01-10T10:00", **found)

    assert life.case.end is not None
    assert life.case.end.name is EndName.TERMINATED
    assert "consider_revocation" in {
        order.params.get("task") for order in move.letters if order.to is Party.CITY_OFFICE
    }
    after = life.act("revoke", CITY, "2025-01-13T10:00", reason="text-5").case.end
    assert after is not None
    assert after.name is EndName.REVOKED


# Something is found true of a case that has ended meanwhile: nothing brings it back (T3).


FOUND = {"inquiry": "1", "outcome": "substantiated", "reason": "text-2"}


def test_a_withdrawal_is_not_taken_back_past_a_finding_it_had_escaped() -> None:
    """Withdraw, be found out, and take the withdrawal back: the unit would have reported it up."""
    life = submitted()
    life.act("start_publicity", UNIT, "2024-10-10T10:00")
    life.act("raise_objection", STRANGER, "2024-10-11T10:00", **SAID)
    life.act("withdraw", APPLICANT, "2024-10-16T09:55", reason="text-3")
    move = life.act("conclude_inquiry", UNIT, "2024-10-16T09:57", **FOUND)
    assert Party.CITY_OFFICE not in {order.to for order in move.letters}

    no = life.refused("set_aside", APPLICANT, "2024-10-16T10:00", reason="text-4")

    assert no is Code.NOTHING_TO_SET_ASIDE


def lapsed_and_found_true() -> Life:
    """Lapsed at the chain on 2024-11-09, and a complaint found true on the 13th."""
    life = at_chain()
    life.act("file_complaint", STRANGER, "2024-11-04T10:00", **SAID)
    life.until("2024-11-09T00:05")
    life.act("conclude_inquiry", CLERK, "2024-11-09T09:00", **FOUND)
    return life


def test_what_was_found_true_after_the_lapse_is_reinstated_by_nobody_nor_by_a_late_word() -> None:
    life = lapsed_and_found_true()

    no = life.refused("reinstate", CLERK, "2024-11-09T10:00", reason="text-3")
    late = life.refused("approve", DEPARTMENT, "2024-11-08T20:00", "2024-11-09T10:00")

    assert (no, late) == (Code.ALREADY_DECIDED, Code.ALREADY_DECIDED)


def test_money_in_time_is_kept_and_reopens_nothing_that_was_found_true() -> None:
    life = paying()
    life.act("file_complaint", STRANGER, "2024-11-13T11:00", **SAID)
    life.act("respond_to_inquiry", APPLICANT, "2024-11-14T11:00", inquiry="1", text="text-3")
    life.until("2024-11-16T00:05")
    life.act("conclude_inquiry", CLERK, "2024-11-16T09:00", **FOUND)
    paid: dict[str, Any] = {"transaction": "t-1", "yuan": 420}
    paid["paid_at"] = "2024-11-15T09:00:00+08:00"

    life.act("record_payment", CLERK, "2024-11-18T10:00", **paid)

    assert life.case.end is not None
    assert life.case.end.name is EndName.PAYMENT_MISSED
    assert [item.transaction for item in life.case.payments] == ["t-1"]


def test_what_was_found_untrue_after_the_lapse_hinders_nobody() -> None:
    life = at_chain()
    life.act("file_complaint", STRANGER, "2024-11-04T10:00", **SAID)
    life.until("2024-11-09T00:05")
    life.act("conclude_inquiry", CLERK, "2024-11-09T09:00", **UNFOUNDED)

    life.act("reinstate", CLERK, "2024-11-09T10:00", reason="text-3")

    assert life.case.end is None
