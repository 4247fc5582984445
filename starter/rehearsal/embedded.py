"""An embedded stack as a subprocess: started for a rehearsal where none runs (`workers.stack`)."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from config.settings import Settings, SettingsError
from starter.output import of_a_child

READY_SECONDS = 300.0
STOP_SECONDS = 60.0
SOURCE = Path(__file__).resolve().parents[2]


class StackNotStartedError(SettingsError):
    """The embedded stack did not come up; the message (Chinese) says where to look."""


@asynccontextmanager
async def stack_in(folder: Path, *arguments: str) -> AsyncIterator[Settings]:
    """Run a stack in a folder until the block ends.

    Raises:
        StackNotStartedError: it did not become ready.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "workers.stack", "up", "--json", "--folder", str(folder)),
        *arguments,
        cwd=SOURCE,
        env=of_a_child(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C reaches us; we stop it in order
    )
    try:
        await _until_ready(process, folder)
        yield Settings.for_stack(folder)
    finally:
        await _stop(process)


@asynccontextmanager
async def stack_for_rehearsal(
    folder: Path | None, *, keep: bool = False
) -> AsyncIterator[Settings]:
    """A running stack: the one of a folder or of the settings, else one in a temporary folder."""
    found = await running_settings(folder)
    if found is not None:
        yield found
        return
    place = Path(tempfile.mkdtemp(prefix="zhiping-")) if folder is None else folder
    try:
        async with stack_in(place, "--no-interface", "--no-console") as settings:
            yield settings
    finally:
        if folder is None and not keep:
            await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)


async def running_settings(folder: Path | None) -> Settings | None:
    """The settings of an embedded stack that answers; None where none runs."""
    try:
        settings = Settings.load() if folder is None else Settings.for_stack(folder)
    except SettingsError:
        return None
    if not settings.is_embedded:
        return None  # production is nobody's stage
    address = settings.temporal_address
    if address is None:
        return settings
    host, _, port = address.rpartition(":")
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(2):
            _, writer = await asyncio.open_connection(host, int(port))
            writer.close()
        return settings
    return None


async def _until_ready(process: asyncio.subprocess.Process, folder: Path) -> None:
    said: dict[str, Any] = {}
    with suppress(TimeoutError, ValueError):
        async with asyncio.timeout(READY_SECONDS):
            line = await process.stdout.readline() if process.stdout else b""
            said = json.loads(line or b"{}")
    if not said.get("ready"):
        why = said.get("message", "没有按时就绪")
        raise StackNotStartedError(f"内置环境未能启动：{why} 日志在 {folder / 'logs'}。")


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
