"""Whoever orders letters wakes their mailroom once, on a real engine and a real database."""

from __future__ import annotations

import shutil
import sysconfig
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from activities.database import Pool
from activities.intake import Intake
from activities.letters.waking import MailroomBell
from activities.records import CaseRecords
from tests.builders import BD
from tests.fixtures.record import Office
from tests.integration.steps import an_application, opening
from workflows.ports import LETTERS

pytestmark = pytest.mark.integration

ROOM = "live-0"
AWAKE = "INSERT INTO mailroom (room, awake_until) VALUES ($1, now() + interval '20 s')"


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


async def events(server: WorkflowEnvironment) -> int:
    """How long the room's history is."""
    handle = server.client.get_workflow_handle(f"mailroom-{ROOM}")
    return len((await handle.fetch_history()).events)


async def test_a_room_is_woken_once_and_then_only_rung_at(
    server: WorkflowEnvironment, pool: Pool
) -> None:
    bell = MailroomBell(pool, server.client)
    await bell(ROOM)
    described = await server.client.get_workflow_handle(f"mailroom-{ROOM}").describe()
    assert (described.workflow_type, described.task_queue) == ("Mailroom", LETTERS)
    before = await events(server)

    await pool.execute(AWAKE, ROOM)
    for _ in range(5):
        await bell(ROOM)

    assert await events(server) == before


async def test_a_room_that_is_awake_hears_the_bell(server: WorkflowEnvironment, pool: Pool) -> None:
    heard: list[object] = []

    def hear(*said: object) -> None:
        heard.append(said[-1])

    async with pool.acquire() as connection:
        await connection.add_listener("mailroom", hear)
        await MailroomBell(pool, server.client)(ROOM)
        await connection.fetchval("SELECT 1")
        await connection.remove_listener("mailroom", hear)
    assert heard == [ROOM]


async def test_a_room_that_sleeps_over_its_letters_is_woken_by_the_watch(
    server: WorkflowEnvironment,
    pool: Pool,
    owner: Pool,
    records: CaseRecords,
    intake: Intake,
    published: Office,
) -> None:
    """The word to the engine was lost, or a worker died; one that rests on purpose is left alone."""
    bell = MailroomBell(pool, server.client)
    assert await bell.sleepers() == 0
    draft = await intake.store_draft("live", BD, an_application())
    await records.record_step(opening(draft))
    assert await bell.sleepers() == 0
    await owner.execute("UPDATE letter SET created_at = now() - interval '11 s'")
    assert await bell.sleepers() == 1

    [room] = [row["room"] for row in await pool.fetch("SELECT room FROM letter")]
    await pool.execute(AWAKE, room)
    assert await bell.sleepers() == 0
    await pool.execute("UPDATE mailroom SET awake_until = now()")
    assert await bell.sleepers() == 1
    await pool.execute("UPDATE letter SET due_at = now() + interval '1 h'")
    assert await bell.sleepers() == 0


async def test_an_engine_that_is_away_fails_nobody(server: WorkflowEnvironment, pool: Pool) -> None:
    bell = MailroomBell(pool, server.client)
    await server.shutdown()

    await bell(ROOM)
