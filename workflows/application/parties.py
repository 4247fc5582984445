"""Who is who to a case: its holder, superiors, recipients of letters, and how an actor stands to it."""

from __future__ import annotations

from workflows.application.case import Case, KeptCase
from workflows.rules.facts import Place
from workflows.rules.names import EndName, Party, Relation, Stage
from workflows.writer.messages import Actor

APPLICANT = "applicant"
SOMEBODY = "somebody"
"""The human whom a page without a person asks for: another than whoever acted."""

OF_THE_OFFICE = frozenset(
    {
        Stage.COMMITTEE_INTAKE,
        Stage.AWAITING_MEETING,
        Stage.IN_REVIEW,
        Stage.RESULT_RECORDED,
        Stage.RESULT_PUBLICITY,
        Stage.RECHECK,
    }
)

CLAIM_RELEASED_BY = frozenset(
    {
        EndName.NOT_RECOMMENDED,
        EndName.REJECTED_BY_CHAIN,
        EndName.LAPSED,
        EndName.NOT_ACCEPTED,
    }
)
"""Ends that give the yearly chance back whatever went before (T4, A20)."""

RELEASED_BEFORE_ACCEPTANCE = frozenset({EndName.WITHDRAWN, EndName.DISQUALIFIED})


def claim_is_given_back(case: KeptCase, end: EndName) -> bool:
    """Whether an end gives the yearly chance back (T4, A20)."""
    if end in CLAIM_RELEASED_BY:
        return True
    if end in RELEASED_BEFORE_ACCEPTANCE:
        return case.accepted_on is None
    return end is EndName.ABANDONED and case.reached_committee_at is None


def current_place(case: Case) -> Place | None:
    """The chain organisation that holds the case, if one does."""
    chain = case.chain
    if case.stage in (Stage.CHAIN_REVIEW, Stage.CHAIN_CORRECTION) and case.chain_index < len(chain):
        return chain[case.chain_index]
    return None


def holder(case: Case) -> str:
    """Organisation id of the holder, `applicant` where the person holds it (T1)."""
    stage = case.stage
    if stage is None:
        return ""
    if stage in (Stage.UNIT_REVIEW, Stage.UNIT_PUBLICITY):
        return case.unit
    if stage is Stage.CHAIN_REVIEW:
        place = current_place(case)
        return place.organisation if place else case.unit
    if stage is Stage.CHAIN_CORRECTION:
        to_unit = case.last_return is not None and case.last_return.to == "unit"
        return case.unit if to_unit else APPLICANT
    if stage in OF_THE_OFFICE:
        return case.office
    return case.policy.committee.city_office if stage is Stage.AWAITING_CONFIRMATION else APPLICANT


def superior_of(case: Case, organisation: str) -> str:
    """The superior of an organisation on the route; of the office, 市职改办; of the unit without
    one, the next organisation (A55)."""
    if organisation == case.office:
        return case.policy.committee.city_office
    for index, place in enumerate(case.places):
        if place.organisation == organisation:
            following = case.places[index + 1].organisation if index + 1 < len(case.places) else ""
            return place.superior or following or case.policy.committee.city_office
    return ""


def party_organisation(case: Case, party: Party) -> str:
    """The organisation a party stands for; empty for persons."""
    held = holder(case)
    found = {
        Party.UNIT: case.unit,
        Party.HOLDER: "" if held == APPLICANT else held,
        Party.SUPERIOR: superior_of(case, case.unit if held == APPLICANT else held),
        Party.OFFICE: case.office,
        Party.OFFICE_SUPERIOR: case.policy.committee.city_office,
        Party.CITY_OFFICE: case.policy.committee.city_office,
        Party.FORWARDER: case.forwarder,
        Party.ENTRUSTING_UNIT: case.facts.entrusting_unit,
    }
    return found.get(party, "")


def relations(case: Case, actor: Actor, act: str = "") -> frozenset[Relation]:
    """How an actor stands to a case (design.md 12).

    The applicant is never anything but the applicant on the own case, under whatever row of the
    directory, so that nobody reviews what he or she applied for. A weighty role needs a human.

    Args:
        act: the act it is asked for; only for one that is lent a deputy stands as the supervisor.
    """
    if (actor.person and actor.person == case.person) or actor.is_human(case.human):
        return frozenset({Relation.APPLICANT, Relation.ANYONE})
    held = holder(case)
    organisation = actor.organisation
    found = {Relation.ANYONE}
    if actor.role == "operations":
        found.add(Relation.OPERATIONS)
    if actor.role == "system":
        found.add(Relation.SYSTEM)
    if actor.role == "meeting" and _has_it(case, actor):
        found.add(Relation.MEETING)
    if not organisation:
        return frozenset(found)
    found |= {at for at, name in _organisations(case, held).items() if organisation in name}
    leads = actor.role == "supervisor" or _stands_in(case, actor, act)
    if organisation == case.office and leads and actor.human:
        found.add(Relation.OFFICE_SUPERVISOR)
    if held == APPLICANT:
        found.discard(Relation.HOLDER)
    return frozenset(found)


def stands_for(case: Case, relation: Relation) -> Actor:
    """Somebody who stands to the case in this way: whom a page without a person asks for."""
    match relation:
        case Relation.APPLICANT:
            return Actor(person=case.person or APPLICANT)
        case Relation.OFFICE | Relation.OFFICE_SUPERVISOR:
            role = "supervisor" if relation is Relation.OFFICE_SUPERVISOR else ""
            return Actor(person=relation.value, organisation=case.office, role=role, human=SOMEBODY)
        case Relation.MEETING:
            meeting = case.meeting if case.in_meeting else "meeting"
            return Actor(person=f"meeting:{meeting}", role="meeting")
        case Relation.OPERATIONS | Relation.SYSTEM:
            return Actor(person=relation.value, role=relation.value)
        case _:
            names = _organisations(case, holder(case)).get(relation, ())
            organisation = next((name for name in names if name), "")
            return Actor(person=relation.value, organisation=organisation)


def _stands_in(case: Case, actor: Actor, act: str) -> bool:
    """Whether an actor covers a supervisor in this act; never on the supervisor's own case."""
    cover = actor.cover
    if cover is None or not actor.is_lent(act):
        return False
    return cover.principal != case.person and cover.human != case.human


def _organisations(case: Case, held: str) -> dict[Relation, tuple[str, ...]]:
    at_work = case.unit if held == APPLICANT else held
    return {
        Relation.UNIT: (case.unit,),
        Relation.HOLDER: (held,),
        # The unit's superior may take over an objection whoever holds the case meanwhile (T3).
        Relation.SUPERIOR: (superior_of(case, case.unit), superior_of(case, at_work)),
        Relation.OFFICE: (case.office,),
        Relation.CITY_OFFICE: (case.policy.committee.city_office,),
        Relation.FORWARDER: (case.forwarder,),
    }


def _has_it(case: Case, meeting: Actor) -> bool:
    """Once a meeting has the case no other meeting speaks to it."""
    if case.in_meeting:
        return meeting.person == f"meeting:{case.meeting}"
    return meeting.person.startswith("meeting:")
