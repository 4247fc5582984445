"""Every address of a case by everybody in every stage, against the law's tables and the core: no difference.

A sample goes with `make test`, in which everybody meets every part and every act; `make check-hostile`
goes through the whole product (`ZHIPING_PAGES=all`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import httpx2
import pytest

from activities.pending_acts import PendingAct, PendingActs
from starter.desk.office import Office as Desk
from tests.hostile.pages.table import COME, plain, told
from tests.hostile.pages.world import PEOPLE, World
from tests.hostile.test_who_may import TABLE, differences
from workflows.application.case import Case
from workflows.application.catalogue import CATALOGUE
from workflows.application.decision import may
from workflows.rules.refusals import Refusal

pytestmark = pytest.mark.integration

WHOLE = os.environ.get("ZHIPING_PAGES") == "all"
HERE, ACT = "/anjuan/{case}", "/anjuan/{case}/ban/{act}"
RETURN = "/anjuan/{case}/tuihui/{act}"
PARTS = [
    address for address in COME["case"] if address.startswith("GET") and "{act}" not in address
]
FORM = re.compile(r'name="qingqiu" value="[0-9a-f-]{36}"')
STATED = {"reason": "理由", "text": "内容", "outcome": "unfounded"}
ACTS = (*CATALOGUE, "no-such-act")
NOBODYS = frozenset({"submit", "no-such-act"})
RETURNS = frozenset({"return_for_correction", "override_return"})
"""Acts that have a form of their own."""
UPKEEP = frozenset({"amend", "nudge", "resume"})
"""What keeps the program going is operations' to press."""


def comes(address: str, worn: frozenset[str]) -> bool:
    """Whether the table lets somebody come who stands so to the case."""
    return bool(worn & set(COME["case"][address]))


def pairs(world: World) -> Iterator[tuple[int, str, Case, str, frozenset[str]]]:
    """Everybody at a case in every stage, each pair with a number of its own."""
    for place, (stage, case) in enumerate(world.cases.items()):
        for turn, who in enumerate(PEOPLE):
            if WHOLE or (place + turn) % 2:
                yield place * 7 + turn // 2, stage, case, who, world.hats(who, case)


def of_turn(turn: int, of: Sequence[str]) -> Sequence[str]:
    """What is tried in this turn: in as many turns as there are, everything is."""
    return of if WHOLE else of[turn % len(of) :][:1]


async def core_says(world: World, case: Case, who: str, act: str) -> Refusal | None:
    """Whether the core lets this person do this act now, on the case as the record has it."""
    desk: Desk = world.house.office
    view = await desk.reading.case(case.application)
    stored = await desk.reading.stored(case.application)
    assert view is not None
    assert stored is not None
    somebody = PEOPLE[who]
    at = await desk.time_in(await desk.realm(case.realm))
    human = (
        world.there.human if somebody.person.startswith("san") else f"human of {somebody.person}"
    )
    found = may(stored.case, act, somebody.actor.model_copy(update={"human": human}), at)
    if found is None and await desk.is_closed(view) and not CATALOGUE[act].on_closed:
        return Refusal.model_validate({"code": "already_decided"})
    return found


@dataclass
class Visitor:
    """Somebody at one case, and what is not as the tables or the core say."""

    world: World
    stage: str
    case: Case
    who: str
    worn: frozenset[str]
    token: str
    nothing: bytes
    found: list[tuple[object, ...]] = field(default_factory=list)

    async def part(self, address: str) -> None:
        """Look at a part of the case."""
        none = {"paper": "paper-none", "upload": "upload-none"}
        path = plain(address.partition(" ")[2], case=self.case.application, **none)
        answer = await self.world.get(self.token, path)
        right = {200, 303} if path.endswith("/tuihui") else {200}
        self._compare(address, answer, right, comes=comes(address, self.worn))
        if path.rpartition("/")[2] not in ("wenshu", "tuihui") and "none" not in path:
            # What a list of the page says goes along with whoever sees the page, and with nobody else.
            sheet = await self.world.get(self.token, f"{path}?xiazai=csv")
            self._compare(f"{address} taken", sheet, {200}, comes=comes(address, self.worn))
            if sheet.status_code == 200 and "attachment" not in sheet.headers.get(
                "content-disposition", ""
            ):
                self.found.append((self.stage, self.who, address, "not taken"))

    async def form(self, act: str) -> None:
        """Look at an act's form, which is there where the core allows the act."""
        address = f"GET {RETURN if act in RETURNS else ACT}"
        answer = await self.world.get(self.token, self._path(act))
        here = self._has(act, address)
        self._compare(f"{address} {act}", answer, {200}, comes=here)
        if here:
            core = await core_says(self.world, self.case, self.who, act)
            await self._judge(act, shown=bool(FORM.search(answer.text)), core=core, exact=True)

    async def state(self, act: str) -> None:
        """Hand it in; what passes is what the core allows."""
        address = f"POST {RETURN if act in RETURNS else ACT}"
        stated = {**STATED, "qingqiu": str(uuid4())}
        answer = await self.world.post(self.token, self._path(act), stated)
        here = self._has(act, address)
        self._compare(f"{address} {act}", answer, {303, 422}, comes=here)
        if here:
            core = await core_says(self.world, self.case, self.who, act)
            await self._judge(act, shown=answer.status_code == 303, core=core)

    async def _judge(
        self, act: str, *, shown: bool, core: Refusal | None, exact: bool = False
    ) -> None:
        told = {"may"} if shown else {core.code.value if core else ""}
        worn = self.world.hats(self.who, self.case, act)
        wrong = differences(worn, TABLE["case"], act, told)
        if wrong or (shown and core) or (exact and not shown and not core):
            self.found.append((self.stage, self.who, act, wrong, shown, core))

    def _has(self, act: str, address: str) -> bool:
        if act in NOBODYS or (act in UPKEEP and "operations" not in self.worn):
            return False
        return comes(address, self.worn)

    def _path(self, act: str) -> str:
        path = RETURN if act in RETURNS else ACT
        return plain(path, case=self.case.application, act=act)

    def _compare(
        self, address: str, answer: httpx2.Response, right: set[int], *, comes: bool
    ) -> None:
        status = answer.status_code
        if comes and status not in right:
            self.found.append((self.stage, self.who, address, status))
        elif not comes and (status, answer.content) != (404, self.nothing):
            self.found.append((self.stage, self.who, address, status, "not the 404 of nothing"))


