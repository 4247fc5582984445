"""Days counted the plain way, from the published years themselves."""

from __future__ import annotations

import calendar as months
from datetime import date, datetime, timedelta

from workflows.rules.calendar import Calendar
from workflows.rules.message import BEIJING

DAY = timedelta(days=1)


class UnpublishedYear(Exception):
    """A day of a year without calendar: nobody can say whether it is worked."""


def works(calendar: Calendar, day: date) -> bool:
    """Whether a day is worked: a make-up day, or a weekday that is no holiday.

    Raises:
        UnpublishedYear: its year is not published.
    """
    year = calendar.years.get(day.year)
    if year is None:
        raise UnpublishedYear(day.year)
    return day in year.workdays or (day not in year.holidays and day.weekday() < 5)


def after(calendar: Calendar, day: date, length: int) -> date:
    """The day so many working days after (before, where negative) a day."""
    step, left = (DAY, length) if length >= 0 else (-DAY, -length)
    while left:
        day += step
        left -= works(calendar, day)
    return day


def between(calendar: Calendar, start: date, until: date) -> int:
    """Working days after `start` up to and including `until`."""
    span = (until - start).days
    return sum(works(calendar, start + DAY * step) for step in range(1, span + 1))


def rolled(calendar: Calendar, day: date) -> date:
    """The day, or the next that is worked."""
    while not works(calendar, day):
        day += DAY
    return day


def months_after(day: date, count: int) -> date:
    """The corresponding day, else the month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def days_after(day: date, count: int) -> date:
    """The day so many days of the calendar later, worked or not."""
    return day + DAY * count


def day_of(moment: datetime) -> date:
    """The Beijing day of an instant."""
    return moment.astimezone(BEIJING).date()


def midnight_after(day: date) -> datetime:
    """24:00 of a day."""
    return datetime(day.year, day.month, day.day, tzinfo=BEIJING) + DAY


def midnight_before(day: date) -> datetime:
    """00:00 of a day."""
    return datetime(day.year, day.month, day.day, tzinfo=BEIJING)
