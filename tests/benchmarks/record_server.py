"""A PostgreSQL for a big record, as the embedded stack runs it; only what is lost in a crash is not written."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg

from workers.stack import postgres
from workers.stack.options import reserved_ports
from workers.stack.processes import launch_command

DATABASE, OWNER, PASSWORD = "record", "zhiping", "record"
READY_SECONDS = 60.0

FOR_ONE_RUN = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "autovacuum": "off",
    "maintenance_work_mem": "1GB",
}
"""Settings that make the seeding quick; a reading is planned and carried out as in the stack."""


@asynccontextmanager
async def record_server(folder: Path | None = None) -> AsyncIterator[str]:
    """Run a server and give the owner's address of its one database.

    Args:
        folder: where its data stay for another run; without it they are gone with the server.
    """
    root = folder or Path(tempfile.mkdtemp(prefix="zhiping-record-"))
    root.mkdir(parents=True, exist_ok=True)
    root.chmod(0o755)
    data = root / "data"
    if not data.exists():
        await _initialise(root, data)
    try:
        with reserved_ports({}, {}) as ports:
            port = ports["postgres"]
            async with _serving(root, data, port):
                await _ready(port)
                yield _url(port, DATABASE)
    finally:
        if folder is None:
            shutil.rmtree(root, ignore_errors=True)


@asynccontextmanager
async def _serving(root: Path, data: Path, port: int) -> AsyncIterator[None]:
    settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "timezone": "UTC"}
    options = [f"-c{name}={value}" for name, value in (settings | FOR_ONE_RUN).items()]
    program = str(postgres.binaries() / "postgres")
    arguments = [program, "-D", str(data), "-p", str(port), *options]
    command = launch_command(arguments, postgres.owner(data))
    with (root / "postgres.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        await process.wait()


def _url(port: int, database: str) -> str:
    return f"postgresql://{OWNER}:{PASSWORD}@127.0.0.1:{port}/{database}?sslmode=disable"


async def _initialise(root: Path, data: Path) -> None:
    user = postgres.owner(data)
    data.mkdir(mode=0o700)
    secret = root / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    if user.uid >= 0:
        os.chown(data, user.uid, user.gid)
        os.chown(secret, user.uid, user.gid)
    arguments = [
        *(str(postgres.binaries() / "initdb"), "-D", str(data), "-U", OWNER),
        *(f"--pwfile={secret}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
    ]
    with (root / "initdb.log").open("ab") as log:
        made = await asyncio.create_subprocess_exec(
            *launch_command(arguments, user), stdout=log, stderr=log
        )
        if await made.wait() != 0:
            raise RuntimeError((root / "initdb.log").read_text(encoding="utf-8"))


async def _ready(port: int) -> None:
    async with asyncio.timeout(READY_SECONDS):
        while True:
            with suppress(OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError):
                connection = await asyncpg.connect(_url(port, "postgres"))
                break
            await asyncio.sleep(0.1)
    known = await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE)
    if known is None:
        await connection.execute(f"CREATE DATABASE {DATABASE}")
    await connection.close()
