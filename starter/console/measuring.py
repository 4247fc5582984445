"""What the console tells a monitoring system: which noes it gave, by code (`zhiping_refused_total`)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from config.settings import Settings
from config.telemetry import build_runtime
from starter.desk.tallies import REFUSED
from workflows.writer.refused import COUNTER, DESK

TOLD_EVERY = timedelta(seconds=5)


@asynccontextmanager
async def measuring(settings: Settings) -> AsyncIterator[None]:
    """Tell until the block ends, where a port is set for it."""
    if settings.metrics_port is None or settings.is_embedded:  # there the port is its workers'
        yield
        return
    runtime = build_runtime(settings)
    counter = runtime.metric_meter.create_counter(COUNTER, "noes by code")
    told: Counter[str] = Counter()

    async def tell() -> None:
        while True:
            for code, count in (REFUSED - told).items():
                counter.add(count, {"code": code, "by": DESK})
                told[code] += count
            await asyncio.sleep(TOLD_EVERY.total_seconds())

    task = asyncio.create_task(tell())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
