"""What a letter costs, and a results day drained beside the mail sink's own speed (`make bench WHAT=letters`).

The whole way of a letter is real: rows in Postgres with their chains, a mailroom woken on a Temporal
server, the stack's own mail sink in a process of its own. Only the cases are put there by hand.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path

import aiosmtplib
import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from activities.database import Pool
from activities.identity import Identity
from activities.letters.mailroom import HANDS, Mailroom
from activities.letters.rhythms import rhythms
from activities.letters.smtp import MailServer, Sender
from activities.letters.waking import MailroomBell
from activities.reading import Reading
from starter.rehearsal.conductor import Conductor
from starter.rehearsal.embedded import stack_in
from starter.rehearsal.notices import all_shipped
from starter.rehearsal.season import season
from starter.rehearsal.staging import Stage
from starter.rehearsal.world import entered
from tests.benchmarks.counting import cost_of
from tests.benchmarks.figures import figure, under_load
from tests.engine import started_engine
from tests.fixtures.record import Office
from tests.integration.sittings import add_cases
from workers.runner import workflow_runner
from workflows.letter.messages import workflow_of
from workflows.letter.workflow import HEARTBEAT, MailroomWorkflow
from workflows.ports import LETTERS
from workflows.rules.names import LIVE

pytestmark = pytest.mark.benchmark

LETTERS_OF_THE_DAY = int(os.environ.get("ZHIPING_BENCH_LETTERS", "10000"))
CASES = LETTERS_OF_THE_DAY // 2
STEPS = 27
"""Letters of one application, one a step."""
ROOM = "live-0"
"""One room takes all: what several bring is a matter of processors."""

ORDER = """
INSERT INTO letter (id, application, realm, seq, kind, party, organisation, params, ordered_at, room)
SELECT gen_random_uuid(), a.id, a.realm, 1, $2, $3, $4, $5, now(), $6
FROM application a WHERE a.realm = $1 ORDER BY a.id LIMIT $7
"""
RESULT = """{"result": "passed", "posted_on": "2023-12-20", "rule": "result_publicity",
    "deadline_on": "2023-12-27", "clause": "BD 四(三)3b"}"""


YEAR = timedelta(days=366)
TOLD = """
SELECT count(*) FILTER (WHERE kind <> 'collected' AND state = 'sent'),
    count(*) FILTER (WHERE state = 'sent' AND (carried_by IS NULL OR attempts > 0)),
    count(*) FILTER (WHERE state = 'sent' AND kind = 'collected') FROM letter
"""


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[Client]:
    """One engine for both measurements."""
    environment = await started_engine()
    yield environment.client
    await environment.shutdown()


@pytest.fixture
async def sink(tmp_path: Path) -> AsyncIterator[MailServer]:
    """The stack's mail sink, whose processor time is its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.benchmarks.sink", str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    port = int(await process.stdout.readline())
    yield MailServer(host="127.0.0.1", port=port, sender="职评 <zhiping@example.test>")
    process.kill()
    await process.wait()


@pytest.fixture
async def results_day(
    pool: Pool,
    owner: Pool,
    identity: Identity,
    published: Office,
) -> None:
    """Applications whose applicants have addresses at three providers."""
    await add_cases(pool, identity, range(1, CASES + 1))
    sealed = [
        identity.seal(f"zhang@{name}.example.test", "person.email") for name in ("qq", "163", "own")
    ]
    await owner.execute(
        "UPDATE draft d SET name = p.name, email = ($1::bytea[])[1 + (hashtext(d.id) & 1)]"
        " FROM person p WHERE p.id = d.person AND d.realm = $2",
        sealed,
        LIVE,
    )


async def test_a_results_day(
    client: Client,
    pool: Pool,
    reading: Reading,
    results_day: None,
    sink: MailServer,
    tmp_path: Path,
) -> None:
    applicants = (LIVE, "publicity_result", "applicant", "", RESULT, ROOM, CASES)
    units = (LIVE, "publicity_result", "unit", "xinghe-technology", RESULT, ROOM, CASES)
    with under_load(f"{LETTERS_OF_THE_DAY} letters of a results day"):
        for ordered in (applicants, units):
            await pool.execute(ORDER, *ordered)
        async with _worker(client, Mailroom(pool, reading, Sender(sink), rhythms(), linger=0)):
            cpu, began = time.process_time(), time.monotonic()
            await MailroomBell(pool, client)(ROOM)
            ended = await client.get_workflow_handle(workflow_of(ROOM)).result()
            cpu, took = time.process_time() - cpu, time.monotonic() - began
        states = await pool.fetch("SELECT state, count(*) FROM letter GROUP BY state")
        mails = list(tmp_path.glob("*.eml"))
        size = sum(mail.stat().st_size for mail in mails) // len(mails)
        bare, bare_cpu = await _bare(sink, len(mails), size)
        actions = await _actions(client) + took // (HEARTBEAT.total_seconds() * 0.8)
        figure("letters.ours", len(mails) / took, "1/s", beside=f"{HANDS} hands; {ended}")
        figure("letters.sink", len(mails) / bare, "1/s", beside=f"bare client, {size} bytes each")
        figure("letters.ours_by_sink", bare / took, "ratio")
        figure("letters.cpu", 1000 * cpu / len(mails), "ms", beside="worker, its SDK included")
        figure("letters.cpu_bare", 1000 * bare_cpu / len(mails), "ms", beside="of the bare client")
        figure("letters.actions", actions / len(mails), "actions", beside="heartbeats included")
    assert [tuple(row) for row in states] == [("sent", LETTERS_OF_THE_DAY)]
    assert len(mails) == LETTERS_OF_THE_DAY


