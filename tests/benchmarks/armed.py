"""A case that only waits: its clock is armed, and when it strikes it records one step."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from temporalio import activity, workflow

QUEUE = "armed"
BEGUN: set[str] = set()
"""Ids of those whose first task this process has carried out: their clocks run from then on."""


@workflow.defn(name="Armed")
class ArmedWorkflow:
    """Sleeps until an instant, then has it recorded, as a lapse is."""

    @workflow.run
    async def run(self, at: float) -> None:
        """Wait until `at` (seconds since 1970)."""
        instant = datetime.fromtimestamp(at, UTC)
        BEGUN.add(workflow.info().workflow_id)
        await workflow.sleep(max(timedelta(), instant - workflow.now()))
        await workflow.execute_activity(
            "struck", at, task_queue=QUEUE, start_to_close_timeout=timedelta(minutes=1)
        )


class Strikes:
    """What the worker of this process recorded: how late each strike was, and when."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self.recorded_at: list[float] = []

    @activity.defn(name="struck")
    async def struck(self, at: float) -> None:
        """One step recorded."""
        now = time.time()
        self.late.append(now - at)
        self.recorded_at.append(now)
