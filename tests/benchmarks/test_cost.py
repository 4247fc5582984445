"""What an application costs the engine; printed, never asserted by time (`make bench`)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment
from temporalio.worker import Worker

from tests.benchmarks.bare import DAYS, BareWorkflow, Load, nothing
from tests.benchmarks.counting import Cost, cost_of, empty_alarms
from tests.replay.stories import (
    CLERK,
    ITEMS,
    OPENS,
    STRANGER,
    UNIT,
    Script,
    completed,
    longest,
    to_close,
    to_confirmation,
)
from tests.vouching import vouching
from tests.workflow.conftest import engine_arguments, skipper_of, temporal_binary, workers
from tests.workflow.season import APPLICANT, MemoryRecords, Season, SharedRecords, member
from workers.sandbox import workflow_runner
from workflows.application.messages import Submission, SubmissionQuery

pytestmark = pytest.mark.benchmark

ROUTE = "district_unit"
APPLICATIONS, ROUNDS = 24, 2
MOVES = 7
"""How often the season's clock is moved for one application."""

EVENTS_AIM, ACTIONS_AIM, LONGEST_AIM, SPEED_AIM = 260, 60, 600, 0.7
LETTER_EVENTS, LETTER_ACTIONS = 11, 2
"""A `Notice` is a workflow of one activity: started, activity; 2 workflow tasks, completed."""


@dataclass(frozen=True)
class Told:
    """One application's life and what it cost."""

    cost: Cost
    events: list[HistoryEvent]
    records: MemoryRecords

    @property
    def letters(self) -> int:
        """How many letters were ordered."""
        return sum(len(step.letters) for step in self.records.steps)


class Prepared(MemoryRecords):
    """Loads its submission once for all: reading files is the test's cost, not the engine's."""

    async def load_submission(self, query: SubmissionQuery) -> Submission:
        """The same submission for each."""
        if not PREPARED:
            PREPARED.append(await super().load_submission(query))
        return PREPARED[0]


PREPARED: list[Submission] = []


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[Client]:
    """One engine for all measurements."""
    environment = await WorkflowEnvironment.start_time_skipping_v2(
        dev_server_existing_path=temporal_binary(),
        ts_config=TimeSkippingConfig(enabled=False),
        data_converter=pydantic_data_converter,
        interceptors=[vouching()],
        dev_server_extra_args=engine_arguments(),
    )
    yield environment.client
    await environment.shutdown()


async def happy(season: Season) -> None:
    """Nobody is late and nothing is returned: 15 acts, then the 复查 window runs out."""
    await to_confirmation(season, ROUTE)
    await season.act("forward_confirmation", member("district"))
    await season.until("2025-03-07T00:10:00")


async def tell(client: Client, script: Script, *, close: bool = True) -> Told:
    """Live one application and count."""
    records = SharedRecords()
    season = Season(skipper_of(client), client, OPENS)
    records.of[season.id] = own = MemoryRecords(route=ROUTE)
    async with workers(client, records):
        await script(season)
        if close:
            await to_close(season)
    history = await season.handle.fetch_history()
    events = list(history.events)
    return Told(cost_of([events]), events, own)


@pytest.mark.parametrize(
    ("title", "script", "aim"),
    [
        ("happy path, 15 acts", happy, EVENTS_AIM),
        ("the same with printing and both archives, 18 acts", completed, EVENTS_AIM),
        ("longest legal path", longest, LONGEST_AIM),
    ],
)
async def test_events_and_actions(title: str, script: Script, aim: int, client: Client) -> None:
    told = await tell(client, script)

    cost = told.cost
    steps = told.records.steps
    by_clock = [step.step.name for step in steps if step.step.source != "act"]
    actions_aim = f" (aim ≤ {ACTIONS_AIM})" if aim == EVENTS_AIM else ""
    print(f"\nLC {ROUTE}, {title}")
    print(f"  events {cost.events} (aim ≤ {aim}), actions {cost.actions}{actions_aim};"
          f" not counted: {cost.own} of the rehearsal's own")  # fmt: skip
    print(cost.table())
    print(f"  steps {len(steps)}, of these by a clock {len(by_clock)}: {', '.join(by_clock)}")
    print(f"  timers that fired and found nothing due: {empty_alarms(told.events)}")
    print(f"  besides, in workflows of their own: {told.letters} notices"
          f" = {told.letters * LETTER_ACTIONS} actions,"
          f" {told.letters * LETTER_EVENTS} events")  # fmt: skip
    assert [step.step.seq for step in steps] == list(range(1, len(steps) + 1))


