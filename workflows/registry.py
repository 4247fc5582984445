"""The workflow types of this product; the fleet, the replay gate and the tests read this list."""

from __future__ import annotations

from workflows.application import ApplicationWorkflow
from workflows.filing import FilingWorkflow
from workflows.meeting import MeetingWorkflow
from workflows.notice import NoticeWorkflow
from workflows.operation import OperationWorkflow

WORKFLOWS: list[type] = [
    ApplicationWorkflow,
    FilingWorkflow,
    MeetingWorkflow,
    NoticeWorkflow,
    OperationWorkflow,
]
