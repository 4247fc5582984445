"""The letters, one model a kind: when it is sent, to whom, on which ground, and what it says.

Grounds in docstrings are the two known notices'; a letter cites its own case's in `clause`.
Dates are Beijing days, money is yuan, a `reason` may be a reference to a stored text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator

from workflows.application.case import Item
from workflows.letter.letter import AboutEnd, AboutWork, Dated, Letter, OfMeeting
from workflows.rules.covering import Lendable
from workflows.rules.names import InquiryKind, InquiryOutcome, LetterKind, Result, RuleName, Stage
from workflows.rules.refusals import Code, Refusal

Work = (
    Stage
    | Literal[
        "attestation",
        "commit_draw",
        "confirm",
        "confirm_batch",
        "confirm_request",
        "consider_extension",
        "consider_revocation",
        "draft_batch",
        "draft_sent_back",
        "draw_experts",
        "exclusion",
        "inquiry",
        "may_finish_publicity",
        "may_send_for_confirmation",
        "overpaid",
        "reply_batch",
        "report_results",
        "request_expired",
        "results_posted",
        "results_reported",
        "reveal_draw",
    ]
)
"""What a holder is asked to do: the work of its stage, or one thing."""


def _loaded(value: Any) -> Any:
    """What has parts is kept as JSON."""
    return json.loads(value) if isinstance(value, str) else value


Items = Annotated[tuple[Item, ...], BeforeValidator(_loaded)]
Refusals = Annotated[tuple[Refusal, ...], BeforeValidator(_loaded)]
Lent = Annotated[tuple[Lendable, ...], BeforeValidator(_loaded)]
OneRefusal = Annotated[Refusal | None, BeforeValidator(_loaded)]


# ---- going up ------------------------------------------------------------------------------------


class Received(AboutWork):
    """At submission, to the applicant (BD 四(二)2a)."""

    kind: ClassVar = LetterKind.RECEIVED
    stage: Stage | None = None
    cutoff_on: date | None = None
    """Last day of reporting up."""
    cutoff_at: datetime | None = None
    """Its hour, where the notice prints one."""


class Task(AboutWork, OfMeeting):
    """Whenever work arrives, to the organisation that is to do it."""

    kind: ClassVar = LetterKind.TASK
    task: Work
    stage: Stage | None = None
    number: int | None = None
    """How often the case has come to the committee."""
    draft: str = ""
    """The draft a case is confirmed with."""
    check: str = ""
    inquiry: str = ""
    paid: int | None = None
    fee: int | None = None
    posted_on: date | None = None
    reason: str = ""

    @classmethod
    def of(cls, params: Mapping[str, str]) -> Self:
        """Read back what was kept; the draft once stood in `number`."""
        number = params.get("number", "")
        if number and not number.isdecimal():
            params = {**params, "number": "", "draft": number}
        return super().of(params)


class PassedUp(AboutWork):
    """When a level reports up, to the applicant (BD 四(二)3(2)a)."""

    kind: ClassVar = LetterKind.PASSED_UP
    stage: Stage
    number: int | None = None


class PublicityStarted(Dated):
    """When the unit has posted, to applicant and superior (BD 四(二)3(1)f-h); where its last day leaves
    no time to report up, to the unit, too."""

    kind: ClassVar = LetterKind.PUBLICITY_STARTED
    rule: RuleName
    deadline_on: date
    clause: str
    posted_on: date
    cutoff_on: date | None = None
    """Last day of reporting up, which the publicity's own may reach or pass."""
    cutoff_at: datetime | None = None
    contacts: str = ""

    @property
    def too_late(self) -> bool:
        """Reporting up begins on the day after the publicity's last, and that is past the cutoff."""
        return self.cutoff_on is not None and self.deadline_on >= self.cutoff_on


class Urged(Dated):
    """When the applicant urges, to the holder (BD 四(二)2e)."""

    kind: ClassVar = LetterKind.URGED
    stage: Stage | None = None
    days: int | None = None


class Reminder(Dated, OfMeeting):
    """On the days the notice's rules name before and after a last day, to whom they name."""

    kind: ClassVar = LetterKind.REMINDER
    rule: RuleName
    deadline_on: date
    deadline_key: str = ""
    """Looked up before it is sent: what is done meanwhile reminds nobody."""
    stage: Stage | None = None
    days: int | None = None
    overdue: bool = False


class DatesChanged(Dated):
    """When a last day moves or a step is taken back, to the applicant and who must act."""

    kind: ClassVar = LetterKind.DATES_CHANGED
    one_of: ClassVar = ("new_on", "action")
    old_on: date | None = None
    new_on: date | None = None
    action: str = ""
    """The act taken back, `correction_over`, `reinstate` or `heard_after_all`."""
    stage: Stage | None = None
    reason: str = ""


