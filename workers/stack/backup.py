"""`zhiping backup`, `zhiping restore` (decision 0039): the embedded stack's folder as one sealed file, and back.

The record and the engine are taken at one instant, while everybody works: writers of the record wait
for as long as the engine's file is copied, so that no step is in the engine's copy that the record's
lacks. A step that the record has and the engine's copy does not is one that the engine was just
finishing: the case goes on from the record, as it does when a worker is killed there. What was
acknowledged before is in it.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
from pydantic import BaseModel

from activities.audit.export import exported
from activities.audit.verifying import Verifier
from activities.content_keys import opened_identity
from activities.database import APPLICATION_ROLE, open_pool
from config.keys import KeyRingError, decode_key, decode_keys
from config.stack_state import stage_of
from workers.stack import postgres
from workers.stack.folder import StackFolder, write_private
from workers.stack.options import reserved_ports
from workers.stack.processes import Child
from workers.stack.refusals import StackFailedError, StackRefusedError
from workers.stack.sealed_archive import NotOpenedError, sealed_tar, unpack
from workers.stack.witness import Witness, witnessed

MANIFEST, DUMP, ENGINE = "manifest.json", "record.dump", "temporal.db"
KEPT = ("documents", "mail", "data-sharing", "keys.env", "seal.p12", "seal.env", "seal-root.pem")
"""What lies beside the two databases; logs and what a running stack tells others are made anew."""
_STILL = "LOCK TABLE step, meeting_step, operation IN SHARE MODE"
"""No step is written while it is held; whoever was about to write waits, and reading goes on."""
_WAIT = 30
FORMAT = 1


class Manifest(BaseModel):
    """What a backup says of itself."""

    format: int = FORMAT
    made_at: datetime
    witness: Witness


@dataclass(frozen=True)
class Done:
    """What became of it."""

    file: str
    made_at: datetime
    rows: int
    entries: int
    open: int
    missing: list[str]


async def backup(folder: Path, target: Path, key_file: Path) -> Done:
    """Seal a running stack's data into a new file, and prove it by restoring it elsewhere.

    Raises:
        StackRefusedError: `not_running`, `already_there`, `key_unusable`, `record_busy`.
        StackFailedError: `not_proved`, what came back is not what was there; the file is thrown away.
    """
    place, key = StackFolder.at(folder), _key(key_file)
    _check_free(target)
    if stage_of(place.root) != "ready":
        raise StackRefusedError(
            "not_running",
            f"{place.root} 的内置环境没有在运行。请先 zhiping stack up --detach；"
            "已经停下的，也可以直接复制整个文件夹。",
        )
    with _room_beside(target) as staged:
        made = await _taken(place, staged)
        write_private(staged / MANIFEST, made.model_dump_json(indent=1))
        await asyncio.to_thread(_seal, place, staged, target, key)
        with _thrown_away_unless_proved(target):
            return await _proved(target, key, staged / "proof")


async def restore(source: Path, folder: Path, key_file: Path) -> Done:
    """Put a backup into a new folder, proved; the stack is then started there as ever.

    Raises:
        StackRefusedError: `already_there` for a folder with anything in it, `key_unusable`, `not_opened`.
        StackFailedError: `not_proved`.
    """
    key = _key(key_file)
    with _new_folder(folder) as partial:
        return await _proved(source, key, partial, keep=True)


def _check_free(target: Path) -> None:
    if target.exists():
        raise StackRefusedError("already_there", f"{target} 已经存在，没有改动。请另写一个文件名。")


@contextmanager
def _room_beside(target: Path) -> Iterator[Path]:
    """A folder on the same disk, for what is not sealed yet; gone at the end."""
    place = target.absolute().parent
    with tempfile.TemporaryDirectory(dir=place, prefix=".zhiping-backup-") as room:
        yield Path(room)


@contextmanager
def _thrown_away_unless_proved(target: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        target.unlink(missing_ok=True)
        raise


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """A folder that takes its place only where the block ends well; nothing is ever written over."""
    root = folder.absolute()
    if root.exists() and any(root.iterdir()):
        raise StackRefusedError(
            "already_there",
            f"{root} 中已有内容，没有改动：恢复不会覆盖任何数据。请另写一个空的文件夹。",
        )
    partial = root.with_name(f"{root.name}.partial")
    if partial.exists():
        raise StackRefusedError(
            "already_there",
            f"{partial} 还在：上一次恢复没有完成。请确认没有恢复正在进行，删去它以后再试。",
        )
    try:
        yield partial
        with suppress(FileNotFoundError):
            root.rmdir()
        partial.rename(root)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


async def _taken(place: StackFolder, staged: Path) -> Manifest:
    """Both databases at one instant."""
    url = postgres.owner_url(
        int(place.read_state()["ports"]["postgres"]), place.keys()["ZHIPING_POSTGRES_PASSWORD"]
    )
    still, seen = await asyncpg.connect(url), await asyncpg.connect(url)
    try:
        async with seen.transaction(isolation="repeatable_read", readonly=True):
            try:
                async with still.transaction():
                    await still.execute(f"SET LOCAL lock_timeout = '{_WAIT}s'")
                    await still.execute(_STILL)
                    made_at = datetime.now(UTC)
                    await asyncio.to_thread(_copy_engine, place.temporal, staged / ENGINE)
                    snapshot = await seen.fetchval("SELECT pg_export_snapshot()")
            except (asyncpg.LockNotAvailableError, sqlite3.OperationalError) as err:
                raise StackRefusedError(
                    "record_busy", f"{_WAIT} 秒内没有等到空当，没有备份。请稍后再试。"
                ) from err
            witness = await witnessed(seen, staged / ENGINE)
            await _run(url, "pg_dump", "-Fc", "--snapshot", snapshot, "-f", str(staged / DUMP))
    finally:
        await still.close()
        await seen.close()
    return Manifest(made_at=made_at, witness=witness)


def _copy_engine(source: Path, target: Path) -> None:
    """Its file as it is between two of its transactions, in one step."""
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=_WAIT)) as reading,
        closing(sqlite3.connect(target)) as writing,
    ):
        reading.backup(writing)


def _seal(place: StackFolder, staged: Path, target: Path, key: bytes) -> None:
    with sealed_tar(target, key) as tar:
        for name in (MANIFEST, DUMP, ENGINE):
            tar.add(staged / name, name)
        for name in KEPT:
            if (place.root / name).exists():
                tar.add(place.root / name, name)


async def _proved(source: Path, key: bytes, folder: Path, *, keep: bool = False) -> Done:
    """Restore into a folder of its own, and compare: every count, every chain, the engine's file."""
    place = StackFolder.at(folder)
    try:
        place.prepare()
        try:
            await asyncio.to_thread(unpack, source, key, place.root)
            manifest = Manifest.model_validate_json((place.root / MANIFEST).read_bytes())
        except (NotOpenedError, OSError, ValueError) as err:
            raise StackRefusedError(
                "not_opened",
                f"{source} 打不开：不是备份文件，密钥不是做备份时的那一把，或者文件被改动、截断。没有恢复任何内容。",
            ) from err
        async with _record_of(place) as url:
            await _put_back(url, place.root / DUMP)
            found, entries = await _looked_at(place, url)
        if found != manifest.witness:
            wrong = [
                name
                for name in Witness.model_fields
                if getattr(found, name) != getattr(manifest.witness, name)
            ]
            raise StackFailedError(
                "not_proved", f"恢复出来的与备份时不一致（{'、'.join(wrong)}）。"
            )
        for name in (MANIFEST, DUMP):
            (place.root / name).unlink()
        return Done(
            file=str(source),
            made_at=manifest.made_at,
            rows=sum(found.rows.values()),
            entries=entries,
            open=len(found.open),
            missing=found.missing,
        )
    finally:
        if not keep:
            shutil.rmtree(place.root, ignore_errors=True)


