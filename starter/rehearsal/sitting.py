"""Carrying out one step of a meeting through the gateway, as the committee's office would."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from config.gateway.asking import new_request_id
from config.gateway.errors import NotFoundError, RefusedByCaseError
from starter.desk.ids import meeting_id
from starter.desk.stating import with_texts_stored
from starter.rehearsal.answering import LOOK_AGAIN, SIGNAL_SECONDS, Answer, answered, done, jsonable
from starter.rehearsal.clock import RealmClock
from starter.rehearsal.drawing import BothOffices, plays_itself
from starter.rehearsal.meeting_observing import SeenMeeting, observe_meeting
from starter.rehearsal.roles import MeetingCast
from starter.rehearsal.scenario import MeetingPart, Scenario, Step
from starter.rehearsal.sheets import Sheets
from starter.rehearsal.world import World
from workflows.meeting.catalogue import MEETING_CATALOGUE
from workflows.meeting.messages import OpenMeetingRun
from workflows.rules.refusals import Code, Refusal
from workflows.writer.messages import Act

ON_BALLOT = ("on_ballot", "balloted")


@dataclass
class Sitting:
    """Acts for the meetings of one scenario; knows which meeting an alias has become."""

    world: World
    scenario: Scenario
    realm: str
    clock: RealmClock
    applications: dict[str, str] = field(default_factory=dict)
    """Alias → application id, as far as they were submitted."""
    casts: dict[str, MeetingCast] = field(default_factory=dict)
    offices: BothOffices = field(init=False)

    def __post_init__(self) -> None:
        self.offices = BothOffices(self.world)

    async def act(self, part: MeetingPart, step: Step) -> Answer:
        """Carry out an act and wait until every case has been told."""
        try:
            answer = await self._act(part, step)
        except RefusedByCaseError as err:
            return Answer(err.refusals)
        except NotFoundError:
            return Answer((Refusal(code=Code.NOT_FOUND),))
        await self.clock.settle_meetings()
        self.clock.touch()  # what the meeting said may wake any case
        return answer

    def meeting_id(self, part: MeetingPart) -> str:
        """The meeting's id; empty before its plan."""
        cast = self.casts.get(part.id)
        return cast.application if cast else ""

    def cast_of(self, part: MeetingPart) -> MeetingCast:
        """The people around a meeting, before its plan too."""
        campaign = self.scenario.campaign_of(part)
        blank = MeetingCast(
            self.world, self.realm, campaign, "", "", committee=part.committee or campaign
        )
        return self.casts.get(part.id, blank)

    async def _act(self, part: MeetingPart, step: Step) -> Answer:
        cast = self.cast_of(part)
        meeting = cast.application
        seen = await observe_meeting(self.world, meeting)
        act = Act(
            request_id=f"{part.number}:{step.request_id}" if step.request_id else new_request_id(),
            actor=await cast.actor(step.by, step.at),
            acted_at=step.stamped,
            payload=step.raw if step.raw is not None else await self._payload(part, step, seen),
        )
        if step.do == "plan" and not meeting:
            return await self._plan(part, cast, step, act)
        if step.do == "draw" and not plays_itself(self.scenario, part.id):
            return await self.offices.draw(
                cast, step, seen.state, lambda: self._say(meeting, step, act)
            )
        return await self._say(meeting, step, act)

    async def _say(self, meeting: str, step: Step, act: Act) -> Answer:
        if step.via == "signal":
            return await self._signal(meeting, step, act)
        receipt = await answered(lambda: self.world.meetings.act(meeting, step.do, act))
        return done(receipt)

    async def _plan(self, part: MeetingPart, cast: MeetingCast, step: Step, act: Act) -> Answer:
        """A meeting that is refused leaves nothing behind: the next plan is another one."""
        meeting = meeting_id()
        shift = (step.at - datetime.now(UTC)).total_seconds()
        opening = OpenMeetingRun(meeting=meeting, realm=self.realm, shift_seconds=shift)
        receipt = await answered(lambda: self.world.meetings.plan(opening, act))
        self.clock.add(meeting, shift)
        self.casts[part.id] = MeetingCast(
            self.world, self.realm, cast.campaign, "", meeting, committee=cast.committee
        )
        return done(receipt)

    async def _signal(self, meeting: str, step: Step, act: Act) -> Answer:
        """Send a signal and wait until the record says what came of it."""
        before = len((await observe_meeting(self.world, meeting)).steps)
        await self.world.meetings.signal(meeting, step.do, act)
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + SIGNAL_SECONDS
        while loop.time() < give_up_at:
            seen = await observe_meeting(self.world, meeting)
            for record in seen.steps[before:]:
                if record.request_id == act.request_id:
                    return Answer(record.refusals)
            await asyncio.sleep(LOOK_AGAIN)
        return Answer((Refusal(code=Code.NOT_FOUND, params={"what": "signal"}),))

    async def _payload(self, part: MeetingPart, step: Step, seen: SeenMeeting) -> dict[str, Any]:
        stated = self._sheets(seen).payload(step.do, jsonable(step.payload))
        if step.do == "plan":
            campaign = self.scenario.campaign_of(part)
            named = {"number": part.number, "committee": part.committee or campaign}
            stated = {**named, "campaign": campaign, **stated}
        row = MEETING_CATALOGUE.get(step.do)
        if row is None:
            return stated
        return await with_texts_stored(row.payload, stated, self.world.intake.store_text)

    def _sheets(self, seen: SeenMeeting) -> Sheets:
        state = seen.state
        return Sheets(
            applications=self.applications,
            seats=state.seats if state else (),
            present=state.present if state else (),
            ballot=[name for name, row in seen.rows.items() if row.state in ON_BALLOT],
            recused=seen.recused,
        )
