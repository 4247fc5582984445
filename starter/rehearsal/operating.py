"""Carrying out what is no act on a case: registers, committees, a bank's lines (design.md 13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from activities.payments import PaymentReading
from config import committee_files
from config.gateway.errors import RefusedByCaseError
from config.payment_files import FEN, BankLine
from config.reading import FileError
from starter.desk.payments_import import Desk, import_lines
from starter.rehearsal import rules
from starter.rehearsal.acting import Player
from starter.rehearsal.answering import Answer, jsonable
from starter.rehearsal.applying import identity_of
from starter.rehearsal.roles import Cast
from starter.rehearsal.scenario import Scenario, Step
from starter.rehearsal.staging import Stage
from starter.rehearsal.world import World
from workflows.application.case import Receipt
from workflows.operation.messages import OperationOutcome
from workflows.writer.messages import Act, Actor


@dataclass(frozen=True)
class Operating:
    """Carries out the operations of one scenario in its realm."""

    world: World
    scenario: Scenario
    realm: str
    player: Player

    async def operate(self, step: Step) -> Answer:
        """Carry out an operation in this realm."""
        cast = next(iter(self.player.casts.values()), None) or self._blank()
        actor = await cast.actor(step.by or "operations", step.at)
        stated = {key: self._meant(key, value) for key, value in jsonable(step.payload).items()}
        try:
            if step.operate == "import_payments":
                await self._import_payments(step, actor, stated)
            else:
                await self._carry_out(step, actor, step.operate, await self._input(step, stated))
        except RefusedByCaseError as err:
            return Answer(err.refusals)
        return Answer()

    async def _carry_out(
        self, step: Step, actor: Actor, kind: str, stated: Mapping[str, Any]
    ) -> OperationOutcome:
        return await Stage(self.world).operate(
            kind, stated, step.stamped, realm=self.realm, actor=actor
        )

    async def _amended(self, stated: dict[str, Any]) -> dict[str, Any]:
        """The rules as this realm has them, with differences: nobody writes a whole notice twice."""
        campaign = str(stated.pop("campaign", self.scenario.campaign))
        reading = self.world.reading
        policy = await reading.policy(campaign, realm=self.realm)
        if policy is None:
            raise FileError(self.scenario.file, [f"with.campaign：没有公布过通知 {campaign}"])
        content = await reading.campaign_content(campaign, None, self.realm)
        changed = rules.changed(policy, stated.pop("changes"))
        return {"policy": changed.model_dump(mode="json"), "content": content or {}, **stated}

    async def _input(self, step: Step, stated: dict[str, Any]) -> dict[str, Any]:
        if step.operate == "import_committee" and "file" in stated:
            path = Path(self.scenario.file).parent / str(stated["file"])
            return committee_files.read(path).model_dump(mode="json")
        if step.operate == "amend_campaign" and "changes" in stated:
            return await self._amended(stated)
        person = stated.pop("person", None)
        if isinstance(person, str):
            stated["id_number"] = identity_of(self.scenario, person)["id_number"]
        return stated

    async def _import_payments(self, step: Step, actor: Actor, stated: Mapping[str, Any]) -> None:
        """A bank's lines: `{ application, transaction, yuan, paid_at }` each."""
        lines = [
            BankLine(
                line=number,
                transaction=item["transaction"],
                fen=round(item["yuan"] * FEN),
                paid_at=item["paid_at"],
                numbers=(self._meant("application", item.get("application", "")),),
            ).model_dump(mode="json")
            for number, item in enumerate(stated.get("lines", ()), start=1)
        ]

        async def operate(kind: str, body: Mapping[str, Any]) -> OperationOutcome:
            return await self._carry_out(step, actor, kind, body)

        async def act(application: str, name: str, sent: Act) -> Receipt:
            shift = (step.at - datetime.now(UTC)).total_seconds()
            return await self.world.gateway.act(
                application, name, sent, realm=self.realm, shift_seconds=shift
            )

        async def now() -> datetime:
            return step.stamped

        desk = Desk(
            operate=operate,
            act=act,
            ledger=PaymentReading(self.world.pool, self.world.identity),
            realm=self.realm,
            office=actor.organisation,
            now=now,
        )
        await import_lines(desk, lines, campaign=self.scenario.campaign)

    def _meant(self, key: str, value: Any) -> Any:
        cast = self.player.casts.get(str(value)) if key == "application" else None
        return cast.application if cast else value

    def _blank(self) -> Cast:
        campaign = self.scenario.campaign_of(self.scenario.application[0])
        return Cast(self.world, self.realm, campaign, "", "")
