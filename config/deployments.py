"""The versions of the workers, as the engine knows them: which is current, which drains, who is left.

Workers carry a build id where one is set (`workers.fleet`); a workflow stays with the version that
began its run. Nothing is given to anybody before some version is current.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from temporalio.api.deployment.v1 import WorkerDeploymentInfo
from temporalio.api.enums.v1 import TaskQueueType, VersionDrainageStatus
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeWorkerDeploymentRequest,
    DescribeWorkerDeploymentVersionRequest,
    DescribeWorkerDeploymentVersionResponse,
    SetWorkerDeploymentCurrentVersionRequest,
    SetWorkerDeploymentRampingVersionRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError

from config.temporal import knows_no_workflow
from workflows.ports import RECORDS
from workflows.rules.days import Moment
from workflows.rules.message import Message
from workflows.rules.text import Line

ACTS_ALONE = (RECORDS,)
"""Queues of activities without a workflow: theirs is the other kind of task."""
WORKFLOWS = ("Application", "Meeting", "Mailroom", "Operation", "Bulk")
"""Every kind of workflow there is, by the name the engine has it under."""
RUNNING = "ExecutionStatus = 'Running'"
NAMED = 20


class Drainage(StrEnum):
    """Whether workflows still run on a version that gets no new ones."""

    NONE = "none"
    """It is in use: current, ramping, or never was either."""
    DRAINING = "draining"
    DRAINED = "drained"


class Version(Message):
    """One version of the workers.

    Attributes:
        build: its build id.
        share: percent of new workflows it gets while it ramps up; the current one gets the rest.
    """

    build: Line
    current: bool = False
    share: float = 0.0
    drainage: Drainage = Drainage.NONE
    since: Moment | None = None


class Poller(Message):
    """A process that asks a queue for work: who it says it is, its version, and when it asked last."""

    identity: Line
    build: Line = ""
    seen_at: Moment


class Queue(Message):
    """A queue of tasks as the engine knows it.

    Attributes:
        current: the build that its new work is given to; empty where none is, or workers have none.
        backlog: about how many tasks wait that nobody has taken; `oldest`: the seconds that the
            first of them has waited.
    """

    name: Line
    current: Line = ""
    pollers: tuple[Poller, ...] = ()
    backlog: int = 0
    oldest: float = 0.0


class Left(Message):
    """What runs on a version, by kind of workflow."""

    build: Line
    kinds: dict[Line, int] = {}
    named: tuple[Line, ...] = ()
    """Some of them by their ids."""

    @property
    def count(self) -> int:
        """How many they are."""
        return sum(self.kinds.values())


class Deployment(Message):
    """All versions that the engine knows, the newest first."""

    name: Line
    versions: tuple[Version, ...] = ()

    @property
    def current(self) -> str:
        """The build that new workflows run on; empty where none is current."""
        return next((item.build for item in self.versions if item.current), "")

    @property
    def ramping(self) -> str:
        """The build that gets a share of the new workflows; empty for none."""
        return next((item.build for item in self.versions if item.share and not item.current), "")

    def version(self, build: str) -> Version | None:
        """One version."""
        return next((item for item in self.versions if item.build == build), None)


async def queue_now(client: Client, queue: str) -> Queue:
    """A queue as it stands; of one that nobody ever asked for work there is only its name."""
    kind = "TASK_QUEUE_TYPE_ACTIVITY" if queue in ACTS_ALONE else "TASK_QUEUE_TYPE_WORKFLOW"
    answer = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=queue),
            task_queue_type=TaskQueueType.Value(kind),
            report_stats=True,
        )
    )
    return Queue(
        name=queue,
        current=answer.versioning_info.current_deployment_version.build_id,
        pollers=tuple(
            Poller(
                identity=item.identity,
                build=item.deployment_options.build_id,
                seen_at=item.last_access_time.ToDatetime(UTC),
            )
            for item in answer.pollers
        ),
        backlog=answer.stats.approximate_backlog_count,
        oldest=answer.stats.approximate_backlog_age.ToTimedelta().total_seconds(),
    )


async def queue_is_served(client: Client, queue: str) -> bool:
    """Whether some version is current for a queue, so that its tasks are given to anybody at all."""
    return bool((await queue_now(client, queue)).current)


async def deployment(client: Client, name: str) -> Deployment:
    """What the engine knows of a deployment; without versions where no worker ever asked for work."""
    try:
        answer = await client.workflow_service.describe_worker_deployment(
            DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=name)
        )
    except RPCError as err:
        if knows_no_workflow(err):
            return Deployment(name=name)
        raise
    return Deployment(name=name, versions=_versions(answer.worker_deployment_info))


async def queues_of(client: Client, name: str, build: str) -> frozenset[str]:
    """The queues that workers of a version serve; none where the engine does not know it yet."""
    try:
        answer: DescribeWorkerDeploymentVersionResponse = (
            await client.workflow_service.describe_worker_deployment_version(
                _version_request(client, name, build)
            )
        )
    except RPCError as err:
        if knows_no_workflow(err):
            return frozenset()
        raise
    return frozenset(item.name for item in answer.version_task_queues)


async def make_current(client: Client, name: str, build: str) -> None:
    """Give new workflows to a version, and to those that continue as new.

    Raises:
        RPCError: the engine does not know the version, or it lacks a queue of the one before.
    """
    await client.workflow_service.set_worker_deployment_current_version(
        SetWorkerDeploymentCurrentVersionRequest(
            namespace=client.namespace, deployment_name=name, build_id=build
        )
    )


async def ramp(client: Client, name: str, build: str, percent: float) -> None:
    """Give a version a share of the new workflows; none ends its ramp.

    Raises:
        RPCError: as `make_current`.
    """
    await client.workflow_service.set_worker_deployment_ramping_version(
        SetWorkerDeploymentRampingVersionRequest(
            namespace=client.namespace,
            deployment_name=name,
            build_id=build if percent else "",
            percentage=percent,
        )
    )


def pinned_to(name: str, build: str) -> str:
    """The engine's query for what runs on a version."""
    return f"TemporalWorkerDeploymentVersion = '{name}:{build}' AND {RUNNING}"


