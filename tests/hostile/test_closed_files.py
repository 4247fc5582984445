"""Another user of the machine: what lies in a stack's folder is closed, and sealed besides."""

from __future__ import annotations

import asyncio
import os
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from tests.integration.command_line import CommandLine
from workers.stack import StackOptions, running

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    """What most machines give: everybody may read."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    """What of a folder somebody else could read, list or write."""
    return [
        str(path.relative_to(folder.parent))
        for path in (folder, *folder.rglob("*"))
        if not path.is_symlink() and mode_of(path) & 0o077
    ]


def mode_of(path: Path) -> int:
    """The mode of a file; of one that a running server has just removed, none."""
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return 0


async def test_nothing_in_a_stacks_folder_is_open_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    folder.mkdir(mode=0o755)
    (folder / "mail").mkdir(mode=0o755)
    async with running(folder, options=StackOptions(with_workers=False)) as stack:
        message = EmailMessage()
        message["From"], message["To"] = "a@example.test", "b@example.test"
        message.set_content("张三")

        def send() -> None:
            with smtplib.SMTP("127.0.0.1", stack.ports["smtp"]) as server:
                server.send_message(message)

        await asyncio.to_thread(send)
        assert list((folder / "mail").glob("*.eml"))
        assert open_to_others(folder) == []
    assert os.umask(0o022) == 0o022  # ours again


async def test_nothing_is_open_that_workers_and_command_line_wrote(
    zhiping: CommandLine, material: str
) -> None:
    await zhiping(
        "submit",
        material,
        "--campaign",
        "bd-2023",
        "--realm",
        "closed-files",
        "--at",
        "2023-10-12T09:00",
    )
    assert open_to_others(zhiping.folder) == []


async def test_a_stored_file_shows_nothing_of_what_was_handed_in(
    intake: Intake, tmp_path: Path
) -> None:
    content = "张三的获奖证书".encode() * 100
    stored = await intake.store_file("p-1", content, title="获奖证书")
    place = intake.documents.path_of(stored.sha256)
    assert content[:20] not in place.read_bytes()
    assert await intake.documents.content(stored.sha256) == content
    assert open_to_others(tmp_path / "documents") == []


async def test_a_stored_file_that_was_changed_or_moved_does_not_open(
    intake: Intake, pool: Pool, tmp_path: Path
) -> None:
    first = await intake.store_file("p-1", b"one")
    second = await intake.store_file("p-1", b"two")
    place, other = (intake.documents.path_of(item.sha256) for item in (first, second))
    sealed = place.read_bytes()
    place.write_bytes(other.read_bytes())
    with pytest.raises(InvalidTag):
        await intake.documents.content(first.sha256)
    place.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    with pytest.raises(InvalidTag):
        await intake.documents.content(first.sha256)
    place.write_bytes(sealed)
    stranger = Intake(pool, Identity(bytes(range(1, 33))), tmp_path / "documents")
    with pytest.raises(InvalidTag):
        await stranger.documents.content(first.sha256)
