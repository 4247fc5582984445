"""Working days and months against an oracle that shares no code and no data with ours.

The oracle's calendar is `holidays`' China with its make-up days; its counting is a sorted list of
working days and a running sum. `ZHIPING_LAW_INPUTS` sets how many random inputs are compared
(default 5000; `make check-law` a million, in eight parts that xdist may share out).
"""

from __future__ import annotations

import os
import random
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import accumulate

import holidays
import pytest

from config.calendar_files import published_calendar
from config.campaign_files import CAMPAIGNS, load
from tests.unit.told import Told, from_day
from workflows.rules.calendar import Calendar
from workflows.rules.clocks import Clocked
from workflows.rules.deadlines import Deadline, capped, compute, fixed
from workflows.rules.message import end_of
from workflows.rules.names import DeadlineKind, RuleName
from workflows.rules.policy import RuleTerms

PARTS = 8
INPUTS = int(os.environ.get("ZHIPING_LAW_INPUTS", "5000"))
EACH = -(-INPUTS // PARTS)
SEED = 20_231_007

FIRST, LAST = date(2021, 1, 1), date(2026, 12, 31)
LATEST_START = date(2026, 8, 31)
"""So that forty working days or three months stay inside the published years."""
START, END = FIRST.toordinal(), LAST.toordinal()
LONGEST_TERM, LONGEST_ROLLED, LONGEST_BAR = 40, 3, 60

CALENDAR = published_calendar()
POLICY = load(CAMPAIGNS / "bd-2023.toml").policy
TERMS = POLICY.rules
COUNTED = [rule for rule, terms in TERMS.items() if terms.unit == "wd"]

_china = holidays.country_holidays("CN", years=range(FIRST.year, LAST.year + 1))
IS_WORKED = [_china.is_working_day(date.fromordinal(ordinal)) for ordinal in range(START, END + 1)]
WORKED = [START + index for index, worked in enumerate(IS_WORKED) if worked]
WORKED_UP_TO = [0, *accumulate(IS_WORKED)]


def worked_between(after: int, until: int) -> int:
    """Working days after one ordinal up to and including another, by a running sum."""
    return WORKED_UP_TO[until - START + 1] - WORKED_UP_TO[after - START + 1]


def month_later(day: date, months: int) -> date:
    """The corresponding day, found by walking month by month and back from the 31st."""
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    wanted = day.day
    while True:
        try:
            return date(year, month, wanted)
        except ValueError:
            wanted -= 1


def open_terms(rule: RuleName, *, counts_first: bool) -> RuleTerms:
    """A rule's terms without its limits of length, so that any length can be tried."""
    update = {"minimum": 1, "maximum": None, "count_first_day": counts_first}
    return TERMS[rule].model_copy(update=update)


PLAIN = {rule: open_terms(rule, counts_first=False) for rule in RuleName}
OPEN_POLICY = POLICY.model_copy(update={"rules": PLAIN})
FROM_FIRST = {rule: open_terms(rule, counts_first=True) for rule in RuleName}


def starts(chance: random.Random) -> Iterator[date]:
    span = LATEST_START.toordinal() - START
    while True:
        yield date.fromordinal(START + chance.randint(1, span))


@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(PARTS))
def test_working_days_and_months_agree_with_the_oracle(part: int) -> None:
    chance = random.Random(SEED + part)  # noqa: S311 - reproducible inputs, not a secret
    for _, day0 in zip(range(EACH), starts(chance), strict=False):
        draw = chance.random()
        if draw < 0.7:
            _compare_counted(chance, day0)
        elif draw < 0.9:
            _compare_months(chance, day0)
        else:
            _compare_steps(chance, day0)


