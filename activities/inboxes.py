"""What lies with an organisation or a person at an instant, a page at a time, counted by when it is due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from asyncpg import Record

from activities.database import Pool
from activities.paging import Count, counted, cut, day, mark_of, moment, number, values_of
from activities.statements import statements
from activities.views import BANDS, Band, InboxFilter
from workflows.rules.message import local_date

SQL = statements("reading")

DUE = "coalesce(t.due_on, 'infinity'::date)"
ORDER = f"{DUE}, t.opened_at, t.id"
"""The indexes of migration 0025 are of this very order."""
A_DAY, SOON = timedelta(days=1), timedelta(days=7)
MOST_TASKS = 10_000
"""How far a band is counted: an index alone tells."""


@dataclass
class _Asked:
    values: list[object] = field(default_factory=list)

    def put(self, value: object) -> str:
        """The parameter that has a value."""
        self.values.append(value)
        return f"${len(self.values)}"


class Inboxes:
    """Finds the open tasks of a page; names are none of its business."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def page(
        self, wanted: InboxFilter
    ) -> tuple[list[tuple[Record, str]], dict[Band, Count], str]:
        """The rows of a page, each with the mark of what comes after it, how many lie there by band,
        and the mark of the next page.

        Raises:
            Refused: `malformed_payload` for an `after` that is no mark of an inbox.
        """
        statement, values = self.lines(wanted)
        found = await self._pool.fetch(statement, *values)
        lines, following = cut(found, wanted.limit, _order)
        rows = await self._pool.fetch(SQL["task_lines"], [line["id"] for line in lines])
        by_id = {row["id"]: row for row in rows}
        statement, values = self.counts(wanted)
        [counts] = await self._pool.fetch(statement, *values)
        bands = {band: counted(counts[band], MOST_TASKS) for band in BANDS}
        marked = [(by_id[line["id"]], mark_of(map(str, _order(line)))) for line in lines]
        return marked, bands, following

    def lines(self, wanted: InboxFilter) -> tuple[str, list[object]]:
        """The statement that finds the tasks of a page, with its values."""
        asked = _Asked()
        beyond = [*_in_band(asked, wanted, wanted.band)]
        if wanted.after:
            due, opened, last = map(asked.put, values_of(wanted.after, day, moment, number))
            beyond.append(
                f"({ORDER}) > ({due}::text::date, {opened}::text::timestamptz, {last}::text::bigint)"
            )
        limit = asked.put(wanted.limit + 1)
        parts = " UNION ALL ".join(
            f"(SELECT t.id, {DUE} AS due, t.opened_at FROM task t"
            f" WHERE {' AND '.join([*source, *beyond])} ORDER BY {ORDER} LIMIT {limit})"
            for source in _sources(asked, wanted)
        )
        statement = (
            "SELECT id, due::text AS due, opened_at::text AS opened"
            f" FROM ({parts}) AS found ORDER BY found.due, opened_at, id LIMIT {limit}"
        )
        return statement, asked.values

    def counts(self, wanted: InboxFilter) -> tuple[str, list[object]]:
        """The statement that counts by band, each as far as is counted, with its values."""
        asked = _Asked()
        limit = asked.put(MOST_TASKS + 1)
        sources = list(_sources(asked, wanted))
        columns = []
        for band in BANDS:
            within = [*_in_band(asked, wanted, band)]
            parts = " UNION ALL ".join(
                f"(SELECT FROM task t WHERE {' AND '.join([*source, *within])} LIMIT {limit})"
                for source in sources
            )
            columns.append(f"(SELECT count(*) FROM ({parts}) AS n) AS {band}")
        return f"SELECT {', '.join(columns)}", asked.values


def _sources(asked: _Asked, wanted: InboxFilter) -> Iterator[list[str]]:
    """Where open tasks are found: those that are open, and those closed since the instant asked for."""
    realm, as_of = asked.put(wanted.realm), asked.put(wanted.as_of)
    whose = asked.put(wanted.person or wanted.organisation)
    column = "person" if wanted.person else "organisation"
    held = [f"t.realm = {realm}", f"t.{column} = {whose}", f"t.{column} <> ''"]
    held += [f"t.opened_at <= {as_of}"]
    held += [f"t.kind = {asked.put(wanted.kind)}"] if wanted.kind else []
    yield [*held, "t.closed_at IS NULL"]
    yield [*held, "t.closed_at IS NOT NULL", f"t.closed_at > {as_of}"]


def _in_band(asked: _Asked, wanted: InboxFilter, band: Band | None) -> Iterator[str]:
    """The days of a band, as ends of a range of the order."""
    today = local_date(wanted.as_of)
    first, last = _days(band, today)
    if first is not None:
        yield f"{DUE} >= {asked.put(first)}"
    if last is not None:
        yield f"{DUE} <= {asked.put(last)}"


def _order(line: Record) -> tuple[object, ...]:
    return line["due"], line["opened"], line["id"]


def _days(band: Band | None, today: date) -> tuple[date | None, date | None]:
    match band:
        case "overdue":
            return None, today - A_DAY
        case "today":
            return today, today
        case "soon":
            return today + A_DAY, today + SOON
        case "later":
            return today + SOON + A_DAY, None
        case _:
            return None, None
