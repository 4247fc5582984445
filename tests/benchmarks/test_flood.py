"""Ten thousand signals in a minute by a stranger at one case (`make bench`)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment

from tests.hostile.engine.flood import flood, letters_to_the_office
from tests.vouching import vouching
from tests.workflow.conftest import engine_arguments, skipper_of, temporal_binary, workers
from tests.workflow.season import MemoryRecords, Season

pytestmark = pytest.mark.benchmark


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """An engine of its own."""
    environment = await WorkflowEnvironment.start_time_skipping_v2(
        dev_server_existing_path=temporal_binary(),
        ts_config=TimeSkippingConfig(enabled=False),
        data_converter=pydantic_data_converter,
        interceptors=[vouching()],
        dev_server_extra_args=engine_arguments(),
    )
    yield environment.client
    await environment.shutdown()


async def test_ten_thousand_signals_in_a_minute(client: Client) -> None:
    records = MemoryRecords()
    season = Season(skipper_of(client), client, "2024-10-10T09:00:00")
    async with workers(client, records):
        seen = await flood(season, records, 10_000, a_second=170)
    print(f"\n{seen}; {letters_to_the_office(records)} letters to the office")

    assert seen.status is WorkflowExecutionStatus.RUNNING
    assert seen.largest < 5_000_000
    assert letters_to_the_office(records) <= 3
