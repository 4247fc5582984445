"""Moving what runs on other versions to the current one: each is woken, and begins its next run there.

Who is left is asked of the engine, page by page and again and again, so that to go on after an
interruption, and to try the failed once more, is to call it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from temporalio.client import Client, WorkflowExecution
from temporalio.service import RPCError

from config.deployments import Deployment, Left, left_on, pinned_to
from config.gateway.asking import new_request_id
from config.temporal import knows_no_workflow
from workflows.letter.messages import Wake
from workflows.rules.message import Message
from workflows.writer.messages import Act, Actor

AT_ONCE = 16
PAGE = 500
MAILROOM = "Mailroom"
TO_THEIR_END = ("Operation", "Bulk")
"""Workflows that are soon over, and are told nothing."""
"""A mailroom hears `wake`; an operation is done in a moment, and hears nothing."""
LOOK_AGAIN = 1.0
PATIENCE = timedelta(minutes=2)
"""How long nobody may have moved before it is said who stays."""


class Moved(Message):
    """How a move ended.

    Attributes:
        woken: words that were sent; who was woken twice counts twice.
        left: by version, those that stay: parked on a fault, or on a version without workers.
    """

    woken: int = 0
    left: tuple[Left, ...] = ()


@dataclass
class Move:
    """One call of `zhiping deploy move`."""

    client: Client
    name: str
    actor: Actor
    tell: Callable[[int, int], None]
    """Told how many are left, and how many words were sent."""
    patience: timedelta = PATIENCE
    _woken: int = 0
    _request: str = field(default_factory=new_request_id)

    async def go(self, deployment: Deployment) -> Moved:
        """Wake until nobody is left, or nobody moves any more."""
        builds = [item.build for item in deployment.versions if not item.current]
        loop = asyncio.get_running_loop()
        fewest, since, round_ = -1, loop.time(), 0
        left = await self._left(builds)
        while total := sum(item.count for item in left):
            if fewest < 0 or total < fewest:
                fewest, since = total, loop.time()
            elif loop.time() - since > self.patience.total_seconds():
                break
            for build in builds:
                await self._wake_all(build, round_)
            self.tell(total, self._woken)
            round_ += 1
            await asyncio.sleep(LOOK_AGAIN)
            left = await self._left(builds)
        return Moved(woken=self._woken, left=tuple(item for item in left if item.count))

    async def _left(self, builds: list[str]) -> list[Left]:
        return [await left_on(self.client, self.name, build) for build in builds]

    async def _wake_all(self, build: str, round_: int) -> None:
        slots = asyncio.Semaphore(AT_ONCE)

        async def wake(one: WorkflowExecution) -> None:
            async with slots:
                await self._wake(one, round_)

        page: list[WorkflowExecution] = []
        async for one in self.client.list_workflows(pinned_to(self.name, build), page_size=PAGE):
            page.append(one)
            if len(page) == PAGE:
                await asyncio.gather(*map(wake, page))
                page = []
        await asyncio.gather(*map(wake, page))

    async def _wake(self, one: WorkflowExecution, round_: int) -> None:
        if one.workflow_type in TO_THEIR_END:
            return
        handle = self.client.get_workflow_handle(one.id)
        try:
            if one.workflow_type == MAILROOM:
                await handle.signal("wake", Wake())
            else:
                request = f"{self._request}:{round_}:{one.id}"
                await handle.signal("nudge", Act(request_id=request, actor=self.actor))
        except RPCError as err:
            if not knows_no_workflow(err):
                raise
            return
        self._woken += 1
