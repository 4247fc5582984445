"""The State Council's working-day calendar as data: weekdays, holidays and make-up days."""

from __future__ import annotations

from datetime import date, timedelta

from workflows.rules.message import Message
from workflows.rules.readings import Reading
from workflows.rules.refusals import Code, refuse

SATURDAY = 5


class CalendarYear(Message):
    """One published year: the weekdays that are holidays and the weekend days that are worked.

    `source` names the State Council's notice; a year without one must not be loaded (A5).
    """

    year: int
    source: str
    holidays: dict[date, str] = {}
    """Every day off by arrangement, weekends inside a holiday included, with its name."""
    workdays: tuple[date, ...] = ()
    """Saturdays and Sundays worked in exchange (调休上班)."""


class Calendar(Message):
    """The published years a case travels with, under one version."""

    version: str
    years: dict[int, CalendarYear] = {}

    def year_of(self, day: date) -> CalendarYear:
        """The published year of a day.

        Raises:
            Refused: `calendar_missing` naming the year, never a guess (A5).
        """
        year = self.years.get(day.year)
        if year is None:
            raise refuse(Code.CALENDAR_MISSING, Reading.WORKING_DAYS, year=day.year)
        return year

    def is_working_day(self, day: date) -> bool:
        """True for a working day: a weekday that is no holiday, or a make-up day."""
        return self.why_rest(day) is None

    def why_rest(self, day: date) -> str | None:
        """Why a day does not count (`周六`, `周日` or the holiday's name); None if it counts."""
        year = self.year_of(day)
        if day in year.workdays:
            return None
        if day in year.holidays:
            return year.holidays[day]
        if day.weekday() == SATURDAY:
            return "周六"
        return "周日" if day.weekday() > SATURDAY else None

    def next_working_day(self, day: date) -> date:
        """The day itself if it is a working day, else the next one."""
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day

    def add_working_days(self, day: date, length: int) -> date:
        """The day `length` working days after `day`, which itself is not counted."""
        step = 1 if length >= 0 else -1
        left = abs(length)
        while left:
            day += timedelta(days=step)
            left -= self.is_working_day(day)
        return day

    def working_days_between(self, after: date, until: date) -> int:
        """How many working days lie after `after` up to and including `until`."""
        day, count = after, 0
        while day < until:
            day += timedelta(days=1)
            count += self.is_working_day(day)
        return count
