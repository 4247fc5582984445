"""Work that takes longer than a page, as the record has it: whichever process is asked can say how far it is.

What was sealed as its result names people; it is kept as long as somebody may still look at it.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from activities.database import Pool
from activities.identity import Identity
from activities.statements import statements

SQL = statements("page_jobs")
ABOUT, RESULT = "page_job.about", "page_job.result"
KEPT = timedelta(days=7)
SILENT = timedelta(seconds=60)
"""Whoever gave no sign of life for so long has died; it gives one every second or two."""


class Standing(NamedTuple):
    """How a piece of work stands."""

    about: str
    whole: int
    done: int
    ended_at: datetime | None
    silent: bool
    """Its process is gone."""
    result: dict[str, Any] | None


class PageJobs:
    """Begins them, one at a time for each subject, and tells how they stand."""

    def __init__(self, pool: Pool, identity: Identity) -> None:
        self._pool = pool
        self._identity = identity

    async def begin(self, subject: str, about: str) -> str:
        """Begin one; its token, empty where one about the same subject runs still."""
        await self._pool.execute(SQL["end_past"], KEPT)
        sealed = self._identity.seal(about, ABOUT)
        found = await self._pool.fetchval(SQL["begin"], subject, uuid4().hex, sealed, SILENT)
        return found or ""

    async def live(self, subject: str, token: str, whole: int, done: int) -> None:
        """Give a sign of life, and say how far it is."""
        await self._pool.execute(SQL["live"], subject, token, whole, done)

    async def end(
        self, subject: str, token: str, whole: int, done: int, result: dict[str, Any]
    ) -> None:
        """Say what came of it."""
        sealed = self._identity.seal(json.dumps(result, ensure_ascii=False), RESULT)
        await self._pool.execute(SQL["end"], subject, token, whole, done, sealed)

    async def last(self, subject: str) -> Standing | None:
        """The one that runs, or ran last."""
        row = await self._pool.fetchrow(SQL["last"], subject, SILENT)
        if row is None:
            return None
        opened = self._identity.open_optional(row["result"], RESULT)
        return Standing(
            self._identity.open(row["about"], ABOUT),
            row["whole"],
            row["done"],
            row["ended_at"],
            row["silent"],
            json.loads(opened) if opened else None,
        )
