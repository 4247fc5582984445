"""Setting the stage: notices, calendar and directory, published once, and a realm's own changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from activities.installation import BODY, LEAST
from activities.second_person import human_of, is_another
from config import calendar_files, committee_files, directory_files
from config.campaign_model import Campaign
from config.reading import read_table
from starter.rehearsal import rules
from starter.rehearsal.world import World
from workflows.operation.messages import OperationOutcome, OperationRequest
from workflows.rules.names import LIVE
from workflows.rules.policy import Policy
from workflows.writer.messages import Actor

DIRECTORY = directory_files.DIRECTORY / "chongqing.toml"
COMMITTEES = ("bd-2023", "lc-2024")


@dataclass(frozen=True)
class Stage:
    """Publishes by operations, as a person at the command line would."""

    world: World

    async def prepare(
        self, at: datetime, campaigns: tuple[str, ...] = ("bd-2023", "lc-2024")
    ) -> None:
        """Publish what is not there yet; what is there stays as it is."""
        reading = self.world.reading
        if await reading.calendar() is None:
            calendar = calendar_files.published_calendar()
            await self.operate("load_calendar", calendar.model_dump(mode="json"), at)
        if not {item.id for item in await reading.organisations()} - {BODY}:
            await self.operate("import_directory", read_table(DIRECTORY), at)
        known = {item.id for item in await reading.organisations()}
        for committee in COMMITTEES:
            stated = committee_files.read(committee_files.COMMITTEES / f"{committee}.toml")
            # A directory of somebody's own has committees of its own.
            ours = {stated.committee.office, *(item.unit for item in stated.experts)} <= known
            if ours and await reading.committee(committee) is None:
                await self.operate("import_committee", stated.model_dump(mode="json"), at)
        for campaign in campaigns:
            if await reading.policy(campaign) is None:
                loaded = rules.notice(campaign)
                await self.operate("publish_campaign", published(loaded, loaded.policy), at)

    async def change_rules(
        self, campaign: str, changes: Mapping[str, Any], realm: str, at: datetime
    ) -> None:
        """Publish a campaign with differences that only this realm sees.

        Raises:
            FileError: the differences do not make sound rules, naming the key.
        """
        loaded = rules.notice(campaign)
        policy = rules.changed(loaded.policy, changes)
        await self.operate("publish_campaign", published(loaded, policy), at, realm=realm)

    async def operate(
        self,
        kind: str,
        stated: Mapping[str, Any],
        at: datetime,
        *,
        realm: str = LIVE,
        actor: Actor | None = None,
    ) -> OperationOutcome:
        """Carry out one operation with its stored input, without an actor as operations.

        Where it waits for a second person, the rehearsal plays that part too: a colleague of the
        one who asked confirms.

        Raises:
            GatewayError: it was refused or not answered.
        """
        by = actor or (await operators(self.world))[0]
        outcome = await self._asked(kind, stated, at, realm, by)
        if outcome.waits_until is None:
            return outcome
        second = await self._colleague(by, realm, at)
        return await self._asked(
            "confirm_request", {"request": outcome.operation}, at, realm, second
        )

    async def _asked(
        self, kind: str, stated: Mapping[str, Any], at: datetime, realm: str, actor: Actor
    ) -> OperationOutcome:
        reference = await self.world.intake.store_input(dict(stated))
        return await self.world.gateway.operate(
            OperationRequest(kind=kind, realm=realm, actor=actor, as_of=at, reference=reference)
        )

    async def _colleague(self, first: Actor, realm: str, at: datetime) -> Actor:
        """Another human of the same organisation, else an operator."""
        world = self.world
        asked = await human_of(world.pool, first.person, realm)
        people = await world.reading.people_of(first.organisation, at, realm)
        for person in sorted(people, key=lambda item: item.role != "supervisor"):
            if is_another(asked, await human_of(world.pool, person.person, realm)):
                return Actor(
                    person=person.person, organisation=first.organisation, role=person.role
                )
        return (await operators(world))[1]


async def operators(world: World) -> tuple[Actor, Actor]:
    """Two operators of this installation, two humans.

    Raises:
        LookupError: there are not two; `zhiping install` makes the first.
    """
    found: dict[bytes, Actor] = {}
    for person in await world.reading.people_of(BODY, datetime.now(UTC)):
        human = await human_of(world.pool, person.person, LIVE)
        if human is not None and person.role == "operations":
            actor = Actor(person=person.person, organisation=BODY, role=person.role)
            found.setdefault(human, actor)
    if len(found) < LEAST:
        raise LookupError("这一环境没有登记两名运行人员：zhiping install。")
    first, second, *_ = found.values()
    return first, second


def scenario_files(folder: Path) -> list[Path]:
    """All scenario files of a folder, by name."""
    return sorted(folder.glob("*.toml"))


def published(loaded: Campaign, policy: Policy) -> dict[str, Any]:
    """A notice with these rules, as the operations that publish and amend it take it."""
    content = loaded.model_dump(mode="json", exclude={"policy"})
    return {"policy": policy.model_dump(mode="json"), "content": content}
