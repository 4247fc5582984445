"""Bringing a database up to the schema this code knows."""

from __future__ import annotations

import logging
from pathlib import Path

import asyncpg
from pogo_core.util import migrate as pogo
from pogo_core.util import sql as applied_list

MIGRATIONS = Path(__file__).parent / "sql" / "migrations"
SCHEMA = "public"
LOCK = 7_302_114_655
"""An arbitrary number nobody else locks: several workers start at once, one migrates."""

logger = logging.getLogger(__name__)


async def migrate(database_url: str) -> list[str]:
    """Apply what is missing, one transaction each, and return the names applied now."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        await applied_list.ensure_pogo_sync(connection)
        before = await applied_list.get_applied_migrations(connection, schema_name=SCHEMA)
        await pogo.apply(connection, MIGRATIONS, schema_name=SCHEMA, logger=logger)
        after = await applied_list.get_applied_migrations(connection, schema_name=SCHEMA)
    finally:
        await connection.close()  # also gives the lock back
    return sorted(after - before)


async def missing(database_url: str) -> list[str]:
    """Return the names of migrations this code has and the database has not."""
    connection = await asyncpg.connect(database_url)
    try:
        await applied_list.ensure_pogo_sync(connection)
        applied = await applied_list.get_applied_migrations(connection, schema_name=SCHEMA)
    finally:
        await connection.close()
    return sorted({path.stem for path in MIGRATIONS.glob("*.sql")} - applied)
