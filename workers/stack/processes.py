"""Child processes: started so that they die with us, kept alive, and found again if they did not."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import structlog

from workers.stack.refusals import StackFailedError

LAUNCHER = Path(__file__).with_name("launch.py")
MAX_CRASHES, CRASH_WINDOW = 5, 60.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 3.0
_TAIL_BYTES = 1500
_NO_SPACE, FULL_DISK = (
    "No space left on device",
    "磁盘已满：请腾出空间，或者用 --folder 另选一个磁盘。",
)

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class User:
    """The user a child becomes; -1 means: stay who we are."""

    uid: int = -1
    gid: int = -1


@dataclass(frozen=True)
class Recipe:
    """How to run one part of the stack.

    Attributes:
        name: for logs and the state file; also the log file's name.
        marks: arguments that together only this part of this folder has on its command line; a
            left-over of a killed stack is known by them.
        stop_signal: the orderly stop. ``stop_seconds``: how long it may take before SIGKILL.
        before_start: run before each start, a restart included.
    """

    name: str
    argv: Sequence[str]
    log: Path
    marks: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    user: User = field(default_factory=User)
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10.0
    before_start: Callable[[], Awaitable[None]] | None = None


class Child:
    """One part, restarted when it dies; after five deaths in a minute it is given up."""

    def __init__(
        self,
        recipe: Recipe,
        *,
        on_started: Callable[[], None],
        on_given_up: Callable[[StackFailedError], None],
    ) -> None:
        self.recipe = recipe
        self._on_started = on_started
        self._on_given_up = on_given_up
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def pid(self) -> int | None:
        """The pid while it runs."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def start(self) -> None:
        """Start it and keep it running."""
        await self._spawn()
        self._keeper = asyncio.create_task(self._keep(), name=f"keep {self.recipe.name}")

    async def stop(self) -> None:
        """Stop it in order; SIGKILL if it takes too long."""
        self._stopping = True
        process = self._process
        if process is not None and process.returncode is None:
            process.send_signal(self.recipe.stop_signal)
            try:
                async with asyncio.timeout(self.recipe.stop_seconds):
                    await process.wait()
            except TimeoutError:
                logger.warning("stack.child_killed", child=self.recipe.name)
                process.kill()
                await process.wait()
        if self._keeper is not None:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper

    async def _spawn(self) -> None:
        recipe = self.recipe
        if recipe.before_start is not None:
            await recipe.before_start()
        command = launch_command(recipe.argv, recipe.user)
        with recipe.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **recipe.environment},
            )
        self._on_started()

    async def _keep(self) -> None:
        crashes: deque[float] = deque(maxlen=MAX_CRASHES)
        pause = _FIRST_PAUSE
        while self._process is not None:
            code = await self._process.wait()
            if self._stopping:
                return
            now = time.monotonic()
            crashes.append(now)
            logger.error("stack.child_died", child=self.recipe.name, exit_code=code)
            if len(crashes) == MAX_CRASHES and now - crashes[0] < CRASH_WINDOW:
                self._on_given_up(self.failure(code))
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
            try:
                await self._spawn()
            except OSError:  # the program or the disk is gone
                self._on_given_up(self.failure(code))
                return

    def failure(self, code: int | None) -> StackFailedError:
        """Say that this part does not run, with the end of its log."""
        return StackFailedError(
            "part_failed",
            f"{self.recipe.name} 无法运行（退出码 {code}）。日志 {self.recipe.log} 的末尾：\n"
            + tail(self.recipe.log),
        )


def launch_command(argv: Sequence[str], user: User) -> list[str]:
    """Return the command that runs ``argv`` under `launch` with us as the parent."""
    launcher = [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid())]
    return [*launcher, str(user.uid), str(user.gid), *argv]


def tail(log: Path) -> str:
    """Return the last lines of a log."""
    with suppress(OSError), log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        said = file.read().decode(errors="replace").strip()
        return f"{said}\n{FULL_DISK}" if _NO_SPACE in said else said
    return "（无）"


def left_over(recipe: Recipe) -> list[psutil.Process]:
    """Return processes of this part that an earlier, killed supervisor left behind.

    Known by the command line, not by a remembered pid alone: after a reboot, or in a container, the
    same number is somebody else. The caller holds the folder's lock, so no living supervisor owns
    what is found.
    """
    found = []
    for process in psutil.process_iter(["pid", "cmdline"]):
        arguments = process.info["cmdline"] or []
        launched = str(LAUNCHER) in arguments
        if not launched and set(recipe.marks) <= set(arguments) and process.pid != os.getpid():
            found.append(process)
    return found


async def end_left_overs(recipe: Recipe) -> list[int]:
    """Stop them in order, by pid; return the pids. SIGKILL after the part's own patience."""
    processes = left_over(recipe)
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(recipe.stop_signal)
    deadline = time.monotonic() + recipe.stop_seconds
    while any(_lives(process) for process in processes):
        if time.monotonic() > deadline:
            for process in processes:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        await asyncio.sleep(0.05)
    if processes:
        logger.warning("stack.left_overs_ended", child=recipe.name, count=len(processes))
    return [process.pid for process in processes]


def _lives(process: psutil.Process) -> bool:
    # is_running() compares the start time, so a reused pid is not taken for ours.
    with suppress(psutil.NoSuchProcess):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False
