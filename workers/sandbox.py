"""The workflow runner: one for workers, the replay check and tests, so that they cannot drift."""

from __future__ import annotations

from temporalio.worker import WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

# Pure functions and models. Loaded again per run they would be slow, and a model that left the
# sandbox would not be an instance of the class inside it. The modules that define workflow types
# (application, meeting, notice, filing, operation, registry) are loaded afresh for each run.
PASSTHROUGH = (
    "workflows.rules",
    "workflows.acts",
    "workflows.committee",
    "workflows.messages",
    "workflows.payloads",
    "workflows.ports",
    "workflows.catalogue",
    "workflows.alarm",
    "workflows.calls",
    "workflows.clocks",
    "workflows.decision",
    "workflows.desk",
    "workflows.messaging",
    "workflows.projection",
    "workflows.submission",
)


def workflow_runner() -> WorkflowRunner:
    """Return the sandbox with our pure modules passed through."""
    return SandboxedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSTHROUGH)
    )
