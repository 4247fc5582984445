"""Dates, amounts, counts and lengths as a notice prints them, in Chinese numerals or in digits.

Pure: text in, values out. What a notice says otherwise (`12月上旬`) is no value and is not guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, time
from typing import Literal, NamedTuple

Unit = Literal["wd", "day", "month"]

DIGITS = {char: value for value, chars in enumerate(
    ("零〇", "一壹", "二两贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
) for char in chars}  # fmt: skip
SCALES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
MYRIAD = 10_000
LONGEST_YEARS = 99
"""`1年` is a length, `2023年` is a year."""
NOON, MIDNIGHT = 12, 24

_HAN = "".join(DIGITS) + "".join(SCALES) + "万"
_NUM = rf"(?:[0-9]+|[{_HAN}]+)"
_DATE = re.compile(
    rf"(?:(?P<year>{_NUM})年)?(?P<month>{_NUM})月(?P<day>{_NUM})[日号]"
    rf"|(?<=[-—–~～至到])(?P<only>{_NUM})[日号]"
)
_HOUR = re.compile(
    r"(?:\((?:星期|周)[一二三四五六日天]\))?"
    rf"(?P<half>上午|下午|晚上|中午)?(?P<hour>{_NUM})(?:[:：](?P<minute>[0-9]{{2}})|[时点](?:(?P<half_past>半)|(?P<han>{_NUM})分)?)"
)
_AMOUNT = re.compile(rf"(?P<number>[0-9][0-9,]*(?:\.[0-9]+)?|[{_HAN}]+)(?P<myriad>万)?元")
_ORDINAL = re.compile(rf"第(?P<number>{_NUM})次")
_LENGTH = re.compile(
    rf"(?<![第0-9])(?P<number>{_NUM}|半)"
    r"(?P<unit>个工作日|工作日|个月|年(?!度)|个自然日|日历日|天|日|周|个星期)"
)
_UNITS: dict[str, tuple[Unit, int]] = {
    "个工作日": ("wd", 1),
    "工作日": ("wd", 1),
    "个月": ("month", 1),
    "年": ("month", 12),
    "个自然日": ("day", 1),
    "日历日": ("day", 1),
    "天": ("day", 1),
    "日": ("day", 1),
    "周": ("day", 7),
    "个星期": ("day", 7),
}
HALF_YEAR = 6


class Printed(NamedTuple):
    """A printed day, and the hour of it that is printed after it; midnight is no hour."""

    day: date
    hour: time | None
    words: str


class Length(NamedTuple):
    """A printed length: so many working days, days or months (a year is twelve)."""

    size: int
    unit: Unit
    words: str


def number(words: str) -> int | None:
    """A number in digits (also full-width) or in Chinese numerals; None where it is neither.

    `二〇二四` is read digit by digit, `一百二十` by its places.
    """
    plain = unicodedata.normalize("NFKC", words).replace(",", "")
    if plain.isascii():
        return int(plain) if plain.isdigit() else None
    if any(char not in _HAN for char in plain):
        return None
    if all(char in DIGITS for char in plain):
        return int("".join(str(DIGITS[char]) for char in plain))
    upper, scaled, lower = plain.rpartition("万")
    if not scaled:
        return _below_myriad(plain)
    return (_below_myriad(upper) or 1) * MYRIAD + _below_myriad(lower)


def _below_myriad(words: str) -> int:
    total = 0
    digit: int | None = None
    for char in words:
        if char in SCALES:
            # 十五 has no digit before its ten; 一百零五 has none before its hundred's rest.
            total += (1 if digit is None or (digit == 0 and not total) else digit) * SCALES[char]
            digit = None
        else:
            digit = DIGITS.get(char)
    return total + (digit or 0)


def plain(words: str) -> str:
    """Words with their digits and Latin punctuation half-width, and without white space."""
    return "".join(unicodedata.normalize("NFKC", words).split())


def days(words: str, year: int) -> list[Printed]:
    """The days that are printed, in order; a year that is not printed follows from the one before.

    `12月20日至1月5日` goes over the year's end; the first unprinted year is `year`.
    """
    text = plain(words)
    found: list[Printed] = []
    this, month = year, 0
    for match in _DATE.finditer(text):
        if match["only"]:
            if not found:
                continue
            day = number(match["only"])
        else:
            next_month = number(match["month"]) or 0
            if match["year"]:
                this = _whole_year(number(match["year"]) or this)
            elif found and next_month < month:
                this += 1
            month, day = next_month, number(match["day"])
        try:
            when = date(this, month, day or 0)
        except ValueError:
            continue
        hour, end = _hour(text, match.end())
        found.append(Printed(when, hour, text[match.start() : end]))
    return found


def _whole_year(stated: int) -> int:
    return stated + 2000 if stated < 100 else stated  # noqa: PLR2004 - 24年 is 2024年


def _hour(text: str, start: int) -> tuple[time | None, int]:
    match = _HOUR.match(text, start)
    if match is None:
        return None, start
    hour = number(match["hour"])
    minute = int(match["minute"]) if match["minute"] else 30 if match["half_past"] else 0
    if match["han"]:
        minute = number(match["han"]) or 0
    if hour is None or hour > MIDNIGHT or minute > 59:  # noqa: PLR2004 - minutes of an hour
        return None, start
    if match["half"] in ("下午", "晚上") and hour < NOON:
        hour += NOON
    return (None if hour == MIDNIGHT else time(hour, minute)), match.end()


def amounts(words: str) -> list[int]:
    """The amounts of money in whole yuan, in order."""
    return [amount for amount, _, _ in placed_amounts(plain(words))]


def placed_amounts(text: str) -> Iterator[tuple[int, int, int]]:
    """Each amount with where it stands in a text that is already `plain`."""
    for match in _AMOUNT.finditer(text):
        told = match["number"]
        whole = float(told.replace(",", "")) if told.isascii() else number(told)
        if whole is not None:
            yield round(whole * (MYRIAD if match["myriad"] else 1)), match.start(), match.end()


def ordinals(words: str) -> list[int]:
    """The counts of `第3次`, in order."""
    found = (number(match["number"]) for match in _ORDINAL.finditer(plain(words)))
    return [item for item in found if item is not None]


def lengths(words: str) -> list[Length]:
    """The lengths, in order; neither dates nor years of the calendar are any."""
    text = _DATE.sub(lambda match: "#" * len(match[0]), plain(words))
    found = []
    for match in _LENGTH.finditer(text):
        unit, times = _UNITS[match["unit"]]
        if match["number"] == "半":
            if match["unit"] == "年":
                found.append(Length(HALF_YEAR, "month", match[0]))
            continue
        count = number(match["number"])
        if not count or (match["unit"] == "年" and count > LONGEST_YEARS):
            continue
        found.append(Length(count * times, unit, match[0]))
    return found
