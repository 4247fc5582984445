"""Bringing a database up to the schema this code knows; the owner's work, not the application's."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from pogo_core.util import migrate as pogo
from pogo_core.util import sql as applied_list

from activities.database import APPLICATION_ROLE
from activities.tls import trusting_database

MIGRATIONS = Path(__file__).parent / "sql" / "migrations"
SCHEMA = "public"
LOCK = 7_302_114_655
"""An arbitrary number nobody else locks: several workers start at once, one migrates."""

logger = logging.getLogger(__name__)


async def _connected(url: str) -> asyncpg.Connection[asyncpg.Record]:
    """A connection of one's own. Raises `NotTrustedError` as a pool does."""
    with trusting_database(url):
        return await asyncpg.connect(url)


async def migrate(owner_url: str) -> list[str]:
    """Apply what is missing, one transaction each, and return the names applied now."""
    connection = await _connected(owner_url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        await applied_list.ensure_pogo_sync(connection)
        before = await applied_list.get_applied_migrations(connection, schema_name=SCHEMA)
        await pogo.apply(connection, MIGRATIONS, schema_name=SCHEMA, logger=logger)
        after = await applied_list.get_applied_migrations(connection, schema_name=SCHEMA)
    finally:
        await connection.close()  # also gives the lock back
    return sorted(after - before)


async def let_application_in(owner_url: str, password: str) -> None:
    """Let the application's role log in with this password, and with no other from now on.

    A role belongs to the whole server; the rights it has in a database come with the migrations.
    """
    connection = await _connected(owner_url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        await connection.execute(
            # A utility statement takes no parameters.
            await connection.fetchval(
                "SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', $1::text, $2::text)",
                APPLICATION_ROLE,
                password,
            )
        )
    finally:
        await connection.close()


@dataclass(frozen=True)
class Schema:
    """How far a database is: the last migration it has, and what this code has beyond."""

    version: str
    missing: tuple[str, ...] = ()


async def schema_of(database_url: str) -> Schema:
    """How far a database is; any role may ask."""
    connection = await _connected(database_url)
    try:
        known = await connection.fetchval(
            "SELECT to_regclass('public._pogo_migration') IS NOT NULL"
        )
        applied = (
            await applied_list.get_applied_migrations(connection, schema_name=SCHEMA)
            if known
            else set()
        )
    finally:
        await connection.close()
    known_here = {path.stem for path in MIGRATIONS.glob("*.sql")}
    return Schema(max(applied, default=""), tuple(sorted(known_here - applied)))


async def missing(database_url: str) -> list[str]:
    """Return the names of migrations this code has and the database has not; any role may ask."""
    return [*(await schema_of(database_url)).missing]
