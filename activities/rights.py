"""The directory and the administrators' rights; a grant that breaks the administrator rule is
refused here (A23)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime

from asyncpg import Record

from activities.cover_letters import losses_told
from activities.operating import Operating
from activities.people import keep_person
from activities.second_person import WEIGHTY
from activities.statements import statements
from workflows.operation.messages import OperationOutcome
from workflows.operation.payloads import (
    Role,
    StatedDirectory,
    StatedGrant,
    StatedMember,
    StatedOrganisation,
)
from workflows.rules.message import end_of, local, start_of
from workflows.rules.policy import Policy
from workflows.rules.readings import Reading
from workflows.rules.refusals import Code, Refusal, Refused, refuse

SQL = statements("operations")


async def import_directory(work: Operating) -> OperationOutcome:
    """Load organisations and members; what is there is brought up to date, nothing is removed.

    Raises:
        Refused: with every grant that breaks the administrator rule, and nothing is imported.
    """
    stated = work.read(StatedDirectory)
    await work.connection.execute(SQL["lock_register"], "directory")
    for organisation in stated.organisations:
        await _keep_organisation(work, organisation)
    problems: list[Refusal] = []
    rooms: set[str] = set()
    for member in stated.members:
        await keep_person(
            work.connection,
            work.identity,
            person=member.id,
            kept_under=work.kept_under,
            **member.model_dump(include={"name", "id_number", "phone", "email"}),
        )
        for right in _rights(member):
            try:
                rooms |= (await _grant(work, right))[1]
            except Refused as err:
                problems += err.reasons
    if problems:
        raise Refused(*problems)
    count = len(stated.organisations) + len(stated.members)
    return OperationOutcome(done=True, count=count, params=_rung(rooms))


async def grant(work: Operating) -> OperationOutcome:
    """Give a person a right in an organisation.

    Raises:
        Refused: `not_found`, `date_not_allowed`; `identity_unknown` for a weighty role of somebody
            whose ID number nobody stated; `admin_conflict` while an application of the person is
            open that the right would break.
    """
    stated = work.read(StatedGrant)
    added, rooms = await _grant(work, stated)
    return OperationOutcome(done=True, count=added, params=_told(stated) | _rung(rooms))


async def revoke_grant(work: Operating) -> OperationOutcome:
    """End a person's rights in an organisation, at `to` or at once.

    A rehearsal ends a right of the live directory for itself alone.

    Raises:
        Refused: `not_found` where there is no such right.
    """
    stated = work.read(StatedGrant)
    ends_at = _end(stated.to) if stated.to is not None else work.at
    ended = await work.connection.fetch(
        SQL["grants_to_end"], stated.person, stated.organisation, work.kept_under, ends_at
    )
    if not ended:
        raise refuse(Code.NOT_FOUND, what="grant", **_told(stated))
    async with losses_told(work, stated.person, stated.organisation, ends_at) as rooms:
        for row in ended:
            if row["realm"] == work.kept_under:
                await work.connection.execute(SQL["end_grant"], row["id"], ends_at, work.by)
            else:
                await work.connection.execute(
                    SQL["end_grant_here"], work.kept_under, row["id"], ends_at, work.by
                )
    return OperationOutcome(done=True, count=len(ended), params=_told(stated) | _rung(rooms))


async def _keep_organisation(work: Operating, stated: StatedOrganisation) -> None:
    await work.connection.execute(
        SQL["keep_organisation"],
        stated.id,
        work.kept_under,
        stated.kind,
        stated.level,
        stated.district,
        stated.superior,
        stated.agency,
        stated.insured_district,
        stated.self_evaluating,
        stated.name,
        stated.address,
        stated.contact,
        stated.phone,
        stated.email,
        work.at,
    )


def _rights(member: StatedMember) -> Iterator[StatedGrant]:
    for span in member.grants:
        yield StatedGrant(
            person=member.id,
            organisation=span.organisation or member.organisation,
            from_=span.from_,
            to=span.to,
            supervisor=member.supervisor,
        )


async def _grant(work: Operating, stated: StatedGrant) -> tuple[int, set[str]]:
    """Add a right unless the very same is there; return how many were added, and the mailrooms of whom
    it tells that an absence cover ends: a deputy who comes to lead needs none."""
    connection, kept_under = work.connection, work.kept_under
    person = await connection.fetchrow(SQL["person"], stated.person, kept_under)
    kind = await connection.fetchval(SQL["organisation_kind"], stated.organisation, kept_under)
    if person is None or kind is None:
        raise refuse(
            Code.NOT_FOUND, what="person" if person is None else "organisation", **_told(stated)
        )
    role = _role(stated, kind)
    if role in WEIGHTY and person["id_hash"] is None:
        raise refuse(Code.IDENTITY_UNKNOWN, Reading.SECOND_PERSON, person=stated.person)
    row = _row_of(work, stated, role)
    starts_at, ends_at = row[4], row[5]
    if ends_at is not None and ends_at <= starts_at:
        raise refuse(Code.DATE_NOT_ALLOWED, reason="ends_before_it_starts", **_told(stated))
    if await connection.fetchval(SQL["same_grant"], *row) is not None:
        return 0, set()
    if role != "operations" and (ends_at is None or ends_at > work.at):
        await _check_open_cases(work, stated, person["id_hash"])
    async with losses_told(work, stated.person, stated.organisation, starts_at) as rooms:
        await connection.execute(
            SQL["add_grant"],
            kept_under,
            stated.person,
            stated.organisation,
            role,
            starts_at,
            ends_at,
            work.by,
            work.at,
        )
    return 1, rooms


async def _check_open_cases(work: Operating, stated: StatedGrant, id_hash: bytes | None) -> None:
    """Refuse a right that an open application of the same person forbids (A23).

    BD forbids rights in the own route, LC any right while an application is open.
    """
    connection, realm = work.connection, work.request.realm
    for case in await connection.fetch(SQL["open_cases_of"], realm, id_hash, stated.person):
        stored = await connection.fetchval(
            SQL["policy"], case["campaign"], work.kept_under, case["policy_version"]
        )
        if stored is None:
            continue
        rule = Policy.model_validate_json(stored).admin_conflict
        route = {place["organisation"] for place in json.loads(case["places"])}
        if rule.scope == "any_while_held" or stated.organisation in route:
            raise refuse(
                Code.ADMIN_CONFLICT,
                rule.source,
                scope=rule.scope,
                application=case["id"],
                **_told(stated),
            )


def _role(stated: StatedGrant, kind: str) -> Role:
    if stated.role is not None:
        return stated.role
    if kind == "operations":
        return "operations"
    return "supervisor" if stated.supervisor else "member"


def _row_of(
    work: Operating, stated: StatedGrant, role: Role
) -> tuple[str, str, str, Role, datetime, datetime | None]:
    starts_at = _start(stated.from_) if stated.from_ is not None else work.at
    ends_at = _end(stated.to) if stated.to is not None else None
    return stated.person, stated.organisation, work.kept_under, role, starts_at, ends_at


async def role_given(work: Operating, stated: StatedGrant) -> Role:
    """The role that a grant would give."""
    kind = await work.connection.fetchval(
        SQL["organisation_kind"], stated.organisation, work.kept_under
    )
    return _role(stated, kind or "")


async def changes_somebody(work: Operating, stated: StatedDirectory) -> bool:
    """Whether a directory does more than to add: a right of weight, or another word on who is there.

    The first directory is loaded with the installation and changes nobody.
    """
    await work.connection.execute(SQL["lock_register"], "directory")
    known = {
        row["id"]: row
        for row in await work.connection.fetch(SQL["known_organisations"], work.kept_under)
    }
    if all(row["kind"] == "operations" for row in known.values()):
        return False
    if any(_says_otherwise(known.get(item.id), item) for item in stated.organisations):
        return True
    for member in stated.members:
        if await _is_another(work, member):
            return True
        for right in _rights(member):
            row = _row_of(work, right, await role_given(work, right))
            if row[3] in WEIGHTY and not await work.connection.fetchval(SQL["same_grant"], *row):
                return True
    return False


def _says_otherwise(known: Record | None, stated: StatedOrganisation) -> bool:
    return known is not None and any(
        known[key] != value for key, value in stated.model_dump().items()
    )


async def _is_another(work: Operating, stated: StatedMember) -> bool:
    """Whether the directory knows this member by another name, number or address."""
    row = await work.connection.fetchrow(SQL["whole_person"], stated.id, work.kept_under)
    if row is None:
        return False
    kept = {
        key: work.identity.open_optional(row[key], f"person.{key}")
        for key in ("name", "id_number", "phone", "email")
    }
    return any(getattr(stated, key) not in ("", value) for key, value in kept.items())


def _told(stated: StatedGrant) -> dict[str, str]:
    return {"person": stated.person, "organisation": stated.organisation}


def _rung(rooms: set[str]) -> dict[str, str]:
    return {"room": " ".join(sorted(rooms))} if rooms else {}


def _start(moment: datetime | date) -> datetime:
    return local(moment) if isinstance(moment, datetime) else start_of(moment)


def _end(moment: datetime | date) -> datetime:
    return local(moment) if isinstance(moment, datetime) else end_of(moment)
