"""What an application costs the engine: its events and billable actions (`make bench WHAT=cost`)."""

from __future__ import annotations

import pytest
from temporalio.client import Client

from tests.benchmarks.counting import empty_alarms
from tests.benchmarks.figures import figure, under_load
from tests.benchmarks.told import ROUTE, happy, tell
from tests.replay.stories import Script, completed, longest

pytestmark = pytest.mark.benchmark

EVENTS_AIM, ACTIONS_AIM, LONGEST_AIM = 200, 45, 400


@pytest.mark.parametrize(
    ("name", "title", "script", "aim"),
    [
        ("happy", "happy path, 15 acts", happy, EVENTS_AIM),
        ("archived", "the same with printing and both archives, 18 acts", completed, EVENTS_AIM),
        ("longest", "longest legal path", longest, LONGEST_AIM),
    ],
    ids=["happy", "archived", "longest"],
)
async def test_events_and_actions(
    name: str, title: str, script: Script, aim: int, client: Client
) -> None:
    with under_load(f"LC {ROUTE}, {title}"):
        told = await tell(client, script)
        cost, steps = told.cost, told.records.steps
        by_clock = [step.step.name for step in steps if step.step.source != "act"]
        figure(f"cost.{name}.events", cost.events, "events", beside=f"aim ≤ {aim}")
        actions_aim = f"aim ≤ {ACTIONS_AIM}" if aim == EVENTS_AIM else ""
        figure(f"cost.{name}.actions", cost.actions, "actions", beside=actions_aim)
        figure(f"cost.{name}.state", max(len(step.state) for step in told.records.sent), "bytes",
               beside="the largest step sent")  # fmt: skip
        figure(f"cost.{name}.letters", told.letters, "letters")
        print(cost.table())
        print(f"  not counted: {cost.own} of the rehearsal's own")
        print(f"  steps {len(steps)}, of these by a clock {len(by_clock)}: {', '.join(by_clock)}")
        print(f"  timers that fired and found nothing due: {empty_alarms(told.events)}")
    assert [step.step.seq for step in steps] == list(range(1, len(steps) + 1))
