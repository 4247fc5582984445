"""A stranger cannot end a case by writing to it: limits, a room of its own, and runs that follow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import cast

import pytest
from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.amending import Amending
from activities.database import Pool
from config.gateway.cases import CaseGateway
from config.gateway.errors import RefusedByCaseError
from tests.engine import started_engine
from tests.fixtures.engine import skipper_of, workers
from tests.hostile.engine.flood import flood, letters_to_the_office
from tests.hostile.engine.stranger import PUBLIC
from tests.unit.test_gateway import SETTINGS
from tests.workflow.season import MemoryRecords, Season, member
from workers.case_teller import GatewayTeller
from workers.runner import workflow_runner
from workflows.application.workflow import ApplicationWorkflow
from workflows.operation.messages import Affected, AmendOpen, OperationOutcome, OperationRequest
from workflows.operation.workflow import OperationWorkflow
from workflows.rules.names import Stage
from workflows.rules.refusals import Code
from workflows.writer.door import HEARD_AT_ONCE, SIGNALS_OF_A_RUN
from workflows.writer.messages import Act
from workflows.writer.writer import TURNS_AT_ONCE


async def test_a_stranger_who_writes_without_end_ends_nothing(
    season: Season, records: MemoryRecords
) -> None:
    seen = await flood(season, 600, a_second=100)

    assert seen.status is WorkflowExecutionStatus.RUNNING, str(seen)
    assert seen.largest < 5_000_000, str(seen)
    assert letters_to_the_office(records) <= 3
    assert seen.flooded, str(seen)
    assert (await season.act("start_publicity", member("unit"))).stage is Stage.UNIT_PUBLICITY
    for _ in range(600):  # strangers wait behind everybody else
        if _inquiries(records) == 10:
            break
        await asyncio.sleep(0.05)
    await asyncio.sleep(1)
    assert _inquiries(records) == 10
    assert letters_to_the_office(records) <= 3


def _inquiries(records: MemoryRecords) -> int:
    return sum(task.kind == "inquiry" for task in records.steps[-1].projection.tasks)


async def test_243_complaints_by_the_public_end_no_case(hasty_engine: WorkflowEnvironment) -> None:
    """They wait, and the next run begins all the same."""
    records = MemoryRecords()
    season = Season(skipper_of(hasty_engine.client), hasty_engine.client, "2024-10-10T09:00:00")
    async with workers(hasty_engine.client, records):
        await season.submit()
        first = (await season.handle.describe()).run_id
        for number in range(243):
            act = Act(request_id=f"r-{number}", actor=PUBLIC, payload={"text": "text-1"})
            await season.handle.signal("file_complaint", act)
        receipts = await asyncio.gather(
            *(season.act("nudge", member("unit"), request_id=f"n-{n}") for n in range(3)),
            return_exceptions=True,
        )
        receipt = await season.act("start_publicity", member("unit"))
        last = (await season.handle.describe()).run_id

    assert len(receipts) == 3
    assert receipt.stage is Stage.UNIT_PUBLICITY
    assert first != last
    assert max(len(step.model_dump_json()) for step in records.sent[1:]) < 70_000


async def test_what_piled_up_while_the_fleet_was_away_is_heard_by_and_by(
    hasty_engine: WorkflowEnvironment,
) -> None:
    """No activation reads more than so many: the SDK gives one two seconds, and fails it for good.
    What a run may not take in any more, its sender is told at once; the next run begins all the same."""
    client, records = hasty_engine.client, MemoryRecords()
    season = Season(skipper_of(client), client, "2024-10-10T09:00:00")
    async with workers(client, records):
        await season.submit()
    gateway = CaseGateway(client, SETTINGS)
    turned_away: list[Code] = []
    for number in range(SIGNALS_OF_A_RUN + 20):
        act = Act(request_id=f"r-{number}", actor=PUBLIC, payload={"text": "text-1"})
        try:
            await gateway.signal(season.id, "file_complaint", act)
        except RefusedByCaseError as error:
            turned_away += [item.code for item in error.refusals]
    run = (await season.handle.describe()).run_id
    async with workers(client, records):
        receipt = await season.act("start_publicity", member("unit"))
        while (await season.handle.describe()).run_id == run:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)
    flooded = client.get_workflow_handle(season.id, run_id=run)
    kinds = [event.event_type async for event in flooded.fetch_history_events()]

    assert receipt.stage is Stage.UNIT_PUBLICITY
    assert turned_away == [Code.BUSY_TRY_AGAIN] * 20
    assert kinds.count(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED) == SIGNALS_OF_A_RUN
    assert kinds.count(EventType.EVENT_TYPE_TIMER_FIRED) >= SIGNALS_OF_A_RUN // HEARD_AT_ONCE - 1


@pytest.fixture
async def lonely_engine() -> AsyncIterator[WorkflowEnvironment]:
    """One that no fleet of the session serves, and whose runs last."""
    environment = await started_engine()
    yield environment
    await environment.shutdown()


async def test_a_task_decides_no_more_than_so_many(lonely_engine: WorkflowEnvironment) -> None:
    """What a task did is one message to the engine, which ends a workflow for one of more than 4 MB."""
    client, records = lonely_engine.client, MemoryRecords()
    season = Season(skipper_of(client), client, "2024-10-10T09:00:00")
    async with workers(client, records):
        await season.submit()
    piled = TURNS_AT_ONCE + HEARD_AT_ONCE + 10
    for number in range(piled):
        act = Act(request_id=f"r-{number}", actor=PUBLIC, payload={"text": "text-1"})
        await season.handle.signal("file_complaint", act)
    fired, least = 0, piled // HEARD_AT_ONCE + piled // TURNS_AT_ONCE
    async with workers(client, records):
        for _ in range(600):
            kinds = [event.event_type async for event in season.handle.fetch_history_events()]
            fired = kinds.count(EventType.EVENT_TYPE_TIMER_FIRED)
            if fired >= least:
                break
            await asyncio.sleep(0.05)

    assert fired >= least


ONE = Affected(realms=("test",), count=1)


async def test_no_flood_keeps_an_amendment_from_a_case(hasty_engine: WorkflowEnvironment) -> None:
    """Its run takes no more signals: the amendment was taken for one of a case that is over."""
    client, records = hasty_engine.client, MemoryRecords()
    season = Season(skipper_of(client), client, "2024-10-10T09:00:00")
    async with workers(client, records):
        await season.submit()
    for number in range(SIGNALS_OF_A_RUN):
        act = Act(request_id=f"r-{number}", actor=PUBLIC, payload={"text": "text-1"})
        await season.handle.signal("file_complaint", act)

    @activity.defn(name="carry_out_operation")
    async def amended(request: OperationRequest) -> OperationOutcome:
        return OperationOutcome(done=True, kind=request.kind, affected=ONE)

    class OfOne(Amending):
        """Finds the one case without a database."""

        async def _page(self, command: AmendOpen, realm: str, last: str) -> list[str]:
            del command, realm
            return [] if last else [season.id]

    gateway = CaseGateway(client, SETTINGS)
    amending_one = OfOne(cast("Pool", None), GatewayTeller(gateway))

    queue = f"amending-{season.id}"
    async with (
        Worker(
            client,
            task_queue=queue,
            workflows=[OperationWorkflow],
            workflow_runner=workflow_runner(),
        ),
        Worker(
            client,
            task_queue="records",
            activities=[amended, amending_one.amend_open, *records.activities],
        ),
    ):
        request = OperationRequest(
            kind="amend_calendar", realm="test", actor=PUBLIC, as_of=datetime.now(UTC)
        )
        amending = await client.start_workflow("Operation", request, id=queue, task_queue=queue)
        await asyncio.sleep(1)  # told that the run is full
        async with Worker(
            client,
            task_queue="cases",
            workflows=[ApplicationWorkflow],
            activities=records.activities,
            no_remote_activities=True,
            workflow_runner=workflow_runner(),
        ):
            await amending.result()
            for _ in range(600):
                if "amend" in records.names():
                    break
                await asyncio.sleep(0.05)

    assert "amend" in records.names()


async def test_whoever_has_to_do_with_the_case_comes_before_any_stranger(
    season: Season, records: MemoryRecords
) -> None:
    await season.submit()
    records.broken = 2  # the record is away for a moment: everybody waits
    await season.handle.signal(
        "file_complaint", Act(request_id="r-0", actor=PUBLIC, payload={"text": "text-1"})
    )
    for number in range(1, 6):
        act = Act(request_id=f"r-{number}", actor=PUBLIC, payload={"text": "text-1"})
        await season.handle.signal("file_complaint", act)
    await season.act("start_publicity", member("unit"))

    assert records.names()[:3] == ["submit", "file_complaint", "start_publicity"]
