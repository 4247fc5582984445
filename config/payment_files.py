"""A bank's file of received fees, read line by line: every bad line is told with its number.

What a column is called and how a time is written differs by bank, so it is a profile
(`config/payments/*.toml`). Nothing of a bad file is used: either every line is understood, or the
whole is refused. No value of a line is repeated in an error: a remark names people.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from config.payment_profiles import Column, Profile, read_profile
from config.reading import FileError
from workflows.operation.payloads import ACCOUNT
from workflows.rules.days import Moment
from workflows.rules.message import BEIJING
from workflows.rules.text import Line

FEN = 100
MOST_YUAN = 1_000_000
"""As `workflows.payloads.RecordPayment`: more than any fee by far."""

_TRANSACTION = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}")
_AMOUNT = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_REWRITTEN = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)
_QUOTED = re.compile(r'="(.*)"')


class BankLine(BaseModel):
    """One payment as the bank tells it. `fen` is the amount in 1/100 yuan.

    `numbers` are what may be an application's number: the column's, else what the remark holds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    line: int = 0
    account: Line = Field(default="", pattern=ACCOUNT)
    """Ours, at the bank; empty where the file does not name it."""
    transaction: Line = Field(pattern=rf"^{_TRANSACTION.pattern}$")
    fen: int = Field(gt=0)
    paid_at: Moment
    numbers: tuple[Line, ...] = ()
    remark: Line = ""
    payer: Line = ""


class BankFile(BaseModel):
    """A file that was understood as a whole; `passed_over` counts outgoing lines."""

    model_config = ConfigDict(frozen=True)

    lines: tuple[BankLine, ...]
    passed_over: int = 0


class _BadValueError(Exception):
    """A value that cannot be used; the message is Chinese and does not repeat it."""


@dataclass(frozen=True)
class _Table:
    """The rows under the header, each with its line number in the file."""

    at: dict[Column, int]
    rows: list[tuple[int, list[str]]]

    def value(self, row: Sequence[str], column: Column) -> str:
        index = self.at.get(column)
        return row[index] if index is not None and index < len(row) else ""


def read(path: Path, profile: Profile | None = None) -> BankFile:
    """A bank's file, whole or not at all.

    Raises:
        FileError: with every bad line's number and what is wrong with it.
    """
    used = profile or read_profile()
    return understand(_bytes(path, used), path, used)


def understand(content: bytes, name: Path | str, profile: Profile) -> BankFile:
    """The content of a bank's file; see `read`.

    Raises:
        FileError: with every bad line's number and what is wrong with it.
    """
    table = _table(_text(content, name, profile), name, profile)
    lines: list[BankLine] = []
    problems: list[str] = []
    passed_over = 0
    seen: dict[tuple[str, str], int] = {}
    for number, row in table.rows:
        if _is_outgoing(table, row, profile):
            passed_over += 1
            continue
        line, wrong = _line(table, number, row, profile)
        problems += [f"第 {number} 行：{what}" for what in wrong]
        if line is None:
            continue
        first = seen.setdefault((line.account, line.transaction), number)
        if first != number:
            problems.append(f"第 {number} 行：流水号与第 {first} 行相同")
            continue
        lines.append(line)
    if problems:
        raise FileError(name, problems)
    if not lines:
        raise FileError(name, ["没有一笔收款"])
    return BankFile(lines=tuple(lines), passed_over=passed_over)


def numbers_in(text: str, profile: Profile) -> tuple[str, ...]:
    """What in a remark looks like an application's number, each once."""
    found = [
        match.group(0)
        for pattern in profile.numbers.patterns
        for match in re.finditer(rf"(?<![0-9A-Za-z-])(?:{pattern})(?![0-9A-Za-z-])", text)
    ]
    return tuple(dict.fromkeys(found))


def _bytes(path: Path, profile: Profile) -> bytes:
    most = profile.lines.most_bytes
    try:
        if path.stat().st_size > most:
            raise FileError(path, [f"文件超过 {most // 1024 // 1024} MB"])
        return path.read_bytes()
    except FileNotFoundError:
        raise FileError(path, ["文件不存在"]) from None
    except OSError:
        raise FileError(path, ["文件无法读取"]) from None


def _text(content: bytes, name: Path | str, profile: Profile) -> str:
    for encoding in profile.encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileError(name, ["文字编码无法识别，应为 UTF-8 或 GB18030（GBK）"])


def _table(text: str, name: Path | str, profile: Profile) -> _Table:
    """Find the header and the rows under it, without blank lines and footers."""
    rows = list(_rows(text, name, profile))
    for place, (_, row) in enumerate(rows[: profile.header_within]):
        at = _columns(row, profile)
        if not _missing(at, profile):
            below = [(number, cells) for number, cells in rows[place + 1 :] if any(cells)]
            kept = [item for item in below if not _is_footer(item[1], profile)]
            if len(kept) > profile.lines.most:
                raise FileError(name, [f"超过 {profile.lines.most} 行，请分成几个文件"])
            return _Table(at, kept)
    best: dict[Column, int] = max(
        (_columns(row, profile) for _, row in rows[: profile.header_within]), key=len, default={}
    )
    raise FileError(name, [f"缺少列：{words}" for words in _missing(best, profile)])


