"""Typed signatures of the activities the workflows call, so that the core names them by import.

Each port is implemented exactly once in `activities/` under the same name and signature (an
architecture test proves it). The bodies here are never run.
"""

from __future__ import annotations

from temporalio import activity

from workflows.application.messages import (
    CaseQuery,
    Published,
    PublishedQuery,
    RecordStep,
    StepRecorded,
    StoredCase,
    Submission,
    SubmissionQuery,
    VerificationAnswer,
    VerificationRequest,
)
from workflows.bulk.messages import BulkShift, BulkShiftEnded
from workflows.letter.messages import MailroomShift, ShiftEnded
from workflows.meeting.messages import (
    MeetingBasis,
    MeetingBasisQuery,
    MeetingQuery,
    MeetingStepRecorded,
    RecordMeetingStep,
    StoredMeeting,
    TellCases,
    TellingOutcome,
)
from workflows.operation.messages import AmendOpen, OperationOutcome, OperationRequest
from workflows.sentinel.messages import Proof, ProofEnded
from workflows.writer.messages import Standstill

CASES = "cases"
RECORDS = "records"
LETTERS = "letters"


@activity.defn(name="load_submission")
async def load_submission(query: SubmissionQuery) -> Submission:
    """Load a draft's facts, the person's standing, the route's places and published versions."""
    raise RuntimeError(query.application)


@activity.defn(name="verify_submission")
async def verify_submission(request: VerificationRequest) -> VerificationAnswer:
    """Ask the data-sharing gateways; never longer than 5 seconds in all (T5)."""
    raise RuntimeError(request.application)


@activity.defn(name="record_step")
async def record_step(command: RecordStep) -> StepRecorded:
    """Write one step in one transaction; the same step again is once (design.md 7)."""
    raise RuntimeError(command.step.application)


@activity.defn(name="note_standstill")
async def note_standstill(standstill: Standstill) -> None:
    """Keep operations' task about a case or meeting that stands still; or take it away again."""
    raise RuntimeError(standstill.subject)


@activity.defn(name="load_published")
async def load_published(query: PublishedQuery) -> Published:
    """Load the rules and calendar now published, for an amended case (design.md 2)."""
    raise RuntimeError(query.campaign)


@activity.defn(name="load_case")
async def load_case(query: CaseQuery) -> StoredCase:
    """Load a case as its last step left it."""
    raise RuntimeError(query.application)


@activity.defn(name="last_step")
async def last_step(application: str) -> int:
    """The number of a case's last step in the record; 0 where it has none."""
    raise RuntimeError(application)


@activity.defn(name="work_mailroom")
async def work_mailroom(shift: MailroomShift) -> ShiftEnded:
    """Send what waits in a room; each letter claimed before it is sent, none twice (design.md 9)."""
    raise RuntimeError(shift.room)


@activity.defn(name="carry_out_operation")
async def carry_out_operation(request: OperationRequest) -> OperationOutcome:
    """Carry out one operation in one transaction with one audit entry."""
    raise RuntimeError(request.kind)


@activity.defn(name="amend_open")
async def amend_open(command: AmendOpen) -> int:
    """Tell open cases and meetings of an amendment by signal, each once; resumes where it stopped."""
    raise RuntimeError(command.operation)


@activity.defn(name="carry_on_bulk")
async def carry_on_bulk(shift: BulkShift) -> BulkShiftEnded:
    """Carry a bulk's act to its cases while it runs, each once; resumes where it stopped."""
    raise RuntimeError(shift.bulk)


@activity.defn(name="prove_subjects")
async def prove_subjects(proof: Proof) -> ProofEnded:
    """Compare record and engine over all subjects, mend what is safe; resumes where it stopped."""
    raise RuntimeError(proof)


@activity.defn(name="load_meeting_basis")
async def load_meeting_basis(query: MeetingBasisQuery) -> MeetingBasis:
    """Load the committee as filed, the campaign's rules and the calendar for a new meeting."""
    raise RuntimeError(query.committee)


@activity.defn(name="load_meeting")
async def load_meeting(query: MeetingQuery) -> StoredMeeting:
    """Load a meeting as its last step left it."""
    raise RuntimeError(query.meeting)


@activity.defn(name="record_meeting_step")
async def record_meeting_step(command: RecordMeetingStep) -> MeetingStepRecorded:
    """Write one step of a meeting in one transaction; the same step again is once."""
    raise RuntimeError(command.step.meeting)


@activity.defn(name="tell_cases")
async def tell_cases(command: TellCases) -> TellingOutcome:
    """Tell every open line of a telling to its case; heartbeats, resumes, each line once."""
    raise RuntimeError(command.telling)
