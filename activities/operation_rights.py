"""Who may carry out an operation: how its sender stands to what it is about, by the directory.

What the sender says of his or her role is not believed: the grant is looked up in the operation's
own transaction. Operators are granted like everybody; their right is asked at this moment, whatever
the realm's clock shows, because they work for the machine and not in the story.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from activities import rights
from activities.covers import SQL as COVERS
from activities.covers import cover_of
from activities.database import Connection
from activities.identity import Identity
from activities.integrity_entries import hash_of
from activities.operating import Operating
from activities.second_person import WEIGHTY, human_of
from activities.statements import statements
from workflows.application.weight import WEIGHTY as WEIGHTY_ACTS
from workflows.operation.catalogue import About, Operation, SecondPerson, Stands
from workflows.operation.messages import OperationRequest
from workflows.operation.payloads import (
    StatedAccount,
    StatedAddress,
    StatedBulk,
    StatedBulkStart,
    StatedCampaign,
    StatedCommittee,
    StatedCorrection,
    StatedCover,
    StatedCoverEnd,
    StatedDirectory,
    StatedGrant,
    StatedNotice,
    StatedPerson,
    StatedRetirement,
    StatedRhythm,
)
from workflows.rules.policy import Policy
from workflows.rules.readings import Reading
from workflows.rules.refusals import Code, Refused, refuse
from workflows.writer.messages import Actor

SQL = statements("operation_rights")
DIRECTORY = statements("directory")
OFFICES = "committee_office"
CITY_OFFICES = "city_office"
WITHOUT_ORGANISATION = frozenset({"applicant", "anyone"})
"""What somebody who acts for no organisation may say he or she is: it gives no right."""


@dataclass(frozen=True)
class Concern:
    """Whom an operation concerns, by organisation and person id; `humans` whose matter it is."""

    offices: frozenset[str] = frozenset()
    city_offices: frozenset[str] = frozenset()
    superiors: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    humans: frozenset[bytes] = frozenset()


Concerns = tuple[Concern, ...]
"""Several where one alone must not open the door: the notice as stated, and as it was published."""


async def verified(work: Operating) -> Actor:
    """The sender with the role that the directory gives, and whom the register says that he or she
    covers: not as it was stated.

    Raises:
        Refused: `not_entitled` for an organisation in which the person has no right.
    """
    actor = work.request.actor
    if not actor.organisation:
        role = actor.role if actor.role in WITHOUT_ORGANISATION else ""
        return actor.model_copy(update={"role": role})
    role = await work.connection.fetchval(
        DIRECTORY["role_at"], actor.person, actor.organisation, work.kept_under, work.at
    )
    if role is None:
        raise _not_entitled(work, ())
    actor = await covered(work.connection, work.identity, work.request)
    return actor.model_copy(update={"role": role})


async def covered(connection: Connection, identity: Identity, request: OperationRequest) -> Actor:
    """The sender as he or she comes to this operation: with it lent where the register says so."""
    actor = request.actor
    cover = (
        await cover_of(
            connection, identity, actor.person, actor.organisation, request.realm, request.as_of
        )
        if actor.organisation
        else None
    )
    return actor.model_copy(update={"cover": cover}).for_act(request.kind)


async def check_entitled(work: Operating, row: Operation) -> frozenset[Stands]:
    """How the sender stands to what is asked; he or she may in at least one way.

    Raises:
        Refused: `not_entitled`; `identity_unknown` where only a known human may; `not_found` for
            what it would be about.
    """
    actor = work.actor
    human = await human_of(work.connection, actor.person, work.request.realm)
    found: frozenset[Stands] | None = None
    concerns = _CONCERNS.get(row.about)
    for concern in await concerns(work) if concerns else (Concern(),):
        if not row.own_matter and human is not None and human in concern.humans:
            raise refuse(
                Code.NOT_ENTITLED, Reading.AUTHORITY, reason="own_matter", operation=row.kind
            )
        stands = _stands(actor, concern, await _leads(work, row, concern)) & frozenset(row.who)
        found = stands if found is None else found & stands
    if not found:
        raise _not_entitled(work, row.who)
    if row.kind == "grant":
        _check_rank(work, found, await rights.role_given(work, work.read(StatedGrant)))
    if row.weighty and human is None:
        raise refuse(Code.IDENTITY_UNKNOWN, Reading.SECOND_PERSON, person=actor.person)
    return found


async def needs_second(work: Operating, row: Operation, stands: frozenset[Stands]) -> bool:
    """Whether another human has to confirm what is stated before it is done."""
    if row.second is not SecondPerson.WHERE_WEIGHTY:
        return row.second is SecondPerson.ALWAYS
    weighs = _WEIGHS.get(row.kind)
    if weighs is not None:
        return await weighs(work, stands)
    # One's own contacts, and those of one's own organisation, are nobody else's matter.
    return not stands & {Stands.SELF, Stands.OWN}


async def _grant_weighs(work: Operating, _: frozenset[Stands]) -> bool:
    return await rights.role_given(work, work.read(StatedGrant)) in WEIGHTY


async def _revoking_weighs(work: Operating, stands: frozenset[Stands]) -> bool:
    return Stands.SELF not in stands and await _takes_weight(work)


async def _directory_weighs(work: Operating, _: frozenset[Stands]) -> bool:
    return await rights.changes_somebody(work, work.read(StatedDirectory))


async def _account_weighs(work: Operating, _: frozenset[Stands]) -> bool:
    return await _is_of_weight(work)


async def _bulk_weighs(work: Operating, _: frozenset[Stands]) -> bool:
    stated = work.read(StatedBulkStart)
    return stated.weighty or stated.action in WEIGHTY_ACTS


async def _leads(work: Operating, row: Operation, concern: Concern) -> bool:
    """Whether the sender is a supervisor, or stands in for one in this, whose matter it is not."""
    actor = work.actor
    if actor.cover is None or not actor.is_lent(row.kind):
        return actor.role == "supervisor"
    principal = await human_of(work.connection, actor.cover.principal, work.request.realm)
    return principal is not None and principal not in concern.humans


def _stands(actor: Actor, concern: Concern, leads: bool) -> frozenset[Stands]:
    found = {Stands.READER}
    if actor.person in concern.people:
        found.add(Stands.SELF)
    if actor.role == "operations":
        found.add(Stands.OPERATIONS)
    if not actor.organisation or actor.role == "operations":
        return frozenset(found)
    for where, stands, leading in (
        (concern.offices, Stands.OFFICE, Stands.OFFICE_SUPERVISOR),
        (concern.city_offices, Stands.CITY_OFFICE, Stands.CITY_SUPERVISOR),
        (concern.superiors, Stands.SUPERIOR, Stands.SUPERIOR),
        (concern.own, Stands.OWN, Stands.OWN_SUPERVISOR),
    ):
        if actor.organisation in where:
            found |= {stands, leading} if leads else {stands}
    return frozenset(found)


def _not_entitled(work: Operating, who: tuple[Stands, ...]) -> Refused:
    needed = {"needed": "、".join(stands.value for stands in who)} if who else {}
    return refuse(Code.NOT_ENTITLED, Reading.AUTHORITY, operation=work.request.kind, **needed)


def _check_rank(work: Operating, stands: frozenset[Stands], role: str) -> None:
    """An operator is granted by operators alone, a supervisor by nobody of his own organisation."""
    may: dict[str, frozenset[Stands]] = {
        "operations": frozenset({Stands.OPERATIONS}),
        "supervisor": frozenset({Stands.OPERATIONS, Stands.SUPERIOR}),
    }
    if role in may and not stands & may[role]:
        raise _not_entitled(work, tuple(sorted(may[role])))


async def _campaign(work: Operating) -> Concerns:
    stated = work.read(StatedCampaign).policy
    published = await work.connection.fetchval(
        DIRECTORY["policy"], stated.campaign, work.kept_under, None
    )
    # Nobody takes a notice over by stating an office of one's own in it.
    earlier = [Policy.model_validate_json(published)] if published else []
    return tuple(
        Concern(
            offices=frozenset({policy.committee.office}),
            city_offices=frozenset({policy.committee.city_office}),
        )
        for policy in (stated, *earlier)
    )


async def _committee(work: Operating) -> Concerns:
    stated = work.read(StatedCommittee).committee
    known = await work.connection.fetchrow(SQL["committee"], stated.id, work.kept_under)
    offices = [(stated.office, stated.city_office)]
    if known is not None:
        # Another office does not take a committee over by stating itself in the file.
        offices.append((known["office"], known["city_office"]))
    return tuple(
        Concern(offices=frozenset({office}), city_offices=frozenset({city}))
        for office, city in offices
    )


async def _expert(work: Operating) -> Concerns:
    expert = work.read(StatedRetirement).expert
    known = await work.connection.fetchrow(SQL["committee_of_expert"], expert, work.kept_under)
    if known is None:
        raise refuse(Code.NOT_FOUND, what="expert", expert=expert)
    return (
        Concern(
            offices=frozenset({known["office"]}), city_offices=frozenset({known["city_office"]})
        ),
    )


async def _right(work: Operating) -> Concerns:
    stated = work.read(StatedGrant)
    whose = await human_of(work.connection, stated.person, work.request.realm)
    return (
        replace(
            await _around(work, stated.organisation),
            people=frozenset({stated.person}),
            humans=frozenset({whose}) if whose else frozenset(),
        ),
    )


async def _cover(work: Operating) -> Concerns:
    """Where a supervisor is covered; the deputy neither asks for it nor confirms it."""
    stated = work.payload
    if isinstance(stated, StatedCover):
        deputy = await human_of(work.connection, stated.deputy, work.request.realm)
        return (
            replace(
                await _around(work, stated.organisation),
                humans=frozenset({deputy}) if deputy else frozenset(),
            ),
        )
    cover = work.read(StatedCoverEnd).cover
    row = await work.connection.fetchrow(COVERS["cover"], cover, work.kept_under)
    if row is None:
        raise refuse(Code.NOT_FOUND, what="cover", cover=cover)
    around = await _around(work, row["organisation"])
    two = {row["principal"], row["deputy"]}
    return (
        replace(around, people=frozenset(two if work.actor.organisation in around.own else ())),
    )


async def _address(work: Operating) -> Concerns:
    stated = work.payload
    if not isinstance(stated, StatedAddress | StatedRhythm):
        raise TypeError(type(stated).__name__)
    if stated.person:
        return (Concern(people=frozenset({stated.person})),)
    return (await _around(work, stated.organisation),)


async def _register(work: Operating) -> Concerns:
    """Any office keeps the register; not the one whose matter it is."""
    humans = await _whose(work)
    actor = work.actor
    kind = await work.connection.fetchval(
        SQL["organisation_kind"], actor.organisation, work.kept_under
    )
    at = frozenset({actor.organisation})
    return (
        Concern(
            offices=at if kind == OFFICES else frozenset(),
            city_offices=at if kind == CITY_OFFICES else frozenset(),
            humans=humans,
        ),
    )


async def _account(work: Operating) -> Concerns:
    """Whose account it is: who stands above every organisation for which the person may act."""
    person = work.read(StatedAccount).person
    whose = await human_of(work.connection, person, work.request.realm)
    concerns = [
        await _around(work, row["organisation"])
        for row in await work.connection.fetch(
            SQL["organisations_of"], person, work.kept_under, work.at
        )
    ]
    return tuple(
        replace(
            concern,
            people=frozenset({person}),
            humans=frozenset({whose}) if whose else frozenset(),
        )
        for concern in concerns or [Concern()]
    )


async def _money(work: Operating) -> Concerns:
    """Money is told to cases by the committee's office, so its file is imported by it."""
    kind = await work.connection.fetchval(
        SQL["organisation_kind"], work.actor.organisation, work.kept_under
    )
    return (
        Concern(offices=frozenset({work.actor.organisation}) if kind == OFFICES else frozenset()),
    )


