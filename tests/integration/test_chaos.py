"""A part of the stack dies by kill -9 while a step is being written, and the case goes on."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path

import asyncpg
import pytest
from temporalio.service import RPCError

from config.gateway.errors import GatewayError
from starter.desk import bulks
from starter.desk.office import opened
from starter.rehearsal.acting import Player
from starter.rehearsal.answering import Answer
from starter.rehearsal.clock import ClockStuckError, RealmClock
from starter.rehearsal.scenario import Scenario, Step, load
from starter.rehearsal.staging import Stage
from starter.rehearsal.world import World, entered
from tests.integration.applicants import applied
from workers.stack import RunningStack, StackOptions, running
from workflows.application.catalogue import CATALOGUE

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1200)]

STORY = """
title = "断电"
campaign = "bd-2023"
[[application]]
route = "city_unit"
[[step]]
at = 2023-10-07T09:00:00
do = "submit"
by = "applicant"
[[step]]
at = 2023-10-07T10:00:00
do = "start_publicity"
by = "unit"
request_id = "r-2"
[[step]]
at = 2023-10-13T09:00:00
do = "finish_publicity"
by = "unit"
request_id = "r-3"
[[step]]
at = 2023-10-13T10:00:00
do = "approve"
by = "chain[0]"
request_id = "r-4"
"""
PARTS = ("worker", "temporal", "postgres")
PATIENCE = 300.0
ASK_AGAIN = 0.3


class Drill:
    """One case in its realm, one step at a time."""

    def __init__(self, stack: RunningStack, world: World, scenario: Scenario, realm: str) -> None:
        self.stack = stack
        self.world = world
        self.steps = scenario.step
        self.clock = RealmClock(world, realm)
        self.player = Player(world, scenario, realm, self.clock)

    @property
    def application(self) -> str:
        """The one case."""
        return self.player.casts["main"].application

    async def carry_out(self, step: Step) -> Answer:
        """Bring the clock there and act; ask again under the same id while something is away."""
        async with asyncio.timeout(PATIENCE):
            while True:
                with suppress(GatewayError, RPCError, OSError, asyncpg.PostgresError,
                              asyncpg.InterfaceError, ClockStuckError):  # fmt: skip
                    await self.clock.forward(step.at)
                    return await self.player.act(step)
                await asyncio.sleep(ASK_AGAIN)

    async def is_being_written(self) -> None:
        """Wait until the case's `record_step` is on its way."""
        async with asyncio.timeout(60):
            while True:
                handle = self.world.client.get_workflow_handle(self.application)
                pending = (await handle.describe()).raw_description.pending_activities
                if any(item.attempt and item.HasField("last_started_time") for item in pending):
                    return
                await asyncio.sleep(0.05)

    async def kill(self, part: str) -> int:
        """End one part of this test's own stack at once; its supervisor starts it again."""
        pid = self.stack.children[part].pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        return pid


@asynccontextmanager
async def steps_held_up(stack: RunningStack) -> AsyncIterator[asyncio.Event]:
    """No step can be written until the event is set (or the database is gone)."""
    connection = await asyncpg.connect(stack.owner_url)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("LOCK TABLE step IN SHARE ROW EXCLUSIVE MODE")
    release = asyncio.Event()

    async def let_go() -> None:
        await release.wait()
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await transaction.rollback()

    waiting = asyncio.create_task(let_go())
    try:
        yield release
    finally:
        release.set()
        await waiting
        connection.terminate()


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningStack]:
    """A stack whose parts this test may kill."""
    folder = tmp_path_factory.mktemp("chaos")
    async with running(folder, options=StackOptions(with_interface=False)) as ready:
        yield ready


@pytest.fixture(scope="module")
async def world(stack: RunningStack) -> AsyncIterator[World]:
    """Seen from outside, with everything published."""
    async with entered(stack.settings) as found:
        await Stage(found).prepare(datetime.fromisoformat("2023-10-07T08:00:00+08:00"))
        yield found


@pytest.mark.parametrize("part", PARTS)
async def test_a_step_survives_the_death_of_a_part(
    part: str, stack: RunningStack, world: World, tmp_path: Path
) -> None:
    """Killed while the step is being written: it is written once, and the season goes on."""
    file = tmp_path / "chaos.toml"
    file.write_text(STORY)
    scenario = load(file)
    realm = f"rehearsal-chaos-{part}"
    await world.intake.open_realm(realm, scenario.opens_at, title=scenario.title)
    drill = Drill(stack, world, scenario, realm)
    first, second, *others = drill.steps
    assert await drill.carry_out(first) == Answer()

    async with steps_held_up(stack) as release:
        answered = asyncio.create_task(drill.carry_out(second))
        await drill.is_being_written()
        killed = await drill.kill(part)
        release.set()
        answer = await answered
    for step in others:
        assert await drill.carry_out(step) == Answer()

    assert answer.refusals == ()
    assert stack.children[part].pid not in (None, killed)
    entries = await world.reading.timeline(drill.application)
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    acts = [entry.name for entry in entries if entry.source == "act"]
    assert acts == [step.do for step in drill.steps]


async def test_a_bulk_survives_the_death_of_its_worker(stack: RunningStack, world: World) -> None:
    """Killed while acts are being written: each case has its act once, and none is left out."""
    async with opened(stack.settings, connections=6) as office:
        cases = await applied(office, "rehearsal-chaos-bulk", 24)
        realm = await office.realm("rehearsal-chaos-bulk")
        who, act = ("liu", "liangjiang-data-group"), CATALOGUE["start_publicity"]
        chosen = [bulks.Chosen(case) for case in cases]
        rehearsal = await bulks.rehearsed(office, realm, who, act, {"place": "大厅"}, chosen)
        async with steps_held_up(stack) as release:
            begun = await bulks.begun(office, realm, who, rehearsal)
            name = begun.params["bulk"]
            while not (await bulks.bulk_of(office, who, name, realm.id)).number("asked"):  # noqa: ASYNC110 - of the record
                await asyncio.sleep(0.05)
            killed = stack.children["worker"].pid
            assert killed is not None
            os.kill(killed, signal.SIGKILL)
            release.set()
        found = await bulks.rested(office, who, name, realm.id)

    assert (found.state, found.tally) == ("done", {"done": 24})
    for case in cases:
        acts = [entry for entry in await world.reading.timeline(case) if entry.source == "act"]
        assert [entry.name for entry in acts] == ["submit", "start_publicity"]
