"""``python -m tests.chaos --cases 1000 --seed 7``: a season under random deaths; prints figures, and ends.

Zero is wanted of everything but the time. Loopback alone; what it kills it has started.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from random import Random

import structlog

from starter.desk.office import opened
from starter.rehearsal.staging import Stage
from starter.rehearsal.world import World, entered
from tests.benchmarks.figures import FOUND, figure
from tests.chaos import judging
from tests.chaos.faults import Faults, sink_at
from tests.chaos.season import OPENS, Season, counted
from workers.stack import StackOptions, running
from workers.stack.options import reserved_ports

ZERO = ("lost", "doubled", "doubled_mails", "wrong_ends", "parked", "disagree", "undelivered")


async def drill(cases: int, seed: int) -> int:
    """One season; how much of what should be zero is not."""
    random, realm = Random(seed), f"rehearsal-chaos-{seed}"  # noqa: S311 - to be had again
    with (
        tempfile.TemporaryDirectory(prefix="zhiping-chaos-") as name,
        reserved_ports({}, {}) as ports,
    ):
        folder = Path(name)
        mail = folder / "taken-in"
        options = StackOptions(
            with_interface=False,
            settings={"smtp_port": str(ports["smtp"]), "mail_dir": str(mail)},
        )
        async with (
            sink_at(ports["smtp"], mail) as sink,
            running(folder / "stack", options=options) as stack,
            entered(stack.settings) as world,
            opened(stack.settings, connections=8, patience=timedelta(seconds=60)) as office,
        ):
            await Stage(world).prepare(OPENS)
            season = Season(office, world, realm, cases, random)
            faults, over = Faults(stack, sink, random), asyncio.Event()
            print(f"season of {cases}, seed {seed}: {counted(season.lives)}", flush=True)
            began = time.monotonic()
            dying = asyncio.create_task(faults.go_on(over))
            try:
                await season.play()
            finally:
                over.set()
                await dying
            await faults.well()
            figure("chaos.season", time.monotonic() - began, "s")
            return await _judged(world, season, faults, mail)


async def _judged(world: World, season: Season, faults: Faults, mail: Path) -> int:
    lives = season.lives
    all_left = await judging.drained(world, season.realm)
    lost, doubled = await judging.lost_and_doubled(world, lives)
    view, disagree = await judging.last_judge(world)
    letters = await judging.letters_in(world, season.realm)
    found: dict[str, list[str] | int] = {
        "lost": lost,
        "doubled": doubled,
        "doubled_mails": judging.doubled_mails(mail),
        "wrong_ends": await judging.wrong_ends(world, season.realm, lives),
        "parked": await judging.parked(world),
        "disagree": disagree,
        "undelivered": 0 if all_left else letters.get("queued", 0) + letters.get("claimed", 0),
    }
    wrong = 0
    for name in ZERO:
        what = found[name]
        number = what if isinstance(what, int) else len(what)
        wrong += number
        figure(f"chaos.{name}", number, "cases" if name in ("wrong_ends", "parked") else "found")
        for line in what[:20] if isinstance(what, list) else ():
            print(f"    {line}")
    if disagree:
        print(f"    {view.found}")
    figure("chaos.cases", len(lives), "cases")
    figure("chaos.acknowledged", sum(len(life.acknowledged) for life in lives), "acts")
    figure("chaos.letters_sent", letters.get("sent", 0), "letters")
    # The answer was lost with the server that gave it: a person looks at it, nobody sends it twice.
    figure("chaos.letters_unknown", letters.get("unknown", 0), "letters")
    figure(
        "chaos.mended", sum(sum(many.values()) for many in view.found.values()) - disagree, "found"
    )
    figure("chaos.disk_refused", faults.disk_refused, "writes")
    figure("chaos.deaths", len(faults.done), "deaths")
    if faults.well_after:
        figure("chaos.well_again.longest", max(faults.well_after), "s")
        figure("chaos.well_again.mean", sum(faults.well_after) / len(faults.well_after), "s")
    return wrong


def main() -> int:
    """0 where everything that should be is zero, else 3."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--cases", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    # What was away is told by the figures; every pool and client says so a hundred times.
    logging.disable(logging.CRITICAL)
    structlog.configure(processors=[lambda *_: (_ for _ in ()).throw(structlog.DropEvent)])
    wrong = asyncio.run(drill(given.cases, given.seed))
    for item in FOUND:
        print(item.line())
    return 3 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
