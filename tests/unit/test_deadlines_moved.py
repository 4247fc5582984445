"""Reminders of the clocks, and what a changed calendar may and may not move (A57, A59)."""

from __future__ import annotations

from datetime import date

import pytest

from tests.unit.test_deadlines import BD, CALENDAR, LC, R, day, run
from tests.unit.told import Told, from_day
from workflows.rules.calendar import Calendar
from workflows.rules.clocks import Start, identity_of, reminded
from workflows.rules.deadlines import (
    Deadline,
    add_months,
    fixed,
    reminder_times,
    window_deadline,
)
from workflows.rules.message import end_of, start_of
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
    moved = day(rest or worked)
    year = CALENDAR.years[moved.year]
    update = {
        "holidays": year.holidays | ({moved: "调整"} if rest else {}),
        "workdays": (*year.workdays, *([moved] if worked else [])),
    }
    years = CALENDAR.years | {moved.year: year.model_copy(update=update)}
    return CALENDAR.model_copy(update={"version": "changed", "years": years})


def told(rule: RuleName, day0: str, length: int | None = None) -> Told:
    """A term of the notice that was told to its person."""
    found = Told(BD, CALENDAR, rule, from_day(day(day0), length))
    found.tell()
    return found


def printed(rule: RuleName, day0: str, ends_on: date) -> Told:
    """A printed last day that was told."""
    started = day(day0)
    found = Told(BD, CALENDAR, rule, Start(at=start_of(started), on=started, ends_on=ends_on))
    found.tell()
    return found


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
    clock = told(rule, "2023-11-08")

    assert clock.now().ends_on == day("2023-11-15")
    assert clock.now(changed(rest="2023-11-10")).ends_on == day(later)
    assert clock.now(changed(worked="2023-11-11")).ends_on == day(earlier)


def test_a_right_keeps_the_later_day_and_may_roll_further() -> None:
    """The two months of 复查 end on a Tuesday; it is a right, so it never ends before it was told."""
    clock = told(R.RECHECK, "2024-01-12")
    rest = changed(rest="2024-03-12")

    assert clock.now().ends_on == day("2024-03-12")
    assert clock.tell(rest).ends_on == day("2024-03-13")
    assert clock.now(CALENDAR).ends_on == day("2024-03-13")


def test_what_was_told_last_counts_whatever_the_calendar_becomes() -> None:
    """Told 11-15, then 11-16: taking the day of rest back does not take the day back."""
    clock = told(R.COMMITTEE_CORRECTION, "2023-11-08")
    moved = clock.tell(changed(rest="2023-11-10"))
    back = clock.now(CALENDAR)

    assert (moved.ends_on, moved.ends_at) == (day("2023-11-16"), end_of(day("2023-11-16")))
    assert (back.ends_on, back.ends_at) == (moved.ends_on, moved.ends_at)


def test_a_kept_day_says_where_it_is_computed_to_end_now() -> None:
    clock = told(R.COMMITTEE_CORRECTION, "2023-11-08")
    kept = clock.now(changed(worked="2023-11-11"))

    assert (kept.ends_on, kept.computed_on) == (day("2023-11-15"), day("2023-11-14"))
    assert kept.calendar == "changed"
    assert clock.now() == run(BD, R.COMMITTEE_CORRECTION, "2023-11-08").model_copy(
        update={
            "opened_at": clock.start.at,
            "told_at": clock.start.at,
            "started_by": "test",
            "policy": BD.version,
        }
    )


def test_a_capped_term_stays_capped() -> None:
    """A14, A57: the cap is a printed date, whatever becomes of the calendar."""
    cap = printed(R.INTAKE_DUTY, "2023-11-01", BD.windows.review.ends_on).now()
    start = from_day(day("2023-11-13"), 5)
    clock = Told(BD, CALENDAR, R.COMMITTEE_CORRECTION, start, cap, R.REVIEW_WINDOW)
    cut = clock.tell()
    again = clock.now(changed(rest="2023-11-14"))

    assert (cut.ends_on, cut.uncapped_on) == (cap.ends_on, day("2023-11-20"))
    for found in (cut, again):
        assert (found.ends_on, found.ends_at) == (cap.ends_on, cap.ends_at)
        assert found.capped_by is R.REVIEW_WINDOW