async def one_day(season: Season) -> None:
    """Ten acts of one day: no clock is moved, so nothing but messages is measured."""
    await season.submit()
    await season.act("return_for_correction", UNIT, items=ITEMS, days=2)
    await season.act("resubmit", APPLICANT)
    await season.act("start_publicity", UNIT)
    for raised, body in (("raise_objection", UNIT), ("file_complaint", CLERK)):
        await season.act(raised, STRANGER, text="text-1")
        await season.act("respond_to_inquiry", APPLICANT, text="text-2")
        await season.act("conclude_inquiry", body, outcome="unfounded", reason="text-3")


async def whole_season(season: Season) -> None:
    """The happy path to the close of the case."""
    await happy(season)
    await season.handle.result()


@pytest.mark.parametrize(
    ("title", "script", "moves"),
    [("happy path", whole_season, MOVES), ("ten acts of one day, no clock moved", one_day, 0)],
)
async def test_applications_per_second_beside_a_bare_workflow(
    title: str, script: Script, moves: int, client: Client
) -> None:
    one = (await tell(client, script, close=bool(moves))).cost
    load = Load(
        updates=one.number("WORKFLOW_EXECUTION_UPDATE_ACCEPTED"),
        timers=one.number("TIMER_STARTED") if moves else 0,
        activities=one.number("ACTIVITY_TASK_SCHEDULED"),
    )
    ours, bare = Stopwatch(), Stopwatch()
    for _ in range(ROUNDS):
        await many_bare(client, load, bare, moves)
        await many_of_ours(client, script, ours)

    rate = [watch.done / watch.seconds for watch in (ours, bare)]
    cpu = [1000 * watch.cpu / watch.done for watch in (ours, bare)]
    print(f"\n{title}: {APPLICATIONS} at once, {ROUNDS} rounds; each {load}")
    print(f"  applications per second: ours {rate[0]:.2f}, bare {rate[1]:.2f},"
          f" ratio {rate[0] / rate[1]:.2f} (aim ≥ {SPEED_AIM})")  # fmt: skip
    print(f"  processor time here (workers and driver) per application:"
          f" ours {cpu[0]:.0f} ms, bare {cpu[1]:.0f} ms, ratio {cpu[1] / cpu[0]:.2f}")  # fmt: skip
    assert ours.done == bare.done == APPLICATIONS * ROUNDS


@dataclass
class Stopwatch:
    """What was done, and in how much time."""

    done: int = 0
    seconds: float = 0.0
    cpu: float = 0.0

    async def measure(self, *lives: Awaitable[None]) -> None:
        """Run all at once and add them up."""
        began, worked = time.monotonic(), time.process_time()
        await asyncio.gather(*lives)
        self.seconds += time.monotonic() - began
        self.cpu += time.process_time() - worked
        self.done += len(lives)


async def many_of_ours(client: Client, script: Script, watch: Stopwatch) -> None:
    """Applications, all at once."""
    records = SharedRecords()

    async def one() -> None:
        season = Season(skipper_of(client), client, OPENS)
        records.of[season.id] = Prepared(route=ROUTE)
        await script(season)

    async with workers(client, records):
        await watch.measure(*(one() for _ in range(APPLICATIONS)))


async def many_bare(client: Client, load: Load, watch: Stopwatch, moves: int) -> None:
    """The same number of bare workflows, driven in the same way."""
    skipper = skipper_of(client)

    async def one() -> None:
        handle = await client.start_workflow(
            BareWorkflow.run, load, id=f"bare-{uuid4()}", task_queue="cases"
        )
        for number in range(load.updates):
            await handle.execute_update("tick", number)
            if (number + 1) * moves // load.updates > number * moves // load.updates:
                await skipper.fast_forward(handle, timedelta(days=DAYS + 1) / moves)
        await handle.result()

    cases = Worker(
        client, task_queue="cases", workflows=[BareWorkflow], workflow_runner=workflow_runner()
    )
    recording = Worker(client, task_queue="records", activities=[nothing])
    async with cases, recording:
        await watch.measure(*(one() for _ in range(APPLICATIONS)))
