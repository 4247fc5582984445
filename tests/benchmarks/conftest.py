"""One engine for a file's measurements, and the figures of a run as its last lines."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client

from tests.benchmarks.figures import FOUND
from tests.engine import started_engine


def pytest_unconfigure() -> None:
    """After pytest's own last words: ``figure NAME VALUE UNIT``, one a line."""
    for found in FOUND:
        print(found.line())


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[Client]:
    """One engine for all measurements."""
    environment = await started_engine()
    yield environment.client
    await environment.shutdown()
