"""The database's owner changes, removes or moves what must stay, each way there is; it is found."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from activities.audit.anchors import Anchors
from activities.audit.export import exported
from activities.audit.lines import LINE
from activities.audit.verifying import AnyLine, Fault, Verified, verified
from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from activities.records import CaseRecords
from tests.builders import BD
from tests.fixtures.record import Office
from tests.integration.steps import APPLICATION, AT, a_letter, an_application, following, opening
from workers.anchoring import anchoring
from workflows.application.case import Payment
from workflows.rules.message import local_date

pytestmark = pytest.mark.integration

CHAIN = f"application:{APPLICATION}"
OTHER_SECRET = bytes(range(1, 33))


@dataclass(frozen=True)
class Record:
    """A record with something of everything in it, in the hand of its owner."""

    owner: Pool
    pool: Pool
    identity: Identity

    async def export(self) -> list[AnyLine]:
        """Every line of an export, as it is in a file."""
        return [line async for line in exported(self.pool, self.identity)]

    async def verify(self, **more: dict[int, str]) -> Verified:
        """What a verification finds; the anchors' key is known from elsewhere."""
        key = self.identity.verification_key.hex()
        return verified(await self.export(), key, more.get("earlier"))

    async def faults(self) -> set[Fault]:
        """The kinds of what it finds."""
        return {finding.fault for finding in (await self.verify()).findings}

    async def tamper(self, *statements: str) -> None:
        """As the owner, who can switch every trigger off."""
        async with self.owner.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            for statement in statements:
                assert await connection.execute(statement) not in {"UPDATE 0", "DELETE 0"}


@pytest.fixture
async def record(
    published: Office,
    owner: Pool,
    pool: Pool,
    identity: Identity,
    intake: Intake,
    records: CaseRecords,
) -> Record:
    """Four steps of a case with letters and a payment, a 影响期 entered and lifted; anchored."""
    draft = await intake.store_draft("live", BD, an_application())
    await records.record_step(opening(draft))
    paid = Payment(transaction="TX-1", yuan=300, paid_at=AT, received_at=AT)
    await records.record_step(following(2, letters=(a_letter("n-2"),), payment=paid))
    await records.record_step(following(3))
    await records.record_step(following(4))
    await pool.execute("UPDATE letter SET state = 'sent', settled_at = now() WHERE id = 'n-2'")
    await pool.execute(
        "INSERT INTO bar (realm, number, id_hash, starts_on, ends_on, entered_by, entered_at)"
        " VALUES ('live', 1, '\\x01', '2023-01-01', '2025-12-31', 'gao', now())"
    )
    await pool.execute("UPDATE bar SET lifted_by = 'gao', lifted_at = now()")
    await Anchors(pool, identity).make()
    return Record(owner, pool, identity)


async def test_an_untouched_record_is_sound(record: Record) -> None:
    found = await record.verify()
    assert found.findings == ()
    assert found.rows > 50
    assert found.after_anchor == 0
    assert list(found.roots) == [1]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE step SET name = 'withdraw' WHERE seq = 3",
        "UPDATE step SET content = jsonb_set(content, '{acted_at}', '\"2023-01-01T00:00:00Z\"')"
        " WHERE seq = 2",
        "UPDATE step SET written_at = written_at - interval '1 day' WHERE seq = 2",
        "UPDATE payment SET yuan = 3",
        "UPDATE application SET state = '{}', stage = 'awaiting_confirmation'",
        "UPDATE operation SET actor = '{}'",
        "UPDATE letter SET state = 'queued' WHERE id = 'n-2'",
        "UPDATE letter SET person = 'somebody'",
        "UPDATE bar SET ends_on = '2023-01-01'",
        "UPDATE bar SET lifted_by = '', lifted_at = NULL",
        "UPDATE yearly_claim SET released_at = now()",
        "UPDATE draft SET facts = '{}'",
        "UPDATE free_text SET body = '\\x00'",
        "UPDATE stored_input SET body = '\\x00'",
        "UPDATE person SET email = NULL",
        "UPDATE access_grant SET role = 'operations'",
        "UPDATE campaign_version SET policy = '{}'",
        "UPDATE calendar_version SET years = '[]'",
    ],
)
async def test_a_changed_row_is_found(record: Record, intake: Intake, statement: str) -> None:
    await intake.store_text("事实和理由")
    await record.tamper(statement)
    found = await record.verify()
    table = statement.split()[1]
    assert {item.fault for item in found.findings} == {Fault.ROW_CHANGED}
    assert {item.source for item in found.findings} == {table}


