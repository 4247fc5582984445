"""The workflow runner: one for workers, the replay check and tests, so that they cannot drift.

Without the SDK's sandbox (decision 0025): it wraps `isinstance` and other builtins for the whole
process, a fifth of a worker's processor time, and looks only into modules it loads anew, which were
four of ours. What a workflow must not touch is refused where it is written (`workflows/.ruff.toml`).
"""

from __future__ import annotations

from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowRunner

from workflows.rules.message import make_ready


def workflow_runner() -> WorkflowRunner:
    """Return the runner, with every model of the core made ready: no workflow waits for one."""
    make_ready()
    return UnsandboxedWorkflowRunner()
