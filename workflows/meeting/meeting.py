"""The state of one committee meeting and its result batches: what the `Meeting` workflow remembers.

What concerns one candidate (recusals, opinion, totals, where the confirmation stands) is a row in
Postgres, because a meeting may have thousands; here are the people of the committee, the phase, and
the batches with their clocks (decision 0009).
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from workflows.rules.calendar import Calendar
from workflows.rules.clocks import Clocked
from workflows.rules.committee import Committee, Seat
from workflows.rules.draw import Drawn
from workflows.rules.message import Message, State, copy_of, local_date
from workflows.rules.policy import Policy
from workflows.rules.publicity import Publicity
from workflows.writer.messages import Actor


class Phase(StrEnum):
    """Where a meeting stands (domain.md 3B)."""

    PLANNED = "planned"
    EXPERTS_DRAWN = "experts_drawn"
    OPENED = "opened"
    SIGNED = "signed"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class BatchPhase(StrEnum):
    """Where a batch of results stands on its way to the confirmation."""

    COLLECTED = "collected"
    """Signed, or released from an inquiry into a supplementary batch."""
    POSTED = "posted"
    SENT = "sent"
    CONFIRMED = "confirmed"


class Track(StrEnum):
    """How a candidate's result takes effect."""

    CONFIRM = "confirm"
    """By 职称资格确认通知."""
    REPLY = "reply"
    """委托评审: by 函复 to the entrusting unit, never in the draft."""
    FILE = "file"
    """自主评审 with an own committee: filed 备案."""


class UnderWay(Message):
    """A word that is being told to cases: the next act waits until all have answered."""

    id: str
    action: str
    batch: int | None = None
    lines: int = 0


class Waiting(Message):
    """Candidates of one batch and track whom an inquiry let go, and since when."""

    track: Track
    batch: int
    since: date
    number: int
    posted: bool = True


class Owed(Message):
    """Day 0 of the days within which results of a track must be sent on."""

    on: date
    at: datetime


class Batch(State):
    """One batch of results: the meeting's own, or a supplementary one with its own clock (A9)."""

    number: int
    supplementary: bool = False
    phase: BatchPhase = BatchPhase.COLLECTED
    began_on: date
    """Day 0 of its first clock: the last meeting day, or the day an inquiry ended."""
    reported_on: date | None = None
    posted_on: date | None = None
    publicity: Publicity | None = None
    opened_at: datetime
    reports: bool = True
    """Whether it owes a report: not one whose results were reported and posted with another."""
    sent_at: datetime | None = None
    issued_on: date | None = None
    document: str = ""
    replied_on: date | None = None
    filed_on: date | None = None
    counted: bool = False
    """True once the record has counted its results."""
    owed: dict[str, Owed] = {}
    """Since when its results of a track wait to be sent on (A9)."""
    rows: int = 0
    unposted: int = 0
    """How many of its results were not posted or told yet."""
    tracks: dict[str, int] = {}
    """How many of it are still to take effect, by track."""

    @property
    def sent_on(self) -> date | None:
        """The day its draft went to 市职改办."""
        return local_date(self.sent_at) if self.sent_at else None

    def waits_for(self, track: Track) -> bool:
        """Whether results of this track have not taken effect."""
        return self.tracks.get(track, 0) > 0


class Commitment(Message):
    """The supervising office's word for the next draw: the hash of a value it keeps to itself."""

    digest: str
    by: Actor
    at: datetime


class Redraw(Message):
    """One person of the office asked for another draw; another human makes it in time."""

    by: Actor
    reason: str
    until: datetime


class Draw(State):
    """One draw of a meeting: ordered by the office, and made when the other value is revealed."""

    number: int
    commitment: Commitment
    ordered_by: Actor
    asked_by: Actor | None = None
    """Of a second draw: who asked for it."""
    on: date
    reason: str = ""
    made: Drawn | None = None
    """From the record: its chance and pool; with the seed once revealed."""
    given_up: str = ""
    """Why it was never revealed."""

    @property
    def open(self) -> bool:
        """True from the order until the reveal."""
        return not self.given_up and (self.made is None or not self.made.seed)


class KeptMeeting(Clocked):
    """A meeting as its record keeps it: what it remembers but the rules and the calendar."""

    meeting: str
    realm: str = "live"
    shift_seconds: float = 0.0
    number: str = ""
    committee: Committee
    phase: Phase = Phase.PLANNED
    seq: int = 0
    days: tuple[date, ...] = ()
    """The meeting's days, planned; the last is day 0 of the report (A7)."""
    place: str = ""
    commitment: Commitment | None = None
    """For the next draw."""
    redraw: Redraw | None = None
    draws: list[Draw] = []
    """Every draw that was ordered, those given up too: each counts."""
    seats: list[Seat] = []
    present: tuple[str, ...] = ()
    opened_on: date | None = None
    ended_on: date | None = None
    signed_on: date | None = None
    signed_by: str = ""
    batches: list[Batch] = []
    shown: list[str] = []
    """What its clocks were when they last went into the record: `identity|last day`."""
    tellings: int = 0
    telling: UnderWay | None = None
    released: list[Waiting] = []
    """Candidates an inquiry let go whom no supplementary batch has taken up."""
    left: int = 0
    """Results that have not taken effect."""

    @property
    def office(self) -> str:
        """The committee's office (组建单位)."""
        return self.committee.office

    @property
    def open_draw(self) -> Draw | None:
        """The draw that waits for its reveal."""
        return self.draws[-1] if self.draws and self.draws[-1].open else None

    @property
    def members(self) -> list[Seat]:
        """Those who sit."""
        return [seat for seat in self.seats if seat.sits]

    def batch(self, number: int) -> Batch | None:
        """The batch of this number."""
        return next((item for item in self.batches if item.number == number), None)


class Meeting(KeptMeeting):
    """One committee meeting, from its plan to the last confirmation."""

    policy: Policy
    calendar: Calendar
    requests: dict[str, str] = {}

    def copied(self) -> Meeting:
        """A copy to work on."""
        return copy_of(self)
