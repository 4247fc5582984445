"""Papers with values as long as people make them, and what a page must never show.

`stretched` lengthens every text of a paper's data that is no date, number or key, wherever it stands,
so that a field that is added to a template is tried too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pypdfium2

LONG_NAME = "阿卜杜热西提·买买提吐尔逊·穆罕默德艾合买提江·吐尔逊阿依·克力木·伊敏托合提·亚森"
UNBROKEN = "energy_data_platform_white_paper_v3_final_signed_by_all_parties"
KEYS = frozenset({"seal", "track", "qr", "keywords", "number", "document_issued", "title"})
_SHORT = re.compile(r"[\d\s.,:X*年月日至时分—–-]*|.*\d年\d+月\d+日.*|[\x00-\x7f]{64}")
EDGE = 8.0
"""Points; nothing may be printed nearer to the edge of the page."""


class Fault(NamedTuple):
    """One thing wrong on a page."""

    page: int
    what: str


def sixty(text: str) -> str:
    """A name of sixty characters that begins as the text does."""
    return (text + LONG_NAME * 2)[:60]


def unbroken(text: str) -> str:
    """Three hundred characters without a space."""
    return (text[:2] + UNBROKEN * 6)[:300]


def stretched(value: Any, how: Any, key: str = "") -> Any:
    """The data with every text of it lengthened."""
    if isinstance(value, Mapping):
        return {name: stretched(part, how, name) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [stretched(part, how, key) for part in value]
    if isinstance(value, str) and key not in KEYS and not _SHORT.fullmatch(value):
        return how(value)
    return value


def faults(content: bytes, *, looked_at: int = 8) -> Iterator[Fault]:
    """What leaves a page, and what is printed over something else.

    Args:
        looked_at: of a longer paper this many pages are looked at, from its beginning and its end.
    """
    document = pypdfium2.PdfDocument(content)
    for number, page in enumerate(document, 1):
        if looked_at // 2 < number <= len(document) - looked_at // 2:
            continue
        width, height = page.get_size()
        for item in page.get_objects():
            left, bottom, right, top = item.get_bounds()
            if left < EDGE or bottom < EDGE or right > width - EDGE or top > height - EDGE:
                yield Fault(
                    number, f"leaves the page: {left:.0f} {bottom:.0f} {right:.0f} {top:.0f}"
                )
        yield from _printed_over(page, number)
    document.close()


def _printed_over(page: Any, number: int) -> Iterator[Fault]:
    """Characters whose boxes cover each other: a text that ran on over the next cell."""
    text = page.get_textpage()
    boxes: dict[tuple[int, int], list[tuple[tuple[float, ...], str]]] = {}
    found = 0
    for index in range(text.count_chars()):
        char = text.get_text_range(index, 1)
        if not char.strip():
            continue
        box = text.get_charbox(index)
        middle = (int((box[0] + box[2]) // 12), int((box[1] + box[3]) // 12))
        near = (
            item
            for across in (-1, 0, 1)
            for up in (-1, 0, 1)
            for item in boxes.get((middle[0] + across, middle[1] + up), ())
        )
        if any(_covers(box, other) for other, _ in near):
            found += 1
        boxes.setdefault(middle, []).append((box, char))
    if found > 1:
        yield Fault(number, f"{found} characters are printed over others")


def _covers(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    across = min(one[2], other[2]) - max(one[0], other[0])
    up = min(one[3], other[3]) - max(one[1], other[1])
    if across <= 0 or up <= 0:
        return False
    area = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return area > 0 and across * up > 0.35 * area
