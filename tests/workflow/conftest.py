"""A case on the engine, with a record in memory."""

from __future__ import annotations

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.fixtures.engine import skipper_of
from tests.workflow.season import MemoryRecords, Season, SharedRecords
from tests.workflow.sitting import MemoryMeetings, SharedMeetings, Sitting


@pytest.fixture
def records() -> MemoryRecords:
    """A record in memory."""
    return MemoryRecords()


@pytest.fixture
def season(engine: WorkflowEnvironment, fleet: SharedRecords, records: MemoryRecords) -> Season:
    """A case of LC's district unit on 2024-10-10, 09:00."""
    case = Season(skipper_of(engine.client), engine.client, "2024-10-10T09:00:00")
    fleet.of[case.id] = records
    return case


@pytest.fixture
def sitting(
    engine: WorkflowEnvironment,
    house: SharedMeetings,
    fleet: SharedRecords,
    records: MemoryMeetings,
) -> Sitting:
    """A meeting of BD, planned on 2023-11-27; its record is the module's own `records`."""
    found = Sitting(skipper_of(engine.client), engine.client, "2023-11-27T09:00:00")
    house.of[found.realm] = records
    return found
