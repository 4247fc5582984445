"""After `migrate`, the workers of the release before go on: each of its statements means something here."""

from __future__ import annotations

import asyncpg
import pytest

from activities import statements as reading
from tests.previous.__main__ import STATEMENTS

pytestmark = pytest.mark.integration
FILES = sorted(path.stem for path in STATEMENTS.glob("*.sql"))


async def not_understood(database_url: str) -> dict[str, str]:
    """The statements that mean nothing here, and why: a plan asks for tables, columns, types and rights."""
    connection = await asyncpg.connect(
        database_url,
        server_settings={"plan_cache_mode": "force_generic_plan"},
        statement_cache_size=0,
    )
    wrong = {}
    for file in FILES:
        for name, statement in reading.statements(file).items():
            try:
                await connection.execute(f"PREPARE asked AS {statement}")
                count = await connection.fetchval(
                    "SELECT cardinality(parameter_types) FROM pg_prepared_statements"
                )
                given = f"({', '.join(['NULL'] * count)})" if count else ""
                await connection.execute(f"EXPLAIN EXECUTE asked{given}")
            except asyncpg.PostgresError as err:
                wrong[f"{file}.{name}"] = str(err)
            await connection.execute("DEALLOCATE ALL")
    await connection.close()
    return wrong


@pytest.fixture(autouse=True)
def before(monkeypatch: pytest.MonkeyPatch) -> None:
    """The statements of the release before."""
    monkeypatch.setattr(reading, "FOLDER", STATEMENTS)


async def test_each_statement_of_the_release_before_is_understood_and_allowed(
    database_url: str,
) -> None:
    """As the application's role, which its workers have."""
    assert await not_understood(database_url) == {}


def test_something_is_kept() -> None:
    assert {"records", "letters", "operations", "meetings"} <= set(FILES)


async def test_a_schema_that_took_something_away_is_found(
    owner_url: str, database_url: str
) -> None:
    """The test above fails where a column is gone, or a right."""
    owner = await asyncpg.connect(owner_url)
    await owner.execute("ALTER TABLE letter RENAME COLUMN attempts TO tries")
    await owner.execute("REVOKE INSERT ON step FROM zhiping_application")
    await owner.close()

    told = " ".join((await not_understood(database_url)).values())

    assert "does not exist" in told
    assert "permission denied for table step" in told
