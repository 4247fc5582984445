"""The hours of a rehearsal: its clock is moved by hand, and the mailroom's own stands still beside it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from activities.database import Pool
from activities.letters.facts import SQL
from activities.letters.rhythms import Rhythms

Ring = Callable[[str], Awaitable[None]]


class RehearsalHours:
    """Says that hours have come at which a rehearsal's collected letters go out."""

    def __init__(self, pool: Pool, ring: Ring, rhythms: Rhythms) -> None:
        """`ring`: rings at one mailroom."""
        self._pool = pool
        self._ring = ring
        self._rhythms = rhythms

    async def reached(self, realm: str, at: datetime) -> None:
        """The realm's clock has come to an instant, and passed every hour until then."""
        await self._pool.execute(SQL["realm_reached"], realm, at)
        await self._come(realm, at)

    async def looked_at(self, subject: str) -> None:
        """Somebody looks now at the letters of a case or meeting: what waits of them is told now."""
        realm = await self._pool.fetchval(SQL["gathered_of"], subject)
        if realm is not None:
            await self._come(realm, None)

    async def _come(self, realm: str, at: datetime | None) -> None:
        rows = await self._pool.fetch(SQL["hour_has_come"], realm, at, self._rhythms.waiting)
        for room in sorted({row["room"] for row in rows}):
            await self._ring(room)
