"""No personal data in the engine (design.md 11): words of one person, searched for everywhere."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from temporalio.client import WorkflowExecution, WorkflowHistory

from activities.identity import Identity
from config.codec import KeyRingCodec, is_sealed
from config.submission_files import IMPOSSIBLE_REGION
from starter.rehearsal.conductor import ScenarioReport, play_all
from starter.rehearsal.scenario import load
from starter.rehearsal.world import World, entered
from tests.integration.canaries import disguises, found_in, opened, payloads_in
from workers.stack import RunningStack, StackOptions, running
from workflows.rules.people import check_digit

pytestmark = pytest.mark.integration

DIGITS = IMPOSSIBLE_REGION + "19791231" + "777"
PERSON = {
    "name": "欧阳金丝雀甲乙",
    "id_number": DIGITS + check_digit(DIGITS),
    "phone": "023-77713571",
    "address": "kanarienvogel-4711@canary-house.test",
}
TEXTS = {
    "place": "金丝雀公告栏在三楼东侧",
    "item": "补正说明里的金丝雀一号",
    "answer": "答复里的金丝雀二号",
    "objection": "异议正文金丝雀三号",
    "contact": "异议人电话金丝雀四号",
    "finding": "查核意见金丝雀五号",
    "refused": "被拒绝的理由金丝雀六号",
    "reason": "撤回理由金丝雀七号",
    "title": "园区能源数据平台建设项目",
}
"""`title` is an achievement's in the sample."""

WORDS = {**PERSON, **TEXTS}

STORY = f"""
title = "金丝雀"
campaign = "bd-2023"
[[application]]
route = "city_unit"
[application.identity]
name = "{PERSON["name"]}"
id_number = "{PERSON["id_number"]}"
phone = "{PERSON["phone"]}"
email = "{PERSON["address"]}"
[[step]]
at = 2023-10-07T09:00:00
do = "submit"
by = "applicant"
[[step]]
at = 2023-10-07T10:00:00
do = "return_for_correction"
by = "unit"
with = {{ items = [{{ id = "1", text = "{TEXTS["item"]}" }}], days = 2 }}
[[step]]
at = 2023-10-07T11:00:00
do = "resubmit"
by = "applicant"
with = {{ answers = [{{ item = "1", text = "{TEXTS["answer"]}" }}] }}
[[step]]
at = 2023-10-07T12:00:00
do = "start_publicity"
by = "unit"
with = {{ place = "{TEXTS["place"]}" }}
[[step]]
at = 2023-10-08T12:00:00
do = "raise_objection"
by = "anyone"
with = {{ text = "{TEXTS["objection"]}", contact = "{TEXTS["contact"]}" }}
[[step]]
at = 2023-10-08T13:00:00
do = "conclude_inquiry"
by = "unit"
with = {{ outcome = "unfounded", reason = "{TEXTS["finding"]}" }}
[[step]]
at = 2023-10-08T14:00:00
do = "reject"
by = "unit"
via = "signal"
with = {{ reason = "{TEXTS["refused"]}" }}
refused = "wrong_stage"
[[step]]
at = 2023-10-09T09:00:00
do = "withdraw"
by = "applicant"
with = {{ reason = "{TEXTS["reason"]}" }}
[step.expect]
end = "withdrawn"
"""


@dataclass(frozen=True)
class Played:
    """What one rehearsal left behind."""

    stack: RunningStack
    report: ScenarioReport
    executions: tuple[WorkflowExecution, ...]
    histories: Mapping[str, WorkflowHistory]
    record: bytes
    """What Postgres holds of people and texts, opened with the key."""

    @property
    def application(self) -> str:
        """The one case."""
        return self.report.applications["main"]


@pytest.fixture(scope="module")
async def played(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Played]:
    """One case with canaries, played on a stack that still runs."""
    folder = tmp_path_factory.mktemp("canary")
    file = folder / "canary.toml"
    file.write_text(STORY)
    options = StackOptions(with_interface=False)
    async with (
        running(folder / "stack", options=options) as stack,
        entered(stack.settings) as world,
    ):
        [report] = await play_all(world, [load(file)])
        await _mail_is_out(stack)
        executions = [item async for item in world.client.list_workflows("")]
        histories = {
            item.id: await world.client.get_workflow_handle(
                item.id, run_id=item.run_id
            ).fetch_history()
            for item in executions
        }
        record = await _opened_record(world)
        yield Played(stack, report, tuple(executions), histories, record)


