"""Tables as text: which encoding, which delimiter, and rows that are read strictly with their lines."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from config.reading import FileError

DELIMITERS = (",", "\t", ";", "|")
_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_UTF8, _GB = "utf-8", "gb18030"
_FEWEST_COLUMNS = 2
_NULS_OF_UTF16 = 10
"""In a table of UTF-16 more than every tenth byte is a NUL: digits, breaks, delimiters."""

Lacking = Callable[[Sequence[str]], Sequence[str]]


def decoded(content: bytes, name: Path | str, within: int, lacking: Lacking) -> str:
    """The text, with one kind of line break.

    A BOM decides. Without one it is UTF-16 where it is full of NULs; UTF-8 where it can be; else
    GB18030, which fits nearly any bytes, so that the heading shows whether it was right.

    Raises:
        FileError: with the line where the encoding breaks.
    """
    bom = next((known for known in _BOMS if content.startswith(known)), b"")
    if bom:
        return _with(content, _BOMS[bom], name)
    if content.count(0) * _NULS_OF_UTF16 > len(content):
        # ASCII has its NUL behind the character in one byte order, before it in the other.
        little = content[1::2].count(0) >= content[::2].count(0)
        return _with(content, "utf-16-le" if little else "utf-16-be", name)
    try:
        return _one_break(content.decode(_UTF8))
    except UnicodeDecodeError as err:
        broken = err
    try:
        text = _one_break(content.decode(_GB))
    except UnicodeDecodeError:
        raise _undecodable(name, broken, content) from None
    if not _has_heading(text, within, lacking):
        as_utf8 = content.decode(_UTF8, errors="replace")
        if _has_heading(as_utf8, within, lacking):
            raise _undecodable(name, broken, content)
    return text


def delimiter_of(text: str, within: int, lacking: Lacking) -> str:
    """The delimiter with which a heading is found, else a comma."""
    lines = _first_lines(text, within)
    for delimiter in DELIMITERS:
        if any(not lacking(_split(line, delimiter)) for line in lines):
            return delimiter
    return max(DELIMITERS, key=lambda one: sum(line.count(one) for line in lines))


def rows(
    text: str, delimiter: str, name: Path | str, longest: int
) -> Iterator[tuple[int, list[str]]]:
    """The rows with the line on which each begins.

    Raises:
        FileError: a quote has no pair, or stands where it means nothing; nothing behind it is sure.
    """
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise FileError(name, [f"第 {line} 行：含有空字符，不是文本表格，请重新导出"])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as err:
            if "field limit" in str(err):
                told = f"有单元格超过 {longest} 字，多半是引号没有成对"
            else:
                told = "引号没有成对，其后的内容无法分清各行，请核对这一行的引号"
            raise FileError(name, [f"第 {line} 行：{told}"]) from None
        yield line, cells
        line = reader.line_num + 1


def check_swallowed(
    name: Path | str, rows: Sequence[tuple[int, Sequence[str]]], delimiter: str, width: int
) -> None:
    """Refuse a cell that holds what looks like further rows: two quotes astray make a pair.

    A line within a cell is taken for a row where it begins as the rows do (`2023-0001` as
    `2023-0002`, not as a sentence) and, with the cells behind it if it ends the cell, is as wide.

    Raises:
        FileError: with both lines.
    """
    if width < _FEWEST_COLUMNS:
        return
    shapes = {_shape(cells[0]) for _, cells in rows if cells}
    problems = [
        f"第 {line} 行：一个单元格里夹着另外的行（从第 {line + within} 行起），多半是引号没有成对"
        for line, cells in rows
        if any("\n" in cell for cell in cells)
        for within in _rows_within(cells, delimiter, width, shapes)
    ]
    if problems:
        raise FileError(name, problems)


def _rows_within(
    cells: Sequence[str], delimiter: str, width: int, shapes: set[str]
) -> Iterator[int]:
    before = 0
    for place, cell in enumerate(cells):
        lines = cell.split("\n")
        for number, inner in enumerate(lines[1:], start=1):
            first, found, _ = inner.partition(delimiter)
            behind = len(cells) - place - 1 if number == len(lines) - 1 else 0
            as_wide = inner.count(delimiter) + 1 + behind == width
            if found and as_wide and _shape(first) in shapes:
                yield before + number
                return
        before += len(lines) - 1


def _shape(text: str) -> str:
    """What a value looks like: `AA-9999`; a count is one shape however long."""
    if text.strip().isdecimal():
        return "9"
    kinds = (
        "9"
        if char.isdecimal()
        else "a"
        if char.isascii() and char.isalpha()
        else char
        if char.isascii()
        else "汉"
        for char in text.strip()
    )
    return "".join(kinds)


def _with(content: bytes, encoding: str, name: Path | str) -> str:
    try:
        return _one_break(content.decode(encoding))
    except UnicodeDecodeError as err:
        raise _undecodable(name, err, content) from None


def _undecodable(name: Path | str, err: UnicodeDecodeError, content: bytes) -> FileError:
    before = content[: err.start]
    line = max(before.count(b"\n"), before.count(b"\r")) + 1
    told = "文字编码无法识别，应为 UTF-8、GB18030（GBK）或者 UTF-16"
    return FileError(name, [f"第 {line} 行：{told}"])


def _one_break(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _has_heading(text: str, within: int, lacking: Lacking) -> bool:
    lines = _first_lines(text, within)
    return any(not lacking(_split(line, one)) for line in lines for one in DELIMITERS)


def _first_lines(text: str, within: int) -> list[str]:
    """The first lines that have something; a line beyond all measure is no heading."""
    found: list[str] = []
    for line in io.StringIO(text):
        if line.strip(" ,;|\t\n"):
            found.append(line.rstrip("\n")[:10_000])
        if len(found) == within:
            break
    return found


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []
