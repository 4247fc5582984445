"""The one folder of an embedded stack: what lies where, its keys, its lock, what it tells others."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from config.keys import new_key
from config.settings import STACK_FILE, WORKERS_FILE
from config.signing_keys import new_signing_key
from config.stack_state import LOCK_FILE, STATE_FILE, is_locked, read_state
from workers.stack.refusals import StackRefusedError

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
NO_FOLDERS = "#?%"
LONGEST_PATH = 480
"""Bytes of the folder's path. SQLite opens no file whose path is longer than 511, its journal's
among them, and says only that it cannot; PostgreSQL ends at 1,023, in a crash."""
_GLANCE = 0.5
"""Seconds in which whoever only looks whether the folder is locked has let go of it again."""
GATEWAY_KEY, WORKERS_KEY = "ZHIPING_VOUCHING_GATEWAY_KEY", "ZHIPING_VOUCHING_WORKERS_KEY"
"""The private keys by which the two kinds of process vouch for what they send."""
KEYS = (
    "ZHIPING_CODEC_KEYS",
    "ZHIPING_IDENTITY_KEY",
    GATEWAY_KEY,
    WORKERS_KEY,
    "ZHIPING_POSTGRES_PASSWORD",
)


@dataclass(frozen=True)
class StackFolder:
    """Names of everything inside. ``root`` is absolute; nothing is written outside of it."""

    root: Path

    @classmethod
    def at(cls, folder: Path) -> StackFolder:
        """Return the folder's names; creates nothing."""
        return cls(folder.absolute())

    @property
    def postgres(self) -> Path:
        """PostgreSQL's data."""
        return self.root / "postgres"

    @property
    def temporal(self) -> Path:
        """The Temporal server's SQLite file."""
        return self.root / "temporal.db"

    @property
    def mail(self) -> Path:
        """One ``.eml`` file per message taken in, and ``rules.json``."""
        return self.root / "mail"

    @property
    def data_sharing(self) -> Path:
        """What the data-sharing gateway knows, and ``overrides.json``."""
        return self.root / "data-sharing"

    @property
    def documents(self) -> Path:
        """Uploaded files by hash."""
        return self.root / "documents"

    @property
    def logs(self) -> Path:
        """One log per process."""
        return self.root / "logs"

    @property
    def keys_file(self) -> Path:
        """The codec's, the identity and the vouching keys, and the database password.

        Losing it loses the data.
        """
        return self.root / "keys.env"

    @property
    def settings_file(self) -> Path:
        """The settings of the running stack; see `config.settings.Settings.for_stack`."""
        return self.root / STACK_FILE

    @property
    def workers_file(self) -> Path:
        """What only the stack's own workers read; see `Settings.for_workers_of`."""
        return self.root / WORKERS_FILE

    @property
    def state_file(self) -> Path:
        """Who runs the stack: pids, start times, addresses."""
        return self.root / STATE_FILE

    @property
    def lock_file(self) -> Path:
        """Held for as long as a supervisor lives; the kernel lets go of it even after kill -9."""
        return self.root / LOCK_FILE

    def prepare(self) -> None:
        """Create the folder and the rooms inside, or close them to everybody else.

        Raises:
            StackRefusedError: ``folder_unusable``: the Temporal server takes its file's name for a
                URI, so that its data would lie outside of the folder; or the path is too long for
                the parts.
        """
        if odd := [char for char in NO_FOLDERS if char in str(self.root)]:
            raise StackRefusedError(
                "folder_unusable",
                f"文件夹名称中不能有 {' '.join(odd)}：{self.root}。请换一个文件夹。",
            )
        if (length := len(os.fsencode(self.root))) > LONGEST_PATH:
            raise StackRefusedError(
                "folder_unusable",
                f"文件夹的路径太长：{length} 字节，数据库最多能用 {LONGEST_PATH} 字节"
                f"（一个汉字占 3 字节）：{self.root}。请换一个路径短一些的文件夹。",
            )
        self.root.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        for room in (self.root, self.mail, self.data_sharing, self.documents, self.logs):
            room.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
            room.chmod(PRIVATE_FOLDER)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder. Raises `StackRefusedError` ``stack_running`` if another process does."""
        descriptor = os.open(self.lock_file, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
        try:
            self._lock(descriptor)
            yield
        finally:
            os.close(descriptor)

    def _lock(self, descriptor: int) -> None:
        give_up_at = time.monotonic() + _GLANCE
        while True:
            try:
                return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > give_up_at:
                    raise self._running_already() from None
            time.sleep(_GLANCE / 10)

    def is_locked(self) -> bool:
        """Whether a supervisor lives."""
        return is_locked(self.root)

    def keys(self) -> dict[str, str]:
        """Return the keys, making them at the first start.

        Raises:
            StackRefusedError: ``keys_missing``: there is data but no keys; new ones would make the
                old data unreadable for good.
        """
        if not self.keys_file.exists():
            if self.postgres.exists() or self.temporal.exists():
                raise StackRefusedError(
                    "keys_missing",
                    f"{self.root} 中已有数据，但密钥文件 keys.env 不见了。"
                    "请从备份恢复该文件；换新密钥会使原有数据永远无法读取。",
                )
            write_env(
                self.keys_file,
                {
                    "ZHIPING_CODEC_KEYS": f"k1:{new_key()}",
                    "ZHIPING_IDENTITY_KEY": new_key(),
                    GATEWAY_KEY: new_signing_key("g1"),
                    WORKERS_KEY: new_signing_key("w1"),
                    "ZHIPING_POSTGRES_PASSWORD": secrets.token_hex(24),
                },
            )
        found = dotenv_values(self.keys_file, interpolate=False)
        kept = {name: value for name, value in found.items() if value}
        if missing := [name for name in KEYS if name not in kept]:
            raise StackRefusedError(
                "keys_missing",
                f"密钥文件 {self.keys_file} 不完整，缺少 {'、'.join(missing)}。请从备份恢复该文件。",
            )
        return kept

    def read_state(self) -> dict[str, Any]:
        """Return what the last supervisor wrote; empty if there was none."""
        return read_state(self.root)

    def write_state(self, state: Mapping[str, object]) -> None:
        """Replace the state at once."""
        write_private(self.state_file, json.dumps(state, ensure_ascii=False, indent=1) + "\n")

    def _running_already(self) -> StackRefusedError:
        pid = self.read_state().get("pid", "?")
        return StackRefusedError(
            "stack_running",
            f"{self.root} 的内置环境已在运行（进程 {pid}）。"
            "如需重启，请先执行 zhiping stack down；或用另一个文件夹。",
        )


def write_env(path: Path, values: Mapping[str, str]) -> None:
    """Write ``NAME='value'`` lines that `dotenv_values` reads back as they were."""
    write_private(path, "".join(f"{name}='{_escaped(value)}'\n" for name, value in values.items()))


def write_private(path: Path, text: str) -> None:
    """Replace a file at once and durably, readable by its owner alone."""
    write_private_bytes(path, text.encode())


def write_private_bytes(path: Path, content: bytes) -> None:
    """The same for what is no text."""
    fresh = path.with_name(path.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")
