"""Which dates the code at hand would state otherwise than the record does: before it touches a case.

A deadline stands in the record as the code computed it that wrote the last step. New code computes it
anew with the next one; whose date would move is to be known before.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import NamedTuple

from activities.database import Pool
from activities.published_versions import PublishedVersions
from activities.sentinel.comparing import clocks_moved
from activities.statements import statements
from activities.stored_cases import StoredCases
from workflows.application.projection import shown_clocks

SQL = statements("trail")


class DeadlineChange(NamedTuple):
    """One deadline that would end on another day; None where it is not there on that side."""

    application: str
    key: str
    before: date | None
    after: date | None


class DeadlineChanges:
    """Compares open deadlines with what this code makes of the same facts."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._cases = StoredCases(pool, PublishedVersions(pool))

    async def of(self, application: str) -> AsyncIterator[DeadlineChange]:
        """Those of one case; none of one that the record has no state of."""
        stored = await self._cases.stored(application)
        if stored is None:
            return
        rows = await self._pool.fetch(SQL["open_deadlines"], application)
        for moved in clocks_moved(rows, shown_clocks(stored.case)):
            yield DeadlineChange(application, *moved)