def _compare_counted(chance: random.Random, day0: date) -> None:
    rule, length = chance.choice(COUNTED), chance.randint(1, LONGEST_TERM)
    counts_first = chance.random() < 0.2
    terms = (FROM_FIRST if counts_first else PLAIN)[rule]
    found = compute(rule, terms, CALENDAR, day0, length=length)
    first, end = day0.toordinal(), found.ends_on.toordinal()
    at = bisect_left(WORKED, first) if counts_first else bisect_right(WORKED, first)

    assert end == WORKED[at + length - 1], (rule, day0, length, counts_first)
    before = first - 1 if counts_first else first
    assert worked_between(before, end) == length
    assert IS_WORKED[end - START]
    assert len(found.counted) + len(found.skipped) == end - first + 1
    assert all(IS_WORKED[day.toordinal() - START] for day in found.counted)


def _compare_months(chance: random.Random, day0: date) -> None:
    if chance.random() < 0.3:
        months = chance.randint(1, LONGEST_BAR)
        bar = compute(RuleName.BAR, PLAIN[RuleName.BAR], CALENDAR, day0, length=months)

        assert bar.ends_on == month_later(day0, months)
        return
    months = chance.randint(1, LONGEST_ROLLED)
    rule = chance.choice((RuleName.FORWARDING, RuleName.RECHECK))
    found = compute(rule, PLAIN[rule], CALENDAR, day0, length=months)
    nominal = month_later(day0, months)
    rolled = WORKED[bisect_left(WORKED, nominal.toordinal())]

    assert found.ends_on.toordinal() == rolled, (rule, day0, months)
    assert found.nominal_on == (nominal if rolled != nominal.toordinal() else None)


def _compare_steps(chance: random.Random, day0: date) -> None:
    first, steps = day0.toordinal(), chance.randint(1, LONGEST_TERM)
    until = chance.randint(first, min(END, first + 90))
    at = bisect_left(WORKED, first)
    back = WORKED[at - steps] if at >= steps else None

    assert CALENDAR.working_days_between(day0, date.fromordinal(until)) == worked_between(
        first, until
    )
    assert CALENDAR.next_working_day(day0).toordinal() == WORKED[at]
    if back is not None:
        assert CALENDAR.add_working_days(day0, -steps).toordinal() == back


def a_clock(chance: random.Random) -> Told:
    """A counted or monthly clock of a random rule, not told yet."""
    rule = chance.choice([*COUNTED, RuleName.FORWARDING, RuleName.RECHECK])
    longest = LONGEST_TERM if TERMS[rule].unit == "wd" else LONGEST_ROLLED
    start = from_day(next(starts(chance)), chance.randint(1, longest))
    return Told(OPEN_POLICY, CALENDAR, rule, start)


def a_cap(on: date, rule: RuleName = RuleName.CHAIN_CUTOFF) -> Deadline:
    """A printed last day."""
    return fixed(rule, PLAIN[rule], CALENDAR, starts_on=on, ends_on=on)


def a_changed_calendar(chance: random.Random, around: date) -> Calendar:
    """Up to three days within ten weeks of a day become holidays or make-up days."""
    years = dict(CALENDAR.years)
    for _ in range(chance.randint(1, 3)):
        day = min(LAST, around + timedelta(days=chance.randint(1, 70)))
        year = years[day.year]
        if CALENDAR.is_working_day(day):
            workdays = tuple(item for item in year.workdays if item != day)
            update = {"holidays": year.holidays | {day: "调整"}, "workdays": workdays}
        else:
            update = {"workdays": (*year.workdays, day)}
        years[day.year] = year.model_copy(update=update)
    return Calendar(version="changed", years=years)


