"""The state of one application: everything the core remembers, carried through continue-as-new."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from workflows.rules.calendar import Calendar
from workflows.rules.clocks import Clocked
from workflows.rules.deadlines import Deadline
from workflows.rules.facts import CheckResult, Facts, OpenCheck, Place
from workflows.rules.message import Message, State, copy_of, local_date
from workflows.rules.names import (
    CautionCode,
    EndName,
    InquiryBody,
    InquiryKind,
    InquiryOutcome,
    Level,
    Result,
    Route,
    Stage,
)
from workflows.rules.policy import Policy
from workflows.rules.publicity import Publicity
from workflows.writer.messages import Actor

MEETING_PREFIX = "meeting-"
"""How the id of a `Meeting` workflow begins; another meeting's name is only a name."""


class Item(Message):
    """One point of a return: what is wrong, in a text kept in Postgres, and where."""

    id: str
    subject: str = ""
    """`achievement:<id>`, `file:<its hash>`, `paper:<kind>`, `fact:<name>`, or empty: the whole."""
    defect: str = ""
    """The row of a catalogue of defects that it was picked from; empty where it was worded freely."""
    text: str = ""
    """Reference to the text; opaque here."""
    refers_to: str = ""
    """On a later return: the item of the first notice, or `new_material:<file>` (A3)."""


class FactChange(Message):
    """One fact that a correction changed: as it was stated, and as it stands now."""

    field: str
    """A field of `Facts`, or `achievement:<id>`."""
    before: Any = None
    after: Any = None


class Return(State):
    """One return for correction: its items, its term, and how they were answered."""

    number: int
    level: Literal["unit", "chain", "committee"]
    chain_index: int = 0
    to: Literal["applicant", "unit"] = "applicant"
    on: date
    at: datetime
    days: int | None = None
    """The term in working days; the rule's default where none was stated."""
    items: tuple[Item, ...] = ()
    overridden: bool = False
    """A supervisor's return with new defects: it counts towards no limit (A3)."""
    changes: tuple[FactChange, ...] = ()
    """What the correction changed of the facts."""


class PayNotice(Message):
    """The notice that asked for the fee; without one nothing lapses (A18)."""

    at: datetime
    on: date
    own_term: bool = False
    """Noticed too near the window's end: working days of its own instead of the printed end."""
    ends_on: date | None = None
    """A later last day that the office named."""


class Payment(Message):
    """Money that arrived, in yuan, with the time it was paid (not told, A19)."""

    transaction: str
    yuan: int
    paid_at: datetime
    received_at: datetime


class Inquiry(State):
    """An objection or complaint (T3)."""

    id: str
    kind: InquiryKind
    raised_in: Stage | None
    raised_at: datetime
    received_on: date | None = None
    """The Beijing day of its arrival, whenever it says it was made."""
    body: InquiryBody
    accused: str = ""
    """The organisation it is against, where it is against one; it does not inquire."""
    text: str = ""
    by: str = ""
    """Opaque id of who raised it; seen by the inquiring body only, empty where anonymous."""
    holds_review: bool = False
    heard_until: date | None = None
    """Last day of the hearing on an ended case, which runs no clocks (decision 0006)."""
    answered: bool = False
    outcome: InquiryOutcome | None = None
    not_of_applicant: bool = False
    """Found true of an organisation alone; the application goes on."""
    concluded_at: datetime | None = None
    found_after_end: bool = False
    """Found true when the case had ended, so that it could end nothing."""

    @property
    def open(self) -> bool:
        """True until concluded."""
        return self.outcome is None

    @property
    def day(self) -> date:
        """Day 0 of the finding and of the hearing: received, and told to the applicant, on it (3C)."""
        return self.received_on or local_date(self.raised_at)


class ResultEntry(State):
    """One result of a meeting; a reassessment adds another (T1 recheck)."""

    number: int
    result: Result
    meeting: str = ""
    meeting_ended_on: date
    recorded_at: datetime
    reported_on: date | None = None
    posted_on: date | None = None
    effective_on: date | None = None
    """The day that counts for 复查: 确认通知 issued, 函复, or own confirmation (A11)."""
    effective_at: datetime | None = None
    """When that was told to the case."""
    document: str = ""
    recheck_asked_on: date | None = None
    recheck_decision: Literal["", "upheld", "reassess"] = ""


class End(State):
    """How the case ended, on what ground, through whom or which clock (lifecycle: Ends)."""

    name: EndName
    at: datetime
    clause: str = ""
    reason: str = ""
    by: str = ""
    clock: str = ""
    remedy: str = ""
    holder: str = ""
    responsible: str = ""
    """On `lapsed`: the organisation that held it (BD 3(2)d)."""
    left_stage: Stage | None = None
    closes_at: datetime | None = None
    """Until when the case listens for what may re-open it; None once nothing can follow."""
    listened_until: datetime | None = None
    """Of a case that has closed: what was done by then and comes later still counts."""
    deadline: Deadline | None = None
    inquiry: str = ""
    """The inquiry whose finding brought it: what was answered in time undoes both."""


class Caution(Message):
    """What a careful colleague would say beside a yes: a code, its clause and its values."""

    code: CautionCode
    clause: str = ""
    params: dict[str, str] = {}


class Receipt(Message):
    """The answer to an act that was done: its number in the record, and where the case stands."""

    application: str
    seq: int
    action: str
    recorded_at: datetime | None = None
    stage: Stage | None = None
    end: EndName | None = None
    deadline: Deadline | None = None
    warnings: tuple[Caution, ...] = ()
    repeated: bool = False
    """True where the same request had been answered before."""


