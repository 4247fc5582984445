"""A second person: another *human*, who acts himself on the first one's request within its time.

Who somebody is, is the keyed hash of the ID number: two rows of the directory with one number are
one human, and a row without a number is nobody who could be told from the first. What waits is kept
sealed; requests and answers are only ever added.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from asyncpg import Record

from activities.database import Connection, Pool, scope
from activities.identity import Identity
from activities.statements import statements
from workflows.rules.message import Message
from workflows.rules.readings import Reading
from workflows.rules.refusals import Code, refuse
from workflows.writer.messages import Actor

SQL = statements("second_person")
DIRECTORY = statements("directory")
COVERS = statements("covers")
USE = "request_for_second.payload"

WEIGHTY = frozenset({"supervisor", "operations"})
"""Roles of the directory that nobody holds without an ID number."""


class Subject(StrEnum):
    """What a request is about."""

    OPERATION = "operation"
    APPLICATION = "application"
    MEETING = "meeting"


class Answer(StrEnum):
    """What became of a request; silence until its end is no answer."""

    CONFIRMED = "confirmed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


EXPIRED = "expired"
TOLD_FOR = timedelta(days=30)
"""How long after its end a request is still told to whoever asked."""


class Asked(Message):
    """What somebody asks a second person for."""

    id: str
    realm: str
    subject_kind: Subject
    subject: str
    what: str
    """The operation's kind, or the act's name."""
    payload: dict[str, Any]
    by: Actor
    asked_at: datetime
    expires_at: datetime


class RequestForSecond(Asked):
    """A request as the record has it."""

    human: bytes
    answer: str = ""
    """What `Answer` says; of one that ended, `EXPIRED` where nobody said anything in time."""
    answered_by: str | None = None
    answered_at: datetime | None = None
    reason: str = ""
    """Why it was declined or taken back, by reference."""

    def is_open(self, at: datetime) -> bool:
        """Whether it still waits for its answer at an instant."""
        return not self.answer and at < self.expires_at


async def human_of(connection: Connection | Pool, person: str, realm: str) -> bytes | None:
    """Who a row of the directory is; None where nobody knows."""
    found: bytes | None = await connection.fetchval(SQL["human"], person, scope(realm))
    return found


async def check_still_holds(
    connection: Connection, first: Actor, realm: str, at: datetime, clause: str
) -> None:
    """Whoever asked has the right under which it was asked still, when another human confirms it: a
    deputy the cover, too.

    Raises:
        Refused: `not_entitled`, and what was asked waits on.
    """
    role = await connection.fetchval(
        DIRECTORY["role_at"], first.person, first.organisation, scope(realm), at
    )
    lost = role is None or (first.role in WEIGHTY and role != first.role)
    if lost or (first.principal and not await still_covers(connection, first, realm, at)):
        raise refuse(Code.NOT_ENTITLED, clause, reason="first_person", person=first.person)


async def still_covers(connection: Connection, actor: Actor, realm: str, at: datetime) -> bool:
    """Whether the cover under which an act was asked for holds still, for that very act."""
    row = await connection.fetchrow(
        COVERS["cover_of"], actor.person, actor.organisation, scope(realm), at
    )
    cover = actor.cover
    if row is None or cover is None:
        return False
    return row["principal"] == cover.principal and set(cover.acts) <= set(row["acts"])


async def side_of(
    connection: Connection, person: str, organisation: str, realm: str, at: datetime
) -> frozenset[bytes]:
    """The humans who count as one with somebody of an organisation at an instant: he or she, and who
    is covered. Empty where nobody knows which human it is."""
    own = await human_of(connection, person, realm)
    if own is None:
        return frozenset()
    row = await connection.fetchrow(COVERS["cover_of"], person, organisation, scope(realm), at)
    covered: bytes | None = row["human"] if row is not None else None
    return frozenset({own}) if covered is None else frozenset({own, covered})


def is_another(first: bytes | None, second: bytes | None) -> bool:
    """Whether two are known to be two humans: both have an ID number, and not the same."""
    return first is not None and second is not None and first != second


async def ask(connection: Connection, identity: Identity, asked: Asked) -> RequestForSecond:
    """Record a request; the very same again is the one that is there.

    Raises:
        Refused: `identity_unknown` where nobody knows which human asks, `duplicate_conflict` where
            the id stands for something else.
    """
    human = await human_of(connection, asked.by.person, asked.realm)
    if human is None:
        raise refuse(Code.IDENTITY_UNKNOWN, Reading.SECOND_PERSON, person=asked.by.person)
    await connection.execute(SQL["lock_request"], asked.id)
    digest = digest_of(identity, asked)
    earlier = await connection.fetchrow(SQL["request"], asked.id)
    if earlier is not None and earlier["digest"] != digest:
        raise refuse(Code.DUPLICATE_CONFLICT, request_id=asked.id)
    if earlier is None:
        body = json.dumps(asked.payload, sort_keys=True, ensure_ascii=False)
        await connection.execute(
            SQL["add_request"],
            asked.id,
            asked.realm,
            asked.subject_kind.value,
            asked.subject,
            asked.what,
            digest,
            identity.seal(body, USE),
            asked.by.person,
            asked.by.organisation,
            asked.by.role,
            human,
            asked.asked_at,
            asked.expires_at,
        )
    found = await request_of(connection, identity, asked.id)
    if found is None:
        raise LookupError(asked.id)
    return found


async def request_of(
    connection: Connection | Pool, identity: Identity, request: str
) -> RequestForSecond | None:
    """One request with its answer, if there is one."""
    row = await connection.fetchrow(SQL["request"], request)
    return _request(row, identity) if row else None


async def waiting(
    connection: Connection | Pool,
    identity: Identity,
    realm: str,
    at: datetime,
    *,
    after: tuple[str, str] = ("", ""),
    limit: int,
) -> tuple[RequestForSecond, ...]:
    """What waits for a second person in a realm, the first to end first; so many after one.

    Args:
        after: the end and the id of that one.
    """
    rows = await connection.fetch(SQL["waiting"], realm, at, *after, limit)
    return tuple(_request(row, identity) for row in rows)


async def ended(
    connection: Connection | Pool,
    identity: Identity,
    realm: str,
    person: str,
    at: datetime,
    *,
    limit: int,
) -> tuple[RequestForSecond, ...]:
    """What somebody asked for lately and waits no longer, with what became of it; the last first."""
    rows = await connection.fetch(SQL["ended"], realm, person, at, TOLD_FOR, limit)
    return tuple(_request(row, identity) for row in rows)


async def answer(
    connection: Connection,
    identity: Identity,
    request: str,
    by: Actor,
    at: datetime,
    said: Answer = Answer.CONFIRMED,
    reason: str = "",
) -> RequestForSecond:
    """Record an answer, once. Whether `by` may say so at all is asked by whoever carries it out.

    Args:
        reason: of a no, by reference.

    Raises:
        Refused: `not_found`; `already_decided`; `request_expired`; `identity_unknown`;
            `second_person_required` where the one who asked would confirm it, under whatever row, or
            one who stands in for the other;
            `not_entitled` where somebody else would withdraw it.
    """
    await connection.execute(SQL["lock_request"], request)
    asked = await request_of(connection, identity, request)
    if asked is None:
        raise refuse(Code.NOT_FOUND, what="request", request=request)
    if asked.answer:
        raise refuse(Code.ALREADY_DECIDED, Reading.SECOND_PERSON, what="request", request=request)
    if not asked.is_open(at):
        raise refuse(Code.REQUEST_EXPIRED, Reading.SECOND_PERSON, expires_at=asked.expires_at)
    human = await human_of(connection, by.person, asked.realm)
    if human is None:
        raise refuse(Code.IDENTITY_UNKNOWN, Reading.SECOND_PERSON, person=by.person)
    first = {asked.human, *await _covered(connection, asked.by, asked.realm)}
    another = first.isdisjoint({human, *await _covered(connection, by, asked.realm)})
    if said is Answer.WITHDRAWN and another:
        raise refuse(Code.NOT_ENTITLED, Reading.SECOND_PERSON, action=asked.what)
    if said is not Answer.WITHDRAWN and not another:
        raise refuse(Code.SECOND_PERSON_REQUIRED, Reading.SECOND_PERSON, reason="same_human")
    await connection.execute(
        SQL["add_answer"],
        request,
        said.value,
        by.person,
        by.organisation,
        by.role,
        human,
        at,
        reason,
    )
    return asked


async def _covered(connection: Connection, actor: Actor, realm: str) -> tuple[bytes, ...]:
    """The human whom an actor covered, as it was when he or she came."""
    if actor.cover is None:
        return ()
    human = await human_of(connection, actor.cover.principal, realm)
    return (human,) if human is not None else ()


def digest_of(identity: Identity, asked: Asked) -> bytes:
    """The keyed hash of what is asked, by whom, for what: another under one id is a conflict."""
    plain = asked.model_dump_json(exclude={"asked_at", "expires_at", "payload"})
    body = json.dumps(asked.payload, sort_keys=True, ensure_ascii=False)
    return identity.content_hash(f"{plain}\n{body}")


def _request(row: Record, identity: Identity) -> RequestForSecond:
    kept = dict(row)
    kept["payload"] = json.loads(identity.open(kept["payload"], USE))
    # The table knows no covers; the operation that is asked for does.
    cover = kept["payload"].get("request", {}).get("actor", {}).get("cover")
    kept["by"] = Actor(
        person=kept["person"], organisation=kept["organisation"], role=kept["role"], cover=cover
    )
    return RequestForSecond.model_validate(kept)
