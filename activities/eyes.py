"""Somebody looking at one case: what of its trail and its letters is his or hers to see.

A part of the one rule (`activities.seeing`): who objected, and what was said of whom, follows from the
case's own inquiries.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from activities.seeing import SEEN_BY, STAFF, Circle, Section, check_sees
from activities.views import LetterView, TimelineEntry
from workflows.application.case import Case, Inquiry
from workflows.application.inquiring import may_inquire
from workflows.rules.names import Party
from workflows.rules.papers import Reader
from workflows.writer.messages import Actor

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
        nobody |= {"principal": ""}
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
