"""The fleet on a real server, with a toy workflow: roles, health, graceful end, replay gate, logs."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
import structlog
from temporalio import activity
from temporalio.client import Client, WorkflowFailureError

from config.deployments import deployment, make_current, queues_of
from config.gateway.errors import TemporalUnavailableError
from config.logging import configure_logging
from config.settings import Settings
from config.temporal import connect, data_converter
from tests.integration.toys import Greet, GreetLonger
from workers.fleet import Parts, Role, build_workers
from workers.open_cases import replay_open_cases
from workers.resources import Resources
from workers.serving import serve
from workers.stack import RunningStack, StackOptions, running
from workers.stack.options import reserved_ports

pytestmark = pytest.mark.integration
# Nothing of the toys runs on the notices queue, and a worker with nothing to do is refused.
TOY_ROLES = (Role.CASES, Role.RECORDS)

TOLD = (
    "temporal_num_pollers",
    "temporal_workflow_task_schedule_to_start_latency_bucket",
    "zhiping_letters_waiting",
    "zhiping_oldest_letter_seconds",
    "zhiping_letters_unsettled",
    "zhiping_latest_clock_seconds",
)
WithOwnPorts = Callable[..., Settings]


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningStack]:
    folder = tmp_path_factory.mktemp("workers")
    options = StackOptions(with_workers=False, with_interface=False)
    async with running(folder, options=options) as ready:
        yield ready


@pytest.fixture
async def client(stack: RunningStack) -> Client:
    return await connect(stack.settings)


@activity.defn(name="greeting")
async def greeting(name: str) -> str:
    return f"您好，{name}"


def toy_activities(_resources: Resources) -> Mapping[str, Sequence[Any]]:
    return {"records": [greeting]}


@asynccontextmanager
async def serving(
    settings: Settings, roles: Sequence[Role] = TOY_ROLES
) -> AsyncIterator[asyncio.Task[int]]:
    """Run a fleet in this loop; at the end stop it and see that it ended well."""
    stop = asyncio.Event()
    task = asyncio.create_task(
        serve(settings, roles, workflows=[Greet], activities=toy_activities, stop=stop)
    )
    healthy = asyncio.create_task(page(settings, "healthz"))
    await asyncio.wait([task, healthy], return_when=asyncio.FIRST_COMPLETED)
    try:
        if not task.done():
            yield task
    finally:
        stop.set()
        assert await task == 0


async def page(settings: Settings, name: str) -> tuple[int, dict[str, Any]]:
    """Ask a health page until it is served."""
    async with aiohttp.ClientSession() as http:
        for _ in range(600):
            with suppress(aiohttp.ClientError):
                url = f"http://127.0.0.1:{settings.health_port}/{name}"
                async with http.get(url) as answer:
                    return answer.status, await answer.json()
            await asyncio.sleep(0.1)
    raise AssertionError(f"{name} was never served")


async def eventually(asked: Callable[[], Awaitable[bool]]) -> None:
    """Ask until the answer is yes; the test's own limit ends it."""
    for _ in range(1200):
        if await asked():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("never")


@pytest.fixture
def with_own_ports(stack: RunningStack) -> Iterator[WithOwnPorts]:
    """The stack's settings with pages of a fleet's own: metrics hold theirs as long as we live."""
    with ExitStack() as reserved:

        def settings(**overrides: str) -> Settings:
            ports = reserved.enter_context(reserved_ports({}, {}))
            chosen = {"health_port": str(ports["health"]), "metrics_port": str(ports["metrics"])}
            return Settings.for_stack(stack.folder.root, **chosen, **overrides)

        yield settings


async def test_a_workflow_runs_through_both_queues(
    with_own_ports: WithOwnPorts, client: Client
) -> None:
    async with serving(with_own_ports()):
        answer = await client.execute_workflow(
            Greet.run, "张三", id=f"toy-{uuid4()}", task_queue="cases"
        )

    assert answer == "您好，张三"


async def test_health_pages_say_what_answers(with_own_ports: WithOwnPorts) -> None:
    settings = with_own_ports()
    async with serving(settings):
        assert await page(settings, "healthz") == (200, {"stopped": []})
        status, found = await page(settings, "readyz")
        assert (status, found["temporal"], found["postgres"]) == (200, "ok", "ok")
        assert found["subjects"] in ("ok", "not looked yet")


