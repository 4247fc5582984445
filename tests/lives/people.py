"""Who acts: the words of a scenario's `by`, each with its actor, and what hats an actor wears.

The hats are read from lifecycle T1 and design, not from `parties.py`: a fault there must show.
"""

from __future__ import annotations

from workflows.application.case import Case
from workflows.rules.names import Stage
from workflows.writer.messages import Actor

APPLICANT = "applicant"
STRANGER = "anyone"
SYSTEM = Actor(person="system:operation", role="system")
OTHER_MEETING = Actor(person="meeting:meeting-9999", role="meeting")

OFFICE_HOLDS = (
    Stage.COMMITTEE_INTAKE,
    Stage.AWAITING_MEETING,
    Stage.IN_REVIEW,
    Stage.RESULT_RECORDED,
    Stage.RESULT_PUBLICITY,
    Stage.RECHECK,
)


def office_of(case: Case) -> str:
    """组建单位: the notice's, or the unit's own committee."""
    own = case.facts.self_evaluating and case.policy.self_evaluating.destination == "own"
    return case.places[0].organisation if own else case.policy.committee.office


def holder_of(case: Case) -> str:
    """Who holds a live case (T1), `applicant` for the person."""
    unit, city = case.places[0].organisation, case.policy.committee.city_office
    match case.stage:
        case Stage.UNIT_REVIEW | Stage.UNIT_PUBLICITY:
            return unit
        case Stage.CHAIN_REVIEW:
            return case.places[1 + case.chain_index].organisation
        case Stage.CHAIN_CORRECTION:
            return unit if case.returns[-1].to == "unit" else APPLICANT
        case Stage.AWAITING_CONFIRMATION:
            return city
        case stage if stage in OFFICE_HOLDS:
            return office_of(case)
        case _:
            return APPLICANT


def superior_of(case: Case, organisation: str) -> str:
    """Who is above an organisation; of the office 市职改办; else the next on the way (A55)."""
    if organisation == office_of(case):
        return case.policy.committee.city_office
    ways = [place.organisation for place in case.places]
    if organisation not in ways:
        return ""
    at = ways.index(organisation)
    own, following = case.places[at].superior, [*ways, case.policy.committee.city_office][at + 1]
    return own or following


def hats(case: Case, actor: Actor) -> frozenset[str]:
    """How an actor stands to a case; the applicant is nothing else on the own case."""
    if actor.person == case.person or (case.human and actor.human == case.human):
        return frozenset({"applicant"})
    worn = set()
    if actor.role in ("operations", "system"):
        worn.add(actor.role)
    if actor.role == "meeting":
        known = case.in_meeting and actor.person != f"meeting:{case.meeting}"
        worn |= set() if known else {"meeting"}
    organisation = actor.organisation
    if not organisation:
        return frozenset(worn)
    holder = holder_of(case)
    unit = case.places[0].organisation
    at_work = unit if holder == APPLICANT else holder
    office = office_of(case)
    if organisation == unit:
        worn.add("unit")
    if organisation == holder:
        worn.add("holder")
    if organisation in (superior_of(case, at_work), superior_of(case, unit)):
        worn.add("superior")
    if organisation == office:
        worn.add("office")
        if actor.role == "supervisor":
            worn.add("supervisor")
    if organisation == case.policy.committee.city_office:
        worn.add("city")
    if organisation == case.places[-1].organisation:
        worn.add("forwarder")
    if organisation in [place.organisation for place in case.places[1:]]:
        worn.add("chain")
    return frozenset(worn)


def member(organisation: str, *, role: str = "member", second: bool = False) -> Actor:
    """A person of an organisation."""
    name = f"{organisation}/{'second' if second else role}"
    return Actor(person=name, organisation=organisation, role=role, human=f"human of {name}")


def actor_of(case: Case, word: str) -> Actor:
    """The person a word of `by` means on a case."""
    if word.startswith("chain["):
        index = int(word[6:-1])
        return member(case.places[min(1 + index, len(case.places) - 1)].organisation)
    match word:
        case "applicant":
            return Actor(person=case.person)
        case "unit":
            return member(case.places[0].organisation)
        case "forwarder":
            return member(case.places[-1].organisation)
        case "office":
            return member(office_of(case))
        case "office[1]":
            return member(office_of(case), second=True)
        case "office_supervisor":
            return member(office_of(case), role="supervisor")
        case "city_office":
            return member(case.policy.committee.city_office)
        case "superior":
            return member(superior_of(case, case.places[0].organisation) or "nobody")
        case "operations":
            return Actor(person="ops", organisation="zhiping-operations", role="operations")
        case "system":
            return SYSTEM
        case "meeting":
            name = case.meeting if case.in_meeting else "meeting-0190"
            return Actor(person=f"meeting:{name}", role="meeting")
        case "other_meeting":
            return OTHER_MEETING
        case "applicant_at_unit":
            return Actor(person=case.person, organisation=case.places[0].organisation)
        case "applicant_at_office":
            # Another row of the directory with the applicant's own ID number.
            return Actor(person="row-2", organisation=office_of(case), human=case.human)
        case _:
            return Actor(person="visitor-1", role="public")


WORDS = (
    "applicant",
    "unit",
    "chain[0]",
    "chain[1]",
    "office",
    "office[1]",
    "office_supervisor",
    "city_office",
    "superior",
    "forwarder",
    "meeting",
    "other_meeting",
    "operations",
    "system",
    "applicant_at_unit",
    "applicant_at_office",
    "anyone",
)


def holder_word(case: Case) -> str:
    """The word for whoever holds a live case."""
    holder = holder_of(case)
    if holder == APPLICANT:
        return "applicant"
    if case.stage is Stage.CHAIN_REVIEW:
        return f"chain[{case.chain_index}]"
    if holder == case.places[0].organisation and case.stage in (
        Stage.UNIT_REVIEW,
        Stage.UNIT_PUBLICITY,
        Stage.CHAIN_CORRECTION,
    ):
        return "unit"
    return "city_office" if case.stage is Stage.AWAITING_CONFIRMATION else "office"
