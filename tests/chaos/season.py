"""A season of many cases, each with a plan; every act is asked until it is answered, under one id."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from temporalio.service import RPCError

from activities import database
from config.gateway.errors import GatewayError, RefusedByCaseError
from config.submission_files import made_up_person, sample
from starter.desk.office import Office
from starter.desk.refusing import NoAnswer
from starter.desk.stating import with_texts_stored
from starter.desk.submitting import realm_for, submitted
from starter.rehearsal.clock import ClockStuckError, RealmClock
from starter.rehearsal.roles import Cast
from starter.rehearsal.world import World
from workflows.application.catalogue import CATALOGUE
from workflows.writer.messages import Act

AT_ONCE = 6
AGAIN = 0.5
PATIENCE = 900.0
"""How long one act is asked for, through however many deaths."""
AWAY = (
    GatewayError,
    NoAnswer,
    RPCError,
    RuntimeError,
    TimeoutError,
    *database.AWAY,
    ClockStuckError,
)
"""What a part that is away looks like to whoever asks."""


@dataclass(frozen=True)
class Step:
    """One act of a plan, at an instant of the realm's clock."""

    at: datetime
    do: str
    by: str
    stated: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """What somebody's season is to be, and where it is to stand at the end."""

    name: str
    steps: tuple[Step, ...]
    stands: str


def _at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


OPENS, ENDS = _at("2023-10-07T09:00:00"), _at("2023-11-16T00:30:00")
_POSTED = Step(_at("2023-10-07T10:00:00"), "start_publicity", "unit", {"place": "大厅"})
PLANS = (
    Plan(
        "accepted",
        (
            _POSTED,
            Step(_at("2023-10-13T09:00:00"), "finish_publicity", "unit"),
            Step(_at("2023-10-13T10:00:00"), "approve", "chain[0]"),
            Step(_at("2023-11-06T10:00:00"), "accept", "office"),
        ),
        "awaiting_payment",
    ),
    Plan("lapsed", (), "lapsed"),
    Plan(
        "withdrawn",
        (Step(_at("2023-10-07T10:00:00"), "withdraw", "applicant", {"reason": "工作调动"}),),
        "withdrawn",
    ),
    Plan(
        "not recommended",
        (
            _POSTED,
            Step(_at("2023-10-09T10:00:00"), "decline_recommendation", "unit", {"reason": "岗位已满"}),
        ),
        "not_recommended",
    ),
)  # fmt: skip
SHARES = (6, 2, 1, 1)


@dataclass
class Life:
    """One case of the season: its plan, and what was acknowledged of it."""

    number: int
    plan: Plan
    application: str = ""
    person: str = ""
    shift: float = 0.0
    acknowledged: list[str] = field(default_factory=list)
    """The request ids that were answered with a yes."""
    refused: list[str] = field(default_factory=list)


class Season:
    """Plays all lives on one realm's clock."""

    def __init__(
        self, office: Office, world: World, realm: str, cases: int, random: Random
    ) -> None:
        self._office = office
        self._world = world
        self.realm = realm
        self._clock = RealmClock(world, realm)
        plans = random.choices(PLANS, SHARES, k=cases)
        self.lives = [Life(number, plan) for number, plan in enumerate(plans)]

    async def play(self) -> None:
        """Hand everything in, then act by act, the clock stepping between them, to the end."""
        view = await realm_for(self._office, self.realm, OPENS)
        await self._all(lambda life: self._hand_in(life, view))
        for at in sorted({step.at for life in self.lives for step in life.plan.steps}):
            await self._step_clock(at)
            await self._all(lambda life, at=at: self._act(life, at))
        await self._step_clock(ENDS)

    async def _all(self, play: Any) -> None:
        slots = asyncio.Semaphore(AT_ONCE)

        async def one(life: Life) -> None:
            async with slots:
                await play(life)

        await asyncio.gather(*map(one, self.lives))

    async def _hand_in(self, life: Life, view: Any) -> None:
        request = f"{self.realm}-{life.number}"
        document = sample(
            "city_unit",
            "bd-2023",
            identity=made_up_person(life.number + 1).model_dump(mode="json"),
        )

        async def ask() -> None:
            receipt = await submitted(self._office, document, "bd-2023", view, OPENS, request)
            life.application = receipt.application

        await self._asked(ask)
        life.acknowledged.append("submit")
        case = await self._read(life.application)
        life.person = case.person
        life.shift = await self._shift_of(life.application)
        self._clock.add(life.application, life.shift)

    async def _act(self, life: Life, at: datetime) -> None:
        for index, step in enumerate(life.plan.steps):
            if step.at != at:
                continue
            request = f"{life.application}:{index}"
            cast = Cast(self._world, self.realm, "bd-2023", life.person, life.application)

            async def ask(step: Step = step, cast: Cast = cast, request: str = request) -> None:
                actor = await cast.actor(step.by, step.at)
                action = CATALOGUE[step.do]
                payload = await with_texts_stored(
                    action.payload, dict(step.stated), self._world.intake.store_text
                )
                act = Act(request_id=request, actor=actor, acted_at=step.at, payload=payload)
                self._clock.touch(life.application)
                await self._world.gateway.act(
                    life.application, step.do, act, realm=self.realm, shift_seconds=life.shift
                )

            try:
                await self._asked(ask)
                life.acknowledged.append(step.do)
            except RefusedByCaseError as err:
                life.refused.append(f"{step.do} {err}")

    async def _asked(self, ask: Any) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    await ask()
                except RefusedByCaseError:
                    raise
                except AWAY:
                    await asyncio.sleep(AGAIN)
                else:
                    return

    async def _read(self, application: str) -> Any:
        while True:
            with suppress(*AWAY):
                return await self._office.case(application, self.realm)
            await asyncio.sleep(AGAIN)

    async def _shift_of(self, application: str) -> float:
        while True:
            with suppress(*AWAY):
                return (
                    await self._world.gateway.snapshot(application, actions=False)
                ).shift_seconds
            await asyncio.sleep(AGAIN)

    async def _step_clock(self, to: datetime) -> None:
        await self._asked(lambda: self._clock.forward(to))


def counted(lives: Sequence[Life]) -> dict[str, int]:
    """How many of each plan."""
    found: dict[str, int] = {}
    for life in lives:
        found[life.plan.name] = found.get(life.plan.name, 0) + 1
    return found
