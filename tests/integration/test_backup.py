"""A running stack as one sealed file, and back: nothing acknowledged is lost, nothing changed is believed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.keys import new_key
from starter.rehearsal.embedded import stack_in
from tests.integration.command_line import CommandLine
from workers.stack.backup import backup, restore
from workers.stack.folder import StackFolder
from workers.stack.refusals import StackRefusedError
from workers.stack.sealed_archive import (
    MAGIC,
    PIECE,
    SALT_BYTES,
    TAG,
    NotOpenedError,
    sealed_tar,
    unpack,
)

pytestmark = pytest.mark.integration
KEY = bytes(range(32))


def test_what_was_sealed_comes_back_and_under_no_other_key(tmp_path: Path) -> None:
    inner, file = tmp_path / "inner", tmp_path / "sealed"
    inner.mkdir()
    (inner / "large").write_bytes(bytes(range(256)) * 12_000)
    (inner / "empty").touch()
    with sealed_tar(file, KEY) as tar:
        for path in inner.iterdir():
            tar.add(path, path.name)

    unpack(file, KEY, tmp_path / "back")

    assert (tmp_path / "back" / "large").read_bytes() == (inner / "large").read_bytes()
    assert (tmp_path / "back" / "empty").read_bytes() == b""
    assert file.stat().st_mode & 0o077 == 0
    assert bytes(range(256)) not in file.read_bytes()
    with pytest.raises(NotOpenedError):
        unpack(file, bytes(32), tmp_path / "other")


@pytest.mark.parametrize(
    "bent", ["cut", "cut at a piece", "turned round", "one bit", "longer", "no head"]
)
def test_a_file_that_was_changed_anywhere_is_not_believed(bent: str, tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"z" * (3 * PIECE))
    file = tmp_path / "sealed"
    with sealed_tar(file, KEY) as tar:
        tar.add(tmp_path / "large", "large")
    content, head, step = bytearray(file.read_bytes()), len(MAGIC) + SALT_BYTES, PIECE + TAG
    match bent:
        case "cut":
            del content[-100:]
        case "cut at a piece":
            del content[head + 2 * step :]
        case "turned round":
            first, second = content[head : head + step], content[head + step : head + 2 * step]
            content[head : head + 2 * step] = second + first
        case "one bit":
            content[head + step + 5] ^= 1
        case "longer":
            content += b"x" * 50
        case _:
            del content[: len(MAGIC)]
    file.write_bytes(content)

    with pytest.raises(NotOpenedError):
        unpack(file, KEY, tmp_path / "back")


def test_a_seal_that_is_not_finished_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), sealed_tar(tmp_path / "sealed", KEY):
        raise RuntimeError

    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "backup.key"
    file.write_text(new_key() + "\n")
    return file


async def submitted(zhiping: CommandLine, material: str, realm: str) -> str:
    receipt = await zhiping.json(
        "submit", material, "--campaign", "bd-2023", "--realm", realm,
        "--at", "2023-10-09T10:00",
    )  # fmt: skip
    return str(receipt["application"])


async def test_a_running_stack_comes_back_with_everything_that_was_acknowledged(
    zhiping: CommandLine, material: str, tmp_path: Path, key: Path
) -> None:
    """People go on while it is made; then it is started elsewhere, and they go on there."""
    file, folder = tmp_path / "stack.backup", tmp_path / "restored"
    before = [await submitted(zhiping, material, "backup-before")]
    during: list[tuple[datetime, str]] = []
    making = asyncio.create_task(
        zhiping.json(
            "backup", "--to", str(file), "--key", str(key), "--folder", str(zhiping.folder)
        )
    )
    while not making.done() and len(during) < 2:
        case = await submitted(zhiping, material, f"backup-{len(during)}")
        during.append((datetime.now(UTC), case))
    made = await making
    made_at = datetime.fromisoformat(made["made_at"])
    kept = before + [case for at, case in during if at < made_at]

    # No name and no key stands in it, and nothing of the proof is left beside it.
    sealed = file.read_bytes()
    for secret in ("张三", StackFolder.at(zhiping.folder).keys()["ZHIPING_IDENTITY_KEY"]):
        assert secret.encode() not in sealed
    assert {path.name for path in tmp_path.iterdir()} == {"stack.backup", "backup.key"}

    back = await zhiping.json("restore", str(file), "--key", str(key), "--folder", str(folder))
    assert (back["rows"], back["entries"], back["open"]) == (
        made["rows"],
        made["entries"],
        made["open"],
    )
    assert back["missing"] == made["missing"]
    assert not {*back["missing"]} & {*kept}
    restored = CommandLine(folder)
    async with stack_in(folder, "--no-interface", "--no-console"):
        for case in kept:
            shown = await restored.json("show", case)
            was = await zhiping.json("show", case)
            assert (shown["stage"], shown["timeline"]) == (was["stage"], was["timeline"])
            await restored("act", case, "start_publicity", "--as", "liu@liangjiang-data-group",
                           "--with", '{"place": "一楼公告栏"}')  # fmt: skip
        await restored("audit", "verify")  # exit code 0: nothing was found
        inbox = await restored.json("inbox", "operations")
        assert [task for task in inbox["tasks"] if task["application"] in kept] == []


async def test_nothing_is_written_over_and_each_no_says_why(
    zhiping: CommandLine, tmp_path: Path, key: Path
) -> None:
    there, file = tmp_path / "there", tmp_path / "a.backup"
    there.mkdir()
    (there / "of-somebody").write_text("data")
    file.write_text("no backup")
    (tmp_path / "bad.key").write_text("no key")
    bad, new = tmp_path / "bad.key", tmp_path / "new"
    asked = [
        (backup(zhiping.folder, file, key), "already_there"),
        (backup(zhiping.folder, new, bad), "key_unusable"),
        (backup(tmp_path / "none", new, key), "not_running"),
        (restore(file, there, key), "already_there"),
        (restore(file, new, key), "not_opened"),
    ]
    for doing, code in asked:
        with pytest.raises(StackRefusedError) as no:
            await doing
        assert no.value.code == code

    assert {path.name for path in tmp_path.iterdir()} == {
        "there", "a.backup", "backup.key", "bad.key",
    }  # fmt: skip
    assert (there / "of-somebody").read_text() == "data"
    assert file.read_text() == "no backup"


def test_a_file_cut_off_where_nothing_more_is_missed_is_not_believed(tmp_path: Path) -> None:
    """A tar that ends with its first piece, and only its padding in the second: that is gone too."""
    (tmp_path / "one").write_bytes(b"z" * (PIECE - 3 * 512))  # beside its head and two empty blocks
    file = tmp_path / "sealed"
    with sealed_tar(file, KEY) as tar:
        tar.add(tmp_path / "one", "one")
    content = file.read_bytes()
    assert len(content) > len(MAGIC) + SALT_BYTES + PIECE + TAG
    file.write_bytes(content[: len(MAGIC) + SALT_BYTES + PIECE + TAG])

    with pytest.raises(NotOpenedError):
        unpack(file, KEY, tmp_path / "back")
