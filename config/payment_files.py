"""A bank's file of received fees, read line by line: every bad line is told with its number.

What a column is called and how a time is written differs by bank, so it is a profile
(`config/payments/*.toml`). Nothing of a bad file is used: either every line is understood, or the
whole is refused; a file whose own sum or count does not fit its lines is a bad one. Lines that are no
income are passed over, and listed. No value of a line is repeated in an error: a remark names people.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from config import tables_in
from config.payment_profiles import Column, Profile, read_profile
from config.reading import FileError
from config.statement_sums import Movement, says_of_the_whole, unfitting
from config.tables_in import Limits, Row, Sheet, plain
from workflows.operation.payloads import ACCOUNT
from workflows.rules.days import FIRST_YEAR, LAST_YEAR, Moment
from workflows.rules.message import BEIJING, local
from workflows.rules.text import Line, Prose, acceptable_line

FEN = 100
MOST_YUAN = 1_000_000
"""As `workflows.payloads.RecordPayment`: more than any fee by far."""
DIGITS_OF_A_SPREADSHEET = 15
"""Of a longer number a spreadsheet keeps so many digits and writes zeros for the rest."""
SURELY_ROUNDED = 4
"""Zeros at the end that are hardly chance."""

_TRANSACTION = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}")
_CURRENCY = re.compile(r"^(?:¥|RMB|CNY|人民币)\s*|\s*元整?$")
_AMOUNT = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.\d{1,12})?")
_REWRITTEN = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
_A_COUNT = re.compile(r"\d{1,6}")
_CLOCK_DIGITS = re.compile(r"\d{5,6}")

Why = Literal["outgoing", "negative", "nothing", "heading", "footer"]
WHY_ZH: dict[Why, str] = {
    "outgoing": "支出",
    "negative": "金额为负（退款、冲正或者支出），退款请按流水号另行登记处理结果",
    "nothing": "没有发生额",
    "heading": "重复的表头",
    "footer": "合计行",
}


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


class PassedOver(BaseModel):
    """A line that is no payment to us, and why."""

    model_config = ConfigDict(frozen=True)

    line: int
    why: Why

    def sentence(self) -> str:
        """The line for a person."""
        return f"第 {self.line} 行：{WHY_ZH[self.why]}"


class BankFile(BaseModel):
    """A file that was understood as a whole: its payments, and what was passed over."""

    model_config = ConfigDict(frozen=True)

    lines: tuple[BankLine, ...]
    passed_over: tuple[PassedOver, ...] = ()
    warnings: tuple[Prose, ...] = ()
    """What a careful colleague would look at again, in Chinese, each with its line."""


class _BadValueError(Exception):
    """A value that cannot be used; the message is Chinese and does not repeat it."""


def read(path: Path, profile: Profile | None = None) -> BankFile:
    """A bank's file, whole or not at all.

    Raises:
        FileError: with every bad line's number and what is wrong with it.
    """
    used = profile or read_profile()
    return _read(tables_in.read(path, _lacking(used), _limits(used)), path, used)


def understand(content: bytes, name: Path | str, profile: Profile) -> BankFile:
    """The content of a bank's file; see `read`.

    Raises:
        FileError: with every bad line's number and what is wrong with it.
    """
    sheet = tables_in.understand(content, name, _lacking(profile), _limits(profile))
    return _read(sheet, name, profile)


def numbers_in(text: str, profile: Profile) -> tuple[str, ...]:
    """What in a remark looks like an application's number, each once, as the office writes it.

    Banks print remarks in capitals, with other dashes, and broken by spaces where a line was full.
    """
    plain_dashes = text.translate(_DASHES)
    for searched in (plain_dashes, plain_dashes.replace(" ", "")):
        found = [
            _as_the_office_writes(match.group(0), pattern)
            for pattern in profile.numbers.patterns
            for match in re.finditer(
                rf"(?<![0-9A-Za-z-])(?:{pattern})(?![0-9A-Za-z-])", searched, re.IGNORECASE
            )
        ]
        if found:
            return tuple(dict.fromkeys(found))
    return ()


def _as_the_office_writes(number: str, pattern: str) -> str:
    written = (number, number.lower(), number.upper())
    return next((one for one in written if re.fullmatch(pattern, one)), number)


def _limits(profile: Profile) -> Limits:
    lines = profile.lines
    return Limits(rows=lines.most, size=lines.most_bytes, heading_within=profile.header_within)


def _lacking(profile: Profile) -> tables_in.Lacking:
    needed = profile.columns_needed

    def lacking(cells: Sequence[str]) -> list[str]:
        at, _ = tables_in.columns(cells, profile.columns)
        groups = [(column,) for column in needed.all] + list(needed.one_of)
        return [
            "或".join(name for column in group for name in profile.columns.get(column, (column,)))
            for group in groups
            if not any(column in at for column in group)
        ]

    return lacking


def _read(sheet: Sheet, name: Path | str, profile: Profile) -> BankFile:
    """Every line, or everything that is wrong with any."""
    found = _Statement(sheet, profile)
    problems = [*sheet.problems, *found.read()]
    problems += [] if problems else unfitting(found.sums(), found.movements)
    if problems:
        raise FileError(name, problems)
    if not found.lines:
        passed = f"（略过 {len(found.passed_over)} 行）" if found.passed_over else ""
        raise FileError(name, [f"没有一笔收款{passed}"])
    unread = [f"工作表“{other[:40]}”没有这些栏目，未读" for other in sheet.unread]
    return BankFile(
        lines=tuple(found.lines),
        passed_over=tuple(found.passed_over),
        warnings=(*unread, *found.warnings()),
    )


@dataclass(frozen=True)
class _Amount:
    """What moved on a line: `fen` is negative where money left us or was taken back."""

    fen: int
    why: Why | None = None
    """Set: the line is no payment to us."""


class _Statement:
    """One statement that is being read."""

    def __init__(self, sheet: Sheet, profile: Profile) -> None:
        self._sheet = sheet
        self._profile = profile
        self._at, self._twice = tables_in.columns(sheet.heading.cells, profile.columns)
        named = {tables_in.heading(name) for name in profile.columns.get("remark", ())}
        self._remarks_at = [
            place
            for place, title in enumerate(sheet.heading.cells)
            if tables_in.heading(title) in named
        ]
        self.lines: list[BankLine] = []
        self.passed_over: list[PassedOver] = []
        self.movements: list[Movement] = []
        self._footers: list[Row] = []
        self._seen: dict[tuple[str, str], int] = {}
        self._taken_back: list[tuple[int, str]] = []
        self._returned: list[int] = []

    def read(self) -> list[str]:
        """Read every row; what is wrong with any."""
        line = self._sheet.heading.line
        problems = [f"第 {line} 行：“{name}”这一栏有两处" for name in self._twice]
        for written in self._sheet.rows:
            row = Row(written.line, tuple(plain(cell) for cell in written.cells))
            if self._is_heading(written.cells):
                self._pass_over(row, "heading")
            elif self._is_footer(row):
                self._footers.append(row)
                self._pass_over(row, "footer")
            else:
                problems += [f"第 {row.line} 行：{what}" for what in self._line(row)]
        return problems

    def sums(self) -> list[tuple[int, str, tuple[str, ...]]]:
        """Rows that say something of the whole: line, text, and what stands in columns of money."""
        money: tuple[Column, ...] = ("amount", "credit", "debit")
        below = [
            (
                row.line,
                " ".join(filter(None, row.cells)),
                tuple(self._value(row, one) for one in money),
            )
            for row in self._footers
        ]
        above = [(row.line, plain(" ".join(row.cells)), ("", "", "")) for row in self._sheet.above]
        return above + below

    def warnings(self) -> list[str]:
        """Numbers that a spreadsheet rounded, and money that seems to have gone back."""
        told = [
            f"第 {line.line} 行：流水号第 {DIGITS_OF_A_SPREADSHEET} 位以后全是 0，"
            "可能被表格软件改写，请与银行原件核对"
            for line in self._rounded()
        ]
        for number, transaction in self._taken_back:
            first = next((line.line for line in self.lines if line.transaction == transaction), 0)
            if first:
                told.append(
                    f"第 {number} 行：与第 {first} 行流水号相同、金额为负，该笔收款可能已冲正"
                )
        told += [
            f"第 {number} 行：附言有退汇、冲正等字样，不自动对应申报，请人工核对"
            for number in self._returned
        ]
        return told

    def _rounded(self) -> list[BankLine]:
        long = [
            line
            for line in self.lines
            if line.transaction.isdecimal() and len(line.transaction) > DIGITS_OF_A_SPREADSHEET
        ]
        zeros = [line for line in long if not line.transaction[DIGITS_OF_A_SPREADSHEET:].strip("0")]
        if len(long) > 1 and len(zeros) == len(long):
            return zeros
        return [
            line
            for line in zeros
            if len(line.transaction) - DIGITS_OF_A_SPREADSHEET >= SURELY_ROUNDED
            or line.transaction.endswith("0" * SURELY_ROUNDED)
        ]

    def _value(self, row: Row, column: Column) -> str:
        at = self._at.get(column)
        return row.cells[at] if at is not None and at < len(row.cells) else ""

    def _pass_over(self, row: Row, why: Why) -> None:
        self.passed_over.append(PassedOver(line=row.line, why=why))

    def _is_footer(self, row: Row) -> bool:
        """A row of sums begins so, and is no payment: a payer may be called 合计公司."""
        first = next((cell for cell in row.cells if cell), "")
        if not first.startswith(self._profile.lines.footers) and not says_of_the_whole(first):
            return False
        number = self._value(row, "transaction")
        numbered = (
            number != first and _TRANSACTION.fullmatch(number) and not _A_COUNT.fullmatch(number)
        )
        return not numbered and not self._is_timed(row)

    def _is_timed(self, row: Row) -> bool:
        try:
            self._moment(row)
        except _BadValueError:
            return False
        return True

    def _line(self, row: Row) -> list[str]:
        """Take one line; everything that is wrong with it."""
        wrong: list[str] = []
        amount, transaction, paid_at = _Amount(0), "", datetime.min.replace(tzinfo=BEIJING)
        try:
            amount = self._amount(row)
        except _BadValueError as err:
            wrong.append(str(err))
        if amount.why is not None:
            self._pass_over(row, amount.why)
            self.movements.append(Movement(row.line, amount.fen))
            if amount.why == "negative":
                self._taken_back.append((row.line, self._value(row, "transaction")))
            return wrong
        try:
            transaction = _transaction(self._value(row, "transaction"))
        except _BadValueError as err:
            wrong.insert(0, str(err))
        try:
            paid_at = self._moment(row)
        except _BadValueError as err:
            wrong.append(str(err))
        account = self._value(row, "account").replace(" ", "")
        if not re.fullmatch(ACCOUNT, account):
            wrong.append("收款账号只能由字母、数字、横线组成，不超过 64 位")
        if wrong:
            return wrong
        first = self._seen.setdefault((account, transaction), row.line)
        if first != row.line:
            return [f"流水号与第 {first} 行相同" + _because_rounded(transaction)]
        remarks = self._remarks(row)
        returned = any(word in "".join(remarks) for word in self._profile.lines.returned)
        if returned:
            self._returned.append(row.line)
        self.movements.append(Movement(row.line, amount.fen))
        self.lines.append(
            BankLine(
                line=row.line,
                account=account,
                transaction=transaction,
                fen=amount.fen,
                paid_at=paid_at,
                numbers=() if returned else self._numbers(row, remarks),
                remark=acceptable_line(remarks[0])[:500] if remarks else "",
                payer=acceptable_line(self._value(row, "payer"))[:200],
            )
        )
        return []

    def _remarks(self, row: Row) -> list[str]:
        """What is written in the columns of remarks, the first of them first."""
        others = [row.cells[at] for at in self._remarks_at if at < len(row.cells)]
        every = (self._value(row, "remark"), *others)
        return list(dict.fromkeys(text for text in every if text))

    def _numbers(self, row: Row, remarks: Sequence[str]) -> tuple[str, ...]:
        stated = self._value(row, "number")
        if stated:
            return numbers_in(stated, self._profile) or (acceptable_line(stated)[:200],)
        found = [number for text in remarks for number in numbers_in(text, self._profile)]
        return tuple(dict.fromkeys(found))

    def _amount(self, row: Row) -> _Amount:
        """What moved, by its column, its direction or its sign."""
        direction = self._direction(row)
        if "credit" in self._at:
            return self._of_two_columns(row, direction)
        fen = _fen(self._value(row, "amount"))
        if direction == "outgoing":
            return _Amount(-fen, "outgoing")
        return _Amount(fen, "negative" if fen < 0 else None)

    def _of_two_columns(self, row: Row, direction: str) -> _Amount:
        credit, debit = self._value(row, "credit"), self._value(row, "debit")
        into, out = _fen_or_nothing(credit), _fen_or_nothing(debit)
        if into and out:
            raise _BadValueError("收入和支出两栏都有金额")
        if not into and not out:
            if not credit and not debit and "debit" in self._at:
                raise _BadValueError("没有金额")
            return _Amount(0, "nothing")
        if out:
            return _Amount(-out, "outgoing" if out > 0 else "negative")
        if direction == "outgoing":
            raise _BadValueError("收支方向与有金额的一栏不符")
        return _Amount(into, "negative" if into < 0 else None)

    def _direction(self, row: Row) -> str:
        if "direction" not in self._at:
            return ""
        stated = self._value(row, "direction").upper()
        lines = self._profile.lines
        if stated in lines.incoming:
            return "incoming"
        if stated in lines.outgoing:
            return "outgoing"
        known = "、".join((*lines.incoming, *lines.outgoing))
        raise _BadValueError(f"收支方向{'读不出' if stated else '没有写'}，应为{known}之一")

    def _is_heading(self, cells: Sequence[str]) -> bool:
        """Files put one behind the other have it again, with a byte-order mark or a page break."""
        again = [tables_in.heading(cell) for cell in cells]
        return again == [tables_in.heading(cell) for cell in self._sheet.heading.cells]

    def _moment(self, row: Row) -> datetime:
        """When it was paid: a column of both, or a day and a time in two."""
        at, on = self._value(row, "paid_at"), self._value(row, "paid_on")
        forms = self._profile.paid_at
        if not at and not on:
            raise _BadValueError("没有缴费时间")
        clock = _read_time(at, forms.times) if at and on else None
        found = _read_moment(on if clock is not None or not at else at, forms.formats)
        if found is None:
            raise _BadValueError("缴费时间读不出，应写作 2023-11-16 09:30:00")
        moment = datetime.combine(found.date(), clock) if clock is not None else found
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise _BadValueError("缴费时间的年份不能采用")
        return local(moment)


def _transaction(stated: str) -> str:
    if not stated:
        raise _BadValueError("没有流水号")
    if _REWRITTEN.fullmatch(stated):
        raise _BadValueError("流水号被表格软件改写成科学计数法，请从银行重新导出")
    if not _TRANSACTION.fullmatch(stated):
        raise _BadValueError("流水号只能由字母、数字、横线组成，不超过 64 位")
    return stated


def _because_rounded(transaction: str) -> str:
    tail = transaction[DIGITS_OF_A_SPREADSHEET:]
    rounded = transaction.isdecimal() and tail and not tail.strip("0")
    return "；可能是表格软件把长数字改成了 0，请从银行重新导出" if rounded else ""


def _fen_or_nothing(stated: str) -> int:
    """The amount of one of two columns; 0 where it is blank, a dash or 0.00."""
    if stated.strip("-—") == "" or not stated.strip("0.¥元"):
        return 0
    return _fen(stated)


def _fen(stated: str) -> int:
    """An amount in yuan as fen, negative where it has a minus."""
    text = stated.strip()
    negative = text.startswith(("-", "(")) or text.endswith("-")
    text = _CURRENCY.sub("", text.strip("-()")).strip("- +").removesuffix(".")
    if not text:
        raise _BadValueError("没有金额")
    if not _AMOUNT.fullmatch(text):
        raise _BadValueError("金额不是数字，应写作 420.00")
    amount = Decimal(text.replace(",", ""))
    fen = amount * FEN
    if fen != fen.to_integral_value():
        raise _BadValueError("金额超过两位小数")
    if not 0 < amount <= MOST_YUAN:
        raise _BadValueError(f"金额应大于 0、不超过 {MOST_YUAN} 元")
    return -int(fen) if negative else int(fen)


def _read_moment(stated: str, forms: Sequence[str]) -> datetime | None:
    if "T" in stated:  # ISO 8601, with its zone or on Beijing's clock
        try:
            return datetime.fromisoformat(stated)
        except ValueError:
            return None
    for form in forms:
        try:
            moment = datetime.strptime(stated, form)  # noqa: DTZ007 - Beijing's; the caller says so
        except ValueError:
            continue
        # 2023116 would pass for a day of one of its two readings.
        if not stated.isdigit() or moment.strftime(form) == stated:
            return moment
    return None


def _read_time(stated: str, forms: Sequence[str]) -> time | None:
    """A time alone; None where it is none. 93000 lost its zero in a spreadsheet."""
    text = stated.zfill(6) if _CLOCK_DIGITS.fullmatch(stated) else stated
    for form in forms:
        try:
            return datetime.strptime(text, form).time()  # noqa: DTZ007 - a time of day has no zone
        except ValueError:
            continue
    return None
