"""Moving a realm's clock: every open case and meeting of it, one skip at a time, to one instant.

What was learnt of the server (1.32): a skip ends *before* a timer that falls on its very instant has
fired, and while the activity that follows a timer may still run; a retry's back-off is skipped too,
so a failing activity lets the case's time run on but never lets the skip end. Hence a case counts
as arrived only when nothing is pending and its next wake-up lies ahead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from temporalio.client import (
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowHandle,
)
from temporalio.service import RPCError

from config.gateway.errors import GatewayError
from config.temporal import knows_no_workflow
from starter.rehearsal.world import World
from workflows.application.case import MEETING_PREFIX
from workflows.application.messages import Snapshot
from workflows.meeting.messages import MeetingSnapshot
from workflows.rules.message import local

PATIENCE = 600.0
"""Seconds a case may need for one fast-forward; a year with all its reminders takes about 60."""

SETTLING = 120.0
"""Seconds until what a step of a case began is done; beside fifteen others it takes some three."""

TELLING = 600.0
"""Seconds a meeting may need until its word was told to every case and each has answered."""

_LOOK_AGAIN, _LOOK_LATEST = 0.02, 0.2
"""Seconds between two looks, the longer the longer it takes: what is busy is not kept busier."""

_NEAR = timedelta(milliseconds=50)
_PAST = timedelta(hours=1)
"""By so much no clock runs on by itself while its realm is moved."""


class ClockStuckError(Exception):
    """A case does not arrive; the message (Chinese) names what it waits for."""


@dataclass
class RealmClock:
    """The clock of one realm's cases and meetings. Exactly one conductor moves it.

    Each starts on the realm's time by a shift of its own: what it says of the time is the engine's
    clock plus this shift, whatever was skipped before. A meeting is one of them by its id.
    """

    world: World
    realm: str
    shifts: dict[str, float] = field(default_factory=dict)
    _wakes: dict[str, datetime] = field(default_factory=dict)
    """When each case that stands still wakes next by itself."""
    _closed: set[str] = field(default_factory=set)
    moving: int = 0
    """Cases and meetings that are on their way, those that arrived included."""
    arrived: int = 0

    def add(self, application: str, shift_seconds: float) -> None:
        """Take a case or a meeting under this clock."""
        self.shifts[application] = shift_seconds

    def reopened(self, application: str, shift_seconds: float) -> None:
        """A closed case that something reached runs again, on a clock that starts anew."""
        self.add(application, shift_seconds)
        self._closed.discard(application)
        self.touch(application)

    def drop(self, workflow_id: str) -> None:
        """Let one go that never came to be: a meeting whose plan was refused."""
        self.shifts.pop(workflow_id, None)

    @property
    def meetings(self) -> list[str]:
        """The meetings among them."""
        return [name for name in self.shifts if name.startswith(MEETING_PREFIX)]

    async def time_of(self, application: str) -> datetime:
        """What the clock of one open case shows."""
        handle = self._handle(application)
        engine = await self.world.skipper.get_current_time(handle)
        return local(engine + timedelta(seconds=self.shifts[application]))

    async def forward(self, to: datetime, needed: Collection[str] | None = None) -> None:
        """Bring the realm to an instant: every open case of it, or at least those needed.

        A case whose next wake-up is known to lie beyond that instant has nothing to live through
        on the way; it is moved when it is needed, which saves most of the skips of a large realm.
        Meetings are always moved: any case may have news for its meeting. Then the letters of the
        hours that were passed go out.

        Raises:
            ClockStuckError: a case does not arrive in time.
        """
        going = [
            case
            for case in await self._open_cases(needed or ())
            if needed is None
            or case in needed
            or case.startswith(MEETING_PREFIX)
            or not self._sleeps_beyond(case, to)
        ]
        self.moving, self.arrived = len(going), 0
        await asyncio.gather(*(self._forward(case, to) for case in going))
        await self.world.hours.reached(self.realm, to)

    def touch(self, application: str = "") -> None:
        """Forget when a case (all, where none is named) wakes next: something is done to it."""
        if application:
            self._wakes.pop(application, None)
        else:
            self._wakes.clear()

    async def settle(self, applications: Iterable[str] | None = None) -> None:
        """Wait until nothing is under way in these cases (all, where none are named).

        The meetings come first: they speak to cases.
        """
        cases = [
            name
            for name in (self.shifts if applications is None else applications)
            if not name.startswith(MEETING_PREFIX)
        ]
        await self.settle_meetings()
        await asyncio.gather(*(self._settle(case) for case in cases))

    async def settle_meetings(self) -> None:
        """Wait until every word of a meeting has been told and answered."""
        await asyncio.gather(*(self._settle(meeting) for meeting in self.meetings))

    async def is_open(self, application: str) -> bool:
        """True while the case's workflow runs."""
        try:
            described = await self._handle(application).describe()
        except RPCError as err:
            if knows_no_workflow(err):
                return False
            raise
        return described.status is WorkflowExecutionStatus.RUNNING

    async def _open_cases(self, needed: Collection[str]) -> list[str]:
        """Those that run; one that something is done to is looked at again, whatever it was before."""
        self._closed -= set(needed)
        cases = sorted(self.shifts.keys() - self._closed)
        unsure = [case for case in cases if case not in self._wakes]
        running = await asyncio.gather(*(self.is_open(case) for case in unsure))
        self._closed |= {case for case, runs in zip(unsure, running, strict=True) if not runs}
        return [case for case in cases if case not in self._closed]

    def _sleeps_beyond(self, application: str, to: datetime) -> bool:
        wakes = self._wakes.get(application)
        return wakes is not None and wakes > to + _NEAR

    async def _forward(self, application: str, to: datetime) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                quiet = self._sleeps_beyond(application, to)
                await self._skip(application, to)
                if not quiet:
                    await self._settle(application)
            self.arrived += 1
        except TimeoutError:
            raise ClockStuckError(await self._why_stuck(application, to)) from None

    async def _skip(self, application: str, to: datetime) -> None:
        handle = self._handle(application)
        # At the cap of skips `fast_forward` gives up while the case lives: then it is asked again.
        while (left := to - await self.time_of(application)) > _NEAR:
            try:
                arrived = await self.world.skipper.fast_forward(handle, left)
            except RPCError as err:
                if not knows_no_workflow(err):
                    raise
                arrived = False
            if not arrived and not await self.is_open(application):  # it closed a moment ago
                self.touch(application)
                return
        if left < -_PAST:
            name = "评审会" if application.startswith(MEETING_PREFIX) else "申报"
            raise ClockStuckError(
                f"{name} {application} 走过了头：应到 {to:%Y-%m-%d %H:%M}，"
                f"已到 {to - left:%Y-%m-%d %H:%M}。请重新演练。"
            )

    async def _settle(self, application: str) -> None:
        """Return when no activity or task is pending and the next wake-up lies ahead."""
        handle = self._handle(application)
        loop = asyncio.get_running_loop()
        patience = TELLING if application.startswith(MEETING_PREFIX) else SETTLING
        give_up_at = loop.time() + patience
        pause = _LOOK_AGAIN
        while loop.time() < give_up_at:
            described = await handle.describe()
            if described.status is not WorkflowExecutionStatus.RUNNING:
                return
            raw = described.raw_description
            busy = bool(raw.pending_activities) or raw.HasField("pending_workflow_task")
            if not busy and await self._sleeps(application, self._shown_by(application, described)):
                return
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, _LOOK_LATEST)
        raise ClockStuckError(await self._why_stuck(application, None))

    def _shown_by(self, application: str, described: WorkflowExecutionDescription) -> datetime:
        """The case's time out of a description that was fetched anyway."""
        extended = described.raw_description.workflow_extended_info
        engine = datetime.now(UTC)
        if extended.HasField("time_skipping_info"):
            engine = extended.time_skipping_info.current_time.ToDatetime(UTC)
        return local(engine + timedelta(seconds=self.shifts[application]))

    async def _sleeps(self, application: str, now: datetime) -> bool:
        snapshot: Snapshot | MeetingSnapshot
        try:
            if application.startswith(MEETING_PREFIX):
                snapshot = await self.world.meetings.snapshot(application, now, actions=False)
                if snapshot.telling and not snapshot.needs_operator:
                    return False
            else:
                snapshot = await self.world.gateway.snapshot(application, now, actions=False)
        except GatewayError:
            return False
        if snapshot.wake_at is not None and snapshot.wake_at > now and not snapshot.needs_operator:
            self._wakes[application] = local(snapshot.wake_at)
            return True
        return snapshot.wake_at is None or bool(snapshot.needs_operator)

    async def _why_stuck(self, application: str, to: datetime | None) -> str:
        raw = (await self._handle(application).describe()).raw_description
        waiting = "、".join(
            f"{item.activity_type.name}（第 {item.attempt} 次，{item.last_failure.message or '进行中'}）"
            for item in raw.pending_activities
        )
        if not waiting and raw.HasField("pending_workflow_task"):
            waiting = "待处理的流程任务（没有工作进程，或流程代码出错）"
        goal = f"没有走到 {to:%Y-%m-%d %H:%M}" if to else "没有停下来"
        what = "评审会" if application.startswith(MEETING_PREFIX) else "申报"
        return f"{what} {application} {goal}，停在 {waiting or '原因不明处'}。"

    def _handle(self, application: str) -> WorkflowHandle[object, object]:
        return self.world.client.get_workflow_handle(application)
