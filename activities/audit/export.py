"""Reads the record's chains, the rows they are of, and the anchors, as one snapshot of lines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from asyncpg import Record

from activities.audit.lines import AnchorLine, End, Entry, Head, Header, Row
from activities.database import Connection, Pool
from activities.identity import Identity
from activities.statements import statements

SQL = statements("audit")
ROWS_AT_ONCE = 1_000
READING_SECONDS = 3_600.0
"""One snapshot of a large record takes its time; no other statement may."""


async def exported(
    pool: Pool, identity: Identity
) -> AsyncIterator[Header | Row | Entry | Head | AnchorLine | End]:
    """Every line of an export; sealed values stay sealed, and no name or number is in the clear."""
    lines = 0
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        await connection.execute(SQL["as_hashed"])
        async for line in _lines(connection, identity):
            lines += 1
            yield line
    yield End(lines=lines)


async def _lines(
    connection: Connection, identity: Identity
) -> AsyncIterator[Header | Row | Entry | Head | AnchorLine]:
    kept = await connection.fetch(SQL["kept"])
    yield Header(
        made_at=datetime.now(UTC),
        owner=await connection.fetchval(SQL["owner"]),
        public_key=identity.verification_key.hex(),
        modes={row["name"]: row["mode"] for row in kept},
    )
    for table in kept:
        statement = SQL["rows_of"].replace("FROM step t", f"FROM {table['quoted']} t")
        async for row in _rows(connection, statement, table["key_columns"]):
            yield Row(source=table["name"], key=row["key"], text=row["text"])
    async for row in _rows(connection, SQL["entries"]):
        yield Entry.model_validate(_plain(row))
    async for row in _rows(connection, SQL["heads"]):
        yield Head.model_validate(_plain(row))
    for row in await connection.fetch(SQL["anchors"]):
        heads = await connection.fetch(SQL["anchor_heads"], row["number"])
        told = tuple((head["subject"], head["position"], head["hash"].hex()) for head in heads)
        yield AnchorLine.model_validate({**_plain(row), "heads": told})


def _plain(row: Record) -> dict[str, object]:
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in row.items()}


async def _rows(
    connection: Connection, statement: str, *arguments: object
) -> AsyncIterator[Record]:
    cursor = connection.cursor(
        statement, *arguments, prefetch=ROWS_AT_ONCE, timeout=READING_SECONDS
    )
    async for row in cursor:
        yield row
