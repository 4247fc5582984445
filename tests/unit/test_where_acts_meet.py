"""Where acts meet: an extension, an amendment, a re-opening and a word that comes late, two by two."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest

from tests.unit.lives import (
    CITY,
    CLERK,
    DEPARTMENT,
    DISTRICT,
    ITEMS,
    STRANGER,
    SUPERVISOR,
    UNIT,
    Life,
    at_chain,
    at_committee,
    confirmed,
    in_review,
    moment,
    paying,
    submitted,
)
from tests.workflow.season import APPLICANT, the_calendar
from workflows.application.clocks import clock_of
from workflows.rules.calendar import Calendar
from workflows.rules.deadlines import Deadline
from workflows.rules.names import CautionCode, EndName, LetterKind, Party, RuleName, Stage
from workflows.rules.policy import Cutoff, Policy
from workflows.rules.refusals import Code

R = RuleName
AT_FIVE = Cutoff(clause="JZ 三(二)", ends_on=date(2024, 10, 25), closes_at=time(17))
HEARING = f"{R.INQUIRY_RESPONSE.value}:1"


def clock(life: Life, key: RuleName | str) -> Deadline:
    """A clock that runs."""
    found = clock_of(life.case, key)
    assert found is not None, key
    return found


def resting(*days: int) -> Calendar:
    """The calendar after days of October 2024 became holidays."""
    found = the_calendar()
    year = found.years[2024]
    rest = {date(2024, 10, day): "调整" for day in days}
    changed = year.model_copy(update={"holidays": year.holidays | rest})
    return Calendar(version="changed", years=found.years | {2024: changed})


def cutoff_on(life: Life, day: date) -> Policy:
    """The notice amended: the chain's cutoff is another day."""
    policy = life.case.policy
    cutoff = policy.chain_cutoff.model_copy(update={"ends_on": day})
    return policy.model_copy(update={"version": policy.version + 1, "chain_cutoff": cutoff})


def given_back() -> Life:
    """At the unit's correction, to 2024-10-12."""
    life = submitted()
    life.act("return_for_correction", UNIT, "2024-10-10T10:00", items=ITEMS, days=2)
    return life


def payment_to(life: Life, day: date) -> Policy:
    """The notice amended: the payment window ends on another day."""
    policy = life.case.policy
    payment = policy.windows.payment.model_copy(update={"ends_on": day})
    windows = policy.windows.model_copy(update={"payment": payment})
    return policy.model_copy(update={"version": policy.version + 1, "windows": windows})


# An extension, and what is amended after it.


def test_a_publicity_that_was_extended_still_hangs_for_five_working_days() -> None:
    """Two holidays are put into it after it was extended by one day: that day is too early now."""
    life = submitted()
    life.act("start_publicity", UNIT, "2024-10-10T10:00")
    stated = {"rule": "unit_publicity", "ends_on": "2024-10-17", "reason": "text-1"}
    life.act("extend_deadline", CLERK, "2024-10-11T10:00", **stated)

    life.amend("2024-10-11T11:00", calendar=resting(14, 15))

    floor = clock(life, R.UNIT_PUBLICITY)
    assert (floor.ends_on, len(floor.counted)) == (date(2024, 10, 18), 5)
    assert life.refused("finish_publicity", UNIT, "2024-10-18T10:00") is Code.PUBLICITY_NOT_OVER


def test_who_was_given_more_time_has_no_less_than_everybody_after_an_amendment() -> None:
    life = submitted()
    stated: dict[str, Any] = {"rule": "chain_cutoff", "ends_on": "2024-11-12", "reason": "text-1"}
    life.both("extend_deadline", SUPERVISOR, "2024-10-11T10:00", **stated)

    life.amend("2024-10-12T10:00", policy=cutoff_on(life, date(2024, 11, 20)))

    assert clock(life, R.CHAIN_CUTOFF).ends_on == date(2024, 11, 20)


def test_what_an_amendment_gave_beyond_an_extension_is_not_taken_back() -> None:
    life = submitted()
    stated: dict[str, Any] = {"rule": "chain_cutoff", "ends_on": "2024-11-12", "reason": "text-1"}
    life.both("extend_deadline", SUPERVISOR, "2024-10-11T10:00", **stated)
    life.amend("2024-10-12T10:00", policy=cutoff_on(life, date(2024, 11, 20)))

    life.amend("2024-10-13T10:00", policy=cutoff_on(life, date(2024, 11, 8)))

    assert clock(life, R.CHAIN_CUTOFF).ends_on == date(2024, 11, 20)


