"""The read side of free text: opened for whoever may see what it is part of."""

from __future__ import annotations

from collections.abc import Iterable

from activities.directory import DirectoryReading
from activities.statements import statements
from activities.texts import USE

SQL = statements("reading")


class TextReading(DirectoryReading):
    """Free texts by reference."""

    async def text(self, reference: str) -> str | None:
        """A free text by its reference; None where there is none."""
        return (await self.texts([reference])).get(reference)

    async def texts(self, wanted: Iterable[str]) -> dict[str, str]:
        """Free texts by reference, as many as are there."""
        named = sorted(set(wanted) - {""})
        if not named:
            return {}
        rows = await self._pool.fetch(SQL["texts"], named)
        return {row["id"]: self._identity.open(row["body"], USE) for row in rows}
