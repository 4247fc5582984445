"""What a worker tells a monitoring system beside the SDK's own metrics; config/monitoring/ says what to make of it.

The office's numbers are told by the workers of the records, each of them the same: take the greatest.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio.client import Client
from temporalio.common import MetricMeter

from activities.database import Pool
from activities.measures import measured
from config.deployments import queue_is_served
from workers.repeating import repeating

LOOK_EVERY = timedelta(seconds=30)


@asynccontextmanager
async def measuring_office(pool: Pool, meter: MetricMeter) -> AsyncIterator[None]:
    """Tell the office's numbers until the block ends."""
    cases = meter.create_gauge("zhiping_cases", "live cases by stage or end")
    waiting = meter.create_gauge("zhiping_letters_waiting", "letters that are due and not taken")
    oldest = meter.create_gauge_float("zhiping_oldest_letter_seconds", "how long the first waits")
    unsettled = meter.create_gauge("zhiping_letters_unsettled", "letters for a person to look at")
    late = meter.create_gauge_float("zhiping_latest_clock_seconds", "how late a clock is to strike")
    proof = meter.create_gauge_float(
        "zhiping_seconds_since_proof", "since a round of the sentinel saw everything"
    )
    disagree = meter.create_gauge("zhiping_sentinel_findings", "its findings, by what came of them")
    unproved = meter.create_gauge("zhiping_sentinel_unproved", "subjects that did not answer it")
    known: set[str] = set()

    async def look() -> None:
        found = await measured(pool)
        known.update(found.cases)
        for stage in known:
            cases.set(found.cases.get(stage, 0), {"stage": stage})
        for state, count in found.unsettled.items():
            unsettled.set(count, {"state": state})
        waiting.set(found.letters_waiting)
        oldest.set(max(0.0, found.oldest_letter))
        late.set(max(0.0, found.latest_clock))
        if found.last_proof is not None:
            proof.set(found.last_proof.seconds)
            unproved.set(found.last_proof.unproved)
            for outcome, count in found.last_proof.found.items():
                disagree.set(count, {"outcome": outcome})

    async with repeating(look, every=LOOK_EVERY, failed="office.not_measured"):
        yield


@asynccontextmanager
async def measuring_versions(
    client: Client, queues: Sequence[str], meter: MetricMeter
) -> AsyncIterator[None]:
    """Tell for each queue whether a version is current, until the block ends."""
    current = meter.create_gauge("zhiping_version_current", "1 where a version serves the queue")

    async def look() -> None:
        for queue in queues:
            current.set(int(await queue_is_served(client, queue)), {"queue": queue})

    async with repeating(look, every=LOOK_EVERY, failed="versions.not_measured"):
        yield