@pytest.mark.parametrize(
    ("level", "rule"),
    [("unit", R.UNIT_CORRECTION), ("chain", R.CHAIN_CORRECTION)],
)
def test_a_term_extended_to_the_cutoffs_day_ends_at_the_cutoffs_hour(
    level: str, rule: RuleName
) -> None:
    """Whoever is told 24:00 would lose the case at 17:00."""
    by = UNIT if level == "unit" else DEPARTMENT
    make = submitted if level == "unit" else at_chain
    life, on = make(chain_cutoff=AT_FIVE), "2024-10-10" if level == "unit" else "2024-10-18"
    life.act("return_for_correction", by, f"{on}T11:00", items=ITEMS, days=1)
    stated = {"rule": rule.value, "ends_on": "2024-10-25", "reason": "text-1"}

    move = life.act("extend_deadline", by, f"{on}T12:00", **stated)

    assert clock(life, rule).ends_at == moment("2024-10-25T17:00")
    told = [order.params["deadline_at"] for order in move.letters]
    assert told
    assert set(told) == {"2024-10-25T17:00:00+08:00"}


def test_a_publicity_is_not_extended_so_far_that_nobody_could_report_up() -> None:
    """The cutoff is Friday 11-08: the last day of the publicity is the Wednesday or Thursday before."""
    life = submitted()
    life.act("start_publicity", UNIT, "2024-10-30T10:00")
    stated = {"rule": "unit_publicity", "reason": "text-1"}

    no = life.refused("extend_deadline", CLERK, "2024-10-31T10:00", ends_on="2024-11-08", **stated)
    life.act("extend_deadline", CLERK, "2024-10-31T10:00", ends_on="2024-11-07", **stated)

    assert no is Code.DATE_NOT_ALLOWED


def test_an_hour_that_was_amended_is_told_and_not_taken_back() -> None:
    life = submitted(chain_cutoff=AT_FIVE)
    whole = AT_FIVE.model_copy(update={"closes_at": None})
    first, second = (
        life.case.policy.model_copy(update={"version": version, "chain_cutoff": cutoff})
        for version, cutoff in ((2, whole), (3, AT_FIVE))
    )
    move = life.amend("2024-10-12T10:00", policy=first)
    life.amend("2024-10-12T11:00", policy=second)

    assert clock(life, R.CHAIN_CUTOFF).ends_at == moment("2024-10-26T00:00")
    changed = [order for order in move.letters if order.kind is LetterKind.DATES_CHANGED]
    assert {order.params["rule"] for order in changed} == {"chain_cutoff"}
    assert Party.APPLICANT in {order.to for order in changed}


def test_what_struck_at_an_amended_hour_struck_then() -> None:
    life = at_chain(chain_cutoff=AT_FIVE)
    whole = AT_FIVE.model_copy(update={"closes_at": None})
    later = life.case.policy.model_copy(update={"version": 2, "chain_cutoff": whole})
    life.amend("2024-10-19T10:00", policy=later)
    life.until("2024-10-26T00:02")
    assert life.case.end is not None

    life.act("reinstate", CLERK, "2024-10-26T09:00", reason="text-1")

    assert clock(life, R.CHAIN_CUTOFF).ends_at == moment("2024-10-26T00:00")


# An act that may be taken back, and what came since.


def test_who_is_urged_next_makes_the_act_before_no_less_revocable() -> None:
    """Without the approval it would be too soon to urge: it follows from it in nothing else."""
    life = at_chain()
    life.act("urge", APPLICANT, "2024-10-21T09:00")
    life.act("approve", DEPARTMENT, "2024-10-21T10:00")
    life.act("urge", APPLICANT, "2024-10-21T10:05")

    life.act("set_aside", DEPARTMENT, "2024-10-21T10:06", reason="text-1")

    assert (life.case.stage, life.case.chain_index) == (Stage.CHAIN_REVIEW, 0)


# A case that a clock has ended, an amendment meanwhile, and its re-opening.


def test_a_case_that_is_reopened_has_the_dates_amended_while_it_was_ended() -> None:
    life = submitted()
    life.act("return_for_correction", UNIT, "2024-10-10T10:00", items=ITEMS, days=2)
    life.until("2024-10-13T00:05")
    amended = life.amend("2024-10-13T08:00", policy=cutoff_on(life, date(2024, 11, 20)))

    move = life.act("reinstate", CLERK, "2024-10-13T09:00", reason="text-1")

    assert amended.letters == []
    assert clock(life, R.CHAIN_CUTOFF).ends_on == date(2024, 11, 20)
    moved = [order for order in move.letters if order.params.get("new_on") == "2024-11-20"]
    assert {order.params["old_on"] for order in moved} == {"2024-11-08"}
    assert {order.to for order in moved} == {Party.APPLICANT}


