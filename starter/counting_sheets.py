"""Counting sheets and opinions, as an office writes them in a spreadsheet.

A file is read whole or not at all: every bad line is told with its number, and what a sheet says of
itself (its sums, how many it lists) has to fit what is in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from config import tables_in
from config.reading import FileError
from config.tables_in import Limits, Row, Sheet, plain

Column = Literal["application", "yes", "no", "abstain", "uncast", "all", "text", "group"]

NAMES: dict[Column, tuple[str, ...]] = {
    "application": ("申报", "申报编号", "受理号", "编号"),
    "yes": ("同意", "同意票", "赞成"),
    "no": ("反对", "反对票", "不同意"),
    "abstain": ("弃权", "弃权票"),
    "uncast": ("未投", "未投票"),
    "all": ("总票数", "票数合计", "发出票数"),
    "text": ("意见", "评议意见"),
    "group": ("组", "组别"),
}
VOTES: tuple[Column, ...] = ("yes", "no", "abstain", "uncast")
SUMS = ("合计", "总计", "小计")
LONGEST_OPINION = 4_000
"""As many characters as an opinion itself may have (`workflows.writer.payloads.Text`)."""

_COUNT = re.compile(r"\d{1,4}")
_HOW_MANY = re.compile(r"(?:共|合计|总计)\s*(\d{1,5})\s*(?:件|人|份)")


def ballots(path: Path) -> list[dict[str, Any]]:
    """The tallies of a counting sheet: 申报 or 受理号, 同意, 反对, 弃权, 未投.

    Raises:
        FileError: with every bad line's number and what is wrong with it.
    """
    sheet = _Counted(path, must=("application", "yes"))
    for row in sheet.rows():
        votes: dict[str, Any] = {}
        for column in VOTES:
            value = plain(sheet.value(row, column)) or "0"
            if _COUNT.fullmatch(value):
                votes[column] = int(value)
            else:
                sheet.wrong(row, f"{NAMES[column][0]}不是票数")
        stated = plain(sheet.value(row, "all"))
        if stated and len(votes) == len(VOTES) and stated != str(sum(votes.values())):
            sheet.wrong(row, f"各项相加为 {sum(votes.values())} 票，与所写的总票数不符")
        sheet.add(row, votes)
    sheet.check_sums()
    return sheet.whole()


def opinions(path: Path) -> list[dict[str, Any]]:
    """The written opinions of a sheet: 申报 or 受理号, 意见, and 组 where there are several.

    Raises:
        FileError: as `ballots`.
    """
    sheet = _Counted(path, must=("application", "text"))
    for row in sheet.rows():
        text = sheet.value(row, "text").strip()
        if not text:
            sheet.wrong(row, "没有写意见")
        group = plain(sheet.value(row, "group"))
        if group and not _COUNT.fullmatch(group):
            sheet.wrong(row, "组别不是数字")
        entry = {"text": text}
        sheet.add(row, {**entry, "group": int(group)} if _COUNT.fullmatch(group) else entry)
    return sheet.whole()


class _Counted:
    """A sheet that is being read: what was found so far, and what is wrong with it."""

    def __init__(self, path: Path, must: Sequence[Column]) -> None:
        self._path = path
        self._must = must
        limits = Limits(rows=5_000, cell=LONGEST_OPINION)
        self._sheet: Sheet = tables_in.read(path, self._lacking, limits)
        self._at, twice = tables_in.columns(self._sheet.heading.cells, NAMES)
        self._found: list[dict[str, Any]] = []
        self._seen: dict[tuple[str, int], int] = {}
        self._sums: list[Row] = []
        self._problems = list(self._sheet.problems)
        self._problems += [
            f"工作表“{title[:40]}”没有这些栏目，请删去或者分别导入" for title in self._sheet.unread
        ]
        line = self._sheet.heading.line
        self._problems += [f"第 {line} 行：“{name}”这一栏有两处" for name in twice]

    def rows(self) -> Iterator[Row]:
        """The rows that are somebody's; a row of sums is put aside."""
        for row in self._sheet.rows:
            if self._is_sum(row):
                self._sums.append(row)
            else:
                yield row

    def value(self, row: Row, column: Column) -> str:
        """What a row says in a column; empty where it has none."""
        at = self._at.get(column)
        return row.cells[at] if at is not None and at < len(row.cells) else ""

    def wrong(self, row: Row, what: str) -> None:
        """Note what is wrong with a row."""
        self._problems.append(f"第 {row.line} 行：{what}")

    def add(self, row: Row, entry: Mapping[str, Any]) -> None:
        """Take what a row says of an application; the same one twice is a slip."""
        named = plain(self.value(row, "application"))
        if not named:
            self.wrong(row, "没有写明申报")
        first = self._seen.setdefault((named, entry.get("group", 0)), row.line)
        if named and first != row.line:
            self.wrong(row, f"与第 {first} 行是同一件申报")
        self._found.append({"application": named, **entry})

    def check_sums(self) -> None:
        """What rows of sums say of each kind of vote."""
        for row in self._sums:
            for column in VOTES:
                stated = plain(self.value(row, column))
                total = sum(entry.get(column, 0) for entry in self._found)
                if stated and stated != str(total):
                    told = f"{NAMES[column][0]}合计写的是 {stated[:20]}，各行相加为 {total}"
                    self.wrong(row, f"{told}，文件可能不完整")

    def whole(self) -> list[dict[str, Any]]:
        """Everything, if nothing is wrong with any of it.

        Raises:
            FileError: with every bad line.
        """
        self._check_how_many()
        if self._problems:
            raise FileError(self._path, self._problems)
        if not self._found:
            raise FileError(self._path, ["一行内容也没有"])
        return self._found

    def _check_how_many(self) -> None:
        """`共 12 件`, above the heading or in a row of sums."""
        for row in (*self._sheet.above, *self._sums):
            for found in _HOW_MANY.finditer(plain(" ".join(row.cells))):
                if int(found[1]) != len(self._found):
                    told = f"写明共 {found[1]} 件，实有 {len(self._found)} 件，文件可能不完整"
                    self.wrong(row, told)

    def _is_sum(self, row: Row) -> bool:
        first = next((cell.strip() for cell in row.cells if cell.strip()), "")
        return first.startswith(SUMS) or bool(_HOW_MANY.match(plain(first)))

    def _lacking(self, cells: Sequence[str]) -> list[str]:
        at, _ = tables_in.columns(cells, NAMES)
        return ["或".join(NAMES[column]) for column in self._must if column not in at]
