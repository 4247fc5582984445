"""Pages by keyset: where the next one begins, and how many there are as far as that is cheap to say.

A page goes on after the last line of the one before, by the columns of its order, whatever came or went
in between; nothing is counted to skip it.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import date, datetime
from typing import TypeVar

from workflows.rules.message import Message
from workflows.rules.refusals import Code, refuse

R = TypeVar("R")
T = TypeVar("T")
BOUNDS = ("-infinity", "infinity")
LARGEST = 2**63
INTEGER = re.compile(r"-?[0-9]{1,19}")
INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?[+-][0-9]{2}(:[0-9]{2})?"
)
"""An instant as the record or Python says it; both read other writings, each its own."""

LINES = 50
"""Lines of a page where nobody says how many."""
STREAMED = 500
"""Lines read at once of what is gone through whole."""
MOST = 1_000
"""How far is counted: of more it is said that they are more."""


class Count(Message):
    """How many there are; `more` says that there are more than `number`."""

    number: int
    more: bool = False


def counted(found: int, most: int = MOST) -> Count:
    """A count that was looked for up to `most` plus one."""
    return Count(number=min(found, most), more=found > most)


def mark_of(values: Iterable[str]) -> str:
    """Where a page ended, as people hand it on to ask for the next one."""
    told = json.dumps([*values], ensure_ascii=False, separators=(",", ":"))
    return urlsafe_b64encode(told.encode()).decode().rstrip("=")


def cut(
    rows: Sequence[R], limit: int, order: Callable[[R], Iterable[object]]
) -> tuple[Sequence[R], str]:
    """The lines of a page and the mark of the next one; empty where this is the last.

    Args:
        rows: what was found, looked for up to one more than is shown.
        order: a line's columns of the order, as `values_of` takes them.
    """
    lines = rows[:limit]
    if len(rows) <= limit:
        return lines, ""
    return lines, mark_of(map(_told, order(lines[-1])))


async def every(page: Callable[[str], Awaitable[tuple[Sequence[T], str]]]) -> AsyncIterator[T]:
    """What all pages list, one page after the other.

    Args:
        page: the page after a mark, and the mark of the next one.
    """
    after = ""
    while True:
        lines, after = await page(after)
        for line in lines:
            yield line
        if not after:
            return


def _told(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def text(value: str) -> None:
    """A text, as an id is one.

    Raises:
        ValueError: it has characters that no database takes.
    """
    if not (value == "" or value.isprintable()):
        raise ValueError(value)


def number(value: str) -> None:
    """A number of a row.

    Raises:
        ValueError: it is none, or beyond what rows have.
    """
    if not INTEGER.fullmatch(value) or abs(int(value)) >= LARGEST:
        raise ValueError(value)


def day(value: str) -> None:
    """A day, or the one before or after all of them.

    Raises:
        ValueError: it is none.
    """
    if value not in BOUNDS and date.fromisoformat(value).isoformat() != value:
        raise ValueError(value)


def moment(value: str) -> None:
    """An instant, or the one before or after all of them.

    Raises:
        ValueError: it is none.
    """
    if value in BOUNDS:
        return
    if not INSTANT.fullmatch(value):
        raise ValueError(value)
    datetime.fromisoformat(value)


def values_of(mark: str, *kinds: Callable[[str], None]) -> list[str]:
    """The values of the last line of the page before, as the columns of the order take them.

    Raises:
        Refused: `malformed_payload` for what is no mark of such a list.
    """
    try:
        padded = mark + "=" * (-len(mark) % 4)
        found = json.loads(urlsafe_b64decode(padded.encode("ascii")))
        for kind, value in zip(kinds, found, strict=True):
            kind(value)
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise refuse(Code.MALFORMED_PAYLOAD, field="after") from None
    return [*found]
