"""What crosses Temporal between a meeting, its record and the cases it speaks to."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from workflows.application.case import Caution
from workflows.application.messages import Moved, ToldTo
from workflows.meeting.meeting import BatchPhase, Meeting, Phase, Waiting
from workflows.rules.ballot import Totals
from workflows.rules.calendar import Calendar
from workflows.rules.committee import Committee, Seat
from workflows.rules.deadlines import Deadline
from workflows.rules.draw import Drawn
from workflows.rules.message import Message
from workflows.rules.names import Relation
from workflows.rules.policy import Policy
from workflows.rules.recusal import Ground
from workflows.rules.refusals import Refusal
from workflows.rules.text import Line
from workflows.writer.messages import Actor, Carried, LetterOrder, TaskItem


class OpenMeetingRun(Message):
    """Starts a `Meeting` workflow; `carried` and `beside` are set by continue-as-new only."""

    meeting: Line
    realm: Line = "live"
    shift_seconds: float = 0.0
    carried: Meeting | None = None
    beside: Carried = Carried()
    from_record: bool = False
    """No engine runs it any more: it goes on from the record."""

    @property
    def subject(self) -> str:
        """What it opens, which is the workflow's own id."""
        return self.meeting


class MeetingQuery(Message):
    """Asks for a meeting as the record has it; `after`: the last step that is known."""

    meeting: Line
    after: int = 0


class AnsweredRequest(Message):
    """A request that a step answered, with which its repeat is known."""

    seq: int
    request_id: str
    mark: str
    actor: Actor | None = None


class StoredMeeting(Message):
    """A meeting as its last step left it, and what the steps since answered."""

    meeting: Meeting
    answered: tuple[AnsweredRequest, ...] = ()


class MeetingBasisQuery(Message):
    """Asks for what a meeting is planned on."""

    realm: Line
    committee: Line
    campaign: Line


class MeetingBasis(Message):
    """The committee as filed, the rules and the calendar a meeting travels with."""

    committee: Committee
    policy: Policy
    calendar: Calendar


class ListCandidates(Message):
    """Put applications on the list: those named, or all of the campaign that wait for a meeting."""

    kind: Literal["list_candidates"] = "list_candidates"
    campaign: str
    office: str
    applications: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    """The levels the committee may judge (art 7); others are not listed."""


class OrderDraw(Message):
    """Take the operating system's chance, and let the pool stand still, for a draw whose other value
    is not revealed yet."""

    kind: Literal["order_draw"] = "order_draw"
    number: int
    committee: str
    commitment: str
    seats: int
    spares: int
    on: date
    since: date | None = None
    professions: tuple[str, ...] = ()
    most: int
    """How many draws there may be, those of meetings that were cancelled before they opened, too."""
    again: bool = False
    """Whether another human asked for it: only so may it be a second draw."""


class DrawSeats(Message):
    """Draw from the pool that stood still, and note the recusals that follow from the record."""

    kind: Literal["draw_seats"] = "draw_seats"
    drawn: Drawn


class SeatSpare(Message):
    """A spare took a seat: its recusals from the record are noted."""

    kind: Literal["seat_spare"] = "seat_spare"
    seat: Seat


class NoteRecusal(Message):
    """An expert is recused from these candidates."""

    kind: Literal["note_recusal"] = "note_recusal"
    expert: str
    applications: tuple[str, ...]
    ground: Ground
    reason: str = ""
    supervised: bool = False
    """Stated by a supervisor of the office: only then a count that two people agreed on may fall."""


class OpenBallot(Message):
    """Who stands on the list goes on the ballot; who has too few voters left is deferred (A34)."""

    kind: Literal["open_ballot"] = "open_ballot"
    present: tuple[str, ...]
    drawn: int


class NoteOpinion(Message):
    """One group's opinion on one candidate; the text is a reference."""

    application: str
    group: int
    experts: tuple[str, ...]
    text: str


