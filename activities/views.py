"""What the read side answers with; names are decrypted here, so none of this crosses Temporal."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from activities.paging import LINES, Count
from workflows.rules.deadlines import Deadline
from workflows.rules.facts import Facts, OpenCheck, Place
from workflows.rules.message import Message
from workflows.rules.names import EndName, Relation, Stage
from workflows.rules.refusals import Refusal
from workflows.rules.routes import OrganisationRef

Role = Literal["member", "supervisor", "operations"]


class RealmView(Message):
    """A realm: the live office, or a rehearsal with the time it opened and stands at."""

    id: str
    kind: Literal["live", "rehearsal"]
    title: str = ""
    opens_at: datetime
    shift_seconds: float = 0.0
    now_at: datetime | None = None
    closed_at: datetime | None = None


class OrganisationView(OrganisationRef):
    """An organisation of the directory with its contacts (附件2)."""

    name: str
    address: str = ""
    contact: str = ""
    phone: str = ""
    email: str = ""


class Contact(Message):
    """A person's name and how to reach him or her."""

    person: str
    name: str
    phone: str = ""
    email: str = ""
    address: str = ""


class MemberGrant(Message):
    """A right of a person at an organisation, from and to an instant."""

    person: str
    name: str = ""
    organisation: str
    role: Role
    starts_at: datetime
    ends_at: datetime | None = None
    realm: str = ""


class MemberView(Contact):
    """A person with all rights he or she has or had."""

    grants: tuple[MemberGrant, ...] = ()


class Holder(Message):
    """Who has to act now; `applicant` as the organisation where the person holds it."""

    organisation: str
    name: str = ""
    contact: str = ""
    phone: str = ""


class PlaceView(Place):
    """A place of the route with its organisation's name."""

    name: str = ""


class EndView(Message):
    """How a case ended, and what the person can still do."""

    name: EndName
    clause: str = ""
    reason: str = ""
    remedy: str = ""
    responsible: str = ""
    responsible_name: str = ""


class TaskView(Message):
    """An open task with what an inbox shows of its case, or of its meeting.

    Of `application`, `meeting` and `operation` one is set: whose it is.
    """

    application: str = ""
    meeting: str = ""
    operation: str = ""
    meeting_number: str = ""
    key: str
    kind: str
    organisation: str = ""
    person: str = ""
    due_on: date | None = None
    opened_at: datetime
    params: dict[str, str] = Field(default_factory=dict)
    overdue: bool = False
    applicant: str = ""
    campaign: str = ""
    route: str = ""
    level: str = ""
    stage: Stage | None = None
    acceptance_number: str = ""
    mark: str = ""
    """Of an inbox: what comes after it there is asked for by this."""


Band = Literal["overdue", "today", "soon", "later"]
"""When something is due: on an earlier day, today, in the seven days after, or later or at no day."""
BANDS: tuple[Band, ...] = ("overdue", "today", "soon", "later")


class InboxFilter(Message):
    """Whose inbox as of when, and what of it; an empty field does not limit."""

    organisation: str = ""
    person: str = ""
    """An applicant's own inbox; of a person and an organisation the person's counts."""
    realm: str = "live"
    as_of: datetime
    band: Band | None = None
    kind: str = ""
    limit: int = LINES
    after: str = ""
    """The mark of the page before."""


class InboxPage(Message):
    """A page of an inbox, the next due first, with how much of each band lies there in all."""

    tasks: tuple[TaskView, ...] = ()
    bands: dict[Band, Count] = Field(default_factory=dict)
    following: str = ""
    """The mark of the next page; empty where this is the last."""


class CaseSummary(Message):
    """One line of a list of cases."""

    application: str
    realm: str
    campaign: str
    route: str
    level: str
    channel: str = "normal"
    stage: Stage | None = None
    end: EndName | None = None
    holder: str = ""
    holder_name: str = ""
    person: str = ""
    applicant: str = ""
    due_on: date | None = None
    due_rule: str = ""
    submissions: int = 0
    submitted_at: datetime | None = None
    updated_at: datetime | None = None
    closed: bool = False
    acceptance_number: str = ""
    meeting: str = ""
    batch: str = ""
    version: str = ""


