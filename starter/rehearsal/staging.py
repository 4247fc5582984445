"""Setting the stage: notices, calendar and directory, published once, and a realm's own changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from config import calendar_files, committee_files, directory_files
from config.campaign_model import Campaign
from config.reading import read_table
from starter.rehearsal import rules
from starter.rehearsal.world import World
from workflows.operation.messages import OperationOutcome, OperationRequest
from workflows.rules.names import LIVE
from workflows.rules.policy import Policy
from workflows.writer.messages import Actor

OPERATOR = Actor(person="ops", organisation="zhiping-operations", role="operations")
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
        if not await reading.organisations():
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
        actor: Actor = OPERATOR,
    ) -> OperationOutcome:
        """Carry out one operation with its stored input.

        Raises:
            GatewayError: it was refused or not answered.
        """
        reference = await self.world.intake.store_input(dict(stated))
        return await self.world.gateway.operate(
            OperationRequest(kind=kind, realm=realm, actor=actor, as_of=at, reference=reference)
        )


def scenario_files(folder: Path) -> list[Path]:
    """All scenario files of a folder, by name."""
    return sorted(folder.glob("*.toml"))


def published(loaded: Campaign, policy: Policy) -> dict[str, Any]:
    """A notice with these rules, as the operations that publish and amend it take it."""
    content = loaded.model_dump(mode="json", exclude={"policy"})
    return {"policy": policy.model_dump(mode="json"), "content": content}
