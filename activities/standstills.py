"""Operations' task about a case or meeting that stands still, outside any step of it."""

from __future__ import annotations

import json

from temporalio import activity

from activities.database import Pool
from activities.statements import statements
from workflows.rules.names import OPERATIONS_BODY
from workflows.writer.messages import Standstill

SQL = statements("standstills")

PARKED = "operator"
"""The key and kind of the task; `ENGINE` is that of a subject the engine does not run."""
ENGINE = "engine"


class Standstills:
    """Keeps the task. It is no step: what cannot be written as a step is what it is often about."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @activity.defn(name="note_standstill")
    async def note_standstill(self, standstill: Standstill) -> None:
        """Open or renew the task, or close it where the subject goes on; both as often as asked."""
        subject, parked = standstill.subject, standstill.parked
        if parked is None:
            await self._pool.execute(SQL["end_task"], subject, PARKED, standstill.at)
            return
        if standstill.application:
            # A case that could not be opened is seen all the same.
            await self._pool.execute(SQL["open_application"], subject, standstill.realm)
        await self._pool.execute(
            SQL["keep_task"],
            standstill.application or None,
            standstill.meeting or None,
            standstill.realm,
            PARKED,
            OPERATIONS_BODY,
            json.dumps(
                {"why": parked.why.value, "what": parked.what} | parked.params, ensure_ascii=False
            ),
            standstill.at,
        )
