"""Days and instants as we take them in: within the years about which anything can be said.

A day of the year 1 or 9999 is a slip or an attack: counting from it overflows. What a case makes of a
day is asked again against its own calendar (`writer.stating`).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

FIRST_YEAR, LAST_YEAR = 1900, 2199
OUTSIDE_CALENDARS = "outside_calendars"
"""The type of the error for such a day, as pydantic reports it."""


def _within(day: date) -> date:
    """The year as it is written decides: another zone's day is at most one away."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise PydanticCustomError(OUTSIDE_CALENDARS, "a day outside all calendars")
    return day


def _moment(moment: datetime) -> datetime:
    _within(moment)
    return moment


Day = Annotated[date, AfterValidator(_within)]
"""A Beijing calendar day."""

Moment = Annotated[datetime, AfterValidator(_moment)]
"""An instant, with its offset; a naive one is Beijing's."""
