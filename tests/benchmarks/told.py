"""One application's life on an engine with its record in memory, counted."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

from tests.benchmarks.counting import Cost, cost_of
from tests.fixtures.engine import skipper_of, workers
from tests.replay.stories import (
    CLERK,
    ITEMS,
    OPENS,
    STRANGER,
    UNIT,
    Script,
    to_close,
    to_confirmation,
)
from tests.workflow.season import APPLICANT, MemoryRecords, Season, SharedRecords, member

ROUTE = "district_unit"


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


async def happy(season: Season) -> None:
    """Nobody is late and nothing is returned: 15 acts, then the 复查 window runs out."""
    await to_confirmation(season, ROUTE)
    await season.act("forward_confirmation", member("district"))
    await season.until("2025-03-07T00:10:00")


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
