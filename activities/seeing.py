"""Who sees which section of which subject until when: the one rule that pages, lists and papers ask.

What is not for somebody is left out or refused here, on the way out of the record, whatever page
asks for it. The table people read is in docs/security.md, section "Seeing".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from activities.papers.catalogue import Paper
from activities.views import CaseView, LetterView, TimelineEntry, Whose
from workflows.application.case import Case, Inquiry
from workflows.application.inquiring import may_inquire
from workflows.rules.names import Party
from workflows.rules.papers import Reader
from workflows.rules.policy import Policy
from workflows.rules.refusals import Code, refuse
from workflows.writer.messages import Actor

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
    Section.MEETINGS: frozenset({Reader.ANYONE}),
}

OBJECTING = frozenset({"raise_objection", "file_complaint"})
SECTION_OF = {name: Section.STATEMENT for name in OBJECTING} | {
    "respond_to_inquiry": Section.HEARING
}
"""Acts whose words are not for everybody who sees the case."""
NAMING_PARTIES = frozenset({Party.COMPLAINANT.value, Party.ACTOR.value})
"""Parties of a letter that may be who objected: an answer, or the refusal of it."""
KEPT_BACK = ("text", "contact")
"""What of a statement names people; that it was made, and against whom, is no secret."""


@dataclass(frozen=True)
class Circle:
    """Whom a subject concerns, by person and organisation id."""

    office: str = ""
    city_office: str = ""
    applicants: Collection[str] = ()
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
        if actor.person in self.applicants:
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


@dataclass(frozen=True)
class Eyes:
    """One actor looking at one case: what of its trail and letters is his or hers to see."""

    actor: Actor
    circle: Circle
    case: Case | None = None
    """The case with its inquiries; without it nobody is known to inquire."""

    def check(self, section: Section) -> None:
        """Refuse a section of the case.

        Raises:
            Refused: `not_entitled` where it is not for the actor.
        """
        check_sees(section, self.actor, self.circle)

    def trail(self, entries: Sequence[TimelineEntry]) -> tuple[TimelineEntry, ...]:
        """The steps, with statements and answers kept back from whoever they are not for.

        Raises:
            Refused: `not_entitled` where the case is not for the actor at all.
        """
        self.check(Section.CASE)
        return tuple(self._shown(entry) for entry in entries)

    def letters(self, letters: Iterable[LetterView]) -> tuple[LetterView, ...]:
        """The letters; which person objected is not told by whom one of them went to.

        Raises:
            Refused: `not_entitled`.
        """
        self.check(Section.LETTERS)
        return tuple(
            letter
            if letter.party not in NAMING_PARTIES or self._knows(letter.person)
            else letter.model_copy(update={"person": "", "organisation": ""})
            for letter in letters
        )

    def _knows(self, person: str) -> bool:
        if person == self.actor.person or person in self.circle.applicants:
            return True
        if SEEN_BY[Section.COMPLAINANT] & self.circle.readers(self.actor):
            return True
        return any(self._inquires(item) for item in self._inquiries if item.by == person)

    def _shown(self, entry: TimelineEntry) -> TimelineEntry:
        section = SECTION_OF.get(entry.name)
        if section is None or SEEN_BY[section] & self._readers_of(entry):
            return entry
        kept = {key: value for key, value in entry.payload.items() if key not in KEPT_BACK}
        if section is not Section.STATEMENT:
            return entry.model_copy(update={"payload": kept})
        nobody = {"actor": "", "actor_name": "", "organisation": "", "organisation_name": ""}
        changes = {"payload": kept, "reason": "", "request_id": "", "relation": None, **nobody}
        return entry.model_copy(update=changes)

    def _readers_of(self, entry: TimelineEntry) -> frozenset[Reader]:
        found = set(self.circle.readers(self.actor))
        if entry.actor and entry.actor == self.actor.person:
            found.add(Reader.AUTHOR)
        about = (
            item
            for item in self._inquiries
            if entry.name not in OBJECTING or item.raised_at == entry.acted_at
        )
        if any(self._inquires(item) for item in about):
            found.add(Reader.INQUIRER)
        return frozenset(found)

    @property
    def _inquiries(self) -> Sequence[Inquiry]:
        return self.case.inquiries if self.case is not None else ()

    def _inquires(self, inquiry: Inquiry) -> bool:
        """Whether the actor is of the body that inquires; the applicant is of none."""
        if self.case is None or self.actor.role not in STAFF:
            return False
        if Reader.APPLICANT in self.circle.readers(self.actor):
            return False
        return may_inquire(self.case, inquiry, self.actor.organisation)
