"""Builds the Temporal workers of each role."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import (
    PollerBehaviorAutoscaling,
    Worker,
    WorkerDeploymentConfig,
)

from config.settings import Settings
from workers.never_taken import NeverTaken
from workers.runner import workflow_runner
from workflows.ports import CASES, LETTERS, RECORDS

GRACE = timedelta(seconds=30)  # below the 45 s of compose's stop_grace_period
MAILROOM_TYPE = "Mailroom"
_POLLERS = PollerBehaviorAutoscaling(minimum=1, maximum=10, initial=2)

AnyCallable = Callable[..., Any]
OnFatal = Callable[[BaseException], Awaitable[None]]


class Role(StrEnum):
    """What a process does; each role serves the task queue of its name."""

    CASES = CASES
    RECORDS = RECORDS
    LETTERS = LETTERS


ALL_ROLES: tuple[Role, ...] = tuple(Role)


@dataclass(frozen=True)
class Parts:
    """The code the workers run: workflow types, and activities by task queue."""

    workflows: Sequence[type]
    activities: Mapping[str, Sequence[AnyCallable]] = field(default_factory=dict)


def build_workers(
    client: Client,
    settings: Settings,
    roles: Iterable[Role],
    parts: Parts,
    *,
    executor: Executor | None = None,
    on_fatal_error: OnFatal | None = None,
) -> list[Worker]:
    """Return one worker per role, not yet running.

    Slots are fixed rather than tuned by load: a records slot holds a database connection, and there
    are only so many. ``executor`` runs the activities that are not ``async`` (PDF, CPU).
    """
    return [
        Worker(
            client,
            task_queue=role.value,
            workflows=_workflows_of(role, parts.workflows),
            activities=parts.activities.get(role.value, ()),
            # What runs within the workflow tasks of cases; nobody asks their queue for an activity.
            no_remote_activities=role is Role.CASES,
            activity_executor=executor,
            workflow_runner=workflow_runner(),
            interceptors=[NeverTaken()],
            identity=f"{role.value}@{socket.gethostname()}",
            max_cached_workflows=settings.cached_workflows,
            max_concurrent_workflow_tasks=settings.workflow_slots,
            max_concurrent_local_activities=settings.workflow_slots,
            max_concurrent_activities=_activity_slots(role, settings),
            workflow_task_poller_behavior=_POLLERS,
            activity_task_poller_behavior=_POLLERS,
            graceful_shutdown_timeout=GRACE,
            deployment_config=_deployment(settings),
            on_fatal_error=on_fatal_error,
        )
        for role in roles
    ]


def _workflows_of(role: Role, workflows: Sequence[type]) -> Sequence[type]:
    """Cases run everything; the letters queue also takes ``Mailroom``, so mail can scale apart."""
    match role:
        case Role.CASES:
            return workflows
        case Role.RECORDS:
            return ()
        case Role.LETTERS:
            return [kind for kind in workflows if workflow_type(kind) == MAILROOM_TYPE]


def workflow_type(kind: type) -> str:
    """Return the name a workflow class is registered under."""
    definition = getattr(kind, "__temporal_workflow_definition", None)
    return str(definition.name) if definition is not None else kind.__name__


def _activity_slots(role: Role, settings: Settings) -> int:
    match role:
        case Role.CASES:
            return 1  # nobody asks their queue for one; theirs run within workflow tasks
        case Role.RECORDS:
            return settings.records_slots
        case Role.LETTERS:
            return settings.letters_slots


def _deployment(settings: Settings) -> WorkerDeploymentConfig | None:
    """Versioned only with a build id: the embedded stack runs unversioned (design.md 17)."""
    if settings.build_id is None:
        return None
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(settings.deployment_name, settings.build_id),
        use_worker_versioning=True,
        # Set here and never on a workflow class: there an unversioned worker rejects every task.
        default_versioning_behavior=VersioningBehavior.PINNED,
    )
