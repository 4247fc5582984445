"""The realm's clock moved by hand: at the command line, or by a click on the console's 演练时钟."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from activities.meeting_views import MeetingFilter
from activities.realm_clock import moving_alone
from config.settings import Settings
from starter.desk.refusing import Door, not_found, refused
from starter.rehearsal.clock import ClockStuckError, RealmClock
from starter.rehearsal.staging import Stage
from starter.rehearsal.world import World, entered
from workflows.rules.calendar import Calendar
from workflows.rules.days import is_of_a_calendar
from workflows.rules.message import local
from workflows.rules.names import LIVE

LONG = timedelta(days=366)
"""A way that nobody goes by mistake is shorter."""

Sure = Callable[["Way"], None]
Watch = Callable[[RealmClock], None]


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

    def words(self) -> str:
        """What going it does, for whoever is asked about a long one."""
        told = (
            f"将把演练“{self.realm}”从 {self.now:%Y-%m-%d} 拨到 {self.goal:%Y-%m-%d}"
            f"（{(self.goal - self.now).days} 天），其间的期限都会届满，而且不能拨回。"
        )
        if self.without_calendar:
            told += f"{self.goal.year} 年还没有工作日历，期限不能推算，在办的申报可能停住。"
        return told


def way_to(realm: str, now: datetime, goal: datetime, calendar: Calendar | None) -> Way:
    """The way of a realm's clock to an instant.

    Raises:
        NoAnswer: `clock_backwards`; `date_not_allowed` for a year of no calendar ever.
    """
    if goal < now:
        raise refused("clock_backwards", f"时钟不能往回拨：现在是 {now:%Y-%m-%d %H:%M}。")
    if not is_of_a_calendar(goal):
        raise refused("date_not_allowed", f"{goal.year} 年不能采用。")
    return Way(realm, now, goal, calendar is None or goal.year not in calendar.years)


async def show(settings: Settings, realm: str) -> dict[str, Any]:
    """Where the realm's clock and each of its open cases and meetings stand."""
    _check_rehearses(realm)
    async with entered(settings) as world:
        return await _standing(world, *await _clock_of(world, realm))


async def advance(
    settings: Settings,
    realm: str,
    *,
    to: datetime | None = None,
    days: int | None = None,
    sure: Sure,
    watch: Watch | None = None,
) -> dict[str, Any]:
    """Bring every open case and meeting of the realm to an instant, and note it as the realm's time.

    Args:
        sure: asked about a long way; raises where it is not to be gone.
        watch: gets the clock that moves, which says how far it is.

    Raises:
        NoAnswer: `clock_backwards`, `clock_stuck`, `clock_busy` where somebody else moves it.
    """
    _check_rehearses(realm)
    async with entered(settings) as world, moving_alone(world.pool, realm) as alone:
        if not alone:
            raise refused(
                "clock_busy",
                f"演练“{realm}”的时钟正由别人拨动。",
                next_step="请等它走完再拨。",
            )
        clock, now = await _clock_of(world, realm)
        way = way_to(
            realm,
            now,
            to or now + timedelta(days=days or 0),
            await world.reading.calendar(realm=realm),
        )
        if way.is_long:
            sure(way)
        if watch is not None:
            watch(clock)
        await _moved(world, clock, way.goal)
        return await _standing(world, clock, way.goal)


async def _moved(world: World, clock: RealmClock, goal: datetime) -> None:
    try:
        await clock.forward(goal)
        await clock.settle_meetings()
    except ClockStuckError as err:
        raise refused("clock_stuck", str(err), next_step="请查看 Temporal 页面后再试。") from None
    stated = {"now_at": goal.isoformat()}
    await Stage(world).operate("set_realm_time", stated, goal, realm=clock.realm)


def _check_rehearses(realm: str) -> None:
    """Raises `NoAnswer` for the live office, before anything is connected."""
    if realm == LIVE:
        raise refused(
            "shift_forbidden", "正式办理以现在的时间为准，没有可以拨动的时钟，只有演练有。"
        )


async def _clock_of(world: World, realm: str) -> tuple[RealmClock, datetime]:
    """The clock of a rehearsal with all that is open in it, and what it shows.

    Raises:
        NoAnswer: there is no such rehearsal.
    """
    view = await world.reading.realm(realm)
    if view is None:
        raise not_found(
            f"没有演练“{realm}”。",
            "请核对名称，或者先新开一个演练。",
            door=Door.NEW_REHEARSAL,
            subject=realm,
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
    return clock, max(flowing, local(view.now_at or flowing))


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
