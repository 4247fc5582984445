"""Operations' task about a case or meeting that stands still, outside any step of it.

It parked itself, or the engine does not run it any more (ended, failing): either way the record still
shows it open, and only this task says that nothing will happen.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from asyncpg import Record
from temporalio import activity

from activities.database import Pool
from activities.statements import statements
from workflows.application.clocks import CLOCKS, Striking
from workflows.rules.names import OPERATIONS_BODY
from workflows.writer.messages import Standstill

SQL = statements("standstills")

STRIKING = tuple(rule.value for rule, row in CLOCKS.items() if row.strikes is not Striking.NOTHING)
"""The clocks that do something when they end."""

PARKED = "operator"
"""The key and kind of the task; `ENGINE` is that of a subject the engine does not run."""
ENGINE = "engine"
PAGE = 500
"""How many are looked at, at once, of whatever may be many."""


class Trouble(StrEnum):
    """Why the engine does not run what the record shows open."""

    ENDED = "ended"
    """Its workflow was terminated, failed, or is not there."""
    FAILING = "failing"
    """Its workflow's tasks fail again and again."""


@dataclass(frozen=True)
class Open:
    """A case or meeting that the record shows open, in a realm that is."""

    subject: str
    realm: str
    is_case: bool
    at: datetime
    """Now; in a rehearsal how far the subject came, because its clock is its own."""


class Standstills:
    """Keeps the task. It is no step: what cannot be written as a step is what it is often about."""

    def __init__(self, pool: Pool, page: int = PAGE) -> None:
        self._pool = pool
        self.page = page

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
        is_case = bool(standstill.application)
        found = Open(subject, standstill.realm, is_case=is_case, at=standstill.at)
        told = {"why": parked.why.value, "what": parked.what} | parked.params
        await self.keep(found, PARKED, told)

    async def open_page(self, after: str) -> tuple[Open, ...]:
        """Cases and meetings that the record shows open, in the order of their ids: a page after one."""
        return _open(await self._pool.fetch(SQL["open_page"], after, self.page))

    async def open_among(self, subjects: Iterable[str]) -> tuple[Open, ...]:
        """Those of these that it shows open."""
        return _open(await self._pool.fetch(SQL["open_among"], sorted(set(subjects))))

    async def known_among(self, subjects: Iterable[str]) -> tuple[Open, ...]:
        """Those of these that are cases or meetings, open or not."""
        return _open(await self._pool.fetch(SQL["known_among"], sorted(set(subjects))))

    async def told_page(self, after: str) -> tuple[str, ...]:
        """Whose task says that the engine does not run it, in their order: a page after one."""
        rows = await self._pool.fetch(SQL["told_page"], ENGINE, after, self.page)
        return tuple(row["subject"] for row in rows)

    async def overdue(self, before: datetime, at_most: int) -> tuple[str, ...]:
        """Live cases with a clock that had to strike before this instant and did not.

        What parked or is not run is a task already.
        """
        rows = await self._pool.fetch(SQL["overdue"], before, list(STRIKING), at_most)
        return tuple(row["application"] for row in rows)

    async def note_engine(
        self,
        troubles: Mapping[Open, tuple[Trouble, str]],
        looked_at: Iterable[str],
        now: datetime,
    ) -> None:
        """Keep a task for each of these, and none for any other that was looked at; the text is the
        engine's own word."""
        for found, (trouble, told) in troubles.items():
            await self.keep(found, ENGINE, {"why": trouble.value, "what": told})
        well = set(looked_at) - {found.subject for found in troubles}
        await self.end(ENGINE, well, now)

    async def keep(self, found: Open, key: str, told: Mapping[str, str]) -> None:
        """Open or renew operations' task about a subject; its kind is the key's first word."""
        await self._pool.execute(
            SQL["keep_task"],
            found.subject if found.is_case else None,
            None if found.is_case else found.subject,
            found.realm,
            key,
            OPERATIONS_BODY,
            json.dumps(dict(told), ensure_ascii=False),
            found.at,
        )

    async def end(self, key: str, subjects: Iterable[str], now: datetime) -> None:
        """End the tasks of this key about these subjects."""
        await self._pool.execute(SQL["end_tasks_of"], key, sorted(subjects), now)

    async def standing(self) -> dict[str, int]:
        """How many stand still: parked by themselves, and what the engine does not run, by why."""
        parked: int = await self._pool.fetchval(SQL["count_tasks"], PARKED)
        rows = await self._pool.fetch(SQL["count_by_why"], ENGINE)
        counted = {row["why"]: row["count"] for row in rows}
        return {"parked": parked} | {why.value: counted.get(why.value, 0) for why in Trouble}


def _open(rows: list[Record]) -> tuple[Open, ...]:
    return tuple(
        Open(row["id"], row["realm"], is_case=row["is_case"], at=row["at"]) for row in rows
    )
