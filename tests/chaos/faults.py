"""The deaths: which part, when, by a seed; and how long until everything answers again.

Only what this run started is touched, each by the pid that it was started with. A full disk is a
limit on the size of files, which PostgreSQL takes for one (it ignores SIGXFSZ for that).
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import aiohttp
import asyncpg
import psutil

from activities.database import AWAY as AWAY_RECORD
from config.temporal import connect
from workers.stack import RunningStack

ROOT = Path(__file__).resolve().parents[2]
APART = (6.0, 14.0)
"""Seconds between being well again and the next death."""
FULL = (1.0, 4.0)
"""How long the disk is full."""
AWAY = (0.5, 5.0)
"""How long the mail server stays away."""
WELL_WITHIN = 180.0
A_FILE = "CREATE TEMP TABLE full_disk AS SELECT repeat('x', 1000) FROM generate_series(1, 1000)"


@dataclass
class Sink:
    """The mail server, a process of its own."""

    port: int
    folder: Path
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Listen; mail that was taken in stays."""
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.chaos.sink", str(self.port), str(self.folder)),
            cwd=ROOT,
        )

    async def kill(self) -> None:
        """End it at once."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


@asynccontextmanager
async def sink_at(port: int, folder: Path) -> AsyncIterator[Sink]:
    """A mail server until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    sink = Sink(port, folder)
    await sink.start()
    try:
        yield sink
    finally:
        await sink.kill()


@dataclass
class Faults:
    """Lets things die while a season is played."""

    stack: RunningStack
    sink: Sink
    random: Random
    done: list[str] = field(default_factory=list)
    well_after: list[float] = field(default_factory=list)
    disk_refused: int = 0
    """How many writes were tried and refused while the disk was full."""

    @property
    def kinds(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """What can happen."""
        return {
            "worker": lambda: self._kill("worker"),
            "engine": lambda: self._kill("temporal"),
            "postgres": lambda: self._kill("postgres"),
            "mail": self._mail_away,
            "disk": self._disk_full,
        }

    async def go_on(self, until: asyncio.Event) -> None:
        """One after the other, each kind before any comes twice, until the season is over."""
        waiting: list[str] = []
        while not until.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(until.wait(), self.random.uniform(*APART))
                return
            if not waiting:
                waiting = sorted(self.kinds)
                self.random.shuffle(waiting)
            kind = waiting.pop()
            began = time.monotonic()
            await self.kinds[kind]()
            await self.well()
            self.done.append(kind)
            self.well_after.append(time.monotonic() - began)
            print(f"  {kind}: well again after {self.well_after[-1]:.1f} s", flush=True)

    async def well(self) -> None:
        """Wait until record, engine and workers answer.

        Raises:
            TimeoutError: they do not.
        """
        async with asyncio.timeout(WELL_WITHIN):
            while True:
                with suppress(Exception):
                    await self._asked()
                    return
                await asyncio.sleep(0.2)

    async def _asked(self) -> None:
        settings = self.stack.settings
        record = await asyncpg.connect(settings.database_url.get_secret_value(), timeout=5)
        try:
            await record.fetchval("SELECT 1")
        finally:
            record.terminate()
        await (await connect(settings)).service_client.check_health()
        url = f"http://127.0.0.1:{self.stack.ports['health']}/readyz"
        limit = aiohttp.ClientTimeout(5)
        async with aiohttp.ClientSession(timeout=limit) as http, http.get(url) as answer:
            answer.raise_for_status()

    async def _kill(self, part: str) -> None:
        pid = self.stack.children[part].pid
        if pid is not None:
            os.kill(pid, signal.SIGKILL)

    async def _mail_away(self) -> None:
        await self.sink.kill()
        await asyncio.sleep(self.random.uniform(*AWAY))
        await self.sink.start()

    async def _disk_full(self) -> None:
        self._limit_files(0)
        until = time.monotonic() + self.random.uniform(*FULL)
        while time.monotonic() < until:
            self.disk_refused += not await self._writes()
            await asyncio.sleep(0.3)
        self._limit_files(resource.RLIM_INFINITY)

    async def _writes(self) -> bool:
        """Whether the server can write a file now; its own log cannot say so."""
        try:
            async with asyncio.timeout(3):
                record = await asyncpg.connect(self.stack.owner_url)
                try:
                    await record.execute(A_FILE)
                finally:
                    record.terminate()
        except (*AWAY_RECORD, TimeoutError):
            return False
        return True

    def _limit_files(self, size: int) -> None:
        """Limit the files of the server and its backends, those to come included."""
        pid = self.stack.children["postgres"].pid
        if pid is None:
            return
        with suppress(psutil.Error):
            server = psutil.Process(pid)
            pids = [pid, *(process.pid for process in server.children(recursive=True))]
            _as_user(server.uids().real, server.gids().real, pids, size)


def _as_user(uid: int, gid: int, pids: Sequence[int], size: int) -> None:
    """As the user of those processes: root of a container may not always limit another's."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    with suppress(OSError):
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
    for pid in pids:
        with suppress(OSError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    os._exit(0)
