"""Starting the detached workflow of a letter, once."""

from __future__ import annotations

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from workflows.letter.messages import DeliverLetter
from workflows.ports import LETTERS

WORKFLOW = "Letter"


class LetterStarter:
    """Called with a letter's id after the commit that ordered it; started before is success."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def __call__(self, letter: str) -> None:
        """Start `letter-<id>`."""
        try:
            await self._client.start_workflow(
                WORKFLOW,
                DeliverLetter(letter=letter),
                id=f"letter-{letter}",
                task_queue=LETTERS,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            )
        except WorkflowAlreadyStartedError:
            return