class CaseView(CaseSummary):
    """One case as the record has it (its live actions come from the workflow's query)."""

    seq: int = 0
    end_details: EndView | None = None
    held_by: Holder | None = None
    deadlines: tuple[Deadline, ...] = ()
    tasks: tuple[TaskView, ...] = ()
    places: tuple[PlaceView, ...] = ()
    checks: tuple[OpenCheck, ...] = ()
    policy_version: int = 0
    calendar_version: str = ""
    facts: Facts | None = None
    human: str = Field(default="", exclude=True)
    """Which human the applicant is (`Actor.human`); never shown."""


class Whose(Message):
    """Whose cases are listed: one organisation's by route or office, one applicant's, or all."""

    everybody: bool = False
    organisation: str = ""
    person: str = ""


class CaseFilter(Message):
    """Which cases to list; an empty field does not limit."""

    realm: str = "live"
    campaign: str = ""
    stage: str = ""
    end: str = ""
    holder: str = ""
    meeting: str = ""
    batch: str = ""
    due_by: date | None = None
    """The last day of those due by then, that day included."""
    only_open: bool = False
    name: str = ""
    """An applicant's full name, compared under a keyed hash; likewise the ID number."""
    id_number: str = ""
    limit: int = LINES
    after: str = ""
    """The mark of the page before."""
    whose: Whose = Whose(everybody=True)
    applications: tuple[str, ...] = ()
    """Among these alone."""


class CasePage(Message):
    """A page of cases, the next due first."""

    cases: tuple[CaseSummary, ...] = ()
    total: Count | None = None
    """How many there are in all; said with the first page."""
    following: str = ""
    """The mark of the next page; empty where this is the last."""


class TimelineEntry(Message):
    """One step of a case, with names and texts for reading."""

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
    stage_before: Stage | None = None
    stage_after: Stage | None = None
    end_after: EndName | None = None
    clause: str = ""
    reason: str = ""
    payload: dict[str, Any] = Field(default_factory=dict)
    refusals: tuple[Refusal, ...] = ()
    policy_version: int = 0
    calendar_version: str = ""


class LetterView(Message):
    """One letter and what became of it."""

    id: str
    realm: str = ""
    application: str = ""
    meeting: str = ""
    meeting_number: str = ""
    seq: int = 0
    kind: str
    party: str
    organisation: str = ""
    person: str = ""
    params: dict[str, str] = Field(default_factory=dict)
    state: str
    message_id: str = ""
    attempts: int = 0
    error: str = ""
    ordered_at: datetime
    settled_at: datetime | None = None
    resend_of: str = ""
    carried_by: tuple[str, ...] = ()
    """The collected letters that tell it."""


class DeadlineEntry(Message):
    """A deadline of a case or meeting, open or closed, and how it ended."""

    application: str = ""
    meeting: str = ""
    deadline: Deadline
    holder: str = ""
    holder_name: str = ""
    opened_at: datetime
    struck_at: datetime | None = None
    closed_at: datetime | None = None
    ended: Literal["met", "struck", "superseded", "case_ended"] | None = None


class DraftView(Message):
    """A stored draft with the person it is of."""

    id: str
    realm: str
    campaign: str
    person: str
    name: str
    facts: Facts
    application: str = ""


class CampaignView(Message):
    """A published version of a campaign."""

    campaign: str
    realm: str = ""
    version: int
    year: int
    published_at: datetime
    published_by: str = ""
    """Person and organisation by id; under absence cover with the supervisor's behind them."""
    published_by_name: str = ""
    """The same in names: the organisation, and who it was."""
    reason: str = ""


class DocumentView(Message):
    """A file as somebody handed it in."""

    id: str
    person: str
    sha256: str
    size: int
    kind: str = ""
    title: str = ""


class FunnelLine(Message):
    """How many cases of a campaign stand at a stage or ended so."""

    campaign: str
    stage: str = ""
    end: str = ""
    count: int


class WaitingLine(Message):
    """How long cases lay with one holder, in working days and in hours, and how many lie there."""

    holder: str
    holder_name: str = ""
    stays: int = 0
    working_days: int = 0
    hours: float = 0.0
    longest_working_days: int = 0
    open_now: int = 0


class StruckLine(Message):
    """A deadline that struck: on which case or meeting, against whom, and what followed."""

    application: str = ""
    meeting: str = ""
    meeting_number: str = ""
    rule: str
    key: str
    kind: str
    clause: str = ""
    ends_on: date
    struck_at: datetime
    holder: str = ""
    holder_name: str = ""
    stage_before: Stage | None = None
    stage_after: Stage | None = None
    end: EndName | None = None
    why: str = ""
