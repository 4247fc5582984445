"""What somebody asked for and got no answer to: operations that the engine does not finish, and forms
whose act stands in the record."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from asyncpg import Record

from activities.database import Pool
from activities.sentinel.following import Found
from activities.sentinel.kinds import Finding, Kind, Outcome
from activities.sentinel.looking import SQL, EngineView

OPERATION = ("Operation",)
WITHIN = timedelta(minutes=15)
"""One transaction, tried again once a minute at the longest."""
TELLING_WITHIN = timedelta(days=1)
"""An amendment tells a whole season."""
LOOKS_BACK = timedelta(days=2)
"""How long what was cut short is looked for: two rounds."""


class Asking:
    """Looks for both."""

    def __init__(self, pool: Pool, engine: EngineView, again_after: float) -> None:
        self._pool = pool
        self._engine = engine
        self._again_after = again_after

    async def look(self) -> tuple[int, Found]:
        """How many operations were looked at, and what was found."""
        seen, found = await self._operations(datetime.now(UTC))
        for row in await self._pool.fetch(SQL["answered_in_record"]):
            await self._pool.execute(SQL["form_is_answered"], row["id"])
            found.append((row["subject"], Finding(Kind.FORM_UNANSWERED, row["id"]), Outcome.MENDED))
        return seen, found

    async def _operations(self, now: datetime) -> tuple[int, list[tuple[str, Finding, Outcome]]]:
        seen, found = 0, []
        async for names in self._engine.running(OPERATION, begun_before=now - WITHIN):
            seen += len(names)
            stuck = await self._stuck(names, now)
            if stuck:
                await asyncio.sleep(self._again_after)
                stuck = [
                    name
                    for name in await self._stuck(stuck, now)
                    if not await self._engine.not_running(name)
                ]
            found += [(name, Finding(Kind.OPERATION_STUCK), Outcome.NAMED) for name in stuck]
        async for names in self._engine.cut_short(OPERATION, since=now - LOOKS_BACK):
            seen += len(names)
            known = await self._recorded(names)
            for name in names:
                row = known.get(_operation(name))
                if row is None:
                    found.append((name, Finding(Kind.OPERATION_CUT), Outcome.NAMED))
                elif row["tells_many"]:
                    found.append((name, Finding(Kind.AMENDMENT_CUT), Outcome.NAMED))
        return seen, found

    async def _stuck(self, names: Sequence[str], now: datetime) -> list[str]:
        """Those of these that are not done, or tell longer than that takes."""
        known = await self._recorded(names)
        rows = {name: known.get(_operation(name)) for name in names}
        return [
            name
            for name, row in rows.items()
            if row is None or row["recorded_at"] < now - TELLING_WITHIN
        ]

    async def _recorded(self, names: Sequence[str]) -> Mapping[str, Record]:
        rows = await self._pool.fetch(SQL["operations_recorded"], [*map(_operation, names)])
        return {row["id"]: row for row in rows}


def _operation(name: str) -> str:
    """The operation of a workflow, whose id has a mark of what is asked at its end."""
    return name.rpartition(":")[0]
