"""The identity key changes while everybody goes on: no reader fails, whoever is killed goes on later."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result
from cryptography.exceptions import InvalidTag

from activities import content_keys
from activities.audit.anchors import Anchors
from activities.content_keys import (
    BEGINS_AFTER,
    ContentKeys,
    IdentityKeyUnknownError,
    KeysUnfinishedError,
    opened_identity,
)
from activities.database import Pool, open_pool
from activities.identity import FORMAT, FORMAT_NUMBERED, Identity, KeysNotReadError, name_of
from activities.people import keep_person
from starter.cli import zhiping
from tests.fixtures.record import SECRET
from tests.vouching import TRUST

pytestmark = pytest.mark.integration
OLD, NEW = SECRET, bytes(range(7, 39))
LONG_AGO = datetime.now(UTC) - timedelta(days=1)
ROOT = Path(__file__).parents[2]


async def add(pool: Pool, identity: Identity, name: str) -> str:
    """Somebody in the register, sealed by this identity; the id."""
    person = uuid4().hex
    async with pool.acquire() as connection:
        await keep_person(
            connection,
            identity,
            person=person,
            kept_under="",
            name=name,
            id_number="990101199001011239",
            phone="13900000000",
            email="",
            address="",
        )
    return person


async def name_in(pool: Pool, identity: Identity, person: str) -> str:
    sealed = await pool.fetchval("SELECT name FROM person WHERE id = $1", person)
    return identity.open(sealed, "person.name")


@asynccontextmanager
async def known(pool: Pool, *keys: bytes) -> AsyncIterator[Identity]:
    async with opened_identity(pool, keys) as identity:
        yield identity


async def rotated(pool: Pool, *keys: bytes, at_once: int = 100) -> int:
    return sum(
        [n async for n in ContentKeys(pool, keys).rewrap(datetime.now(UTC), at_once=at_once)]
    )


async def test_a_record_of_before_goes_on_as_it_is(pool: Pool, identity: Identity) -> None:
    """Its first key is the identity key; what it sealed opens, what it hashed is found."""
    before = await add(pool, identity, "张三")

    async with known(pool, OLD) as now:
        assert await name_in(pool, now, before) == "张三"
        assert now.id_hash("990101199001011239") == identity.id_hash("990101199001011239")
        assert now.verification_key == identity.verification_key
        after = await add(pool, now, "李四")
    # Until a content key is begun, a version of before reads what this one seals.
    assert await name_in(pool, identity, after) == "李四"
    assert (await pool.fetchval("SELECT name FROM person WHERE id = $1", after))[:1] == FORMAT


async def test_the_identity_key_is_changed_and_the_old_one_opens_nothing_any_more(
    pool: Pool, identity: Identity
) -> None:
    person = await add(pool, identity, "张三")
    anchor = await Anchors(pool, identity).make()
    async with known(pool, OLD), known(pool, NEW, OLD) as both:
        assert await name_in(pool, both, person) == "张三"

    assert await rotated(pool, NEW, OLD) == 1
    assert await ContentKeys(pool, (NEW, OLD)).finish() == [name_of(OLD)]

    async with known(pool, NEW) as now:
        assert await name_in(pool, now, person) == "张三"
        # Hashes and the anchors' signatures are what they were.
        assert now.id_hash("990101199001011239") == identity.id_hash("990101199001011239")
        assert (await Anchors(pool, now).make()).number == anchor.number + 1
        assert now.verification_key == identity.verification_key
    with pytest.raises(IdentityKeyUnknownError) as refused:
        async with known(pool, OLD):
            pass
    assert name_of(NEW) in refused.value.told
    assert "ZHIPING_IDENTITY_KEY" in refused.value.mend


async def test_nothing_is_taken_away_while_a_key_is_under_the_old_one_alone(
    pool: Pool, identity: Identity
) -> None:
    del identity
    async with known(pool, OLD):
        pass

    with pytest.raises(KeysUnfinishedError):
        await ContentKeys(pool, (NEW, OLD)).finish()

    async with known(pool, OLD):
        pass


async def test_a_copy_that_does_not_open_is_none(pool: Pool, owner: Pool) -> None:
    """A mistake at a prompt, or a process with another key of the same name."""
    async with known(pool, OLD):
        pass
    await rotated(pool, NEW, OLD)
    await owner.execute(
        "UPDATE content_key_wrap SET wrapped = wrapped || '\\x00'::bytea WHERE under = $1",
        name_of(NEW),
    )

    with pytest.raises(KeysUnfinishedError):
        await ContentKeys(pool, (NEW, OLD)).finish()
    async with known(pool, NEW, OLD) as both:
        assert both.is_known


async def test_from_the_next_content_key_on_the_old_identity_key_and_a_copy_open_nothing_new(
    pool: Pool, identity: Identity
) -> None:
    async with known(pool, OLD):
        pass
    stolen = await pool.fetch("SELECT * FROM content_key_wrap")
    await rotated(pool, NEW, OLD)
    await ContentKeys(pool, (NEW, OLD)).finish()
    number, begins = await ContentKeys(pool, (NEW,)).begin(LONG_AGO - BEGINS_AFTER)

    async with known(pool, NEW) as now:
        person = await add(pool, now, "王五")
        sealed = await pool.fetchval("SELECT name FROM person WHERE id = $1", person)
        assert now.open(sealed, "person.name") == "王五"

    assert (number, begins) == (1, LONG_AGO)
    assert sealed[:3] == FORMAT_NUMBERED + b"\x00\x01"
    assert {row["number"] for row in stolen} == {0}
    with pytest.raises(KeysNotReadError):
        identity.open(sealed, "person.name")
    # It is bound to its column as ever.
    async with known(pool, NEW) as now:
        with pytest.raises(InvalidTag):
            now.open(sealed, "person.phone")


async def test_a_new_content_key_is_known_to_all_before_anything_is_sealed_under_it(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content_keys, "RENEWED_EVERY", timedelta(milliseconds=20))
    async with known(pool, OLD) as reader, known(pool, OLD) as writer:
        await ContentKeys(pool, (OLD,)).begin(datetime.now(UTC))
        first = await add(pool, writer, "张三")
        assert (await pool.fetchval("SELECT name FROM person WHERE id = $1", first))[:1] == FORMAT

        await ContentKeys(pool, (OLD,)).begin(LONG_AGO)
        async with known(pool, OLD) as late:
            second = await add(pool, late, "李四")
        async with asyncio.timeout(30):
            while True:
                try:
                    assert await name_in(pool, reader, second) == "李四"
                    break
                except KeysNotReadError:
                    await asyncio.sleep(0.01)


async def test_no_reader_fails_while_the_key_is_changed(pool: Pool, identity: Identity) -> None:
    """Of old processes, of such as know both, and of new ones, all at once, in small batches."""
    people = [await add(pool, identity, f"张{number}") for number in range(5)]
    for _ in range(30):
        async with known(pool, OLD):
            await ContentKeys(pool, (OLD,)).begin(LONG_AGO)
    read, over, enough = 0, asyncio.Event(), asyncio.Event()

    async def reads(*keys: bytes) -> None:
        nonlocal read
        while not over.is_set():
            async with known(pool, *keys) as fresh:
                for person in people:
                    assert (await name_in(pool, fresh, person)).startswith("张")
                    read += 1
                    if NEW in keys and len(keys) == 1 and read >= 40:
                        enough.set()
            await asyncio.sleep(0)

    async with known(pool, OLD) as longstanding:
        readers = [asyncio.create_task(reads(*keys)) for keys in ((OLD,), (NEW, OLD), (OLD, NEW))]
        try:
            assert await rotated(pool, NEW, OLD, at_once=3) == 31
            newest = asyncio.create_task(reads(NEW))
            await asyncio.wait_for(enough.wait(), 60)
        finally:
            over.set()
            await asyncio.gather(*readers, newest)
        await ContentKeys(pool, (NEW, OLD)).finish()
        assert await name_in(pool, longstanding, people[0]) == "张0"
    assert read >= 40


KILLED = """
import asyncio, sys
from datetime import UTC, datetime
from activities.content_keys import ContentKeys
from activities.database import open_pool

