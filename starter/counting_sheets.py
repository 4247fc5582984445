"""Counting sheets and opinions as CSV files, as an office writes them in a spreadsheet.

A file is read whole or not at all: every bad line is told with its number.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from config.reading import FileError

ENCODINGS = ("utf-8-sig", "gb18030")
APPLICATION = ("申报", "申报编号", "受理号", "编号")
VOTES = {"同意": "yes", "反对": "no", "弃权": "abstain", "未投": "uncast"}
OPINION = ("意见", "评议意见")
GROUP = ("组", "组别")


def ballots(path: Path) -> list[dict[str, Any]]:
    """The tallies of a counting sheet: 申报 or 受理号, 同意, 反对, 弃权, 未投.

    Raises:
        FileError: with every bad line's number and what is wrong with it.
    """
    problems: list[str] = []
    found: list[dict[str, Any]] = []
    for number, row in _rows(path, must=("同意",)):
        votes: dict[str, Any] = {}
        for heading, key in VOTES.items():
            value = row.get(heading, "") or "0"
            if value.isascii() and value.isdigit():
                votes[key] = int(value)
            else:
                problems.append(f"第 {number} 行：{heading}不是票数")
        found.append({"application": _application(row, number, problems), **votes})
    return _whole(path, found, problems)


def opinions(path: Path) -> list[dict[str, Any]]:
    """The written opinions of a sheet: 申报 or 受理号, 意见, and 组 where there are several.

    Raises:
        FileError: as `ballots`.
    """
    problems: list[str] = []
    found: list[dict[str, Any]] = []
    for number, row in _rows(path, must=OPINION):
        text = _first(row, OPINION)
        if not text:
            problems.append(f"第 {number} 行：没有写意见")
        entry = {"application": _application(row, number, problems), "text": text}
        group = _first(row, GROUP)
        if group and not group.isdigit():
            problems.append(f"第 {number} 行：组别不是数字")
        found.append({**entry, "group": int(group)} if group.isdigit() else entry)
    return _whole(path, found, problems)


def _rows(path: Path, must: Sequence[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    reader = csv.reader(io.StringIO(_text(path)))
    headings = [cell.strip() for cell in next(reader, [])]
    missing = [names[0] for names in (APPLICATION, must) if not set(names) & set(headings)]
    if missing:
        raise FileError(path, [f"第 1 行：没有“{name}”这一栏" for name in missing])
    for number, cells in enumerate(reader, start=2):
        if any(cell.strip() for cell in cells):
            yield number, dict(zip(headings, (cell.strip() for cell in cells), strict=False))


def _text(path: Path) -> str:
    content = path.read_bytes()
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileError(path, ["不是 UTF-8 或 GB18030 编码的文本"])


def _application(row: Mapping[str, str], number: int, problems: list[str]) -> str:
    named = _first(row, APPLICATION)
    if not named:
        problems.append(f"第 {number} 行：没有写明申报")
    return named


def _first(row: Mapping[str, str], names: Sequence[str]) -> str:
    return next((row[name] for name in names if row.get(name)), "")


def _whole(path: Path, found: list[dict[str, Any]], problems: list[str]) -> list[dict[str, Any]]:
    if problems:
        raise FileError(path, problems)
    if not found:
        raise FileError(path, ["一行内容也没有"])
    return found