@pytest.mark.timeout(900)
def test_the_algebra_of_clocks() -> None:
    """Looking again never shortens what was told, a cap bites once, extending only moves on."""
    chance = random.Random(SEED)  # noqa: S311 - reproducible inputs, not a secret
    for _ in range(max(200, INPUTS // 50)):
        clock = a_clock(chance)
        first = clock.now()
        other = a_changed_calendar(chance, first.starts_on)
        cap = first.starts_on + timedelta(days=chance.randint(0, 80))
        _looking_again(clock, first, other)
        cut = _a_cap_bites(clock, first, other, cap)
        _extending(clock, cut, other, chance)


def _looking_again(clock: Told, first: Deadline, other: Calendar) -> None:
    """On the same calendar nothing moves; on another only a duty may come earlier."""
    told = replace(clock, kept=Clocked())
    found = told.tell()
    fresh = clock.now(other)
    duty = found.kind is DeadlineKind.DUTY

    assert found == first.model_copy(update={"told_at": clock.start.at})
    assert told.now() == found
    again = told.tell(other)
    assert again.ends_on == (fresh.ends_on if duty else max(found.ends_on, fresh.ends_on))
    if not duty:
        assert again.ends_on >= found.ends_on
        assert again.ends_at >= found.ends_at
    assert told.now(other).ends_on == again.ends_on
    assert told.now().ends_on == (found.ends_on if duty else again.ends_on)


def _a_cap_bites(clock: Told, first: Deadline, other: Calendar, cap: date) -> Deadline:
    """It cuts to itself and no further, on whatever calendar; an earlier one comes too late."""
    told = replace(clock, kept=Clocked(), cap=a_cap(cap), cap_name=RuleName.REVIEW_WINDOW)
    cut = told.tell()
    fresh = clock.now(other)
    duty = cut.kind is DeadlineKind.DUTY

    assert cut.ends_on == min(first.ends_on, cap)
    assert (cut.capped_by is RuleName.REVIEW_WINDOW) is (first.ends_on > cap)
    assert capped(cut, RuleName.REVIEW_WINDOW, cap, end_of(cap)) == cut
    computed = min(fresh.ends_on, cap)
    assert told.now(other).ends_on == (computed if duty else max(cut.ends_on, computed))
    if cut.capped_by:
        assert told.now(other).ends_on == cut.ends_on or (duty and fresh.ends_on < cap)
    earlier = replace(told, cap=a_cap(cut.ends_on - timedelta(days=3)))
    assert earlier.now().ends_on == cut.ends_on - timedelta(days=3 if duty else 0)
    return cut


def _extending(clock: Told, cut: Deadline, other: Calendar, chance: random.Random) -> None:
    """What was allowed is taken as it is: no cap cuts it, it only grows, and no calendar moves it
    but to where the clock would end without it."""
    told = replace(clock, kept=Clocked(), cap=a_cap(cut.ends_on), cap_name=RuleName.REVIEW_WINDOW)
    told.tell()
    later = cut.ends_on + timedelta(days=chance.randint(1, 30))
    longer = told.extend(later)

    assert (longer.ends_on, longer.ends_at) == (later, end_of(later))
    assert longer.ends_at > cut.ends_at
    for calendar in (CALENDAR, other):
        for lower in (None, a_cap(cut.starts_on)):
            same = replace(told, cap=lower).now(calendar)
            bare = replace(told, kept=Clocked(), cap=lower).now(calendar).ends_on
            assert (same.ends_on, same.extended) == (max(later, bare), later > bare)
            if later > bare:
                assert same.model_copy(update={"calendar": longer.calendar}) == longer
    assert told.extend(later - timedelta(days=1)).ends_on == later
    assert told.extend(later + timedelta(days=1)).ends_at > longer.ends_at


@pytest.mark.parametrize("count", [1, 5, 15])
def test_a_longer_term_never_ends_earlier(count: int) -> None:
    """Every day 0 of the published years, not a sample."""
    terms = PLAIN[RuleName.COMMITTEE_CORRECTION]
    previous = FIRST
    for ordinal in range(START, LATEST_START.toordinal() + 1):
        day0 = date.fromordinal(ordinal)
        found = compute(RuleName.COMMITTEE_CORRECTION, terms, CALENDAR, day0, length=count)
        longer = compute(RuleName.COMMITTEE_CORRECTION, terms, CALENDAR, day0, length=count + 1)

        assert previous <= found.ends_on < longer.ends_on
        assert found.ends_on > day0
        previous = found.ends_on
