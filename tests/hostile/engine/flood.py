"""Many signals by a stranger at one case, and what honest people notice of it."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle

from tests.workflow.season import OFFICE, MemoryRecords, Season, member
from workflows.writer.messages import Actor

Handle = WorkflowHandle[Any, Any]
Honest = Callable[[], Awaitable[None]]
"""An act of somebody who has to do with the subject, answered."""


@dataclass
class Seen:
    """What was seen of a flood."""

    sent: int = 0
    turned_away: int = 0
    """Of them: told by the engine to come again."""
    seconds: float = 0.0
    worked: float = 0.0
    """Seconds of CPU of the workers and the honest sender, while it lasted."""
    quiet: list[float] = field(default_factory=list)
    flooded: list[float] = field(default_factory=list)
    """Seconds until honest acts were answered, before and while it lasted."""
    largest: int = 0
    """Bytes of the largest history of any run."""
    runs: int = 0
    status: WorkflowExecutionStatus | None = None

    @property
    def slower(self) -> float:
        """How many times as long an honest act took."""
        return median(self.flooded) / median(self.quiet)

    def __str__(self) -> str:
        return (
            f"{self.sent} signals in {self.seconds:.0f} s, {self.turned_away} told to come again, "
            f"{self.worked:.1f} s of CPU: {self.runs} runs, the largest history "
            f"{self.largest / 1e6:.2f} MB; honest acts {median(self.quiet) * 1000:.0f} ms before, "
            f"{median(self.flooded) * 1000:.0f} ms while it lasted ({len(self.flooded)} of them), "
            f"{self.slower:.1f} times as long, the longest "
            f"{max(self.flooded):.1f} s"
        )


async def flood(season: Season, count: int, *, a_second: float) -> Seen:
    """A stranger complains of a case so often; its office goes on as it does every day."""
    await season.submit()
    await season.act("file_complaint", Actor(person="王五"), text="text-1")

    async def honest() -> None:
        await season.act("hold_review", member(OFFICE), inquiry="1", hold=True)

    return await pressed(season.handle, season.client, honest, count, a_second=a_second)


async def pressed(
    handle: Handle, client: Client, honest: Honest, count: int, *, a_second: float
) -> Seen:
    """So many signals by a stranger at one workflow, and what whoever acts honestly notices of it."""
    seen = Seen()
    for _ in range(20):
        seen.quiet.append(await _timed(honest))
    begun, worked, over = time.monotonic(), time.process_time(), asyncio.Event()
    going_on = asyncio.create_task(_go_on(honest, seen, over))
    address, namespace = client.service_client.config.target_host, client.namespace
    stranger = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.hostile.engine.stranger"),
        *(address, namespace, handle.id, str(count), str(a_second)),
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await stranger.communicate()
    seen.sent, seen.turned_away = count, int(said)
    seen.seconds, seen.worked = time.monotonic() - begun, time.process_time() - worked
    over.set()
    await going_on
    await _look(handle, client, seen)
    return seen


async def _go_on(honest: Honest, seen: Seen, over: asyncio.Event) -> None:
    while not over.is_set():
        seen.flooded.append(await _timed(honest))
        await asyncio.sleep(0.25)


async def _timed(honest: Honest) -> float:
    begun = time.monotonic()
    await honest()
    return time.monotonic() - begun


async def _look(handle: Handle, client: Client, seen: Seen) -> None:
    description = await handle.describe()
    seen.status = description.status
    run: str | None = description.run_id
    while run:
        of_run: Handle = client.get_workflow_handle(handle.id, run_id=run)
        raw = (await of_run.describe()).raw_description.workflow_execution_info
        seen.largest = max(seen.largest, raw.history_size_bytes)
        seen.runs += 1
        first = await anext(aiter(of_run.fetch_history_events(page_size=1)))
        started = first.workflow_execution_started_event_attributes
        run = started.continued_execution_run_id or None


def letters_to_the_office(records: MemoryRecords) -> int:
    """How many letters the flood brought to the office."""
    return sum(
        order.organisation == OFFICE for command in records.steps for order in command.letters
    )
