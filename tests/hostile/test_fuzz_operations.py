"""Every field of every operation, bent, by everybody: only answers come of it, and no right.

`ZHIPING_FUZZ` says how many inputs are tried on acts and operations together, `ZHIPING_FUZZ_SEED`
which. An operation decides in its own transaction, so most of them go to the activity on a real
PostgreSQL; `tests/hostile/engine/test_fuzz_doors.py` sends some by the engine and the gateway.
"""

from __future__ import annotations

import os
from collections import Counter
from random import Random
from typing import Any

import pytest

from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake, IntakeError
from activities.pending import PendingReading
from activities.reading import Reading
from activities.wording import sentence
from tests.builders import BD
from tests.fixtures.record import GAO_ER, OPENED
from tests.hostile.nasty import MOMENTS, bent, bent_somewhere
from tests.hostile.operating import ALLOWED, ANSWERS, PEOPLE, SECOND, TABLE, ever, honest
from tests.integration.paper_season import PaperOffice
from tests.integration.steps import APPLICATION
from workflows.operation.catalogue import OPERATION_CATALOGUE
from workflows.operation.messages import OperationOutcome, OperationRequest
from workflows.rules.refusals import Code
from workflows.writer.messages import Actor

pytestmark = pytest.mark.integration

# An input is some twenty statements here: of as many as are tried on acts, one in twenty-five.
INPUTS = int(os.environ.get("ZHIPING_FUZZ", "25000")) // 25
SEED = int(os.environ.get("ZHIPING_FUZZ_SEED", "20261127"))
REALMS = ("live", "live", "live", "live", "live", "rehearsal-1", "nowhere", "", "live ", "长" * 150)
ALWAYS_TWO = frozenset(TABLE["second"]["always"])
SECOND_PEOPLE = (GAO_ER, *(PEOPLE[who][0] for who in ("head of the office", "operator")))
LEAVES_A_TRACE = frozenset({"operation", "stored_input", "chain", "chain_entry"})
"""Tables that a refusal writes too: that it was asked, and answered no."""


class Footprint:
    """Which tables a transaction left something in: how many rows, and the newest's transaction."""

    def __init__(self, tables: list[str]) -> None:
        rows = " UNION ALL ".join(
            f"SELECT '{name}' AS of, count(*) AS many, max(xmin::text::bigint) AS newest "
            f'FROM "{name}"'
            for name in tables
        )
        self._sql = rows
        self._known: dict[str, tuple[int, int]] = {}

    @classmethod
    async def of(cls, pool: Pool) -> Footprint:
        """Of every table but those that a refusal writes too."""
        rows = await pool.fetch("SELECT tablename AS name FROM pg_tables WHERE schemaname='public'")
        return cls(sorted({row["name"] for row in rows} - LEAVES_A_TRACE))

    async def left(self, pool: Pool) -> set[str]:
        """The tables in which something is otherwise than when it was last asked."""
        before, rows = self._known, await pool.fetch(self._sql)
        self._known = {row["of"]: (row["many"], row["newest"]) for row in rows}
        return {name for name, now in self._known.items() if now != before.get(name)}


