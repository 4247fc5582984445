"""`zhiping audit`: an export is verified by whoever has the file, and says so when it was edited."""

from __future__ import annotations

import json
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from activities.database import Pool
from activities.identity import Identity
from tests.fixtures.record import SECRET, Office
from tests.integration.command_line import Said, without_engine

pytestmark = pytest.mark.integration

Zhiping = Callable[..., Awaitable[Said]]
KEY = Identity(SECRET).verification_key.hex()
OPERATIONS = "gao@zhiping"


@pytest.fixture
def audit(published: Office, database_url: str, tmp_path: Path) -> Zhiping:
    """`zhiping audit …` on a record in which something was published."""

    async def run(*arguments: str, code: int = 0) -> Said:
        return await without_engine(
            database_url, SECRET, tmp_path / "documents", "audit", *arguments, code=code
        )

    return run


@pytest.fixture
async def export(audit: Zhiping, tmp_path: Path) -> Path:
    """An export."""
    file = tmp_path / "record.jsonl"
    await audit("export", "--to", str(file), "--as", OPERATIONS)
    return file


async def test_a_sound_record_verifies_here_and_offline(
    audit: Zhiping, export: Path, owner: Pool, tmp_path: Path
) -> None:
    assert (await audit("verify", "--json", "--as", OPERATIONS)).json()["sound"]
    # Offline: the file and the key, and nothing else.
    told = (await audit("verify", str(export), "--key", KEY, "--json")).json()
    assert (told["sound"], told["key_checked"], told["after_anchor"]) == (True, True, 0)
    assert stat.S_IMODE(export.stat().st_mode) == 0o600


async def test_an_edited_export_is_refused_with_every_finding(audit: Zhiping, export: Path) -> None:
    export.write_text(export.read_text().replace("chongqing", "chengdu"))
    told = (await audit("verify", str(export), "--json", code=3)).json()
    assert told["code"] == "record_not_sound"
    assert told["findings"]
    said = await audit("verify", str(export), code=3)
    assert "记录与写入时不一致" in said.out


async def test_a_changed_database_is_refused(audit: Zhiping, owner: Pool) -> None:
    async with owner.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("UPDATE access_grant SET role = 'operations'")
    told = (await audit("verify", "--json", "--as", OPERATIONS, code=3)).json()
    assert {item["fault"] for item in told["findings"]} == {"row_changed"}


async def test_another_key_and_an_earlier_export_are_told_apart(
    audit: Zhiping, export: Path, owner: Pool
) -> None:
    other = Identity(bytes(range(1, 33))).verification_key.hex()
    told = (await audit("verify", str(export), "--key", other, "--json", code=3)).json()
    assert {item["fault"] for item in told["findings"]} == {"anchor_unsigned"}
    assert (await audit("verify", "--earlier", str(export), "--json", "--as", OPERATIONS)).json()[
        "sound"
    ]
    async with owner.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("DELETE FROM anchor_head")
        await connection.execute("DELETE FROM anchor")
    told = (
        await audit("verify", "--earlier", str(export), "--json", "--as", OPERATIONS, code=3)
    ).json()
    assert {item["fault"] for item in told["findings"]} == {"anchor_missing"}


async def test_only_operations_export_and_anchor(
    audit: Zhiping, export: Path, tmp_path: Path, pool: Pool
) -> None:
    before = await pool.fetchval("SELECT count(*) FROM anchor")
    for who in (
        "liu@liangjiang-data-group",
        "chen@bd-committee-office",
        "anyone",
        "a@self",
        "nobody@zhiping",
    ):
        await audit("anchor", "--as", who, code=3)
        await audit("export", "--to", str(tmp_path / "theirs"), "--as", who, code=3)
    assert not (tmp_path / "theirs").exists()
    assert await pool.fetchval("SELECT count(*) FROM anchor") == before
    said = await audit("anchor", "--as", OPERATIONS, "--json")
    assert json.loads(said.out)["public_key"] == KEY


async def test_an_export_overwrites_nothing(audit: Zhiping, export: Path) -> None:
    before = export.read_bytes()
    await audit("export", "--to", str(export), "--as", OPERATIONS, code=2)
    assert export.read_bytes() == before
    export.write_text("x" * 10)
    told = (await audit("verify", str(export), "--json", code=3)).json()
    assert told["code"] == "unreadable"
