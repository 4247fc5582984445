"""Every row of domain.md 3C and every date of its scenarios, with the naive answers rejected."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from config.calendar_files import published_calendar
from config.campaign_files import CAMPAIGNS, last_posting, load
from workflows.rules.calendar import Calendar
from workflows.rules.deadlines import (
    Deadline,
    capped,
    compute,
    decided,
    full_working_days_left,
    is_over,
    window_deadline,
    window_state,
)
from workflows.rules.message import BEIJING, end_of
from workflows.rules.names import DeadlineKind, RuleName
from workflows.rules.policy import Policy, RuleTerms, Window
from workflows.rules.refusals import Code, Refused

R = RuleName
BD = load(CAMPAIGNS / "bd-2023.toml").policy
LC = load(CAMPAIGNS / "lc-2024.toml").policy
CALENDAR = published_calendar()


def day(text: str) -> date:
    return date.fromisoformat(text)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def run(
    policy: Policy, rule: RuleName, day0: str, length: int | None = None, on: Calendar = CALENDAR
) -> Deadline:
    return compute(rule, policy.terms(rule), on, day(day0), length=length)


KIND, LAPSE, DUTY = DeadlineKind, DeadlineKind.LAPSE, DeadlineKind.DUTY
TABLE = [
    (R.APPLICATION_WINDOW, LAPSE, "fixed", None, False),
    (R.REVIEW_WINDOW, DUTY, "fixed", None, False),
    (R.CHAIN_CUTOFF, LAPSE, "fixed", None, False),
    (R.PAYMENT_WINDOW, LAPSE, "fixed", None, False),
    (R.UNIT_DUTY, DUTY, "wd", 3, False),
    (R.UNIT_CORRECTION, LAPSE, "wd", 3, False),
    (R.UNIT_PUBLICITY, KIND.FLOOR, "wd", 5, False),
    (R.CHAIN_DUTY, DUTY, "wd", 3, False),
    (R.CHAIN_CORRECTION, DUTY, "wd", 3, False),
    (R.INTAKE_DUTY, DUTY, "fixed", None, False),
    (R.COMMITTEE_CORRECTION, LAPSE, "wd", 5, False),
    (R.RESULT_REPORT, DUTY, "wd", 5, False),
    (R.RESULT_PUBLICITY, KIND.FLOOR, "wd", 5, False),
    (R.CONFIRMATION, DUTY, "wd", 15, False),
    (R.CONFIRMATION_REPLY, DUTY, "wd", 15, False),
    (R.CITY_CONFIRMATION, DUTY, "wd", 10, False),
    (R.FORWARDING, DUTY, "month", 1, True),
    (R.RECHECK, KIND.RIGHT, "month", 2, True),
    (R.RECHECK_DUTY, DUTY, "wd", 20, False),
    (R.INQUIRY_DUTY, DUTY, "wd", 10, False),
    (R.INQUIRY_RESPONSE, KIND.RIGHT, "wd", 3, False),
    (R.BAR, KIND.BAR, "month", 36, False),
]


@pytest.mark.parametrize("policy", [BD, LC], ids=["BD", "LC"])
@pytest.mark.parametrize(("rule", "kind", "unit", "length", "rolls"), TABLE)
def test_the_campaigns_carry_the_clocks_of_the_table(
    *,
    policy: Policy,
    rule: RuleName,
    kind: DeadlineKind,
    unit: str,
    length: int | None,
    rolls: bool,
) -> None:
    terms = policy.terms(rule)

    assert (terms.kind, terms.unit, terms.length, terms.rolls) == (kind, unit, length, rolls)
    assert not terms.count_first_day


def test_the_table_has_every_clock() -> None:
    assert {row[0] for row in TABLE} == set(RuleName) == set(BD.rules) == set(LC.rules)


DATES = [
    # SC01
    (BD, R.UNIT_PUBLICITY, "2023-10-07", None, "2023-10-12", ["2023-10-13", "2023-10-11"]),
    (BD, R.RESULT_REPORT, "2023-12-08", None, "2023-12-15", ["2023-12-14", "2023-12-13"]),
    (BD, R.RESULT_PUBLICITY, "2023-12-15", None, "2023-12-22", ["2023-12-20", "2023-12-21"]),
    (BD, R.CONFIRMATION, "2023-12-22", None, "2024-01-15", ["2024-01-12", "2024-01-06"]),
    (BD, R.FORWARDING, "2024-01-12", None, "2024-02-18", ["2024-02-12", "2024-02-19"]),
    (BD, R.RECHECK, "2024-01-12", None, "2024-03-12", ["2024-03-13", "2024-03-11"]),
    # SC03: weekdays only; holidays without make-up days
    (BD, R.UNIT_PUBLICITY, "2023-09-27", None, "2023-10-10", ["2023-10-04", "2023-10-12"]),
    (BD, R.RESULT_PUBLICITY, "2023-09-27", None, "2023-10-10", ["2023-10-04", "2023-10-12"]),
    # SC05, SC06
    (BD, R.UNIT_CORRECTION, "2023-10-27", 3, "2023-11-01", ["2023-10-30", "2023-10-31"]),
    (BD, R.COMMITTEE_CORRECTION, "2023-11-08", 5, "2023-11-15", ["2023-11-13", "2023-11-14"]),
    # SC08
    (LC, R.COMMITTEE_CORRECTION, "2024-10-22", 3, "2024-10-25", ["2024-10-24"]),
    (LC, R.COMMITTEE_CORRECTION, "2024-10-25", 3, "2024-10-30", ["2024-10-28", "2024-10-29"]),
    # SC11
    (BD, R.UNIT_PUBLICITY, "2023-10-09", None, "2023-10-16", ["2023-10-13", "2023-10-14"]),
    # SC13: a Sunday, and no roll
    (BD, R.BAR, "2023-12-06", None, "2026-12-06", ["2026-12-07", "2026-12-05"]),
    # SC15: 60 days; 03-03 after rolling a wrong 03-01
    (BD, R.RECHECK, "2024-12-31", None, "2025-02-28", ["2025-03-01", "2025-03-03"]),
    (BD, R.RECHECK, "2023-12-29", None, "2024-02-29", ["2024-02-27", "2024-03-01"]),
    # SC19
    (BD, R.UNIT_PUBLICITY, "2023-10-10", None, "2023-10-17", ["2023-10-16", "2023-10-15"]),
    # A10: month end; a Saturday rolls to Monday; a make-up Saturday does not
    (LC, R.FORWARDING, "2024-01-31", None, "2024-02-29", ["2024-03-01", "2024-03-02"]),
    (LC, R.FORWARDING, "2023-01-31", None, "2023-02-28", ["2023-03-02", "2023-03-03"]),
    (LC, R.FORWARDING, "2024-10-30", None, "2024-12-02", ["2024-11-30"]),
    (LC, R.FORWARDING, "2024-09-12", None, "2024-10-12", ["2024-10-14"]),
    (LC, R.RECHECK, "2024-08-05", None, "2024-10-08", ["2024-10-05", "2024-10-07"]),
    # A17
    (LC, R.UNIT_PUBLICITY, "2024-10-29", None, "2024-11-05", ["2024-11-04"]),
    (LC, R.UNIT_PUBLICITY, "2024-10-31", None, "2024-11-07", ["2024-11-06"]),
    (BD, R.UNIT_PUBLICITY, "2023-11-07", None, "2023-11-14", ["2023-11-13"]),
    # the rest of 3C
    (BD, R.UNIT_DUTY, "2023-10-07", None, "2023-10-10", ["2023-10-11"]),
    (BD, R.CHAIN_DUTY, "2023-10-13", None, "2023-10-18", ["2023-10-16"]),
    (BD, R.CHAIN_CORRECTION, "2023-10-13", 1, "2023-10-16", ["2023-10-14"]),
    (BD, R.CONFIRMATION_REPLY, "2023-12-22", None, "2024-01-15", ["2024-01-12"]),
    (BD, R.CITY_CONFIRMATION, "2024-01-15", None, "2024-01-29", ["2024-01-25"]),
    (BD, R.RECHECK_DUTY, "2024-03-12", None, "2024-04-10", ["2024-04-01", "2024-04-09"]),
    (BD, R.INQUIRY_DUTY, "2023-10-13", 5, "2023-10-20", ["2023-10-18"]),
    (BD, R.INQUIRY_DUTY, "2023-12-01", None, "2023-12-15", ["2023-12-11"]),
    (BD, R.INQUIRY_RESPONSE, "2023-12-01", None, "2023-12-06", ["2023-12-04"]),
]


@pytest.mark.parametrize(("policy", "rule", "day0", "length", "ends_on", "naive"), DATES)
def test_the_last_day(
    *,
    policy: Policy,
    rule: RuleName,
    day0: str,
    length: int | None,
    ends_on: str,
    naive: list[str],
) -> None:
    found = run(policy, rule, day0, length)

    assert found.ends_on == day(ends_on)
    assert found.ends_on not in [day(wrong) for wrong in naive]
    assert found.ends_at == end_of(day(ends_on))
    assert found.clause == policy.terms(rule).source
    assert found.calendar == CALENDAR.version


@pytest.mark.parametrize(("policy", "rule", "day0", "length", "ends_on", "naive"), DATES)
def test_each_sheet_accounts_for_every_day(
    *,
    policy: Policy,
    rule: RuleName,
    day0: str,
    length: int | None,
    ends_on: str,
    naive: list[str],
) -> None:
    """Counted and skipped days together are all days from day 0 to the end, none twice."""
    found = run(policy, rule, day0, length)
    if found.unit == "month":
        first = found.nominal_on or found.ends_on
        expected = [first + timedelta(days=n) for n in range((found.ends_on - first).days)]

        assert [skip.date for skip in found.skipped] == expected
        return
    span = (found.ends_on - found.starts_on).days + 1

    assert len(found.counted) == found.length
    assert sorted([*found.counted, *(skip.date for skip in found.skipped)]) == [
        found.starts_on + timedelta(days=n) for n in range(span)
    ]
    assert found.skipped[0].why == "起始日不计"


def test_the_sheet_of_national_day_names_what_it_skipped() -> None:
    found = run(BD, R.UNIT_PUBLICITY, "2023-09-27")

    assert [f"{d:%m-%d}" for d in found.counted] == ["09-28", "10-07", "10-08", "10-09", "10-10"]
    assert {skip.why for skip in found.skipped} == {"起始日不计", "中秋节、国庆节"}


def test_a_rolled_month_shows_where_it_would_have_ended() -> None:
    found = run(BD, R.FORWARDING, "2024-01-12")

    assert found.nominal_on == day("2024-02-12")
    assert {skip.why for skip in found.skipped} == {"春节"}
    assert run(BD, R.RECHECK, "2024-01-12").nominal_on is None


def test_a_notice_that_counts_the_posting_day_ends_a_day_earlier() -> None:
    """A4: data, default false; counted only where the posting day is a working day."""
    terms = BD.terms(R.UNIT_PUBLICITY).model_copy(update={"count_first_day": True})

    def end(day0: str) -> date:
        return compute(R.UNIT_PUBLICITY, terms, CALENDAR, day(day0)).ends_on

    assert end("2023-10-09") == day("2023-10-13")
    assert end("2023-10-14") == day("2023-10-20")


@pytest.mark.parametrize(
    ("rule", "length", "allowed"),
    [
        (R.UNIT_CORRECTION, 1, True),
        (R.UNIT_CORRECTION, 5, True),
        (R.UNIT_CORRECTION, 0, False),
        (R.UNIT_CORRECTION, 6, False),
        (R.UNIT_PUBLICITY, 4, False),
        (R.UNIT_PUBLICITY, 7, True),
        (R.RESULT_PUBLICITY, 4, False),
        (R.COMMITTEE_CORRECTION, 0, False),
        (R.COMMITTEE_CORRECTION, -1, False),
        (R.CHAIN_CORRECTION, 6, False),
    ],
)
def test_a_stated_term_stays_in_its_range(rule: RuleName, length: int, allowed: bool) -> None:
    """A13: 1 to 5 working days; a floor is never shorter than five."""
    if allowed:
        assert run(BD, rule, "2023-10-16", length).length == length
        return
    with pytest.raises(Refused) as refused:
        run(BD, rule, "2023-10-16", length)

    assert refused.value.first.code is Code.TERM_OUT_OF_RANGE


@pytest.mark.parametrize(
    ("window", "moment", "state"),
    [
        (BD.windows.application, "2023-10-06 23:59:59", "before"),
        (BD.windows.application, "2023-10-07 00:00", "open"),
        (BD.windows.application, "2023-10-31 23:59:59", "open"),
        (BD.windows.application, "2023-11-01 00:00", "open"),
        (BD.windows.application, "2023-11-01 00:00:01", "closed"),
        (BD.windows.payment, "2023-11-20 23:58", "open"),
        (BD.windows.payment, "2023-11-21 00:20", "closed"),
        (LC.windows.payment, "2024-11-15 23:59", "open"),
        (LC.windows.payment, "2024-11-16 00:01", "closed"),
        (LC.windows.review, "2024-10-21 08:00", "open"),
        (LC.windows.application, "2024-10-29 12:00", "open"),
        (LC.windows.application, "2024-10-30 00:01", "closed"),
    ],
)
def test_windows_are_inclusive_at_both_ends(window: Window, moment: str, state: str) -> None:
    """In time means at or before 24:00 of the last day (A6, design.md 4)."""
    assert window_state(window, at(moment)) == state


def test_a_window_may_close_at_an_hour() -> None:
    """A6: other notices close at 17:00 or 18:00."""
    window = Window(assumed="办理口径4", starts_on=day("2023-09-01"), ends_on=day("2023-09-05"))
    early = window.model_copy(update={"closes_at": at("2023-09-05 18:00").time()})
    terms = BD.terms(R.CHAIN_CUTOFF)

    assert window_state(early, at("2023-09-05 18:00")) == "open"
    assert window_state(early, at("2023-09-05 18:01")) == "closed"
    assert window_state(window, at("2023-09-05 23:00")) == "open"
    found = window_deadline(R.CHAIN_CUTOFF, terms, CALENDAR, early)
    assert found.ends_at == at("2023-09-05 18:00")


@pytest.mark.parametrize(
    ("policy", "rule", "name", "ends_at"),
    [
        (BD, R.APPLICATION_WINDOW, "application", "2023-11-01 00:00"),
        (BD, R.REVIEW_WINDOW, "review", "2023-11-16 00:00"),
        (BD, R.PAYMENT_WINDOW, "payment", "2023-11-21 00:00"),
        (LC, R.REVIEW_WINDOW, "review", "2024-11-09 00:00"),
        (LC, R.PAYMENT_WINDOW, "payment", "2024-11-16 00:00"),
    ],
)
def test_printed_windows_strike_at_midnight_and_never_roll(
    policy: Policy, rule: RuleName, name: str, ends_at: str
) -> None:
    """SC14 and A57: a window keeps its printed day even where that is a Saturday."""
    window: Window = getattr(policy.windows, name)
    found = window_deadline(rule, policy.terms(rule), CALENDAR, window)
    saturday = window.model_copy(update={"ends_on": day("2024-11-16")})

    assert found.ends_at == at(ends_at)
    assert found.unit == "fixed"
    assert found.clause == window.source
    assert window_deadline(rule, policy.terms(rule), CALENDAR, saturday).ends_on == day(
        "2024-11-16"
    )


@pytest.mark.parametrize(
    ("moment", "over"),
    [("2023-11-01 23:59", False), ("2023-11-02 00:00", False), ("2023-11-02 00:00:01", True)],
)
def test_in_time_is_up_to_midnight(moment: str, over: bool) -> None:
    """SC05: 11-01 23:59 is good; nothing acts after 24:00."""
    assert is_over(run(BD, R.UNIT_CORRECTION, "2023-10-27", 3), at(moment)) is over


@pytest.mark.parametrize(
    ("moment", "over"),
    [
        ("2023-10-16 23:30", False),
        ("2023-10-17 00:10", True),
    ],
)
def test_an_objection_is_raised_until_the_last_midnight(moment: str, over: bool) -> None:
    """SC11, A30: afterwards it is a complaint."""
    assert is_over(run(BD, R.UNIT_PUBLICITY, "2023-10-09"), at(moment)) is over


@pytest.mark.parametrize(
    ("moment", "over"), [("2025-02-28 23:50", False), ("2025-03-01 00:05", True)]
)
def test_a_recheck_is_asked_for_until_the_clamped_day(moment: str, over: bool) -> None:
    """SC15."""
    assert is_over(run(BD, R.RECHECK, "2024-12-31"), at(moment)) is over


def test_a_cap_cuts_and_does_not_roll() -> None:
    """A14: 5 wd from 11-13 would end 11-20; the review window ends 11-15."""
    term = run(BD, R.COMMITTEE_CORRECTION, "2023-11-13", 5)
    review = BD.windows.review
    cut = capped(term, R.REVIEW_WINDOW, review.ends_on, end_of(review.ends_on))

    assert term.ends_on == day("2023-11-20")
    assert (cut.ends_on, cut.uncapped_on) == (day("2023-11-15"), day("2023-11-20"))
    assert cut.capped_by is R.REVIEW_WINDOW
    assert [f"{d:%d}" for d in cut.counted] == ["14", "15"]
    sunday = day("2023-11-19")
    assert capped(term, R.REVIEW_WINDOW, sunday, end_of(sunday)).ends_on == sunday


def test_the_application_window_caps_nothing() -> None:
    """SC05: the unit's term runs past 10-31 and is cut by the chain cutoff only."""
    term = run(BD, R.UNIT_CORRECTION, "2023-10-27", 3)
    cutoff = BD.chain_cutoff.ends_on

    assert capped(term, R.CHAIN_CUTOFF, cutoff, end_of(cutoff)) == term


