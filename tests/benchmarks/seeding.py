"""A record of a million applications: the lives of `season_lives`, people, directory, meetings.

Everything follows from a case's number, so that the benchmark knows whom to ask for. The server makes
the rows of cases itself (`telling.py`); the rest comes by COPY.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import asyncpg

from activities.identity import Identity
from tests.benchmarks.season_lives import COLUMNS, Lines, ended_lives, open_lives
from tests.benchmarks.telling import CASES, Telling, in_chunks
from tests.workflow.season import the_calendar, the_policy

SECRET = bytes(range(32))
TODAY = date(2025, 12, 10)
NOTICES, FIRST_YEAR, YEARS = 4, 2016, 10
OPEN_YEARS = 2
DEPARTMENTS, DISTRICTS = 60, 40
TO_THE_FIRST_OFFICE = 43
"""Of a hundred open cases, how many are of the first notice: its office has the longest inbox."""
OPEN_ONE_IN = 10
A_PERSON = 2
"""Applications of one person."""
NAMES, COMMON_ONE_IN, COMMON = 20_000, 250, "张伟"
A_MEETING = 250
DUE_DAYS = 75
"""Open cases are due within as many days, from ten days ago."""
MIX = 0x9E3779B97F4A7C15
SUMS = ("SET work_mem = '256MB'", "SELECT tally_all()")
"""What triggers keep of all cases together; of each by itself it is told with the case."""
BIGGEST = ["step", "application", "deadline", "letter", "stay", "task", "case_of", "draft"]
LANES = 2
"""As many connections fill tables at once."""


@dataclass(frozen=True)
class Size:
    """How much there is; the rest follows from the applications."""

    applications: int

    @property
    def people(self) -> int:
        """Applicants."""
        return max(1, self.applications // A_PERSON)

    @property
    def units(self) -> int:
        """Employers: together with the offices 20,000 organisations at a million cases."""
        return max(100, min(19_800, self.applications // 50))


def case_id(number: int) -> str:
    """An id whose front is a time and whose end is by chance, as real ones are."""
    tail = (number * MIX) % (1 << 64)
    front = f"{0x018C0000 + (number >> 16):08x}-{number & 0xFFFF:04x}"
    return f"application-{front}-7000-{tail >> 48:04x}-{tail & 0xFFFFFFFFFFFF:012x}"


def person_id(number: int) -> str:
    """An opaque id."""
    return f"person-{(number * MIX) % (1 << 64):016x}"


def id_number_of(person: int) -> str:
    """An ID number of no region that there is."""
    return f"99{person:08d}19700101"[:18]


def name_of(person: int) -> str:
    """Few are of one name, except that many are of one."""
    if person % COMMON_ONE_IN == 0:
        return COMMON
    return f"李{chr(0x4E00 + person % 200)}{chr(0x5000 + person // 200 % 100)}"


def unit_of(number: int, size: Size) -> int:
    """The employer of a case."""
    return (number * 7919) % size.units


def is_open(number: int) -> bool:
    """One in ten is on its way."""
    return number % OPEN_ONE_IN == 0


def campaigns() -> list[tuple[str, int, str]]:
    """Id, year and office of every notice."""
    return [
        (f"n{notice}-{year}", year, f"office-{notice}")
        for year in range(FIRST_YEAR, FIRST_YEAR + YEARS)
        for notice in range(NOTICES)
    ]


@dataclass(frozen=True)
class _Table:
    name: str
    columns: str
    rows: Callable[[], Iterator[bytes]] | None = None
    """None where the server makes them."""


class Seed:
    """Fills a migrated, empty database; as its owner."""

    def __init__(self, url: str, size: Size, say: Callable[[str], None] = print) -> None:
        self._url, self._size, self._say = url, size, say
        self._identity = Identity(SECRET)
        names = {name_of(person) for person in range(min(size.people, NAMES * COMMON_ONE_IN))}
        self._names = {name: _hex(self._identity.seal(name, "person.name")) for name in names}
        self._hashes = {name: _hex(self._identity.name_hash(name)) for name in names}
        self._ended = _by_share(ended_lives())
        self._open = _by_share(open_lives())
        self._told: dict[tuple[str, str], int] = {}
        self._campaigns = campaigns()

    async def fill(self) -> float:
        """Fill everything and return the seconds it took; the steps beside everything else."""
        began = time.monotonic()
        connection = await _connect(self._url)
        await self._publish(connection)
        self._telling = Telling()
        await self._telling.prepare(connection, self._cases())
        self._say(f"  {CASES}: {time.monotonic() - began:.0f} s")
        tables = self._tables()
        made_again = {
            table.name: await _without_indexes(connection, table.name) for table in tables
        }
        waiting = deque(tables)
        await asyncio.gather(*(self._lane(waiting, made_again) for _ in range(LANES)))
        await self._duties(connection)
        since = time.monotonic()
        await self._telling.clear(connection)
        for statement in SUMS:
            await connection.execute(statement)
        self._say(f"  sums: {time.monotonic() - since:.0f} s")
        since = time.monotonic()
        # Index-only reading needs to know that all see a page; of steps nothing is read so.
        await connection.execute("VACUUM application, task, deadline, letter, draft, stay, case_of")
        await connection.execute("ANALYZE")
        self._say(f"  statistics: {time.monotonic() - since:.0f} s")
        await connection.close()
        return time.monotonic() - began

    def _tables(self) -> list[_Table]:
        """What is filled, the biggest first."""
        cases = [_Table(name, columns) for name, columns in COLUMNS.items()]
        others = [
            _Table("organisation", "id kind level superior name phone updated_at", self._units),
            _Table("person", "id name name_hash id_number id_hash", self._people),
            _Table(
                "meeting",
                "id realm number campaign committee office city_office seq phase days",
                self._meetings,
            ),
            _Table(
                "candidate",
                "meeting application realm position track unit level state listed_at listed_seq",
                self._candidates,
            ),
        ]
        return sorted(cases, key=lambda table: BIGGEST.index(table.name)) + others

    async def _lane(self, waiting: deque[_Table], made_again: dict[str, list[str]]) -> None:
        connection = await _connect(self._url)
        while waiting:
            table = waiting.popleft()
            since = time.monotonic()
            async with connection.transaction():
                # In one transaction with the rows: nothing of them goes to the log.
                await connection.execute(f"TRUNCATE {table.name}")
                if table.rows is None:
                    await self._telling.tell(connection, table.name)
                else:
                    await connection.copy_to_table(
                        table.name,
                        source=in_chunks(table.rows()),
                        columns=table.columns.split(),
                        freeze=True,
                    )
                copied = time.monotonic() - since
                for statement in made_again[table.name]:
                    await connection.execute(statement)
            self._say(
                f"  {table.name}: {copied:.0f} s, {time.monotonic() - since:.0f} s with indexes"
            )
        await connection.close()

    def _units(self) -> Iterator[bytes]:
        stamp = "2016-01-01T00:00:00+08:00"
        kinds: list[tuple[str, str, str]] = [
            *(
                (f"department-{n}", "department", f"district-{n % DISTRICTS}")
                for n in range(DEPARTMENTS)
            ),
            *((f"district-{n}", "district_office", "city-title-office") for n in range(DISTRICTS)),
            *((f"office-{n}", "committee_office", "") for n in range(NOTICES)),
            ("city-title-office", "city_office", ""),
            ("zhiping-operations", "operations", ""),
            *(
                (f"unit-{n}", "unit", f"department-{n % DEPARTMENTS}")
                for n in range(self._size.units)
            ),
        ]
        for name, kind, superior in kinds:
            yield f"{name}\t{kind}\tcity\t{superior}\t某{name}\t023-00000000\t{stamp}\n".encode()

    def _people(self) -> Iterator[bytes]:
        for person in range(self._size.people):
            name, number = name_of(person), id_number_of(person)
            told = (self._names[name], self._hashes[name], self._names[name])
            hashes = "\t".join((*told, _hex(self._identity.id_hash(number))))
            yield f"{person_id(person)}\t{hashes}\n".replace("\\", "\\\\").encode()

    def _cases(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Each case in turn: the number of its life, and what it puts in for the marks."""
        values = _Values(self._names, self._hashes, self._size)
        for number in range(self._size.applications):
            marks = values.of(number, self._campaign(number)[1])
            yield self._life(number, marks), marks

    def _campaign(self, number: int) -> tuple[str, int, str]:
        if not is_open(number):
            return self._campaigns[number // OPEN_ONE_IN % len(self._campaigns)]
        place = number // OPEN_ONE_IN
        notice = 0 if place % 100 < TO_THE_FIRST_OFFICE else 1 + place % (NOTICES - 1)
        year = YEARS - 1 - (place // 100) % OPEN_YEARS
        return self._campaigns[year * NOTICES + notice]

    def _life(self, number: int, marks: dict[str, str]) -> int:
        campaign = self._campaign(number)
        lines = self._lines(number)
        key = (lines.name, campaign[0])
        if key not in self._told:
            self._told[key] = self._telling.add(lines.in_season(*campaign), marks)
        return self._told[key]

    def _lines(self, number: int) -> Lines:
        shares = self._open if is_open(number) else self._ended
        return shares[(number // OPEN_ONE_IN * 31 + number) % 100]

    def _meetings(self) -> Iterator[bytes]:
        for meeting in range(self._size.applications // A_MEETING + 1):
            campaign, year, office = self._campaigns[meeting % len(self._campaigns)]
            day = date(year, 12, 1) + timedelta(days=meeting % 28)
            told = f"live\t{year}-{meeting}\t{campaign}\tcommittee-1\t{office}\tcity-title-office"
            yield f"{meeting_id(meeting)}\t{told}\t4\tclosed\t{{{day}}}\n".encode()

    def _candidates(self) -> Iterator[bytes]:
        size = self._size
        for number in range(size.applications):
            if is_open(number) or self._lines(number).name != "completed":
                continue
            told = f"confirm\tunit-{unit_of(number, size)}\tdeputy_senior\tballoted"
            at = "2024-11-14T10:00:00+08:00\t1"
            yield (
                f"{meeting_id(number // A_MEETING)}\t{case_id(number)}\tlive\t{number % A_MEETING}\t{told}\t{at}\n".encode()
            )

    async def _publish(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        calendar, policy = the_calendar(), the_policy("lc-2024")
        rows = []
        for campaign, year, office in self._campaigns:
            own = policy.model_copy(
                update={
                    "campaign": campaign,
                    "year": year,
                    "version": 1,
                    "committee": policy.committee.model_copy(update={"office": office}),
                }
            )
            stamp = datetime.fromisoformat(f"{year}-09-01T09:00:00+08:00")
            rows.append((campaign, "", 1, year, own.model_dump_json(), "{}", "", stamp, "gao", ""))
        await connection.executemany(
            "INSERT INTO campaign_version VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)", rows
        )
        years = calendar.model_dump_json(include={"years"})
        await connection.execute(
            "INSERT INTO calendar_version VALUES"
            " ('', 1, $1, $2::jsonb -> 'years', '', now(), 'gao', '')",
            calendar.version,
            years,
        )
        await connection.execute(
            "INSERT INTO access_grant (person, organisation, role, starts_at, granted_by, granted_at)"
            " VALUES ('gao', 'zhiping-operations', 'operations', '2016-01-01', '', '2016-01-01')"
        )

    async def _duties(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        """Four acts of each meeting, and the clocks over its results that they kept or missed."""
        await connection.execute("""
            INSERT INTO meeting_step (meeting, seq, realm, source, name, acted_at, recorded_at,
                phase_after, content, content_hash, answer)
            SELECT m.id, s, 'live', 'act', 'report', m.days[1] + s, m.days[1] + s, 'closed', '{}',
                '', '{}' FROM meeting m, generate_series(1, 4) AS s;
            INSERT INTO deadline (meeting, realm, key, rule, kind, starts_on, ends_on, ends_at, clause,
                content, holder, opened_at, opened_seq, closed_at, closed_seq, ended)
            SELECT m.id, 'live', r.rule || ':1', r.rule, 'duty', m.days[1], m.days[1] + 5,
                m.days[1] + 6, '', '{}', m.office, m.days[1], 1, m.days[1] + 3, r.seq, 'met'
            FROM meeting m, unnest(ARRAY['result_report', 'confirmation', 'confirmation_reply',
                'city_confirmation']) WITH ORDINALITY AS r (rule, seq)""")


class _Values:
    """What a case puts in for the marks of its lines."""

    def __init__(self, names: dict[str, str], hashes: dict[str, str], size: Size) -> None:
        self._names, self._hashes, self._size = names, hashes, size
        self._days = [(TODAY + timedelta(days=day - 10)).isoformat() for day in range(DUE_DAYS)]

    def of(self, number: int, year: int) -> dict[str, str]:
        """Mark → value."""
        case, unit, person = case_id(number), unit_of(number, self._size), number // A_PERSON
        department, name = unit % DEPARTMENTS, name_of(person)
        second = number * 37 % 1_209_600
        day, hour = divmod(second, 86_400)
        at = f"{year}-10-{10 + day}T{hour // 3600:02d}:{hour // 60 % 60:02d}:{hour % 60:02d}+08:00"
        return {
            "@A@": case,
            "@P@": person_id(person),
            "@U@": f"unit-{unit}",
            "@D@": f"department-{department}",
            "@O@": f"district-{department % DISTRICTS}",
            "@T@": f"draft-{number}",
            "@N@": f"no-{case[-12:]}",
            "@M@": meeting_id(number // A_MEETING),
            "@Q@": self._days[number // OPEN_ONE_IN % DUE_DAYS],
            "@S@": at,
            "@X@": self._names[name],
            "@K@": self._hashes[name],
            "@H@": f"\\x{number:032x}",
        }


def meeting_id(meeting: int) -> str:
    """An opaque id."""
    return f"meeting-{(meeting * MIX) % (1 << 64):016x}"


def _by_share(lives: list[tuple[int, Lines]]) -> list[Lines]:
    return [lines for share, lines in lives for _ in range(share)]


def _hex(value: bytes) -> str:
    return f"\\x{value.hex()}"


async def _connect(url: str) -> asyncpg.Connection[asyncpg.Record]:
    connection = await asyncpg.connect(url, command_timeout=None)
    await connection.execute("SET session_replication_role = replica")
    return connection


async def _without_indexes(connection: asyncpg.Connection[asyncpg.Record], table: str) -> list[str]:
    """Drop a table's indexes and keys, and return what makes its own again; foreign keys stay away."""
    keys = await connection.fetch(
        "SELECT conrelid::regclass::text AS name, conname, contype::text,"
        " pg_get_constraintdef(oid) AS told FROM pg_constraint WHERE contype IN ('p', 'u', 'f')"
        " AND (conrelid = $1::regclass OR confrelid = $1::regclass) ORDER BY contype",
        table,
    )
    indexes = await connection.fetch(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = $1"
        " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)",
        table,
    )
    for row in keys:
        if row["contype"] == "f" or row["name"] == table:
            await connection.execute(f"ALTER TABLE {row['name']} DROP CONSTRAINT {row['conname']}")
    for row in indexes:
        await connection.execute(f"DROP INDEX {row['indexname']}")
    own = [row for row in keys if row["contype"] != "f" and row["name"] == table]
    return [
        *(f"ALTER TABLE {table} ADD CONSTRAINT {row['conname']} {row['told']}" for row in own),
        *(row["indexdef"] for row in indexes),
    ]