class Fuzzer:
    """Tries inputs, and looks at each answer and at what it left."""

    def __init__(self, office: PaperOffice, intake: Intake, owner: Pool, rng: Random) -> None:
        self.office, self.intake, self.owner, self.rng = office, intake, owner, rng
        self.waits: list[str] = []
        self.numbers: list[int] = [1]
        self.letter = ""
        self.tally: Counter[str] = Counter()
        self.said: set[str] = set()

    async def tried(self, footprint: Footprint, number: int) -> None:
        """One input."""
        rng = self.rng
        kind, who, actor = self.asked()
        request, stated = await self.request(kind, actor)
        try:
            outcome = await self.office.carry_out(request, f"r-{number}-{rng.randrange(3)}")
        except Exception as fault:
            fault.add_note(f"input {number}, {kind} by {who}, seed {SEED}: {stated!r:.2000}")
            raise
        left = await footprint.left(self.owner)
        self.judged(kind, who, outcome, left, f"in {request.realm!r:.50} {stated!r:.2000}")
        if outcome.done or outcome.waits_until is not None:
            assert request.realm in ("live", "rehearsal-1"), (kind, request.realm, outcome)
        if outcome.waits_until is not None:
            self.waits = [*self.waits[-20:], outcome.operation]

    def asked(self) -> tuple[str, str, Actor]:
        """What is tried, by whom: half of it by somebody who may at least sometimes."""
        rng = self.rng
        kind = rng.choice(list(OPERATION_CATALOGUE))
        may = [who for who in PEOPLE if ever(who) & set(ALLOWED.get(kind, ["operations"]))]
        who = rng.choice(may) if may and rng.random() < 0.6 else rng.choice(list(PEOPLE))
        actor = PEOPLE[who][0]
        if kind in ANSWERS and who == "operator" and rng.random() < 0.7:
            actor = rng.choice(SECOND_PEOPLE)
        if rng.random() < 0.1:
            actor = actor.model_copy(
                update={"role": rng.choice(("operations", "system", "", "supervisor"))}
            )
        return kind, who, actor

    async def request(self, kind: str, actor: Actor) -> tuple[OperationRequest, Any]:
        """The request as a door of ours would send it, its payload bent."""
        rng = self.rng
        fair = honest(self.letter, rng.choice(self.waits or ["none"]))[kind]
        if kind in SECOND and rng.random() < 0.3:
            fair = SECOND[kind]
        if "number" in fair:
            fair = fair | {"number": rng.choice(self.numbers)}
        model = OPERATION_CATALOGUE[kind].payload
        stated = bent(rng, model, fair) if rng.random() < 0.4 else bent_somewhere(rng, fair)
        body: Any = rng.choice((None, [], "text", 5)) if rng.random() < 0.02 else stated
        fields: dict[str, Any] = {
            "kind": kind
            if rng.random() < 0.98
            else rng.choice(("", "guess", "__class__", "长" * 900)),
            "realm": rng.choice(REALMS) if rng.random() < 0.2 else "live",
            "actor": actor.model_dump(),
            "as_of": rng.choice(MOMENTS) if rng.random() < 0.05 else OPENED.isoformat(),
            "reference": await self.stored(body),
        }
        if not fields["reference"] and isinstance(stated, dict):
            fields["params"] = {str(key): str(value) for key, value in stated.items()}
        try:
            return OperationRequest.model_validate(fields), stated
        except ValueError:  # a door of ours sends nothing that is no request
            fields |= {"kind": kind, "as_of": OPENED, "params": {}}
            return OperationRequest.model_validate(fields), stated

    async def stored(self, stated: Any) -> str:
        """Kept as intake keeps it; what it does not take is refused at the door."""
        try:
            return await self.intake.store_input(stated)
        except IntakeError as error:
            self.said.add(error.code)
            return self.rng.choice(("", "input-of-nobody"))

    def judged(
        self, kind: str, who: str, outcome: OperationOutcome, left: set[str], stated: str
    ) -> None:
        """Whether the answer is one, and nothing came of it that must not."""
        told = f"{kind} by {who}: {outcome} left {left}, {stated}"
        outcome.model_dump_json().encode()
        answers = (outcome.done, outcome.waits_until is not None, bool(outcome.refusals))
        assert sum(answers) == 1, told
        for refusal in outcome.refusals:
            # Our own rules failed: answered all the same, and a fault to be mended.
            assert refusal.code is not Code.NEEDS_OPERATOR, told
            said = sentence(refusal)
            assert said.message, told
            assert said.next, told
            self.said.add(refusal.code.value)
        self.tally["done" if outcome.done else "waits" if outcome.waits_until else "refused"] += 1
        if outcome.refusals:
            assert not left, told
        if outcome.waits_until is not None:
            assert left == {"request_for_second"}, told
        if outcome.done:
            assert kind not in ALWAYS_TWO, told
        if not outcome.refusals and kind not in ANSWERS:
            assert ever(who) & set(ALLOWED[kind]), told
        if outcome.done and kind in ANSWERS:
            assert not who.startswith(("who says", "an")), told


@pytest.fixture
async def office(ready: PaperOffice, intake: Intake) -> PaperOffice:
    """The same with a rehearsal beside it."""
    await intake.open_realm("rehearsal-1", OPENED)
    return ready


async def test_whatever_is_stated_is_answered_and_gives_no_right(
    office: PaperOffice,
    intake: Intake,
    reading: Reading,
    pool: Pool,
    owner: Pool,
    identity: Identity,
) -> None:
    fuzzer = Fuzzer(office, intake, owner, Random(SEED))  # noqa: S311 - reproducible, not a secret
    fuzzer.letter = (await reading.letters(APPLICATION))[0].id
    footprint = await Footprint.of(owner)

    await footprint.left(owner)
    for number in range(INPUTS):
        await fuzzer.tried(footprint, number)
    print(dict(fuzzer.tally), sorted(fuzzer.said))

    # What was taken in can be read again, by everybody whose it is.
    pending = PendingReading(pool, identity)
    for actor, _ in PEOPLE.values():
        await pending.for_actor(actor, "live", OPENED)
    for realm in ("live", "rehearsal-1"):
        assert await reading.calendar(realm=realm)
        assert await reading.policy(BD, realm=realm)
        assert await reading.committee("bd-2023", realm)
        for read in (reading.pool("bd-2023", realm), reading.organisations(realm)):
            assert await read
    # The fuzzer itself: it gets through, and it is turned away for many reasons.
    assert fuzzer.tally["done"] > INPUTS / 50
    assert fuzzer.tally["waits"]
    assert len(fuzzer.said) >= 8
