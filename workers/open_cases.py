"""``python -m workers.open_cases``: replay every open history on the code at hand, before workers touch it.

The stack asks at its start; in production `zhiping deploy start` runs it in the new version's image. It
prints one line of JSON: how many replayed, and why which did not.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from temporalio.client import Client, WorkflowExecution
from temporalio.service import RPCError
from temporalio.worker import Interceptor, Replayer

from config.gateway.errors import TemporalUnavailableError
from config.logging import configure_logging
from config.settings import Settings, SettingsError
from config.temporal import connect, knows_no_workflow
from workers.fleet import workflow_type
from workers.runner import workflow_runner
from workflows.registry import WORKFLOWS

OPEN = "ExecutionStatus = 'Running'"
MAX_REASON = 500
EXIT_BROKEN, EXIT_USAGE, EXIT_UNAVAILABLE = 1, 2, 5


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


async def _all_open(settings: Settings) -> ReplayOutcome:
    return await replay_open_cases(await connect(settings), WORKFLOWS)


def main() -> int:
    """Return the exit code: 0 all replay, 1 some break, 2 wrong settings, 5 Temporal unavailable."""
    try:
        settings = Settings.load()
        configure_logging(settings.log_format, "ERROR", role="replay")
        outcome = asyncio.run(_all_open(settings))
    except SettingsError as err:
        sys.stderr.write(f"{err}\n")
        return EXIT_USAGE
    except TemporalUnavailableError as err:
        sys.stderr.write(f"{err}\n")
        return EXIT_UNAVAILABLE
    sys.stdout.write(json.dumps(asdict(outcome), ensure_ascii=False) + "\n")
    return EXIT_BROKEN if outcome.broken else 0


if __name__ == "__main__":
    sys.exit(main())
