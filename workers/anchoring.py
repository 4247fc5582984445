"""Once a day the record's chains are anchored, by whichever worker of the records looks first.

No workflow and no schedule of the engine: the record must be shown to be whole even when the engine
is what went wrong, and an anchor is nobody's act. A day is a day of Beijing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import structlog

from activities.audit.anchors import Anchors
from workers.repeating import repeating
from workflows.rules.message import local_date

LOOK_EVERY = timedelta(minutes=10)

logger = structlog.get_logger(__name__)


@asynccontextmanager
async def anchoring(
    anchors: Anchors, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> AsyncIterator[None]:
    """Look every ten minutes until the block ends; a database that is away is asked again."""

    async def look() -> None:
        made = await anchors.make_for(local_date(clock()))
        if made:
            # The log is a witness outside of the database: what was anchored stays said.
            logger.info("record.anchored", **made.model_dump(mode="json"))

    async with repeating(look, every=LOOK_EVERY, failed="record.not_anchored"):
        yield
