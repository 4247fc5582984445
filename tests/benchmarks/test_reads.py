"""How long lists, inboxes, pages, searches and reports take in a record of a million applications.

`ZHIPING_READS` is the number of applications (1,000,000), `ZHIPING_READS_FOLDER` a folder whose seeded
database is kept for another run; without it everything is gone afterwards.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from datetime import time as clock
from pathlib import Path
from typing import Any, cast

import asyncpg
import psutil
import pytest

from activities.database import open_pool
from activities.identity import Identity
from activities.intake import Intake
from activities.meeting_views import MeetingFilter
from activities.migrations import let_application_in, migrate
from activities.views import CaseFilter, InboxFilter, Whose
from config.settings import Settings
from starter.desk.case_page import page_of
from starter.desk.office import Office
from tests.benchmarks import seeding
from tests.benchmarks.record_server import record_server
from tests.benchmarks.seeding import COMMON, SECRET, TODAY, Seed, Size
from tests.fixtures.record import APPLICATION_PASSWORD, as_application
from workflows.rules.message import BEIJING

pytestmark = pytest.mark.benchmark

SIZE = Size(int(os.environ.get("ZHIPING_READS", "1000000")))
FOLDER = os.environ.get("ZHIPING_READS_FOLDER", "")
ALONE, USERS, EACH = 40, 50, 4
"""Questions of one user, users at once, and questions of each of them, one after the other."""
ENOUGH_SECONDS = 10.0
"""No more questions are asked of what takes so long in all."""
TOO_SLOW = 2.0
"""Seconds of one answer beyond which fifty at once are not tried."""
GIVEN_UP = 20.0
"""After how long the pool gives a statement up."""
CONNECTIONS = 16
NOW = datetime.combine(TODAY, clock(10), BEIJING)
LINES = 50

Ask = Callable[[int], Awaitable[Any]]


@dataclass(frozen=True)
class Question:
    """Something people ask; `ask` takes a number, so that not everybody asks for the same."""

    name: str
    ask: Ask
    report: bool = False


class RecordOffice(Office):
    """The office of the command line without an engine: who asks for it, fails."""

    @property
    def engine(self) -> Any:
        """Nobody."""
        raise AssertionError("a page asked the engine")


@pytest.fixture(scope="module")
async def url() -> AsyncIterator[str]:
    """A seeded database."""
    async with record_server(Path(FOLDER) if FOLDER else None) as owner:
        await migrate(owner)
        await let_application_in(owner, APPLICATION_PASSWORD)
        connection = await asyncpg.connect(owner)
        known = await connection.fetchval("SELECT count(*) FROM campaign_version")
        await connection.close()
        if not known:
            print(f"\nseeding {SIZE.applications:,} applications")
            seconds = await Seed(owner, SIZE).fill()
            _figure("reads_seed", seconds, "s")
        yield as_application(owner)


@pytest.fixture
async def office(url: str) -> AsyncIterator[Office]:
    """The reader, as a page has it."""
    identity = Identity(SECRET)
    async with await open_pool(url, CONNECTIONS, for_reading=True) as pool:
        intake = Intake(pool, identity, Path("unused"))
        yield RecordOffice(cast("Settings", None), pool, identity, intake)


async def test_reads(office: Office) -> None:
    process = psutil.Process()
    print(f"\n{SIZE.applications:,} applications; load {os.getloadavg()[0]:.1f};"
          f" one user, then {USERS} at once (p50/p95)")  # fmt: skip
    before = process.memory_info().rss
    for question in questions(office):
        await _measure(question)
    grown = (process.memory_info().rss - before) / 2**20
    _figure("reads_memory_grown", grown, "MiB")


def questions(office: Office) -> list[Question]:
    """Everything that is asked of the record."""
    reading = office.reading
    people = SIZE.people

    def cases(of_what: str, /, **wanted: Any) -> Question:
        async def ask(number: int) -> Any:
            said = {
                key: value(number) if callable(value) else value for key, value in wanted.items()
            }
            page = await reading.cases(CaseFilter(limit=LINES, **said))
            await reading.short_ids(case.application for case in page.cases)
            return page.cases

        return Question(f"cases_{of_what}", ask)

    marks: list[str] = []

    async def beyond() -> str:
        """The mark of the hundredth page, found once."""
        if not marks:
            page = await reading.cases(CaseFilter(limit=5_000))
            marks.append(page.following)
        return marks[0]

    def of(organisation: str) -> Whose:
        return Whose(organisation=organisation)

    def campaign(number: int) -> str:
        return f"n{number % 4}-{seeding.FIRST_YEAR + number % seeding.YEARS}"

    def open_person(number: int) -> str:
        return seeding.person_id(number * seeding.OPEN_ONE_IN // seeding.A_PERSON % people)

    async def inbox(**whose: Any) -> Any:
        page = await reading.inbox(InboxFilter(as_of=NOW, limit=LINES, **whose))
        await reading.short_ids(task.application for task in page.tasks)
        return page

    async def further(_: int) -> Any:
        return await reading.cases(CaseFilter(limit=LINES, after=await beyond()))

    async def page(number: int) -> Any:
        case = await office.case(seeding.case_id(number * 7919 % SIZE.applications))
        return await page_of(office, case, ("gao", "zhiping"))

    async def found(number: int) -> Any:
        return await reading.resolve(seeding.case_id(number * 104_729 % SIZE.applications)[-8:])

    async def by_number(number: int) -> Any:
        # Every tenth is open and most of the others completed, with an acceptance number.
        case = seeding.case_id(number * 10 * 7919 % SIZE.applications + 1)
        return await reading.resolve(f"no-{case[-12:]}")

    return [
        cases("default"),
        cases("open", only_open=True),
        cases("campaign", campaign=campaign),
        cases("campaign_stage", campaign="n0-2025", stage="committee_intake"),
        cases("stage", stage="in_review"),
        cases("end", end="abandoned"),
        cases("holder", holder=lambda number: f"department-{number % 60}"),
        cases("due", due_by=TODAY, only_open=True),
        Question("cases_further", further),
        cases("unit", whose=lambda number: of(f"unit-{number % SIZE.units}")),
        cases("department", whose=lambda number: of(f"department-{number % 60}")),
        cases("district", whose=lambda number: of(f"district-{number % 20}")),
        cases("office", whose=lambda number: of(f"office-{number % 4}")),
        cases("city_office", whose=of("city-title-office")),
        cases("city_office_open", whose=of("city-title-office"), only_open=True),
        cases("person", whose=lambda number: Whose(person=seeding.person_id(number % people))),
        cases("by_name", name=lambda number: seeding.name_of(number % people)),
        cases("by_common_name", name=COMMON),
        cases("by_id_number", id_number=lambda number: seeding.id_number_of(number % people)),
        Question("resolve_end", found),
        Question("resolve_acceptance", by_number),
        Question(
            "inbox_unit", lambda number: inbox(organisation=f"unit-{number * 10 % SIZE.units}")
        ),
        Question(
            "inbox_department", lambda number: inbox(organisation=f"department-{number % 60}")
        ),
        Question("inbox_office", lambda _: inbox(organisation="office-0")),
        Question(
            "inbox_person",
            lambda number: inbox(person=open_person(number)),
        ),
        Question("case_page", page),
        Question("letters_unsettled", lambda _: reading.unsettled_letters()),
        Question("meetings", lambda _: reading.meetings(MeetingFilter())),
        Question("time_in", lambda _: reading.reached("live")),
        Question("funnel", lambda _: reading.funnel(), report=True),
        Question("struck", lambda _: reading.struck(), report=True),
        Question("duties", lambda _: reading.duties(as_of=NOW), report=True),
        Question("waiting", lambda _: reading.waiting(as_of=NOW), report=True),
        Question("funnel_season", lambda _: reading.funnel(season=2025), report=True),
        Question("struck_season", lambda _: reading.struck(season=2025), report=True),
        Question("duties_season", lambda _: reading.duties(season=2025), report=True),
        Question("waiting_season", lambda _: reading.waiting(as_of=NOW, season=2025), report=True),
    ]


async def _measure(question: Question) -> None:
    alone = await _asked(question.ask, range(1, 1 + (5 if question.report else ALONE)))
    if not alone:
        print(f"  {question.name:<22} no answer within the connection's {GIVEN_UP:.0f} s")
        _figure(f"reads_{question.name}_1_p50", GIVEN_UP * 1000, "ms")
        return
    told = f"  {question.name:<22} {_pair(alone)}"
    _figures(question.name, 1, alone)
    if statistics.median(alone) < TOO_SLOW and not question.report:
        users = [
            _asked(question.ask, range(user * EACH, user * EACH + EACH)) for user in range(USERS)
        ]
        together = [seconds for part in await asyncio.gather(*users) for seconds in part]
        told += f"   {_pair(together)}" if together else "   no answer"
        if together:
            _figures(question.name, USERS, together)
    print(told)


async def _asked(ask: Ask, numbers: range) -> list[float]:
    spent: list[float] = []
    for number in numbers:
        began = time.perf_counter()
        try:
            await ask(number)
        except TimeoutError:
            break
        spent.append(time.perf_counter() - began)
        if sum(spent) > ENOUGH_SECONDS:
            break
    return spent


FIGURES: list[str] = []


def _figures(name: str, users: int, spent: list[float]) -> None:
    _figure(f"reads_{name}_{users}_p50", statistics.median(spent) * 1000, "ms")
    _figure(f"reads_{name}_{users}_p95", _p95(spent) * 1000, "ms")


def _figure(name: str, value: float, unit: str) -> None:
    FIGURES.append(f"figure {name} {value:.1f} {unit}")


def _p95(spent: list[float]) -> float:
    return sorted(spent)[min(len(spent) - 1, int(len(spent) * 0.95))]


def _pair(spent: list[float]) -> str:
    return f"{statistics.median(spent) * 1000:8.1f} /{_p95(spent) * 1000:8.1f} ms"


def test_figures() -> None:
    """What was measured, for programs; last, as other benchmarks print them."""
    print()
    for line in FIGURES:
        print(line)
