"""The bank's lines as they are read: what became of each, and which wait for a person (A19).

What a line means follows from the case's own record (its payments in their order, the fee of its
level, the last day of its pay notice) and is computed when it is read; only the case's answer to it
is stored. A part payment that is completed later is therefore no longer open, whoever completed it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from asyncpg import Record

from activities.database import LIVE, Connection, Pool
from activities.identity import Identity
from activities.paging import LINES, cut, number, values_of
from activities.statements import statements
from activities.texts import USE as TEXT_USE
from workflows.rules.message import Message, local
from workflows.writer.messages import Actor

SQL = statements("payments")
FEN = 100
NUMBERS, REMARK, PAYER = "bank_line.numbers", "bank_line.remark", "bank_line.payer"

Outcome = Literal[
    "open", "matched", "part", "double", "over", "late", "refused", "unknown", "uneven", "dismissed"
]
"""`open`: the case's answer is not known yet. `over`: completed the fee and exceeds it; `double`:
the fee had been reached before. `late`: paid after the last day. `uneven`: not whole yuan.
`dismissed`: a person dealt with what no case was told (paid back, not ours)."""

SETTLED = frozenset({"matched", "dismissed"})
"""Outcomes that need nobody."""


class Paid(Message):
    """One payment as the case's record has it."""

    transaction: str
    yuan: int
    paid_at: datetime


class BankLineView(Message):
    """A line of the bank with what became of it; names and texts are opened."""

    id: int
    account: str = ""
    transaction: str
    outcome: Outcome
    needs_person: bool
    code: str = ""
    """Why the case refused it."""
    yuan: str
    paid_at: datetime
    application: str = ""
    acceptance_number: str = ""
    fee: int | None = None
    paid_in_time: int | None = None
    """Yuan of the case paid by its last day, all payments together."""
    last_day_ends_at: datetime | None = None
    numbers: tuple[str, ...] = ()
    remark: str = ""
    payer: str = ""
    office: str
    imported_by: str
    imported_at: datetime
    assigned_by: str = ""
    assigned_why: str = ""
    dismissed_by: str = ""
    dismissed_why: str = ""


class ToTell(Message):
    """A line whose case has not answered, and who told it first: a repeat must be the same act."""

    request_id: str
    account: str
    transaction: str
    application: str
    yuan: int
    paid_at: datetime
    teller: Actor

    @property
    def told_as(self) -> str:
        """The number under which the case hears of it."""
        return told_as(self.account, self.transaction)


def told_as(account: str, transaction: str) -> str:
    """A line's number in its case: with the account, where the bank's file names one."""
    return f"{account}/{transaction}" if account else transaction


def meaning(
    transaction: str, paid: Iterable[Paid], fee: int, ends_at: datetime | None
) -> Outcome | None:
    """What a payment means for its case; None where the record does not have it.

    Args:
        paid: the case's payments in the order in which they were recorded.
        ends_at: the end of the pay notice's last day; None before there is one.
    """
    known = list(paid)
    own = next((item for item in known if item.transaction == transaction), None)
    if own is None:
        return None
    if ends_at is not None and own.paid_at > ends_at:
        return "late"
    in_time = [item for item in known if ends_at is None or item.paid_at <= ends_at]
    before = sum(item.yuan for item in in_time[: in_time.index(own)])
    if before >= fee:
        return "double"
    if before + own.yuan > fee:
        return "over"
    return "matched" if sum(item.yuan for item in in_time) >= fee else "part"


@dataclass(frozen=True)
class Told:
    """A line with what it means for its case."""

    row: Record
    outcome: Outcome
    in_time: int
    """Yuan of its case paid in time."""

    @property
    def needs_person(self) -> bool:
        """Whether somebody has to look at it."""
        return self.outcome not in SETTLED and self.row["dismissed_at"] is None


async def told_of(
    connection: Connection | Pool, realm: str, office: str, transactions: list[str]
) -> list[Told]:
    """The lines of an office with these numbers and what they mean, in the order of import."""
    rows = await connection.fetch(SQL["lines"], realm, office, transactions, 0, False, None)
    return await _told(connection, rows)


async def _told(connection: Connection | Pool, rows: list[Record]) -> list[Told]:
    payments: dict[str, list[Paid]] = defaultdict(list)
    wanted = sorted({row["application"] for row in rows if row["application"]})
    for item in await connection.fetch(SQL["payments"], wanted):
        payments[item["application"]].append(
            Paid(transaction=item["transaction"], yuan=item["yuan"], paid_at=item["paid_at"])
        )
    return [Told(row, *_outcome(row, payments)) for row in rows]


