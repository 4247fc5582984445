"""Starting the detached workflow of a notice, once."""

from __future__ import annotations

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from workflows.messages import DeliverNotice
from workflows.ports import NOTICES

WORKFLOW = "Notice"


class NoticeStarter:
    """Called with a notice's id after the commit that ordered it; started before is success."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def __call__(self, notice: str) -> None:
        """Start `notice-<id>`."""
        try:
            await self._client.start_workflow(
                WORKFLOW,
                DeliverNotice(notice=notice),
                id=f"notice-{notice}",
                task_queue=NOTICES,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            )
        except WorkflowAlreadyStartedError:
            return
