"""Ten thousand signals in a minute by a stranger at one case (`make bench`)."""

from __future__ import annotations

import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from tests.hostile.engine.flood import flood, letters_to_the_office
from tests.workflow.conftest import skipper_of, workers
from tests.workflow.season import MemoryRecords, Season

pytestmark = pytest.mark.benchmark


async def test_ten_thousand_signals_in_a_minute(client: Client) -> None:
    records = MemoryRecords()
    season = Season(skipper_of(client), client, "2024-10-10T09:00:00")
    async with workers(client, records):
        seen = await flood(season, records, 10_000, a_second=170)
    print(f"\n{seen}; {letters_to_the_office(records)} letters to the office")

    assert seen.status is WorkflowExecutionStatus.RUNNING
    assert seen.largest < 5_000_000
    assert letters_to_the_office(records) <= 3
