"""The schema: applied once however many start at once, and undone as it was done."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest
from pogo_core.util import migrate as pogo

from activities.migrations import MIGRATIONS, SCHEMA, migrate, missing
from config.keys import new_key
from config.settings import Settings, SettingsError
from tests.fixtures.record import as_application, database_of
from tests.vouching import TRUST
from workers.database import prepare

pytestmark = pytest.mark.integration

ALL = sorted(path.stem for path in MIGRATIONS.glob("*.sql"))


@pytest.fixture
async def empty(postgres: str) -> str:
    """An empty database."""
    connection = await asyncpg.connect(postgres)
    await connection.execute("DROP DATABASE IF EXISTS empty WITH (FORCE)")
    await connection.execute("CREATE DATABASE empty")
    await connection.close()
    return database_of(postgres, "empty")


async def test_an_empty_database_gets_everything_once(empty: str) -> None:
    assert await missing(empty) == ALL
    assert await migrate(empty) == ALL
    assert await migrate(empty) == await missing(empty) == []


async def test_workers_that_start_at_once_migrate_once(empty: str) -> None:
    applied = await asyncio.gather(*(migrate(empty) for _ in range(4)))
    assert sorted(name for names in applied for name in names) == ALL


async def test_a_migration_can_be_undone(empty: str) -> None:
    await migrate(empty)
    connection = await asyncpg.connect(empty)
    await pogo.rollback(connection, MIGRATIONS, schema_name=SCHEMA)
    left = await connection.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '\\_%'"
    )
    await connection.close()
    assert left == []
    assert await migrate(empty) == ALL


def production(owner_url: str | None, database_url: str) -> Settings:
    """The settings of an install that has a database of its own."""
    key = new_key()
    return Settings.model_validate(
        {
            "database_url": database_url,
            "owner_database_url": owner_url,
            "codec_keys": f"k1:{key}",
            "identity_key": key,
            "vouching_trust": TRUST,
            "smtp_host": "mail",
            "smtp_sender": "a@b.cn",
            "verification_url": "http://gateway",
            "documents_dir": "documents",
        }
    )


async def test_an_install_migrates_as_the_owner_and_lets_the_application_in(empty: str) -> None:
    application = as_application(empty)
    assert await prepare(production(empty, application)) == ALL
    connection = await asyncpg.connect(application)
    try:
        assert await connection.fetchval("SELECT count(*) FROM step") == 0
    finally:
        await connection.close()


async def test_an_install_does_not_let_the_owner_pass_as_the_application(empty: str) -> None:
    for owner, application in ((empty, empty), (None, as_application(empty))):
        with pytest.raises(SettingsError):
            await prepare(production(owner, application))
    assert await missing(empty) == ALL
