"""The workflow runner: one for workers, the replay check and tests, so that they cannot drift.

The SDK asks each run three times per payload in which context it is read or written, and each time
enters the sandbox for it: about a millisecond of CPU for every message, several for an act. Our codec
heeds no context and there is no store, so it is said once, outside the sandbox.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from temporalio.converter import (
    StorageDriverStoreContext,
    StorageDriverWorkflowInfo,
    WorkflowSerializationContext,
)
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

import workflows
from workflows.rules.message import make_ready

if TYPE_CHECKING:
    from temporalio.workflow import Info

# Pure functions and models. Loaded again per run they would be slow, and a model that left the
# sandbox would not be an instance of the class inside it. The modules that define workflow types
# (each subject's `workflow`, and the registry of them) are loaded afresh for each run.
DEFINING = ("workflow", "registry")
READ_LATE = ("email_validator", "idna")
"""Libraries that the core imports when it first needs them, which may be in a workflow."""


def passed_through() -> tuple[str, ...]:
    """Every module of the core that defines no workflow type."""
    found = pkgutil.walk_packages(workflows.__path__, f"{workflows.__name__}.")
    return tuple(
        module.name
        for module in found
        if not module.ispkg and module.name.rpartition(".")[2] not in DEFINING
    )


def workflow_runner() -> WorkflowRunner:
    """Return the sandbox with our pure modules passed through, and every model of theirs made ready."""
    make_ready()
    return _Sandbox(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(
            *passed_through(), *READ_LATE
        )
    )


@dataclass(frozen=True)
class _Sandbox(SandboxedWorkflowRunner):
    """The SDK's sandbox, whose runs say their context without being entered."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return _Run(super().create_instance(det), det.info)


class _Run(WorkflowInstance):
    """A run in the sandbox: all its payloads are in the context of its workflow."""

    def __init__(self, inside: WorkflowInstance, info: Info) -> None:
        self._inside = inside
        self._context = WorkflowSerializationContext(
            namespace=info.namespace, workflow_id=info.workflow_id
        )
        self._stored = StorageDriverStoreContext(
            target=StorageDriverWorkflowInfo(
                id=info.workflow_id,
                run_id=info.run_id,
                type=info.workflow_type,
                namespace=info.namespace,
            )
        )

    def activate(self, act: Any) -> Any:
        return self._inside.activate(act)

    def get_serialization_context(self, _command: Any) -> WorkflowSerializationContext:
        return self._context

    def get_external_store_context(self, _command: Any) -> StorageDriverStoreContext:
        return self._stored

    def get_info(self) -> Info:
        return self._inside.get_info()

    def get_thread_id(self) -> int | None:
        return self._inside.get_thread_id()
