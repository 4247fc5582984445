"""Who may have a paper made and fetch it: by relation to the case or batch, never by asking."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from activities.papers.catalogue import Paper
from activities.views import CaseView
from workflows.rules.papers import Reader
from workflows.rules.policy import Policy
from workflows.rules.refusals import Code, refuse
from workflows.writer.messages import Actor

STAFF = frozenset({"member", "supervisor"})


@dataclass(frozen=True)
class Circle:
    """Whom a case or batch concerns, by person and organisation id."""

    office: str
    city_office: str
    applicants: Collection[str] = ()
    units: Collection[str] = ()
    chain: Collection[str] = ()
    entrusting: Collection[str] = ()

    def readers(self, actor: Actor) -> frozenset[Reader]:
        """How an actor stands to it.

        The applicant is never anything else on the own case, as with acts; operations staff keep
        the machine running and read no papers.
        """
        found = {Reader.ANYONE}
        if actor.person in self.applicants:
            return frozenset(found | {Reader.APPLICANT})
        if actor.role not in STAFF or not actor.organisation:
            return frozenset(found)
        at = actor.organisation
        if at in self.units:
            found.add(Reader.UNIT)
        if at in self.chain:
            found.add(Reader.CHAIN)
        if at in self.entrusting:
            found.add(Reader.ENTRUSTING_UNIT)
        if at == self.office:
            found.add(Reader.OFFICE)
        if at == self.city_office:
            found.add(Reader.CITY_OFFICE)
        return frozenset(found)


def circle_of_case(case: CaseView, policy: Policy) -> Circle:
    """Whom a case concerns."""
    facts, places = case.facts, case.places
    own = bool(facts and facts.self_evaluating) and policy.self_evaluating.destination == "own"
    unit = places[0].organisation if places else ""
    return Circle(
        office=unit if own else policy.committee.office,
        city_office=policy.committee.city_office,
        applicants=(case.person,) if case.person else (),
        units=(unit,) if unit else (),
        chain=tuple(place.organisation for place in places[1:]),
        entrusting=(facts.entrusting_unit,) if facts and facts.entrusting_unit else (),
    )


def may_read(paper: Paper, actor: Actor, circle: Circle) -> bool:
    """Whether an actor may have this paper."""
    return bool(paper.readers & circle.readers(actor))


def check_reader(paper: Paper, actor: Actor, circle: Circle) -> None:
    """Refuse whoever it does not concern.

    Raises:
        Refused: `not_entitled`.
    """
    if not may_read(paper, actor, circle):
        raise refuse(Code.NOT_ENTITLED, what="paper", paper_kind=paper.kind)