async def test_the_cases_role_starts_while_the_database_is_away(
    with_own_ports: WithOwnPorts,
) -> None:
    settings = with_own_ports(database_url="postgresql://nobody@127.0.0.1:1/none")
    async with serving(settings, [Role.CASES]):
        assert await page(settings, "readyz") == (200, {"temporal": "ok"})


async def test_metrics_are_served(with_own_ports: WithOwnPorts, client: Client) -> None:
    """The SDK's own, and the office's in numbers; config/monitoring/ asks for these names."""
    settings = with_own_ports()
    async with serving(settings), aiohttp.ClientSession() as http:
        await page(settings, "healthz")
        name = f"toy-{uuid4()}"
        await client.execute_workflow(Greet.run, "孙七", id=name, task_queue="cases")

        missing = set(TOLD)

        async def all_told() -> bool:
            url = f"http://127.0.0.1:{settings.metrics_port}/metrics"
            async with http.get(url) as answer:
                text = await answer.text()
            missing.intersection_update(name for name in TOLD if f"\n{name}{{" not in text)
            return not missing

        with suppress(AssertionError):
            await eventually(all_told)
        assert not missing


async def test_what_is_refused_is_counted_by_code_where_it_leaves(
    with_own_ports: WithOwnPorts, client: Client
) -> None:
    """By a workflow of ours, on a live scrape; config/monitoring/ asks for this name and these labels."""
    settings, stop = with_own_ports(), asyncio.Event()
    task = asyncio.create_task(serve(settings, [Role.CASES], stop=stop))
    try:
        await page(settings, "healthz")
        stranger = await Client.connect(
            client.service_client.config.target_host,
            namespace=client.namespace,
            data_converter=data_converter(settings.key_ring()),
        )
        for _ in range(2):
            with pytest.raises(WorkflowFailureError):
                await stranger.execute_workflow(
                    "Operation", {}, id=f"unvouched-{uuid4()}", task_queue="cases"
                )

        async def counted() -> bool:
            url = f"http://127.0.0.1:{settings.metrics_port}/metrics"
            async with aiohttp.ClientSession() as http, http.get(url) as answer:
                lines = (await answer.text()).splitlines()
            told = [line for line in lines if line.startswith("zhiping_refused_total{")]
            return any(
                'by="writer"' in line and 'code="not_vouched"' in line and line.endswith(" 2")
                for line in told
            )

        await eventually(counted)
    finally:
        stop.set()
        assert await task == 0


async def test_an_act_in_flight_is_finished_before_the_end(
    with_own_ports: WithOwnPorts, client: Client
) -> None:
    begun = asyncio.Event()

    @activity.defn(name="greeting")
    async def slow(name: str) -> str:
        begun.set()
        await asyncio.sleep(1)
        return f"慢，{name}"

    stop = asyncio.Event()
    task = asyncio.create_task(
        serve(
            with_own_ports(),
            TOY_ROLES,
            workflows=[Greet],
            activities=lambda _resources: {"records": [slow]},
            stop=stop,
        )
    )
    handle = await client.start_workflow(Greet.run, "李四", id=f"toy-{uuid4()}", task_queue="cases")
    await asyncio.wait_for(begun.wait(), 120)
    stop.set()

    assert await task == 0

    async with serving(with_own_ports()):
        assert await handle.result() == "慢，李四"


async def test_a_fleet_is_versioned_only_with_a_build_id(
    stack: RunningStack, client: Client
) -> None:
    def versioned(settings: Settings) -> bool:
        [worker] = build_workers(client, settings, [Role.CASES], Parts(workflows=[Greet]))
        deployment = worker.config()["deployment_config"]
        return deployment is not None and deployment.use_worker_versioning

    assert not versioned(stack.settings)
    assert versioned(Settings.for_stack(stack.folder.root, build_id="abc"))


async def test_a_fleet_that_nobody_gives_work_to_is_not_ready(
    with_own_ports: WithOwnPorts, client: Client
) -> None:
    """It polls, and all its health was green: until a version is current nothing is given to it."""
    settings = with_own_ports(build_id="build-1", deployment_name=f"toys-{uuid4()}")
    async with serving(settings):
        status, found = await page(settings, "readyz")
        assert (status, found["version"]) == (503, "NoCurrentVersionError")
        assert await page(settings, "healthz") == (200, {"stopped": []})

        async def known_to_the_engine() -> bool:
            served = await queues_of(client, settings.deployment_name, "build-1")
            return served == set(TOY_ROLES)

        async def ready() -> bool:
            return (await page(settings, "readyz"))[0] == 200

        await eventually(known_to_the_engine)
        await make_current(client, settings.deployment_name, "build-1")
        await eventually(ready)

        known = await deployment(client, settings.deployment_name)
        assert (known.current, known.ramping) == ("build-1", "")
        name = f"toy-{uuid4()}"
        greeted = await client.execute_workflow(Greet.run, "赵六", id=name, task_queue="cases")
        assert greeted == "您好，赵六"
    # The other tests' fleets are unversioned.
    await make_current(client, settings.deployment_name, "")


