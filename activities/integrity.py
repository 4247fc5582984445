"""The integrity register as it is read: by those who keep it, and by the draw of experts (A56)."""

from __future__ import annotations

from datetime import date
from typing import Any

from asyncpg import Record

from activities.database import LIVE, Connection, Pool, scope
from activities.identity import Identity
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

    async def bars(
        self, realm: str = LIVE, *, id_hash: bytes | None = None, on: date | None = None
    ) -> tuple[BarView, ...]:
        """影响期 of everybody or one person; with `on` only those that still matter then."""
        rows = await self._pool.fetch(SQL["bars"], realm, id_hash, on)
        texts = await self._texts(rows, "reason", "lifted_why")
        return tuple(
            BarView(**self._shown(BarView, row, texts), lifted=bool(row["lifted_at"]))
            for row in rows
        )

    async def records(
        self,
        realm: str = LIVE,
        *,
        id_hash: bytes | None = None,
        person: str = "",
        on: date | None = None,
    ) -> tuple[RecordView, ...]:
        """Records of everybody or one person; with `on` only those still kept then."""
        rows = await self._pool.fetch(SQL["records"], realm, id_hash, on, person)
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
