"""What a batch costs: the meeting's history beside its size, and words told per second (`make bench`)."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest
from temporalio.client import Client
from temporalio.testing import ActivityEnvironment
from temporalio.worker import Worker

from activities.database import Pool
from activities.identity import Identity
from activities.meeting_records import MeetingRecords
from activities.telling import AT_ONCE, Telling
from config.gateway.cases import CaseGateway
from config.settings import Settings
from tests.benchmarks.answering import AnsweringWorkflow
from tests.benchmarks.counting import cost_of
from tests.fixtures.engine import skipper_of, workers
from tests.integration.sittings import AT, MEETING, Sitting, add_cases
from tests.replay.meeting_stories import MEETING_STORIES, OPENS
from tests.workflow import sitting as memory
from workers.case_teller import GatewayTeller
from workers.runner import workflow_runner
from workflows.application.case import Receipt
from workflows.meeting.messages import TellCases, TellingOutcome
from workflows.writer.messages import Act

pytestmark = pytest.mark.benchmark

SIZES = (10, 500, 5_000)
CASES = 600


async def test_a_meetings_history_beside_the_size_of_its_batch(client: Client) -> None:
    print("\na whole meeting, from the plan to the confirmation, with a draft sent back")
    seen = set()
    meetings = memory.SharedMeetings()
    async with workers(client, meetings):
        for size in SIZES:
            found = memory.Sitting(skipper_of(client), client, OPENS)
            records = memory.MemoryMeetings(candidates=size)
            meetings.of[found.realm] = records
            await MEETING_STORIES["meeting-confirmed"].script(found, records)
            await found.handle.result()
            events = list((await found.handle.fetch_history()).events)
            cost = cost_of([events])
            kilobytes = sum(event.ByteSize() for event in events) / 1024
            seen.add(cost.number("ACTIVITY_TASK_SCHEDULED"))
            print(f"  {size:>5} candidates: {cost.events} events, {cost.actions} actions,"
                  f" {kilobytes:.0f} KiB; per candidate {cost.actions / size:.3f} actions")  # fmt: skip
    assert len(seen) == 1


async def test_words_told_per_second_beside_bare_updates(
    client: Client,
    pool: Pool,
    identity: Identity,
    tmp_path: Path,
) -> None:
    records = MeetingRecords(pool, identity, _nothing_to_start)
    ids = await add_cases(pool, identity, range(1, CASES + 1))
    sitting = Sitting(records)
    word = sitting.order("assign_to_meeting", "listed", payload={"meeting": MEETING})
    assert (await sitting.plan(telling=word)).lines == CASES
    settings = cast("Settings", SimpleNamespace(settle_seconds=60, documents_dir=tmp_path))
    telling = Telling(pool, GatewayTeller(CaseGateway(client, settings)))
    worker = Worker(
        client, task_queue="cases", workflows=[AnsweringWorkflow], workflow_runner=workflow_runner()
    )
    bare_ids = [f"bare-{uuid4()}" for _ in ids]
    async with worker:
        for name in (*ids, *bare_ids):
            await client.start_workflow("Answering", id=name, task_queue="cases")
        began = time.monotonic()
        environment = ActivityEnvironment()
        outcome: TellingOutcome = await environment.run(
            telling.tell_cases, TellCases(telling=word.id, realm="live")
        )
        told = time.monotonic() - began
        bare = await _bare(client, bare_ids)
        again = time.monotonic()
        await environment.run(telling.tell_cases, TellCases(telling=word.id, realm="live"))
        again = time.monotonic() - again
    print(f"\n{CASES} cases told, {AT_ONCE} at once, answers in Postgres")
    print(f"  lines per second: ours {CASES / told:.0f}, bare updates {CASES / bare:.0f},"
          f" ratio {bare / told:.2f}")  # fmt: skip
    print(f"  the same telling again: 0 cases asked, {again / told:.1%} of the time")
    assert outcome.done == CASES


async def _bare(client: Client, names: list[str]) -> float:
    """The same number of updates, as many at once, and nothing kept of them."""
    slots = asyncio.Semaphore(AT_ONCE)
    act = Act.model_validate({"actor": {"person": "p"}, "acted_at": AT, "payload": {}})

    async def one(name: str) -> Any:
        async with slots:
            return await client.get_workflow_handle(name).execute_update(
                "word", act, result_type=Receipt
            )

    began = time.monotonic()
    await asyncio.gather(*(one(name) for name in names))
    return time.monotonic() - began


async def _nothing_to_start(notice: str) -> None:
    del notice
