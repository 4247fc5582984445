"""Carrying out one step of a scenario through the gateway, as a person at a screen would."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from activities.views import TimelineEntry
from config.gateway.asking import new_request_id
from config.gateway.errors import NotFoundError, RefusedByCaseError
from starter.desk.ids import application_id
from starter.desk.stating import with_texts_stored
from starter.rehearsal.answering import LOOK_AGAIN, SIGNAL_SECONDS, Answer, answered, done, jsonable
from starter.rehearsal.applying import file_of
from starter.rehearsal.clock import RealmClock
from starter.rehearsal.roles import Cast
from starter.rehearsal.scenario import ApplicationPart, Scenario, Step
from starter.rehearsal.world import World
from workflows.application.case import Caution
from workflows.application.catalogue import CATALOGUE
from workflows.application.messages import OpenApplication
from workflows.rules.names import CautionCode
from workflows.rules.refusals import Code, Refusal
from workflows.writer.messages import Act, Actor


@dataclass
class Player:
    """Acts for one scenario in its realm; knows which application an alias has become."""

    world: World
    scenario: Scenario
    realm: str
    clock: RealmClock
    casts: dict[str, Cast] = field(default_factory=dict)

    @property
    def applications(self) -> dict[str, str]:
        """Alias → application id, as far as they were submitted."""
        return {alias: cast.application for alias, cast in self.casts.items()}

    async def act(self, step: Step) -> Answer:
        """Carry out an act, the first submission included."""
        part = self.scenario.application_of(step)
        try:
            if step.do == "submit" and part.id not in self.casts:
                return await self._submit(part, step)
            return await self._act(self.casts[part.id], step)
        except RefusedByCaseError as err:
            return Answer(err.refusals)
        except NotFoundError:
            return Answer((Refusal(code=Code.NOT_FOUND),))

    async def _submit(self, part: ApplicationPart, step: Step) -> Answer:
        campaign = self.scenario.campaign_of(part)
        stated = file_of(self.scenario, part).model_dump(mode="json")
        draft = await self.world.intake.store_draft(self.realm, campaign, stated)
        stored = await self.world.reading.draft(draft)
        person = stored.person if stored else ""
        application = application_id()
        cast = Cast(self.world, self.realm, campaign, person, application)
        self.casts[part.id] = cast
        actor = await cast.actor(step.by or "applicant", step.at)
        shift = (step.at - datetime.now(UTC)).total_seconds()
        self.clock.add(application, shift)
        act = Act(
            request_id=self._request_id(cast, step),
            actor=actor,
            acted_at=step.stamped,
            payload={"draft": draft},
        )
        opening = OpenApplication(application=application, realm=self.realm, shift_seconds=shift)
        receipt = await answered(lambda: self.world.gateway.submit(opening, act))
        return done(receipt)

    async def _act(self, cast: Cast, step: Step) -> Answer:
        self.clock.touch(cast.application)
        actor = await cast.actor(_who(step), step.at)
        payload = step.raw if step.raw is not None else await self._payload(step)
        act = Act(
            request_id=self._request_id(cast, step),
            actor=actor,
            acted_at=step.stamped,
            payload=payload,
        )
        if step.via == "signal":
            return await self._signal(cast.application, step, act)
        was_open = await self.clock.is_open(cast.application)
        shift = (step.at - datetime.now(UTC)).total_seconds()
        receipt = await answered(
            lambda: self.world.gateway.act(
                cast.application, step.do, act, realm=self.realm, shift_seconds=shift
            )
        )
        if not was_open:
            self.clock.reopened(cast.application, shift)
        if any(item.code is CautionCode.SECOND_PERSON for item in receipt.warnings):
            return await self._confirmed(cast, step, actor, receipt.warnings)
        return done(receipt)

    async def _confirmed(
        self, cast: Cast, step: Step, first: Actor, said: tuple[Caution, ...]
    ) -> Answer:
        """The second person's part: another human of the office confirms what was asked for."""
        request = next(item.params["request"] for item in said if "request" in item.params)
        named = str(step.payload.get("second_person", ""))
        second = await cast.colleague(first, step.at, named)
        act = Act(
            request_id=new_request_id(),
            actor=second,
            acted_at=step.stamped,
            payload={"request": request},
        )
        return done(
            await answered(lambda: self.world.gateway.act(cast.application, "confirm_request", act))
        )

    async def _signal(self, application: str, step: Step, act: Act) -> Answer:
        """Send a signal and wait until the record says what came of it."""
        before = {entry.seq for entry in await self.world.reading.timeline(application)}
        await self.world.gateway.signal(application, step.do, act)
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + SIGNAL_SECONDS
        while loop.time() < give_up_at:
            new = [
                entry
                for entry in await self.world.reading.timeline(application)
                if entry.seq not in before
            ]
            if answer := _of_signal(new, act.request_id):
                return answer
            await asyncio.sleep(LOOK_AGAIN)
        return Answer((Refusal(code=Code.NOT_FOUND, params={"what": "signal"}),))

    def _request_id(self, cast: Cast, step: Step) -> str:
        return f"{cast.application}:{step.request_id}" if step.request_id else new_request_id()

    async def _payload(self, step: Step) -> dict[str, Any]:
        stated: dict[str, Any] = jsonable(step.payload)
        action = CATALOGUE.get(step.do)
        if action is None:
            return stated
        return await with_texts_stored(action.payload, stated, self.world.intake.store_text)


def _who(step: Step) -> str:
    """Whom `by` means: of the office it is the supervisor who may move every date of the office's."""
    moves = step.do == "extend_deadline" and step.by == "office"
    return "office_supervisor" if moves else step.by


def _of_signal(new: list[TimelineEntry], request_id: str) -> Answer | None:
    for entry in new:
        if entry.source == "refusal":
            return Answer(entry.refusals)
        if entry.request_id == request_id:
            return Answer()
    return None
