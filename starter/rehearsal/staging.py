"""Setting the stage: notices, calendar and directory, published once, and a realm's own changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from activities.installation import BODY, LEAST
from activities.second_person import human_of, is_another
from config import calendar_files
from config.campaign_model import Campaign
from config.reading import FileError, read_table
from starter.rehearsal import notices, rules
from starter.rehearsal.notices import NoticeFiles
from starter.rehearsal.world import World
from workflows.operation.messages import OperationOutcome, OperationRequest
from workflows.rules.names import LIVE
from workflows.rules.policy import Policy
from workflows.writer.messages import Actor

if TYPE_CHECKING:
    from starter.rehearsal.scenario import Scenario


@dataclass(frozen=True)
class Stage:
    """Publishes by operations, as a person at the command line would."""

    world: World

    async def prepare(self, at: datetime, campaigns: Iterable[str] | None = None) -> None:
        """Publish what is not there yet of the product's notices; what is there stays as it is.

        Args:
            campaigns: of these alone; all of them where not given.
        """
        reading = self.world.reading
        if await reading.calendar() is None:
            calendar = calendar_files.published_calendar()
            await self.operate("load_calendar", calendar.model_dump(mode="json"), at)
        named = notices.all_shipped() if campaigns is None else sorted(set(campaigns))
        for files in filter(None, map(notices.shipped, named)):
            if {item.id for item in await reading.organisations(limit=2)} <= {BODY}:
                await self.operate("import_directory", read_table(files.directory), at)
            # A directory of somebody's own has notices and committees of its own.
            office = files.campaign.policy.committee.office
            if await reading.organisation(office) is not None:
                await self._publish(files, files.campaign.policy, LIVE, at)

    async def open_with(
        self, files: NoticeFiles | None, scenario: Scenario, realm: str, at: datetime
    ) -> None:
        """Publish what belongs to one rehearsal alone: a given notice, and changes of the rules.

        Raises:
            FileError: the changes do not make sound rules, or nobody published such a notice.
        """
        reading = self.world.reading
        if files is not None and files.given:
            directory = files.organisations.model_dump(mode="json", by_alias=True)
            await self.operate("import_directory", directory, at, realm=realm)
            policy = rules.changed(files.campaign.policy, scenario.changes)
            await self._publish(files, policy, realm, at)
        elif scenario.changes:
            await self._change(files, scenario, realm, at)
        for campaign in campaigns_of(scenario):
            if await reading.policy(campaign, realm=realm) is None:
                raise FileError(
                    scenario.file,
                    [
                        f"campaign：没有通知 {campaign}：产品没有附带，这一环境也没有公布过；"
                        "请先公布（zhiping campaign publish），或者用 notice 写明它的文件"
                    ],
                )

    async def _change(
        self, files: NoticeFiles | None, scenario: Scenario, realm: str, at: datetime
    ) -> None:
        """The rules with differences: over the file, or over what this stack has published."""
        if files is not None:
            policy = rules.changed(files.campaign.policy, scenario.changes)
            stated = published(files.campaign, policy)
        else:
            known = await self.world.reading.policy(scenario.campaign, realm=realm)
            if known is None:
                return  # told by the caller, as for a scenario without changes
            content = await self.world.reading.campaign_content(scenario.campaign, None, realm)
            policy = rules.changed(known, scenario.changes)
            stated = {"policy": policy.model_dump(mode="json"), "content": content or {}}
        await self.operate("publish_campaign", stated, at, realm=realm)

    async def _publish(self, files: NoticeFiles, policy: Policy, realm: str, at: datetime) -> None:
        reading, filed = self.world.reading, files.filed
        if filed is not None and await reading.committee(filed.committee.id, realm) is None:
            named = {filed.committee.office, *(item.unit for item in filed.experts)}
            ours = named <= (await reading.these(named, realm)).keys()
            if ours or files.given:
                stated = filed.model_dump(mode="json")
                await self.operate("import_committee", stated, at, realm=realm)
        if files.given or await reading.policy(files.campaign.id) is None:
            stated = published(files.campaign, policy)
            await self.operate("publish_campaign", stated, at, realm=realm)

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
        return await self.world.operations.operate(
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
        LookupError: there are not two; `zhiping install operators` makes the first.
    """
    found: dict[bytes, Actor] = {}
    for person in await world.reading.people_of(BODY, datetime.now(UTC)):
        human = await human_of(world.pool, person.person, LIVE)
        if human is not None and person.role == "operations":
            actor = Actor(person=person.person, organisation=BODY, role=person.role)
            found.setdefault(human, actor)
    if len(found) < LEAST:
        raise LookupError("这一环境没有登记两名运行人员：zhiping install operators。")
    first, second, *_ = found.values()
    return first, second


def campaigns_of(scenario: Scenario) -> tuple[str, ...]:
    """Every campaign of a scenario, its own first."""
    named = [scenario.campaign]
    named += [scenario.campaign_of(part) for part in scenario.application]
    named += [scenario.campaign_of(part) for part in scenario.meeting]
    return tuple(dict.fromkeys(named))


def scenario_files(folder: Path) -> list[Path]:
    """All scenario files of a folder, by name."""
    return sorted(folder.glob("*.toml"))


def published(loaded: Campaign, policy: Policy) -> dict[str, Any]:
    """A notice with these rules, as the operations that publish and amend it take it."""
    content = loaded.model_dump(mode="json", exclude={"policy"})
    return {"policy": policy.model_dump(mode="json"), "content": content}
