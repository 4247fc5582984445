"""Reminders of the clocks, and what a changed calendar may and may not move (A57, A59)."""

from __future__ import annotations

import pytest

from tests.unit.test_deadlines import BD, CALENDAR, LC, R, day, run
from workflows.rules.calendar import Calendar
from workflows.rules.deadlines import (
    Deadline,
    add_months,
    capped,
    extended,
    fixed,
    recomputed,
    reminder_times,
    window_deadline,
)
from workflows.rules.message import end_of
from workflows.rules.names import RuleName
from workflows.rules.policy import Policy
from workflows.rules.refusals import Code, Refused


def reminders(policy: Policy, found: Deadline) -> list[str]:
    times = reminder_times(found, policy.terms(found.rule), CALENDAR)
    return [f"{moment:%Y-%m-%d %H:%M}" for moment, _ in times]


@pytest.mark.parametrize(
    ("rule", "day0", "length", "expected"),
    [
        # SC06: two working days before, and on the day
        (R.COMMITTEE_CORRECTION, "2023-11-08", 5, ["2023-11-13 09:00", "2023-11-15 09:00"]),
        # before 10-09 lie two worked weekend days
        (R.UNIT_CORRECTION, "2023-09-28", 3, ["2023-10-07 09:00", "2023-10-09 09:00"]),
        # a duty: one before, on the day, three working days after
        (
            R.UNIT_DUTY,
            "2023-10-20",
            3,
            ["2023-10-24 09:00", "2023-10-25 09:00", "2023-10-30 09:00"],
        ),
        # a right: ten days and one day, rest days or not
        (R.RECHECK, "2024-01-12", None, ["2024-03-02 09:00", "2024-03-11 09:00"]),
        (R.UNIT_PUBLICITY, "2023-10-09", None, []),
        (R.RESULT_PUBLICITY, "2023-12-15", None, []),
        (R.BAR, "2023-12-06", None, []),
    ],
)
def test_reminders_strike_at_nine(
    rule: RuleName, day0: str, length: int | None, expected: list[str]
) -> None:
    assert reminders(BD, run(BD, rule, day0, length)) == expected


def test_the_cutoff_warns_three_and_one_working_days_before() -> None:
    terms, ends_on = LC.terms(R.CHAIN_CUTOFF), LC.chain_cutoff.ends_on
    found = fixed(R.CHAIN_CUTOFF, terms, CALENDAR, starts_on=ends_on, ends_on=ends_on)

    assert reminders(LC, found) == ["2024-11-05 09:00", "2024-11-07 09:00"]


def test_payment_is_reminded_one_working_day_before() -> None:
    """The working day before Monday 11-20 is Friday, not Sunday."""
    window = BD.windows.payment
    found = window_deadline(R.PAYMENT_WINDOW, BD.terms(R.PAYMENT_WINDOW), CALENDAR, window)

    assert reminders(BD, found) == ["2023-11-17 09:00"]


def changed(*, rest: str = "", worked: str = "") -> Calendar:
    """The calendar after the State Council moved one day."""
    year = CALENDAR.years[2023]
    update = {
        "holidays": year.holidays | ({day(rest): "调整"} if rest else {}),
        "workdays": (*year.workdays, *([day(worked)] if worked else [])),
    }
    years = CALENDAR.years | {2023: year.model_copy(update=update)}
    return CALENDAR.model_copy(update={"version": "changed", "years": years})


@pytest.mark.parametrize(
    ("rule", "later", "earlier"),
    [
        (R.COMMITTEE_CORRECTION, "2023-11-16", "2023-11-15"),
        (R.UNIT_PUBLICITY, "2023-11-16", "2023-11-15"),
        (R.RESULT_REPORT, "2023-11-16", "2023-11-14"),
    ],
)
def test_a_changed_calendar_never_takes_back_what_was_told(
    rule: RuleName, later: str, earlier: str
) -> None:
    """A lapse or floor keeps the later day; a duty of an authority may come earlier."""
    found = run(BD, rule, "2023-11-08")
    terms = BD.terms(rule)

    assert found.ends_on == day("2023-11-15")
    assert recomputed(found, terms, changed(rest="2023-11-10")).ends_on == day(later)
    assert recomputed(found, terms, changed(worked="2023-11-11")).ends_on == day(earlier)


def test_a_kept_date_keeps_the_calendar_it_was_counted_on() -> None:
    found = run(BD, R.COMMITTEE_CORRECTION, "2023-11-08")
    kept = recomputed(found, BD.terms(found.rule), changed(worked="2023-11-11"))

    assert kept == found


def test_a_capped_term_stays_capped() -> None:
    """A14, A57: the cap is a printed date, whatever becomes of the calendar."""
    cap = BD.windows.review.ends_on
    cut = capped(
        run(BD, R.COMMITTEE_CORRECTION, "2023-11-13", 5), R.REVIEW_WINDOW, cap, end_of(cap)
    )
    again = recomputed(cut, BD.terms(cut.rule), changed(rest="2023-11-14"))

    assert again.ends_on == cap
    assert again.capped_by is R.REVIEW_WINDOW


def test_printed_decided_and_struck_dates_do_not_move() -> None:
    """A57."""
    other = changed(rest="2023-11-10")
    window = window_deadline(
        R.PAYMENT_WINDOW, BD.terms(R.PAYMENT_WINDOW), CALENDAR, BD.windows.payment
    )
    term = run(BD, R.COMMITTEE_CORRECTION, "2023-11-08")
    longer = extended(term, day("2023-11-17"), "office")
    struck = term.model_copy(update={"struck": True})

    for found in (window, longer, struck):
        assert recomputed(found, BD.terms(found.rule), other) == found


def test_a_year_that_is_not_published_stops_the_clock_before_it_starts() -> None:
    """SC28+: a deadline that reaches 2027 fails loudly; a bar, which never rolls, does not need it."""
    with pytest.raises(Refused) as refused:
        run(LC, R.CONFIRMATION, "2026-12-20")

    assert refused.value.first.code is Code.CALENDAR_MISSING
    assert run(LC, R.BAR, "2026-12-20").ends_on == day("2029-12-20")


@pytest.mark.parametrize(
    ("since", "months", "expected"),
    [
        ("2024-12-31", 2, "2025-02-28"),
        ("2023-12-31", 2, "2024-02-29"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-03-31", 1, "2024-04-30"),
        ("2024-11-15", 2, "2025-01-15"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-12-31", 12, "2025-12-31"),
    ],
)
def test_months_end_on_the_corresponding_day_or_the_month_end(
    since: str, months: int, expected: str
) -> None:
    assert add_months(day(since), months) == day(expected)
