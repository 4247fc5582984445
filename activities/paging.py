"""Pages by keyset: where the next one begins, and how many there are as far as that is cheap to say.

A page goes on after the last line of the one before, by the columns of its order, whatever came or went
in between; nothing is counted to skip it.
"""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable

from workflows.rules.message import Message
from workflows.rules.refusals import Code, refuse

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


def values_of(mark: str, size: int) -> list[str]:
    """The values of the last line of the page before.

    Raises:
        Refused: `malformed_payload` for what is no mark of such a list.
    """
    try:
        padded = mark + "=" * (-len(mark) % 4)
        found = json.loads(urlsafe_b64decode(padded.encode("ascii")))
    except (ValueError, binascii.Error):
        found = None
    if (
        not isinstance(found, list)
        or len(found) != size
        or not all(isinstance(value, str) for value in found)
    ):
        raise refuse(Code.MALFORMED_PAYLOAD, field="after")
    return found
