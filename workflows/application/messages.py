"""What crosses Temporal: acts coming in, steps going to the record, answers going back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from workflows.application.case import Asked, Case, Caution, Payment
from workflows.rules.calendar import Calendar
from workflows.rules.days import Moment
from workflows.rules.deadlines import Deadline
from workflows.rules.facts import Bar, CheckResult, Facts, OpenCheck, Place, Standing
from workflows.rules.message import Message
from workflows.rules.names import EndName, LetterKind, Level, Party, Relation, Route, Stage
from workflows.rules.policy import Policy
from workflows.rules.refusals import Refusal
from workflows.rules.text import Line
from workflows.writer.messages import Actor, Carried, LetterOrder, TaskItem


class OpenApplication(Message):
    """Starts an `Application` workflow; `carried` is set by continue-as-new only."""

    application: Line
    realm: Line = "live"
    shift_seconds: float = 0.0
    carried: Case | None = None
    beside: Carried = Carried()
    from_record: bool = False
    """The case is closed: its state is loaded, and what reaches it now is decided on that."""
    lost: bool = False
    """With `from_record`: the case may be open there, and no engine runs it any more."""
    settle_seconds: int = 60

    @property
    def subject(self) -> str:
        """What it opens, which is the workflow's own id."""
        return self.application


class SubmissionQuery(Message):
    """Asks for what the writer needs to decide a submission."""

    application: Line
    realm: Line
    draft: Line
    as_of: Moment


class Submission(Message):
    """A stored draft as the rules see it, with the published versions it travels with."""

    person: str
    human: str = ""
    facts: Facts
    standing: Standing
    places: tuple[Place, ...] = ()
    problems: tuple[Refusal, ...] = ()
    """What the directory could not resolve (an unknown unit, no superior …)."""
    policy: Policy
    calendar: Calendar


class VerificationRequest(Message):
    """Asks the data-sharing gateways; `checks` are names of domain.md's sets."""

    application: str
    person: str
    checks: tuple[str, ...]


class VerificationAnswer(Message):
    """What the gateways said; `unverified` where one was away (≤ 5 s in all, T5)."""

    results: tuple[CheckResult, ...] = ()


class Step(Message):
    """One step of a case as it goes into the record: audit entry and projection at once."""

    application: str
    realm: str
    seq: int
    source: Literal["act", "clock", "reminder", "refusal", "operation"]
    name: str
    """The action's name, the deadline's key, or the refused action."""
    request_id: str = ""
    mark: str = ""
    """What the request asked (`writer.requests.fingerprint`), with which a repeat is known."""
    actor: Actor | None = None
    second: Actor | None = None
    """Who confirmed it, where it needs two."""
    relation: Relation | None = None
    acted_at: datetime
    """When the person acted, or the instant at which the clock struck (its `ends_at`)."""
    recorded_at: datetime
    """The case's clock when the step was made."""
    stage_before: Stage | None = None
    stage_after: Stage | None = None
    end_after: EndName | None = None
    clause: str = ""
    reason: str = ""
    """Reference to a text in Postgres, or a short word of ours; never personal data."""
    payload: dict[str, Any] = {}
    refusals: tuple[Refusal, ...] = ()
    warnings: tuple[Caution, ...] = ()
    policy_version: int = 0
    policy_digest: str = ""
    """Of the rules it was decided on, as they were published under their version."""
    calendar_version: str = ""
    calendar_digest: str = ""


class Projection(Message):
    """What lists and pages read of a case after a step; replaces what stood there before."""

    stage: Stage | None = None
    end: EndName | None = None
    end_clause: str = ""
    end_reason: str = ""
    end_remedy: str = ""
    end_responsible: str = ""
    campaign: str
    route: str
    level: str
    person: str = ""
    holder: str = ""
    """Organisation id of the holder; `applicant` where the person holds it; empty when closed."""
    submissions: int = 0
    due_on: date | None = None
    due_rule: str = ""
    deadlines: tuple[Deadline, ...] = ()
    tasks: tuple[TaskItem, ...] = ()
    places: tuple[Place, ...] = ()
    submitted_at: datetime | None = None
    closed: bool = False
    version: str = ""


