"""The pool of database connections, and the names of constraints that code answers to."""

from __future__ import annotations

from typing import TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from activities.tls import trusting_database
from workflows.rules import names

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"

APPLICATION_ROLE = "zhiping_application"
"""Workers and command line act as this role (decision 0013); the owner only migrates."""

YEARLY_CLAIM_ONCE = "yearly_claim_once"
MEETING_NUMBER_ONCE = "meeting_number_once"

EVERYWHERE = ""
"""The realm of what the live office publishes: seen by every rehearsal too."""
LIVE = names.LIVE
AWAY = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)
"""What a database that is away looks like, beside `TimeoutError`. The driver's own error is one too: a
server that dies says a last word to connections that rest, and whoever takes such a one before its end
was seen is told that another operation is in progress on it."""
CONTENT = (
    asyncpg.DataError,
    asyncpg.CheckViolationError,
    asyncpg.NotNullViolationError,
    asyncpg.ForeignKeyViolationError,
    asyncpg.ProgramLimitExceededError,
    UnicodeError,
)
"""What a database says of a content it will never take, however often it is asked (NUL in a text, a
year it does not have)."""


OF_READERS = {"jit": "off"}
"""For who asks for lists: a page takes less than compiling its plan. How it is found is planned once
for whatever value is asked for (an organisation has three cases or a hundred thousand), where that
costs no more: half of a page's time was planning what finds one row by its key."""


async def open_pool(database_url: str, size: int = 8, *, for_reading: bool = False) -> Pool:
    """Open a pool; JSON columns go in and out as text, so that each reader names its model.

    Nothing of ours outlives its transaction in a session, and who listens stops listening himself: so
    a connection goes back as it is, and a statement is one round trip and not two.

    Raises:
        NotTrustedError: the server's certificate is not the one that the address asks for.
    """
    with trusting_database(database_url):
        return await asyncpg.create_pool(
            database_url,
            min_size=1,
            max_size=size,
            command_timeout=20,
            timeout=10,
            reset=_as_it_is,
            server_settings=OF_READERS if for_reading else {},
        )


async def _as_it_is(_: asyncpg.Connection[asyncpg.Record]) -> None:
    """What asyncpg would clear after each use: locks, cursors, listeners and settings of a session. It
    still rolls back what was left open."""


def scope(realm: str) -> str:
    """The realm under which a publication, a directory entry or a grant is kept."""
    return EVERYWHERE if realm == LIVE else realm
