"""A workflow without any rules: the engine's own price for messages, timers and activities."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow

DAYS = 150


@dataclass(frozen=True)
class Load:
    """How much of each a bare case does."""

    updates: int
    timers: int
    local: int
    """Activities within its workflow tasks."""
    activities: int
    """Those of other workers."""
    queue: str = "records"
    """Where the latter are done."""


@activity.defn(name="nothing")
async def nothing(number: int) -> int:
    """An empty activity."""
    return number


@workflow.defn(name="Bare")
class BareWorkflow:
    """As many updates, timers and activities as it is told: each message has one within its task, the
    others follow the timers, as reminders and lapses do; those of other workers come first."""

    @workflow.init
    def __init__(self, load: Load) -> None:
        self._load = load
        self._updates = 0
        self._done = 0
        self._lock = asyncio.Lock()

    @workflow.run
    async def run(self, load: Load) -> int:
        """Let the timers ring evenly over the season, then wait for the last message."""
        for number in range(load.activities):
            await workflow.execute_activity(
                nothing,
                number,
                task_queue=load.queue,
                start_to_close_timeout=timedelta(seconds=20),
            )
        after_timers = load.local - load.updates
        for number in range(load.timers):
            await workflow.sleep(timedelta(days=DAYS) / load.timers)
            share = (
                after_timers * (number + 1) // load.timers - after_timers * number // load.timers
            )
            for _ in range(share):
                await self._do_nothing()
        for _ in range(0 if load.timers else after_timers):
            await self._do_nothing()
        await workflow.wait_condition(
            lambda: self._updates == load.updates and workflow.all_handlers_finished()
        )
        return self._done

    @workflow.update(name="tick")
    async def tick(self, number: int) -> int:
        """One message with its activity, as a step is recorded."""
        async with self._lock:
            await self._do_nothing()
        self._updates += 1
        return number

    async def _do_nothing(self) -> None:
        await workflow.execute_local_activity(
            nothing, self._done, start_to_close_timeout=timedelta(seconds=20)
        )
        self._done += 1
