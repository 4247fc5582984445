"""What the record shows open and the engine does not run is found, whatever ended or stopped it.

Nobody is told by the engine itself: it ends a workflow whose history is full, an operator terminates
one, a bad version fails its tasks for ever, and the record still shows the case waiting for its unit.
So a worker of the records compares the two, and keeps operations' tasks, the metrics and `/readyz`. It
also wakes a mailroom that sleeps over its letters: a word to the engine may get lost.

A case whose clock should have struck and did not is nudged: where the record is ahead of it
(`workflows.writer.ahead`), that is how it hears of it when nobody asks again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from temporalio.client import Client
from temporalio.common import MetricMeter
from temporalio.service import RPCError

from activities.letters.waking import MailroomBell
from activities.standstills import Open, Standstills, Trouble
from config.temporal import not_running
from workers.repeating import repeating
from workflows.writer.messages import Act, Actor

LOOK_EVERY = timedelta(seconds=20)
RUNNING = "WorkflowType IN ('Application', 'Meeting') AND ExecutionStatus = 'Running'"
FAILING = f"{RUNNING} AND TemporalReportedProblems IS NOT NULL"
"""The engine marks a workflow so whose tasks failed several times in a row."""
PAGE = 1000
WATCH = Actor(person="watch", role="system")
OVERDUE_AFTER = timedelta(minutes=15)
"""How late a clock may strike on a fleet that catches up after a night, before its case is nudged."""
NUDGE_AGAIN = timedelta(hours=1)
NUDGES_A_LOOK = 100
GAUGE = "zhiping_standing_still"

logger = structlog.get_logger(__name__)


@dataclass
class Watch:
    """What the last look found: how many stand still, and why."""

    standing: dict[str, int] = field(default_factory=dict)
    nudged: dict[str, datetime] = field(default_factory=dict)
    """Cases that were overdue, and when they were nudged."""
    looked: bool = False

    async def say(self) -> str:
        """For `/readyz`: a process is ready though cases stand still; who looks after it reads it."""
        if not self.looked:
            return "not looked yet"
        found = [f"{count} {why}" for why, count in sorted(self.standing.items()) if count]
        return f"standing still: {', '.join(found)}" if found else "ok"


@asynccontextmanager
async def watching(
    client: Client, standstills: Standstills, bell: MailroomBell, meter: MetricMeter | None = None
) -> AsyncIterator[Watch]:
    """Look again and again until the block ends; whatever is away is asked again."""
    watch = Watch()

    async def once() -> None:
        await look(client, standstills, watch)
        if woken := await bell.sleepers():
            logger.warning("mailrooms.woken", rooms=woken)
        _measure(meter, watch)

    async with repeating(once, every=LOOK_EVERY, failed="cases.not_watched"):
        yield watch


async def look(client: Client, standstills: Standstills, watch: Watch) -> None:
    """Compare the record with the engine once, and keep operations' tasks by what is found."""
    troubles = await troubles_of(client, await standstills.open_subjects())
    await standstills.note_engine(troubles, datetime.now(UTC))
    for found, (trouble, told) in troubles.items():
        logger.error("subject.not_running", subject=found.subject, why=trouble.value, told=told)
    of = [trouble for trouble, _ in troubles.values()]
    counted = {trouble.value: of.count(trouble) for trouble in Trouble}
    watch.standing = {"parked": await standstills.parked()} | counted
    await nudge_overdue(client, standstills, watch, datetime.now(UTC))
    watch.looked = True


async def nudge_overdue(
    client: Client, standstills: Standstills, watch: Watch, now: datetime
) -> None:
    """Nudge the cases whose clock should have struck, each once an hour."""
    watch.nudged = {one: at for one, at in watch.nudged.items() if now - at < NUDGE_AGAIN}
    for case in await standstills.overdue(now - OVERDUE_AFTER, NUDGES_A_LOOK):
        if case in watch.nudged:
            continue
        watch.nudged[case] = now
        act = Act(request_id=f"overdue:{now.isoformat()}", actor=WATCH)
        logger.warning("case.overdue", application=case)
        try:
            await client.get_workflow_handle(case).signal("nudge", act)
        except RPCError as err:  # it ended meanwhile, or the next look says why it is not run
            logger.warning("case.not_nudged", application=case, status=err.status.name)


async def troubles_of(
    client: Client, open_subjects: tuple[Open, ...]
) -> Mapping[Open, tuple[Trouble, str]]:
    """Which of them the engine does not run, and its own word for it.

    Visibility lags behind; whom it does not list is asked for by id before anything is said.
    """
    running = await _ids(client, RUNNING)
    failing = await _ids(client, FAILING)
    found: dict[Open, tuple[Trouble, str]] = {}
    for item in open_subjects:
        if item.subject in failing:
            found[item] = Trouble.FAILING, "workflow task"
        elif item.subject not in running and (told := await not_running(client, item.subject)):
            found[item] = Trouble.ENDED, told
    return found


async def _ids(client: Client, query: str) -> set[str]:
    return {item.id async for item in client.list_workflows(query, page_size=PAGE)}


def _measure(meter: MetricMeter | None, watch: Watch) -> None:
    if meter is None:
        return
    gauge = meter.create_gauge(GAUGE, "cases and meetings that stand still, by why")
    for why, count in watch.standing.items():
        gauge.set(count, {"why": why})
