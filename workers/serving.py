"""Runs the workers of a process from connection to graceful end."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import structlog
from temporalio.client import Client
from temporalio.common import MetricMeter
from temporalio.worker import Worker

from activities.audit.anchors import Anchors
from activities.letters.waking import MailroomBell
from activities.registry import build_activities, recording
from activities.standstills import Standstills
from config.deployments import queue_is_served
from config.settings import Settings
from config.telemetry import build_runtime
from config.temporal import connect
from workers.anchoring import anchoring
from workers.fleet import ALL_ROLES, AnyCallable, Parts, Role, build_workers
from workers.forgetting import forgetting
from workers.health import Probe, serve_health
from workers.measuring import measuring_office, measuring_versions
from workers.resources import Resources, open_record, open_resources
from workers.scheduling import scheduled
from workers.watching import watching
from workflows.ports import CASES
from workflows.registry import WORKFLOWS

HEARTBEAT = timedelta(seconds=30)

logger = structlog.get_logger(__name__)


class NoCurrentVersionError(Exception):
    """No version of the workers is current for a queue: nothing is given to anybody there."""


Activities = Callable[[Resources], Mapping[str, Sequence[AnyCallable]]]


def registered_workflows() -> Sequence[type]:
    """Return the workflow types of `workflows.registry`."""
    return WORKFLOWS


def registered_activities(resources: Resources) -> Mapping[str, Sequence[AnyCallable]]:
    """Return the activities of `activities.registry`, by task queue."""
    return build_activities(resources)


@asynccontextmanager
async def composed(
    client: Client,
    settings: Settings,
    roles: Sequence[Role],
    *,
    workflows: Sequence[type],
    activities: Activities,
    meter: MetricMeter | None = None,
) -> AsyncIterator[tuple[Parts, Mapping[str, Probe]]]:
    """Open what the roles need; yields the parts and the readiness probes.

    A process of ``cases`` alone has neither seals nor mail, and starts also while the database is away.
    """
    async with AsyncExitStack() as stack:
        probes: dict[str, Probe] = {"temporal": lambda: _ask_temporal(client)}
        if settings.build_id is not None:
            probes["version"] = lambda: _ask_version(client, roles)
            if meter is not None:
                queues = [role.value for role in roles]
                await stack.enter_async_context(measuring_versions(client, queues, meter))
        if set(roles) <= {Role.CASES}:
            record = await stack.enter_async_context(open_record(settings, client))
            yield (
                Parts(workflows=workflows, activities={CASES: recording(record)}),
                probes,
            )
            return
        resources = await stack.enter_async_context(open_resources(settings, client))
        if Role.RECORDS in roles:
            anchors = Anchors(resources.database, resources.identity)
            await stack.enter_async_context(anchoring(anchors))
            standstills = Standstills(resources.database)
            bell = MailroomBell(resources.database, client)
            watch = await stack.enter_async_context(watching(client, standstills, bell, meter))
            probes["subjects"] = watch.say
            await stack.enter_async_context(forgetting(client))
            await stack.enter_async_context(scheduled(client, settings))
            if meter is not None:
                await stack.enter_async_context(measuring_office(resources.database, meter))
        probes["postgres"] = lambda: _ask_postgres(resources)
        yield Parts(workflows=workflows, activities=activities(resources)), probes


async def serve(
    settings: Settings,
    roles: Sequence[Role] = ALL_ROLES,
    *,
    workflows: Sequence[type] | None = None,
    activities: Activities = registered_activities,
    stop: asyncio.Event | None = None,
) -> int:
    """Run until SIGTERM, SIGINT or ``stop``; return 0, or 1 when a worker failed."""
    stop = stop or asyncio.Event()
    failures: list[BaseException] = []

    async def on_fatal_error(err: BaseException) -> None:
        failures.append(err)
        stop.set()

    runtime = build_runtime(settings, heartbeat=HEARTBEAT)
    client = await connect(
        settings,
        runtime=runtime,
        identity=f"{'+'.join(roles)}@{socket.gethostname()}",
    )
    async with AsyncExitStack() as stack:
        parts, probes = await stack.enter_async_context(
            composed(
                client,
                settings,
                roles,
                workflows=registered_workflows() if workflows is None else workflows,
                activities=activities,
                meter=runtime.metric_meter,
            )
        )
        # For activities that are not async (PDF). As many threads as slots, or the SDK warns that
        # a slot could wait for one; they are only started when used.
        threads = max(settings.records_slots, settings.letters_slots)
        executor = stack.enter_context(ThreadPoolExecutor(threads, "activity"))
        workers = build_workers(
            client, settings, roles, parts, executor=executor, on_fatal_error=on_fatal_error
        )
        stop_on_signals(stop)
        if settings.health_port is not None:
            await stack.enter_async_context(
                serve_health(settings.health_host, settings.health_port, workers, probes)
            )
        await _run(workers, stop, failures)
    if failures:
        logger.error("worker.failed", exc_info=failures[0])
    return 1 if failures else 0


async def _run(
    workers: Sequence[Worker], stop: asyncio.Event, failures: list[BaseException]
) -> None:
    """Poll until ``stop`` or until one worker ends by itself, then stop all, in-flight work first."""
    runs = [asyncio.create_task(worker.run()) for worker in workers]
    waiting = asyncio.create_task(stop.wait())
    logger.info("worker.started", queues=[worker.task_queue for worker in workers])
    await asyncio.wait([*runs, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    logger.info("worker.stopping")
    running = [worker for worker, run in zip(workers, runs, strict=True) if not run.done()]
    await asyncio.gather(*(worker.shutdown() for worker in running), return_exceptions=True)
    ends = await asyncio.gather(*runs, return_exceptions=True)
    failures.extend(end for end in ends if isinstance(end, Exception) and end not in failures)
    logger.info("worker.stopped")


def stop_on_signals(stop: asyncio.Event) -> None:
    """Set ``stop`` on SIGTERM and SIGINT; needed as PID 1, where SIGTERM is otherwise ignored."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)


async def _ask_temporal(client: Client) -> None:
    await client.service_client.check_health()


async def _ask_version(client: Client, roles: Sequence[Role]) -> None:
    """A fleet whose queues no version serves polls, and is given nothing: it is not ready."""
    for role in roles:
        if not await queue_is_served(client, role.value):
            raise NoCurrentVersionError(role.value)


async def _ask_postgres(resources: Resources) -> None:
    await resources.database.fetchval("SELECT 1")
