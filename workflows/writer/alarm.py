"""One wake-up timer per case, moved only when it must be earlier (design.md 3)."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow


class Alarm:
    """A timer that can be moved forward in time.

    It may ring before anything is due, because a later due time leaves it where it is: the
    listener looks again at what is due, and sets it anew.
    """

    def __init__(self) -> None:
        self.at: datetime | None = None
        """When it rings on the case's clock; None while it is not set."""
        self.rang = False
        self._task: asyncio.Task[None] | None = None

    def set(self, at: datetime | None, now: datetime) -> None:
        """Ring at `at` at the latest; None asks for nothing."""
        if at is None or (self.at is not None and self.at <= at):
            return
        if self._task is not None:
            self._task.cancel()
        self.at = at
        self._task = asyncio.create_task(self._ring(at - now))

    def heard(self) -> None:
        """The listener is awake."""
        self.rang = False

    async def _ring(self, wait: timedelta) -> None:
        await workflow.sleep(max(wait, timedelta(0)))
        self.at, self._task = None, None
        self.rang = True
