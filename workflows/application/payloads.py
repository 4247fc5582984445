"""The payload of each act: what a person states beyond who and when.

A `Text` is free text: the gateway stores it first and sends its reference, so that no free text
lies in the engine (design.md 11). Dates are Beijing calendar days.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from workflows.rules.days import Day, Moment
from workflows.rules.facts import Achievement
from workflows.rules.names import InquiryOutcome, Result
from workflows.rules.text import Stated
from workflows.writer.payloads import Key, Name, Payload, Text, Upload


class Submit(Payload):
    """The stored draft that becomes the case."""

    draft: Name


class PostPublicity(Payload):
    """The unit's 公示表 is up: the day of posting, the later of its channels (A4)."""

    posted_on: Day | None = None
    place: Text = ""
    channels: tuple[Key, ...] = ("public_place",)
    contacts: tuple[Text, ...] = ()
    originals_checked: bool = False
    """Originals and copies were compared (BD 3(1)a, LC 3(1)a); kept in the record."""
    merits: Text = ""
    """Why this person is recommended: 考核 and 履职 (BD 3(1)e, LC 3(1)c)."""
    unit_rules: Text = ""
    """The unit's own conditions applied, foreign language and computer included (BD 二(二))."""
    relevant: tuple[Key, ...] = ()
    """Achievements the unit found relevant to the profession applied for (LC 五(三)0)."""
    reason: Text = ""


About = Annotated[
    Key, StringConstraints(pattern=r"^(((achievement|paper|fact|file):[A-Za-z0-9_.-]+)|[a-z_]*)$")
]
"""What an item is about, by its name in the case; it is no free text, which would lie in the engine."""
DefectKey = Annotated[Key, StringConstraints(pattern=r"^[a-z0-9_]{0,40}$")]
"""A row of a catalogue of defects: the notice's own, or the general one."""


class ReturnItem(Payload):
    """One thing to be corrected."""

    id: Key = ""
    subject: About = ""
    defect: DefectKey = ""
    """Which usual defect it is; its text is stated all the same, as the office words it here."""
    text: Text = ""
    refers_to: Key = ""


class ReturnForCorrection(Payload):
    """Items to be corrected and the term in working days (the rule's default where absent)."""

    items: tuple[ReturnItem, ...] = ()
    days: int | None = None
    to: Literal["applicant", "unit"] = "applicant"
    note: Text = ""


class OverrideReturn(ReturnForCorrection):
    """A supervisor's return with new defects: needs a reason (A3)."""

    reason: Text = ""


Attachments = Annotated[tuple[Upload, ...], Field(max_length=10)]
"""Files that go with what somebody writes."""


class AddedFile(Payload):
    """A file added in a correction: its upload, kind, and the achievement or paper it proves."""

    file: Upload
    kind: Key = ""
    achievement: Key = ""


class ItemAnswer(Payload):
    """What was done about one item of the return."""

    item: Key
    text: Text = ""


class Resubmit(Payload):
    """The corrected application: answers by item, files added, and facts that are changed."""

    answers: tuple[ItemAnswer, ...] = ()
    files: tuple[AddedFile, ...] = ()
    changes: dict[Key, Stated] = {}
    """Field of the facts → its corrected value; only what an item of the return names."""
    achievements: tuple[Achievement, ...] = ()
    """Achievements as they are to stand, each in full, by their ids."""
    note: Text = ""


class Objection(Payload):
    """An objection or complaint; anonymous where no name is left (A30)."""

    text: Text = ""
    contact: Text = ""
    against_unit: bool = False
    """Against the unit itself: another body inquires."""
    against_office: bool = False
    """Against the committee's office itself: 市职改办 inquires."""
    attachments: Attachments = ()


class Accept(Payload):
    """Acceptance with its register number; made from the record where absent."""

    number: Key = ""
    note: Text = ""


