"""What a worker looks at again and again beside its work: it goes on whatever one look meets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import structlog

logger = structlog.get_logger(__name__)


@asynccontextmanager
async def repeating(
    look: Callable[[], Awaitable[None]], *, every: timedelta, failed: str
) -> AsyncIterator[None]:
    """Look at once and then again and again until the block ends.

    Args:
        every: between the end of a look and the next.
        failed: the log's word for a look that met an error, whatever it was: the next one tries.
    """

    async def go_on() -> None:
        while True:
            try:
                await look()
            except Exception as err:
                logger.warning(failed, error=type(err).__name__)
            await asyncio.sleep(every.total_seconds())

    task = asyncio.create_task(go_on())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
