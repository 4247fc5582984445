"""How a table fits a terminal: what stays in one piece, which columns go, when rows are stacked.

A date, an id, a number or a word is never broken as long as the line can hold it, and no line begins
with a closing mark or ends with an opening one. Where the columns do not fit side by side, ids take
their short form, then the columns that may be spared go in their order, and at last each row is
written as lines of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len

_OPENING, _CLOSING = "（《“‘〔【", "，。；：、！？）》”’〕】"
_PIECE = re.compile(
    rf"(?:（周[一二三四五六日]）|[{_OPENING}]*"
    r"(?:\d{4}年\d{1,2}月\d{1,2}日|\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d)?|[!-~]+|[^\n]))"
    rf"[{_CLOSING}]*"
)
"""What stays together: a date, a weekday in brackets, a run without spaces, or one character."""

_COMFORT = 12
"""Columns that running text has at least; below that it is read like a column of characters."""
_BORDER, _GAP = 1, 3
"""Columns that a table's frame takes: at its edge, and for each column."""
INDENT = "  "


@dataclass(frozen=True)
class Listing:
    """A table with headings.

    Attributes:
        spare: headings of columns that may go on a narrow terminal, the first one first.
        short: a cell's text → what may stand for it where room is short (an id's end).
    """

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    spare: tuple[str, ...] = ()
    short: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """Two columns: what, and how it stands."""

    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Fitted:
    """A table as it fits: its columns' widths, its cells in lines, and the headings that went."""

    headings: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    gone: tuple[str, ...] = ()


def wrapped(text: str, width: int) -> list[str]:
    """A text in lines of at most so many columns."""
    return [line for part in text.split("\n") for line in _lines(part, max(width, 2))]


def _lines(text: str, width: int) -> list[str]:
    lines, line, room = [], "", width
    for piece in _PIECE.findall(text):
        for part in [piece] if cell_len(piece) <= width else _broken(piece, width):
            size = cell_len(part)
            if size > room:
                lines.append(line.rstrip())
                line, room = "", width
            if part == " " and not line and lines:
                continue
            line, room = line + part, room - size
    return [*lines, line.rstrip()]


def _broken(piece: str, width: int) -> list[str]:
    """A piece that no line can hold, in parts that fill one each."""
    parts = [""]
    for char in piece:
        if cell_len(parts[-1]) + cell_len(char) > width:
            parts.append("")
        parts[-1] += char
    return parts


def _widest(text: str) -> int:
    return max(map(cell_len, text.split("\n")))


def longest_piece(text: str) -> int:
    """Columns of the longest part that should not be broken."""
    return max((cell_len(piece) for piece in _PIECE.findall(text)), default=0)


def fitted(table: Listing, width: int) -> Fitted | None:
    """The table as it fits into a terminal of so many columns; None where its rows are stacked."""
    shorter = _shorter(table)
    for rows in (table.rows, shorter) if table.short else (table.rows,):
        if found := _side_by_side(table.headings, rows, width):
            return found
    for count in range(1, len(table.spare) + 1):
        gone = table.spare[:count]
        kept = [index for index, name in enumerate(table.headings) if name not in gone]
        headings = tuple(table.headings[index] for index in kept)
        rows = tuple(tuple(row[index] for index in kept) for row in shorter)
        if found := _side_by_side(headings, rows, width):
            return Fitted(found.headings, found.widths, found.rows, gone)
    return None


def _shorter(table: Listing) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(table.short.get(cell, cell) for cell in row) for row in table.rows)


def _side_by_side(
    headings: Sequence[str], rows: Sequence[Sequence[str]], width: int
) -> Fitted | None:
    columns = [[heading, *(row[at] for row in rows)] for at, heading in enumerate(headings)]
    natural = [max(map(_widest, cells)) for cells in columns]
    least = [
        max(*map(longest_piece, cells), cell_len(cells[0]), min(wide, _COMFORT))
        for cells, wide in zip(columns, natural, strict=True)
    ]
    room = width - _BORDER - _GAP * len(columns) - sum(least)
    if room < 0:
        return None
    widths = _shared(least, natural, room)
    return Fitted(
        tuple(headings),
        tuple(widths),
        tuple(
            tuple("\n".join(wrapped(cell, wide)) for cell, wide in zip(row, widths, strict=True))
            for row in rows
        ),
    )


def _shared(least: Sequence[int], natural: Sequence[int], room: int) -> list[int]:
    """Each column's width: the room that is left goes evenly to those who have use for it."""
    widths = list(least)
    while room > 0 and (short := [at for at, wide in enumerate(widths) if wide < natural[at]]):
        each = max(1, room // len(short))
        for at in short[:room]:
            more = min(each, natural[at] - widths[at])
            widths[at] += more
            room -= more
    return widths


def stacked(table: Listing, width: int) -> list[str]:
    """Each row as lines of its own: its first cell, and under it what else it says, by heading."""
    lines: list[str] = []
    for row in _shorter(table):
        first, *others = zip(table.headings, row, strict=True)
        lines += labelled(*first, width, "")
        for heading, cell in others:
            if cell:
                lines += labelled(heading, cell, width, INDENT)
    return lines


def facts_fit(facts: Facts, width: int) -> tuple[int, int] | None:
    """The widths of both columns; None where the facts are written as lines."""
    name = max((cell_len(name) for name, _ in facts.rows), default=0)
    room = width - _BORDER - 2 * _GAP - name
    if room < max((longest_piece(value) for _, value in facts.rows), default=0):
        return None
    return name, min(room, max((_widest(value) for _, value in facts.rows), default=0))


def labelled(heading: str, value: str, width: int, indent: str) -> list[str]:
    """`heading：value`, the value under its own beginning where it takes several lines."""
    label = f"{indent}{heading}：" if heading else indent
    start = " " * cell_len(label)
    if longest_piece(value) > width - cell_len(label):
        start = indent + INDENT
        return [label.rstrip(), *(start + line for line in wrapped(value, width - cell_len(start)))]
    first, *others = wrapped(value, width - cell_len(label))
    return [label + first, *(start + line for line in others)]
