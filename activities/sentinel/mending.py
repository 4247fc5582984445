"""What is safe: rows that follow from the state are written again, and what sleeps is woken.

Rows are written by the very functions that a step writes them with, under the lock that a step takes
and only where the subject still stands at the step that was looked at: no second writer, and nothing
that a step would not have written itself.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from asyncpg import PostgresError

from activities import meeting_records, records
from activities.database import Pool
from activities.sentinel.kinds import DERIVED, UNSOUND, WAKES, Finding, Kind
from activities.sentinel.looking import SQL, EngineView, Looked, Looking
from activities.standstills import Open, Standstills, Trouble
from workflows.application.case import Case
from workflows.application.messages import Step
from workflows.meeting.meeting import Meeting
from workflows.meeting.messages import MeetingStep

TASK, LETTER_TASK, CHANCE_TASK = "sentinel", "sentinel:letter", "sentinel:chance"
"""The keys: of what a look at the subject shows, of letters that are gone, and of a year's chance that the
register has otherwise. Each ends when the same look finds that it agrees again."""
logger = logging.getLogger(__name__)

OPERATIONS_OWN = frozenset({Kind.PARKED, Kind.NOT_RUNNING})
"""What has a task of its own already (`activities.standstills`)."""


class Mending:
    """Mends one subject, or tells operations."""

    def __init__(self, pool: Pool, looking: Looking, engine: EngineView) -> None:
        self._pool = pool
        self._looking = looking
        self._engine = engine
        self._standstills = Standstills(pool)

    async def mend(self, item: Open, looked: Looked) -> bool:
        """Do what is safe; whether something was done, so that it is to be looked at again."""
        kinds = {finding.kind for finding in looked.findings}
        done = False
        if kinds & DERIVED and not kinds & UNSOUND:
            try:
                await self._write_again(item, looked.kept.number)
            except PostgresError as err:
                # What hangs on the rows would not have it (a stay that was kept beside a wrong holder).
                logger.warning("sentinel.not_mended", extra={"error": type(err).__name__})
            done = True
        if kinds & WAKES and not kinds & {Kind.PARKED, Kind.NOT_RUNNING}:
            await self._engine.nudge(item.subject)
            done = True
        return done

    async def tell(self, item: Open, findings: Sequence[Finding], now: datetime) -> None:
        """Open the task of what is left, or end it where nothing is."""
        left = [finding for finding in findings if finding.kind not in OPERATIONS_OWN]
        gone = [finding.what for finding in findings if finding.kind is Kind.NOT_RUNNING]
        if gone:
            troubles = {item: (Trouble.ENDED, gone[0])}
            await self._standstills.note_engine(troubles, (item.subject,), now)
        if not left:
            await self.all_well([item.subject], now)
            return
        await self.open_task(item, left, TASK)

    async def open_task(self, item: Open, findings: Sequence[Finding], key: str) -> None:
        """Open or renew operations' task about a subject."""
        said = {"why": findings[0].kind.value, "what": told(findings)}
        await self._standstills.keep(item, key, said)

    async def all_well(self, subjects: Iterable[str], now: datetime) -> None:
        """End the sentinel's tasks of those that agree."""
        await self._standstills.end(TASK, subjects, now)

    async def _write_again(self, item: Open, number: int) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            lock = SQL["lock_case" if item.is_case else "lock_meeting"]
            if await connection.fetchval(lock, item.subject) != number:
                return  # it moved on, and the step wrote what it changed
            kept = await self._looking.kept_on(connection, item)
            if any(finding.kind in UNSOUND for finding in kept.findings):
                return
            if isinstance(kept.subject, Case) and isinstance(kept.last, Step):
                await records.write_again(connection, kept.subject, kept.last)
            if isinstance(kept.subject, Meeting) and isinstance(kept.last, MeetingStep):
                await meeting_records.write_again(connection, kept.subject, kept.last)


def told(findings: Iterable[Finding]) -> str:
    """Findings in one line, each with its kind."""
    return "；".join(f"{item.kind} {item.what}".strip() for item in findings)
