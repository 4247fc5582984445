"""The directory and the administrators' rights; a grant that breaks the administrator rule is
refused here (A23)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from activities.operating import Operating
from activities.people import keep_person
from activities.second_person import WEIGHTY
from activities.statements import statements
from workflows.operation.messages import OperationOutcome
from workflows.rules.message import end_of, local, start_of
from workflows.rules.policy import Policy
from workflows.rules.readings import Reading
from workflows.rules.refusals import Code, Refusal, Refused, refuse
from workflows.rules.routes import OrganisationKind
from workflows.rules.text import Line

SQL = statements("operations")
Role = Literal["member", "supervisor", "operations"]


def _moment(stated: object) -> object:
    """A text of ten characters is a day; pydantic would read its midnight, losing the last day."""
    if isinstance(stated, str) and len(stated.strip()) == len("2023-10-07"):
        return date.fromisoformat(stated.strip())
    return stated


Moment = Annotated[datetime | date, BeforeValidator(_moment)]


class StatedOrganisation(BaseModel):
    """One organisation of a directory file."""

    model_config = ConfigDict(extra="ignore")

    id: Line = Field(min_length=1)
    name: Line
    kind: OrganisationKind
    level: Literal["city", "district", "outside"] = "city"
    district: Line = ""
    superior: Line = ""
    agency: Line = ""
    insured_district: Line = ""
    self_evaluating: bool = False
    address: Line = ""
    contact: Line = ""
    phone: Line = ""
    email: Line = ""


class StatedSpan(BaseModel):
    """A right from and to: days are inclusive, date-times are instants."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    organisation: Line = ""
    from_: Moment | None = Field(
        default=None, validation_alias=AliasChoices("from", "from_", "starts_at")
    )
    to: Moment | None = Field(default=None, validation_alias=AliasChoices("to", "ends_at"))


class StatedMember(BaseModel):
    """One member of a directory file."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    id: Line = Field(min_length=1)
    name: Line
    organisation: Line
    supervisor: bool = False
    id_number: Line = ""
    phone: Line = ""
    email: Line = ""
    grants: tuple[StatedSpan, ...] = ()


class StatedDirectory(BaseModel):
    """A directory file."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    organisations: tuple[StatedOrganisation, ...] = ()
    members: tuple[StatedMember, ...] = ()


class StatedGrant(StatedSpan):
    """A right for one person; without a role, a member's (an operations body's: operations)."""

    person: Line = Field(min_length=1, validation_alias=AliasChoices("person", "member"))
    organisation: Line = Field(min_length=1)
    role: Role | None = None
    supervisor: bool = False


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
                await _grant(work, right)
            except Refused as err:
                problems += err.reasons
    if problems:
        raise Refused(*problems)
    return OperationOutcome(done=True, count=len(stated.organisations) + len(stated.members))


async def grant(work: Operating) -> OperationOutcome:
    """Give a person a right in an organisation.

    Raises:
        Refused: `not_found`, `date_not_allowed`; `identity_unknown` for a weighty role of somebody
            whose ID number nobody stated; `admin_conflict` while an application of the person is
            open that the right would break.
    """
    stated = work.read(StatedGrant)
    added = await _grant(work, stated)
    return OperationOutcome(done=True, count=added, params=_told(stated))


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
    for row in ended:
        if row["realm"] == work.kept_under:
            await work.connection.execute(SQL["end_grant"], row["id"], ends_at, work.by)
        else:
            await work.connection.execute(
                SQL["end_grant_here"], work.kept_under, row["id"], ends_at, work.by
            )
    return OperationOutcome(done=True, count=len(ended), params=_told(stated))


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


async def _grant(work: Operating, stated: StatedGrant) -> int:
    """Add a right unless the very same is there; return how many were added."""
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
    starts_at = _start(stated.from_) if stated.from_ is not None else work.at
    ends_at = _end(stated.to) if stated.to is not None else None
    if ends_at is not None and ends_at <= starts_at:
        raise refuse(Code.DATE_NOT_ALLOWED, reason="ends_before_it_starts", **_told(stated))
    row = (stated.person, stated.organisation, kept_under, role, starts_at, ends_at)
    if await connection.fetchval(SQL["same_grant"], *row) is not None:
        return 0
    if role != "operations" and (ends_at is None or ends_at > work.at):
        await _check_open_cases(work, stated, person["id_hash"])
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
    return 1


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


def _told(stated: StatedGrant) -> dict[str, str]:
    return {"person": stated.person, "organisation": stated.organisation}


def _start(moment: datetime | date) -> datetime:
    return local(moment) if isinstance(moment, datetime) else start_of(moment)


def _end(moment: datetime | date) -> datetime:
    return local(moment) if isinstance(moment, datetime) else end_of(moment)