def test_a_closed_case_stays_on_the_rules_it_was_decided_by() -> None:
    life = submitted()
    life.act("withdraw", APPLICANT, "2024-10-10T10:00")
    policy = cutoff_on(life, date(2024, 11, 20))
    life.amend("2024-10-10T10:05", policy=policy)
    life.until("2024-10-10T10:30")
    assert life.case.end is not None
    assert life.case.end.closes_at is None

    with pytest.raises(Exception, match=Code.ALREADY_DECIDED.value):
        life.amend("2024-10-10T10:31", policy=policy)


def test_a_complaint_about_a_case_that_had_lapsed_ends_it_as_what_it_is() -> None:
    """Raised while nothing was left to decide, found true after the case was re-opened: 评审终止."""
    life = at_chain()
    life.until("2024-11-09T00:05")
    life.act("file_complaint", STRANGER, "2024-11-09T08:00", text="text-1")
    life.act("reinstate", CLERK, "2024-11-09T09:00", reason="text-1")
    found = {"inquiry": "1", "outcome": "substantiated", "reason": "text-1"}

    life.act("conclude_inquiry", CLERK, "2024-11-18T10:00", **found)

    assert life.case.end is not None
    assert life.case.end.name is EndName.TERMINATED


# An act that was in time and is heard after the clock has struck: as if it had been heard in time.


def test_what_does_not_meet_the_cutoff_saves_no_case_from_it() -> None:
    life = at_chain()
    life.until("2024-11-09T00:05")

    life.act("urge", APPLICANT, "2024-11-08T20:00", "2024-11-09T09:00")
    life.until("2024-11-09T09:01")

    assert life.case.end is not None
    assert life.case.end.name is EndName.LAPSED
    assert life.case.claim == "released"


def test_who_agreed_in_time_does_not_answer_for_the_lapse() -> None:
    """Heard in time it would have lapsed with the district, and so it does."""
    life = at_chain()
    life.until("2024-11-09T00:05")
    assert life.case.end is not None
    assert life.case.end.responsible == "department"

    life.act("approve", DEPARTMENT, "2024-11-08T20:00", "2024-11-09T09:00")
    life.until("2024-11-09T09:01")

    assert life.case.end.responsible == "district"


def test_who_reported_to_the_committee_in_time_has_met_the_cutoff() -> None:
    life = at_chain()
    life.act("approve", DEPARTMENT, "2024-10-18T11:00")
    life.until("2024-11-09T00:05")

    life.act("approve", DISTRICT, "2024-11-08T20:00", "2024-11-09T09:00")
    life.until("2024-11-12T09:00")

    assert (life.case.stage, life.case.end) == (Stage.COMMITTEE_INTAKE, None)


# A word that comes late, and the time that somebody has from it.


def test_a_term_runs_from_when_the_return_can_be_read() -> None:
    """Sent on Thursday and heard on Saturday, which is worked: by its stamp its one day was over."""
    life = submitted()
    stated: dict[str, Any] = {"items": ITEMS, "days": 1}

    life.act("return_for_correction", UNIT, "2024-10-10T11:00", "2024-10-12T10:00", **stated)

    life.until("2024-10-14T23:59")
    assert life.case.end is None
    assert clock(life, R.UNIT_CORRECTION).ends_on == date(2024, 10, 14)


def test_a_return_that_is_heard_too_late_to_leave_a_day_is_refused() -> None:
    life = at_chain()
    stated: dict[str, Any] = {"items": ITEMS, "days": 1}

    no = life.refused(
        "return_for_correction", DEPARTMENT, "2024-11-07T20:00", "2024-11-08T20:00", **stated
    )

    assert no is Code.TERM_TOO_SHORT


def test_a_pay_notice_that_strikes_late_gives_days_that_are_still_to_come() -> None:
    """No worker ran while the window was open: nobody had been asked for money."""
    life = at_committee()
    life.act("accept", CLERK, "2024-10-22T11:00")
    life.late("2024-11-18T09:00")

    fee = clock(life, R.PAYMENT_WINDOW)
    assert life.case.end is None
    assert (fee.starts_on, fee.ends_on) == (date(2024, 11, 18), date(2024, 11, 21))