async def _letter(work: Operating) -> Concerns:
    letter = work.read(StatedNotice).letter
    row = await work.connection.fetchrow(SQL["office_of_letter"], letter, work.request.realm)
    if row is None:
        raise refuse(Code.NOT_FOUND, what="letter", letter=letter)
    return (Concern(offices=frozenset({row["office"]} - {None, ""})),)


async def _bulk(work: Operating) -> Concerns:
    """Whose act it is: the person's, under the hat under which he or she asks for it."""
    stated = work.read(StatedBulk).bulk
    row = await work.connection.fetchrow(SQL["bulk"], stated, work.request.realm)
    if row is None:
        raise refuse(Code.NOT_FOUND, what="bulk", bulk=stated)
    own = row["organisation"]
    hers = {row["person"]} if work.actor.organisation == own else set()
    return (Concern(own=frozenset({own}), people=frozenset(hers)),)


async def _around(work: Operating, organisation: str) -> Concern:
    """An organisation, and who is above it: its superiors, its agency's line, 市职改办."""
    rows = await work.connection.fetch(SQL["above"], organisation, work.kept_under)
    return Concern(
        own=frozenset({organisation}),
        superiors=frozenset(row["id"] for row in rows) - {organisation},
    )


async def _whose(work: Operating) -> frozenset[bytes]:
    """Whose matter an entry of the register is, where that is known."""
    stated = work.payload
    if isinstance(stated, StatedCorrection) or (
        isinstance(stated, StatedPerson)
        and not (stated.person or stated.id_number)
        and getattr(stated, "number", None) is not None
    ):
        table = "record_of" if getattr(stated, "what", "bar") == "record" else "bar_of"
        found = await work.connection.fetchval(
            SQL[table],
            work.request.realm,
            stated.number,  # type: ignore[union-attr]
        )
        return frozenset({found}) if found else frozenset()
    if isinstance(stated, StatedPerson) and (stated.person or stated.id_number):
        try:
            return frozenset({await hash_of(work, stated)})
        except Refused:  # nobody of this id: the operation itself says so
            return frozenset()
    return frozenset()


