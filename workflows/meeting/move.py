"""A move of a meeting: the working copy while one act, clock or answer changes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from workflows.application.case import Caution
from workflows.letter.kinds import Task
from workflows.letter.letter import Addressed, OfMeeting
from workflows.meeting.clocks import clock_of
from workflows.meeting.meeting import Batch, Meeting, Phase
from workflows.meeting.messages import MeetingBasis, RowChange, Select, TellingOrder
from workflows.meeting.words import P, Word
from workflows.rules.calendar import Calendar
from workflows.rules.deadlines import Deadline
from workflows.rules.message import local_date
from workflows.rules.names import CautionCode, Party, Relation, RuleName
from workflows.rules.policy import Policy
from workflows.rules.refusals import Code, Refusal, refuse
from workflows.writer.messages import Actor, LetterOrder


@dataclass
class MeetingMove:
    """One step in the making. `at` is when the person acted or the clock struck.

    `change` and `telling` are carried out with the step, in its transaction.
    """

    meeting: Meeting
    action: str
    at: datetime
    now: datetime
    source: Literal["act", "clock", "reminder", "refusal", "told"] = "act"
    actor: Actor | None = None
    relation: Relation | None = None
    request_id: str = ""
    mark: str = ""
    """What the request asked (`writer.requests.fingerprint`): a repeat must ask the same."""
    payload: dict[str, Any] = field(default_factory=dict)
    clause: str = ""
    reason: str = ""
    batch: int | None = None
    letters: list[LetterOrder] = field(default_factory=list)
    warnings: list[Caution] = field(default_factory=list)
    refusals: tuple[Refusal, ...] = ()
    """Of a step that records a no."""
    published: MeetingBasis | None = None
    """The rules and calendar that an amendment brings."""
    change: RowChange | None = None
    telling: TellingOrder | None = None
    phase_before: Phase | None = None

    @property
    def on(self) -> date:
        """The Beijing day of the act."""
        return local_date(self.at)

    @property
    def policy(self) -> Policy:
        """The rules the meeting travels with."""
        return self.meeting.policy

    @property
    def calendar(self) -> Calendar:
        """The calendar the meeting travels with."""
        return self.meeting.calendar

    def batch_named(self, number: int) -> Batch:
        """The batch an act is about; the step is about it from here on.

        Raises:
            Refused: `not_found` naming those there are.
        """
        found = self.meeting.batch(number)
        if found is None:
            known = "、".join(str(item.number) for item in self.meeting.batches) or "无"
            raise refuse(Code.NOT_FOUND, "", what="batch", known=known)
        self.batch = number
        return found

    def clause_of(self, key: str, default: str = "") -> str:
        """The clause that the meeting's own notice has for something."""
        return self.policy.clause(key, default)

    def clock(self, rule: RuleName, batch: int) -> Deadline | None:
        """The running clock of a batch, as the facts have it at this point of the move."""
        return clock_of(self.meeting, rule, batch)

    def say(
        self,
        word: Word[P],
        select: Select,
        payload: P,
        *,
        batch: int | None = None,
        application: str = "",
        entrusting: str = "",
    ) -> None:
        """Order a word to be told to the cases that the selection finds."""
        meeting = self.meeting
        meeting.tellings += 1
        self.telling = TellingOrder(
            id=f"{meeting.meeting}/{batch or 0}/{word.action}/{meeting.tellings}",
            action=word.action,
            batch=batch,
            select=select,
            payload=payload.model_dump(mode="json", exclude_unset=True),
            application=application,
            entrusting=entrusting,
        )

    def tell(self, letter: OfMeeting, to: Party, organisation: str) -> None:
        """Order a letter to an organisation, under the meeting's number."""
        numbered = letter.from_meeting(self.meeting.number)
        self.letters.append(Addressed(numbered, to, organisation).order)

    def warn(self, code: CautionCode, clause: str = "", **params: object) -> None:
        """Say beside the yes what a careful colleague would say."""
        stated = {key: str(value) for key, value in params.items() if value not in (None, "")}
        self.warnings.append(Caution(code=code, clause=clause, params=stated))

    def tell_office(self, task: Task) -> None:
        """Tell the committee's office what it is asked to do."""
        self.tell(task, Party.OFFICE, self.meeting.office)

    def tell_city_office(self, task: Task) -> None:
        """Tell 市职改办 what it is asked to do."""
        self.tell(task, Party.CITY_OFFICE, self.meeting.committee.city_office)


def relations_to(meeting: Meeting, actor: Actor | None, act: str = "") -> frozenset[Relation]:
    """How an actor stands to a meeting (design.md 12).

    Args:
        act: the act it is asked for; only for one that is lent a deputy stands as the supervisor.
    """
    if actor is None:
        return frozenset()
    found: set[Relation] = set()
    if actor.role == "operations":
        found.add(Relation.OPERATIONS)
    if actor.role == "system":
        found.add(Relation.SYSTEM)
    if actor.organisation == meeting.office:
        found.add(Relation.OFFICE)
        if actor.role == "supervisor" or (actor.human and actor.is_lent(act)):
            found.add(Relation.OFFICE_SUPERVISOR)
    if actor.organisation and actor.organisation == meeting.committee.city_office:
        found.add(Relation.CITY_OFFICE)
    return frozenset(found)


def stands_for(meeting: Meeting, relation: Relation) -> Actor:
    """Somebody who stands to the meeting in this way: whom a page without a person asks for."""
    match relation:
        case Relation.OFFICE | Relation.OFFICE_SUPERVISOR:
            role = "supervisor" if relation is Relation.OFFICE_SUPERVISOR else ""
            return Actor(person=relation.value, organisation=meeting.office, role=role)
        case Relation.CITY_OFFICE:
            return Actor(person=relation.value, organisation=meeting.committee.city_office)
        case _:
            return Actor(person=relation.value, role=relation.value)
