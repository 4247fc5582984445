"""Whoever has the application's login: what must stay can be added to, and no more."""

from __future__ import annotations

import asyncpg
import pytest

from activities.database import APPLICATION_ROLE, Pool

pytestmark = pytest.mark.integration

STAYS: dict[str, set[str]] = {
    "step": set(),
    "meeting_step": set(),
    "operation": set(),
    "payment": set(),
    "free_text": set(),
    "document": set(),
    "stored_input": set(),
    "paper": set(),
    "certificate": set(),
    "campaign_version": set(),
    "calendar_version": set(),
    "request_for_second": set(),
    "answer_of_second": set(),
    "anchor": set(),
    "anchor_head": set(),
    "chain": set(),
    "chain_entry": set(),
    "kept": set(),
    "draft": {"application"},
    "upload": set(),
    "person_change": set(),
    "bar": {"lifted_by", "lifted_at", "lifted_why"},
    "integrity_record": {"replaced_by", "ended_by", "ended_at", "ended_why"},
    "yearly_claim": {"released_at"},
    "letter": {
        *("state", "message_id", "attempts", "error"),
        *("claimed_at", "claimed_by", "settled_at", "due_at", "left_to", "carried_by"),
    },
    "bank_line": {
        *("application", "answer", "code", "teller", "answered_at"),
        *("assigned_by", "assigned_at", "assigned_why"),
        *("dismissed_by", "dismissed_at", "dismissed_why"),
    },
    "account": {"login", "disabled_at", "disabled_by"},
    "account_identity": set(),
    "account_factor": {"secret", "used_step", "ended_at"},
    "account_invitation": {"ended_at"},
    "login_attempt": set(),
    "viewing": set(),
    "access_grant": {"ends_at", "revoked_by"},
    "access_grant_end": {"ends_at", "revoked_by"},
}
"""The tables that must stay, and the columns in which a row of them may be answered."""

NEVER_CHANGED = sorted(
    table for table, columns in STAYS.items() if not columns and table not in {"chain", "kept"}
)
MAY_GO = {"session", "recusal", "telling", "pending_act", "content_key_wrap", "page_job"}
"""What is no record: a login, a conflict computed again, a telling that never began, what was typed and
not sent or is in the record since it was answered, a key's copy under an identity key of before."""

TABLES = """
    SELECT c.relname AS name,
        has_table_privilege($1, c.oid, 'DELETE') AS deletes,
        has_table_privilege($1, c.oid, 'TRUNCATE') AS empties,
        ARRAY(SELECT a.attname::text FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            AND has_column_privilege($1, c.oid, a.attnum, 'UPDATE')) AS changes
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
"""


async def test_what_must_stay_can_only_be_added_to(owner: Pool) -> None:
    found = {row["name"]: row for row in await owner.fetch(TABLES, APPLICATION_ROLE)}
    assert {name: set(found[name]["changes"]) for name in STAYS} == STAYS
    assert {name for name, row in found.items() if row["deletes"]} <= MAY_GO
    assert [name for name, row in found.items() if row["empties"]] == []


@pytest.mark.parametrize("table", NEVER_CHANGED)
async def test_the_application_can_empty_or_change_none_of_it(pool: Pool, table: str) -> None:
    for statement in (f"TRUNCATE {table} CASCADE", f"DELETE FROM {table}"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(statement)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")


@pytest.mark.parametrize("table", NEVER_CHANGED)
async def test_the_owner_is_stopped_by_mistake_too(owner: Pool, table: str) -> None:
    with pytest.raises(asyncpg.RaiseError, match="only added to"):
        await owner.execute(f"TRUNCATE {table} CASCADE")


async def test_the_application_owns_and_makes_nothing(pool: Pool) -> None:
    role = await pool.fetchrow(
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication FROM pg_roles"
        " WHERE rolname = current_user"
    )
    assert role is not None
    assert not any(role.values())
    superuser = await pool.fetchval("SELECT rolname FROM pg_roles WHERE rolsuper LIMIT 1")
    owned = "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole"
    assert await pool.fetchval(owned) == 0
    for statement in (
        "CREATE TABLE mine (a integer)",
        "CREATE FUNCTION mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "SET session_replication_role = replica",
        f"SET ROLE {superuser}",
        "UPDATE _pogo_migration SET migration_id = ''",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(statement)


async def test_a_table_nobody_named_is_only_added_to(pool: Pool, owner: Pool) -> None:
    """What a later migration makes and forgets to speak of."""
    await owner.execute("CREATE TABLE later (what text)")
    await pool.execute("INSERT INTO later VALUES ('一')")
    for statement in ("UPDATE later SET what = '二'", "DELETE FROM later", "TRUNCATE later"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(statement)
