"""What a meeting says to its cases: acts of their catalogue, each with what it must state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from workflows.application.payloads import (
    AssignToMeeting,
    Issue,
    MeetingEnded,
    PostPublicity,
    PostResults,
    ReportResults,
    SendForConfirmation,
)
from workflows.writer.payloads import Nothing, Payload, Reason

P = TypeVar("P", bound=Payload)


@dataclass(frozen=True)
class Word(Generic[P]):
    """An act of a case that a meeting orders; typed by its payload, so that none says another's."""

    action: str
    payload: type[P]


ASSIGN = Word("assign_to_meeting", AssignToMeeting)
LEAVE = Word("leave_meeting", Reason)
OPEN_REVIEW = Word("open_review", Nothing)
RECORD_RESULT = Word("record_result", MeetingEnded)
"""The meeting states when it ended; the record adds each candidate's own result."""
REPORT = Word("report_results", ReportResults)
POST = Word("post_results", PostResults)
RESTART = Word("restart_publicity", PostPublicity)
SEND = Word("send_for_confirmation", SendForConfirmation)
SEND_BACK = Word("send_back", Reason)
CONFIRM = Word("confirm", Issue)
REPLY = Word("reply_to_entrusting_unit", Issue)
FILE = Word("file_for_record", Issue)
