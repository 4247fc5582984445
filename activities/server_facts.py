"""What the database server says of itself: for whoever installs and looks whether it is enough."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from activities.database import Pool

_ASK = """
SELECT current_user::text AS role, clock_timestamp() AS now,
    current_setting('max_connections')::int AS most,
    current_setting('server_version') AS version,
    current_setting('synchronous_standby_names') AS waits_for,
    (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
    (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
    (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS encrypted
"""


class ServerFacts(NamedTuple):
    """The server's own word.

    Attributes:
        role: as whom we are logged in; `superuser`: whether that one may do everything.
        now: its clock.
        most: connections that it takes; `used`: how many are there now, of all its databases.
        waits_for: whom a commit waits for, in the server's own words; empty for nobody.
        encrypted: whether this connection is.
    """

    role: str
    now: datetime
    most: int
    version: str
    waits_for: str
    superuser: bool
    used: int
    encrypted: bool


async def server_facts(pool: Pool) -> ServerFacts:
    """Ask it."""
    row = await pool.fetchrow(_ASK)
    assert row is not None  # noqa: S101 - a query without a table has one row
    return ServerFacts(**dict(row))
