"""A case that the engine no longer runs is seen: show, operations' inbox, metrics and `/readyz`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.database import Pool
from activities.reading import Reading
from activities.standstills import Standstills
from activities.views import InboxFilter
from tests.engine import started_engine
from tests.integration.command_line import CommandLine
from workers.watching import LOOK_EVERY, Watch, look
from workflows.rules.names import OPERATIONS_BODY
from workflows.writer.messages import Parked, Standstill, Why

pytestmark = pytest.mark.integration

NOW = datetime.now(UTC)


@workflow.defn(name="Application")
class Failing:
    """A version that cannot carry its cases on."""

    @workflow.run
    async def run(self) -> None:
        raise LookupError("every task of it fails")


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    environment = await started_engine(
        "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=2"
    )
    yield environment.client
    await environment.shutdown()


async def opened(pool: Pool, *cases: str) -> None:
    for case in cases:
        await pool.execute(
            "INSERT INTO application (id, realm, seq, stage) VALUES ($1, 'live', 1, 'unit_review')",
            case,
        )


async def tasks(reading: Reading) -> dict[str, tuple[str, dict[str, str]]]:
    wanted = InboxFilter(organisation=OPERATIONS_BODY, as_of=datetime.now(UTC))
    inbox = await reading.inbox(wanted)
    return {task.application: (task.kind, task.params) for task in inbox.tasks}


async def test_what_the_engine_ended_is_in_the_inbox_of_operations_until_it_runs_again(
    pool: Pool, reading: Reading, client: Client
) -> None:
    await opened(pool, "a-runs", "a-ended", "a-lost")
    for case in ("a-runs", "a-ended"):
        await client.start_workflow("Application", id=case, task_queue="nobody")
    standstills, watch = Standstills(pool), Watch()
    await client.get_workflow_handle("a-ended").terminate("history too large")
    await asyncio.sleep(0.5)  # visibility

    await look(client, standstills, watch)
    found = await tasks(reading)

    assert found == {
        "a-ended": ("engine", {"why": "ended", "what": "terminated"}),
        "a-lost": ("engine", {"why": "ended", "what": "not_found"}),
    }
    assert watch.standing == {"parked": 0, "ended": 2, "failing": 0}
    assert await watch.say() == "standing still: 2 ended"
    await client.start_workflow("Application", id="a-ended", task_queue="nobody")
    await client.start_workflow("Application", id="a-lost", task_queue="nobody")
    await look(client, standstills, watch)
    assert await tasks(reading) == {}
    assert await watch.say() == "ok"


async def test_a_season_is_looked_at_page_by_page_and_what_just_ended_at_once(
    pool: Pool, reading: Reading, client: Client
) -> None:
    cases = [f"a-{number}" for number in range(6)]
    await opened(pool, *cases)
    for case in cases[:4]:  # the last two were lost without a word
        await client.start_workflow("Application", id=case, task_queue="nobody")
    standstills, watch = Standstills(pool, page=2), Watch()
    await asyncio.sleep(0.5)  # visibility

    async def looked() -> set[str]:
        await look(client, standstills, watch)
        return set(await tasks(reading))

    assert [await looked(), await looked()] == [set(), set()]
    assert await looked() == {"a-4", "a-5"}  # their page
    await client.get_workflow_handle("a-3").terminate("history too large")
    await asyncio.sleep(0.5)
    assert await looked() == {"a-3", "a-4", "a-5"}  # the page of the first two
    assert watch.standing == {"parked": 0, "ended": 3, "failing": 0}
    for case in cases[3:]:
        await client.start_workflow("Application", id=case, task_queue="nobody")
    for _ in range(3):
        left = await looked()
    assert left == set()


async def test_a_live_clock_that_should_have_struck_has_its_case_nudged_once(
    pool: Pool, client: Client
) -> None:
    """Its worker and the engine died between the commit of its last step and its answer."""
    await opened(pool, "a-late", "a-parked", "a-in-time")
    for case, ends in (("a-late", "1 hour"), ("a-parked", "1 hour"), ("a-in-time", "1 minute")):
        await client.start_workflow("Application", id=case, task_queue="nobody")
        await pool.execute(
            "INSERT INTO deadline (application, realm, key, rule, kind, starts_on, ends_on, ends_at,"
            " clause, content, opened_at, opened_seq) VALUES ($1, 'live', 'unit_correction',"
            " 'unit_correction', 'lapse', current_date, current_date, now() - $2::text::interval, '',"
            " '{}', now(), 1)",
            case,
            ends,
        )
    standstills, watch = Standstills(pool), Watch()
    parked = Parked(why=Why.NOT_WRITTEN, what="seq=2")
    await standstills.note_standstill(
        Standstill(application="a-parked", realm="live", at=NOW, parked=parked)
    )

    for _ in range(2):
        await look(client, standstills, watch)

    assert {case: await signals(client, case) for case in ("a-late", "a-parked", "a-in-time")} == {
        "a-late": ["nudge"],
        "a-parked": [],
        "a-in-time": [],
    }


async def signals(client: Client, case: str) -> list[str]:
    history = await client.get_workflow_handle(case).fetch_history()
    return [
        event.workflow_execution_signaled_event_attributes.signal_name
        for event in history.events
        if event.HasField("workflow_execution_signaled_event_attributes")
    ]


async def test_what_fails_again_and_again_is_seen(
    pool: Pool, reading: Reading, client: Client
) -> None:
    await opened(pool, "a-fails")
    async with Worker(
        client,
        task_queue="bad",
        workflows=[Failing],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):
        await client.start_workflow("Application", id="a-fails", task_queue="bad")
        watch = Watch()
        for _ in range(60):
            await look(client, Standstills(pool), watch)
            if watch.standing["failing"]:
                break
            await asyncio.sleep(0.5)

    assert (await tasks(reading))["a-fails"] == (
        "engine",
        {"why": "failing", "what": "workflow task"},
    )


async def test_what_parked_is_a_task_though_no_step_of_it_can_be_written(
    pool: Pool, reading: Reading, client: Client
) -> None:
    await opened(pool, "a-parked")
    await client.start_workflow("Application", id="a-parked", task_queue="nobody")
    standstills, watch = Standstills(pool), Watch()
    parked = Parked(why=Why.NOT_WRITTEN, what="seq=2", params={"failure": "never_taken"})
    told = Standstill(application="a-parked", realm="live", at=NOW, parked=parked)

    for _ in range(2):  # told again, it is the same task
        await standstills.note_standstill(told)
    await look(client, standstills, watch)

    assert (await tasks(reading))["a-parked"] == (
        "operator",
        {"why": "not_written", "what": "seq=2", "failure": "never_taken"},
    )
    assert await watch.say() == "standing still: 1 parked"
    await standstills.note_standstill(told.model_copy(update={"parked": None}))
    assert await tasks(reading) == {}


async def test_a_case_that_could_not_even_be_opened_is_in_the_inbox(
    pool: Pool, reading: Reading
) -> None:
    parked = Parked(why=Why.NOT_WRITTEN, what="seq=1")
    told = Standstill(application="a-new", realm="live", at=NOW, parked=parked)

    await Standstills(pool).note_standstill(told)

    assert "a-new" in await tasks(reading)


async def test_show_inbox_readyz_and_metrics_say_so_on_a_running_stack(
    zhiping: CommandLine, material: str
) -> None:
    case = str(
        (
            await zhiping.json(
                "submit", material, "--campaign", "bd-2023", "--realm", "ended",
                "--at", "2023-10-09T10:00",
            )
        )["application"]
    )  # fmt: skip
    ports = json.loads((zhiping.folder / "stack.json").read_text())["ports"]
    client = await Client.connect(f"127.0.0.1:{ports['temporal']}")
    await client.get_workflow_handle(case).terminate("as the engine does it")

    async with asyncio.timeout(10 * LOOK_EVERY.total_seconds()):
        while "standstill" not in (page := await zhiping.json("show", case)):  # noqa: ASYNC110
            await asyncio.sleep(1)  # until a worker has looked
    said = await zhiping("show", case)

    assert page["standstill"].startswith("engine:")
    assert "引擎已不再办理" in said.out
    async with aiohttp.ClientSession() as http:
        for _ in range(int(LOOK_EVERY.total_seconds()) * 4):
            async with http.get(f"http://127.0.0.1:{ports['health']}/readyz") as answer:
                found = await answer.json()
            if "ended" in found["subjects"]:
                break
            await asyncio.sleep(0.5)
        assert "1 ended" in found["subjects"]
        async with http.get(f"http://127.0.0.1:{ports['metrics']}/metrics") as answer:
            assert 'why="ended"' in await answer.text()
    inbox = await zhiping.json("inbox", "operations", "--realm", "ended")
    assert [(task["application"], task["kind"]) for task in inbox["tasks"]] == [(case, "engine")]
    await zhiping("stack", "status")
