"""The letters' worker dies by kill -9 in the middle of a batch, and the mail server goes away in the
middle of another: no letter is lost, and none is sent twice.

Everything is real: the stack's engine and record, the worker as a program of its own, mail by SMTP.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from email import message_from_bytes
from pathlib import Path

import pytest

from activities.database import Pool, open_pool
from activities.identity import Identity
from activities.intake import Intake
from activities.letters.mailroom import HANDS
from activities.letters.waking import MailroomBell
from activities.operations import Operations
from config.directory_files import DIRECTORY
from config.directory_files import read as read_directory
from config.settings import Settings
from config.temporal import connect
from tests.fixtures.record import Office, Rung
from tests.integration.postboxes import Postbox, Server
from tests.integration.sittings import OFFICE, add_cases
from workers.stack import RunningStack, StackOptions, running
from workflows.writer.messages import Actor

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1200)]

OPERATOR = Actor(person="operations", organisation="zhiping-operations", role="operations")
CASES = 60
ROOM = "live-0"
UNIT = "xinghe-technology"
ORDER = """
INSERT INTO letter (id, application, realm, seq, kind, party, organisation, params, ordered_at, room)
SELECT gen_random_uuid(), a.id, a.realm, 1, $1, $2, $3, $4, '2023-12-20 10:00+08', $5
FROM application a ORDER BY a.id
"""
RESULT = """{"result": "passed", "posted_on": "2023-12-20", "rule": "result_publicity",
    "deadline_on": "2023-12-27", "clause": "BD 四(三)3b"}"""
WORK = '{"task": "unit_review", "stage": "unit_review"}'
"""No task of these cases is closed, so that all of it is still to be done."""


class MailServer:
    """The postbox behind a port that can be closed, with whoever speaks to it cut off."""

    def __init__(self, postbox: Postbox, port: int) -> None:
        self._postbox = postbox
        self._port = port
        self._listening: asyncio.Server | None = None
        self._sessions: list[Server] = []

    async def open(self) -> None:
        """Take mail."""
        self._listening = await asyncio.get_running_loop().create_server(
            self._session, "127.0.0.1", self._port
        )

    async def away(self) -> None:
        """Take none, also in the middle of a letter."""
        assert self._listening is not None
        self._listening.close()
        for session in self._sessions:
            if isinstance(session.transport, asyncio.Transport):
                session.transport.abort()
        self._sessions.clear()
        await self._listening.wait_closed()
        await asyncio.sleep(0.1)  # until the sockets are gone that were cut off

    def _session(self) -> Server:
        session = Server(self._postbox, hostname="sink")
        self._sessions.append(session)
        return session

    @property
    def seen(self) -> Counter[str]:
        """How often each letter was taken over, by its Message-ID."""
        taken = (mail.content for mail in self._postbox.mails)
        return Counter(
            str(message_from_bytes(content)["Message-ID"])
            for content in taken
            if isinstance(content, bytes)
        )


class Letters:
    """The letters' worker as a program of its own."""

    def __init__(self, stack: RunningStack) -> None:
        self._folder = stack.folder.root
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run it."""
        with (self._folder / "letters.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [
                    *(sys.executable, "-m", "workers"),
                    *("--role", "letters", "--stack", str(self._folder)),
                ],
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """kill -9."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()


@pytest.fixture
async def stack(tmp_path: Path, unused_tcp_port: int) -> AsyncIterator[RunningStack]:
    options = StackOptions(
        with_workers=False, with_interface=False, settings={"smtp_port": str(unused_tcp_port)}
    )
    async with running(tmp_path / "s", options=options) as stack:
        yield stack


@pytest.fixture
async def record(stack: RunningStack, tmp_path: Path) -> AsyncIterator[Pool]:
    """Cases with a unit and an office that have addresses."""
    settings = Settings.for_stack(stack.folder.root)
    identity = Identity(settings.identity_keys()[0])
    async with await open_pool(settings.database_url.get_secret_value()) as pool:
        office = Office(
            Operations(pool, identity, Rung()), Intake(pool, identity, tmp_path / "documents")
        )
        directory = read_directory(DIRECTORY / "chongqing.toml").model_dump(mode="json")
        assert (await office("import_directory", directory, actor=OPERATOR)).done
        await add_cases(pool, identity, range(1, CASES + 1))
        yield pool


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    """Wait for it; the test's own limit ends a wait in vain."""
    while not await true():  # noqa: ASYNC110 - other processes' work has no event
        await asyncio.sleep(0.05)


async def test_no_letter_is_lost_and_none_is_sent_twice(stack: RunningStack, record: Pool) -> None:
    settings = Settings.for_stack(stack.folder.root)
    bell = MailroomBell(record, await connect(settings))
    postbox = Postbox()
    postbox.slow = {f"{name}@example.test": 0.2 for name in (UNIT, OFFICE)}
    server, worker = MailServer(postbox, settings.smtp_port), Letters(stack)
    await server.open()
    for ordered in (
        ("publicity_result", "office", OFFICE, RESULT, ROOM),
        ("publicity_result", "unit", UNIT, RESULT, ROOM),
        ("task", "unit", UNIT, WORK, ROOM),  # which is collected
    ):
        await record.execute(ORDER, *ordered)

    async def more_than(mails: int) -> bool:
        return len(postbox.mails) >= mails

    async def rests() -> bool:
        return bool(await record.fetchval("SELECT trouble <> '' FROM mailroom"))

    async def is_empty() -> bool:
        waiting = "SELECT count(*) FROM letter WHERE state IN ('queued', 'gathered', 'claimed')"
        return not await record.fetchval(waiting)

    worker.start()
    await bell(ROOM)
    await until(lambda: more_than(20))
    worker.kill()
    assert not await is_empty()

    await server.away()
    worker.start()
    await until(rests)

    await server.open()
    before = len(postbox.mails)
    await until(lambda: more_than(before + 20))
    await server.away()
    await until(rests)
    await server.open()
    await until(is_empty)
    worker.kill()
    await server.away()

    rows = await record.fetch("SELECT * FROM letter")
    seen = server.seen
    assert max(seen.values()) == 1
    assert {row["state"] for row in rows} <= {"sent", "unknown"}
    assert {row["message_id"] for row in rows if row["state"] == "sent"} <= set(seen)
    assert set(seen) <= {row["message_id"] for row in rows}
    doubtful = {row["id"] for row in rows if row["state"] == "unknown" and not row["carried_by"]}
    assert len(doubtful) <= 2 * HANDS  # what was on its way, and nothing else
    asked = await record.fetch("SELECT key FROM task WHERE kind = 'unknown_letter'")
    assert {row["key"] for row in asked} == {f"letter:{letter}" for letter in doubtful}
    carried = [row for row in rows if row["carried_by"]]
    assert len(carried) == CASES
