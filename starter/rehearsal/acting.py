"""Carrying out one step of a scenario through the gateway, as a person at a screen would."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from pydantic import BaseModel

from activities.views import TimelineEntry
from config.gateway import NotFoundError, RefusedByCaseError, UnknownError, new_request_id
from config.submission_files import ApplicationFile, made_up_person, sample
from starter.rehearsal.clock import RealmClock
from starter.rehearsal.roles import Cast
from starter.rehearsal.scenario import ApplicationPart, Scenario, Step
from starter.rehearsal.staging import Stage
from starter.rehearsal.world import World, new_application_id
from workflows.catalogue import CATALOGUE
from workflows.messages import Act, OpenApplication
from workflows.payloads import FREE_TEXT
from workflows.rules.case import Receipt
from workflows.rules.message import local
from workflows.rules.names import Route
from workflows.rules.refusals import Code, Refusal

SIGNAL_SECONDS = 10.0
ASK_AGAIN = 3
_LOOK_AGAIN = 0.05


@dataclass(frozen=True)
class Answer:
    """What came of a step: the reasons where it was refused, none where it was done."""

    refusals: tuple[Refusal, ...] = ()
    repeated: bool = False


@dataclass
class Player:
    """Acts for one scenario in its realm; knows which application an alias has become."""

    world: World
    scenario: Scenario
    realm: str
    clock: RealmClock
    casts: dict[str, Cast] = field(default_factory=dict)

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

    async def operate(self, step: Step) -> Answer:
        """Carry out an operation in this realm."""
        stated = {key: self._meant(key, value) for key, value in jsonable(step.payload).items()}
        identity = stated.pop("person", None)
        if isinstance(identity, str):
            stated["id_number"] = self._identity_of(identity)["id_number"]
        cast = next(iter(self.casts.values()), None) or await self._blank()
        actor = await cast.actor(step.by or "operations", step.at)
        try:
            await Stage(self.world).operate(
                step.operate, stated, step.stamped, realm=self.realm, actor=actor
            )
        except RefusedByCaseError as err:
            return Answer(err.refusals)
        return Answer()

    async def _submit(self, part: ApplicationPart, step: Step) -> Answer:
        campaign = self.scenario.campaign_of(part)
        stated = self.file_of(part).model_dump(mode="json")
        draft = await self.world.intake.store_draft(self.realm, campaign, stated)
        stored = await self.world.reading.draft(draft)
        person = stored.person if stored else ""
        application = new_application_id()
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
        receipt = await _answered(lambda: self.world.gateway.submit(opening, act))
        return Answer(repeated=receipt.repeated)

    async def _act(self, cast: Cast, step: Step) -> Answer:
        self.clock.touch(cast.application)
        actor = await cast.actor(step.by, step.at)
        payload = step.raw if step.raw is not None else await self._payload(step)
        act = Act(
            request_id=self._request_id(cast, step),
            actor=actor,
            acted_at=step.stamped,
            payload=payload,
        )
        if step.via == "signal":
            return await self._signal(cast.application, step, act)
        shift = (step.at - datetime.now(UTC)).total_seconds()
        receipt = await _answered(
            lambda: self.world.gateway.act(
                cast.application, step.do, act, realm=self.realm, shift_seconds=shift
            )
        )
        return Answer(repeated=receipt.repeated)

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
            await asyncio.sleep(_LOOK_AGAIN)
        return Answer((Refusal(code=Code.NOT_FOUND, params={"what": "signal"}),))

    def file_of(self, part: ApplicationPart) -> ApplicationFile:
        """The application document: the sound sample of the route and what differs from it."""
        facts = {**jsonable(part.facts), "level": part.level.value, "channel": part.channel}
        name = part.variant or part.route.value
        if part.variant == "self_evaluating" and part.route is Route.DISTRICT_UNIT:
            name, facts = part.route.value, {**facts, "self_evaluating": True}
        return sample(
            name,
            self.scenario.campaign_of(part),
            facts=facts,
            identity=self._identity_of(part.id),
        )

    def _identity_of(self, alias: str) -> dict[str, Any]:
        """A made-up person per application, the same for `person = "…"`."""
        parts = list(self.scenario.application)
        index = next((i for i, part in enumerate(parts) if part.id == alias), None)
        if index is None:
            return {"id_number": alias}
        part = parts[index]
        if part.person and not part.identity:
            return self._identity_of(part.person)
        return {**made_up_person(index + 1).model_dump(mode="json"), **jsonable(part.identity)}

    def _meant(self, key: str, value: Any) -> Any:
        cast = self.casts.get(str(value)) if key == "application" else None
        return cast.application if cast else value

    async def _blank(self) -> Cast:
        campaign = self.scenario.campaign_of(self.scenario.application[0])
        return Cast(self.world, self.realm, campaign, "", "")

    def _request_id(self, cast: Cast, step: Step) -> str:
        return f"{cast.application}:{step.request_id}" if step.request_id else new_request_id()

    async def _payload(self, step: Step) -> dict[str, Any]:
        stated = jsonable(step.payload)
        action = CATALOGUE.get(step.do)
        return await self._stored(action.payload, stated) if action else stated

    async def _stored(self, model: type[BaseModel], stated: dict[str, Any]) -> dict[str, Any]:
        """Free texts go to the record first; only their references travel (design.md 11)."""
        schema = model.model_json_schema()
        kept: dict[str, Any] = await self._walk(schema, schema.get("$defs", {}), stated)
        return kept

    async def _walk(self, schema: Mapping[str, Any], defs: Mapping[str, Any], value: Any) -> Any:
        if "$ref" in schema:
            schema = defs[str(schema["$ref"]).rpartition("/")[2]]
        if isinstance(value, str):
            text = schema.get(FREE_TEXT) and value.strip()
            return await self.world.intake.store_text(value) if text else value
        if isinstance(value, list):
            inner = schema.get("items", {})
            return [await self._walk(inner, defs, item) for item in value]
        if isinstance(value, dict):
            known = schema.get("properties", {})
            return {
                key: await self._walk(known.get(key, {}), defs, item) for key, item in value.items()
            }
        return value


async def _answered(ask: Callable[[], Awaitable[Receipt]]) -> Receipt:
    """Ask again, under the same request id, where no answer came in time (design.md 4)."""
    for _ in range(ASK_AGAIN):
        try:
            return await ask()
        except UnknownError:
            continue
    return await ask()


def _of_signal(new: list[TimelineEntry], request_id: str) -> Answer | None:
    for entry in new:
        if entry.source == "refusal":
            return Answer(entry.refusals)
        if entry.request_id == request_id:
            return Answer()
    return None


def jsonable(value: Any) -> Any:
    """A TOML value as JSON: days in ISO form, local date-times as Beijing instants."""
    if isinstance(value, datetime):
        return local(value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in value]
    return value