async def _takes_weight(work: Operating) -> bool:
    """Whether a weighty right would end."""
    stated = work.read(StatedGrant)
    held: list[str] = [
        row["role"]
        for row in await work.connection.fetch(
            SQL["roles_held"], stated.person, stated.organisation, work.kept_under, work.at
        )
    ]
    return bool(WEIGHTY & set(held))


async def _is_of_weight(work: Operating) -> bool:
    """Whether whoever signs in with the account would have a weighty right, now or later."""
    person = work.read(StatedAccount).person
    rows = await work.connection.fetch(SQL["organisations_of"], person, work.kept_under, work.at)
    return any(row["role"] in WEIGHTY for row in rows)


_CONCERNS: dict[About, Callable[[Operating], Awaitable[Concerns]]] = {
    About.CAMPAIGN: _campaign,
    About.COMMITTEE: _committee,
    About.EXPERT: _expert,
    About.RIGHT: _right,
    About.COVER: _cover,
    About.ADDRESS: _address,
    About.REGISTER: _register,
    About.MONEY: _money,
    About.LETTER: _letter,
    About.ACCOUNT: _account,
    About.BULK: _bulk,
}

_WEIGHS: dict[str, Callable[[Operating, frozenset[Stands]], Awaitable[bool]]] = {
    "grant": _grant_weighs,
    "revoke_grant": _revoking_weighs,
    "import_directory": _directory_weighs,
    "invite_account": _account_weighs,
    "reset_account": _account_weighs,
    "start_bulk": _bulk_weighs,
}