@pytest.mark.parametrize("table", ["step", "payment", "letter", "bar", "operation", "person"])
async def test_a_removed_row_is_found(record: Record, table: str) -> None:
    await record.tamper(f"DELETE FROM {table}")
    assert await record.faults() == {Fault.ROW_MISSING}


async def test_an_added_row_is_found(record: Record) -> None:
    await record.tamper(
        "INSERT INTO payment SELECT application, 'TX-2', realm, yuan, paid_at, received_at, 4"
        " FROM payment"
    )
    assert await record.faults() == {Fault.ROW_UNRECORDED}


async def test_rows_that_changed_places_are_found(record: Record) -> None:
    await record.tamper(
        "UPDATE step SET seq = -seq WHERE seq IN (2, 3)",
        "UPDATE step SET seq = CASE seq WHEN -2 THEN 3 ELSE 2 END WHERE seq < 0",
    )
    [first, second] = (await record.verify()).findings
    assert first.fault == second.fault == Fault.ROW_CHANGED


async def test_a_row_taken_out_with_its_entry_is_found(record: Record) -> None:
    await record.tamper(
        "DELETE FROM step WHERE seq = 3",
        f"DELETE FROM chain_entry WHERE source = 'step' AND key = '[\"{APPLICATION}\", 3]'",
    )
    assert Fault.ENTRY_MISSING in await record.faults()


async def test_entries_that_changed_places_are_found(record: Record) -> None:
    swapped = "position = CASE position WHEN -2 THEN 3 ELSE 2 END"
    await record.tamper(
        f"UPDATE chain_entry SET position = -position WHERE subject = '{CHAIN}'"
        " AND position IN (2, 3)",
        f"UPDATE chain_entry SET {swapped} WHERE position < 0",
    )
    assert await record.faults() >= {Fault.ENTRY_MOVED, Fault.ENTRY_CHANGED}


@pytest.mark.parametrize(
    "change",
    [
        "written_at = written_at - interval '1 day'",
        "written_by = 'somebody'",
        "what = 'found'",
        "row_hash = sha256('')",
    ],
)
async def test_a_changed_entry_is_found(record: Record, change: str) -> None:
    await record.tamper(
        f"UPDATE chain_entry SET {change} WHERE subject = '{CHAIN}' AND position = 2"
    )
    assert Fault.ENTRY_CHANGED in await record.faults()


async def test_a_changed_copy_of_an_earlier_state_is_found(record: Record) -> None:
    """What a row was before it changed is readable in the chain alone."""
    await record.tamper(
        "UPDATE chain_entry SET content = jsonb_set(content, '{ends_on}', '\"2030-01-01\"')"
        " WHERE source = 'bar' AND position = 1"
    )
    assert await record.faults() == {Fault.ENTRY_CHANGED}


async def test_a_chain_whose_end_was_cut_is_found(record: Record) -> None:
    last = f"SELECT max(position) FROM chain_entry WHERE subject = '{CHAIN}'"
    await record.tamper(
        f"DELETE FROM chain_entry WHERE subject = '{CHAIN}' AND position = ({last})"
    )
    assert await record.faults() >= {Fault.CHAIN_CUT, Fault.CHAIN_REWRITTEN}


