"""What needs days is not kept for ten years: histories of mailrooms, operations and rounds are deleted.

The engine knows one retention for all, and a case asks for ten years (`RETENTION`). What a mailroom, an
operation or a round of the sentinel did stands in the record; an operation that is asked for again under its old id is answered
from there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import structlog
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError

from config.temporal import knows_no_workflow
from workers.repeating import repeating

KEPT = timedelta(days=7)
"""Long enough to look into what went wrong last week."""
LOOK_EVERY = timedelta(hours=1)
AT_ONCE = 2_000
"""So many a look; the rest is the next one's."""
FORGOTTEN = "WorkflowType IN ('Mailroom', 'Operation', 'Sentinel') AND ExecutionStatus != 'Running'"

logger = structlog.get_logger(__name__)


@asynccontextmanager
async def forgetting(client: Client, kept: timedelta = KEPT) -> AsyncIterator[None]:
    """Look once an hour until the block ends; an engine that is away is asked again."""

    async def look() -> None:
        if count := await forget(client, datetime.now(UTC) - kept):
            logger.info("histories.deleted", count=count)

    async with repeating(look, every=LOOK_EVERY, failed="histories.not_deleted"):
        yield


async def forget(client: Client, closed_before: datetime) -> int:
    """Delete what closed before an instant; how many histories those were.

    Another worker may look at the same time: what is gone already is no error.
    """
    query = f"{FORGOTTEN} AND CloseTime < '{closed_before.isoformat()}'"
    count = 0
    async for run in client.list_workflows(query, limit=AT_ONCE):
        one = WorkflowExecution(workflow_id=run.id, run_id=run.run_id)
        request = DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution=one)
        try:
            await client.workflow_service.delete_workflow_execution(request)
        except RPCError as err:
            if not knows_no_workflow(err):
                raise
        else:
            count += 1
    return count