async def main(url, *keys):
    async with await open_pool(url, 2) as pool:
        store = ContentKeys(pool, [bytes.fromhex(key) for key in keys])
        async for count in store.rewrap(datetime.now(UTC), at_once=4):
            print(count, flush=True)
            await asyncio.sleep(0 if "--on" in sys.argv else 3600)

asyncio.run(main(*[word for word in sys.argv[1:] if word != "--on"]))
"""


async def test_whoever_is_killed_in_the_middle_goes_on_where_it_was(
    pool: Pool, database_url: str, identity: Identity
) -> None:
    person = await add(pool, identity, "张三")
    async with known(pool, OLD):
        pass
    for _ in range(9):
        await ContentKeys(pool, (OLD,)).begin(LONG_AGO)
    words = (sys.executable, "-c", KILLED, database_url, NEW.hex(), OLD.hex())

    first = await asyncio.create_subprocess_exec(
        *words, stdout=asyncio.subprocess.PIPE, cwd=ROOT, env={**os.environ}
    )
    assert first.stdout is not None
    assert int(await asyncio.wait_for(first.stdout.readline(), 60)) == 4
    first.send_signal(signal.SIGKILL)
    await first.wait()
    new = name_of(NEW)
    half = await pool.fetchval("SELECT count(*) FROM content_key_wrap WHERE under = $1", new)
    for keys in ((OLD,), (NEW, OLD)):
        async with known(pool, *keys) as reader:
            assert await name_in(pool, reader, person) == "张三"
    with pytest.raises(KeysUnfinishedError):
        await ContentKeys(pool, (NEW, OLD)).finish()
    second = await asyncio.create_subprocess_exec(
        *words, "--on", stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    said, _ = await asyncio.wait_for(second.communicate(), 60)

    assert half == 4
    assert sum(map(int, said.split())) == 6
    await ContentKeys(pool, (NEW, OLD)).finish()
    async with known(pool, NEW) as reader:
        assert await name_in(pool, reader, person) == "张三"


async def test_a_record_is_never_given_a_first_key_that_does_not_open_it(
    pool: Pool, identity: Identity
) -> None:
    """Whoever replaces the key instead of adding one is told at once, and nothing is written."""
    await add(pool, identity, "张三")
    with pytest.raises(IdentityKeyUnknownError):
        async with known(pool, NEW):
            pass
    assert await pool.fetchval("SELECT count(*) FROM content_key") == 0

    async with known(pool, NEW, OLD) as found:
        assert found.verification_key == identity.verification_key


async def test_who_begins_without_a_database_learns_when_it_is_there(
    pool: Pool, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that only decides starts so; what it cannot seal yet is tried again."""
    monkeypatch.setattr(content_keys, "ASKED_AGAIN", timedelta(milliseconds=20))
    away = await open_pool(database_url, 1)
    await away.close()
    async with opened_identity(away, (OLD,), waits=True) as identity:
        with pytest.raises(KeysNotReadError):
            identity.seal("张三", "person.name")
        with pytest.raises(KeysNotReadError):
            identity.id_hash("990101199001011239")
        await ContentKeys(pool, (OLD,)).learn(identity)
        assert identity.open(identity.seal("张三", "person.name"), "person.name") == "张三"


