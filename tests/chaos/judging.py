"""What became of a season: lost, doubled, ended otherwise, parked; and what the sentinel says."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

from temporalio.testing import ActivityEnvironment

from activities.sentinel.kinds import Kind, Outcome
from activities.sentinel.proving import Proving
from activities.sentinel.rounds import Rounds, RoundView
from starter.rehearsal.world import World
from tests.chaos.season import AWAY, Life
from workers.engine_view import Engine
from workflows.sentinel.messages import Proof

DRAINED_WITHIN = timedelta(minutes=10)


async def drained(world: World, realm: str) -> bool:
    """Whether every letter of the season left in time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAINED_WITHIN.total_seconds()):
            while True:
                with suppress(*AWAY):
                    waiting = await world.pool.fetchval(
                        "SELECT count(*) FROM letter WHERE realm = $1 AND kind <> 'collected'"
                        " AND state IN ('queued', 'claimed') AND (due_at IS NULL OR due_at <= now())",
                        realm,
                    )
                    if not waiting:
                        return True
                await asyncio.sleep(0.5)
    return False


async def lost_and_doubled(world: World, lives: Sequence[Life]) -> tuple[list[str], list[str]]:
    """Acts that were acknowledged and are not in the record, and acts that are there twice."""
    lost, doubled = [], []
    for life in lives:
        entries = await world.reading.timeline(life.application)
        there = Counter(entry.name for entry in entries if entry.source == "act")
        lost += [f"{life.application} {act}" for act in life.acknowledged if not there[act]]
        doubled += [f"{life.application} {act}" for act, times in there.items() if times > 1]
    return lost, doubled


async def wrong_ends(world: World, realm: str, lives: Sequence[Life]) -> list[str]:
    """Who does not stand where the plan says."""
    rows = await world.pool.fetch(
        "SELECT id, coalesce(end_name, stage) AS stands FROM application WHERE realm = $1", realm
    )
    stands = {row["id"]: row["stands"] for row in rows}
    strangers = stands.keys() - {life.application for life in lives}
    return [
        f"{life.application} {life.plan.name}: {stands.get(life.application)} {life.refused}"
        for life in lives
        if stands.get(life.application) != life.plan.stands
    ] + [f"{name}: nobody's" for name in sorted(strangers)]


async def parked(world: World) -> int:
    """How many stand still for operations."""
    found: int = await world.pool.fetchval(
        "SELECT count(*) FROM task WHERE key IN ('operator', 'engine') AND closed_at IS NULL"
    )
    return found


async def letters_in(world: World, realm: str) -> dict[str, int]:
    """The season's letters by state."""
    rows = await world.pool.fetch(
        "SELECT state, count(*) AS n FROM letter WHERE realm = $1 GROUP BY state", realm
    )
    return {row["state"]: row["n"] for row in rows}


def doubled_mails(folder: Path) -> list[str]:
    """Mails that the server took in twice: one Message-ID for one recipient."""
    seen = Counter(_mails(folder))
    return [f"{message} {to}" for (message, to), times in seen.items() if times > 1]


def _mails(folder: Path) -> Iterator[tuple[str, str]]:
    for path in folder.glob("*.eml"):
        with path.open("rb") as file:
            headers = BytesParser(policy=default).parse(file, headersonly=True)
        for to in str(headers["X-Envelope-To"]).split(", "):
            yield str(headers["Message-ID"]), to


async def last_judge(world: World) -> tuple[RoundView, int]:
    """The sentinel's round over everything, and how much it found that does not mend by itself."""
    engine = Engine(world.client, world.settings)
    settle = world.settings.settle_seconds
    proving = Proving(world.pool, world.identity, engine, settle, rest=0.0)
    await ActivityEnvironment().run(proving.prove_subjects, Proof())
    view = await Rounds(world.pool).last_proof()
    if view is None:
        raise LookupError("no round has ended")
    left = (Outcome.TOLD, Outcome.NAMED)
    return view, sum(
        many.get(outcome, 0)
        for kind, many in view.found.items()
        if kind != Kind.PARKED
        for outcome in left
    )