class Refuse(Payload):
    """不予受理 on one of its three grounds (BD 3(3)b, LC 4(1)a)."""

    ground: Literal["not_qualified", "out_of_scope", "wrong_procedure"]
    reason: Text = ""


class PayNotice(Payload):
    """A pay notice; a case noticed late gets its own last day (A18)."""

    ends_on: Day | None = None
    url: Key = ""


class RecordPayment(Payload):
    """Money that arrived: transaction number, yuan, and when it was paid (A19)."""

    transaction: Name
    yuan: Annotated[int, Field(gt=0, le=1_000_000)]
    paid_at: Moment


class AssignToMeeting(Payload):
    """The meeting and its planned day; may be told again with another day."""

    meeting: Name
    meeting_on: Day
    batch: Key = ""
    number: Key = ""
    """The meeting's own number, where it is one of the platform's."""


class MeetingEnded(Payload):
    """What a meeting states of all its results; day 0 of the five working days is its last day
    (A7)."""

    meeting_ended_on: Day
    note: Text = ""


class RecordResult(MeetingEnded):
    """The same with the candidate's own result."""

    result: Result


class ReportResults(Payload):
    """The report to 市职改办."""

    reported_on: Day | None = None


class PostResults(Payload):
    """The results are posted (passed), or told (not passed)."""

    posted_on: Day | None = None
    reason: Text = ""


class SendForConfirmation(Payload):
    """The draft of the 职称资格确认通知 goes to 市职改办."""

    batch: Key = ""
    note: Text = ""


class Issue(Payload):
    """A document that brings the result's day: 确认通知, 函复 or own confirmation."""

    issued_on: Day
    number: Name


class RequestRecheck(Payload):
    """A request for 复查; grounds are an open list (A51), by post its dispatch day counts (A52)."""

    grounds: Literal["procedure", "misjudged", "other"] = "other"
    text: Text = ""
    dispatched_on: Day | None = None
    attachments: Attachments = ()


class DecideRecheck(Payload):
    """The answer to a 复查, which must be told."""

    decision: Literal["upheld", "reassess"]
    reason: Text = ""
    attachments: Attachments = ()


class Forward(Payload):
    """The confirmation was forwarded to the unit."""

    forwarded_on: Day | None = None


class ConfirmArchived(Payload):
    """One of the two copies is in its archive (BD 四(三)4d)."""

    copy_in: Literal["personal", "unit"]


class SetAside(Payload):
    """Takes back the last act: by its actor within minutes, or by the office with a second person."""

    reason: Text = ""
    second_person: Key = ""
    step: int | None = None
    """The number of the step that is meant; the last one that can be taken back where none is named."""


class ConfirmRequest(Payload):
    """A second person's word on what the first one asked for; the only request where none is named."""

    request: Key = ""
    agree: bool = True
    reason: Text = ""


class ConcludeInquiry(Payload):
    """The finding of an inquiry."""

    inquiry: Key = ""
    outcome: InquiryOutcome
    not_of_applicant: bool = False
    """Found true, but of the unit or the office alone: nothing is wrong with the application."""
    reason: Text = ""
    attachments: Attachments = ()


class AboutInquiry(Payload):
    """An act about one inquiry; the only open one where none is named."""

    inquiry: Key = ""
    text: Text = ""
    attachments: Attachments = ()


class HoldReview(Payload):
    """The office's word whether an open complaint holds the meeting (T3)."""

    inquiry: Key = ""
    hold: bool = True


class ExtendDeadline(Payload):
    """A later last day for one running deadline, with its reason."""

    rule: Name
    ends_on: Day
    reason: Text = ""


class Disqualify(Payload):
    """Eligibility lost on the way: the clause it rests on and the reason (A58)."""

    clause: Name
    reason: Text = ""


class Revoke(Payload):
    """A title withdrawn by 市职改办."""

    reason: Text = ""
    fraud: bool = False


class ManualCheck(Payload):
    """A person's decision on an open check."""

    check: Name
    satisfied: bool = True
    note: Text = ""