def test_the_hearing_runs_from_the_day_the_applicant_is_told() -> None:
    life = submitted()
    life.act("start_publicity", UNIT, "2024-10-10T10:00")

    move = life.act(
        "raise_objection", STRANGER, "2024-10-14T10:00", "2024-10-16T09:00", text="text-1"
    )

    assert clock(life, HEARING).ends_on == date(2024, 10, 21)
    told = [order.params for order in move.letters if order.to is Party.APPLICANT]
    assert [item["deadline_on"] for item in told] == ["2024-10-21"]


def test_a_hearing_that_a_holiday_moved_is_heard_out_on_an_ended_case_too() -> None:
    life = submitted()
    life.act("start_publicity", UNIT, "2024-10-10T10:00")
    life.act("raise_objection", STRANGER, "2024-10-11T10:00", text="text-1")
    life.amend("2024-10-11T11:00", calendar=resting(14))
    assert clock(life, HEARING).ends_on == date(2024, 10, 16)
    life.act("withdraw", APPLICANT, "2024-10-12T10:00")

    found = {"inquiry": "1", "outcome": "substantiated", "reason": "text-1"}

    assert life.refused("conclude_inquiry", UNIT, "2024-10-16T10:00", **found) is Code.NOT_HEARD
    life.act("conclude_inquiry", UNIT, "2024-10-17T10:00", **found)


def test_a_day_told_while_an_act_stood_is_not_taken_back_with_it() -> None:
    """The hearing was moved by a holiday that was then no holiday, and the return never was."""
    life = submitted()
    life.act("file_complaint", STRANGER, "2024-10-10T10:00", text="text-1")
    life.act("return_for_correction", UNIT, "2024-10-10T11:00", items=ITEMS, days=2)
    life.amend("2024-10-10T11:01", calendar=resting(14))
    told = clock(life, HEARING).ends_on
    assert told == date(2024, 10, 15)
    life.amend("2024-10-10T11:02", calendar=the_calendar())

    life.act("set_aside", UNIT, "2024-10-10T11:05", reason="text-2")

    assert clock(life, HEARING).ends_on == told


def test_a_complaint_that_the_office_lets_hold_keeps_the_meeting() -> None:
    life = in_review()
    deferred: dict[str, Any] = {"result": "deferred", "meeting_ended_on": "2024-12-06"}
    life.act("record_result", CLERK, "2024-12-06T18:00", **deferred)
    life.act("assign_to_meeting", CLERK, "2024-12-09T10:00", meeting="m", meeting_on="2024-12-20")
    life.act("file_complaint", STRANGER, "2024-12-10T10:00", text="text-1")
    life.act("hold_review", CLERK, "2024-12-10T11:00", inquiry="1", hold=True)

    assert life.refused("open_review", CLERK, "2024-12-20T09:00") is Code.INQUIRY_OPEN
    life.act("respond_to_inquiry", APPLICANT, "2024-12-11T10:00", inquiry="1", text="text-2")
    assert life.refused("open_review", CLERK, "2024-12-20T09:00") is Code.INQUIRY_OPEN
    life.act("hold_review", CLERK, "2024-12-12T11:00", inquiry="1", hold=False)
    life.act("open_review", CLERK, "2024-12-20T09:00")


# Money.


def test_a_last_day_that_repeats_the_printed_one_goes_with_the_window() -> None:
    life = at_committee()
    life.act("accept", CLERK, "2024-10-22T11:00")
    life.act("send_pay_notice", CLERK, "2024-11-12T00:00", ends_on="2024-11-15")

    life.amend("2024-11-12T10:00", policy=payment_to(life, date(2024, 11, 20)))

    assert clock(life, R.PAYMENT_WINDOW).ends_on == date(2024, 11, 20)


def test_a_later_day_that_was_named_is_no_earlier_than_the_amended_window() -> None:
    life = at_committee()
    life.act("accept", CLERK, "2024-10-22T11:00")
    life.both("send_pay_notice", SUPERVISOR, "2024-11-12T00:00", ends_on="2024-11-18")
    assert clock(life, R.PAYMENT_WINDOW).ends_on == date(2024, 11, 18)

    life.amend("2024-11-12T10:00", policy=payment_to(life, date(2024, 11, 20)))

    assert clock(life, R.PAYMENT_WINDOW).ends_on == date(2024, 11, 20)


