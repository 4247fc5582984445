"""A move of a meeting: the working copy while one act, clock or answer changes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from workflows.meeting.meeting import Batch, Meeting, Phase
from workflows.meeting.messages import RowChange, Select, TellingOrder
from workflows.rules.calendar import Calendar
from workflows.rules.deadlines import Deadline
from workflows.rules.message import local_date
from workflows.rules.names import LetterKind, Party, Relation, RuleName
from workflows.rules.policy import Policy
from workflows.rules.refusals import Code, refuse
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
    source: Literal["act", "clock", "reminder", "told"] = "act"
    actor: Actor | None = None
    relation: Relation | None = None
    request_id: str = ""
    payload: dict[str, Any] = field(default_factory=dict)
    clause: str = ""
    reason: str = ""
    batch: int | None = None
    letters: list[LetterOrder] = field(default_factory=list)
    change: RowChange | None = None
    telling: TellingOrder | None = None
    phase_before: Phase | None = None
    seed: str = ""
    """Chance, drawn by the workflow for this step."""

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
        """The batch an act is about.

        Raises:
            Refused: `not_found` naming those there are.
        """
        found = self.meeting.batch(number)
        if found is None:
            known = "、".join(str(item.number) for item in self.meeting.batches) or "无"
            raise refuse(Code.NOT_FOUND, "", what="batch", known=known)
        self.batch = number
        return found

    def open(self, deadline: Deadline) -> None:
        """Start a clock, replacing one of the same key."""
        self.close(deadline.key)
        started = deadline.model_copy(
            update={
                "opened_at": self.at,
                "started_by": self.action,
                "policy": self.policy.version,
            }
        )
        self.meeting.deadlines.append(started)

    def close(self, key: RuleName | str) -> None:
        """Stop a clock: met, or of no use any more."""
        meeting = self.meeting
        meeting.deadlines = [item for item in meeting.deadlines if item.key != str(key)]
        meeting.reminded.pop(str(key), None)

    def say(
        self,
        action: str,
        select: Select,
        *,
        batch: int | None = None,
        payload: dict[str, Any] | None = None,
        application: str = "",
        entrusting: str = "",
    ) -> None:
        """Order a word to be told to the cases that the selection finds."""
        meeting = self.meeting
        meeting.tellings += 1
        self.telling = TellingOrder(
            id=f"{meeting.meeting}/{batch or 0}/{action}/{meeting.tellings}",
            action=action,
            batch=batch,
            select=select,
            payload=payload or {},
            application=application,
            entrusting=entrusting,
        )

    def tell(self, kind: LetterKind, to: Party, organisation: str, **params: object) -> None:
        """Order a letter to an organisation; empty values are left out."""
        stated = {key: str(value) for key, value in params.items() if value not in (None, "")}
        stated["meeting_number"] = self.meeting.number
        self.letters.append(LetterOrder(kind=kind, to=to, organisation=organisation, params=stated))

    def tell_office(self, task: str, **params: object) -> None:
        """Tell the committee's office what it is asked to do."""
        self.tell(LetterKind.TASK, Party.OFFICE, self.meeting.office, task=task, **params)

    def tell_city_office(self, task: str, **params: object) -> None:
        """Tell 市职改办 what it is asked to do."""
        city_office = self.meeting.committee.city_office
        self.tell(LetterKind.TASK, Party.CITY_OFFICE, city_office, task=task, **params)


def relations_to(meeting: Meeting, actor: Actor | None) -> frozenset[Relation]:
    """How an actor stands to a meeting (design.md 12)."""
    if actor is None:
        return frozenset()
    found: set[Relation] = set()
    if actor.role == "operations":
        found.add(Relation.OPERATIONS)
    if actor.role == "system":
        found.add(Relation.SYSTEM)
    if actor.organisation == meeting.office:
        found.add(Relation.OFFICE)
        if actor.role == "supervisor":
            found.add(Relation.OFFICE_SUPERVISOR)
    if actor.organisation and actor.organisation == meeting.committee.city_office:
        found.add(Relation.CITY_OFFICE)
    return frozenset(found)
