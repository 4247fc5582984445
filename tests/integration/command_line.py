"""`zhiping` as a person calls it, one process a command, without a second of imports each time.

The processes are forked from one that has imported the command line and done nothing else: each has
its own arguments, environment, output and exit code, and leaves nothing in the next.
"""

from __future__ import annotations

import asyncio
import base64
import json
import multiprocessing
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.vouching import TRUST

ROOT = Path(__file__).resolve().parents[2]
_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(["tests.integration.commands_ready", __name__])


@dataclass(frozen=True)
class Said:
    """What one command printed, and how it left."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Its answer, of a command with `--json`."""
        return json.loads(self.out)


async def called(*arguments: str, code: int | None = 0, **environment: str) -> Said:
    """Run one command with these settings and none of the caller's own; it must leave with `code`.

    With None however it left, but for a traceback.
    """
    with tempfile.TemporaryDirectory(prefix="zhiping-said-") as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        mine = {name: value for name, value in os.environ.items() if not _ours(name)}
        process = _forking.Process(
            target=_run, args=(arguments, {**mine, **environment}, str(out), str(err))
        )
        process.start()
        await asyncio.to_thread(process.join)
        said = out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8")
    assert "Traceback" not in said[1], said[1]
    left = process.exitcode
    assert left is not None
    assert code in (None, left), "".join(said)
    return Said(left, *said)


@dataclass(frozen=True)
class CommandLine:
    """`zhiping` with one stack."""

    folder: Path

    async def __call__(self, *arguments: str, code: int = 0) -> Said:
        """Run one command."""
        return await called(*arguments, code=code, ZHIPING_STACK=str(self.folder))

    async def whatever(self, *arguments: str) -> Said:
        """Run one command of which nothing is expected but an answer."""
        return await called(*arguments, code=None, ZHIPING_STACK=str(self.folder))

    async def json(self, *arguments: str, code: int = 0) -> Any:
        """The answer of one command as a program reads it."""
        return (await self(*arguments, "--json", code=code)).json()

    async def by_two(self, *arguments: str, second: str) -> Any:
        """The answer of one command that another human has to confirm."""
        asked = await self.json(*arguments)
        realm = arguments[arguments.index("--realm") + 1] if "--realm" in arguments else "live"
        confirming = ("pending", "confirm", asked["waits_for_second"], "--as", second)
        return await self.json(*confirming, "--realm", realm)

    async def invited(self, person: str, login: str, realm: str) -> str:
        """Invite somebody, another operator confirming where it takes two; the path of the link."""
        words = ("account", "invite", person, "--login", login)
        said = await self.whatever(*words, "--as", "operations@zhiping", "--realm", realm, "--json")
        if said.json().get("waits_for_second"):
            confirming = ("pending", "confirm", said.json()["waits_for_second"])
            await self(*confirming, "--as", "operations-er@zhiping", "--realm", realm)
            return urlsplit(said.err.strip().rpartition("：")[2]).path
        return urlsplit(str(said.json()["link"])).path


def _ours(name: str) -> bool:
    return name.startswith("ZHIPING_")


def _run(arguments: tuple[str, ...], environment: dict[str, str], out: str, err: str) -> None:
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    sys.stdout.flush()
    sys.stderr.flush()
    for path, descriptor in ((out, 1), (err, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), descriptor)
    sys.argv = ["zhiping", *arguments]

    from starter.cli import main

    main()


async def without_engine(
    database_url: str, secret: bytes, folder: Path, *arguments: str, code: int = 0
) -> Said:
    """One command on a database of a test's own; it never reaches for Temporal."""
    key = base64.b64encode(secret).decode()
    settings = {
        "DATABASE_URL": database_url,
        "IDENTITY_KEY": key,
        "CODEC_KEYS": f"k1:{key}",
        "VOUCHING_TRUST": TRUST,
        "SMTP_HOST": "127.0.0.1",
        "SMTP_SENDER": "zhiping@example.test",
        "VERIFICATION_URL": "http://127.0.0.1:9",
        "DOCUMENTS_DIR": str(folder),
    }
    environment = {f"ZHIPING_{name}": value for name, value in settings.items()}
    return await called(*arguments, code=code, **environment)