async def written_anew(record: Record) -> None:
    """The chain of the case as it would be if its third step had been another."""
    await record.tamper(
        "UPDATE step SET name = 'withdraw' WHERE seq = 3",
        "CREATE TEMP TABLE was ON COMMIT DROP AS SELECT * FROM chain_entry"
        f" WHERE subject = '{CHAIN}' ORDER BY position",
        f"DELETE FROM chain_entry WHERE subject = '{CHAIN}'",
        f"DELETE FROM chain WHERE subject = '{CHAIN}'",
        """
        DO $$
        DECLARE
            e was%ROWTYPE;
            before bytea := '';
        BEGIN
            SET LOCAL timezone = 'UTC';
            FOR e IN SELECT * FROM was ORDER BY position LOOP
                IF e.source = 'step' THEN
                    e.row_hash := (SELECT sha256(convert_to(kept_text(to_jsonb(s)), 'UTF8'))
                        FROM step s WHERE s.seq = (e.key::jsonb ->> 1)::integer);
                END IF;
                e.previous := before;
                e.hash := sha256(convert_to(entry_text(before, e.subject, e.position, e.source,
                    e.key, e.what, instant_text(e.written_at), e.written_by, e.row_hash), 'UTF8'));
                before := e.hash;
                INSERT INTO chain_entry SELECT (e).*;
                INSERT INTO chain VALUES (e.subject, e.position)
                ON CONFLICT (subject) DO UPDATE SET position = e.position;
            END LOOP;
        END
        $$
        """,
    )


async def test_a_chain_written_anew_in_itself_is_found_by_its_anchor(record: Record) -> None:
    await written_anew(record)
    found = await record.verify()
    assert {item.fault for item in found.findings} == {Fault.CHAIN_REWRITTEN}
    assert {item.subject for item in found.findings} == {CHAIN}


async def test_a_case_that_is_gone_with_its_chain_is_found_by_its_anchor(record: Record) -> None:
    await record.tamper(
        "DELETE FROM bar",
        "DELETE FROM chain_entry WHERE source = 'bar'",
        "DELETE FROM chain WHERE subject LIKE 'bar:%'",
    )
    assert await record.faults() == {Fault.CHAIN_REWRITTEN}


async def test_an_anchor_cannot_be_made_to_fit(record: Record) -> None:
    """Who writes the chain anew, and the anchor too, has not the key."""
    await written_anew(record)
    await record.tamper("DELETE FROM anchor_head", "DELETE FROM anchor")
    await Anchors(record.owner, Identity(OTHER_SECRET)).make()
    assert await record.faults() == {Fault.ANCHOR_UNSIGNED, Fault.OWNER_WROTE} - {Fault.OWNER_WROTE}


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE anchor SET made_at = '2023-01-01T00:00:00.000000+00:00'", Fault.ANCHOR_CHANGED),
        ("UPDATE anchor SET root = sha256('')", Fault.ANCHOR_UNSIGNED),
        ("DELETE FROM anchor WHERE number = 1", Fault.ANCHOR_MISSING),
        ("DELETE FROM anchor_head", Fault.ANCHOR_CHANGED),
    ],
)
async def test_a_changed_anchor_is_found(record: Record, statement: str, fault: Fault) -> None:
    await record.pool.execute("UPDATE letter SET attempts = 1")
    await Anchors(record.pool, record.identity).make()
    await record.tamper(statement)
    assert fault in await record.faults()


async def test_a_record_put_back_to_an_earlier_day_is_found_by_an_earlier_export(
    record: Record,
) -> None:
    """Everything since is gone, anchors included, and what is left is sound in itself."""
    await record.pool.execute("UPDATE letter SET attempts = 1")
    await Anchors(record.pool, record.identity).make()
    earlier = (await record.verify()).roots
    await record.tamper(
        "DELETE FROM anchor_head WHERE anchor = 2", "DELETE FROM anchor WHERE number = 2"
    )
    assert (await record.verify()).sound
    found = await record.verify(earlier=earlier)
    assert [item.fault for item in found.findings] == [Fault.ANCHOR_MISSING]


async def test_what_the_owner_writes_by_the_front_door_is_found(record: Record) -> None:
    """With every trigger in place an entry is made, and it says who wrote it."""
    await record.owner.execute(
        "INSERT INTO payment SELECT application, 'TX-2', realm, yuan, paid_at, received_at, 4"
        " FROM payment"
    )
    assert await record.faults() == {Fault.OWNER_WROTE}


