"""Telling whatever is open that its rules or calendar were amended: page by page, each once."""

from __future__ import annotations

import asyncio
from typing import Protocol

from temporalio import activity

from activities.database import Pool
from activities.paging import STREAMED
from activities.statements import statements
from workflows.operation.messages import AmendOpen
from workflows.writer.messages import Act, Actor

SQL = statements("operations")
SYSTEM = Actor(person="system:operation", role="system")
AT_ONCE = 16
TRIES, FIRST_WAIT, LONGEST_WAIT = 20, 1.0, 30.0
"""Some eight minutes, in seconds; a heartbeat each time."""


class SubjectSignaller(Protocol):
    """Hands a word to a case or a meeting, which answers nobody."""

    async def hand(self, subject: str, action: str, act: Act) -> bool:
        """Hand it over; what closed meanwhile needs none. False where it takes in no more just now.

        Raises where nobody knows what came of it: it may be handed over again.
        """


class Amending:
    """Tells open cases and meetings. Retry-safe: each is told under an id of its own."""

    def __init__(self, pool: Pool, signaller: SubjectSignaller) -> None:
        self._pool = pool
        self._signaller = signaller

    @activity.defn(name="amend_open")
    async def amend_open(self, command: AmendOpen) -> int:
        """Tell open cases and meetings of an amendment by signal, each once; heartbeats how far it
        came and goes on from there. Returns how many this attempt told."""
        told = 0
        begun, after = [*activity.info().heartbeat_details, "", ""][:2]
        full: list[str] = []
        mark = (begun, after, 0)
        for realm in sorted(command.affected.realms):
            if realm < begun:
                continue
            last = after if realm == begun else ""
            while page := await self._page(command, realm, last):
                full += await self._handed(command, page)
                last, told = page[-1], told + len(page)
                if not full:  # what was not taken in is told again, also by another attempt
                    mark = (realm, last, told)
                activity.heartbeat(*mark)
            activity.logger.info("amend.realm_told", extra={"realm": realm, "told": told})
        await self._told_again(command, full, mark)
        return told

    async def _told_again(
        self, command: AmendOpen, full: list[str], mark: tuple[str, str, int]
    ) -> None:
        """Whatever is flooded: its next run begins soon, and held up no other meanwhile."""
        wait = FIRST_WAIT
        for _ in range(TRIES):
            if not full:
                return
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)
            full = await self._handed(command, full)
            activity.heartbeat(*mark)
        activity.logger.warning("amend.not_taken_in", extra={"subjects": full})

    async def _page(self, command: AmendOpen, realm: str, last: str) -> list[str]:
        rows = await self._pool.fetch(
            SQL["open_of_campaign"], realm, command.affected.campaign, last, STREAMED
        )
        return [row["id"] for row in rows]

    async def _handed(self, command: AmendOpen, page: list[str]) -> list[str]:
        """Hand it to each of these, and return those that took in no more."""
        slots = asyncio.Semaphore(AT_ONCE)

        async def hand(subject: str) -> bool:
            act = Act(
                request_id=f"{command.operation}:{subject}",
                actor=SYSTEM,
                payload={"reason": command.reason},
            )
            async with slots:
                return await self._signaller.hand(subject, "amend", act)

        taken = await asyncio.gather(*(hand(subject) for subject in page))
        return [subject for subject, taken_in in zip(page, taken, strict=True) if not taken_in]
