"""The rows of a million cases, made by the server: each life is told to it once, and each case joined to its own.

What people find cases by (ids, numbers, organisations, days, places) is each case's own. The long texts (a
step's content, a case's state, a deadline's account, the facts) are those of the first case of the
same life and campaign: as long and as deep, naming others; so they are read as JSON once and not
25 million times.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import TYPE_CHECKING

from tests.benchmarks.season_lives import COLUMNS, Row

if TYPE_CHECKING:
    import asyncpg

CASES = "seed_case"
CHUNK = 500
LONG = {"content", "state", "facts"}
WITHIN = {
    ("application", "state"): "CASE WHEN t.state ->> 'acceptance_number' <> ''"
    " THEN jsonb_set(t.state, '{acceptance_number}', to_jsonb(c.own_n)) ELSE t.state END"
}
"""What people find a case by within a long text, put into it as the case's own."""
TYPES = {"@Q@": "date", "@S@": "timestamptz", "@X@": "bytea", "@K@": "bytea", "@H@": "bytea"}
"""Of what a case puts in for a mark, where it is no text."""
MARK = re.compile("@[A-Z]@")
MARKS = ("@A@", "@P@", "@U@", "@D@", "@O@", "@T@", "@N@", "@M@", "@Q@", "@S@", "@X@", "@K@", "@H@")


class Telling:
    """Lives by number, and the statements that make the rows of every case."""

    def __init__(self) -> None:
        self._lives: dict[str, list[tuple[str | None, ...]]] = {table: [] for table in COLUMNS}
        self._count = 0

    def add(self, life: Mapping[str, tuple[Row, ...]], first: Mapping[str, str]) -> int:
        """A life in a campaign, and the case whose long texts stand for all of it; its number."""
        self._count += 1
        for table, rows in life.items():
            columns = COLUMNS[table].split()
            for place, row in enumerate(rows):
                texts = (
                    MARK.sub(lambda found: first[found[0]], text)
                    if text and column in LONG
                    else text
                    for column, text in zip(columns, row, strict=True)
                )
                self._lives[table].append((str(self._count), str(place), *texts))
        return self._count

    async def prepare(
        self,
        connection: asyncpg.Connection[asyncpg.Record],
        cases: Iterable[tuple[int, Mapping[str, str]]],
    ) -> None:
        """Tell the server the cases and, while they are gone through, the lives there are."""
        columns = ", ".join(f"{_named(mark)} {TYPES.get(mark, 'text')}" for mark in MARKS)
        await connection.execute(f"CREATE UNLOGGED TABLE {CASES} (life integer, {columns})")
        lines = (
            "\t".join((str(life), *(said[mark] for mark in MARKS))).replace("\\", "\\\\").encode()
            + b"\n"
            for life, said in cases
        )
        await connection.copy_to_table(CASES, source=in_chunks(lines))
        for table in COLUMNS:
            await self._tell_lives(connection, table)

    async def _tell_lives(self, connection: asyncpg.Connection[asyncpg.Record], table: str) -> None:
        own = await self._own(connection, table)
        columns = COLUMNS[table].split()
        kinds = await _types(connection, table)
        typed = ", ".join(f"{name} {'text' if name in own else kinds[name]}" for name in columns)
        await connection.execute(
            f"CREATE UNLOGGED TABLE seed_{table} (life integer, place integer, {typed})"
        )
        lines = ("\t".join(map(_escaped, row)).encode() + b"\n" for row in self._lives[table])
        await connection.copy_to_table(f"seed_{table}", source=in_chunks(lines))
        await connection.execute(f"ALTER TABLE seed_{table} ADD PRIMARY KEY (life, place)")
        await connection.execute(f"ANALYZE seed_{table}")

    async def _own(
        self, connection: asyncpg.Connection[asyncpg.Record], table: str
    ) -> dict[str, set[str]]:
        """The columns that are each case's own, with the texts of lives that have marks."""
        found: dict[str, set[str]] = {}
        for row in self._lives[table]:
            for column, text in zip(COLUMNS[table].split(), row[2:], strict=True):
                if text and MARK.search(text):
                    found.setdefault(column, set()).add(text)
        return found

    async def tell(self, connection: asyncpg.Connection[asyncpg.Record], table: str) -> None:
        """Make the rows of every case in one table, those of a case together and in their order."""
        own, kinds = await self._own(connection, table), await _types(connection, table)
        columns = COLUMNS[table].split()
        values = ", ".join(
            _own_value(name, own[name], kinds[name])
            if name in own
            else WITHIN.get((table, name), f"t.{name}")
            for name in columns
        )
        await connection.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values}"
            f" FROM {CASES} c CROSS JOIN LATERAL"
            f" (SELECT * FROM seed_{table} s WHERE s.life = c.life ORDER BY place) t"
        )

    async def clear(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        """Take away what only the seeding needs."""
        tables = (CASES, *(f"seed_{table}" for table in COLUMNS))
        await connection.execute(f"DROP TABLE {', '.join(tables)}")


def _own_value(name: str, texts: set[str], kind: str) -> str:
    """What a case has in a column whose lives have these texts."""
    marks = sorted({mark for text in texts for mark in MARK.findall(text)})
    if texts <= set(MARKS):
        whens = " ".join(f"WHEN '{mark}' THEN c.{_named(mark)}" for mark in marks)
        return f"CASE t.{name} {whens} ELSE t.{name}::{kind} END"
    text = f"t.{name}"
    for mark in marks:
        text = f"replace({text}, '{mark}', c.{_named(mark)})"
    return f"{text}::{kind}"


async def in_chunks(lines: Iterable[bytes]) -> AsyncIterator[bytes]:
    """Lines of COPY, many at a time."""
    chunk: list[bytes] = []
    for line in lines:
        chunk.append(line)
        if len(chunk) >= CHUNK:
            yield b"".join(chunk)
            chunk.clear()
    yield b"".join(chunk)


def _named(mark: str) -> str:
    return f"own_{mark[1].lower()}"


def _escaped(text: str | None) -> str:
    if text is None:
        return "\\N"
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


async def _types(connection: asyncpg.Connection[asyncpg.Record], table: str) -> dict[str, str]:
    rows = await connection.fetch(
        "SELECT attname, format_type(atttypid, atttypmod) AS kind FROM pg_attribute"
        " WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped",
        table,
    )
    return {row["attname"]: row["kind"] for row in rows}
