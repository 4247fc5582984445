"""How a workflow goes on in its next run: on the version of the workers that is current then.

A run is pinned to the version that began it; between two runs is the place to change over.
"""

from __future__ import annotations

from typing import Any, NoReturn

from temporalio import workflow


def version_changed() -> bool:
    """Whether another version of the workers is current than the one that runs this."""
    return workflow.info().is_target_worker_deployment_version_changed()


def go_on(carried: Any) -> NoReturn:
    """End this run and begin the next with what is carried."""
    if version_changed():
        upgrade = workflow.ContinueAsNewVersioningBehavior.AUTO_UPGRADE
        workflow.continue_as_new(carried, initial_versioning_behavior=upgrade)
    workflow.continue_as_new(carried)