# ---- corrections ---------------------------------------------------------------------------------


class GivenBack(Dated):
    """Base of what gives an application back: every item, and by when."""

    rule: RuleName
    deadline_on: date
    clause: str
    items: Items
    number: int
    """The how manieth return."""
    stage: Stage | None = None
    uncapped_on: date | None = None
    """Where the term is cut: the day it would have reached, and what cuts it."""
    capped_by: RuleName | None = None


class Returned(GivenBack):
    """When an application is returned, to who corrects and the unit (BD 四(二)3(1)b, LC 四(二)4(1)b)."""

    kind: ClassVar = LetterKind.RETURNED


class OneOffNotice(GivenBack):
    """At the committee's first return, to applicant and unit: all at once (BD 四(二)3(3)c)."""

    kind: ClassVar = LetterKind.ONE_OFF_NOTICE


# ---- ends ----------------------------------------------------------------------------------------


class Abandoned(AboutEnd):
    """When a correction was not made in time, to applicant, unit, office (BD 四(二)3(1)c, 3(3)d)."""

    kind: ClassVar = LetterKind.ABANDONED
    clause: str


class Lapsed(AboutEnd):
    """When reporting up ends, to applicant, holder and superior (BD 四(二)3(2)d)."""

    kind: ClassVar = LetterKind.LAPSED
    rule: RuleName
    deadline_on: date
    clause: str
    responsible: str = ""
    """Who held it."""


class NotAccepted(AboutEnd):
    """At 不予受理, to applicant and unit (BD 四(二)3(3)b, LC 四(二)4(1)a)."""

    kind: ClassVar = LetterKind.NOT_ACCEPTED
    reason: str
    clause: str
    ground: Literal["", "not_qualified", "out_of_scope", "wrong_procedure"] = ""


class AuditFailed(AboutEnd):
    """At 审核不通过, to applicant and unit (LC 四(二)4(1)e)."""

    kind: ClassVar = LetterKind.AUDIT_FAILED
    clause: str
    number: int | None = None
    items: Items = ()


class PaymentMissed(AboutEnd):
    """When the payment window ends unpaid, to the applicant (BD 三3, 六(三))."""

    kind: ClassVar = LetterKind.PAYMENT_MISSED
    deadline_on: date
    clause: str
    fee: int | None = None
    paid: int | None = None


class Ended(AboutEnd):
    """At any other end, to applicant and unit; when a signal is refused, to who sent it."""

    kind: ClassVar = LetterKind.ENDED
    one_of: ClassVar = ("end", "code")
    code: Code | None = None
    action: str = ""
    refusal: OneRefusal = None
    refusals: Refusals = ()
    """All reasons why a submission was 不符合申报条件 (BD 二(一))."""


# ---- acceptance and money ------------------------------------------------------------------------


class Accepted(Dated):
    """At 受理, to the applicant (BD 四(二)3(3)a)."""

    kind: ClassVar = LetterKind.ACCEPTED
    number: str
    """受理号."""
    fee: int | None = None


class FeeDue(Dated):
    """When payment opens or a pay notice is sent, to the applicant (BD 六(三))."""

    kind: ClassVar = LetterKind.FEE_DUE
    rule: RuleName
    deadline_on: date
    fee: int
    url: str = ""


class FeeReceived(Dated):
    """When money has come, enough or short, to the applicant (BD 三3)."""

    kind: ClassVar = LetterKind.FEE_RECEIVED
    paid: int
    fee: int
    short: int | None = None
    waits: bool = False
    """Of a reinstated case that has no last day yet: it counts once the pay notice is sent."""


# ---- objections ----------------------------------------------------------------------------------


class ObjectionReceived(Dated):
    """When somebody objects or complains, to the applicant with the last day to be heard, to who
    inquires with its own (BD 四(二)3(1)h, 四(三)2a, 3d)."""

    kind: ClassVar = LetterKind.OBJECTION_RECEIVED
    inquiry: str = ""
    inquiry_kind: InquiryKind | None = None
    text: str = ""
    accused: bool = False
    """To the organisation it is against, which does not inquire."""
    last_today: bool = False
    """What comes in later on this day is told by no letter of its own any more."""


class InquiryConcluded(Dated):
    """At the finding, to the applicant and who complained under a name (BD 四(三)3d)."""

    kind: ClassVar = LetterKind.INQUIRY_CONCLUDED
    inquiry: str = ""
    outcome: InquiryOutcome
    not_of_applicant: bool = False
    reason: str = ""


# ---- from the meeting to the title ---------------------------------------------------------------