@asynccontextmanager
async def _record_of(place: StackFolder) -> AsyncIterator[str]:
    """An empty database server in a folder, for as long as the block; the owner's address."""
    password = place.keys()["ZHIPING_POSTGRES_PASSWORD"]
    await postgres.initialise(place, password)
    with reserved_ports({}, {}) as ports:
        server = Child(
            postgres.recipe(place, ports["postgres"]),
            on_started=lambda: None,
            on_given_up=lambda _: None,
        )
        await server.start()
        try:
            await postgres.wait_ready(ports["postgres"], password)
            yield postgres.owner_url(ports["postgres"], password)
        finally:
            await server.stop()


async def _put_back(url: str, dump: Path) -> None:
    connection = await asyncpg.connect(url)
    try:
        # A role is the server's and in no database's dump; its password is set by each start.
        await connection.execute(f"CREATE ROLE {APPLICATION_ROLE} NOLOGIN")
    finally:
        await connection.close()
    await _run(url, "pg_restore", "--exit-on-error", "-d", postgres.DATABASE, str(dump))


async def _looked_at(place: StackFolder, url: str) -> tuple[Witness, int]:
    """What is there now, and how many entries of the chains were proved one by one."""
    connection = await asyncpg.connect(url)
    try:
        witness = await witnessed(connection, place.temporal)
    finally:
        await connection.close()
    keys = decode_keys(place.keys()["ZHIPING_IDENTITY_KEY"])
    async with await open_pool(url, 2) as pool, opened_identity(pool, keys) as identity:
        verifier = Verifier(identity.verification_key.hex())
        async for line in exported(pool, identity):
            verifier.take(line)
    found = verifier.result()
    if found.findings:
        told = f"恢复出来的记录有 {len(found.findings)} 处与凭据链不符。"
        raise StackFailedError("not_proved", told)
    return witness, found.entries


