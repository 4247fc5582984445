"""``up``, ``down`` and ``status`` of an embedded stack."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from config.stack_state import stage_of
from workers.serving import stop_on_signals
from workers.stack.folder import StackFolder
from workers.stack.options import StackOptions
from workers.stack.refusals import StackFailedError
from workers.stack.supervisor import RunningStack, running

DOWN_SECONDS = 90.0
_SAME_START = 1.0  # seconds two readings of one process's start time may differ by


@dataclass(frozen=True)
class StackStatus:
    """What is known of a folder's stack from outside.

    ``stage``: ``stopped``, ``starting``, ``ready``, or ``killed`` (its supervisor died without
    stopping; the next ``up`` puts things in order).
    """

    folder: Path
    stage: str
    pid: int | None = None
    ports: dict[str, int] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    children: dict[str, int | None] = field(default_factory=dict)


async def up(
    folder: Path,
    options: StackOptions | None = None,
    *,
    on_ready: Callable[[RunningStack], None] | None = None,
) -> None:
    """Run until SIGTERM or Ctrl-C, which end it in order. Raises as `running` does."""
    stop = asyncio.Event()
    stop_on_signals(stop)
    async with running(folder, options=options or StackOptions()) as stack:
        if on_ready is not None:
            on_ready(stack)
        stopped = asyncio.ensure_future(stop.wait())
        ends: list[asyncio.Future[Any]] = [stopped, stack.failed]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if stack.failed.done():
            await stack.failed


def status(folder: Path) -> StackStatus:
    """Return what runs in a folder; changes nothing."""
    place = StackFolder.at(folder)
    stage = stage_of(place.root)
    if stage == "stopped":
        return StackStatus(place.root, stage)
    state = place.read_state()
    return StackStatus(
        folder=place.root,
        stage=stage,
        pid=state.get("pid") if stage != "killed" else None,
        ports=state.get("ports", {}),
        addresses=state.get("addresses", {}),
        children=state.get("children", {}),
    )


async def down(folder: Path) -> bool:
    """Stop the stack of a folder and wait for its end; False if none was running.

    Raises:
        StackFailedError: it did not end in 90 s.
    """
    place = StackFolder.at(folder)
    if not place.is_locked():
        return False
    state = place.read_state()
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(int(state["pid"]))
        # The number alone could be somebody else's by now.
        if abs(process.create_time() - float(state["started"])) < _SAME_START:
            process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + DOWN_SECONDS
    while place.is_locked():
        if time.monotonic() > deadline:
            raise StackFailedError(
                "part_failed", f"内置环境（进程 {state.get('pid')}）90 秒内没有停下，请查看日志。"
            )
        await asyncio.sleep(0.1)
    return True