async def test_the_commands_lead_from_one_key_to_the_next(
    pool: Pool, database_url: str, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As docs/production.md has it, by operations; nobody else may."""
    person = await add(pool, identity, "张三")
    old, new = (base64.b64encode(key).decode() for key in (OLD, NEW))
    for name in [name for name in os.environ if name.startswith("ZHIPING_")]:
        monkeypatch.delenv(name)
    for name, value in {
        "DATABASE_URL": database_url,
        "CODEC_KEYS": f"k1:{new}",
        "IDENTITY_KEY": f"{new},{old}",
        "VOUCHING_TRUST": TRUST,
        "SMTP_HOST": "localhost",
        "SMTP_SENDER": "zhiping@localhost",
        "VERIFICATION_URL": "http://localhost",
        "DOCUMENTS_DIR": "documents",
    }.items():
        monkeypatch.setenv(f"ZHIPING_{name}", value)

    async def said(*words: str, who: str = "operations@zhiping") -> Result:
        return await asyncio.to_thread(
            CliRunner().invoke, zhiping, ["keys", *words, "--as", who, "--json"]
        )

    early = await said("finish")
    stranger = await said("rotate", who="nobody@zhiping")
    answers = [await said("rotate"), await said("finish"), await said("begin")]
    monkeypatch.setenv("ZHIPING_IDENTITY_KEY", old)
    gone = await said("status")
    monkeypatch.setenv("ZHIPING_IDENTITY_KEY", new)
    status = json.loads((await said("status")).output)

    assert (early.exit_code, json.loads(early.output)["code"]) == (3, "keys_unfinished")
    assert (stranger.exit_code, json.loads(stranger.output)["code"]) == (3, "not_entitled")
    assert [answer.exit_code for answer in answers] == [0, 0, 0]
    assert json.loads(answers[1].output)["gone"] == [name_of(OLD)]
    assert (gone.exit_code, json.loads(gone.output)["code"]) == (5, "identity_key_unknown")
    assert [item["under"] for item in status["keys"]] == [[name_of(NEW)]] * 2
    async with known(pool, NEW) as reader:
        assert await name_in(pool, reader, person) == "张三"
