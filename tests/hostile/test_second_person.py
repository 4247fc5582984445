"""A second person is another human, by ID number, who answers himself and in time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from activities import second_person
from activities.database import Pool
from activities.identity import Identity
from activities.people import keep_person
from activities.second_person import Answer, Asked, RequestForSecond, Subject
from tests.fixtures.record import OPENED, Office
from workflows.rules.refusals import Refused
from workflows.writer.messages import Actor

pytestmark = pytest.mark.integration

OFFICE = "bd-committee-office"
CHEN, ZONG = "990000197001049035", "990000197001059049"
ENDS = OPENED + timedelta(days=3)

Said = Callable[..., Awaitable[RequestForSecond]]


def asked(person: str = "chen", **changes: object) -> Asked:
    """What `chen` asks for, or somebody else."""
    stated: dict[str, object] = {
        "id": "request-1",
        "realm": "live",
        "subject_kind": Subject.APPLICATION,
        "subject": "application-1",
        "what": "set_aside",
        "payload": {"reason": "误办"},
        "by": Actor(person=person, organisation=OFFICE, role="member"),
        "asked_at": OPENED,
        "expires_at": ENDS,
    }
    return Asked.model_validate(stated | changes)


@pytest.fixture
async def people(pool: Pool, identity: Identity) -> None:
    """`chen`, the same human as `chen-b`, another one, and a row that is nobody known."""
    rows = {"chen": CHEN, "chen-b": "990000 19700104 9035", "zong": ZONG, "nobody": ""}
    async with pool.acquire() as connection:
        for person, number in rows.items():
            await keep_person(
                connection,
                identity,
                person=person,
                kept_under="",
                name=person,
                id_number=number,
            )


@pytest.fixture
async def answered(pool: Pool, identity: Identity, people: None) -> Said:
    """Ask, then let somebody answer."""

    async def say(
        person: str, said: Answer = Answer.CONFIRMED, after: int = 60
    ) -> RequestForSecond:
        by = Actor(person=person, organisation=OFFICE, role="supervisor")
        at = OPENED + timedelta(seconds=after)
        async with pool.acquire() as connection, connection.transaction():
            await second_person.ask(connection, identity, asked())
            return await second_person.answer(connection, identity, "request-1", by, at, said)

    return say


async def codes(answered: Said, *stated: object) -> list[str]:
    """What an answer is refused for."""
    with pytest.raises(Refused) as caught:
        await answered(*stated)
    return [reason.code.value for reason in caught.value.reasons]


async def test_another_human_confirms_and_the_request_says_what_it_was(
    answered: Said, pool: Pool, identity: Identity
) -> None:
    assert (await answered("zong")).payload == {"reason": "误办"}

    kept = await second_person.request_of(pool, identity, "request-1")
    assert kept is not None
    assert (kept.answer, kept.answered_by) == ("confirmed", "zong")
    assert not await second_person.waiting(pool, identity, "live", OPENED, limit=9)


@pytest.mark.parametrize("person", ["chen", "chen-b"])
async def test_one_human_is_no_second_under_whatever_row(answered: Said, person: str) -> None:
    assert await codes(answered, person) == ["second_person_required"]


async def test_a_row_without_an_id_number_is_no_second(answered: Said) -> None:
    assert await codes(answered, "nobody") == ["identity_unknown"]


async def test_whom_nobody_knows_asks_for_no_second(
    pool: Pool, identity: Identity, people: None
) -> None:
    with pytest.raises(Refused) as caught:
        async with pool.acquire() as connection:
            await second_person.ask(connection, identity, asked("nobody"))
    assert caught.value.first.code == "identity_unknown"


async def test_a_request_is_answered_in_its_time_and_once(answered: Said) -> None:
    late = int(timedelta(days=3).total_seconds())
    assert await codes(answered, "zong", Answer.CONFIRMED, late) == ["request_expired"]
    await answered("zong")
    assert await codes(answered, "zong") == ["already_decided"]


async def test_whoever_asked_reads_for_a_month_what_became_of_it(
    pool: Pool, identity: Identity, people: None
) -> None:
    """Confirmed, declined with a reason, or nothing in its time; and nobody else's."""
    async with pool.acquire() as connection, connection.transaction():
        for number in ("1", "2", "3"):
            await second_person.ask(connection, identity, asked(id=f"request-{number}"))
        by = Actor(person="zong", organisation=OFFICE, role="supervisor")
        at = OPENED + timedelta(hours=1)
        for number, said in (("1", Answer.CONFIRMED), ("2", Answer.DECLINED)):
            why = "text-why" if said is Answer.DECLINED else ""
            await second_person.answer(connection, identity, f"request-{number}", by, at, said, why)

    async def told(at: datetime, person: str = "chen") -> dict[str, tuple[str, str | None, str]]:
        found = await second_person.ended(pool, identity, "live", person, at, limit=9)
        return {item.id: (item.answer, item.answered_by, item.reason) for item in found}

    answered = {
        "request-1": ("confirmed", "zong", ""),
        "request-2": ("declined", "zong", "text-why"),
    }
    assert await told(ENDS - timedelta(seconds=1)) == answered
    assert await told(ENDS) == answered | {"request-3": ("expired", None, "")}
    assert await told(ENDS, "zong") == {}
    assert await told(ENDS + timedelta(days=30)) == {}


async def test_only_who_asked_takes_a_request_back(answered: Said) -> None:
    assert await codes(answered, "zong", Answer.WITHDRAWN) == ["not_entitled"]
    assert (await answered("chen-b", Answer.WITHDRAWN)).id == "request-1"


async def test_one_id_is_one_request(pool: Pool, identity: Identity, people: None) -> None:
    async with pool.acquire() as connection:
        first = await second_person.ask(connection, identity, asked())
        again = await second_person.ask(connection, identity, asked(asked_at=OPENED))
        with pytest.raises(Refused) as caught:
            await second_person.ask(connection, identity, asked(payload={"reason": "另一件"}))
    assert first == again
    assert caught.value.first.code == "duplicate_conflict"


@pytest.mark.parametrize("role", ["supervisor", "operations"])
async def test_nobody_holds_a_weighty_role_without_an_id_number(
    published: Office, pool: Pool, identity: Identity, role: str
) -> None:
    async with pool.acquire() as connection:
        await keep_person(
            connection, identity, person="nobody", kept_under="", name="无名", id_number=""
        )
    outcome = await published("grant", person="nobody", organisation=OFFICE, role=role)
    assert [reason.code.value for reason in outcome.refusals] == ["identity_unknown"]
    assert (await published("grant", person="nobody", organisation=OFFICE)).done
