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

from workflows.rules.message import BEIJING

FIRST_YEAR, LAST_YEAR = 1900, 2199
OUTSIDE_CALENDARS = "outside_calendars"
"""The type of the error for such a day, as pydantic reports it."""
BARE_NUMBER = "bare_number"
"""The type for a number where a day or an instant should be written."""

_DAY = re.compile(r"(\d{4})(?:年|[-/.])(\d{1,2})(?:月|[-/.])(\d{1,2})[日号]?")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
_WEEKDAY = re.compile(r"\s*[(（]?(?:周|星期|礼拜)([一二三四五六日天])[)）]?$")
"""As our own letters write a day: `2023年11月1日（周三）`."""
WRONG_WEEKDAY = "wrong_weekday"
"""The type for a day with another weekday than it has: one of the two is a slip."""
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NUMERALS = "〇一二三四五六七八九"
_IN_NUMERALS = re.compile(
    rf"([{_NUMERALS}]{{4}})年([一二三四五六七八九十]{{1,3}})月([一二三四五六七八九十]{{1,3}})日"
)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")


def as_written(stated: Any) -> Any:
    """A day in the one writing `2023-10-07`; what is no text, or none of these, stays as it is.

    Taken are 2023-10-7, 2023/10/07, 2023.10.7, 2023年10月7日, 二〇二三年十月七日 and 20231007,
    full-width too, and with its weekday. Any other number is none, written as a text too: a spreadsheet's 46086 and 86400.
    """
    if isinstance(stated, (int, float)):
        raise PydanticCustomError(BARE_NUMBER, "a number is no day")
    if not isinstance(stated, str):
        return stated
    text = unicodedata.normalize("NFKC", stated).translate(_DASHES).strip()
    if weekday := _WEEKDAY.search(text):
        return _on_its_weekday(as_written(text[: weekday.start()]), weekday[1])
    if found := _DAY.fullmatch(text) or _DIGITS.fullmatch(text):
        return f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}"
    if found := _IN_NUMERALS.fullmatch(text.replace("零", "〇").replace("○", "〇")):
        year = "".join(str(_NUMERALS.index(char)) for char in found[1])
        return f"{year}-{_below_hundred(found[2]):02}-{_below_hundred(found[3]):02}"
    if _NUMBER.fullmatch(text):
        raise PydanticCustomError(BARE_NUMBER, "a number is no day")
    return stated


def _on_its_weekday(day: str, weekday: str) -> str:
    """The day, where it has this weekday; what is no day is told as such elsewhere."""
    try:
        its_own = date.fromisoformat(day).weekday()
    except ValueError:
        return day
    if "一二三四五六日".index(weekday.replace("天", "日")) != its_own:
        raise PydanticCustomError(WRONG_WEEKDAY, "another weekday")
    return day


def _below_hundred(numerals: str) -> int:
    """十 is 10, 十五 15, 三十一 31; what is none is a day that no month has."""
    tens, ten, ones = numerals.rpartition("十")
    if not {tens, ones} <= {"", *_NUMERALS}:
        return 0
    return (_NUMERALS.find(tens) if tens else len(ten)) * 10 + (_NUMERALS.find(ones) if ones else 0)


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
    # Nowhere is one without its offset: it could be compared with none of the others.
    return moment.replace(tzinfo=BEIJING) if moment.tzinfo is None else moment


Day = Annotated[date, BeforeValidator(as_written), AfterValidator(_within)]
"""A Beijing calendar day."""

Moment = Annotated[datetime, BeforeValidator(_no_number), AfterValidator(_moment)]
"""An instant, with its offset; a naive one is Beijing's."""
