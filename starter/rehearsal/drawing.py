"""Both offices' parts of a draw, where a story states only `draw`.

A draw is committed to by the supervising office, ordered by the committee's, and revealed (and a
second one asked for by a colleague). A story that has a `commit_draw` of its own plays every part
itself.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from config.gateway.asking import new_request_id
from starter.rehearsal.answering import Answer, answered, done
from starter.rehearsal.roles import MeetingCast
from starter.rehearsal.scenario import Scenario, Step
from starter.rehearsal.world import World
from workflows.meeting.meeting import KeptMeeting, Phase
from workflows.rules.draw import commitment_to
from workflows.writer.messages import Act, Actor

BEFORE = (Phase.PLANNED, Phase.EXPERTS_DRAWN)
SUPERVISING = "city_office"
AFTER_CANCELLED = "此前的评审会已取消，重新抽取"


def plays_itself(scenario: Scenario, meeting: str) -> bool:
    """Whether the story states the supervising office's part of this meeting's draws."""
    return any(step.do == "commit_draw" and step.meeting == meeting for step in scenario.step)


@dataclass
class BothOffices:
    """Says for the other people of a draw what a story leaves out."""

    world: World
    _values: dict[str, str] = field(default_factory=dict)
    """Commitment → the value it is of, until it is revealed."""

    async def draw(
        self,
        cast: MeetingCast,
        step: Step,
        state: KeptMeeting | None,
        order: Callable[[], Awaitable[Answer]],
    ) -> Answer:
        """One `draw` of a story with what goes before and after it."""
        if state is None or state.phase not in BEFORE:
            return await order()
        commitment = state.commitment.digest if state.commitment else await self._commit(cast, step)
        again = step.payload.get("reason") if state.draws else await self._after_cancelled(cast)
        if again:
            asked = await self._ask(cast, step, str(again))
            if asked.refusals:
                return asked
        answer = await order()
        if not answer.refusals:
            stated = {"value": self._values.pop(commitment)}
            await self._say(cast, step, "reveal_draw", await self._city(cast, step.at), stated)
        return answer

    async def _commit(self, cast: MeetingCast, step: Step) -> str:
        value = secrets.token_hex(32)
        commitment = commitment_to(value)
        self._values[commitment] = value
        city = await self._city(cast, step.at)
        await self._say(cast, step, "commit_draw", city, {"commitment": commitment})
        return commitment

    async def _after_cancelled(self, cast: MeetingCast) -> str:
        """Why a first draw is a second one, where it is: an earlier meeting was cancelled."""
        return AFTER_CANCELLED if await self.world.reading.earlier_draws(cast.application) else ""

    async def _ask(self, cast: MeetingCast, step: Step, why: str) -> Answer:
        asks = await cast.colleague(await cast.actor(step.by, step.at), step.at)
        reason = await self.world.intake.store_text(why)
        return await self._say(cast, step, "request_redraw", asks, {"reason": reason})

    async def _city(self, cast: MeetingCast, at: datetime) -> Actor:
        return await cast.actor(SUPERVISING, at)

    async def _say(
        self, cast: MeetingCast, step: Step, name: str, actor: Actor, stated: dict[str, Any]
    ) -> Answer:
        act = Act(request_id=new_request_id(), actor=actor, acted_at=step.stamped, payload=stated)
        meeting = cast.application
        return done(await answered(lambda: self.world.meetings.act(meeting, name, act)))