def test_an_own_pay_term_is_no_shorter_than_a_window_amended_since() -> None:
    life = at_committee()
    stated: dict[str, Any] = {"rule": "intake_duty", "ends_on": "2024-11-20", "reason": "text-1"}
    life.both("extend_deadline", SUPERVISOR, "2024-10-22T10:30", **stated)
    life.act("accept", CLERK, "2024-11-14T11:00")
    own = clock(life, R.PAYMENT_WINDOW)
    assert (own.unit, own.ends_on) == ("wd", date(2024, 11, 19))

    life.amend("2024-11-14T12:00", policy=payment_to(life, date(2024, 11, 29)))

    assert clock(life, R.PAYMENT_WINDOW).ends_on == date(2024, 11, 29)


# The right to 复查.


def test_who_was_told_after_the_issue_has_the_whole_right() -> None:
    """A11: the batch was issued on the 27th, and this one was told on the 31st that he failed."""
    life = in_review()
    ended: dict[str, Any] = {"result": "not_passed", "meeting_ended_on": "2024-12-06"}
    life.act("record_result", CLERK, "2024-12-06T18:00", **ended)
    life.act("post_results", CLERK, "2024-12-31T10:00")

    life.act("confirm", CITY, "2024-12-31T11:00", issued_on="2024-12-27", number="示例1号")

    right = clock(life, R.RECHECK)
    assert (right.starts_on, right.ends_on) == (date(2024, 12, 31), date(2025, 2, 28))


def test_nobody_posts_a_request_before_there_was_a_result() -> None:
    life = confirmed()
    stated = {"text": "text-1", "dispatched_on": "2024-12-05"}

    no = life.refused("request_recheck", APPLICANT, "2025-01-06T10:00", **stated)

    assert no is Code.DATE_NOT_ALLOWED


@pytest.mark.parametrize(
    ("posted_on", "answer"),
    [("2025-02-28", None), ("2025-03-01", Code.RECHECK_TOO_LATE)],
)
def test_a_request_posted_on_the_last_day_reopens_a_closed_case(
    posted_on: str, answer: Code | None
) -> None:
    life = confirmed()
    life.until("2025-03-07T09:00")
    assert life.case.end is not None
    assert (life.case.end.name, life.case.end.closes_at) == (EndName.COMPLETED, None)
    stated = {"text": "text-1", "dispatched_on": posted_on}

    if answer is not None:
        assert life.refused("request_recheck", APPLICANT, "2025-03-07T10:00", **stated) is answer
        return
    life.act("request_recheck", APPLICANT, "2025-03-07T10:00", **stated)

    assert life.case.stage is Stage.RECHECK
    assert clock(life, R.RECHECK_DUTY).starts_on == date(2025, 3, 7)


def test_who_pays_after_a_reinstatement_is_not_told_to_pay_again() -> None:
    """The old last day is over and the office has named no other: the money is kept for its notice."""
    life = paying()
    life.until("2024-11-16T00:05")
    life.act("reinstate", CLERK, "2024-11-16T09:00", reason="text-1")
    paid: dict[str, Any] = {"transaction": "t-1", "yuan": 420}
    paid["paid_at"] = "2024-11-18T09:00:00+08:00"

    move = life.act("record_payment", CLERK, "2024-11-18T10:00", **paid)

    told = [order.params for order in move.letters if order.to is Party.APPLICANT]
    assert told == [{"paid": "420", "fee": "420", "waits": "1"}]
    assert [item.code for item in move.warnings] == [CautionCode.FEE_WAITS]
    life.act("send_pay_notice", CLERK, "2024-11-18T11:00")
    assert life.case.stage is Stage.AWAITING_MEETING


@pytest.mark.parametrize(
    ("make", "at", "who"),
    [
        (at_chain, "2024-11-09T00:05", {(Party.APPLICANT, ""), (Party.HOLDER, "department")}),
        (given_back, "2024-10-13T00:05", {(Party.APPLICANT, ""), (Party.UNIT, "unit")}),
        (paying, "2024-11-16T00:05", {(Party.APPLICANT, "")}),
    ],
    ids=["lapsed", "abandoned", "payment_missed"],
)
def test_whoever_was_told_of_the_end_is_told_that_it_is_none(
    make: Callable[[], Life], at: str, who: set[tuple[Party, str]]
) -> None:
    life = make()
    life.until(at)

    move = life.act("reinstate", CLERK, f"{at[:10]}T09:00", reason="text-1")

    changed = [order for order in move.letters if order.params.get("action") == "reinstate"]
    assert {(order.to, order.organisation) for order in changed} == who
