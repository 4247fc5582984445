"""The one reader of tables that come in: bank statements, counting sheets, opinions.

Whatever office software and banks write is taken (CSV, tabs, UTF-8, GB18030, UTF-16, xlsx), and read
strictly: a quote without its pair, a row that is cut off, a cell that holds other rows would let lines
vanish unseen, so each is refused with its line. A row knows its line in the file, whatever breaks the
cells above it have. What a column means is the caller's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from config import file_kinds, separated_text, workbooks
from config.reading import FileError, read_bytes

MEGABYTE = 1024 * 1024
C = TypeVar("C", bound=str)
Lacking = Callable[[Sequence[str]], Sequence[str]]
"""Which headings a row lacks, as it is told; empty for the heading row."""

_FORMULA_TEXT = re.compile(r'="(.*)"', re.DOTALL)


@dataclass(frozen=True)
class Limits:
    """How much of a table is taken: rows below the heading, characters of a cell, bytes of a file."""

    rows: int = 20_000
    cell: int = 2_000
    size: int = 20 * MEGABYTE
    heading_within: int = 20
    """Rows in which the heading is looked for: title lines stand above it."""


@dataclass(frozen=True)
class Row:
    """One row with the line of the file on which it begins, counted from 1 (in xlsx: its row)."""

    line: int
    cells: tuple[str, ...]

    def is_blank(self) -> bool:
        """Whether nothing is written in it."""
        return not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True)
class Sheet:
    """A table as it was read: what stands above the heading, the heading, and the rows below it."""

    above: tuple[Row, ...]
    heading: Row
    rows: tuple[Row, ...]
    problems: tuple[str, ...] = ()
    """What is wrong with single rows; the caller tells it with its own."""
    unread: tuple[str, ...] = ()
    """Sheets of a workbook that have something, but not this heading."""


def read(path: Path, lacking: Lacking, limits: Limits = Limits()) -> Sheet:
    """The table of a file.

    Raises:
        FileError: as `understand`, or the file cannot be read.
    """
    return understand(read_bytes(path, limits.size), path, lacking, limits)


def understand(
    content: bytes, name: Path | str, lacking: Lacking, limits: Limits = Limits()
) -> Sheet:
    """The table of a file's content.

    Raises:
        FileError: it is no table, has no heading row, or lines of it may have been swallowed.
    """
    if not content.strip(b"\xef\xbb\xbf\xff\xfe\0\r\n\t "):
        raise FileError(name, ["文件是空的"])
    if sentence := file_kinds.refusal(content):
        raise FileError(name, [sentence])
    if content.startswith(b"PK"):
        return _of_workbook(content, name, lacking, limits)
    return _of_text(content, name, lacking, limits)


def plain(cell: str) -> str:
    """A cell half-width, without control characters (they could drive a terminal) and tricks.

    A spreadsheet's `="123"` and `'123` only keep a long number a text.
    """
    text = unicodedata.normalize("NFKC", cell)
    if not text.isprintable():  # as every control and format character is not
        text = "".join(" " if unicodedata.category(char) in ("Cc", "Cf") else char for char in text)
    text = " ".join(text.split())
    quoted = _FORMULA_TEXT.fullmatch(text)
    return quoted.group(1).strip() if quoted else text.removeprefix("'")


def heading(cell: str) -> str:
    """A heading as it is compared: plain, without any gap (`交易 日期` in two lines)."""
    return plain(cell).replace(" ", "")


def columns(
    cells: Sequence[str], names: Mapping[C, Sequence[str]]
) -> tuple[dict[C, int], list[str]]:
    """Which column is which, and headings that stand twice: nobody could say which is meant.

    Of each list of names the first that the row has is taken.
    """
    there = [heading(cell) for cell in cells]
    found: dict[C, int] = {}
    twice: list[str] = []
    for column, known in names.items():
        name = next((one for one in map(heading, known) if one in there), None)
        if name is None:
            continue
        found[column] = there.index(name)
        if there.count(name) > 1:
            twice.append(name)
    return found, twice


def _of_workbook(content: bytes, name: Path | str, lacking: Lacking, limits: Limits) -> Sheet:
    pages = [
        (title, [Row(line, cells) for line, cells in rows])
        for title, rows in workbooks.read(content, name, limits.rows + limits.heading_within)
    ]
    _check_cells(name, [row for _, rows in pages for row in rows], limits)
    fitting = [
        (title, rows, at) for title, rows in pages if (at := _place(rows, lacking, limits)) >= 0
    ]
    if len(fitting) > 1:
        sentence = f"有 {len(fitting)} 张工作表都有这些栏目，请只留一张，分别导入"
        raise FileError(name, [sentence])
    if not fitting:
        raise _no_heading(
            name, [row for _, rows in pages for row in rows[: limits.heading_within]], lacking
        )
    title, rows, at = fitting[0]
    others = tuple(other for other, written in pages if other != title and written)
    width = len(rows[at].cells)
    padded = [Row(row.line, row.cells + ("",) * (width - len(row.cells))) for row in rows]
    return _sheet(name, padded, at, limits, unread=others)


def _of_text(content: bytes, name: Path | str, lacking: Lacking, limits: Limits) -> Sheet:
    text = separated_text.decoded(content, name, limits.heading_within, lacking)
    delimiter = separated_text.delimiter_of(text, limits.heading_within, lacking)
    rows = [
        Row(line, tuple(cells))
        for line, cells in separated_text.rows(text, delimiter, name, limits.cell)
    ]
    written = [row for row in rows if not row.is_blank()]
    at = _place(written, lacking, limits)
    if at < 0:
        raise _no_heading(name, written[: limits.heading_within], lacking)
    _check_cells(name, written, limits)
    width = len(written[at].cells)
    separated_text.check_swallowed(
        name, [(row.line, row.cells) for row in written[at + 1 :]], delimiter, width
    )
    sheet = _sheet(name, written, at, limits)
    last = sheet.rows[-1] if sheet.rows else None
    if last is not None and len(last.cells) < width and not text.endswith("\n"):
        cut = f"第 {last.line} 行：最后一行不完整，文件可能没有下载完"
        sheet = Sheet(sheet.above, sheet.heading, sheet.rows, (*sheet.problems, cut))
    return sheet


def _place(rows: Sequence[Row], lacking: Lacking, limits: Limits) -> int:
    """Where the heading is among the rows that have something; -1 where it is not."""
    for place, row in enumerate(rows[: limits.heading_within]):
        if not lacking(row.cells):
            return place
    return -1


def _sheet(
    name: Path | str, rows: Sequence[Row], at: int, limits: Limits, unread: tuple[str, ...] = ()
) -> Sheet:
    top, below = rows[at], rows[at + 1 :]
    if len(below) > limits.rows:
        raise FileError(name, [f"超过 {limits.rows} 行，请分成几个文件"])
    width = len(top.cells)
    problems = tuple(
        f"第 {row.line} 行：比表头多出有内容的栏，请核对单元格内的分隔符是否加了引号"
        for row in below
        if any(cell.strip() for cell in row.cells[width:])
    )
    return Sheet(tuple(rows[:at]), top, tuple(below), problems, unread)


def _check_cells(name: Path | str, rows: Sequence[Row], limits: Limits) -> None:
    long = [row.line for row in rows if any(len(cell) > limits.cell for cell in row.cells)]
    if long:
        raise FileError(
            name, [f"第 {line} 行：有单元格超过 {limits.cell} 字" for line in long[:10]]
        )


def _no_heading(name: Path | str, rows: Sequence[Row], lacking: Lacking) -> FileError:
    """What the row that looks most like a heading lacks."""
    fewest = min((list(lacking(row.cells)) for row in rows), key=len, default=list(lacking(())))
    return FileError(name, [f"缺少列：{words}" for words in fewest])
