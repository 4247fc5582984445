"""Replays every open history on the code at hand, before workers touch it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from temporalio.client import Client, WorkflowExecution
from temporalio.service import RPCError
from temporalio.worker import Interceptor, Replayer

from config.temporal import knows_no_workflow
from workers.fleet import workflow_type
from workers.runner import workflow_runner

OPEN = "ExecutionStatus = 'Running'"
MAX_REASON = 500


@dataclass
class ReplayOutcome:
    """How many histories replayed, and why the others did not, by workflow id."""

    replayed: int = 0
    broken: dict[str, str] = field(default_factory=dict)


async def replay_open_cases(
    client: Client, workflows: Sequence[type], *, query: str = OPEN
) -> ReplayOutcome:
    """Replay every open workflow one after the other (a season's histories do not fit in memory).

    An open workflow of a type this code does not have counts as broken: no worker would take it on.
    """
    outcome = ReplayOutcome()
    known = {workflow_type(kind) for kind in workflows}
    replayer: Replayer | None = None
    async for execution in client.list_workflows(query):
        if execution.workflow_type not in known:
            outcome.broken[execution.id] = f"unknown type {execution.workflow_type}"
            continue
        # Built only now: an empty namespace needs no runner.
        replayer = replayer or Replayer(
            workflows=workflows,
            workflow_runner=workflow_runner(),
            data_converter=client.data_converter,
            namespace=client.namespace,
            interceptors=_checks(client),
        )
        reason = await _replay(client, replayer, execution)
        if reason is None:
            outcome.replayed += 1
        else:
            outcome.broken[execution.id] = reason
    return outcome


def _checks(client: Client) -> list[Interceptor]:
    """What the client's workers would check messages with."""
    given = client.config()["interceptors"]
    return [one for one in given if isinstance(one, Interceptor)]


async def _replay(client: Client, replayer: Replayer, execution: WorkflowExecution) -> str | None:
    """Return why it breaks, or None."""
    handle = client.get_workflow_handle(execution.id, run_id=execution.run_id)
    try:
        history = await handle.fetch_history()
    except RPCError as err:
        if knows_no_workflow(err):
            return None  # it ended between the list and now
        raise
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    failure = result.replay_failure
    return None if failure is None else f"{type(failure).__name__}: {failure}"[:MAX_REASON]
