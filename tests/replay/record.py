"""Records the histories again: `ZHIPING_RECORD_HISTORIES=1 .venv/bin/python -m tests.replay.record`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHandle

from tests.engine import started_engine
from tests.fixtures.engine import skipper_of, workers
from tests.replay import meeting_stories
from tests.replay.meeting_stories import MEETING_STORIES
from tests.replay.stories import OPENS, STORIES, to_close
from tests.workflow.season import MemoryRecords, Season, SharedRecords
from tests.workflow.sitting import MemoryMeetings, SharedMeetings, Sitting

HISTORIES = Path(__file__).parent / "histories"
SWITCH = "ZHIPING_RECORD_HISTORIES"
AT_ONCE = 7
HASTY = "limit.historyCount.suggestContinueAsNew=60"


async def record(names: list[str]) -> None:
    """Tell the stories on a fresh engine each for the patient and the hasty ones, and keep them."""
    for hasty in (False, True):
        chosen = [name for name in names if (STORIES | MEETING_STORIES)[name].hasty is hasty]
        if not chosen:
            continue
        environment = await started_engine(*([HASTY] if hasty else []))
        try:
            await _tell_all(environment.client, [name for name in chosen if name in STORIES])
            await _meet_all(
                environment.client, [name for name in chosen if name in MEETING_STORIES]
            )
        finally:
            await environment.shutdown()


async def _tell_all(client: Client, names: list[str]) -> None:
    records = SharedRecords()
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(name: str) -> None:
        async with turns:
            story = STORIES[name]
            season = Season(skipper_of(client), client, OPENS)
            records.of[season.id] = MemoryRecords(route=story.route, facts=dict(story.facts))
            try:
                await story.script(season)
                await to_close(season)
            except Exception as error:
                error.add_note(f"story {name}")
                raise
            await keep(season.handle, client, name, hasty=story.hasty)

    async with workers(client, records):
        await asyncio.gather(*(one(name) for name in names))


async def _meet_all(client: Client, names: list[str]) -> None:
    meetings = SharedMeetings()
    async with workers(client, meetings):
        for name in names:
            story = MEETING_STORIES[name]
            sitting = Sitting(skipper_of(client), client, meeting_stories.OPENS)
            records = MemoryMeetings(held=story.held)
            meetings.of[sitting.realm] = records
            await story.script(sitting, records)
            await sitting.handle.result()
            await keep(sitting.handle, client, name, hasty=story.hasty)


async def keep(handle: WorkflowHandle[Any, Any], client: Client, name: str, *, hasty: bool) -> None:
    """Write one file for each run: a case that continued as new has several."""
    described = await handle.describe()
    run: str | None = described.raw_description.workflow_execution_info.first_run_id
    number = 0
    while run:
        number += 1
        history = await client.get_workflow_handle(handle.id, run_id=run).fetch_history()
        suffix = f"-{number}" if hasty else ""
        text = json.dumps(small(json.loads(history.to_json())), separators=(",", ":"))
        (HISTORIES / f"{name}{suffix}.json").write_text(text + "\n")
        last = history.events[-1].workflow_execution_continued_as_new_event_attributes
        run = last.new_execution_run_id or None


def small(history: dict[str, Any]) -> dict[str, Any]:
    """Without the inputs of activities (half of each file, and replay does not look at them), and
    without stack traces, process names and the sticky queues named after them, which tell of the
    machine that recorded."""
    for event in history["events"]:
        event.get("activityTaskScheduledEventAttributes", {}).pop("input", None)
        _forget_machine(event)
    return history


def _forget_machine(value: Any) -> None:
    if isinstance(value, dict):
        for key in ("stackTrace", "identity"):
            if key in value:
                value[key] = ""
        queue = value.get("taskQueue")
        if isinstance(queue, dict) and queue.get("kind") == "TASK_QUEUE_KIND_STICKY":
            queue["name"] = "sticky"
        for part in value.values():
            _forget_machine(part)
    elif isinstance(value, list):
        for part in value:
            _forget_machine(part)


async def _recorded(names: list[str]) -> None:
    await record(names)
    await asyncio.sleep(0.05)  # the SDK's threads, else the interpreter may abort (sdk-python#300)


def main() -> None:
    """Record all, or those named on the command line."""
    if os.environ.get(SWITCH) != "1":
        sys.exit(f"This replaces {HISTORIES}; set {SWITCH}=1 if that is what you want.")
    names = sys.argv[1:] or [*STORIES, *MEETING_STORIES]
    HISTORIES.mkdir(exist_ok=True)
    for name in names:
        for stale in HISTORIES.glob(f"{name}*.json"):
            stale.unlink()
    asyncio.run(_recorded(names))


if __name__ == "__main__":
    main()