async def test_what_the_owner_says_was_there_already_is_found(record: Record) -> None:
    """A row made past the triggers, with an entry as a migration would make it."""
    await record.tamper(
        "INSERT INTO payment SELECT application, 'TX-2', realm, yuan, paid_at, received_at, 4"
        " FROM payment",
        "SET LOCAL timezone = 'UTC'",
        "SELECT chain_append(k, 'found', ARRAY[to_jsonb(p)]) FROM kept k, payment p"
        " WHERE k.name = 'payment' AND p.transaction = 'TX-2'",
    )
    assert await record.faults() == {Fault.OWNER_WROTE}


async def test_a_file_with_its_end_cut_off_is_found(record: Record) -> None:
    lines = await record.export()
    for cut in (lines[:-1], lines[:-5] + lines[-1:]):
        faults = {finding.fault for finding in verified(cut).findings}
        assert Fault.FILE_INCOMPLETE in faults


async def test_an_export_that_somebody_edited_is_found(record: Record) -> None:
    """Offline, from the file alone."""
    text = [line.model_dump_json() for line in await record.export()]
    edited = [line.replace("TX-1", "TX-9") for line in text]
    assert edited != text
    found = verified(LINE.validate_json(line) for line in edited)
    assert found.findings
    assert verified(LINE.validate_json(line) for line in text).sound


async def test_an_export_tells_no_name_and_no_number(record: Record) -> None:
    stated = an_application()["identity"]
    text = "\n".join([line.model_dump_json() for line in await record.export()])
    plain = text + json.dumps(text)
    for value in (stated["name"], stated["id_number"], stated["phone"], stated["email"]):
        assert value not in plain


async def test_the_application_cannot_write_a_chain_itself(record: Record) -> None:
    for statement in (
        "INSERT INTO chain_entry SELECT * FROM chain_entry",
        "INSERT INTO chain VALUES ('x', 1)",
        "UPDATE chain SET position = 0",
        "DELETE FROM chain_entry",
        "DELETE FROM anchor",
        "SELECT chain_append(k, 'added', ARRAY['{}'::jsonb]) FROM kept k",
        "SELECT keep('session', 'final', 'x', '{}', '{}')",
        "INSERT INTO kept VALUES ('session', 'x', '{}', '{}', 'final')",
    ):
        with pytest.raises(Exception, match="permission denied"):
            await record.pool.execute(statement)


async def test_a_row_that_changes_stays_readable_as_it_was(record: Record) -> None:
    states = await record.pool.fetch(
        "SELECT what, content ->> 'state' AS state FROM chain_entry"
        " WHERE subject = 'letter:n-2' ORDER BY position"
    )
    assert [tuple(row) for row in states] == [("added", "queued"), ("changed", "sent")]


async def test_a_later_empty_column_changes_no_hash(record: Record) -> None:
    await record.owner.execute("ALTER TABLE step ADD COLUMN later text")
    assert (await record.verify()).sound


async def test_a_day_has_one_anchor_however_many_look(record: Record) -> None:
    anchors, today = Anchors(record.pool, record.identity), local_date(datetime.now(UTC))
    assert await anchors.make_for(today) is None  # the fixture made it
    tomorrow = today + timedelta(days=1)
    assert await anchors.make_for(tomorrow)
    found = await record.verify()
    assert (list(found.roots), found.findings) == ([1, 2], ())


async def test_workers_that_look_at_once_make_one_anchor(pool: Pool, identity: Identity) -> None:
    today = local_date(datetime.now(UTC))
    made = await asyncio.gather(*(Anchors(pool, identity).make_for(today) for _ in range(5)))
    assert len([anchor for anchor in made if anchor]) == 1


async def test_a_worker_anchors_as_soon_as_it_runs(pool: Pool, identity: Identity) -> None:
    async with anchoring(Anchors(pool, identity)), asyncio.timeout(60):
        while not await pool.fetchval("SELECT count(*) FROM anchor"):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
