"""When what an organisation has to do is told: at once, or collected, and then at which hour.

Pure: the times and kinds are data (`rhythms.toml`), working days are asked of whoever calls.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib import resources
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from workflows.rules.message import local, local_date, start_of
from workflows.rules.names import LetterKind, Rhythm

DAY = timedelta(days=1)
LONGEST_HOLIDAY = 31
"""Days within which there is a working day: more are not looked at."""

Works = Callable[[date], bool]
"""Whether a day is a working day."""


class Rhythms(BaseModel):
    """Which letters are collected, and the hours at which collected letters go out (Beijing time)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: frozenset[LetterKind]
    usual: Rhythm = Rhythm.DAILY
    """Of whoever has not chosen."""
    daily: tuple[time, ...] = Field(min_length=1)
    """On working days."""
    weekly_from: int = Field(default=1, ge=1, le=7)
    """The day of the week from which on the first working day counts; 1 is Monday."""
    weekly: time
    due_today: tuple[time, ...] = ()
    """On the day on which something falls due."""
    waits: int = Field(default=5, ge=0, le=60)
    """Minutes that a letter waits after its hour for what comes at that very hour."""
    rows: int = Field(default=200, ge=1)
    """Of the table of one letter."""
    details: int = Field(default=20, ge=0)
    """Things that are written out below it."""

    @property
    def waiting(self) -> timedelta:
        """From the hour of a letter to its sending."""
        return timedelta(minutes=self.waits)

    def hour(
        self, rhythm: Rhythm, since: datetime, last: datetime | None, works: Works
    ) -> datetime | None:
        """When what came at an instant is told; None at once, because later would be too late.

        Nothing waits beyond its own last day: where the week's letter would come on that day or
        later it is the day's, where that would be too late it is the one for what falls due today.

        Args:
            last: the last moment of what is to be done; None where there is none. What is over
                already waits for the next letter like all else.
        """
        if rhythm is Rhythm.AT_ONCE:
            return None
        pressing = last if last is not None and last > since else None
        if rhythm is Rhythm.WEEKLY:
            week = self._week(since, works)
            if pressing is None or local_date(week) < _last_day(pressing):
                return week
        day = next(at for at in self._days(since, works) if self._takes(at, since))
        if pressing is None or day + self.waiting < pressing:
            return day
        return self.later_today(since, pressing)

    def later_today(self, since: datetime, last: datetime) -> datetime | None:
        """The next hour for what falls due on the day of `last`; None where none is left of it."""
        hours = (_at(_last_day(last), hour) for hour in sorted(self.due_today))
        return next(
            (at for at in hours if self._takes(at, since) and at + self.waiting < last), None
        )

    def _takes(self, hour: datetime, since: datetime) -> bool:
        """Whether the letter of an hour is still to be sent at an instant."""
        return since < hour + self.waiting

    def _days(self, since: datetime, works: Works) -> Iterator[datetime]:
        """The hours of the day's letters, from the day of an instant on."""
        first = local_date(since)
        for ahead in range(LONGEST_HOLIDAY):
            day = first + ahead * DAY
            if works(day) or ahead == LONGEST_HOLIDAY - 1:
                yield from (_at(day, hour) for hour in sorted(self.daily))

    def _week(self, since: datetime, works: Works) -> datetime:
        """The hour of the next week's letter."""
        today = local_date(since)
        begins = today - ((today.isoweekday() - self.weekly_from) % 7) * DAY
        weeks = (begins + ahead * DAY for ahead in range(0, LONGEST_HOLIDAY, 7))
        days = (next(filter(works, (week + n * DAY for n in range(7))), None) for week in weeks)
        hours = (_at(day, self.weekly) for day in days if day is not None)  # some are all holidays
        found = (at for at in hours if self._takes(at, since))
        return next(found, _at(begins + 7 * DAY, self.weekly))


@cache
def rhythms(file: Path | None = None) -> Rhythms:
    """The times and kinds of a file; those that are shipped where none is named.

    Raises:
        OSError, ValueError: it cannot be read, or is no such file.
    """
    shipped = resources.files("activities.letters").joinpath("rhythms.toml")
    words = (file or shipped).read_text(encoding="utf-8")
    return Rhythms.model_validate(tomllib.loads(words))


def _last_day(last: datetime) -> date:
    """The day that an end is of: 24:00 is of the day that it ends."""
    return local_date(last - timedelta(microseconds=1))


def _at(day: date, hour: time) -> datetime:
    return local(start_of(day)) + timedelta(hours=hour.hour, minutes=hour.minute)
