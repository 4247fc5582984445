"""Operations by every door, bent: the engine's port with and without a key, the gateway, the command line.

Fewer than at the activity (`test_fuzz_operations.py`), since each is a workflow of its own; what is
looked at here is that whatever comes in is answered by an end, and that a stranger leaves nothing.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError

from activities.database import Pool, open_pool
from activities.identity import Identity
from activities.intake import Intake, IntakeError
from activities.operations import HANDLERS
from activities.wording import sentence
from config.gateway.errors import GatewayError, RefusedByCaseError
from config.gateway.operations import OperationGateway
from config.settings import Settings
from config.temporal import connect
from tests.hostile.nasty import POOL, TEXTS, bent, bent_somewhere
from tests.hostile.operating import ALLOWED, PEOPLE, ever, honest
from tests.integration.command_line import CommandLine
from tests.vouching import STRANGER, vouching
from workflows.operation.catalogue import OPERATION_CATALOGUE
from workflows.operation.messages import OperationOutcome, OperationRequest
from workflows.ports import CASES
from workflows.rules.refusals import Code, Refusal
from workflows.writer.messages import Actor

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]

INPUTS = int(os.environ.get("ZHIPING_FUZZ", "25000")) // 125
SEED = int(os.environ.get("ZHIPING_FUZZ_SEED", "20261127"))
REALM = "doors"
AT_ONCE = 4
OPERATOR = Actor(person="operations", organisation="zhiping-operations", role="operations")
FIELDS = tuple(OperationRequest.model_fields)


class Doors:
    """The stack's own connections, and those of somebody without a key."""

    def __init__(self, settings: Settings, client: Client, pool: Pool) -> None:
        self.settings, self.client, self.pool = settings, client, pool
        self.intake = Intake(pool, Identity(settings.identity_keys()[0]), settings.documents_dir)
        self.gateway = OperationGateway(client, settings, patience=timedelta(minutes=5))

    def by(self, *interceptors: Any) -> Client:
        """The same connection with other keys, or none."""
        config = self.client.config()
        config["interceptors"] = list(interceptors)
        return Client(**config)

    async def started(
        self, client: Client, stated: Any, workflow_id: str
    ) -> OperationOutcome | str:
        """What comes of a start: an outcome, or why it failed."""
        try:
            outcome: OperationOutcome = await client.execute_workflow(
                "Operation",
                stated,
                id=workflow_id,
                task_queue=CASES,
                result_type=OperationOutcome,
            )
        except WorkflowFailureError as error:
            why = error.cause
            return (why.type if isinstance(why, ApplicationError) else None) or repr(why)
        return outcome


@pytest.fixture
async def doors(zhiping: CommandLine) -> AsyncIterator[Doors]:
    settings = Settings.for_stack(zhiping.folder)
    pool = await open_pool(settings.database_url.get_secret_value(), AT_ONCE)
    found = Doors(settings, await connect(settings), pool)
    with suppress(IntakeError):  # another test of this file opened it
        await found.intake.open_realm(REALM, datetime.now(UTC))
    yield found
    await pool.close()


def asked(rng: Random, reference: str, kind: str, number: int) -> dict[str, Any]:
    """A request with perhaps one field bent, by somebody; an operator keeps to the rehearsal."""
    who = rng.choice(list(PEOPLE))
    actor = OPERATOR if who == "operator" else PEOPLE[who][0]
    fields: dict[str, Any] = {
        "kind": kind,
        "realm": REALM,
        "request_id": f"r-{number}",
        "actor": actor.model_dump(),
        "as_of": datetime.now(UTC).isoformat(),
        "reference": reference,
    }
    if rng.random() < 0.4:
        bent_fields = bent_somewhere(rng, fields)
        fields = bent_fields if isinstance(bent_fields, dict) else {}
    elif rng.random() < 0.3:
        fields[rng.choice(FIELDS)] = rng.choice(POOL)
    if fields.get("realm") != REALM:
        # In the live office only who may not: other tests work there.
        fields["actor"] = PEOPLE["anyone"][0].model_dump()
    return fields


