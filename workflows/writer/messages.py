"""What every writer takes in and orders: acts with who acts, letters, tasks."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from workflows.rules.days import Moment
from workflows.rules.message import Message
from workflows.rules.names import LetterKind, Party
from workflows.rules.refusals import Refusal
from workflows.rules.text import Line, Stated

MAX_PAYLOAD_BYTES = 64 * 1024

Id = Annotated[Line, StringConstraints(max_length=200)]
"""Longer than any of ours, shorter than what an index can hold."""


class Cover(Message):
    """Absence cover: the supervisor whom a member of the same organisation stands in for these days.

    Put beside an actor by a person's door alone, out of the register of covers, at the realm's time
    (decision 0037). `acts` are those that are lent; none where the actor acts in his or her own right,
    and then the two are one side all the same.
    """

    principal: Id
    human: Id
    """Which human the supervisor is (`Actor.human`)."""
    acts: tuple[Id, ...] = ()


class Actor(Message):
    """Who acts, vouched for by the gateway (design.md 12); `person` is an opaque id.

    `human` tells which human a row of the directory is, by the keyed hash of the ID number: two rows
    with one number are one human. Empty where nobody stated a number.
    """

    person: Id
    organisation: Id = ""
    role: Id = ""
    human: Id = ""
    # Left out where there is none, so that an actor is written as before there were covers.
    cover: Cover | None = Field(default=None, exclude_if=lambda cover: cover is None)

    @property
    def principal(self) -> str:
        """The person in whose place an act was done; empty where it was done in the own right."""
        return self.cover.principal if self.cover is not None and self.cover.acts else ""

    def is_human(self, human: str) -> bool:
        """Whether this is known to be that human."""
        return bool(human) and self.human == human

    def is_one_side_with(self, other: Actor) -> bool:
        """Whether the two cannot check one another: one human, or one stands in for the other, or
        both for the same."""
        return bool(self._side & other._side)

    def is_lent(self, act: str) -> bool:
        """Whether this act may be done in the place of the supervisor who is covered."""
        return self.cover is not None and bool(self.cover.human) and act in self.cover.acts

    def in_own_right(self) -> Actor:
        """The same with nothing lent."""
        return self._lent(())

    def under_cover(self, act: str) -> Actor | None:
        """The same with this one act lent; None where it is not."""
        return self._lent((act,)) if self.is_lent(act) else None

    def for_act(self, act: str) -> Actor:
        """As he or she comes to this act: with it lent where it is, else in the own right."""
        return self.under_cover(act) or self.in_own_right()

    @property
    def _side(self) -> frozenset[tuple[str, str]]:
        people, humans = {self.person}, {self.human}
        if self.cover is not None:
            people.add(self.cover.principal)
            humans.add(self.cover.human)
        return frozenset(
            [("person", item) for item in people - {""}]
            + [("human", item) for item in humans - {""}]
        )

    def _lent(self, acts: tuple[str, ...]) -> Actor:
        if self.cover is None or self.cover.acts == acts:
            return self
        return self.model_copy(update={"cover": self.cover.model_copy(update={"acts": acts})})


class Act(Message):
    """One act on a case, as signal or update of the action's name.

    `acted_at` is stamped by the gateway; absent on a bare signal it is the workflow's time.
    """

    request_id: Id = ""
    actor: Actor
    acted_at: Moment | None = None
    payload: dict[Line, Stated] = {}


class Why(StrEnum):
    """Why a case or meeting stands still until operations looked at it."""

    NOT_WRITTEN = "not_written"
    """The record gave an answer that no retry changes."""
    CALENDAR_MISSING = "calendar_missing"
    """A clock reaches into a year that is not published; its coming frees it."""
    CANNOT_COMPUTE = "cannot_compute"
    UNFORESEEN = "unforeseen"
    """Our own rules failed over an act or a clock: nothing was changed, nobody guesses."""


class Parked(Message):
    """A case or meeting that stands still: why, over what, and with which values."""

    why: Why
    what: str = ""
    params: dict[str, str] = {}

    def __str__(self) -> str:
        """As operations read it in logs and on the page."""
        values = " ".join(f"{key}={value}" for key, value in sorted(self.params.items()))
        return f"{self.why.value} {self.what} {values}".strip()


class Standstill(Message):
    """Tells the record that a case or meeting stands still, or goes on again, as operations' task."""

    application: str = ""
    meeting: str = ""
    realm: str
    at: datetime
    parked: Parked | None = None
    """None where it goes on again."""

    @property
    def subject(self) -> str:
        """The case's or the meeting's id."""
        return self.application or self.meeting


class Waiting(Message):
    """A message by signal that waits to be decided, as a run carries it into the next."""

    name: str
    act: Act | None = None
    unreadable: tuple[Refusal, ...] = ()
    near: bool = True
    """Whether its sender has to do with the subject."""
    size: int = 0


class Carried(Message):
    """What a run carries into the next beside its subject: who waits, and why it stands still."""

    waiting: tuple[Waiting, ...] = ()
    parked: Parked | None = None


class LetterOrder(Message):
    """A letter to be written: kind, recipient and the values of its template (no personal data).

    `id` is assigned by the workflow (uuid7); `organisation` where the party is one of several.
    """

    id: str = ""
    kind: LetterKind
    to: Party
    organisation: str = ""
    person: str = ""
    params: dict[str, str] = {}


class TaskItem(Message):
    """A piece of work somebody holds, derived from the case's state."""

    key: str
    kind: str
    organisation: str = ""
    """Empty where the applicant holds it."""
    person: str = ""
    due_on: date | None = None
    params: dict[str, str] = {}


class SnapshotRequest(Message):
    """Asks for a case's live state as of an instant (never the workflow's own clock)."""

    as_of: datetime
    actions: bool = True
    """Whether it is asked what can be done; who only waits for the clock does not need it."""
