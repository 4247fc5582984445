"""The workflow runner: one for workers, the replay check and tests, so that they cannot drift."""

from __future__ import annotations

import pkgutil

from temporalio.worker import WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

import workflows

# Pure functions and models. Loaded again per run they would be slow, and a model that left the
# sandbox would not be an instance of the class inside it. The modules that define workflow types
# (each subject's `workflow`, and the registry of them) are loaded afresh for each run.
DEFINING = ("workflow", "registry")


def passed_through() -> tuple[str, ...]:
    """Every module of the core that defines no workflow type."""
    found = pkgutil.walk_packages(workflows.__path__, f"{workflows.__name__}.")
    return tuple(
        module.name
        for module in found
        if not module.ispkg and module.name.rpartition(".")[2] not in DEFINING
    )


def workflow_runner() -> WorkflowRunner:
    """Return the sandbox with our pure modules passed through."""
    return SandboxedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(*passed_through())
    )
