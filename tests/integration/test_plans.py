"""Every list and report is found by an index, and reads about as many rows as it shows, however many
there are: looked at in a record of five thousand cases, of which none may be gone through.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, time
from typing import Any

import asyncpg
import pytest

from activities.case_lists import CaseLists
from activities.database import OF_READERS, open_pool
from activities.identity import Identity
from activities.inboxes import Inboxes
from activities.paging import MOST, mark_of
from activities.reading import Reading
from activities.references import (
    APPLICATIONS,
    BULKS,
    LETTERS,
    MEETINGS,
    PAPERS,
    asked_for,
    counting_ends,
    resolving,
)
from activities.statements import FOLDER, statements
from activities.views import CaseFilter, InboxFilter, Whose
from tests.benchmarks import seeding
from tests.benchmarks.seeding import COMMON, SECRET, TODAY, Seed, Size
from tests.fixtures.record import database_of
from workflows.rules.message import BEIJING

pytestmark = pytest.mark.integration

SIZE = Size(5_000)
NOW = datetime.combine(TODAY, time(10), BEIJING)
BIG = frozenset(
    [
        "application",
        "task",
        "step",
        "letter",
        "deadline",
        "case_of",
        "person",
        "draft",
        "candidate",
        "bank_line",
        "payment",
    ]
)
READ = 3 * MOST
"""Rows of big tables that one question may read: what is counted, and a page of each campaign."""
COUNTED = {"meetings": 51 * seeding.A_MEETING}
"""Where a line itself says how many it stands for, they are counted for the lines of a page."""
SMALL = 12
"""Rows a look for one thing may read."""

Asked = tuple[str, list[Any]]


@pytest.fixture(scope="module")
async def record(postgres: str, template: str) -> AsyncIterator[str]:
    """A seeded database; the address of its owner."""
    connection = await asyncpg.connect(postgres)
    await connection.execute(f"CREATE DATABASE plans TEMPLATE {template}")
    url = database_of(postgres, "plans")
    await Seed(url, SIZE, say=lambda _: None).fill()
    yield url
    await connection.execute("DROP DATABASE plans WITH (FORCE)")
    await connection.close()


@pytest.fixture(scope="module", params=["force_custom_plan", "force_generic_plan"])
async def connection(
    record: str, request: pytest.FixtureRequest
) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """As a reader plans, for the value that is asked for and once for all of them: PostgreSQL takes
    either; except that small tables are not read through for being small."""
    settings = OF_READERS | {"enable_seqscan": "off", "plan_cache_mode": request.param}
    opened = await asyncpg.connect(record, server_settings=settings, statement_cache_size=0)
    yield opened
    await opened.close()


def of(organisation: str) -> Whose:
    return Whose(organisation=organisation)


AFTER = mark_of(("2025-12-20", "2025-10-12T09:00:00+08:00", "application-x"))
LISTS: dict[str, CaseFilter] = {
    "all": CaseFilter(),
    "all, further": CaseFilter(after=AFTER),
    "open": CaseFilter(only_open=True),
    "open, further": CaseFilter(only_open=True, after=AFTER),
    "campaign": CaseFilter(campaign="n1-2017"),
    "campaign and stage": CaseFilter(campaign="n0-2025", stage="committee_intake"),
    "stage": CaseFilter(stage="in_review"),
    "end": CaseFilter(end="abandoned"),
    "holder": CaseFilter(holder="department-7"),
    "due": CaseFilter(due_by=TODAY),
    "meeting": CaseFilter(meeting=seeding.meeting_id(3)),
    "batch": CaseFilter(batch="2"),
    "these": CaseFilter(applications=(seeding.case_id(3), seeding.case_id(5))),
    "these, of a unit": CaseFilter(whose=of("unit-7"), applications=("application-x",)),
    "unit": CaseFilter(whose=of("unit-7")),
    "department": CaseFilter(whose=of("department-10")),
    "department, open": CaseFilter(whose=of("department-10"), only_open=True),
    "district, further": CaseFilter(whose=of("district-10"), after=AFTER),
    "person": CaseFilter(whose=Whose(person=seeding.person_id(7))),
    "name": CaseFilter(name=seeding.name_of(7)),
    "common name": CaseFilter(name=COMMON),
    "number": CaseFilter(id_number=seeding.id_number_of(7)),
}
OFFICES: dict[str, CaseFilter] = {
    "office": CaseFilter(whose=of("office-0")),
    "office, these": CaseFilter(whose=of("office-0"), applications=(seeding.case_id(3),)),
    "office, further": CaseFilter(whose=of("office-0"), after=AFTER),
    "city office": CaseFilter(whose=of("city-title-office")),
    "city office, open": CaseFilter(whose=of("city-title-office"), only_open=True),
    "city office, one name": CaseFilter(whose=of("city-title-office"), name=COMMON),
}
INBOXES: dict[str, InboxFilter] = {
    "office": InboxFilter(organisation="office-0", as_of=NOW),
    "overdue": InboxFilter(organisation="office-0", as_of=NOW, band="overdue"),
    "kind": InboxFilter(organisation="office-0", as_of=NOW, kind="committee_intake"),
    "unit": InboxFilter(organisation="unit-7", as_of=NOW),
    "person": InboxFilter(person=seeding.person_id(5), as_of=NOW),
    "further": InboxFilter(
        organisation="office-0",
        as_of=NOW,
        after=mark_of(("2025-12-20", "2025-10-12T09:00:00+08:00", "5")),
    ),
}
CASE = seeding.case_id(11)
END = CASE[-8:]
MEETING = seeding.meeting_id(3)
SEASON = [name for name, year, _ in seeding.campaigns() if year == TODAY.year]
OPEN_MEETINGS = ["live", "n1-2017", "", "", "", True, "2017-12-20", "2017-7", "meeting-x", 51]
FIXED: dict[str, tuple[str, str, list[Any]]] = {
    "case": ("reading", "case", [CASE, None]),
    "its state": ("records", "stored_case", [CASE]),
    "the state of several": ("records", "stored_cases", [[CASE]]),
    "bulks": ("bulks", "bulks_of", ["live", "", "", "", 51]),
    "bulks of an organisation": ("bulks", "bulks_of", ["live", "unit-7", NOW.isoformat(), "x", 51]),
    "what is open, to be woken": ("bulks", "open_subjects", ["live", "", "", 500]),
    "what is open of a campaign": ("bulks", "open_subjects", ["live", "n0-2025", CASE, 500]),
    "what failed of a bulk": ("bulks", "lines_of", ["bulk-x", ["refused"], 7, 51]),
    "what a bulk did to a case": ("bulks", "done_as", [CASE, "bulk-x:y"]),
    "its achievements' titles": ("reading", "titles_of_case", [CASE]),
    "what it is called": ("reading", "numbers", [[CASE]]),
    "its trail": ("reading", "timeline", [CASE]),
    "its letters": ("reading", "letters", [CASE]),
    "its deadlines": ("reading", "deadlines", [CASE]),
    "its tasks": ("reading", "case_tasks", [CASE]),
    "unsettled letters": ("reading", "unsettled_letters", ["live", "", "", 51]),
    "open cases": ("reading", "open_applications", ["live", "", "", 500]),
    "open cases of a campaign": ("reading", "open_applications", ["live", CASE, "n0-2025", 500]),
    "how far a realm came": ("reading", "reached", ["r1"]),
    "what struck": ("reports", "struck", ["live", None, "-infinity", 0, 51]),
    "what struck in a season": ("reports", "struck", ["live", SEASON, "-infinity", 0, 51]),
    "what struck, further": (
        "reports",
        "struck",
        ["live", SEASON, "2024-01-01 00:00:00+08", 9, 51],
    ),
    "meetings": ("meeting_reading", "meetings", ["live", "", "", "", "", False, "", "", "", 51]),
    "meetings, further": ("meeting_reading", "meetings", OPEN_MEETINGS),
    "candidates": ("meeting_reading", "candidates", [MEETING, None, None, None, False, "", "", 51]),
    "candidates, further": (
        "meeting_reading",
        "candidates",
        [MEETING, None, None, None, False, "40", "application-x", 51],
    ),
    "the bank's lines": ("payments", "lines", ["live", "office-0", None, 0, False, 51]),
    "the bank's open lines": ("payments", "lines", ["live", "office-0", None, 7, True, 51]),
    "影响期": ("integrity", "bars", ["live", None, TODAY, 0, 51]),
    "integrity records": ("integrity", "records", ["live", None, TODAY, 0, 51, ""]),
    "what waits for a second person": ("second_person", "waiting", ["live", NOW, "", "", 51]),
    "what waits, further": ("second_person", "waiting", ["live", NOW, NOW.isoformat(), "x", 51]),
    "duties": ("reports", "duties", ["live", ["confirmation"], None, "", "", 5]),
    "what is open": ("standstills", "open_page", ["", 500]),
    "what is open, further": ("standstills", "open_page", [CASE, 500]),
    "whose task is open": ("standstills", "told_page", ["engine", "", 500]),
    "tasks that stand still": ("standstills", "count_tasks", ["operator"]),
    "cases by stage": ("measures", "cases_by_stage", ["live"]),
    "letters that are due": ("measures", "letters_due", []),
    "letters for a person": ("measures", "letters_unsettled", ["live"]),
    "the clock that is most overdue": ("measures", "latest_clock", ["live", ["confirmation"]]),
}


def statements_asked(identity: Identity) -> Iterator[tuple[str, Asked]]:
    """Everything that is looked at, by name."""
    # What a statement is made of needs no connection.
    lists, inboxes = CaseLists(None, identity), Inboxes(None)  # type: ignore[arg-type]
    for name, wanted in LISTS.items():
        yield f"list: {name}", lists.lines(wanted)
    for name, wanted in OFFICES.items():
        yield f"list: {name}", lists.lines(wanted, office=True)
        yield f"count: {name}", lists.total(wanted)
    for name, mine in INBOXES.items():
        yield f"inbox: {name}", inboxes.lines(mine)
        yield f"counts: {name}", inboxes.counts(mine)
    for what in (APPLICATIONS, BULKS, LETTERS, MEETINGS, PAPERS):
        yield f"part of an id: {what.table}", (resolving(what), [*asked_for(what, END), None])
    yield "ends of ids", (counting_ends((APPLICATIONS, MEETINGS)), [[END]])
    yield "ends of letters", (counting_ends((LETTERS,)), [[END]])
    for name, (file, statement, values) in FIXED.items():
        yield name, (statements(file)[statement], values)


STATEMENTS = dict(statements_asked(Identity(SECRET)))


@pytest.mark.parametrize("name", STATEMENTS)
async def test_no_list_goes_through_a_table(
    connection: asyncpg.Connection[asyncpg.Record], name: str
) -> None:
    statement, values = STATEMENTS[name]
    scans = await _carried_out(connection, statement, values)
    assert not [scan for scan in scans if scan["Node Type"] == "Seq Scan"]
    assert sum(map(_rows, scans)) <= COUNTED.get(name, READ)


@pytest.mark.parametrize(
    "name", ["its state", "part of an id: application", "ends of ids", "part of an id: letter"]
)
async def test_one_thing_is_looked_up(
    connection: asyncpg.Connection[asyncpg.Record], name: str
) -> None:
    statement, values = STATEMENTS[name]
    scans = await _carried_out(connection, statement, values)
    assert sum(map(_rows, scans)) <= SMALL


WHOLE = {("audit", "rows_of")}
"""What is asked for every row there is."""


@pytest.mark.parametrize("file", sorted(path.stem for path in FOLDER.glob("*.sql")))
async def test_no_statement_has_to_go_through_a_table(record: str, file: str) -> None:
    """Of anybody, those that write included, for whatever values: there is an index for each."""
    settings = {"enable_seqscan": "off", "plan_cache_mode": "force_generic_plan"}
    connection = await asyncpg.connect(record, server_settings=settings, statement_cache_size=0)
    through = {}
    for name, statement in statements(file).items():
        types = await _prepared(connection, statement)
        given = f" ({', '.join(['NULL'] * len(types))})" if types else ""
        plan = await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE looked_at{given}")
        scans = [scan for scan in _in(plan) if scan["Node Type"] == "Seq Scan"]
        if scans and (file, name) not in WHOLE:
            through[name] = {scan["Relation Name"] for scan in scans}
    await connection.close()
    assert through == {}


@pytest.mark.parametrize("name", ["all", "open", "campaign", "stage", "end", "holder", "due"])
async def test_a_list_is_counted_in_its_index(
    connection: asyncpg.Connection[asyncpg.Record], name: str
) -> None:
    """A first page looks at a thousand cases, which lie on as many pages of the disk."""
    statement, values = STATEMENTS[f"list: {name}"]
    scans = await _carried_out(connection, statement, values)
    assert [scan["Node Type"] for scan in scans] == ["Index Only Scan"]


async def test_pages_follow_one_another_without_a_gap_or_a_repeat(record: str) -> None:
    async with await open_pool(record, 1, for_reading=True) as pool:
        reading = Reading(pool, Identity(SECRET))
        for whose in (of("city-title-office"), of("department-10"), of("office-1")):
            seen: list[str] = []
            after = ""
            while True:
                page = await reading.cases(
                    CaseFilter(whose=whose, only_open=True, limit=37, after=after)
                )
                seen += [case.application for case in page.cases]
                after = page.following
                if not after:
                    break
            whole = await reading.cases(CaseFilter(whose=whose, only_open=True, limit=900))
            assert seen == [case.application for case in whole.cases]
            assert len(seen) == len(set(seen)) > 37


async def test_an_inbox_counts_by_band_what_its_pages_list(record: str) -> None:
    async with await open_pool(record, 1, for_reading=True) as pool:
        reading = Reading(pool, Identity(SECRET))
        whole = InboxFilter(organisation="office-0", as_of=NOW, limit=900)
        page = await reading.inbox(whole)
        late = [task for task in page.tasks if task.overdue]
        assert page.bands["overdue"].number == len(late) > 0
        assert sum(count.number for count in page.bands.values()) == len(page.tasks)
        for band, count in page.bands.items():
            of_band = await reading.inbox(whole.model_copy(update={"band": band}))
            assert len(of_band.tasks) == count.number


async def test_a_case_is_read_in_few_statements_and_its_rules_once(record: str) -> None:
    asked: list[str] = []
    async with await open_pool(record, 1, for_reading=True) as pool:
        async with pool.acquire() as connection:
            connection.add_query_logger(lambda told: asked.append(told.query))
        reading = Reading(pool, Identity(SECRET))

        async def read() -> list[str]:
            asked.clear()
            assert await reading.case(CASE) is not None
            assert await reading.stored(CASE) is not None
            return list(asked)

        first, second = await read(), await read()
    versions = ("FROM campaign_version", "FROM calendar_version")
    assert [sum(kind in query for query in first) for kind in versions] == [1, 1]
    assert not [query for query in second if any(kind in query for kind in versions)]
    # The case, its tasks, names of its route, who holds it, its state; nothing between them.
    assert len(second) <= 5


async def _carried_out(
    connection: asyncpg.Connection[asyncpg.Record], statement: str, values: list[Any]
) -> list[dict[str, Any]]:
    """The nodes that read big tables, with what they read."""
    types = await _prepared(connection, statement)
    given = [
        f"{await connection.fetchval(f'SELECT quote_nullable($1::{kind}::text)', value)}::{kind}"
        for kind, value in zip(types, values, strict=True)
    ]
    told = f" ({', '.join(given)})" if given else ""
    explain = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) EXECUTE looked_at{told}"
    return list(_in(await connection.fetchval(explain)))


async def _prepared(connection: asyncpg.Connection[asyncpg.Record], statement: str) -> list[str]:
    """Prepare a statement, and give the types of its values."""
    await connection.execute("DEALLOCATE ALL")
    await connection.execute(f"PREPARE looked_at AS {statement}")
    types: list[str] = await connection.fetchval(
        "SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = 'looked_at'"
    )
    return types


def _in(told: str) -> Iterator[dict[str, Any]]:
    return _scans(json.loads(told)[0]["Plan"])


def _scans(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The nodes that read big tables."""
    if plan.get("Relation Name") in BIG:
        yield plan
    for part in plan.get("Plans", ()):
        yield from _scans(part)


def _rows(scan: dict[str, Any]) -> float:
    """How many rows a node looked at, those it threw away included."""
    thrown = scan.get("Rows Removed by Filter", 0) + scan.get("Rows Removed by Index Recheck", 0)
    found: float = (scan["Actual Rows"] + thrown) * scan["Actual Loops"]
    return found
