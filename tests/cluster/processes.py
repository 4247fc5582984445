"""A service's process: started clean, restarted as compose would, ended with us and by its own id alone."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.cluster.compose import Health
from workers.stack.processes import User, launch_command, tail

RESTART_AFTER = 0.5
MUCH_SLOWER = 10.0
"""How often the patience of a health check is had: a machine may be ten times as busy as a server."""


class ServiceError(Exception):
    """A service does not come up or ended wrongly; the message has the end of its log."""


@dataclass(frozen=True)
class Run:
    """What is run: the words, the whole environment, and where."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    log: Path
    user: User = field(default_factory=User)


class Process:
    """One process; with `keeps_up` started again whenever it ends by itself."""

    def __init__(self, run: Run, *, keeps_up: bool, stop_seconds: float) -> None:
        self._run = run
        self._keeps_up = keeps_up
        self._stop_seconds = stop_seconds
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        """Its id while it runs."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def start(self) -> None:
        """Start it."""
        await self._spawn()
        if self._keeps_up:
            self._keeper = asyncio.create_task(self._keep())

    async def ended(self, within: float) -> int:
        """Wait until it has ended; its exit code.

        Raises:
            ServiceError: it did not end in time.
        """
        process = self._process
        if process is None:
            raise ServiceError(f"{self._run.name}: never started")
        try:
            async with asyncio.timeout(within):
                return await process.wait()
        except TimeoutError:
            raise self.failed(f"did not end within {within:.0f} s") from None

    def kill(self) -> None:
        """End it without a word, as a power failure would; what keeps it up starts it again."""
        if self._process is not None and self.pid is not None:
            self._process.kill()

    async def lose(self) -> None:
        """End it and whatever it started without a word, and for good: its machine is gone."""
        await self._keep_no_more()
        if self._process is not None and self.pid is not None:
            await lost(self._process)

    async def stop(self) -> None:
        """End it in order, and for good."""
        await self._keep_no_more()
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(self._stop_seconds):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    def failed(self, why: str) -> ServiceError:
        """Say what is wrong, with the end of the log."""
        return ServiceError(f"{self._run.name}: {why}\n{tail(self._run.log)}")

    async def _spawn(self) -> None:
        run = self._run
        with run.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *launch_command(run.argv, run.user),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=run.folder,
                env=dict(run.environment),
            )

    async def _keep_no_more(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
            self._keeper = None

    async def _keep(self) -> None:
        while self._process is not None:
            await self._process.wait()
            self.restarts += 1
            await asyncio.sleep(RESTART_AFTER)
            await self._spawn()


async def lost(process: asyncio.subprocess.Process) -> None:
    """End a process and whatever it started as a machine ends that is gone, and wait until they are."""
    main = psutil.Process(process.pid)
    gone = [*main.children(recursive=True), main]
    for one in gone:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    await process.wait()
    await asyncio.to_thread(psutil.wait_procs, gone)


async def healthy(process: Process, health: Health, check: Run) -> float:
    """Ask until a service is well; the seconds that took.

    Raises:
        ServiceError: it is not well in ten times the time that the file gives it.
    """
    began = time.monotonic()
    patience = (health.start_period + health.interval * health.retries) * MUCH_SLOWER
    while time.monotonic() - began < patience:
        if await asked(check, health.timeout * MUCH_SLOWER):
            return time.monotonic() - began
        await asyncio.sleep(min(health.interval, 1.0))
    raise process.failed(f"not healthy within {patience:.0f} s")


async def asked(check: Run, within: float) -> bool:
    """Whether a check says yes."""
    probe = Process(check, keeps_up=False, stop_seconds=1.0)
    await probe.start()
    try:
        return await probe.ended(within) == 0
    except ServiceError:
        return False
    finally:
        await probe.stop()
