"""舰队: what carries the office, as whoever operates it sees it; nothing of a person, and no case by name.

The engine and the record are asked apart, so that with one of them away the other is read on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from temporalio.client import Client
from temporalio.service import RPCError

from activities.measures import Measures, measured
from activities.migrations import Schema, schema_of
from activities.standstills import Standstills
from activities.wording import label
from config.deployments import (
    Deployment,
    Left,
    Queue,
    deployment,
    left_on,
    queue_now,
    running,
)
from config.gateway.errors import TemporalUnavailableError
from starter.desk.office import Office
from workflows.ports import CASES, LETTERS, RECORDS

VERSIONS = ("版本", "新事项", "在办", "报到", "状态")
QUEUES = ("队列", "现行版本", "工作进程", "最近取活", "积压")
ALL = (CASES, RECORDS, LETTERS)
UNVERSIONED = "不分版本"

Row = tuple[str, ...]
Tell = Callable[[datetime], str]
"""How a face writes an instant."""


@dataclass(frozen=True)
class Versions:
    """The versions of the workers and their queues, as the engine knows them.

    Attributes:
        left: what runs on each version, by build.
        running: what runs in all, by kind of workflow: where workers have no versions, on none.
    """

    deployment: Deployment
    left: Mapping[str, Left]
    queues: tuple[Queue, ...]
    running: Mapping[str, int]

    def version_rows(self, tell: Tell) -> Iterator[Row]:
        """A line each; of workers without versions one line."""
        if not self.deployment.versions:
            yield UNVERSIONED, "现行", counted_zh(self.running), "", ""
        for item in self.deployment.versions:
            share = "现行" if item.current else f"{item.share:.0f}%" if item.share else ""
            yield (
                item.build,
                share,
                counted_zh(self.left[item.build].kinds),
                tell(item.since) if item.since else "",
                label("drainage", item.drainage),
            )

    def queue_rows(self, tell: Tell) -> Iterator[Row]:
        """A line each."""
        for queue in self.queues:
            seen = max((item.seen_at for item in queue.pollers), default=None)
            yield (
                f"{queue.name}（{label('queues', queue.name)}）",
                queue.current or (UNVERSIONED if self._is_plain(queue) else "没有"),
                "、".join(
                    sorted(
                        f"{item.identity}（{item.build}）" if item.build else item.identity
                        for item in queue.pollers
                    )
                )
                or "没有",
                tell(seen) if seen else "",
                f"{queue.backlog} 件，最久 {queue.oldest:.0f} 秒" if queue.backlog else "没有",
            )

    @property
    def idle(self) -> tuple[str, ...]:
        """The queues whose work nobody takes."""
        return tuple(
            queue.name for queue in self.queues if not (queue.current or self._is_plain(queue))
        )

    @staticmethod
    def _is_plain(queue: Queue) -> bool:
        return any(not item.build for item in queue.pollers)


@dataclass(frozen=True)
class Fleet:
    """All of it.

    Attributes:
        versions: None where the engine is away.
        still: how many cases and meetings stand still, by why.
    """

    schema: Schema
    measures: Measures
    still: Mapping[str, int]
    versions: Versions | None = None


async def versions_of(client: Client, name: str) -> Versions:
    """The versions of a deployment, with what runs on each, and the queues."""
    known = await deployment(client, name)
    return Versions(
        deployment=known,
        left={item.build: await left_on(client, name, item.build) for item in known.versions},
        queues=tuple([await queue_now(client, queue) for queue in ALL]),
        running=await running(client),
    )


async def fleet_of(office: Office) -> Fleet:
    """How the office is carried now."""
    return Fleet(
        schema=await schema_of(office.settings.database_url.get_secret_value()),
        measures=await measured(office.pool),
        still=await Standstills(office.pool).standing(),
        versions=await _asked(office),
    )


async def _asked(office: Office) -> Versions | None:
    try:
        return await versions_of(await office.engine.client(), office.settings.deployment_name)
    except (TemporalUnavailableError, RPCError):
        return None


def counted_zh(kinds: Mapping[str, int]) -> str:
    """How many of each kind of workflow, in one line."""
    told = [f"{label('workflows', kind)} {count}" for kind, count in kinds.items()]
    return "、".join(told) or "没有"
