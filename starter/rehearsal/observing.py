"""What one application shows from outside at an instant: record, live query, letters."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from activities.views import CaseView, DeadlineEntry, LetterView, TimelineEntry
from config.gateway.errors import GatewayError
from starter.rehearsal.world import World
from workflows.application.case import KeptCase
from workflows.application.messages import Snapshot
from workflows.rules.deadlines import Deadline
from workflows.rules.message import local

NOTICES_SECONDS = 120.0
"""Until every letter was sent or given up; beside fifteen other rehearsals some five."""

CLAIM = "SELECT released_at FROM yearly_claim WHERE application = $1 ORDER BY id DESC LIMIT 1"
_UNDER_WAY = ("queued", "gathered", "claimed")
_LOOK_AGAIN = 0.05


@dataclass(frozen=True)
class Observed:
    """One application as it stands."""

    case: CaseView | None = None
    state: KeptCase | None = None
    snapshot: Snapshot | None = None
    """None where the workflow has closed."""
    timeline: tuple[TimelineEntry, ...] = ()
    deadlines: tuple[DeadlineEntry, ...] = ()
    letters: tuple[LetterView, ...] = field(default=())
    claim: str = "none"

    @property
    def open_inquiries(self) -> int:
        """How many inquiries are not concluded."""
        if self.snapshot is not None:
            return sum(1 for item in self.snapshot.inquiries if not item.get("outcome"))
        return len(self.state.open_inquiries) if self.state else 0

    @property
    def ended_at(self) -> datetime | None:
        """The instant as of which the case ended."""
        ends = [local(step.acted_at) for step in self.timeline if step.end_after]
        ended = self.case is not None and self.case.end is not None
        return ends[-1] if ended and ends else None

    @property
    def running(self) -> tuple[Deadline, ...]:
        """The deadlines that run now: the live ones, else the record's."""
        if self.snapshot is not None:
            return self.snapshot.projection.deadlines
        return self.case.deadlines if self.case else ()

    def sent(self, kind: str, party: str = "") -> int:
        """How many letters of a kind (to a party) were handed to the mail server."""
        return sum(
            1
            for letter in self.letters
            if letter.kind == kind and party in ("", letter.party) and letter.state == "sent"
        )


async def observe(world: World, application: str, at: datetime, *, letters: bool) -> Observed:
    """Look at an application; with `letters` wait until none of its letters is under way."""
    if letters:
        await letters_settled(world, application)
    reading = world.reading
    try:
        snapshot = await world.gateway.snapshot(application, at)
    except GatewayError:
        snapshot = None
    case = await reading.case(application)
    if case is None:
        return Observed(snapshot=snapshot)
    return Observed(
        case=case,
        state=await reading.state(application),
        snapshot=snapshot,
        timeline=await reading.timeline(application),
        deadlines=await reading.deadlines(application),
        letters=await reading.letters(application),
        claim=await _claim(world, application),
    )


async def _claim(world: World, application: str) -> str:
    """The yearly chance as the register has it; no page shows it, so no reading asks for it."""
    row = await world.pool.fetchrow(CLAIM, application)
    if row is None:
        return "none"
    return "released" if row["released_at"] else "taken"


async def letters_settled(world: World, application: str) -> None:
    """Wait, for a bounded time, until every letter is sent or given up.

    What waits for an hour to be told is told now: who looks at letters wants to see them.
    """
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + NOTICES_SECONDS
    while loop.time() < give_up_at:
        letters = await world.reading.letters(application)
        if not any(letter.state in _UNDER_WAY for letter in letters):
            return
        await world.hours.looked_at(application)
        await asyncio.sleep(_LOOK_AGAIN)