async def test_every_part_and_every_act_is_whose_the_tables_say(world: World) -> None:
    found: list[tuple[object, ...]] = []
    for turn, stage, case, who, worn in pairs(world):
        operator = await world.signed_in("operator", case.realm)
        nothing = await world.get(operator, "/anjuan/application-none")
        token = await world.signed_in(who, case.realm)
        visitor = Visitor(world, stage, case, who, worn, token, nothing.content, found)
        for address in of_turn(turn, PARTS):
            await visitor.part(address)
        for act in of_turn(turn, ACTS):
            await visitor.form(act)
        for act in of_turn(turn + 3, ACTS):
            await visitor.state(act)
    assert not found, told(found)


async def test_a_case_is_in_the_lists_of_whoever_sees_it_and_of_nobody_else(world: World) -> None:
    found = []
    for turn, stage, case, who, worn in pairs(world):
        if not WHOLE and turn % 2:
            continue
        token = await world.signed_in(who, case.realm)
        listed = case.application in (await world.get(token, "/anjuan")).text
        tasked = case.application in (await world.get(token, "/daiban")).text
        named = case.application in (await world.post(token, "/anjuan", {"xingming": "张三"})).text
        short = {"bianhao": case.application[-8:]}
        called = case.application in (await world.post(token, "/anjuan", short)).text
        sees = comes(f"GET {HERE}", worn)
        if {listed, named, called} != {sees} or (tasked and not sees):
            found.append((stage, who, listed, named, called, tasked, sorted(worn)))
    assert not found, told(found)


async def test_what_somebody_typed_is_that_somebodys_alone(world: World) -> None:
    """Not a colleague's, not the own under another hat, not in another realm, under no other act."""
    case = world.cases["unit_review"]
    office, somebody = world.house.office, PEOPLE["clerk of the unit"]
    request = str(uuid4())
    await PendingActs(office.pool, office.identity).state(
        PendingAct(
            id=request,
            account=world.there.accounts[somebody.person],
            person=somebody.person,
            organisation=somebody.organisation,
            realm=case.realm,
            subject=case.application,
            action="decline_recommendation",
            seen_seq=1,
            typed={"reason": ["不符合岗位要求"]},
        )
    )
    path = f"{plain(ACT, case=case.application, act='decline_recommendation')}/hedui/{request}"
    elsewhere = [
        path.replace("decline_recommendation", "start_publicity"),
        path.replace(case.application, world.cases["unit_publicity"].application),
    ]
    none = await world.get(await world.signed_in("operator", case.realm), "/anjuan/none")
    own = await world.get(await world.signed_in("clerk of the unit", case.realm), path)
    assert own.status_code == 200
    assert "不符合岗位要求" in own.text
    for who in PEOPLE:
        token = await world.signed_in(who, case.realm)
        tried = elsewhere if who == "clerk of the unit" else [path, *elsewhere]
        for other in tried:
            for answer in (await world.get(token, other), await world.post(token, other)):
                assert (answer.status_code, answer.content) == (404, none.content), (who, other)
        if who != "clerk of the unit":
            form = await world.get(token, f"{path.partition('/hedui')[0]}?xiugai={request}")
            assert "不符合岗位要求" not in form.text, who