class NoteOpinions(Message):
    """A sheet of opinions, stated with the act or kept before it."""

    kind: Literal["note_opinions"] = "note_opinions"
    present: tuple[str, ...]
    opinions: tuple[NoteOpinion, ...]
    sheet: str = ""
    group: int = 1
    experts: tuple[str, ...] = ()
    """Of the rows of a kept sheet that name none of their own."""


class Count(Message):
    """The totals of one candidate."""

    application: str
    totals: Totals


class CountBallots(Message):
    """A counting sheet: the first entry is kept, the second by another person makes it count."""

    kind: Literal["count_ballots"] = "count_ballots"
    by: str
    present: tuple[str, ...]
    drawn: int
    counts: tuple[Count, ...]
    sheet: str = ""
    """Where the totals were kept before; `counts` is empty then."""


class Defer(Message):
    """A candidate is not judged at this meeting."""

    kind: Literal["defer"] = "defer"
    application: str
    why: str = ""
    free: bool = False
    """True before the meeting opened: the case is given back at once."""


class SealResults(Message):
    """The results are signed: no candidate may be without one; they become batch 1."""

    kind: Literal["seal_results"] = "seal_results"
    batch: int = 1


class CollectSupplement(Message):
    """Those released from an inquiry become a supplementary batch."""

    kind: Literal["collect_supplement"] = "collect_supplement"
    batch: int
    posted: bool = True
    """Those whose results were posted before; False: those who still have to be posted."""


class SettleTelling(Message):
    """What the cases answered goes to their rows."""

    kind: Literal["settle_telling"] = "settle_telling"
    telling: str
    action: str
    batch: int | None = None


class NoteNews(Message):
    """A case was held, released or is gone."""

    kind: Literal["note_news"] = "note_news"
    application: str
    news: Literal["held", "released", "gone"]
    on: date
    end: str = ""


class FreeAll(Message):
    """The meeting is cancelled: nobody stands on its list."""

    kind: Literal["free_all"] = "free_all"


RowChange = Annotated[
    ListCandidates
    | OrderDraw
    | DrawSeats
    | SeatSpare
    | NoteRecusal
    | OpenBallot
    | NoteOpinions
    | CountBallots
    | Defer
    | SealResults
    | CollectSupplement
    | SettleTelling
    | NoteNews
    | FreeAll,
    Field(discriminator="kind"),
]
"""What a step changes in the rows of candidates; decided in the step's own transaction."""

Select = Literal[
    "listed",
    "new",
    "on_ballot",
    "to_free",
    "outcomes",
    "batch",
    "unposted",
    "passed_posted",
    "passed_clear",
    "drafted",
    "drafted_and_failed",
    "reply",
    "file",
    "named_outcome",
]
"""Which rows a word goes to; the lines are made in the transaction that orders it."""


class TellingOrder(Message):
    """A word of the catalogue for many cases, as actor `meeting:<id>`.

    The request id of a line is `<id>:<application>`, so that a line told twice is told once.
    """

    id: str
    action: str
    batch: int | None = None
    select: Select
    payload: dict[str, Any] = {}
    application: str = ""
    """With `named_outcome`: the one it goes to."""
    entrusting: str = ""
    """With `reply`: only the candidates of this entrusting unit."""


class MeetingStep(Message):
    """One step of a meeting as it goes into the record."""

    meeting: str
    realm: str
    seq: int
    source: Literal["act", "clock", "reminder", "refusal", "told"]
    name: str
    request_id: str = ""
    mark: str = ""
    """What the request asked (`writer.requests.fingerprint`), with which a repeat is known."""
    actor: Actor | None = None
    relation: Relation | None = None
    acted_at: datetime
    recorded_at: datetime
    phase_before: Phase | None = None
    phase_after: Phase
    batch: int | None = None
    clause: str = ""
    reason: str = ""
    payload: dict[str, Any] = {}
    refusals: tuple[Refusal, ...] = ()
    warnings: tuple[Caution, ...] = ()
    policy_version: int = 0
    policy_digest: str = ""
    """Of the rules it was decided on, as they were published under their version."""
    calendar_version: str = ""
    calendar_digest: str = ""


