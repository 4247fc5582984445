"""The stories dealt into shares, one a process of the run, and sixteen played at once in all.

A share begins when its first story is asked for; each test then awaits its own story, in the order
in which they began. So none waits longer than one story's limit, and a story that is slow or stuck
fails alone.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Sequence
from contextlib import AsyncExitStack
from functools import cache
from pathlib import Path

import pytest

from config.reading import FileError
from starter.rehearsal.conductor import JOBS, ScenarioReport, playing
from starter.rehearsal.scenario import Scenario, load
from starter.rehearsal.staging import scenario_files
from starter.rehearsal.world import World

FILES = scenario_files(Path(__file__).parent)
PROCESSES = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
AT_ONCE = max(4, JOBS // PROCESSES)
"""More would be no quicker, as the processors are busy, and each story would take the longer."""

A_MEETINGS_STEP = 5
"""A step of a meeting is told to every case, and waits for every answer."""


@cache
def read(path: Path) -> Scenario:
    """A file, read once.

    Raises:
        FileError: it cannot be read.
    """
    return load(path)


def length(path: Path) -> int:
    """How much there is to do; nothing in a file that cannot be read."""
    try:
        steps = [step for _, step in read(path).steps]
    except FileError:
        return 0
    return sum(A_MEETINGS_STEP if step.meeting else 1 for step in steps)


@cache
def dealt(count: int) -> list[list[Path]]:
    """So many shares of about one length, the longest stories first in each."""
    shares: list[list[Path]] = [[] for _ in range(count)]
    lengths = [0] * count
    for path in sorted(FILES, key=length, reverse=True):
        lightest = lengths.index(min(lengths))
        shares[lightest].append(path)
        lengths[lightest] += length(path)
    return shares


def share_of(name: str, count: int) -> int:
    """Which of so many shares a file is in."""
    return next(
        number
        for number, share in enumerate(dealt(count), start=1)
        if name in {path.name for path in share}
    )


SHARES = dealt(PROCESSES)
STORIES = [pytest.param(path, id=path.name) for share in SHARES for path in share]


class Stage:
    """Plays the stories that this process is asked for."""

    def __init__(self, world: World, asked: Collection[Path], stack: AsyncExitStack) -> None:
        self._world = world
        self._asked = asked
        self._stack = stack
        self._plays: dict[Path, asyncio.Task[ScenarioReport]] = {}

    async def report(self, path: Path) -> ScenarioReport:
        """How a story went, once it is over."""
        if path not in self._plays:
            await self._begin(next(share for share in SHARES if path in share))
        return await self._plays[path]

    async def _begin(self, share: Sequence[Path]) -> None:
        paths = [path for path in share if path in self._asked and length(path)]
        plays = playing(self._world, [read(path) for path in paths], jobs=AT_ONCE)
        begun = await self._stack.enter_async_context(plays)
        self._plays |= zip(paths, begun, strict=True)
