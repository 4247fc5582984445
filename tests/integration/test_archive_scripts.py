"""The scripts of `archive`, `base` and `restore` in docker-compose.yml, run on a real server that is lost
with its disk, and with one database set back. `make cluster` does it with cases at work."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from starter.installation.keys import fresh
from tests.cluster.compose import ONCE, Project, read
from tests.cluster.places import free_network
from tests.cluster.processes import lost
from tests.engine import PATIENT
from workers.stack.postgres import binaries, owner
from workers.stack.processes import LAUNCHER, launch_command

ROOT = Path(__file__).parents[2]
PASSWORD = "secret-of-a-test"
BECOME = f"""#!/bin/bash
exec {sys.executable} -I -S {LAUNCHER} $PPID "$2" "$4" "$(command -v "$6")" "${{@:7}}"
"""
"""The server's user, as `setpriv` has it: with the right to pass closed folders, where the programs
of this machine may lie (the image's do not)."""
LIMIT = PATIENT.total_seconds()


class Install:
    """A server with its archive: the folders that are volumes, and what its scripts are told."""

    def __init__(self, folder: Path) -> None:
        self.home, self.archive = folder / "home", folder / "archive"
        self.data, self.log = self.home / "data", folder / "server.log"
        for place in (self.home, self.archive):
            place.mkdir()
            place.chmod(0o755)
        self.user = owner(self.data)
        if self.user.uid >= 0:
            os.chown(self.home, self.user.uid, self.user.gid)
        self.host = f"{free_network()}.2"
        pairs = (line.partition("=") for line in fresh().splitlines() if not line.startswith("#"))
        variables = {name: value or "stated" for name, sign, value in pairs if sign}
        self.project: Project = read(ROOT / ONCE, variables)
        self.access, self.script, self.password = (
            folder / name for name in ("access.conf", "restore.sh", "password")
        )
        self.access.write_text(self.project.configs["access"])
        self.script.write_text(self.project.configs["restore"])
        self.password.write_text(PASSWORD)
        self.programs = folder / "bin"
        self.programs.mkdir()
        become = self.programs / "setpriv"
        become.write_text(BECOME)
        become.chmod(0o755)

    @property
    def told(self) -> dict[str, str]:
        """The environment of a container of theirs."""
        return {
            "PATH": os.pathsep.join([str(self.programs), str(binaries()), "/usr/bin", "/bin"]),
            "LANG": "C.UTF-8",
            "PGHOST": self.host,
            "PGUSER": "zhiping",
            "PGDATABASE": "zhiping",
            "PGDATA": str(self.data),
            "POSTGRES_PASSWORD_FILE": str(self.password),
            "ARCHIVE": str(self.archive),
            "SERVER_HOME": str(self.home),
            "SCRIPT": str(self.script),
        }

    async def run(self, *argv: str, as_server: bool = False) -> tuple[int, str]:
        """Run something to its end; its exit code, and what it said."""
        words = launch_command([shutil.which(argv[0], path=self.told["PATH"]) or argv[0], *argv[1:]], self.user) if as_server else argv  # fmt: skip
        process = await asyncio.create_subprocess_exec(
            *words,
            env=self.told,
            cwd=self.home,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(LIMIT):
            out, _ = await process.communicate()
        return process.returncode or 0, out.decode()

    async def service(self, name: str, *arguments: str) -> tuple[int, str]:
        """Run a tool of the compose file as its container would."""
        service = self.project.services[name]
        return await self.run(*(service.entrypoint or ()), *(service.command or ()), *arguments)

    async def created(self) -> None:
        """As the image makes it at its first start."""
        made = ("initdb", "-D", str(self.data), "-U", "zhiping", f"--pwfile={self.password}")
        code, said = await self.run(*made, "-A", "scram-sha-256", as_server=True)
        assert code == 0, said

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """The server, and its archive beside it, until the block ends."""
        server = await self._started(
            str(binaries() / "postgres"), "-D", str(self.data), "-c", f"listen_addresses={self.host}",
            "-c", "unix_socket_directories=", "-c", f"hba_file={self.access}", as_server=True,
        )  # fmt: skip
        archive: asyncio.subprocess.Process | None = None
        try:
            await self._until("pg_isready", "-q")
            if not await self._there("zhiping"):
                await self.ask("CREATE DATABASE zhiping", database="postgres")
            service = self.project.services["archive"]
            archive = await self._started(*(service.entrypoint or ()), *(service.command or ()))
            assert service.health is not None
            await self._until("sh", "-c", service.health.test[1])
            yield server
        finally:
            for one in (archive, server):
                if one is not None and one.returncode is None:
                    one.kill()
                    await one.wait()

    async def ask(self, statement: str, *values: object, database: str = "zhiping") -> object:
        """One statement; its one value."""
        connection = await asyncpg.connect(
            host=self.host, user="zhiping", password=PASSWORD, database=database
        )
        try:
            return await connection.fetchval(statement, *values)
        finally:
            await connection.close()

    async def _there(self, database: str) -> bool:
        asked = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)"
        return bool(await self.ask(asked, database, database="postgres"))

    async def _started(self, *argv: str, as_server: bool = False) -> asyncio.subprocess.Process:
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *(launch_command(argv, self.user) if as_server else argv),
                env=self.told,
                cwd=self.home,
                stdout=log,
                stderr=log,
            )

    async def _until(self, *argv: str) -> None:
        """Run it again and again until it says yes."""
        async with asyncio.timeout(LIMIT):
            while True:
                code, _ = await self.run(*argv)
                if code == 0:
                    return
                await asyncio.sleep(0.1)


