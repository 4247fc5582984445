"""The office as one command has it: opened for it, closed after it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from activities.database import LIVE
from config.settings import Settings
from starter.desk.office import Office, opened

CONNECTIONS = 4
PATIENCE = timedelta(seconds=10)
"""For the engine: who typed a command rather waits than types it again."""


@asynccontextmanager
async def office(realm: str = LIVE) -> AsyncIterator[Office]:
    """Open the office for one command; what a case refuses is told with names.

    Raises:
        NoAnswer: refused, or the database is away.
    """
    async with (
        opened(Settings.load(), connections=CONNECTIONS, patience=PATIENCE) as found,
        found.telling(realm),
    ):
        yield found
