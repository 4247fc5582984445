"""How long the console's pages take in a big record, and how heavy they are: a console as a process of its
own, asked over HTTP by one user, by fifty who look at each page for some seconds, and by fifty who ask again
as soon as they are answered; beside what the bare query takes.

`ZHIPING_READS` and `ZHIPING_READS_FOLDER` as in `test_reads.py`.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import statistics
import sys
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from activities.accounts.logins import LOGIN_USE
from activities.accounts.sessions import Session, Sessions
from activities.database import open_pool
from activities.identity import Identity
from activities.reading import Reading
from activities.views import InboxFilter
from config.keys import new_key
from starter.console.forgery import form_token
from starter.console.house import House
from starter.desk.acting import kept, meant, sent
from tests.benchmarks import seeding
from tests.benchmarks.figures import figure, percentile
from tests.benchmarks.seeding import SECRET
from tests.benchmarks.test_reads import SIZE, url
from tests.console.on_a_stack import Someone, house_on_a_stack, someone
from tests.integration.command_line import CommandLine
from tests.vouching import TRUST
from workers.stack.options import reserved_ports
from workflows.application.catalogue import CATALOGUE

__all__ = ["house_on_a_stack", "someone", "url"]

pytestmark = pytest.mark.benchmark

ALONE, USERS, EACH = 40, 50, 4
PAUSE = float(os.environ.get("ZHIPING_PAUSE", "5"))
"""Seconds for which somebody at work looks at a page, at the mean."""
ANSWERS = int(os.environ.get("ZHIPING_BENCH_ACTS", "24"))
ROOT = Path(__file__).parents[2]
NEEDED = re.compile(r'<(?:link|img|script)[^>]+(?:href|src)="([^"]+)"')
ACT, STATED = "file_complaint", {"text": "业绩材料与事实不符", "contact": "023-00000009"}


@dataclass(frozen=True)
class Clerk:
    """Somebody signed in for an organisation, with a case that lies there."""

    token: str
    organisation: str
    case: str


@asynccontextmanager
async def console(database: str, folder: Path) -> AsyncIterator[str]:
    """A console on the record; its engine is nowhere."""
    with reserved_ports({}, {}) as ports:
        at = f"http://127.0.0.1:{ports['console']}"
        stated = {
            "DATABASE_URL": database,
            "CODEC_KEYS": f"k1:{new_key()}",
            "IDENTITY_KEY": b64encode(SECRET).decode(),
            "VOUCHING_TRUST": TRUST,
            "SMTP_HOST": "127.0.0.1",
            "SMTP_SENDER": "a@localhost",
            "VERIFICATION_URL": "http://gateway",
            "DOCUMENTS_DIR": str(folder),
            "CONSOLE_URL": at,
            "CONSOLE_PORT": str(ports["console"]),
            "TEMPORAL_ADDRESS": "127.0.0.1:1",
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "starter.console"),
            cwd=ROOT,
            env={**os.environ, **{f"ZHIPING_{name}": value for name, value in stated.items()}},
        )
        try:
            await _listening(at)
            yield at
        finally:
            process.send_signal(signal.SIGTERM)
            await process.wait()


async def _listening(at: str) -> None:
    async with httpx2.AsyncClient() as client:
        for _ in range(300):
            try:
                await client.get(f"{at}/healthz")
            except httpx2.ConnectError:
                await asyncio.sleep(0.1)
            else:
                return
    raise TimeoutError(at)


async def clerks(database: str) -> list[Clerk]:
    """Fifty people of fifty units with open cases before them, and sessions for them."""
    identity, now = Identity(SECRET), datetime.now(UTC)
    async with await open_pool(database, 2) as pool:
        found = await pool.fetch(
            "SELECT DISTINCT ON (holder) id, holder FROM application"
            " WHERE stage = 'unit_review' AND holder <> '' ORDER BY holder, id LIMIT $1",
            USERS,
        )
        sessions = Sessions(pool, identity)
        made = []
        for number, row in enumerate(found):
            person = seeding.person_id(SIZE.people // 2 + number)
            account = f"account-{uuid4()}"
            await pool.execute(
                "INSERT INTO access_grant (person, organisation, role, starts_at, granted_by,"
                " granted_at) SELECT $1, $2, 'member', '2016-01-01', '', '2016-01-01' WHERE NOT"
                " EXISTS (SELECT FROM access_grant WHERE person = $1 AND organisation = $2)",
                person,
                row["holder"],
            )
            # Seeded cases share one state; these are the clerks' own.
            await pool.execute(
                "UPDATE application SET state = jsonb_set(state, '{places,0,organisation}',"
                " to_jsonb(holder)) WHERE id = $1",
                row["id"],
            )
            known = await pool.fetchval("SELECT id FROM account WHERE person = $1", person)
            if known is None:
                await pool.execute(
                    "INSERT INTO account (id, person, login, assurance, created_by)"
                    " VALUES ($1, $2, $3, 'verified', 'gao')",
                    account,
                    person,
                    identity.seal(person, LOGIN_USE),
                )
            session = Session(
                key="",
                account=known or account,
                person=person,
                organisation=row["holder"],
                realm="live",
                created_at=now,
                seen_at=now,
                ends_at=now + timedelta(hours=12),
                proved_at=now,
                second_at=now,
            )
            token = await sessions.renew(token_hex(8), session)
            made.append(Clerk(token, row["holder"], row["id"]))
    return made


async def test_pages(url: str, tmp_path: Path) -> None:
    people = await clerks(url)
    print(f"\n{SIZE.applications:,} applications; load {os.getloadavg()[0]:.1f};"
          f" one user, {USERS} at work, {USERS} at once (p50/p95)")  # fmt: skip
    limits = httpx2.Limits(max_connections=USERS)
    async with (
        console(url, tmp_path) as at,
        httpx2.AsyncClient(base_url=at, limits=limits, timeout=60) as client,
    ):

        def get(path: Callable[[Clerk], str]) -> Callable[[int], Awaitable[httpx2.Response]]:
            async def ask(number: int) -> httpx2.Response:
                clerk = people[number % len(people)]
                return await client.get(path(clerk), headers={"cookie": f"zhiping={clerk.token}"})

            return ask

        async def stated(number: int) -> httpx2.Response:
            clerk = people[number % len(people)]
            return await client.post(
                f"/anjuan/{clerk.case}/ban/{ACT}",
                data={**STATED, "qingqiu": str(uuid4()), "csrf": form_token(clerk.token)},
                headers={"cookie": f"zhiping={clerk.token}", "origin": at},
            )

        for name, ask, status in (
            ("inbox", get(lambda _: "/daiban"), 200),
            ("case", get(lambda clerk: f"/anjuan/{clerk.case}"), 200),
            ("form", get(lambda clerk: f"/anjuan/{clerk.case}/ban/{ACT}"), 200),
            ("stated", stated, 303),
        ):
            await _measured(name, ask, status)
            if status == 200:
                await _weighed(client, name, await ask(0))
    await _beside(url, people)


async def test_an_act_is_answered(
    zhiping: CommandLine, material: str, someone: Someone, house_on_a_stack: House
) -> None:
    """确认办理 on a page beside the same act by the desk's way to the engine, which the command line takes."""
    realm, office = f"pages-{token_hex(3)}", house_on_a_stack.office
    receipt = await zhiping.json(
        *("submit", material, "--campaign", "bd-2023", "--realm", realm),
        *("--at", "2023-10-09T10:00"),
    )
    unit, case = ("liu", "liangjiang-data-group"), str(receipt["application"])
    posted = {"place": "一楼公告栏", "contacts": ["023-00000005"]}
    row = CATALOGUE["restart_publicity"]
    where = await office.realm(realm)

    async def by_desk(name: str, stated: dict[str, Any]) -> float:
        view = await office.case(case, realm)
        began = time.perf_counter()
        act = await meant(office, where, unit, stated, case=view, request_id=str(uuid4()))
        await sent(office, view, name, await kept(office, CATALOGUE[name].payload, act))
        return time.perf_counter() - began

    await by_desk("start_publicity", posted)
    liu = await someone("liu", realm)
    path = f"/anjuan/{case}/ban/{row.name}"
    spent: dict[str, list[float]] = {"page": [], "desk": []}
    print(f"\nload {os.getloadavg()[0]:.1f}; {ANSWERS} of each, in turns")
    for _ in range(ANSWERS):
        spent["desk"].append(await by_desk(row.name, {"reason": "张贴位置有误", **posted}))
        await liu.get(path)
        stated = {"qingqiu": str(uuid4()), "reason": "张贴位置有误", "place": "二楼公告栏"}
        said = await liu.post(path, {**stated, "contacts": "023-00000005"})
        assert said.status_code == 303, liu.page
        await liu.get(said.headers["location"])
        began = time.perf_counter()
        done = await liu.post(said.headers["location"])
        spent["page"].append(time.perf_counter() - began)
        assert done.status_code == 303, liu.page
    for name, found in spent.items():
        figure(f"pages_act_{name}_p50", statistics.median(found) * 1000, "ms")
        figure(f"pages_act_{name}_p95", percentile(found, 0.95) * 1000, "ms")
    middle = {name: statistics.median(found) for name, found in spent.items()}
    figure("pages_act_ratio", middle["page"] / middle["desk"], "times")


