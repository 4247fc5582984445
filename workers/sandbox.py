"""The workflow runner: one for workers, the replay check and tests, so that they cannot drift."""

from __future__ import annotations

from temporalio.worker import WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

# Pure functions and models. Loaded again per run they would be slow, and a model that left the
# sandbox would not be an instance of the class inside it. The modules that define workflow types
# (each subject's `workflow`, `filing`, `registry`) are loaded afresh for each run.
PASSTHROUGH = (
    "workflows.rules",
    "workflows.writer",
    "workflows.application.acts",
    "workflows.application.case",
    "workflows.application.catalogue",
    "workflows.application.clocks",
    "workflows.application.corrections",
    "workflows.application.decision",
    "workflows.application.messages",
    "workflows.application.move",
    "workflows.application.payloads",
    "workflows.application.projection",
    "workflows.application.submission",
    "workflows.meeting.acts",
    "workflows.meeting.catalogue",
    "workflows.meeting.clocks",
    "workflows.meeting.decision",
    "workflows.meeting.meeting",
    "workflows.meeting.messages",
    "workflows.meeting.move",
    "workflows.meeting.news",
    "workflows.meeting.payloads",
    "workflows.meeting.projection",
    "workflows.letter.messages",
    "workflows.operation.messages",
    "workflows.ports",
    "workflows.calls",
)


def workflow_runner() -> WorkflowRunner:
    """Return the sandbox with our pure modules passed through."""
    return SandboxedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSTHROUGH)
    )
