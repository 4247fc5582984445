"""The realm's clock moved by hand: `zhiping clock`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from activities.meeting_views import MeetingFilter
from config.settings import Settings
from starter.desk.refusing import not_found, refused
from starter.rehearsal.clock import ClockStuckError, RealmClock
from starter.rehearsal.staging import Stage
from starter.rehearsal.world import World, entered
from workflows.rules.days import is_of_a_calendar
from workflows.rules.message import local
from workflows.rules.names import LIVE


async def show(realm: str) -> dict[str, Any]:
    """Where the realm's clock and each of its open cases and meetings stand."""
    async with _clock_of(realm) as (world, clock, now):
        return await _standing(world, clock, now)


LONG = timedelta(days=366)
"""A way that nobody goes by mistake is shorter."""


@dataclass(frozen=True)
class Way:
    """From where to where a realm's clock is to go."""

    realm: str
    now: datetime
    goal: datetime
    without_calendar: bool
    """The goal's year has no calendar in that realm: no term can be counted there."""

    @property
    def is_long(self) -> bool:
        """Whether it should be asked about: a clock never goes back, and what it passes is struck."""
        return self.goal - self.now > LONG or self.without_calendar


async def advance(
    realm: str, *, to: datetime | None, days: int | None, sure: Callable[[Way], None]
) -> dict[str, Any]:
    """Bring every open case and meeting of the realm to an instant, and note it as the realm's time.

    Args:
        sure: asked about a long way; raises where it is not to be gone.
    """
    async with _clock_of(realm) as (world, clock, now):
        goal = to or now + timedelta(days=days or 0)
        if goal < now:
            raise refused("clock_backwards", f"时钟不能往回拨：现在是 {now:%Y-%m-%d %H:%M}。")
        if not is_of_a_calendar(goal):
            raise refused("date_not_allowed", f"{goal.year} 年不能采用。")
        calendar = await world.reading.calendar(realm=realm)
        way = Way(realm, now, goal, calendar is None or goal.year not in calendar.years)
        if way.is_long:
            sure(way)
        try:
            await clock.forward(goal)
            await clock.settle_meetings()
        except ClockStuckError as err:
            raise refused(
                "clock_stuck", str(err), next_step="请查看 Temporal 页面后再试。"
            ) from None
        await Stage(world).operate(
            "set_realm_time", {"now_at": goal.isoformat()}, goal, realm=realm
        )
        return await _standing(world, clock, goal)


@asynccontextmanager
async def _clock_of(realm: str) -> AsyncIterator[tuple[World, RealmClock, datetime]]:
    if realm == LIVE:
        raise refused(
            "shift_forbidden", "正式办理以现在的时间为准，没有可以拨动的时钟，只有演练有。"
        )
    async with entered(Settings.load()) as world:
        view = await world.reading.realm(realm)
        if view is None:
            raise not_found(
                f"没有演练“{realm}”。", "请核对名称：新开一个演练用 zhiping submit --realm。"
            )
        clock = RealmClock(world, realm)
        async for application in world.reading.open_applications(realm):
            snapshot = await world.gateway.snapshot(application)
            clock.add(application, snapshot.shift_seconds)
        async for meeting in world.reading.every_meeting(_open_ones(realm)):
            live = await world.meetings.snapshot(meeting.meeting)
            clock.add(meeting.meeting, live.shift_seconds)
        # A realm's time goes on by itself; what was skipped is noted by whoever skipped.
        flowing = local(datetime.now(UTC) + timedelta(seconds=view.shift_seconds))
        yield world, clock, max(flowing, local(view.now_at or flowing))


async def _standing(world: World, clock: RealmClock, now: datetime) -> dict[str, Any]:
    cases = world.reading.open_applications(clock.realm)
    open_cases = [case async for case in cases if await clock.is_open(case)]
    return {
        "realm": clock.realm,
        "now_at": now,
        "applications": {case: await clock.time_of(case) for case in open_cases},
        "meetings": {
            item.meeting: await clock.time_of(item.meeting)
            async for item in world.reading.every_meeting(_open_ones(clock.realm))
            if await clock.is_open(item.meeting)
        },
    }


def _open_ones(realm: str) -> MeetingFilter:
    return MeetingFilter(realm=realm, only_open=True)