def told(outcome: OperationOutcome) -> str:
    """One answer, in words that can be read."""
    for refusal in outcome.refusals:
        assert refusal.code is not Code.NEEDS_OPERATOR, outcome
        said = sentence(refusal)
        assert said.message, outcome
        assert said.next, outcome
        return refusal.code.value
    assert outcome.done or outcome.waits_until is not None, outcome
    return "done" if outcome.done else "waits"


async def test_whatever_comes_to_the_engines_port_is_answered(doors: Doors) -> None:
    rng = Random(SEED)  # noqa: S311 - reproducible, not a secret
    tally: Counter[str] = Counter()
    strangers = (doors.by(), doors.by(vouching(STRANGER)))
    enough = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        kind = rng.choice(list(OPERATION_CATALOGUE))
        fair = honest()[kind]
        stated = bent(rng, OPERATION_CATALOGUE[kind].payload, fair)
        strange = rng.random() < 0.3
        chosen, surrogate = rng.choice(strangers), "\ud800" in repr(stated)
        request = asked(rng, "", kind, number)
        async with enough:
            if "reference" in request and not surrogate and kind != "set_realm_time":
                request["reference"] = await doors.intake.store_input(_plain(stated))
            client = chosen if strange else doors.client
            plain = _plain(request)
            outcome = await doors.started(client, plain, f"fuzz-{SEED}-{strange}-{number}")
        if strange:
            assert outcome == Code.NOT_VOUCHED, (request, outcome)
        elif isinstance(outcome, str):  # ours, and unreadable: it says so
            assert outcome != Code.NOT_VOUCHED, request
            assert sentence(Refusal(code=Code(outcome))).next, (request, outcome)
        answer = outcome if isinstance(outcome, str) else told(outcome)
        if not isinstance(outcome, str) and not outcome.refusals:
            actor = Actor.model_validate(request["actor"])
            assert str(request["kind"]) in entitled(actor), (request, outcome)
        tally[answer] += 1

    before = await doors.pool.fetchval("SELECT count(*) FROM access_grant WHERE realm = ''")
    await asyncio.gather(*(one(number) for number in range(INPUTS)))
    print(dict(tally))
    assert tally["not_entitled"]
    assert tally["not_vouched"]
    assert tally["malformed_payload"]
    assert len(tally) >= 5
    # Nobody got a right in the live office, nothing waits in the engine for ever.
    after = await doors.pool.fetchval("SELECT count(*) FROM access_grant WHERE realm = ''")
    assert after == before
    running = "WorkflowType = 'Operation' AND ExecutionStatus = 'Running'"
    for _ in range(100):  # what lists them lags behind a little
        if (await doors.client.count_workflows(running)).count == 0:
            break
        await asyncio.sleep(0.2)
    assert (await doors.client.count_workflows(running)).count == 0


