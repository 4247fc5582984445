"""The workflow types of this product; the fleet, the replay gate and the tests read this list."""

from __future__ import annotations

from workflows.application.workflow import ApplicationWorkflow
from workflows.bulk.workflow import BulkWorkflow
from workflows.letter.workflow import MailroomWorkflow
from workflows.meeting.workflow import MeetingWorkflow
from workflows.operation.workflow import OperationWorkflow
from workflows.sentinel.workflow import SentinelWorkflow

WORKFLOWS: list[type] = [
    ApplicationWorkflow,
    MeetingWorkflow,
    MailroomWorkflow,
    OperationWorkflow,
    BulkWorkflow,
    SentinelWorkflow,
]