async def test_the_replay_gate_passes_the_same_code(
    with_own_ports: WithOwnPorts, client: Client
) -> None:
    name = f"toy-{uuid4()}"
    async with waiting_case(with_own_ports(), client, name):
        outcome = await replay_open_cases(client, [Greet], query=f"WorkflowId = '{name}'")

    assert (outcome.replayed, outcome.broken) == (1, {})


async def test_the_replay_gate_names_a_case_that_breaks(
    with_own_ports: WithOwnPorts, client: Client
) -> None:
    name = f"toy-{uuid4()}"
    async with waiting_case(with_own_ports(), client, name):
        outcome = await replay_open_cases(client, [GreetLonger], query=f"WorkflowId = '{name}'")

    assert outcome.replayed == 0
    assert list(outcome.broken) == [name]


@asynccontextmanager
async def waiting_case(settings: Settings, client: Client, name: str) -> AsyncIterator[None]:
    """A case that has run its first task and waits for an activity nobody serves."""
    handle = await client.start_workflow(Greet.run, "王五", id=name, task_queue="cases")
    async with serving(settings, [Role.CASES]):
        for _ in range(600):
            if (await handle.describe()).history_length >= 5:
                break
            await asyncio.sleep(0.1)
    yield
    await handle.terminate()


async def test_nothing_readable_lies_in_the_history(
    with_own_ports: WithOwnPorts, client: Client
) -> None:
    async with serving(with_own_ports()):
        handle = await client.start_workflow(
            Greet.run, "王小明", id=f"toy-{uuid4()}", task_queue="cases"
        )
        await handle.result()

    history = await handle.fetch_history()
    assert "王小明".encode() not in b"".join(event.SerializeToString() for event in history.events)


async def test_a_server_that_is_away_is_told_in_time(stack: RunningStack) -> None:
    from datetime import timedelta

    away = Settings.for_stack(stack.folder.root, temporal_address="127.0.0.1:1")

    with pytest.raises(TemporalUnavailableError, match=r"127\.0\.0\.1:1"):
        await connect(away, patience=timedelta(seconds=1))


def test_a_role_that_does_not_exist_is_a_usage_error(tmp_path: Path) -> None:
    from workers.__main__ import main

    with pytest.raises(SystemExit) as ended:
        main(["--role", "none"])

    assert ended.value.code == 2
    assert main(["--stack", str(tmp_path)]) == 2


@pytest.fixture
def lines() -> io.StringIO:
    """Where log lines go; the root logger is put back by the fixture below."""
    return io.StringIO()


@pytest.fixture(autouse=True)
def _root_logger_as_it_was() -> Any:
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    yield
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def test_both_kinds_of_loggers_write_the_same_line_format(lines: io.StringIO) -> None:
    configure_logging("json", "INFO", role="cases", stream=lines)

    structlog.get_logger("ours").info("case.opened", stage="unit_review")
    info = {"workflow_id": "application-1", "workflow_type": "Application", "attempt": 1}
    logging.getLogger("temporalio.workflow").info("x", extra={"temporal_workflow": info})

    ours, theirs = (json.loads(line) for line in lines.getvalue().splitlines())
    assert {"event", "level", "timestamp", "role", "logger"} <= ours.keys() & theirs.keys()
    assert theirs["application_id"] == "application-1"
    assert not [key for key in ours if key.startswith("_")]


def test_personal_values_and_quoted_rows_do_not_reach_a_line(lines: io.StringIO) -> None:
    configure_logging("json", "INFO", stream=lines)
    quoted = "duplicate\nDETAIL:  Key (id)=(500101199001011234) exists"

    try:
        raise ValueError(quoted)
    except ValueError:
        structlog.get_logger("ours").exception("failed", email="a@b.cn")

    assert "500101199001011234" not in lines.getvalue()
    assert "a@b.cn" not in lines.getvalue()
