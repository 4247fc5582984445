"""One wake-up timer per subject, always at what is due next (design.md 3)."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow


class Alarm:
    """A timer that is set anew where what is due next has changed.

    Moving it costs an event for the one that is cancelled; left where it was, it would ring for
    nothing, which costs a whole workflow task.
    """

    def __init__(self) -> None:
        self.at: datetime | None = None
        """When it rings on the subject's clock; None while it is not set."""
        self.rang = False
        self._task: asyncio.Task[None] | None = None

    def set(self, at: datetime | None, now: datetime) -> None:
        """Ring at `at`; None: not at all."""
        if at == self.at:
            return
        if self._task is not None:
            self._task.cancel()
        self.at, self._task = at, None
        if at is not None:
            self._task = asyncio.create_task(self._ring(at - now))

    def heard(self) -> None:
        """The listener is awake."""
        self.rang = False

    async def _ring(self, wait: timedelta) -> None:
        await workflow.sleep(max(wait, timedelta(0)))
        self.at, self._task = None, None
        self.rang = True
