"""What the record shows open and the engine does not run is found, whatever ended or stopped it.

Nobody is told by the engine itself: it ends a workflow whose history is full, an operator terminates
one, a bad version fails its tasks for ever, and the record still shows the case waiting for its unit.
So a worker of the records compares the two, and keeps operations' tasks, the metrics and `/readyz`:
at once what the engine itself says of the last minute, and page by page whatever is open, so that a look
takes the same in a season of a hundred thousand cases, and what was lost without a word is found when
its page comes. It also wakes a mailroom that sleeps over its letters: a word to the engine may get lost.

A case whose clock should have struck and did not is nudged: where the record is ahead of it
(`workflows.writer.ahead`), that is how it hears of it when nobody asks again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Set
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from temporalio.client import Client
from temporalio.common import MetricMeter

from activities.letters.waking import MailroomBell
from activities.standstills import Open, Standstills, Trouble
from config.temporal import not_running
from workers.engine_view import nudge
from workers.repeating import repeating
from workflows.sentinel.messages import OVERDUE_AFTER

LOOK_EVERY = timedelta(seconds=20)
OURS = "WorkflowType IN ('Application', 'Meeting')"
RUNNING = f"{OURS} AND ExecutionStatus = 'Running'"
FAILING = f"{RUNNING} AND TemporalReportedProblems IS NOT NULL"
"""The engine marks a workflow so whose tasks failed several times in a row."""
ENDED = f"{OURS} AND ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut', 'Canceled')"
BEFORE = timedelta(minutes=1)
"""How long what ended is looked for again: visibility lags behind, and clocks differ."""
NUDGE_AGAIN = timedelta(hours=1)
NUDGES_A_LOOK = 100
AT_ONCE = 1000
"""How many workflows the engine lists in one answer."""
GAUGE = "zhiping_standing_still"

logger = structlog.get_logger(__name__)


@dataclass
class Watch:
    """What the last look found: how many stand still, and why."""

    standing: dict[str, int] = field(default_factory=dict)
    nudged: dict[str, datetime] = field(default_factory=dict)
    """Cases that were overdue, and when they were nudged."""
    looked: bool = False
    after: str = ""
    """The last id of the page that was looked at; empty before the first of a round."""
    told_after: str = ""
    """The same of those whose task is open."""
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    """Until when what ended was asked for."""

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
    """Compare a page of the record with the engine, and what the engine says of itself with the
    record; and keep operations' tasks by what is found."""
    now = datetime.now(UTC)
    page = await standstills.open_page(watch.after)
    told = await standstills.told_page(watch.told_after)
    since = (watch.since - BEFORE).isoformat()
    failing = await _ids(client, FAILING, standstills.page)
    ended = await _ids(client, f"{ENDED} AND CloseTime >= '{since}'", standstills.page)
    others = await standstills.open_among({*told, *failing, *ended})
    troubles = await troubles_of(client, page, others, failing)
    looked_at = {*told, *(item.subject for item in (*page, *others))}
    await standstills.note_engine(troubles, looked_at, now)
    for found, (trouble, word) in troubles.items():
        logger.error("subject.not_running", subject=found.subject, why=trouble.value, told=word)
    watch.after = page[-1].subject if len(page) == standstills.page else ""
    watch.told_after = told[-1] if len(told) == standstills.page else ""
    watch.since = now
    watch.standing = await standstills.standing()
    await nudge_overdue(client, standstills, watch, now)
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
        logger.warning("case.overdue", application=case)
        await nudge(client, case, now)


async def troubles_of(
    client: Client, page: tuple[Open, ...], others: tuple[Open, ...], failing: Set[str]
) -> Mapping[Open, tuple[Trouble, str]]:
    """Which of them the engine does not run, and its own word for it.

    Visibility lags behind; whom it does not list is asked for by id before anything is said.

    Args:
        page: in the order of their ids, none left out between the first and the last.
        failing: those the engine names by itself; of the page it is asked for all.
    """
    running = set[str]()
    if page:
        within = f"WorkflowId BETWEEN {_quoted(page[0].subject)} AND {_quoted(page[-1].subject)}"
        running = await _ids(client, f"{RUNNING} AND {within}")
        failing = failing | await _ids(client, f"{FAILING} AND {within}")
    found: dict[Open, tuple[Trouble, str]] = {}
    for item in {*page, *others}:
        if item.subject in failing:
            found[item] = Trouble.FAILING, "workflow task"
        elif item.subject not in running and (told := await not_running(client, item.subject)):
            found[item] = Trouble.ENDED, told
    return found


def _quoted(subject: str) -> str:
    """An id within a query to the engine."""
    told = subject.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{told}'"


async def _ids(client: Client, query: str, most: int | None = None) -> set[str]:
    found = client.list_workflows(query, page_size=AT_ONCE, limit=most)
    return {item.id async for item in found}


def _measure(meter: MetricMeter | None, watch: Watch) -> None:
    if meter is None:
        return
    gauge = meter.create_gauge(GAUGE, "cases and meetings that stand still, by why")
    for why, count in watch.standing.items():
        gauge.set(count, {"why": why})
