"""One engine for a file's measurements, and the figures of a run as its last lines."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment

from tests.benchmarks.figures import FOUND
from tests.vouching import vouching
from tests.workflow.conftest import engine_arguments, temporal_binary


def pytest_unconfigure() -> None:
    """After pytest's own last words: ``figure NAME VALUE UNIT``, one a line."""
    for found in FOUND:
        print(found.line())


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[Client]:
    """One engine for all measurements."""
    environment = await WorkflowEnvironment.start_time_skipping_v2(
        dev_server_existing_path=temporal_binary(),
        ts_config=TimeSkippingConfig(enabled=False),
        data_converter=pydantic_data_converter,
        interceptors=[vouching()],
        dev_server_extra_args=engine_arguments(),
    )
    yield environment.client
    await environment.shutdown()
