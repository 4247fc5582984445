"""Where an inquiry meets a draft, an amended calendar or a cutoff: what is told and from when it runs."""

from __future__ import annotations

from datetime import date

from tests.unit.lives import CITY, CLERK, STRANGER, Life, at_chain, posted
from tests.workflow.season import the_calendar
from workflows.application.clocks import clock_of
from workflows.rules.calendar import Calendar
from workflows.rules.names import RuleName

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
