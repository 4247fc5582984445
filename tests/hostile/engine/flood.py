"""Many signals by a stranger at one case, and what honest people notice of it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from statistics import median

from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError

from tests.workflow.season import OFFICE, MemoryRecords, Season, member
from workflows.writer.messages import Act, Actor

AT_ONCE = 40
PUBLIC = Actor(person="visitor", role="public")


@dataclass
class Seen:
    """What was seen of a flood."""

    sent: int = 0
    seconds: float = 0.0
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
            f"{self.sent} signals in {self.seconds:.0f} s: {self.runs} runs, the largest history "
            f"{self.largest / 1e6:.2f} MB; honest acts {median(self.quiet) * 1000:.0f} ms before, "
            f"{median(self.flooded) * 1000:.0f} ms while it lasted ({len(self.flooded)} of them), "
            f"{self.slower:.1f} times as long"
        )


async def flood(season: Season, records: MemoryRecords, count: int, *, a_second: float) -> Seen:
    """A stranger complains so often; the office goes on as it does every day."""
    seen = Seen()
    await season.submit()
    await season.act("file_complaint", Actor(person="王五"), text="text-1")
    for _ in range(20):
        seen.quiet.append(await _honest(season))
    begun, over = time.monotonic(), asyncio.Event()
    honest = asyncio.create_task(_go_on(season, seen, over))
    gate = asyncio.Semaphore(AT_ONCE)
    waiting: set[asyncio.Task[None]] = set()
    for number in range(count):
        await gate.acquire()
        task = asyncio.create_task(_send(season, number, gate))
        waiting.add(task)
        task.add_done_callback(waiting.discard)
        ahead = number / a_second - (time.monotonic() - begun)
        if ahead > 0:
            await asyncio.sleep(ahead)
    await asyncio.gather(*waiting)
    seen.sent, seen.seconds = count, time.monotonic() - begun
    over.set()
    await honest
    await _look(season, seen)
    return seen


async def _send(season: Season, number: int, gate: asyncio.Semaphore) -> None:
    act = Act(request_id=f"flood-{number}", actor=PUBLIC, payload={"text": f"text-{number}"})
    try:
        await season.handle.signal("file_complaint", act)
    except RPCError:  # the engine's own no: too many signals to one run
        pass
    finally:
        gate.release()


async def _go_on(season: Season, seen: Seen, over: asyncio.Event) -> None:
    while not over.is_set():
        seen.flooded.append(await _honest(season))
        await asyncio.sleep(0.25)


async def _honest(season: Season) -> float:
    begun = time.monotonic()
    await season.act("hold_review", member(OFFICE), inquiry="1", hold=True)
    return time.monotonic() - begun


async def _look(season: Season, seen: Seen) -> None:
    description = await season.handle.describe()
    seen.status = description.status
    run: str | None = description.run_id
    client = season.client
    while run:
        handle: WorkflowHandle[object, object] = client.get_workflow_handle(season.id, run_id=run)
        raw = (await handle.describe()).raw_description.workflow_execution_info
        seen.largest = max(seen.largest, raw.history_size_bytes)
        seen.runs += 1
        first = await anext(aiter(handle.fetch_history_events(page_size=1)))
        started = first.workflow_execution_started_event_attributes
        run = started.continued_execution_run_id or None


def letters_to_the_office(records: MemoryRecords) -> int:
    """How many letters the flood brought to the office."""
    return sum(
        order.organisation == OFFICE for command in records.steps for order in command.letters
    )
