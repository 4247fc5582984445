"""Once a day the record's chains are anchored, by whichever worker of the records looks first.

No workflow and no schedule of the engine: the record must be shown to be whole even when the engine
is what went wrong, and an anchor is nobody's act. A day is a day of Beijing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import structlog

from activities.audit.anchors import Anchors
from workflows.rules.message import local_date

LOOK_EVERY = timedelta(minutes=10)

logger = structlog.get_logger(__name__)


@asynccontextmanager
async def anchoring(
    anchors: Anchors, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> AsyncIterator[None]:
    """Look every ten minutes until the block ends; a database that is away is asked again."""

    async def look() -> None:
        while True:
            try:
                made = await anchors.make_for(local_date(clock()))
                if made:
                    # The log is a witness outside of the database: what was anchored stays said.
                    logger.info("record.anchored", **made.model_dump(mode="json"))
            except Exception as err:  # whatever it is, the worker goes on and the next look tries
                logger.warning("record.not_anchored", error=type(err).__name__)
            await asyncio.sleep(LOOK_EVERY.total_seconds())

    task = asyncio.create_task(look())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
