"""Days and instants as we take them in: within the years about which anything can be said.

A day of the year 1 or 9999 is a slip or an attack: counting from it overflows. What a case makes of a
day is asked again against its own calendar (`writer.stating`).

People write a day in several ways, and each is brought to one here. A bare number is no day: pydantic
would take 20171120 for seconds, and read August 1970.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

FIRST_YEAR, LAST_YEAR = 1900, 2199
OUTSIDE_CALENDARS = "outside_calendars"
"""The type of the error for such a day, as pydantic reports it."""
BARE_NUMBER = "bare_number"
"""The type for a number where a day or an instant should be written."""

_DAY = re.compile(r"(\d{4})(?:年|[-/.])(\d{1,2})(?:月|[-/.])(\d{1,2})日?")
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")


def as_written(stated: Any) -> Any:
    """A day in the one writing `2023-10-07`; what is no text, or none of these, stays as it is.

    Taken are 2023-10-7, 2023/10/07, 2023.10.7, 2023年10月7日 and 20231007, full-width too.
    """
    if isinstance(stated, (int, float)):
        raise PydanticCustomError(BARE_NUMBER, "a number is no day")
    if not isinstance(stated, str):
        return stated
    text = unicodedata.normalize("NFKC", stated).strip()
    if found := _DAY.fullmatch(text) or _DIGITS.fullmatch(text):
        return f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}"
    return stated


def _no_number(stated: Any) -> Any:
    if isinstance(stated, (int, float)) or (isinstance(stated, str) and stated.strip().isdecimal()):
        raise PydanticCustomError(BARE_NUMBER, "a number is no instant")
    return stated


def is_of_a_calendar(day: date) -> bool:
    """Whether a calendar could ever have it: the year as it is written decides."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def _within(day: date) -> date:
    if not is_of_a_calendar(day):
        raise PydanticCustomError(OUTSIDE_CALENDARS, "a day outside all calendars")
    return day


def _moment(moment: datetime) -> datetime:
    _within(moment)
    return moment


Day = Annotated[date, BeforeValidator(as_written), AfterValidator(_within)]
"""A Beijing calendar day."""

Moment = Annotated[datetime, BeforeValidator(_no_number), AfterValidator(_moment)]
"""An instant, with its offset; a naive one is Beijing's."""
