"""The Bulk workflow: a shift while there is something to do, then its end; woken again under its id."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio import activity
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from tests.vouching import STRANGER, vouching
from workers.runner import workflow_runner
from workflows.bulk.messages import BulkShift, BulkShiftEnded, Carry
from workflows.bulk.workflow import FULL_EVENTS, BulkWorkflow
from workflows.ports import RECORDS

QUEUE = "bulks"


class Work:
    """What its shifts answer, one after the other; then nothing is left."""

    def __init__(self) -> None:
        self.answers: list[BulkShiftEnded] = []
        self.shifts: list[BulkShift] = []
        self.at_work = asyncio.Event()
        self.release: asyncio.Event | None = None

    @activity.defn(name="carry_on_bulk")
    async def carry_on_bulk(self, shift: BulkShift) -> BulkShiftEnded:
        self.shifts.append(shift)
        self.at_work.set()
        if self.release is not None:
            await self.release.wait()
        return self.answers.pop(0) if self.answers else BulkShiftEnded(bulk=shift.bulk)


@pytest.fixture
def work() -> Work:
    return Work()


@pytest_asyncio.fixture(loop_scope="session")
async def client(hasty_engine: WorkflowEnvironment, work: Work) -> AsyncIterator[Client]:
    async with (
        Worker(
            hasty_engine.client,
            task_queue=QUEUE,
            workflows=[BulkWorkflow],
            workflow_runner=workflow_runner(),
        ),
        Worker(hasty_engine.client, task_queue=RECORDS, activities=[work.carry_on_bulk]),
    ):
        yield hasty_engine.client


@pytest.fixture
def name() -> str:
    return f"bulk-{uuid4()}"


async def woken(client: Client, name: str) -> WorkflowHandle[object, BulkShiftEnded]:
    """As an operation on it wakes a bulk."""
    return await client.start_workflow(
        "Bulk",
        BulkShift(bulk=name),
        id=name,
        task_queue=QUEUE,
        start_signal="carry",
        start_signal_args=[Carry()],
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        result_type=BulkShiftEnded,
    )


async def test_it_works_while_there_is_more_and_ends(client: Client, work: Work, name: str) -> None:
    more = BulkShiftEnded(bulk=name, asked=3, more=True)
    work.answers = [more, more, BulkShiftEnded(bulk=name, asked=1)]

    ended = await (await woken(client, name)).result()

    assert (ended.asked, len(work.shifts)) == (1, 3)
    await (await woken(client, name)).result()
    assert len(work.shifts) == 4


async def test_who_resumes_it_while_it_ends_is_heard(client: Client, work: Work, name: str) -> None:
    work.release = asyncio.Event()
    handle = await woken(client, name)
    await work.at_work.wait()
    for _ in range(3):
        await woken(client, name)
    work.release.set()

    await handle.result()

    assert len(work.shifts) == 2


async def test_it_waits_for_another_human_no_longer_than_there_is_time(
    client: Client, work: Work, name: str
) -> None:
    work.answers = [BulkShiftEnded(bulk=name, wait_seconds=0.5)]

    ended = await (await woken(client, name)).result()

    assert (ended.wait_seconds, len(work.shifts)) == (0.0, 2)


async def test_the_other_humans_word_wakes_it_at_once(
    client: Client, work: Work, name: str
) -> None:
    """It does not sit the two days out."""
    work.answers = [BulkShiftEnded(bulk=name, wait_seconds=48 * 3600.0)]
    handle = await woken(client, name)
    await work.at_work.wait()

    await woken(client, name)
    ended = await handle.result()

    assert (ended.wait_seconds, len(work.shifts)) == (0.0, 2)


async def test_its_history_stays_small_however_long_it_takes(
    client: Client, work: Work, name: str
) -> None:
    shifts = FULL_EVENTS // 6 + 40  # six events a shift, at most
    work.answers = [BulkShiftEnded(bulk=name, asked=1, more=True) for _ in range(shifts)]

    await (await woken(client, name)).result()

    assert len(work.shifts) == shifts + 1
    last = client.get_workflow_handle(name)
    assert (await last.describe()).history_length < FULL_EVENTS


async def test_nobody_else_starts_or_wakes_one(
    engine: WorkflowEnvironment, client: Client, work: Work, name: str
) -> None:
    stranger = Client(
        client.service_client,
        data_converter=pydantic_data_converter,
        interceptors=[vouching(STRANGER)],
    )
    with pytest.raises(WorkflowFailureError):
        await (await woken(stranger, name)).result()
    assert not work.shifts
