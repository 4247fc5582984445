"""What the read side answers of meetings; names are opened here, so none of this crosses Temporal."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from activities.paging import LINES
from activities.views import TaskView
from workflows.meeting.meeting import Batch, Draw, Phase, Track
from workflows.rules.ballot import Totals
from workflows.rules.committee import Chair
from workflows.rules.deadlines import Deadline
from workflows.rules.message import Message
from workflows.rules.names import Level, Relation
from workflows.rules.recusal import Ground
from workflows.rules.refusals import Refusal

CandidateState = Literal["listed", "on_ballot", "balloted", "deferred", "off"]
Standing = Literal[
    "",
    "collected",
    "posted",
    "held",
    "released",
    "drafted",
    "confirmed",
    "replied",
    "filed",
    "out",
]
Outcome = Literal["passed", "not_passed", "deferred"]
Duty = Literal["kept", "missed", "running", "overdue", "dropped"]
"""How a duty stands: met in time, met late or struck, still running, running late, or fallen away
with the cancelled meeting."""


class MeetingFilter(Message):
    """Which meetings to list; an empty field does not limit."""

    realm: str = "live"
    campaign: str = ""
    committee: str = ""
    office: str = ""
    phase: str = ""
    only_open: bool = False
    """Neither closed nor cancelled."""
    limit: int = LINES
    after: str = ""
    """The mark of the page before."""


class MeetingSummary(Message):
    """One line of a list of meetings."""

    meeting: str
    realm: str
    number: str
    campaign: str
    committee: str
    committee_name: str = ""
    office: str
    office_name: str = ""
    city_office: str = ""
    city_office_name: str = ""
    phase: Phase
    days: tuple[date, ...] = ()
    due_on: date | None = None
    due_rule: str = ""
    candidates: int = 0
    """How many stand or stood on the list, those taken off left out."""
    seq: int = 0
    updated_at: datetime | None = None


class BatchCounts(Message):
    """One batch: its state, and how many of its candidates stand how."""

    batch: Batch
    size: int = 0
    standings: dict[str, int] = {}
    outcomes: dict[str, int] = {}
    tracks: dict[str, int] = {}


class MeetingDeadline(Message):
    """A clock of a meeting, running or ended, and whether the duty was kept."""

    deadline: Deadline
    batch: int | None = None
    holder: str = ""
    holder_name: str = ""
    opened_at: datetime
    struck_at: datetime | None = None
    closed_at: datetime | None = None
    ended: str = ""
    done_at: datetime | None = None
    """When the act that met it was done."""
    kept: bool | None = None
    """None while it runs, and where it fell away."""


class TellingProgress(Message):
    """A word on its way to the cases, or one that is told."""

    telling: str
    action: str
    batch: int | None = None
    opened_at: datetime
    done_at: datetime | None = None
    lines: int = 0
    open: int = 0
    done: int = 0
    refused: int = 0
    gone: int = 0


class MeetingView(MeetingSummary):
    """One meeting as the record has it (its live acts come from the workflow's query)."""

    place: str = ""
    opened_on: date | None = None
    ended_on: date | None = None
    signed_on: date | None = None
    seats: int = 0
    """Members who sit; who they are is another question (`seats`)."""
    present: int = 0
    draws: tuple[Draw, ...] = ()
    """Every draw that was ordered, with what it can be repeated from once it is revealed."""
    states: dict[str, int] = {}
    """Candidates by state."""
    outcomes: dict[str, int] = {}
    """Candidates by outcome, over all batches."""
    batches: tuple[BatchCounts, ...] = ()
    deadlines: tuple[MeetingDeadline, ...] = ()
    tellings: tuple[TellingProgress, ...] = ()
    """The words told, the newest first; one with open lines is under way."""
    tasks: tuple[TaskView, ...] = ()


class CandidateView(Message):
    """One candidate of a meeting with the name; ballots in totals."""

    application: str
    position: int
    person: str = ""
    applicant: str = ""
    unit: str = ""
    unit_name: str = ""
    entrusting: str = ""
    entrusting_name: str = ""
    level: Level
    profession: str = ""
    acceptance_number: str = ""
    track: Track
    state: CandidateState
    why: str = ""
    """Why it stands so: a refusal's code, an end, `quorum`, `inquiry`, or a short word of ours."""
    recused: int = 0
    """How many experts are recused from this candidate."""
    group: int | None = None
    opinion: bool = False
    """Whether the written opinion is there."""
    counted_once: bool = False
    """A first entry of the votes waits for the second; its numbers are not shown."""
    totals: Totals | None = None
    outcome: Outcome | None = None
    batch: int | None = None
    standing: Standing = ""
    released_on: date | None = None
    in_review: bool = False
    told: bool = False
    posted: bool = False


class RecusalView(Message):
    """An expert who does not judge a candidate, and on what ground."""

    application: str
    applicant: str = ""
    expert: str
    expert_name: str = ""
    ground: Ground
    reason: str = ""
    entered_by: str = ""
    """Empty where it follows from the record."""
    entered_by_name: str = ""
    """Under absence cover with the supervisor's: 李某（代王某）."""
    principal: str = ""
    """In whose place it was entered; empty where in the own right."""
    entered_at: datetime


class SeatView(Message):
    """A drawn expert with the name; only for those who must know (40号令 art 24)."""

    expert: str
    name: str = ""
    unit: str
    unit_name: str = ""
    chair: Chair = ""
    rank: int
    spare: bool = False
    declined: bool = False
    present: bool = False


class BatchRow(Message):
    """One candidate of a batch as papers print it.

    `totals` is the agreed count; `standing` tells who belongs on which paper: `posted` and later on
    the list, `drafted` in the draft, `confirmed` in the issue; who is `held` or `out` on none.
    """

    application: str
    position: int
    person: str = ""
    name: str = ""
    unit: str = ""
    unit_name: str = ""
    entrusting: str = ""
    entrusting_name: str = ""
    level: Level
    profession: str = ""
    acceptance_number: str = ""
    track: Track
    outcome: Outcome
    totals: Totals | None = None
    standing: Standing = ""
    why: str = ""


class MeetingStepEntry(Message):
    """One step of a meeting, with names and texts for reading; experts as their ids."""

    seq: int
    source: str
    name: str
    request_id: str = ""
    actor: str = ""
    actor_name: str = ""
    """Under absence cover with the supervisor's: 李某（代王某）."""
    principal: str = ""
    """In whose place it was done; empty where in the own right."""
    organisation: str = ""
    organisation_name: str = ""
    relation: Relation | None = None
    acted_at: datetime
    recorded_at: datetime
    phase_before: Phase | None = None
    phase_after: Phase
    batch: int | None = None
    clause: str = ""
    reason: str = ""
    payload: dict[str, Any] = Field(default_factory=dict)
    refusals: tuple[Refusal, ...] = ()
    counted: int = 0
    lines: int = 0


class DutyLine(Message):
    """A duty of an authority over a batch of results, and whether it was kept (BD 四(三)3, A8)."""

    meeting: str
    number: str
    campaign: str = ""
    batch: int | None = None
    rule: str
    clause: str = ""
    holder: str = ""
    holder_name: str = ""
    starts_on: date
    ends_on: date
    done_on: date | None = None
    struck_at: datetime | None = None
    duty: Duty
