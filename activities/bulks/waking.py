"""Waking the workflow of a bulk after the commit that gave it something to do."""

from __future__ import annotations

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from activities.letters.waking import MailroomBell
from workflows.bulk.messages import PREFIX, BulkShift, Carry
from workflows.ports import CASES

WORKFLOW = "Bulk"


class Bells:
    """Rung at after an operation's commit: a mailroom's bell, or the workflow of a bulk."""

    def __init__(self, mailrooms: MailroomBell, client: Client) -> None:
        self._mailrooms = mailrooms
        self._client = client

    async def __call__(self, room: str) -> None:
        """Ring. A bulk is woken for certain: an engine that takes no word now is asked again, with
        the whole operation, which is done already.

        Raises:
            RPCError: the engine took no word for a bulk.
        """
        if room.startswith(PREFIX):
            await wake_bulk(self._client, room)
        else:
            await self._mailrooms(room)


async def wake_bulk(client: Client, bulk: str) -> None:
    """Start a bulk's workflow, or tell the one that runs that there is something to do.

    Raises:
        RPCError: the engine took no word.
    """
    await client.start_workflow(
        WORKFLOW,
        BulkShift(bulk=bulk),
        id=bulk,
        task_queue=CASES,
        start_signal="carry",
        start_signal_args=[Carry()],
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
    )
