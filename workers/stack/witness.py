"""What a record and an engine hold, in numbers and one digest: the same before a backup and after it came back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg
from pydantic import BaseModel

Connection: TypeAlias = "asyncpg.Connection[Any]"
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
_CHAINS = """
SELECT encode(sha256(convert_to(coalesce(string_agg(
    subject || ' ' || position || ' ' || encode(hash, 'hex'), E'\\n' ORDER BY subject, position), ''),
    'UTF8')), 'hex') FROM chain_entry
"""
_OPEN = "SELECT id FROM open_subject ORDER BY id"
_ENGINE_TABLES = (
    "executions",
    "current_executions",
    "history_node",
    "timer_tasks",
    "transfer_tasks",
)
_RUNNING = "SELECT DISTINCT workflow_id FROM executions_visibility WHERE status = 1"


class Witness(BaseModel):
    """Counts of every table, the digest of all chains, and who is open where.

    Attributes:
        open: cases and meetings that the record shows open.
        missing: those of them that the engine does not run.
    """

    rows: dict[str, int]
    chains: str
    engine: dict[str, int]
    open: list[str]
    missing: list[str]


async def witnessed(connection: Connection, engine: Path) -> Witness:
    """Look at a record, within whatever snapshot the connection is in, and at a copy of the engine's file."""
    names = [row["tablename"] for row in await connection.fetch(_TABLES)]
    rows = {name: await connection.fetchval(f'SELECT count(*) FROM "{name}"') for name in names}  # noqa: S608
    opened = [row["id"] for row in await connection.fetch(_OPEN)]
    with closing(sqlite3.connect(f"file:{engine}?mode=ro", uri=True)) as database:
        told = database.execute("PRAGMA integrity_check").fetchone()[0]
        if told != "ok":
            raise sqlite3.DatabaseError(told)
        counts = {
            name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608
            for name in _ENGINE_TABLES
        }
        running = {row[0] for row in database.execute(_RUNNING)}
    return Witness(
        rows=rows,
        chains=await connection.fetchval(_CHAINS),
        engine=counts,
        open=opened,
        missing=[item for item in opened if item not in running],
    )
