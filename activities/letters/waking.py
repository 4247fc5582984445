"""Ringing at a mailroom after the commit that ordered letters: one cheap word, mostly to Postgres."""

from __future__ import annotations

import logging

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError

from activities.database import Pool
from activities.letters.facts import SQL
from workflows.letter.messages import MailroomShift, Wake, workflow_of
from workflows.ports import LETTERS

WORKFLOW = "Mailroom"

logger = logging.getLogger(__name__)


class MailroomBell:
    """Called with a room after the commit. A room that is awake hears it from Postgres; one that
    sleeps is woken, by a signal that starts it where it has ended."""

    def __init__(self, pool: Pool, client: Client) -> None:
        self._pool = pool
        self._client = client

    async def __call__(self, room: str) -> None:
        """Ring. An engine that takes no word now fails nobody: the watch rings again for it."""
        await self._pool.execute(SQL["ring"], room)
        if not await self._pool.fetchval(SQL["is_awake"], room):
            await self._wake(room)

    async def sleepers(self) -> int:
        """Wake every room that sleeps over letters that are due; how many those were."""
        rooms = [row["room"] for row in await self._pool.fetch(SQL["asleep"])]
        for room in rooms:
            await self._wake(room)
        return len(rooms)

    async def _wake(self, room: str) -> None:
        try:
            await self._client.start_workflow(
                WORKFLOW,
                MailroomShift(room=room),
                id=workflow_of(room),
                task_queue=LETTERS,
                start_signal="wake",
                start_signal_args=[Wake()],
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            )
        except RPCError as err:
            logger.warning("mailroom.not_woken", extra={"room": room, "status": err.status.name})
