"""Who sees which section of which subject until when: the one rule that pages, lists and papers ask.

What is not for somebody is left out or refused here, on the way out of the record, whatever page
asks for it. The table people read is in docs/security.md, section "Seeing".
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from activities.papers.catalogue import Paper
from activities.views import CaseView, Whose
from workflows.rules.papers import Reader
from workflows.rules.refusals import Code, refuse
from workflows.writer.messages import Actor

if TYPE_CHECKING:
    from workflows.rules.policy import Policy

STAFF = frozenset({"member", "supervisor"})
OPERATORS = "operations"


class Section(StrEnum):
    """A part of what is known, as it is shown or kept back as a whole."""

    CASE = "case"
    """Where a case stands, who holds it, its clocks, what can be done, and its steps."""
    STATEMENT = "statement"
    """What an objection or complaint says, its contact, and who made it (T3)."""
    HEARING = "hearing"
    """What the applicant answered to it."""
    LETTERS = "letters"
    COMPLAINANT = "complainant"
    """Who gets the letters to whoever objected or complained."""
    INBOX = "inbox"
    POOL = "pool"
    """A committee's experts by name."""
    SEATS = "seats"
    """Who sits in a meeting."""
    VOTES = "votes"
    """A meeting's list with its votes."""
    BATCHES = "batches"
    """Where each person of a batch of results stands."""
    REGISTER = "register"
    """影响期 and integrity records of people."""
    MONEY = "money"
    """A bank's lines, with who paid."""
    GRANTS = "grants"
    """Who may act for an organisation, by name; what it is, and its contact, is anybody's."""
    ACCOUNTS = "accounts"
    """Who may sign in, under which name, and when last."""
    REPORTS = "reports"
    """Which clocks struck on which case, how long cases lay with whom, whose duties are late."""
    VIEWINGS = "viewings"
    """Who looked at whose case."""
    FLEET = "fleet"
    """What carries the office: versions of the workers, queues, the schema; nothing of a person."""
    MEETINGS = "meetings"
    """When a committee meets, in which phase it is and how many it has before it."""


SEEN_BY: dict[Section, frozenset[Reader]] = {
    Section.CASE: frozenset(
        {
            Reader.APPLICANT,
            Reader.UNIT,
            Reader.CHAIN,
            Reader.ENTRUSTING_UNIT,
            Reader.OFFICE,
            Reader.CITY_OFFICE,
            Reader.OPERATIONS,
        }
    ),
    Section.STATEMENT: frozenset({Reader.INQUIRER, Reader.AUTHOR}),
    Section.HEARING: frozenset({Reader.INQUIRER, Reader.APPLICANT}),
    Section.LETTERS: frozenset(
        {
            Reader.APPLICANT,
            Reader.UNIT,
            Reader.CHAIN,
            Reader.OFFICE,
            Reader.CITY_OFFICE,
            Reader.OPERATIONS,
        }
    ),
    Section.COMPLAINANT: frozenset({Reader.INQUIRER, Reader.AUTHOR, Reader.OPERATIONS}),
    Section.INBOX: frozenset({Reader.OWN, Reader.CITY_OFFICE, Reader.OPERATIONS}),
    Section.POOL: frozenset({Reader.OFFICE, Reader.CITY_OFFICE, Reader.OPERATIONS}),
    Section.SEATS: frozenset({Reader.OFFICE}),
    Section.VOTES: frozenset({Reader.OFFICE}),
    Section.BATCHES: frozenset({Reader.OFFICE, Reader.CITY_OFFICE, Reader.OPERATIONS}),
    Section.REGISTER: frozenset({Reader.OFFICE, Reader.CITY_OFFICE, Reader.OPERATIONS}),
    Section.MONEY: frozenset({Reader.OFFICE}),
    Section.GRANTS: frozenset({Reader.OWN, Reader.CHAIN, Reader.CITY_OFFICE, Reader.OPERATIONS}),
    Section.ACCOUNTS: frozenset({Reader.OPERATIONS}),
    Section.REPORTS: frozenset({Reader.CITY_OFFICE, Reader.OPERATIONS}),
    Section.VIEWINGS: frozenset({Reader.OPERATIONS}),
    Section.FLEET: frozenset({Reader.OPERATIONS}),
    Section.MEETINGS: frozenset({Reader.ANYONE}),
}


@dataclass(frozen=True)
class Circle:
    """Whom a subject concerns, by person and organisation id."""

    office: str = ""
    city_office: str = ""
    applicants: Collection[str] = ()
    humans: Collection[str] = ()
    """Which humans the applicants are (`Actor.human`): another row of the directory is no other human."""
    units: Collection[str] = ()
    chain: Collection[str] = ()
    entrusting: Collection[str] = ()
    own: Collection[str] = ()
    """Whose own matter it is, by person or organisation: an inbox."""

    def readers(self, actor: Actor) -> frozenset[Reader]:
        """How an actor (in the role that the directory gives) stands to it.

        The applicant is never anything else on the own case, as with acts.
        """
        found = {Reader.ANYONE}
        if actor.person in self.applicants or actor.human in set(self.humans) - {""}:
            return frozenset(found | {Reader.APPLICANT, Reader.OWN})
        if not actor.organisation:
            return frozenset(found | ({Reader.OWN} if actor.person in self.own else set()))
        if actor.role == OPERATORS:
            return frozenset(found | {Reader.OPERATIONS})
        if actor.role not in STAFF:
            return frozenset(found)
        at = actor.organisation
        for reader, where in (
            (Reader.UNIT, self.units),
            (Reader.CHAIN, self.chain),
            (Reader.ENTRUSTING_UNIT, self.entrusting),
            (Reader.OFFICE, {self.office} - {""}),
            (Reader.CITY_OFFICE, {self.city_office} - {""}),
            (Reader.OWN, self.own),
        ):
            if at in where:
                found.add(reader)
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
        humans=(case.human,) if case.human else (),
        units=(unit,) if unit else (),
        chain=tuple(place.organisation for place in places[1:]),
        entrusting=(facts.entrusting_unit,) if facts and facts.entrusting_unit else (),
    )


def concerning(actor: Actor) -> Whose:
    """Whose cases an actor finds in a list."""
    if actor.role == OPERATORS:
        return Whose(everybody=True)
    if actor.organisation:
        return Whose(organisation=actor.organisation if actor.role in STAFF else "")
    return Whose(person=actor.person)


def sees(section: Section, actor: Actor, circle: Circle) -> bool:
    """Whether a section is for an actor."""
    return bool(SEEN_BY[section] & circle.readers(actor))


def check_sees(section: Section, actor: Actor, circle: Circle) -> None:
    """Refuse a section to whoever it is not for.

    Raises:
        Refused: `not_entitled`.
    """
    if not sees(section, actor, circle):
        raise refuse(Code.NOT_ENTITLED, what="section", section=section)


def check_reader(
    paper: Paper, actor: Actor, circle: Circle, public_until: datetime | None, at: datetime
) -> None:
    """Refuse a paper to whoever it does not concern; what was posted is anybody's while it hangs.

    Args:
        public_until: when a public paper's publicity is over; None where it hangs still.

    Raises:
        Refused: `not_entitled`.
    """
    readers = paper.readers
    if paper.public and public_until is not None and at >= public_until:
        readers = paper.afterwards
    if not readers & circle.readers(actor):
        raise refuse(Code.NOT_ENTITLED, what="paper", paper_kind=paper.kind)