class RecordStep(Message):
    """One transaction: audit entry, projection, tasks, deadlines, notices, claim, payment."""

    step: Step
    projection: Projection
    letters: tuple[LetterOrder, ...] = ()
    claim: Literal["keep", "take", "release"] = "keep"
    claim_year: int = 0
    claim_slot: str = "normal"
    payment: Payment | None = None
    checks: tuple[OpenCheck, ...] = ()
    draft: str = ""
    """At `submit`: the draft that becomes this case."""
    state: str = ""
    """The case as JSON without its rules and calendar, which stand in the record by version."""
    changes: bool = False
    """Tasks, deadlines and state are only what changed since the step before (`changes.since`)."""
    tasks_gone: tuple[str, ...] = ()
    deadlines_gone: tuple[str, ...] = ()
    """Keys of those that are no more, beside the changed ones."""
    guard: Literal["", "bars"] = ""
    """`bars`: write only if no 影响期 covers the Beijing day of the act (A24)."""
    cleared: tuple[str, ...] = ()
    """Numbers of the 影响期 that the office decided to go on in spite of."""


class StepRecorded(Message):
    """The record's answer; `claim_refused` names who holds the year's chance already.

    `barred`: the guard found these 影响期; `refusals`: why else nothing was written.
    """

    seq: int
    claim_refused: bool = False
    held_by_application: str = ""
    held_by_open: bool = False
    """Whether that other application is still open."""
    barred: tuple[Bar, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    ahead: bool = False
    """Another step stands under this number: the record is ahead of its writer (`writer.ahead`)."""

    @property
    def written(self) -> bool:
        """Whether the step is in the record."""
        return not (self.claim_refused or self.barred or self.refusals or self.ahead)


class ActionView(Message):
    """One action as it stands now: whether it can be done, by whom, and if not, why."""

    action: str
    relations: tuple[Relation, ...]
    allowed: bool
    refusal: Refusal | None = None


class Snapshot(Message):
    """The live state of one case (query `snapshot`)."""

    projection: Projection
    deadline: Deadline | None = None
    other_deadlines: tuple[Deadline, ...] = ()
    actions: tuple[ActionView, ...] = ()
    inquiries: tuple[dict[str, Any], ...] = ()
    asked: tuple[Asked, ...] = ()
    """What waits for a second person."""
    checks: tuple[OpenCheck, ...] = ()
    needs_operator: str = ""
    seq: int = 0
    shift_seconds: float = 0.0
    wake_at: datetime | None = None
    requests: int = 0


class CaseQuery(Message):
    """Asks for a case as the record has it."""

    application: Line
    after: int | None = None
    """Whoever has it up to this step asks for the steps since, too."""


class StoredCase(Message):
    """A case as its last step left it, with the rules and calendar of that step."""

    case: Case
    closed: bool = False
    steps: tuple[Step, ...] = ()
    """Those since the one that was asked about, the newest `STEPS_SINCE`, in order."""


class PublishedQuery(Message):
    """Asks for the versions now published for a case of this campaign, route and level."""

    realm: Line
    campaign: Line
    route: Route
    level: Level


class Published(Message):
    """The published rules, trimmed to the case, and the calendar."""

    policy: Policy
    calendar: Calendar


class Moved(Message):
    """One clock before and after an act; None where it did not or does not run."""

    key: str
    before: Deadline | None = None
    after: Deadline | None = None


class ToldTo(Message):
    """Who would get which letter, and by when it says something is due."""

    kind: LetterKind
    to: Party
    organisation: str = ""
    deadline_on: date | None = None


class Preview(Message):
    """What an act would do, decided on a copy and without a trace."""

    action: str = ""
    """The step that would be recorded: what a second person confirms is the act that was asked for."""
    clause: str = ""
    reason: str = ""
    payload: dict[str, Any] = Field(default_factory=dict)
    """What that step would state."""
    by: Actor | None = None
    """Who would be recorded: under cover where the own right would not do."""
    refusals: tuple[Refusal, ...] = ()
    stage_before: Stage | None = None
    stage_after: Stage | None = None
    end: EndName | None = None
    clocks: tuple[Moved, ...] = ()
    letters: tuple[ToldTo, ...] = ()
    warnings: tuple[Caution, ...] = ()
    confirmed: Preview | None = None
    """Where it only asks a second person: what would be done once another confirms it."""
