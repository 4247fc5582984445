"""The embedded stack as benchmarks have it: each role a process of its own, and what each has used."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import psutil

from activities.database import Pool, open_pool
from activities.identity import Identity
from activities.intake import Intake
from config.calendar_files import CALENDARS
from config.campaign_files import CAMPAIGNS
from config.directory_files import DIRECTORY
from config.settings import STACK_FILE, Settings
from config.stack_state import read_state
from workers.stack.folder import StackFolder
from workers.stack.postgres import owner_url

ROOT = Path(__file__).resolve().parents[2]
ROLES = ("cases", "records", "letters")
CAMPAIGN = "bd-2023"
YEARS = (2023, 2024, 2025)
POSTGRES_PASSWORD = "ZHIPING_POSTGRES_PASSWORD"


@dataclass
class RealStack:
    """A stack that is ready, with its notice published."""

    folder: Path
    settings: Settings
    pool: Pool
    intake: Intake
    processes: Mapping[str, psutil.Process]
    """By what it is: cases, records, letters; engine; postgres; sink (mail, and the supervisor)."""

    def cpu(self) -> dict[str, float]:
        """Processor seconds of each so far, its children's included."""
        return {name: _used(process) for name, process in self.processes.items()}

    async def letters_waiting(self) -> int:
        """Letters that are neither sent nor given up, nor gathered for an hour of another day."""
        found = await self.pool.fetchval(
            "SELECT count(*) FROM letter WHERE state IN ('queued', 'claimed') AND kind <> 'collected'"
        )
        return int(found)

    async def drained(self) -> None:
        """Wait until every letter has left."""
        while await self.letters_waiting():  # noqa: ASYNC110 - a row has no event
            await asyncio.sleep(0.2)


@asynccontextmanager
async def real_stack(folder: Path, **settings: str) -> AsyncIterator[RealStack]:
    """Start it as programs of its own, so that their work is not this process's; stop it at the end."""
    sets = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    command = [
        "up",
        "--folder",
        str(folder),
        "--no-workers",
        "--no-interface",
        "--no-console",
        "--json",
        *sets,
    ]
    started = [await asyncio.to_thread(_up, command)]
    _without_ports(folder / STACK_FILE)
    try:
        started += [
            _python("workers", "--role", role, "--stack", str(folder), log=folder / f"{role}.log")
            for role in ROLES
        ]
        for role in ROLES:
            await _says(folder / f"{role}.log", "worker.started")
        for arguments in (
            ("calendar", "load", *(str(CALENDARS / f"{year}.toml") for year in YEARS)),
            ("directory", "import", str(DIRECTORY / "chongqing.toml")),
            ("campaign", "publish", str(CAMPAIGNS / f"{CAMPAIGN}.toml")),
        ):
            await _zhiping(folder, *arguments)
        found = Settings.for_stack(folder)
        async with await open_pool(found.database_url.get_secret_value(), 8) as pool:
            intake = Intake(pool, Identity(found.identity_keys()[0]), found.documents_dir)
            yield RealStack(folder, found, pool, intake, _processes(folder, started))
    finally:
        for process in reversed(started):
            process.terminate()
            await asyncio.to_thread(process.wait)


def _without_ports(settings: Path) -> None:
    """Three workers instead of one: none of them serves health and metrics, whose ports are one's."""
    lines = settings.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(("ZHIPING_HEALTH", "ZHIPING_METRICS"))]
    settings.write_text("".join(kept), encoding="utf-8")


async def _says(log: Path, word: str) -> None:
    while word not in log.read_text(encoding="utf-8"):  # noqa: ASYNC110 - another process's file
        await asyncio.sleep(0.1)


def _python(*words: str, log: Path) -> subprocess.Popen[str]:
    with log.open("a", encoding="utf-8") as output:
        return subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", *words], cwd=ROOT, stdout=output, stderr=output, text=True
        )


def _up(command: list[str]) -> subprocess.Popen[str]:
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "workers.stack", *command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout:
        assert json.loads(process.stdout.readline())["ready"]
    return process


async def _zhiping(folder: Path, *arguments: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "starter.cli", *arguments),
        cwd=ROOT,
        env={**os.environ, "ZHIPING_STACK": str(folder)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()


def _processes(folder: Path, started: list[subprocess.Popen[str]]) -> dict[str, psutil.Process]:
    supervisor, *workers = started
    found = {role: psutil.Process(worker.pid) for role, worker in zip(ROLES, workers, strict=True)}
    children = read_state(folder)["children"]
    return {
        **found,
        "engine": psutil.Process(children["temporal"]),
        "postgres": psutil.Process(children["postgres"]),
        "sink": psutil.Process(supervisor.pid),
    }


def _used(process: psutil.Process) -> float:
    times = process.cpu_times()
    total = times.user + times.system
    if process.name().startswith("postgres"):  # a process a connection
        total += times.children_user + times.children_system
        for child in process.children(recursive=True):
            with suppress(psutil.Error):
                own = child.cpu_times()
                total += own.user + own.system
    return float(total)


async def another_database(stack: RealStack, name: str) -> str:
    """A database of its own on the stack's server, for what is measured beside ours; its address."""
    place = StackFolder.at(stack.folder)
    port, password = place.read_state()["ports"]["postgres"], place.keys()[POSTGRES_PASSWORD]
    connection = await asyncpg.connect(owner_url(port, password))
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()
    return owner_url(port, password, name)