class MeetingSet(OfMeeting):
    """When the meeting's day is set or moved, or the case deferred, to the applicant (BD 三4)."""

    kind: ClassVar = LetterKind.MEETING_SET
    one_of: ClassVar = ("meeting_on", "result")
    meeting_on: date | None = None
    old_on: date | None = None
    result: Literal[Result.DEFERRED] | None = None
    reason: str = ""


class ResultTold(Letter):
    """When results are posted, to who did not pass (BD 四(三)3b)."""

    kind: ClassVar = LetterKind.RESULT_TOLD
    result: Result
    reason: str = ""


class PublicityResult(Dated):
    """When results are posted, to who passed and the unit (BD 四(三)3b)."""

    kind: ClassVar = LetterKind.PUBLICITY_RESULT
    rule: RuleName
    deadline_on: date
    result: Result
    posted_on: date


class TookEffect(Dated):
    """Base of what tells that a result counts from now on: since when, by which document."""

    issued_on: date
    document: str
    result: Result | None = None


class Confirmed(TookEffect):
    """When 市职改办 has confirmed, to the applicant with the last day of 复查, to who forwards
    with its own (BD 四(三)3e, 4a)."""

    kind: ClassVar = LetterKind.CONFIRMED


class Replied(TookEffect):
    """At the 函复 of 委托评审, to applicant and entrusting unit (BD 四(三)3f)."""

    kind: ClassVar = LetterKind.REPLIED


class Filed(TookEffect):
    """At the 备案 of 自主评审, to the applicant (办理口径22)."""

    kind: ClassVar = LetterKind.FILED


class Forwarded(Letter):
    """When the confirmation is forwarded, to applicant and unit (BD 四(三)4a)."""

    kind: ClassVar = LetterKind.FORWARDED
    document: str = ""


class RecheckReceived(Dated):
    """When 复查 is asked for, to applicant and office (BD 四(三)6c)."""

    kind: ClassVar = LetterKind.RECHECK_RECEIVED
    reason: str = ""


class RecheckDecided(Dated):
    """When 复查 is answered, to applicant and unit (BD 四(三)6d)."""

    kind: ClassVar = LetterKind.RECHECK_DECIDED
    decision: Literal["upheld", "reassess", "too_late"]
    reason: str = ""


# ---- absence cover -------------------------------------------------------------------------------


class OfCover(Letter):
    """Base of what tells the two of an absence cover who stands in for whom, where, when and for what
    (decision 0037); people and the organisation by id."""

    cover: str
    """The operation that named it."""
    organisation: str
    principal: str
    deputy: str
    starts_on: date
    ends_on: date
    acts: Lent


class CoverNamed(OfCover):
    """When a cover is confirmed, to the deputy and to whom he stands in for (办理口径63)."""

    kind: ClassVar = LetterKind.COVER_NAMED


class CoverEnded(OfCover):
    """When a cover ends before its last day, to the same two."""

    kind: ClassVar = LetterKind.COVER_ENDED
    ended_on: date
    ended_by: str = ""
    """Who ended it; empty where one of the two lost the role that it rests on."""


# ---- to operations -------------------------------------------------------------------------------


class Operator(Dated, OfMeeting):
    """When a person must look at the product itself, to operations."""

    kind: ClassVar = LetterKind.OPERATOR
    one_of: ClassVar = ("task", "code", "reason")
    task: str = ""
    code: Code | None = None
    reason: str = ""
    values: dict[str, str] = {}
    """The values of the code's sentence; they travel and are kept beside the code."""

    @classmethod
    def of(cls, params: Mapping[str, str]) -> Self:
        """Read back what was kept; whatever it has no name for is a value of the sentence."""
        values = {name: value for name, value in params.items() if name not in cls.model_fields}
        return super().of(params)._with({"values": values})

    @property
    def params(self) -> dict[str, str]:
        """What the letter says as it travels and is kept."""
        own = super().params
        own.pop("values", None)
        return {name: value for name, value in self.values.items() if value} | own


KINDS: Mapping[LetterKind, type[Letter]] = MappingProxyType(
    {
        model.kind: model
        for model in (
            Received,
            Task,
            Returned,
            OneOffNotice,
            Reminder,
            Abandoned,
            Lapsed,
            PublicityStarted,
            ObjectionReceived,
            InquiryConcluded,
            PassedUp,
            Accepted,
            NotAccepted,
            AuditFailed,
            FeeDue,
            FeeReceived,
            PaymentMissed,
            MeetingSet,
            ResultTold,
            PublicityResult,
            Confirmed,
            Replied,
            Filed,
            Forwarded,
            RecheckReceived,
            RecheckDecided,
            Ended,
            DatesChanged,
            Urged,
            CoverNamed,
            CoverEnded,
            Operator,
        )
    }
)
"""The model of each kind."""