def _plain(value: Any) -> Any:
    """As JSON could carry it: what it cannot is no message at all."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_plain(str(key)): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value


def entitled(actor: Actor) -> set[str]:
    """The kinds that somebody could carry out, whatever is stated."""
    # Somebody is told of twice who also says that he is of another office.
    known = [who for who, (found, _) in PEOPLE.items() if found.person == actor.person]
    if actor.person == "operations":
        known = ["operator"]
    stands = frozenset[str]().union(*map(ever, known))
    return {kind for kind, allowed in ALLOWED.items() if stands & set(allowed)}


async def test_whatever_the_gateway_sends_is_answered(doors: Doors) -> None:
    """A careless door of ours: no model read what it sends."""
    rng = Random(SEED + 1)  # noqa: S311 - reproducible, not a secret
    answers: Counter[str] = Counter()
    for number in range(INPUTS // 5):
        kind = rng.choice(list(HANDLERS))
        reference = await doors.intake.store_input(honest()[kind])
        base = OperationRequest(
            kind=kind,
            realm=REALM,
            actor=PEOPLE[rng.choice(("anyone", "clerk of another unit", "an applicant"))][0],
            as_of=datetime.now(UTC),
            reference=reference,
        )
        field = rng.choice([name for name in FIELDS if name not in ("actor", "as_of", "params")])
        careless = base.model_copy(update={field: rng.choice(TEXTS)})
        try:
            outcome = await doors.gateway.operate(careless, rng.choice(("", *TEXTS, f"r-{number}")))
        except RefusedByCaseError as error:
            answers[told(OperationOutcome(done=False, refusals=error.refusals))] += 1
        except GatewayError as error:
            raise AssertionError((careless, error)) from error
        else:
            assert not outcome.done, careless
    print(dict(answers))
    assert answers["not_entitled"]


WORDS: tuple[tuple[str, ...], ...] = (
    ("directory", "grant", "{}@liangjiang-data-group"),
    ("directory", "grant", "zhu@liangjiang-data-group", "--request-id", "{}"),
    ("directory", "grant", "zhu@{}"),
    ("directory", "revoke", "{}@{}"),
    ("directory", "change-person", "wei", "--name", "{}", "--source", "{}"),
    ("notices", "change-address", "--person", "{}", "--email", "{}"),
    ("notices", "resend", "{}"),
    ("pending", "confirm", "{}"),
    ("pending", "decline", "{}"),
    ("integrity", "bar", "--id-number", "{}", "--years", "3", "--reason", "{}"),
    ("integrity", "correct", "bar", "{}", "--reason", "{}"),
    ("committee", "retire", "{}", "--reason", "{}"),
    ("payments", "resolve", "{}", "--reason", "{}"),
    ("paper", "render", "{}", "deadline_sheet"),
)
CLERKS = ("anyone", "chu@xinghe-technology", "chen@bd-committee-office", "operations@zhiping")
NASTY = tuple(text for text in TEXTS if "\x00" not in text and not text.startswith("-"))
"""What a shell can hand over; a byte that is no text comes as a lone surrogate."""


async def test_whatever_is_typed_is_answered(zhiping: CommandLine, doors: Doors) -> None:
    rng = Random(SEED + 2)  # noqa: S311 - reproducible, not a secret
    codes: Counter[int] = Counter()
    for _ in range(max(16, INPUTS // 16)):
        words = rng.choice(WORDS)
        typed = [word.replace("{}", rng.choice(NASTY)[:300]) for word in words]
        strange = rng.random() < 0.2
        who = rng.choice(NASTY[3:]) if strange else rng.choice(CLERKS)
        realm = rng.choice(NASTY[3:]) if rng.random() < 0.2 else REALM
        said = await zhiping.whatever(*typed, "--as", who[:300], "--realm", realm)
        assert said.code in (0, 2, 3, 4), (typed, said)
        assert said.code == 0 or any("\u4e00" <= char <= "\u9fff" for char in said.err), (
            typed,
            said,
        )
        codes[said.code] += 1
    print(dict(codes))
    assert codes[2] + codes[3]


async def test_in_the_live_office_an_operations_time_is_the_engines(doors: Doors) -> None:
    """An earlier day revived a right that had ended, and a request whose time was over."""
    asked_under = f"r-back-{SEED}"
    back = OperationRequest(
        kind="load_calendar",
        actor=PEOPLE["anyone"][0],
        as_of=datetime.fromisoformat("2023-10-01T09:00:00+08:00"),
        reference=await doors.intake.store_input(honest()["load_calendar"]),
        request_id=asked_under,
    )
    with pytest.raises(RefusedByCaseError):
        await doors.gateway.operate(back)

    kept = await doors.pool.fetchval("SELECT as_of FROM operation WHERE id = $1", back.operation)
    assert abs(datetime.now(UTC) - kept) < timedelta(minutes=10)