def _rows(text: str, name: Path | str, profile: Profile) -> Iterator[tuple[int, list[str]]]:
    if "\x00" in text:
        raise FileError(name, ["不是文本文件，请从银行导出 CSV 格式"])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=profile.delimiter)
    line = 1
    try:
        for row in reader:
            yield line, [_plain(cell) for cell in row]
            line = reader.line_num + 1
    except csv.Error:
        raise FileError(name, [f"第 {line} 行：不是正确的 CSV"]) from None


def _plain(cell: str) -> str:
    """A cell half-width, without control characters (they could drive a terminal) and tricks.

    A spreadsheet's `="123"` and `'123` only keep a long number a text.
    """
    text = unicodedata.normalize("NFKC", cell)
    text = "".join(" " if unicodedata.category(char) in ("Cc", "Cf") else char for char in text)
    text = " ".join(text.split())
    quoted = _QUOTED.fullmatch(text)
    return quoted.group(1).strip() if quoted else text.removeprefix("'")


def _columns(row: Sequence[str], profile: Profile) -> dict[Column, int]:
    found: dict[Column, int] = {}
    for column, names in profile.columns.items():
        known = [_plain(name) for name in names]
        for name in known:
            if name in row:
                found[column] = row.index(name)
                break
    return found


def _missing(at: dict[Column, int], profile: Profile) -> list[str]:
    """What a header lacks, as the names it might have."""
    needed = profile.columns_needed
    lacking = [
        "或".join(profile.columns.get(column, (column,)))
        for column in needed.all
        if column not in at
    ]
    if not any(column in at for column in needed.one_of):
        every = [name for column in needed.one_of for name in profile.columns.get(column, ())]
        lacking.append("或".join(every))
    return lacking


def _is_footer(row: Sequence[str], profile: Profile) -> bool:
    first = next((cell for cell in row if cell), "")
    return first.startswith(profile.lines.footers)


def _is_outgoing(table: _Table, row: Sequence[str], profile: Profile) -> bool:
    stated = table.value(row, "direction")
    return bool(stated) and stated not in profile.lines.incoming


def _line(
    table: _Table, number: int, row: Sequence[str], profile: Profile
) -> tuple[BankLine | None, list[str]]:
    """One line, or everything that is wrong with it."""
    wrong: list[str] = []
    transaction, fen, paid_at = "", 0, datetime.min.replace(tzinfo=BEIJING)
    try:
        transaction = _transaction(table.value(row, "transaction"))
    except _BadValueError as err:
        wrong.append(str(err))
    try:
        fen = _fen(table.value(row, "amount"))
    except _BadValueError as err:
        wrong.append(str(err))
    try:
        paid_at = _moment(table.value(row, "paid_at"), profile)
    except _BadValueError as err:
        wrong.append(str(err))
    if wrong:
        return None, wrong
    account = table.value(row, "account").replace(" ", "")
    if not re.fullmatch(ACCOUNT, account):
        return None, ["收款账号只能由字母、数字、横线组成，不超过 64 位"]
    remark, stated = table.value(row, "remark"), table.value(row, "number")
    return BankLine(
        line=number,
        account=account,
        transaction=transaction,
        fen=fen,
        paid_at=paid_at,
        numbers=(stated,) if stated else numbers_in(remark, profile),
        remark=remark[:500],
        payer=table.value(row, "payer")[:200],
    ), []


def _transaction(stated: str) -> str:
    if not stated:
        raise _BadValueError("没有流水号")
    if _REWRITTEN.fullmatch(stated):
        raise _BadValueError("流水号被表格软件改写成科学计数法，请从银行重新导出")
    if not _TRANSACTION.fullmatch(stated):
        raise _BadValueError("流水号只能由字母、数字、横线组成，不超过 64 位")
    return stated


def _fen(stated: str) -> int:
    text = stated.removeprefix("¥").removeprefix("RMB").removesuffix("元").strip()
    if not text:
        raise _BadValueError("没有金额")
    if text.startswith("-"):
        raise _BadValueError("金额是负数；退款请按流水号另行登记处理结果")
    if not _AMOUNT.fullmatch(text):
        raise _BadValueError("金额不是数字，应写作 420.00")
    try:
        amount = Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise _BadValueError("金额不是数字，应写作 420.00") from None
    fen = amount * FEN
    if fen != fen.to_integral_value():
        raise _BadValueError("金额超过两位小数")
    if not 0 < amount <= MOST_YUAN:
        raise _BadValueError(f"金额应大于 0、不超过 {MOST_YUAN} 元")
    return int(fen)


def _moment(stated: str, profile: Profile) -> datetime:
    if not stated:
        raise _BadValueError("没有缴费时间")
    for form in profile.paid_at.formats:
        try:
            moment = datetime.strptime(stated, form).replace(tzinfo=BEIJING)
        except ValueError:
            continue
        # 2023116 would pass for a day of one of its two readings.
        if not stated.isdigit() or moment.strftime(form) == stated:
            return moment
    raise _BadValueError("缴费时间读不出，应写作 2023-11-16 09:30:00")
