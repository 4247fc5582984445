"""Operations on absence cover: a deputy is named for days and acts, and the naming is ended.

Both are rows that are added. Who may ask is the catalogue's; here is what can be covered at all: a
supervisor, by a member of the same organisation, each known to be another human, one deputy a
supervisor and one supervisor a deputy on any day, so that nothing is lent on.
"""

from __future__ import annotations

from datetime import timedelta

from activities.cover_letters import tell_ended, tell_named
from activities.covers import SQL
from activities.operating import Operating
from activities.second_person import human_of, is_another
from activities.statements import statements
from workflows.operation.messages import OperationOutcome
from workflows.operation.payloads import StatedCover, StatedCoverEnd
from workflows.rules.covering import LENDABLE, MOST_DAYS
from workflows.rules.message import local_date
from workflows.rules.readings import Reading
from workflows.rules.refusals import Code, Refused, refuse

DIRECTORY = statements("directory")
OPERATIONS = statements("operations")


def principal_of(work: Operating, stated: StatedCover) -> str:
    """Who is covered: whoever asks, where nobody else is named."""
    return stated.principal or work.actor.person


async def check_naming(work: Operating) -> None:
    """What is asked of a second person can be done at all.

    Raises:
        Refused: `not_found`; `identity_unknown` where nobody knows which human one of the two is;
            `cover_not_possible` (not_supervisor, not_member, leads_already, same_human, taken);
            `date_not_allowed` for days that are past, or too many.
    """
    stated = work.read(StatedCover)
    principal, deputy = principal_of(work, stated), stated.deputy
    await _check_known(work, stated)
    _check_days(work, stated)
    for person, role in ((principal, "supervisor"), (deputy, "member")):
        held = await work.connection.fetchval(
            DIRECTORY["role_at"], person, stated.organisation, work.kept_under, work.at
        )
        if held != role:
            raise _not_possible(_why_not(role, held), person=person)
    humans = []
    for person in (principal, deputy):
        human = await human_of(work.connection, person, work.request.realm)
        if human is None:
            raise refuse(Code.IDENTITY_UNKNOWN, Reading.SECOND_PERSON, person=person)
        humans.append(human)
    if not is_another(*humans):
        raise _not_possible("same_human", person=deputy)
    if await work.connection.fetchval(
        SQL["covers_beside"],
        stated.organisation,
        work.kept_under,
        [principal, deputy],
        stated.from_,
        stated.to,
    ):
        raise _not_possible("taken", person=deputy)


async def name_deputy(work: Operating) -> OperationOutcome:
    """Name a deputy for these days and acts; all of a supervisor's where none are named.

    Raises:
        Refused: as `check_naming`.
    """
    stated = work.read(StatedCover)
    await work.connection.execute(OPERATIONS["lock_register"], f"covers/{stated.organisation}")
    await check_naming(work)
    principal = principal_of(work, stated)
    await work.connection.execute(
        SQL["add_cover"],
        work.operation,
        work.kept_under,
        stated.organisation,
        principal,
        stated.deputy,
        stated.from_,
        stated.to,
        list(stated.acts or LENDABLE),
        await work.reason(stated.reason),
        await work.connection.fetchval(SQL["last_grant"]),
        work.by,
        work.at,
    )
    room = await tell_named(work, work.operation)
    params = {
        "principal": principal,
        "deputy": stated.deputy,
        "cover": work.operation,
        "room": room,
    }
    return OperationOutcome(done=True, count=1, params=params)


async def end_deputy(work: Operating) -> OperationOutcome:
    """End a cover at once; in a rehearsal one of the live office for the rehearsal alone.

    Raises:
        Refused: `not_found`; `already_decided` where it is ended, or its days are over.
    """
    cover = work.read(StatedCoverEnd).cover
    await work.connection.execute(OPERATIONS["lock_register"], f"cover/{cover}")
    row = await work.connection.fetchrow(SQL["cover"], cover, work.kept_under)
    if row is None:
        raise refuse(Code.NOT_FOUND, what="cover", cover=cover)
    if row["ended_at"] is not None or row["ends_on"] < local_date(work.at):
        raise refuse(Code.ALREADY_DECIDED, Reading.ABSENCE_COVER, what="cover", cover=cover)
    await work.connection.execute(SQL["end_cover"], work.kept_under, cover, work.at, work.by)
    room = await tell_ended(work, cover, by=work.actor.person)
    params = {
        "principal": row["principal"],
        "deputy": row["deputy"],
        "cover": cover,
        "room": room,
    }
    return OperationOutcome(done=True, count=1, params=params)


async def _check_known(work: Operating, stated: StatedCover) -> None:
    known = await work.connection.fetchval(
        OPERATIONS["organisation_kind"], stated.organisation, work.kept_under
    )
    if known is None:
        raise refuse(Code.NOT_FOUND, what="organisation", organisation=stated.organisation)
    for person in (principal_of(work, stated), stated.deputy):
        if await work.connection.fetchrow(OPERATIONS["person"], person, work.kept_under) is None:
            raise refuse(Code.NOT_FOUND, what="person", person=person)


def _check_days(work: Operating, stated: StatedCover) -> None:
    today = local_date(work.at)
    if stated.to < stated.from_:
        raise refuse(Code.DATE_NOT_ALLOWED, Reading.ABSENCE_COVER, reason="ends_before_it_starts")
    if stated.from_ < today:
        raise refuse(Code.DATE_NOT_ALLOWED, Reading.ABSENCE_COVER, reason="past", date=stated.from_)
    if stated.to - stated.from_ >= timedelta(days=MOST_DAYS):
        raise refuse(
            Code.DATE_NOT_ALLOWED,
            Reading.ABSENCE_COVER,
            reason="cover_too_long",
            date=stated.to,
            days=MOST_DAYS,
        )


def _why_not(role: str, held: str | None) -> str:
    if role == "supervisor":
        return "not_supervisor"
    return "leads_already" if held == "supervisor" else "not_member"


def _not_possible(reason: str, **params: str) -> Refused:
    return refuse(Code.COVER_NOT_POSSIBLE, Reading.ABSENCE_COVER, reason=reason, **params)