async def test_letters_one_by_one(
    client: Client,
    pool: Pool,
    reading: Reading,
    results_day: None,
    sink: MailServer,
) -> None:
    """As many steps of one application as it has letters, a moment after one another."""
    bell = MailroomBell(pool, client)
    before = await _actions(client)
    with under_load(f"{STEPS} letters, one a step"):
        waits: list[float] = []
        async with _worker(client, Mailroom(pool, reading, Sender(sink), rhythms(), linger=3)):
            for number in count(1):
                began = time.monotonic()
                await pool.execute(
                    ORDER, LIVE, "publicity_result", "applicant", "", RESULT, ROOM, 1
                )
                await bell(ROOM)
                while await pool.fetchval("SELECT count(*) FROM letter WHERE state <> 'sent'"):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
                waits.append(time.monotonic() - began)
                if number == STEPS:
                    break
            await client.get_workflow_handle(workflow_of(ROOM)).result()
        actions = await _actions(client) - before
        figure("letters.actions_awake", actions / STEPS, "actions", beside="each a step of its own")
        figure("letters.actions_asleep", 3, "actions", beside="a step that wakes a room: the floor")
        figure(
            "letters.from_order_to_sent", 1000 * sorted(waits)[STEPS // 2], "ms", beside="median"
        )


async def test_letters_of_two_seasons(tmp_path: Path) -> None:
    """The applications of the demo, each hour told by the clocks that are moved: what was told, and
    in how many letters."""
    scenarios = [season(campaign) for campaign in all_shipped()]
    number = sum(len(item.application) for item in scenarios)
    with under_load(f"{number} applications of both notices"):
        async with (
            stack_in(tmp_path / "stack", "--no-interface", "--no-console") as settings,
            entered(settings) as world,
        ):
            await Stage(world).prepare(min(item.opens_at for item in scenarios))
            plays = [Conductor(world, item, f"season-{item.campaign}") for item in scenarios]
            reports = await asyncio.gather(*(play.play() for play in plays))
            for report in reports:
                await world.hours.reached(report.realm, report.scenario.steps[-1][1].at + YEAR)
            await _all_out(world.pool)
            told, letters, collected = await world.pool.fetchrow(TOLD) or (0, 0, 0)
    assert [problem for report in reports for problem in report.all_problems] == []
    figure("letters.told", told, "things", beside=f"{number} applications; a letter each before")
    figure("letters.of_a_season", letters, "letters", beside=f"{collected} of them collected")


async def _all_out(record: Pool) -> None:
    waiting = "SELECT count(*) FROM letter WHERE state IN ('queued', 'gathered', 'claimed')"
    while await record.fetchval(waiting):  # noqa: ASYNC110 - a row has no event
        await asyncio.sleep(0.5)


@asynccontextmanager
async def _worker(client: Client, mailroom: Mailroom) -> AsyncIterator[None]:
    async with Worker(
        client,
        task_queue=LETTERS,
        workflows=[MailroomWorkflow],
        activities=[mailroom.work_mailroom],
        workflow_runner=workflow_runner(),
    ):
        yield


async def _actions(client: Client) -> int:
    """Of every run of the room."""
    runs = [
        list((await client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()).events)
        async for run in client.list_workflows(f"WorkflowId = '{workflow_of(ROOM)}'")
    ]
    signals = sum(
        event.HasField("workflow_execution_signaled_event_attributes")
        for run in runs
        for event in run
    )
    assert len(runs) <= signals or not runs
    return cost_of(runs).actions


async def _bare(sink: MailServer, mails: int, size: int) -> tuple[float, float]:
    """Seconds, and processor seconds of the sender, of as many mails of that size, and no more."""
    left = iter(range(mails))
    content = b"Subject: x\r\n\r\n" + b"x" * 76 + b"\r\n" * 1
    content += (b"x" * 76 + b"\r\n") * ((size - len(content)) // 78)

    async def one() -> None:
        async with aiosmtplib.SMTP(hostname=sink.host, port=sink.port, start_tls=False) as smtp:
            for number in left:
                await smtp.mail(sink.address)
                await smtp.rcpt(f"zhang-{number}@example.test")
                await smtp.data(content)

    cpu, began = time.process_time(), time.monotonic()
    await asyncio.gather(*(one() for _ in range(HANDS)))
    return time.monotonic() - began, time.process_time() - cpu