async def _run(url: str, program: str, *arguments: str) -> None:
    """One of PostgreSQL's own programs; what it says may quote a row, and is not passed on."""
    to = urlsplit(url)
    process = await asyncio.create_subprocess_exec(
        str(postgres.binaries() / program),
        *arguments,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        # Not among the words: whoever lists the machine's processes reads those.
        env={
            "PGHOST": to.hostname or "",
            "PGPORT": str(to.port),
            "PGUSER": to.username or "",
            "PGPASSWORD": to.password or "",
            "PGDATABASE": to.path.lstrip("/"),
            "PGSSLMODE": "disable",
        },
    )
    try:
        code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if code:
        raise StackFailedError("part_failed", f"{program} 没有办成（退出码 {code}）。")


def _key(file: Path) -> bytes:
    try:
        return decode_key(file.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError, KeyRingError):
        raise StackRefusedError(
            "key_unusable",
            f"{file} 中不是备份的密钥。请用 zhiping keys new 生成一把，写入仅本人可读的文件，与备份分开保管。",
        ) from None


def told(done: Done, *, as_json: bool, restored: Path | None = None) -> str:
    """What a person or a program reads of it."""
    if as_json:
        return json.dumps(vars(done), ensure_ascii=False, default=str)
    lines = [
        f"{'已恢复到 ' + str(restored) if restored else '已备份到 ' + done.file}"
        f"（{done.made_at:%Y-%m-%d %H:%M:%S} UTC 的状态）。",
        f"  核对：{done.rows} 行、凭据链 {done.entries} 条逐条相符；在办 {done.open} 件。",
    ]
    if done.missing:
        names = "、".join(done.missing[:20])
        lines += [
            f"  其中 {len(done.missing)} 件 Temporal 中没有在运行：{names}",
            "  它们会成为运维的待办“引擎已不再办理”（zhiping inbox operations），办法见 docs/operations.md。",
        ]
    if restored:
        lines += [
            f"  下一步：zhiping stack up --detach --folder {restored}；再用 zhiping inbox operations 查看停住的事项，",
            "  排除原因后 zhiping resume 申报编号。",
        ]
    return "\n".join(lines)
