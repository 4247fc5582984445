"""Which days are worked, for the hours of letters: of the calendar that is published now."""

from __future__ import annotations

from datetime import date

from activities.database import Pool, scope
from activities.reading import Reading
from activities.statements import statements
from workflows.rules.calendar import Calendar

SQL = statements("letters")
SATURDAY = 5


class WorkingDays:
    """A realm's working days. No letter waits for a year that is not published yet: there the days
    from Monday to Friday are worked."""

    def __init__(self, calendar: Calendar | None) -> None:
        self._calendar = calendar

    def works(self, day: date) -> bool:
        """Whether a day is a working day."""
        if self._calendar is None or day.year not in self._calendar.years:
            return day.weekday() < SATURDAY
        return self._calendar.is_working_day(day)


class Calendars:
    """The calendars in force; one that was read is read again where another is published."""

    def __init__(self, pool: Pool, reading: Reading) -> None:
        self._pool = pool
        self._reading = reading
        self._read: dict[str, tuple[tuple[str, str], WorkingDays]] = {}

    async def of(self, realm: str) -> WorkingDays:
        """A realm's working days."""
        row = await self._pool.fetchrow(SQL["calendar_now"], scope(realm))
        version = (row["version"], row["content_hash"]) if row else ("", "")
        known = self._read.get(scope(realm))
        if known is None or known[0] != version:
            calendar = await self._reading.calendar(realm=realm)
            known = self._read[scope(realm)] = (version, WorkingDays(calendar))
        return known[1]
