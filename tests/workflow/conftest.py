"""A real engine for workflow tests: the dev server with time skipping, and workers in process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig, WorkflowEnvironment
from temporalio.worker import Worker

from tests.engine import started_engine
from tests.workflow.season import MemoryRecords, Season, SharedRecords
from tests.workflow.sitting import SharedMeetings
from workers.runner import workflow_runner
from workflows.application.workflow import ApplicationWorkflow
from workflows.meeting.workflow import MeetingWorkflow


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def engine() -> AsyncIterator[WorkflowEnvironment]:
    """One engine for the session."""
    environment = await started_engine()
    yield environment
    await environment.shutdown()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def hasty_engine() -> AsyncIterator[WorkflowEnvironment]:
    """An engine that suggests continue-as-new after 60 events."""
    environment = await started_engine("limit.historyCount.suggestContinueAsNew=60")
    yield environment
    await environment.shutdown()


@pytest.fixture
def records() -> MemoryRecords:
    """A record in memory."""
    return MemoryRecords()


@pytest.fixture(scope="session")
def house() -> SharedMeetings:
    """The memories of all meetings of the session."""
    return SharedMeetings()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def fleet(engine: WorkflowEnvironment, house: SharedMeetings) -> AsyncIterator[SharedRecords]:
    """One fleet on the engine for all cases and meetings that need no accident of their own."""
    shared = SharedRecords()
    async with workers(engine.client, shared, house):
        yield shared


@pytest.fixture
def season(engine: WorkflowEnvironment, fleet: SharedRecords, records: MemoryRecords) -> Season:
    """A case of LC's district unit on 2024-10-10, 09:00."""
    case = Season(skipper_of(engine.client), engine.client, "2024-10-10T09:00:00")
    fleet.of[case.id] = records
    return case


def skipper_of(client: Client) -> TimeSkipper:
    """A time skipper that never skips by itself."""
    return TimeSkipper(client, config=TimeSkippingConfig(enabled=False))


class workers:  # noqa: N801 - reads as the context it is
    """The two queues of cases and meetings, in this process."""

    def __init__(
        self, client: Client, *records: MemoryRecords | SharedRecords | SharedMeetings
    ) -> None:
        self._client = client
        self._activities = [item for memory in records for item in memory.activities]
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> None:
        cases = Worker(
            self._client,
            task_queue="cases",
            workflows=[ApplicationWorkflow, MeetingWorkflow],
            activities=self._activities,  # what runs within its tasks
            no_remote_activities=True,
            workflow_runner=workflow_runner(),
        )
        recording = Worker(self._client, task_queue="records", activities=self._activities)
        await self._stack.enter_async_context(cases)
        await self._stack.enter_async_context(recording)

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