@pytest.fixture
def install() -> Iterator[Install]:
    """A server that was never started, where its user may look."""
    folder = Path(tempfile.mkdtemp(prefix="zhiping-archive-"))
    folder.chmod(0o755)
    yield Install(folder)
    shutil.rmtree(folder, ignore_errors=True)


async def test_what_was_committed_is_there_after_the_disk_is_lost_and_one_database_goes_back_alone(
    install: Install,
) -> None:
    await install.created()
    async with install.serving() as server:
        await install.ask("CREATE TABLE act (number integer)")
        code, said = await install.service("base")
        assert code == 0, said
        for number in range(30):
            await install.ask("INSERT INTO act VALUES ($1)", number)
        await lost(server)
        shutil.rmtree(install.data)

    code, said = await install.service("restore", "server")
    assert code == 0, said

    async with install.serving():
        there = await install.ask("SELECT count(*) FROM act")
        await install.ask("CREATE DATABASE temporal")
        code, said = await install.service("base")
        assert code == 0, said
        await asyncio.sleep(1.1)  # a base's name has its second
        point = str(await install.ask("SELECT now()::text"))
        await install.ask("INSERT INTO act VALUES (30)")
        await install.ask("CREATE TABLE since (number integer)", database="temporal")
        running = await install.service("restore", "server")
        code, said = await install.service("restore", "databases", point, "temporal")
        assert code == 0, said
        kept = await install.ask("SELECT count(*) FROM act")
        since = await install.ask("SELECT to_regclass('since')", database="temporal")
        before = await install.ask(
            "SELECT count(*) FROM pg_database WHERE datname LIKE 'temporal_before_%'"
        )

    assert there == 30
    assert running[0] == 1
    assert "还在运行" in running[1]
    assert (kept, since, before) == (31, None, 1)
    assert sorted(item.name for item in install.archive.iterdir()) == ["1", "2"]


async def test_a_point_before_every_base_is_refused_and_nothing_is_touched(
    install: Install,
) -> None:
    await install.created()
    async with install.serving():
        code, said = await install.service("base")
        assert code == 0, said
    before = sorted(item.name for item in install.home.iterdir())

    code, said = await install.service("restore", "server", "2020-01-01 00:00:00+08")

    assert code == 1
    assert "没有 2020-01-01 00:00:00+08 以前的基础备份" in said
    assert sorted(item.name for item in install.home.iterdir()) == before
