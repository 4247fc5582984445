"""The State Council's working-day calendar as data: weekdays, holidays and make-up days."""

from __future__ import annotations

from datetime import date, timedelta

from workflows.rules.days import Day
from workflows.rules.message import Message
from workflows.rules.numbers import Year
from workflows.rules.readings import Reading
from workflows.rules.refusals import Code, refuse
from workflows.rules.text import Line

SATURDAY = 5


class CalendarYear(Message):
    """One published year: the weekdays that are holidays and the weekend days that are worked.

    `source` names the State Council's notice; a year without one must not be loaded (A5).
    """

    year: Year
    source: Line
    holidays: dict[Day, Line] = {}
    """Every day off by arrangement, weekends inside a holiday included, with its name."""
    workdays: tuple[Day, ...] = ()
    """Saturdays and Sundays worked in exchange (调休上班)."""


class Skipped(Message):
    """A day that was passed over, and why (周六, 周日, a holiday's name, 起始日不计)."""

    date: date
    why: str


class Calendar(Message):
    """The published years a case travels with, under one version."""

    version: str
    digest: Line = ""
    """Of all years that were published under this version; set where it is loaded."""
    years: dict[int, CalendarYear] = {}

    def span(self, today: date) -> tuple[date, date]:
        """The first and the last day that anything can be said about: the published years, and this
        year, which is missed as `calendar_missing` where it is not published."""
        years = {*self.years, today.year}
        return date(min(years), 1, 1), date(max(years), 12, 31)

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

    def count(
        self, after: date, length: int, *, first_counts: bool = False
    ) -> tuple[tuple[date, ...], tuple[Skipped, ...]]:
        """The working days of a term, and the days passed over on the way, each with its reason.

        Args:
            after: day 0, which is not counted unless `first_counts` (domain.md 3C).
            length: how many working days.
        """
        counted: list[date] = []
        skipped: list[Skipped] = []
        day = after
        if not first_counts:
            skipped.append(Skipped(date=day, why="起始日不计"))
            day += timedelta(days=1)
        while len(counted) < length:
            why = self.why_rest(day)
            if why is None:
                counted.append(day)
            else:
                skipped.append(Skipped(date=day, why=why))
            day += timedelta(days=1)
        return tuple(counted), tuple(skipped)

    def roll(self, day: date) -> tuple[date, tuple[Skipped, ...]]:
        """The day itself if it is a working day, else the next one, with the days passed over (A10)."""
        skipped: list[Skipped] = []
        while (why := self.why_rest(day)) is not None:
            skipped.append(Skipped(date=day, why=why))
            day += timedelta(days=1)
        return day, tuple(skipped)
