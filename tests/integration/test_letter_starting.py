"""Mail is started as a workflow of its own, once per letter, on a real Temporal server."""

from __future__ import annotations

import shutil
import sysconfig
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from activities.letters.starting import LetterStarter
from workflows.ports import LETTERS

pytestmark = pytest.mark.integration


@pytest.fixture
async def server() -> AsyncIterator[WorkflowEnvironment]:
    """A server without workers: a start is all that is looked at."""
    beside = str(Path(sysconfig.get_path("scripts")) / "temporal")
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=shutil.which("temporal", path=str(Path(beside).parent)),
        data_converter=pydantic_data_converter,
    )
    yield environment
    await environment.shutdown()


async def test_a_notice_is_started_once(server: WorkflowEnvironment) -> None:
    start = LetterStarter(server.client)
    await start("n-1")
    run = (await server.client.get_workflow_handle("letter-n-1").describe()).run_id
    await start("n-1")
    described = await server.client.get_workflow_handle("letter-n-1").describe()
    assert (described.run_id, described.task_queue) == (run, LETTERS)


async def test_a_notice_that_has_ended_is_not_started_again(server: WorkflowEnvironment) -> None:
    start = LetterStarter(server.client)
    await start("n-2")
    handle = server.client.get_workflow_handle("letter-n-2")
    await handle.terminate()
    await start("n-2")
    assert (await handle.describe()).close_time is not None
