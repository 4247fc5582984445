"""The sentinel's schedule: one of the engine's, made or brought up to date by whichever worker starts.

A start by the schedule has no door behind it, so it carries a voucher that is signed here once for the
schedule's own name (`workflows.sentinel.workflow`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from config.settings import Settings
from config.vouching import vouched_by
from workers.repeating import repeating
from workflows.ports import CASES
from workflows.sentinel.messages import SENTINEL, Proof

WORKFLOW = "Sentinel"
AT_HOUR, AT_MINUTE = 3, 30
"""On Beijing's clock: the office sleeps, and what is found waits for whoever comes first."""
LATE = timedelta(hours=6)
"""How long after it a round still begins, where the engine was away."""
LOOK_EVERY = timedelta(hours=1)


@asynccontextmanager
async def scheduled(client: Client, settings: Settings) -> AsyncIterator[None]:
    """See that the schedule is there, again and again: a namespace may be made anew under it."""

    async def look() -> None:
        await make_schedule(client, settings)

    async with repeating(look, every=LOOK_EVERY, failed="sentinel.not_scheduled"):
        yield


async def make_schedule(client: Client, settings: Settings) -> None:
    """Make the schedule, or give the one that is there the action and hours of this code; whether it
    is paused stays as operators left it."""
    wanted = _schedule(settings)
    try:
        await client.create_schedule(SENTINEL, wanted)
    except ScheduleAlreadyRunningError:

        def renewed(known: ScheduleUpdateInput) -> ScheduleUpdate:
            wanted.state = known.description.schedule.state
            return ScheduleUpdate(schedule=wanted)

        await client.get_schedule_handle(SENTINEL).update(renewed)


def _schedule(settings: Settings) -> Schedule:
    key = settings.signing_key()
    said = vouched_by(key, f"start {WORKFLOW}", SENTINEL, Proof()).as_sent() if key else Proof()
    return Schedule(
        action=ScheduleActionStartWorkflow(WORKFLOW, said, id=SENTINEL, task_queue=CASES),
        spec=ScheduleSpec(
            calendars=[
                ScheduleCalendarSpec(
                    hour=[ScheduleRange(AT_HOUR)], minute=[ScheduleRange(AT_MINUTE)]
                )
            ],
            time_zone_name="Asia/Shanghai",
        ),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=LATE),
    )
