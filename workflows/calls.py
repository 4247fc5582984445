"""The activities a case asks things of, with their timeouts, and what their failure means."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    FailureError,
    is_cancelled_exception,
)

from workflows import ports
from workflows.application.case import Case
from workflows.application.messages import (
    CaseQuery,
    OpenApplication,
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
from workflows.rules.facts import CheckResult
from workflows.rules.refusals import Code, refuse
from workflows.writer.messages import Standstill

Q = TypeVar("Q")
A = TypeVar("A")

NEVER_TAKEN = "never_taken"
"""The type of an activity's failure: the database will never take this content (`failures`)."""

DOES_NOT_FOLLOW = ("step_gap", "step_conflict")
"""The types of what does not follow the record's last step (`failures`)."""

AT_ONCE = timedelta(seconds=3)
"""How long a case's own workflow task may wait for the record."""
ONCE = RetryPolicy(maximum_attempts=1)
RECORD_TIMEOUT = timedelta(seconds=20)
VERIFY_TIMEOUT = timedelta(seconds=10)
ROWS_TIMEOUT = timedelta(seconds=120)
"""A list or a selection of thousands of candidates in one transaction."""
TELLING_TIMEOUT = timedelta(hours=6)
TELLING_HEARTBEAT = timedelta(seconds=60)
PERSISTENT = RetryPolicy(
    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=60)
)
"""No end of attempts: a database that is away delays, it never ends a case (design.md 7)."""


async def load_submission(opening: OpenApplication, draft: str, as_of: datetime) -> Submission:
    """The draft with all that its case travels with.

    Raises:
        Refused: `not_found` for a draft that is not there, `needs_operator` where it cannot be read.
    """
    query = SubmissionQuery(
        application=opening.application, realm=opening.realm, draft=draft, as_of=as_of
    )
    try:
        return await _at_once(ports.load_submission, query)
    except FailureError as error:
        if is_cancelled_exception(error):
            raise
        code = Code.NOT_FOUND if failure_of(error) == Code.NOT_FOUND else Code.NEEDS_OPERATOR
        raise refuse(code, "", what="draft", known="无") from None


async def verify(application: str, submission: Submission) -> VerificationAnswer:
    """The gateways' answers; what cannot be asked at all is unverified, for a person (T5)."""
    checks = submission.policy.verifiers.checks
    request = VerificationRequest(application=application, person=submission.person, checks=checks)
    try:
        return await _asked(ports.verify_submission, request, VERIFY_TIMEOUT)
    except FailureError as error:
        if is_cancelled_exception(error):
            raise
        unverified = (CheckResult(check=name, result="unverified") for name in checks)
        return VerificationAnswer(results=tuple(unverified))


async def load_published(case: Case) -> Published:
    """The rules and calendar published now for this case.

    Raises:
        Refused: `needs_operator` where they cannot be read.
    """
    query = PublishedQuery(
        realm=case.realm, campaign=case.policy.campaign, route=case.route, level=case.level
    )
    try:
        return await _at_once(ports.load_published, query)
    except FailureError as error:
        if is_cancelled_exception(error):
            raise
        raise refuse(Code.NEEDS_OPERATOR, "", what="published") from None


async def load_case(query: CaseQuery) -> StoredCase:
    """A case as the record has it.

    Raises:
        Refused: `not_found` where there is none, `needs_operator` where it cannot be read.
    """
    return await _there(_at_once(ports.load_case, query), "application", query.application)


async def last_step(application: str) -> int:
    """The number of the last step in the record."""
    return await _at_once(ports.last_step, application)


async def record_step(command: RecordStep) -> StepRecorded:
    """Write one step.

    Raises:
        FailureError: only for an answer that no retry changes (a gap), or a cancellation.
    """
    return await _at_once(ports.record_step, command)


async def note_standstill(standstill: Standstill) -> None:
    """Keep operations' task about a subject that stands still, or take it away.

    What the record will not have of it is left: the standstill itself is in the log and the metrics.
    """
    try:
        await _asked(ports.note_standstill, standstill)
    except FailureError as error:
        if is_cancelled_exception(error):
            raise
        workflow.logger.error("standstill.not_noted", extra={"why": failure_of(error)})


async def load_meeting_basis(query: MeetingBasisQuery) -> MeetingBasis:
    """The committee, rules and calendar of a new meeting.

    Raises:
        Refused: `not_found` naming what is not there, `needs_operator` where it cannot be read.
    """
    return await _there(_asked(ports.load_meeting_basis, query), "committee", query.committee)


async def load_meeting(query: MeetingQuery) -> StoredMeeting:
    """A meeting as the record has it.

    Raises:
        Refused: `not_found` where there is none, `needs_operator` where it cannot be read.
    """
    return await _there(_asked(ports.load_meeting, query), "meeting", query.meeting)


async def record_meeting_step(command: RecordMeetingStep) -> MeetingStepRecorded:
    """Write one step of a meeting.

    Raises:
        FailureError: only for an answer that no retry changes (a conflict), or a cancellation.
    """
    return await _asked(ports.record_meeting_step, command, ROWS_TIMEOUT)


async def tell_cases(command: TellCases) -> TellingOutcome:
    """Tell a word to every case of a telling, however long that takes; resumed where it stopped."""
    return await workflow.execute_activity(
        ports.tell_cases,
        command,
        task_queue=ports.RECORDS,
        start_to_close_timeout=TELLING_TIMEOUT,
        heartbeat_timeout=TELLING_HEARTBEAT,
        retry_policy=PERSISTENT,
    )


async def _there(reading: Awaitable[A], what: str, known: str) -> A:
    """What is read of the record.

    Raises:
        Refused: `not_found` where it is not there, `needs_operator` where it cannot be read.
    """
    try:
        return await reading
    except FailureError as error:
        if is_cancelled_exception(error):
            raise
        code = Code.NOT_FOUND if failure_of(error) == Code.NOT_FOUND else Code.NEEDS_OPERATOR
        raise refuse(code, "", what=what, known=known) from None


async def _at_once(port: Callable[[Q], Awaitable[A]], query: Q) -> A:
    """One read or one transaction of a case: within its workflow task, which costs one event.

    Where that fails or takes long, by the records' workers, tried until it answers: a database that
    is away delays a case and holds no workflow task for longer than `AT_ONCE`.
    """
    try:
        return await workflow.execute_local_activity(
            port, query, schedule_to_close_timeout=AT_ONCE, retry_policy=ONCE
        )
    except FailureError as error:
        told = _told(error)
        if is_cancelled_exception(error) or (told is not None and told.non_retryable):
            raise
    return await _asked(port, query)


async def _asked(
    port: Callable[[Q], Awaitable[A]], query: Q, patience: timedelta = RECORD_TIMEOUT
) -> A:
    """One activity of the records queue, tried until it answers."""
    return await workflow.execute_activity(
        port,
        query,
        task_queue=ports.RECORDS,
        start_to_close_timeout=patience,
        retry_policy=PERSISTENT,
    )


def failure_of(error: FailureError) -> str:
    """The type an activity failed with; empty where it gave none."""
    told = _told(error)
    return (told.type or "") if told is not None else ""


def _told(error: FailureError) -> ApplicationError | None:
    """What an activity said of its failure: a local one's comes as it is, another's is wrapped."""
    failure = error.cause if isinstance(error, ActivityError) else error
    return failure if isinstance(failure, ApplicationError) else None