async def left_on(client: Client, name: str, build: str) -> Left:
    """What runs on a version: counted by the engine, and some of it by name."""
    on = pinned_to(name, build)
    named = [one.id async for one in client.list_workflows(on, limit=NAMED)]
    return Left(build=build, kinds=await _counted(client, on), named=tuple(named))


async def running(client: Client) -> dict[str, int]:
    """What runs, whatever its version, by kind of workflow."""
    return await _counted(client, RUNNING)


async def _counted(client: Client, query: str) -> dict[str, int]:
    found = {
        kind: (await client.count_workflows(f"{query} AND WorkflowType = '{kind}'")).count
        for kind in WORKFLOWS
    }
    return {kind: count for kind, count in found.items() if count}


async def count_on(client: Client, name: str, build: str) -> int:
    """How many workflows run on a version."""
    return (await client.count_workflows(pinned_to(name, build))).count


def _version_request(
    client: Client, name: str, build: str
) -> DescribeWorkerDeploymentVersionRequest:
    request = DescribeWorkerDeploymentVersionRequest(namespace=client.namespace)
    request.deployment_version.deployment_name = name
    request.deployment_version.build_id = build
    return request


def _versions(info: WorkerDeploymentInfo) -> tuple[Version, ...]:
    routing = info.routing_config
    current = routing.current_deployment_version.build_id
    ramping = routing.ramping_deployment_version.build_id
    found = [
        Version(
            build=item.deployment_version.build_id,
            current=item.deployment_version.build_id == current,
            share=routing.ramping_version_percentage
            if item.deployment_version.build_id == ramping
            else 0.0,
            drainage=_DRAINAGE.get(item.drainage_status, Drainage.NONE),
            since=item.create_time.ToDatetime(UTC) if item.HasField("create_time") else None,
        )
        for item in info.version_summaries
    ]
    return tuple(sorted(found, key=lambda item: item.since or _NEVER, reverse=True))


_DRAINAGE = {
    VersionDrainageStatus.VERSION_DRAINAGE_STATUS_DRAINING: Drainage.DRAINING,
    VersionDrainageStatus.VERSION_DRAINAGE_STATUS_DRAINED: Drainage.DRAINED,
}
_NEVER = datetime.min.replace(tzinfo=UTC)