async def _opened_record(world: World) -> bytes:
    identity = Identity(world.settings.identity_keys()[0])
    people = await world.pool.fetch("SELECT name, id_number, phone, email FROM person")
    drafts = await world.pool.fetch("SELECT titles, name, phone, email FROM draft")
    parts = [
        identity.open_optional(row[field], f"person.{field}")
        for row in (*people, *drafts)
        for field in set(row.keys()) - {"titles"}
    ]
    references = [row["id"] for row in await world.pool.fetch("SELECT id FROM free_text")]
    parts += (await world.reading.texts(references)).values()
    parts += [identity.open(row["titles"], "draft.titles") for row in drafts]
    return "\n".join(parts).encode()


async def _mail_is_out(stack: RunningStack) -> None:
    for _ in range(600):
        if len(list(stack.folder.mail.glob("*.eml"))) >= 3:
            return
        await asyncio.sleep(0.1)


def engine_files(stack: RunningStack) -> list[Path]:
    """The engine's database with its write-ahead log."""
    temporal = stack.folder.temporal
    return [file for file in temporal.parent.glob(temporal.name + "*") if file.is_file()]


def test_the_rehearsal_went_as_told(played: Played) -> None:
    assert played.report.all_problems == []


def test_the_canaries_are_in_the_record(played: Played) -> None:
    """Else the searches below would find nothing because nothing was there."""
    assert set(WORDS) - set(found_in(played.record, WORDS)) == set()


def test_the_canaries_reach_the_mailbox(played: Played) -> None:
    mail = b"".join(file.read_bytes() for file in played.stack.folder.mail.glob("*.eml"))

    assert PERSON["address"].encode() in mail


def test_the_engines_database_holds_the_case_and_no_canary(played: Played) -> None:
    content = b"".join(file.read_bytes() for file in engine_files(played.stack))

    assert played.application.encode() in content
    assert found_in(content, WORDS) == []


def test_no_row_of_the_engines_tables_holds_a_canary(played: Played) -> None:
    """Cell by cell, because a page break may cut a word in two in the file."""
    cells: list[bytes] = []
    uri = f"file:{played.stack.folder.temporal}?mode=ro"
    with sqlite3.connect(uri, uri=True) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in names:
            for row in connection.execute(f'SELECT * FROM "{name}"'):  # noqa: S608
                cells += [item if isinstance(item, bytes) else str(item).encode() for item in row]
    connection.close()
    content = b"\n".join(cells)

    assert played.application.encode() in content
    assert found_in(content, WORDS) == []


def test_visibility_shows_the_case_and_no_canary(played: Played) -> None:
    shown = b"\n".join(item.raw_info.SerializeToString() for item in played.executions)

    assert played.application.encode() in shown
    assert found_in(shown, WORDS) == []


async def test_no_payload_holds_a_canary_even_for_who_has_the_key(played: Played) -> None:
    codec = KeyRingCodec(played.stack.settings.key_ring())
    content = b"\n".join(
        [
            await opened(event, codec)
            for history in played.histories.values()
            for event in history.events
        ]
    )

    assert b"city_unit" in content  # it was opened
    assert found_in(content, WORDS) == []


def test_every_payload_is_sealed(played: Played) -> None:
    for history in played.histories.values():
        for event in history.events:
            kept = type(event)()
            kept.CopyFrom(event)
            # The library's own note beside a local activity's answer: its name, number and times.
            kept.marker_recorded_event_attributes.details.pop("data", None)

            assert is_sealed(payloads_in(kept)), event


def test_no_log_holds_a_canary(played: Played) -> None:
    logs = {file.name: file.read_bytes() for file in played.stack.folder.logs.glob("*")}

    assert "worker.log" in logs
    assert {name: found for name, text in logs.items() if (found := found_in(text, WORDS))} == {}


@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS)
def test_the_search_sees_through_disguises(word: str) -> None:
    assert all(found_in(b"x" + disguise + b"y", {"it": word}) for disguise in disguises(word))