class PaymentReading:
    """Reads the bank's lines for the office whose they are."""

    def __init__(self, pool: Pool, identity: Identity) -> None:
        self._pool = pool
        self._identity = identity

    async def lines(
        self, realm: str, office: str, transactions: list[str]
    ) -> tuple[BankLineView, ...]:
        """The lines of an office with these numbers, in the order of import."""
        return await self._views(await told_of(self._pool, realm, office, transactions))

    async def line(self, line: int, realm: str, office: str) -> BankLineView | None:
        """One line of an office; None where it has none of this id."""
        rows = await self._pool.fetch(SQL["lines"], realm, office, None, line - 1, False, 1)
        found = await self._views(await _told(self._pool, rows))
        return found[0] if found and found[0].id == line else None

    async def page(
        self,
        realm: str = LIVE,
        *,
        office: str = "",
        open_only: bool = False,
        limit: int = LINES,
        after: str = "",
    ) -> tuple[tuple[BankLineView, ...], str]:
        """A page of lines in the order of import, with `open_only` of those that need a person; and
        the mark of the next page.

        Raises:
            Refused: `malformed_payload` for an `after` that is no mark of such a page.
        """
        last = int(values_of(after, number)[0]) if after else 0
        found: list[Told] = []
        rest = True
        while rest and len(found) <= limit:
            rows = await self._pool.fetch(
                SQL["lines"], realm, office, None, last, open_only, limit + 1
            )
            found += [
                line for line in await _told(self._pool, rows) if line.needs_person or not open_only
            ]
            rest = len(rows) > limit
            last = rows[-1]["id"] if rows else last
        lines, following = cut(found, limit, lambda line: (line.row["id"],))
        return await self._views(lines), following

    async def _views(self, lines: Sequence[Told]) -> tuple[BankLineView, ...]:
        texts = await self._texts(lines)
        return tuple(self._view(line, texts) for line in lines)

    async def to_tell(
        self, realm: str, office: str, transactions: list[str] | None = None
    ) -> tuple[ToTell, ...]:
        """Lines whose case has not answered yet, the earliest paid first."""
        rows = await self._pool.fetch(SQL["to_tell"], realm, office, transactions)
        return tuple(
            ToTell(
                request_id=_request_id(row),
                account=row["account"],
                transaction=row["transaction"],
                application=row["application"],
                yuan=row["fen"] // FEN,
                paid_at=local(row["paid_at"]),
                teller=Actor.model_validate_json(row["teller"]),
            )
            for row in rows
        )

    def _view(self, line: Told, texts: Mapping[str, str]) -> BankLineView:
        row = line.row
        return BankLineView(
            id=row["id"],
            account=row["account"],
            transaction=row["transaction"],
            outcome=line.outcome,
            needs_person=line.needs_person,
            code=row["code"],
            yuan=yuan_of(row["fen"]),
            paid_at=local(row["paid_at"]),
            application=row["application"] or "",
            acceptance_number=row["acceptance_number"] or "",
            fee=row["fee"],
            paid_in_time=line.in_time if row["fee"] is not None else None,
            last_day_ends_at=local(row["ends_at"]) if row["ends_at"] else None,
            numbers=tuple(self._identity.open_optional(row["numbers"], NUMBERS).splitlines()),
            remark=self._identity.open_optional(row["remark"], REMARK),
            payer=self._identity.open_optional(row["payer"], PAYER),
            office=row["office"],
            imported_by=row["imported_by"],
            imported_at=local(row["imported_at"]),
            assigned_by=row["assigned_by"],
            assigned_why=texts.get(row["assigned_why"], row["assigned_why"]),
            dismissed_by=row["dismissed_by"],
            dismissed_why=texts.get(row["dismissed_why"], row["dismissed_why"]),
        )

    async def _texts(self, lines: Sequence[Told]) -> dict[str, str]:
        columns = ("assigned_why", "dismissed_why")
        wanted = sorted({line.row[column] for line in lines for column in columns} - {""})
        if not wanted:
            return {}
        found = await self._pool.fetch(SQL["texts"], wanted)
        return {row["id"]: self._identity.open(row["body"], TEXT_USE) for row in found}


def yuan_of(fen: int) -> str:
    """An amount as people write it: `420` or `420.50`."""
    whole, rest = divmod(fen, FEN)
    return f"{whole}.{rest:02}" if rest else str(whole)


def _request_id(row: Record) -> str:
    """A line asks under one id for ever; one that a person gave to a case asks under another.

    The keyed hash of its content is in it: nobody who only knows the bank's number can take the id.
    """
    mark = row["content_hash"].hex()[:16]
    again = f":{row['assigned_at']:%Y%m%d%H%M%S}" if row["assigned_at"] else ""
    return f"bank:{told_as(row['account'], row['transaction'])}:{mark}{again}"


def _outcome(row: Record, payments: Mapping[str, list[Paid]]) -> tuple[Outcome, int]:
    paid = payments.get(row["application"] or "", [])
    ends_at = row["ends_at"]
    in_time = sum(item.yuan for item in paid if ends_at is None or item.paid_at <= ends_at)
    answer: Outcome | Literal["told"] = row["answer"]
    if answer != "told":
        return ("dismissed" if row["dismissed_at"] else answer), in_time
    found = meaning(told_as(row["account"], row["transaction"]), paid, row["fee"] or 0, ends_at)
    return found or "open", in_time


def teller_json(actor: Actor) -> str:
    """Who tells a line, as it is kept: asked again it must be the same act."""
    return json.dumps(actor.model_dump(mode="json"), ensure_ascii=False)