async def _beside(url: str, people: list[Clerk]) -> None:
    """What the record alone takes to answer the same."""
    async with await open_pool(url, 16, for_reading=True) as pool:
        reading = Reading(pool, Identity(SECRET))
        as_of = datetime.now(UTC)

        async def inbox(number: int) -> Any:
            clerk = people[number % len(people)]
            wanted = InboxFilter(organisation=clerk.organisation, as_of=as_of, limit=25)
            return await reading.inbox(wanted)

        async def case(number: int) -> Any:
            application = people[number % len(people)].case
            await reading.case(application, "live")
            return await reading.stored(application)

        for name, ask in (("bare_inbox", inbox), ("bare_case", case)):
            await _measured(name, ask, None)


async def _measured(name: str, ask: Callable[[int], Awaitable[Any]], status: int | None) -> None:
    async def asked(numbers: range, pause: float = 0.0) -> list[float]:
        spent = []
        for number in numbers:
            if pause:
                await asyncio.sleep(2 * pause * (number * 37 % 100) / 100)  # no two at one time
            began = time.perf_counter()
            answer = await ask(number)
            spent.append(time.perf_counter() - began)
            assert status is None or answer.status_code == status, (name, answer.status_code)
        return spent

    await asked(range(3))
    alone = await asked(range(ALONE))

    async def fifty(pause: float) -> list[float]:
        theirs = (range(user * EACH, user * EACH + EACH) for user in range(USERS))
        found = await asyncio.gather(*(asked(numbers, pause) for numbers in theirs))
        return [seconds for part in found for seconds in part]

    for who, spent in (
        ("1", alone),
        (f"{USERS}_at_work", await fifty(PAUSE)),
        (f"{USERS}", await fifty(0)),
    ):
        figure(f"pages_{name}_{who}_p50", statistics.median(spent) * 1000, "ms")
        figure(f"pages_{name}_{who}_p95", percentile(spent, 0.95) * 1000, "ms")


async def _weighed(client: httpx2.AsyncClient, name: str, page: httpx2.Response) -> None:
    """Bytes as they travel, and how many requests a first look takes."""
    needed = set(NEEDED.findall(page.text))
    weight = int(page.headers["content-length"])
    for path in needed:
        weight += int((await client.get(path)).headers["content-length"])
    figure(f"pages_{name}_weight", weight / 1024, "KB")
    figure(f"pages_{name}_requests", 1 + len(needed), "requests")