class Undo(State):
    """What `set_aside` takes back: the last act that can be, until something follows from it."""

    seq: int
    action: str
    person: str
    organisation: str
    at: datetime
    before: str
    """The facts that the act changed, as they were before it, as JSON."""


class Asked(Message):
    """What somebody asks a second person for: an act, not done before another human confirms it."""

    id: str
    action: str
    payload: dict[str, Any] = {}
    by: Actor
    at: datetime
    until: datetime
    """By when it is to be confirmed; later it must be asked anew."""

    def is_open(self, at: datetime) -> bool:
        """Whether it may still be confirmed."""
        return at < self.until


class KeptCase(Clocked):
    """All facts of one application, without the rules and the calendar it travels with.

    This is what the record keeps of every step; rules and calendar stand there once, by version.
    """

    application: str
    realm: str = "live"
    shift_seconds: float = 0.0
    person: str = ""
    """Opaque id of the applicant's row; never a name or number."""
    human: str = ""
    """Which human that is, under whatever row of the directory (`Actor.human`)."""
    route: Route
    level: Level
    facts: Facts
    places: tuple[Place, ...] = ()
    stage: Stage | None = None
    chain_index: int = 0
    seq: int = 0
    submitted_at: datetime | None = None
    arrived_at: datetime | None = None
    """When the present holder got the case."""
    reached_committee_at: datetime | None = None
    """Its first arrival at the committee."""
    accepted_on: date | None = None
    acceptance_number: str = ""
    submissions: int = 0
    """How often it was submitted to the committee, the first included (A1)."""
    going_up_again: Literal["", "confirming", "republicised"] = ""
    """After a committee's return: up the chain to be confirmed only (A32), or from the unit once
    more because what was publicised has changed."""
    returns: list[Return] = []
    unit_publicity: Publicity | None = None
    taken_down: list[Publicity] = []
    """Postings of the unit's that hang no more: what was objected while they hung is in time."""
    publicised_achievements: tuple[str, ...] = ()
    checks: list[OpenCheck] = []
    bars_cleared: list[str] = []
    """影响期 (by number in the register; `retired`: approved retirement) that the office looked at
    and goes on in spite of, each with its reason in the record (A24)."""
    verified: list[CheckResult] = []
    pay_notice: PayNotice | None = None
    payments: list[Payment] = []
    meeting: str = ""
    meeting_on: date | None = None
    opened_on: date | None = None
    batch: str = ""
    results: list[ResultEntry] = []
    result_publicity: Publicity | None = None
    sent_for_confirmation_at: datetime | None = None
    forwarded_on: date | None = None
    printed_on: date | None = None
    archived: list[str] = []
    inquiries: list[Inquiry] = []
    urged: dict[str, date] = {}
    refusals_today: dict[str, int] = {}
    claim: Literal["none", "taken", "released"] = "none"
    end: End | None = None
    requests: dict[str, str] = {}
    """Request id → `fingerprint:seq`, the last 500; a repeat is one act on any run."""
    undo: Undo | None = None
    asked: list[Asked] = []
    """What waits for a second person."""
    version: str = ""

    @property
    def result(self) -> ResultEntry | None:
        """The result that counts now."""
        return self.results[-1] if self.results else None

    @property
    def titled(self) -> bool:
        """Whether a result of it was confirmed: a title, which 市职改办 alone revokes (A36)."""
        return any(item.result is Result.PASSED and item.effective_on for item in self.results)

    @property
    def open_inquiries(self) -> list[Inquiry]:
        """Inquiries not yet concluded."""
        return [inquiry for inquiry in self.inquiries if inquiry.open]

    @property
    def unit(self) -> str:
        """The unit that recommends (freelancer: the agency)."""
        return self.places[0].organisation if self.places else ""

    @property
    def chain(self) -> tuple[Place, ...]:
        """The organisations between the unit and the committee."""
        return self.places[1:]

    @property
    def entrusted(self) -> bool:
        """委托评审: answered by 函复 and never in a draft confirmation (BD 四(三)3f)."""
        return self.facts.entrusted or self.route is Route.RESIDENT_BRANCH

    @property
    def in_meeting(self) -> bool:
        """Whether a `Meeting` workflow has this case, and alone brings its result (design.md 15)."""
        return self.meeting.startswith(MEETING_PREFIX)

    @property
    def last_return(self) -> Return | None:
        """The return that is or was last open."""
        return self.returns[-1] if self.returns else None

    @property
    def forwarder(self) -> str:
        """呈报单位: the last organisation before the committee."""
        return self.places[-1].organisation if self.places else ""


class Case(KeptCase):
    """One application with the rules it travels with. Nobody but a move's copy is ever changed."""

    policy: Policy
    calendar: Calendar

    @property
    def office(self) -> str:
        """组建单位's office: the campaign's, or the unit's own committee (A54)."""
        return self.places[0].organisation if self.own_committee else self.policy.committee.office

    @property
    def own_committee(self) -> bool:
        """Result filed 备案 instead of confirmed (40号令 art 26, A54)."""
        return self.facts.self_evaluating and self.policy.self_evaluating.destination == "own"

    @property
    def fee(self) -> int:
        """The fee of this case's level in yuan."""
        return self.policy.fees.yuan[self.level]

    def copied(self) -> Case:
        """A copy to work on."""
        return copy_of(self)
