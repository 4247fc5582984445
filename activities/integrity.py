"""The integrity register as it is read: by those who keep it, and by the draw of experts (A56)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from asyncpg import Record

from activities.database import LIVE, Connection, Pool, scope
from activities.identity import Identity
from activities.paging import LINES, cut, number, values_of
from activities.statements import statements
from activities.texts import USE as TEXT_USE
from workflows.rules.message import Message
from workflows.rules.names import RegisterSubject

SQL = statements("integrity")
NAME = "person.name"
DOCUMENT, DECIDED_BY = "integrity.document", "integrity.decided_by"
"""What the columns of both tables are sealed as."""


class BarView(Message):
    """A 影响期 with its history; reasons and names are opened."""

    number: int
    name: str = ""
    person: str = ""
    starts_on: date
    ends_on: date
    reason: str = ""
    document: str = ""
    decided_by: str = ""
    entered_by: str
    replaces: int | None = None
    lifted: bool = False
    lifted_by: str = ""
    lifted_why: str = ""


class RecordView(Message):
    """A record with its history; reasons and names are opened."""

    number: int
    name: str = ""
    person: str = ""
    subject: RegisterSubject
    conduct: str
    organisation: str = ""
    application: str = ""
    document: str
    decided_by: str
    decided_on: date
    keep_until: date
    reason: str = ""
    entered_by: str
    replaces: int | None = None
    replaced_by: int | None = None
    ended: bool = False
    ended_by: str = ""
    ended_why: str = ""


class Register(Message):
    """What is entered of one person, or a page of all: 影响期 and records, each by number."""

    bars: tuple[BarView, ...] = ()
    records: tuple[RecordView, ...] = ()
    following: str = ""
    """The mark of the next page; empty where this is the last."""


class ActiveRecord(Message):
    """A record that is kept on a day, without who it is about."""

    number: int
    subject: RegisterSubject
    conduct: str
    decided_on: date
    keep_until: date


async def active_records(
    connection: Connection | Pool, id_hash: bytes, day: date, *, realm: str = LIVE
) -> tuple[ActiveRecord, ...]:
    """The records kept of somebody on a Beijing day; neither withdrawn nor run out."""
    rows = await connection.fetch(SQL["active_records"], realm, id_hash, day)
    return tuple(ActiveRecord.model_validate(dict(row)) for row in rows)


async def persons_under_record(
    connection: Connection | Pool, persons: list[str], day: date, *, realm: str = LIVE
) -> frozenset[str]:
    """Of these people (opaque ids) those with a record on a Beijing day: not drawn as experts."""
    rows = await connection.fetch(SQL["persons_under_record"], realm, persons, day)
    return frozenset(row["id"] for row in rows)


class IntegrityReading:
    """Reads the register for those who keep it."""

    def __init__(self, pool: Pool, identity: Identity) -> None:
        self._pool = pool
        self._identity = identity

    async def of_person(
        self, realm: str, *, id_hash: bytes, person: str = "", on: date | None = None
    ) -> Register:
        """All that is entered of one person; with `on` only what still matters then.

        Args:
            id_hash: empty where no ID number is known.
            person: whose records are found by the directory's id, too.
        """
        bars = await self._bars(realm, id_hash, on, 0, None)
        records = await self._records(realm, id_hash or None, on, 0, None, person)
        return Register(bars=bars, records=records)

    async def page(
        self, realm: str = LIVE, *, on: date | None = None, limit: int = LINES, after: str = ""
    ) -> Register:
        """A page of the register, 影响期 before records, each by number; with `on` only what still
        matters then.

        Raises:
            Refused: `malformed_payload` for an `after` that is no mark of such a page.
        """
        bar, record = map(int, values_of(after, number, number)) if after else (0, 0)
        bars = await self._bars(realm, None, on, bar, limit + 1)
        entries: list[BarView | RecordView] = [*bars]
        if len(bars) <= limit:
            entries += await self._records(realm, None, on, record, limit + 1 - len(bars))
        lines, following = cut(entries, limit, lambda _: _reached(entries[:limit], bar, record))
        return Register(
            bars=tuple(line for line in lines if isinstance(line, BarView)),
            records=tuple(line for line in lines if isinstance(line, RecordView)),
            following=following,
        )

    async def bar(self, number: int, realm: str = LIVE) -> BarView | None:
        """One 影响期 by its number; None where a realm has none of it."""
        found = await self._bars(realm, None, None, number - 1, 1)
        return found[0] if found and found[0].number == number else None

    async def record(self, number: int, realm: str = LIVE) -> RecordView | None:
        """One record by its number; None where a realm has none of it."""
        found = await self._records(realm, None, None, number - 1, 1)
        return found[0] if found and found[0].number == number else None

    async def _bars(
        self, realm: str, id_hash: bytes | None, on: date | None, after: int, limit: int | None
    ) -> tuple[BarView, ...]:
        rows = await self._pool.fetch(SQL["bars"], realm, id_hash, on, after, limit)
        texts = await self._texts(rows, "reason", "lifted_why")
        return tuple(
            BarView(**self._shown(BarView, row, texts), lifted=bool(row["lifted_at"]))
            for row in rows
        )

    async def _records(
        self,
        realm: str,
        id_hash: bytes | None,
        on: date | None,
        after: int,
        limit: int | None,
        person: str = "",
    ) -> tuple[RecordView, ...]:
        rows = await self._pool.fetch(SQL["records"], realm, id_hash, on, after, limit, person)
        texts = await self._texts(rows, "reason", "ended_why")
        return tuple(
            RecordView(**self._shown(RecordView, row, texts), ended=bool(row["ended_at"]))
            for row in rows
        )

    async def id_hash(
        self, *, person: str = "", id_number: str = "", realm: str = LIVE
    ) -> bytes | None:
        """The keyed hash of somebody: empty without an ID number, None for nobody of this id."""
        if id_number:
            return self._identity.id_hash(id_number)
        row = await self._pool.fetchrow(SQL["person"], person, scope(realm))
        return (row["id_hash"] or b"") if row else None

    def _shown(self, view: type[Message], row: Record, texts: dict[str, str]) -> dict[str, Any]:
        """The columns a view has, opened."""
        known = {key: value for key, value in row.items() if key in view.model_fields}
        values = {key: value for key, value in known.items() if value is not None}
        told = {
            key: texts.get(value, value) for key, value in values.items() if isinstance(value, str)
        }
        opened = {
            "name": self._identity.open_optional(row["sealed_name"], NAME),
            "document": self._identity.open_optional(row["document"], DOCUMENT),
            "decided_by": self._identity.open_optional(row["decided_by"], DECIDED_BY),
        }
        return values | told | opened

    async def _texts(self, rows: list[Record], *columns: str) -> dict[str, str]:
        wanted = sorted({row[column] for row in rows for column in columns if row[column]})
        found = await self._pool.fetch(SQL["texts"], wanted)
        return {row["id"]: self._identity.open(row["body"], TEXT_USE) for row in found}


def _reached(lines: Sequence[BarView | RecordView], bar: int, record: int) -> tuple[int, int]:
    """The last numbers of both that were shown."""
    for line in lines:
        if isinstance(line, BarView):
            bar = line.number
        else:
            record = line.number
    return bar, record
