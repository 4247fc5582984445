"""A rehearsal's clock as the record sees it: what falls due next in its realm, and who moves it alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime

from activities.columns import present
from activities.database import Pool
from activities.statements import statements
from workflows.rules.message import Message

SQL = statements("realm_clock")


class Due(Message):
    """Clocks of one rule that end on one day, of however many cases and meetings."""

    ends_on: date
    rule: str
    count: int


async def next_due(pool: Pool, realm: str, after: datetime, limit: int = 10) -> tuple[Due, ...]:
    """What ends after an instant in a realm, the earliest day first; nobody is named."""
    rows = await pool.fetch(SQL["next_due"], realm, after, limit)
    return tuple(Due(**present(Due, row)) for row in rows)


@asynccontextmanager
async def moving_alone(pool: Pool, realm: str) -> AsyncIterator[bool]:
    """Within it nobody else moves the realm's clock, from whatever process; False where somebody does."""
    async with pool.acquire() as connection, connection.transaction():
        yield await connection.fetchval(SQL["try_lock"], realm)
