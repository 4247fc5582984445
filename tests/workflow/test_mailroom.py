"""The Mailroom workflow: a shift while there are letters, a rest while mail is away, then its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from tests.benchmarks.counting import cost_of
from workers.forgetting import forget
from workers.runner import workflow_runner
from workflows.letter.messages import MailroomShift, ShiftEnded, Wake
from workflows.letter.workflow import FULL_EVENTS, MailroomWorkflow
from workflows.ports import LETTERS


class Room:
    """What its shifts answer, one after the other; then nothing is left."""

    def __init__(self) -> None:
        self.answers: list[ShiftEnded] = []
        self.shifts: list[MailroomShift] = []
        self.at_work = asyncio.Event()
        self.release: asyncio.Event | None = None

    @activity.defn(name="work_mailroom")
    async def work_mailroom(self, shift: MailroomShift) -> ShiftEnded:
        self.shifts.append(shift)
        self.at_work.set()
        if self.release is not None:
            await self.release.wait()
        return self.answers.pop(0) if self.answers else ShiftEnded(room=shift.room)


@pytest.fixture
def room() -> Room:
    return Room()


@pytest_asyncio.fixture(loop_scope="session")
async def client(engine: WorkflowEnvironment, room: Room) -> AsyncIterator[Client]:
    async with Worker(
        engine.client,
        task_queue=LETTERS,
        workflows=[MailroomWorkflow],
        activities=[room.work_mailroom],
        workflow_runner=workflow_runner(),
    ):
        yield engine.client


async def woken(client: Client, name: str) -> WorkflowHandle[object, ShiftEnded]:
    """As whoever orders a letter wakes a room."""
    return await client.start_workflow(
        "Mailroom",
        MailroomShift(room="live-0"),
        id=name,
        task_queue=LETTERS,
        start_signal="wake",
        start_signal_args=[Wake()],
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        result_type=ShiftEnded,
    )


@pytest.fixture
def name() -> str:
    return f"mailroom-{uuid4()}"


async def test_a_room_works_one_shift_and_ends(client: Client, room: Room, name: str) -> None:
    handle = await woken(client, name)

    assert (await handle.result()).wait_seconds is None
    history = await handle.fetch_history()
    assert cost_of([list(history.events)]).actions == 3
    assert len(room.shifts) == 1


async def test_a_room_that_ended_is_woken_again(client: Client, room: Room, name: str) -> None:
    await (await woken(client, name)).result()
    await (await woken(client, name)).result()

    assert len(room.shifts) == 2


async def test_who_rings_while_a_shift_ends_is_heard(client: Client, room: Room, name: str) -> None:
    """However many: one more shift looks."""
    room.release = asyncio.Event()
    handle = await woken(client, name)
    await room.at_work.wait()
    for _ in range(3):
        await woken(client, name)
    room.release.set()

    await handle.result()
    assert len(room.shifts) == 2


async def test_a_mail_server_that_is_away_only_delays(
    client: Client, room: Room, name: str
) -> None:
    """The next shift knows how often it was away; a day of it stays small."""
    room.answers = [
        ShiftEnded(room="live-0", away=times, wait_seconds=0.05) for times in range(1, 21)
    ]
    handle = await woken(client, name)

    assert (await handle.result()).away == 0
    assert [shift.away for shift in room.shifts] == list(range(21))


async def test_a_ring_ends_a_rest(client: Client, room: Room, name: str) -> None:
    room.answers = [ShiftEnded(room="live-0", wait_seconds=3600)]
    handle = await woken(client, name)
    async with asyncio.timeout(30):
        await room.at_work.wait()
        while (await handle.describe()).raw_description.pending_activities:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        await woken(client, name)
        await handle.result()

    assert len(room.shifts) == 2


async def test_a_long_time_is_several_runs(client: Client, room: Room, name: str) -> None:
    room.answers = [
        ShiftEnded(room="live-0", away=1, wait_seconds=0) for _ in range(FULL_EVENTS // 6 + 5)
    ]
    first = await woken(client, name)

    await first.result()
    assert (
        await client.get_workflow_handle(name).describe()
    ).run_id != first.first_execution_run_id


async def test_nobody_else_wakes_a_room(
    engine: WorkflowEnvironment, client: Client, room: Room, name: str
) -> None:
    """A word without a voucher starts nothing, and is none to a room that rests."""
    stranger = await Client.connect(
        client.service_client.config.target_host, data_converter=pydantic_data_converter
    )
    room.answers = [ShiftEnded(room="live-0", wait_seconds=2)]
    handle = await woken(client, name)
    await room.at_work.wait()
    await stranger.get_workflow_handle(name).signal("wake", Wake())
    await asyncio.sleep(0.5)

    assert len(room.shifts) == 1
    await handle.result()
    assert len(room.shifts) == 2


async def test_what_closed_long_ago_is_forgotten(client: Client, room: Room, name: str) -> None:
    """What closed since is kept, and so is what still runs."""
    await (await woken(client, name)).result()
    room.answers = [ShiftEnded(room="live-0", wait_seconds=3600)]
    resting = await woken(client, f"{name}-resting")
    now = datetime.now(UTC)
    closed = f"WorkflowId = '{name}' AND ExecutionStatus = 'Completed'"
    await _until(client, closed, 1)

    await forget(client, now - timedelta(days=1))
    assert (await client.get_workflow_handle(name).describe()).close_time is not None
    assert await forget(client, datetime.now(UTC)) >= 1
    async with asyncio.timeout(150):
        while await _is_there(client, name):  # noqa: ASYNC110 - the engine deletes by and by
            await asyncio.sleep(0.2)
    assert (await resting.describe()).close_time is None
    await resting.terminate()


async def _until(client: Client, query: str, found: int) -> None:
    """Visibility lags behind."""
    async with asyncio.timeout(30):
        while len([run async for run in client.list_workflows(query)]) != found:  # noqa: ASYNC110
            await asyncio.sleep(0.2)


async def _is_there(client: Client, name: str) -> bool:
    try:
        await client.get_workflow_handle(name).describe()
    except RPCError as err:
        if err.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True