class MeetingPreview(Message):
    """What an act on a meeting would do, decided on a copy and without a trace."""

    refusals: tuple[Refusal, ...] = ()
    phase_before: Phase
    phase_after: Phase | None = None
    clocks: tuple[Moved, ...] = ()
    letters: tuple[ToldTo, ...] = ()
    word: str = ""
    """The act that the cases of the meeting would be told."""
    warnings: tuple[Caution, ...] = ()


class MeetingProjection(Message):
    """What lists and pages read of a meeting after a step."""

    number: str
    campaign: str
    committee: str
    office: str
    city_office: str
    phase: Phase
    days: tuple[date, ...] = ()
    due_on: date | None = None
    due_rule: str = ""
    deadlines: tuple[Deadline, ...] = ()
    tasks: tuple[TaskItem, ...] = ()


class RecordMeetingStep(Message):
    """One transaction: audit entry, projection, tasks, deadlines, letters, rows, a telling."""

    step: MeetingStep
    projection: MeetingProjection
    state: str
    """The meeting as JSON, without requests; no names."""
    letters: tuple[LetterOrder, ...] = ()
    change: RowChange | None = None
    telling: TellingOrder | None = None
    opens: bool = False
    """True for the first step: the number must be free."""


class BatchCounts(Message):
    """How one batch stands after a step: rows still to be posted, and to take effect by track."""

    rows: int = 0
    """All that were ever in it and are in it still, whatever became of them."""
    unposted: int = 0
    """Results that were not posted or told yet, of the held too: an inquiry holds no posting."""
    tracks: dict[str, int] = {}
    """Rows that are clear and have not taken effect, by track."""


class MeetingStepRecorded(Message):
    """The record's answer; with refusals nothing was written.

    `seats` answers a draw; `lines` is how many cases a telling has; `counted` how many rows the
    change touched; `left` how many of the meeting's rows still wait for their effect.
    """

    seq: int
    refusals: tuple[Refusal, ...] = ()
    seats: tuple[Seat, ...] = ()
    drawn: Drawn | None = None
    """What a draw is made from, at its order and at its reveal: it stays in the trail."""
    counted: int = 0
    lines: int = 0
    left: int = 0
    """Rows of a batch that have not taken effect, and deferred ones the meeting has not let go."""
    to_free: int = 0
    """Deferred rows whose case still stands in the meeting without being in review."""
    released: tuple[Waiting, ...] = ()
    """Rows that an inquiry let go whom no supplementary batch has taken up, by batch and track."""
    batches: dict[int, BatchCounts] = {}
    """Every batch of the meeting."""


class TellCases(Message):
    """Tells the open lines of one telling."""

    telling: str
    realm: str


class TellingOutcome(Message):
    """How a telling ended: lines done, refused, and cases that were gone."""

    telling: str
    done: int = 0
    refused: int = 0
    gone: int = 0


class MeetingReceipt(Message):
    """The answer to an act on a meeting."""

    meeting: str
    seq: int
    action: str
    recorded_at: datetime | None = None
    phase: Phase | None = None
    deadline: Deadline | None = None
    counted: int = 0
    telling: str = ""
    lines: int = 0
    """How many cases are being told."""
    warnings: tuple[Caution, ...] = ()
    repeated: bool = False


class MeetingActionView(Message):
    """One act as it stands now."""

    action: str
    allowed: bool
    refusal: Refusal | None = None


class BatchView(Message):
    """One batch with its phase and clocks."""

    number: int
    supplementary: bool
    phase: BatchPhase
    deadlines: tuple[Deadline, ...] = ()


class MeetingSnapshot(Message):
    """The live state of a meeting (query `snapshot`)."""

    projection: MeetingProjection
    deadline: Deadline | None = None
    batches: tuple[BatchView, ...] = ()
    actions: tuple[MeetingActionView, ...] = ()
    telling: str = ""
    """The telling under way; empty where none is."""
    needs_operator: str = ""
    seq: int = 0
    shift_seconds: float = 0.0
    wake_at: datetime | None = None