def test_a_cap_that_comes_earlier_takes_nothing_back_that_was_told() -> None:
    """New rules may print an earlier day: it cuts a duty, and never a term people rely on."""
    early = printed(R.CHAIN_CUTOFF, "2023-11-01", day("2023-11-13")).now()
    lapse, duty = (told(rule, "2023-11-08", 5) for rule in (R.UNIT_CORRECTION, R.CHAIN_CORRECTION))

    lapse.cap = duty.cap = early

    assert lapse.now().ends_on == day("2023-11-15")
    assert lapse.now().capped_by is None
    assert duty.now().ends_on == day("2023-11-13")
    assert duty.now().capped_by is R.CHAIN_CUTOFF


def test_printed_decided_and_struck_dates_do_not_move() -> None:
    """A57."""
    window = printed(R.PAYMENT_WINDOW, "2023-11-16", BD.windows.payment.ends_on)
    longer = told(R.COMMITTEE_CORRECTION, "2023-11-08")
    longer.extend(day("2023-11-17"))
    struck = told(R.COMMITTEE_CORRECTION, "2023-11-08")
    struck.strike()

    for clock in (window, longer, struck):
        before = clock.now()
        for other in (changed(rest="2023-11-10"), changed(worked="2023-11-11")):
            after = clock.now(other)

            assert (after.ends_on, after.ends_at) == (before.ends_on, before.ends_at)
            assert (after.extended, after.struck) == (before.extended, before.struck)


def test_an_extension_is_cut_by_no_cap() -> None:
    cap = printed(R.CHAIN_CUTOFF, "2023-10-20", day("2023-10-25")).now()
    clock = Told(BD, CALENDAR, R.UNIT_CORRECTION, from_day(day("2023-10-20"), 5), cap)
    cut = clock.tell()
    longer = clock.extend(day("2023-10-29"))

    assert cut.capped_by is R.CHAIN_CUTOFF
    assert (longer.ends_on, longer.capped_by, longer.uncapped_on) == (day("2023-10-29"), None, None)


def test_the_latest_of_several_extensions_counts() -> None:
    """Whatever was allowed once is not taken back by a shorter word."""
    clock = told(R.COMMITTEE_CORRECTION, "2023-11-08")
    clock.extend(day("2023-11-20"), "office")
    again = clock.extend(day("2023-11-17"), "other")

    assert (again.ends_on, again.extended_by) == (day("2023-11-20"), "office")


def test_an_extension_lets_a_struck_clock_run_again() -> None:
    clock = told(R.COMMITTEE_CORRECTION, "2023-11-08")
    struck = clock.strike()
    again = clock.extend(day("2023-11-20"))

    assert (struck.struck, again.struck) == (True, False)


def test_a_clock_that_starts_again_is_another_and_nothing_was_told_of_it() -> None:
    """A new return has its own term: neither extension nor strike of the last one is its."""
    first = told(R.COMMITTEE_CORRECTION, "2023-11-08")
    first.extend(day("2023-11-20"))
    first.strike()
    second = Told(BD, CALENDAR, first.rule, from_day(day("2023-11-09")), kept=first.kept).now()

    assert (second.ends_on, second.extended, second.struck) == (day("2023-11-16"), False, False)
    assert second.told_at is None


def test_a_day_that_moved_is_told_since_then_and_reminds_anew() -> None:
    clock = told(R.COMMITTEE_CORRECTION, "2023-11-08")
    clock.kept.promised[identity_of(clock.now())].reminded.append("0")
    at = start_of(day("2023-11-09"))
    same = clock.tell(at=at)
    moved = clock.tell(changed(rest="2023-11-10"), at)

    assert (same.told_at, moved.told_at) == (clock.start.at, at)
    assert reminded(clock.kept, moved) == []


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
