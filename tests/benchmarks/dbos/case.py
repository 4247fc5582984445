"""The same outline as a durable function on DBOS: eight answered acts, a transaction each, 13 letters.

Run by `test_dbos.py` in an environment of its own: ``case.py COUNT AT_ONCE DATABASE SMTP_PORT``.
Eight times the function waits for a message, records it in one transaction of about ten statements,
puts its letters into a queue, and answers. A letter is claimed, sent and settled. No rules, no
encryption, no clocks: what is left is what durability costs there. Prints one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import uuid
from email.message import EmailMessage

import aiosmtplib
import asyncpg
from dbos import DBOS, SetWorkflowID

LETTERS = (2, 1, 2, 2, 2, 1, 2, 1)
"""How many letters each act makes: 13."""
FOR_A_MONTH = 86_400 * 30
CONTENT = json.dumps({"state": "x" * 1_500})
"""As large as a step of ours."""
TABLES = """
CREATE TABLE IF NOT EXISTS d_case (
    id text PRIMARY KEY, seq int, stage text, holder text, due date);
CREATE TABLE IF NOT EXISTS d_step (
    id text, seq int, content jsonb, hash bytea, PRIMARY KEY (id, seq));
CREATE TABLE IF NOT EXISTS d_task (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text, key text, closed timestamptz);
CREATE TABLE IF NOT EXISTS d_deadline (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text, key text,
    ends timestamptz, closed timestamptz);
CREATE TABLE IF NOT EXISTS d_letter (
    letter text PRIMARY KEY, id text, state text DEFAULT 'queued', at timestamptz);
CREATE INDEX IF NOT EXISTS d_task_id ON d_task (id);
CREATE INDEX IF NOT EXISTS d_deadline_id ON d_deadline (id);
"""

count, abreast, database, port = (int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
DBOS(
    config={
        "name": "case",
        "system_database_url": database,
        "log_level": "ERROR",
        "run_admin_server": False,
    }
)


class _Work:
    """What steps use: made once the loop runs."""

    pool: asyncpg.Pool
    letters: object


@DBOS.step()
async def record(case: str, seq: int, letters: int) -> int:
    """One transaction, as `record_step` does it: step, case, tasks, deadlines, letters."""
    async with _Work.pool.acquire() as db, db.transaction():
        if seq == 1:
            await db.execute("INSERT INTO d_case VALUES ($1, 0) ON CONFLICT DO NOTHING", case)
        await db.fetchrow("SELECT seq FROM d_case WHERE id = $1 FOR UPDATE", case)
        step = "INSERT INTO d_step VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
        await db.execute(step, case, seq, CONTENT, b"h" * 32)
        await db.execute(
            "UPDATE d_case SET seq = $2, stage = $3, due = current_date WHERE id = $1",
            case,
            seq,
            f"s{seq}",
        )
        await db.fetch("SELECT * FROM d_task WHERE id = $1 AND closed IS NULL", case)
        await db.execute("UPDATE d_task SET closed = now() WHERE id = $1", case)
        await db.execute("INSERT INTO d_task (id, key) VALUES ($1, $2)", case, f"s{seq}")
        await db.fetch("SELECT * FROM d_deadline WHERE id = $1 AND closed IS NULL", case)
        await db.execute("UPDATE d_deadline SET closed = now() WHERE id = $1", case)
        await db.execute("INSERT INTO d_deadline (id, key, ends) VALUES ($1, 'k', now())", case)
        for number in range(letters):
            letter = "INSERT INTO d_letter (letter, id) VALUES ($1, $2) ON CONFLICT DO NOTHING"
            await db.execute(letter, f"{case}-{seq}-{number}", case)
    return seq


@DBOS.step()
async def send(letter: str) -> None:
    """Claim, send, settle."""
    await _settle(letter, "claimed")
    message = EmailMessage()
    message["From"], message["To"] = "zhiping@localhost", "a@example.test"
    message["Subject"], message["Message-ID"] = "待办", f"<{letter}@x>"
    message.set_content("正文" * 300)
    await aiosmtplib.send(message, hostname="127.0.0.1", port=port)
    await _settle(letter, "sent")


async def _settle(letter: str, state: str) -> None:
    await _Work.pool.execute(
        "UPDATE d_letter SET state = $2, at = now() WHERE letter = $1", letter, state
    )


@DBOS.workflow()
async def one_letter(letter: str) -> None:
    """A letter by the queue."""
    await send(letter)


@DBOS.workflow()
async def case_of(case: str) -> int:
    """Eight acts."""
    for seq, letters in enumerate(LETTERS, start=1):
        await DBOS.recv_async("act", timeout_seconds=FOR_A_MONTH)
        await record(case, seq, letters)
        for number in range(letters):
            name = f"{case}-{seq}-{number}"
            with SetWorkflowID(f"letter-{name}"):
                await _Work.letters.enqueue_async(one_letter, name)
        await DBOS.set_event_async(f"answer-{seq}", {"seq": seq})
    return len(LETTERS)


async def main() -> None:
    """Play so many cases, and print what they took."""
    _Work.pool = await asyncpg.create_pool(database, min_size=4, max_size=24)
    await _Work.pool.execute(TABLES)
    DBOS.launch()
    _Work.letters = await DBOS.register_queue_async(
        "letters", worker_concurrency=40, polling_interval_sec=0.2
    )
    run, slots, took = uuid.uuid4().hex[:8], asyncio.Semaphore(abreast), []
    began, worked = time.monotonic(), time.process_time()

    async def one(number: int) -> None:
        case = f"case-{run}-{number}"
        async with slots:
            with SetWorkflowID(case):
                await DBOS.start_workflow_async(case_of, case)
            for seq in range(1, len(LETTERS) + 1):
                asked = time.monotonic()
                await DBOS.send_async(case, {"act": seq}, "act")
                await DBOS.get_event_async(case, f"answer-{seq}", 60)
                took.append(time.monotonic() - asked)

    await asyncio.gather(*(one(number) for number in range(count)))
    acted = time.monotonic() - began
    left = "SELECT count(*) FROM d_letter WHERE id LIKE $1 AND state <> 'sent'"
    while await _Work.pool.fetchval(left, f"case-{run}-%"):  # noqa: ASYNC110 - a row has no event
        await asyncio.sleep(0.2)
    drained = time.monotonic() - began
    cpu = time.process_time() - worked
    print(json.dumps({"acted": acted, "drained": drained, "cpu": cpu, "took": took}))
    DBOS.destroy()


if __name__ == "__main__":
    asyncio.run(main())