@pytest.mark.parametrize(
    ("moment", "left"),
    [("2023-11-14 00:00", 1), ("2023-11-14 17:00", 1), ("2023-11-15 00:01", 0)],
)
def test_a_return_leaves_full_working_days(moment: str, left: int) -> None:
    """A14: on 11-15 no full working day is left before the review window ends."""
    assert full_working_days_left(CALENDAR, at(moment), day("2023-11-15")) == left


def test_an_extension_is_taken_as_given() -> None:
    """A57: a Sunday stays a Sunday."""
    term = run(BD, R.COMMITTEE_CORRECTION, "2023-11-08", 5)
    longer = decided(term, day("2023-11-19"), "office")

    assert longer.ends_on == day("2023-11-19")
    assert longer.ends_at == at("2023-11-20 00:00")
    assert (longer.extended, longer.extended_by, longer.counted) == (True, "office", ())


@pytest.mark.parametrize(
    ("policy", "latest"), [(LC, "2024-10-31"), (BD, "2023-11-07")], ids=["LC", "BD"]
)
def test_the_last_useful_posting_day(policy: Policy, latest: str) -> None:
    """A17."""
    assert last_posting(policy, CALENDAR) == day(latest)


@pytest.mark.parametrize(
    ("since", "length", "rolls", "ends_on", "nominal_on"),
    [
        ("2024-08-07", 10, True, "2024-08-19", "2024-08-17"),  # Saturday to Monday
        ("2024-08-07", 10, False, "2024-08-17", None),
        ("2023-09-09", 20, True, "2023-10-07", "2023-09-29"),  # into the holiday, to a day worked
        ("2023-12-20", 20, True, "2024-01-09", None),  # over the year's end
        ("2024-02-19", 10, True, "2024-02-29", None),
    ],
)
def test_a_term_in_days_of_the_calendar_counts_rests(
    since: str, length: int, rolls: bool, ends_on: str, nominal_on: str | None
) -> None:
    """民法典 第200、201、203条: day 0 does not count, rests do, the last day is no rest."""
    terms = RuleTerms(
        clause="四(四)2", kind=DeadlineKind.LAPSE, unit="day", length=length, rolls=rolls
    )
    found = compute(R.COMMITTEE_CORRECTION, terms, CALENDAR, date.fromisoformat(since))

    assert found.ends_on == date.fromisoformat(ends_on)
    assert found.nominal_on == (date.fromisoformat(nominal_on) if nominal_on else None)
    assert (found.unit, found.length, found.counted) == ("day", length, ())
