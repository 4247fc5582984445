"""The clocks of domain.md 3C: each date is computed here, with the days counted and skipped."""

from __future__ import annotations

import calendar as month_lengths
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from workflows.rules.calendar import Calendar, Skipped
from workflows.rules.message import BEIJING, Message, end_of, start_of
from workflows.rules.names import DeadlineKind, RuleName
from workflows.rules.policy import Measure, Reminder, RuleTerms, Window
from workflows.rules.refusals import Code, refuse

REMINDER_HOUR = time(9, 0)
DECEMBER = 12


class Deadline(Message):
    """A deadline as a value (design.md 3): what it is, how it was reached, and what became of it.

    `starts_on` is day 0. `ends_on` is the last day, inclusive; `ends_at` the instant it is over.
    """

    rule: RuleName
    key: str
    """Unique in a case: the rule's name, or `rule:detail` where several run side by side."""
    kind: DeadlineKind
    starts_on: date
    started_by: str = ""
    length: int | None = None
    unit: Measure = "wd"
    ends_on: date
    ends_at: datetime
    counted: tuple[date, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    nominal_on: date | None = None
    """Where the last day rolled: the day it would have been."""
    capped_by: RuleName | None = None
    uncapped_on: date | None = None
    computed_on: date | None = None
    """Where a day that was told stands though it is computed to end earlier now: that day."""
    clause: str
    calendar: str
    policy: int = 0
    opened_at: datetime | None = None
    """When what started it happened; with the key it tells one such clock from the next."""
    told_at: datetime | None = None
    """Since when this last day stands; what lies before it is no reminder of it."""
    extended: bool = False
    extended_by: str = ""
    struck: bool = False


def compute(
    rule: RuleName,
    terms: RuleTerms,
    calendar: Calendar,
    starts_on: date,
    *,
    length: int | None = None,
    key: str | None = None,
) -> Deadline:
    """Compute a counted deadline from its day 0.

    Args:
        starts_on: day 0, never counted (unless the floor's `count_first_day` says so).
        length: in what the rule counts in; the rule's own length where not given.

    Raises:
        Refused: `calendar_missing` naming the year; `term_out_of_range` for a length that the
            rule does not allow.
    """
    span = checked_length(terms, length)
    if terms.unit in ("month", "day"):
        counted: tuple[date, ...] = ()
        by_month = terms.unit == "month"
        nominal = add_months(starts_on, span) if by_month else starts_on + timedelta(days=span)
        ends_on, skipped = calendar.roll(nominal) if terms.rolls else (nominal, ())
    else:
        counted, skipped = calendar.count(starts_on, span, first_counts=terms.count_first_day)
        ends_on = nominal = counted[-1]
    return Deadline(
        rule=rule,
        key=key or rule.value,
        kind=terms.kind,
        starts_on=starts_on,
        length=span,
        unit=terms.unit,
        ends_on=ends_on,
        ends_at=end_of(ends_on),
        counted=counted,
        skipped=skipped,
        nominal_on=nominal if nominal != ends_on else None,
        clause=terms.source,
        calendar=calendar.version,
    )


def fixed(
    rule: RuleName,
    terms: RuleTerms,
    calendar: Calendar,
    *,
    starts_on: date,
    ends_on: date,
    closes_at: time | None = None,
    clause: str | None = None,
    key: str | None = None,
) -> Deadline:
    """A printed or decided last day: taken as it stands, never rolled (A57)."""
    return Deadline(
        rule=rule,
        key=key or rule.value,
        kind=terms.kind,
        starts_on=starts_on,
        unit="fixed",
        ends_on=ends_on,
        ends_at=_moment(ends_on, closes_at),
        clause=clause or terms.source,
        calendar=calendar.version,
    )


def window_deadline(
    rule: RuleName, terms: RuleTerms, calendar: Calendar, window: Window
) -> Deadline:
    """The end of a printed window as a deadline."""
    return fixed(
        rule,
        terms,
        calendar,
        starts_on=window.starts_on,
        ends_on=window.ends_on,
        closes_at=window.closes_at,
        clause=window.source,
    )


def capped(deadline: Deadline, by: RuleName, ends_on: date, ends_at: datetime) -> Deadline:
    """Cut a deadline to a cap where it would run past it; caps never roll (A14)."""
    if deadline.ends_at <= ends_at:
        return deadline
    return deadline.model_copy(
        update={
            "capped_by": by,
            "uncapped_on": deadline.ends_on,
            "ends_on": ends_on,
            "ends_at": ends_at,
            **_counted_until(deadline, ends_on),
        }
    )


def _counted_until(deadline: Deadline, ends_on: date) -> dict[str, Any]:
    return {
        "counted": tuple(day for day in deadline.counted if day <= ends_on),
        "skipped": tuple(skip for skip in deadline.skipped if skip.date <= ends_on),
    }


def decided(deadline: Deadline, ends_on: date, by: str, closes_at: time | None = None) -> Deadline:
    """A last day that somebody decided (`extend_deadline`): taken as it is given, never rolled, cut
    or counted again (A57). Where it would end later without, it does: nobody loses a day, and no
    publicity is short, because somebody had allowed more time before a holiday came in between."""
    longer = at_least(deadline, _moment(ends_on, closes_at))
    if longer is deadline:
        return deadline
    return longer.model_copy(update={"extended": True, "extended_by": by})


def at_least(deadline: Deadline, until: datetime) -> Deadline:
    """The same deadline, ending at an instant that was fixed where it would end before it."""
    if deadline.ends_at >= until:
        return deadline
    return deadline.model_copy(
        update={
            # 24:00 belongs to the day that it ends.
            "ends_on": (until.astimezone(BEIJING) - timedelta(microseconds=1)).date(),
            "ends_at": until,
            "unit": "fixed",
            "capped_by": None,
            "uncapped_on": None,
            "counted": (),
            "skipped": (),
            "nominal_on": None,
        }
    )


def no_earlier(deadline: Deadline, ends_on: date, ends_at: datetime) -> Deadline:
    """The same deadline, ending on a day that was told before where it would end earlier (A59)."""
    return deadline if deadline.ends_at >= ends_at else as_told(deadline, ends_on, ends_at)


def as_told(deadline: Deadline, ends_on: date, ends_at: datetime) -> Deadline:
    """The same deadline, ending on the day that was told, wherever it is computed to end now."""
    if deadline.ends_at == ends_at:
        return deadline
    return deadline.model_copy(
        update={
            "ends_on": ends_on,
            "ends_at": ends_at,
            "computed_on": deadline.ends_on,
            "nominal_on": None,
            # What struck earlier than it would end by now counts no day after its last.
            **_counted_until(deadline, ends_on),
            "capped_by": None,
            "uncapped_on": None,
        }
    )


def reminder_times(
    deadline: Deadline, terms: RuleTerms, calendar: Calendar
) -> list[tuple[datetime, Reminder]]:
    """When the (first occurrence of the) reminders strike: 09:00 of the day counted back."""
    return [(reminder_time(deadline.ends_on, item, calendar), item) for item in terms.reminders]


def reminder_day_at(day: date) -> datetime:
    """09:00 Beijing time of a reminder's day."""
    return datetime.combine(day, REMINDER_HOUR, BEIJING)


def reminder_time(ends_on: date, item: Reminder, calendar: Calendar) -> datetime:
    """When one reminder of a last day strikes first.

    Raises:
        Refused: `calendar_missing` where it falls into a year that is not published.
    """
    if item.unit == "day":
        return reminder_day_at(ends_on - timedelta(days=item.before))
    if item.before == 0:
        return reminder_day_at(ends_on)
    return reminder_day_at(calendar.add_working_days(ends_on, -item.before))


def full_working_days_left(calendar: Calendar, at: datetime, ends_on: date) -> int:
    """Working days that lie wholly between an instant and the end of a day."""
    return calendar.working_days_between(at.astimezone(BEIJING).date(), ends_on)


def add_months(day: date, months: int) -> date:
    """The corresponding day of a later month, else that month's last day (A10)."""
    total = day.year * DECEMBER + day.month - 1 + months
    year, month = divmod(total, DECEMBER)
    last = month_lengths.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def is_over(deadline: Deadline, at: datetime) -> bool:
    """True when an act at this instant is out of time: in time means at or before `ends_at`."""
    return at > deadline.ends_at


def window_state(window: Window, at: datetime) -> Literal["before", "open", "closed"]:
    """Where an instant stands to a printed window, both days inclusive."""
    if at < start_of(window.starts_on):
        return "before"
    return "closed" if at > closing_of(window) else "open"


def closing_of(window: Window) -> datetime:
    """The instant at which a printed window closes: its hour, else 24:00 of its last day."""
    return _moment(window.ends_on, window.closes_at)


def checked_length(terms: RuleTerms, length: int | None) -> int:
    """The length of a term: what was stated, else the rule's own.

    Raises:
        Refused: `term_out_of_range` for a length that the rule does not allow.
    """
    span = length if length is not None else terms.length
    low, high = terms.minimum or 1, terms.maximum
    if span is None or span < low or (high is not None and span > high):
        raise refuse(
            Code.TERM_OUT_OF_RANGE,
            terms.source,
            given=span,
            minimum=low,
            maximum=high or "不限",
            measure=terms.unit,
        )
    return span


def _moment(ends_on: date, closes_at: time | None) -> datetime:
    return datetime.combine(ends_on, closes_at, BEIJING) if closes_at else end_of(ends_on)
