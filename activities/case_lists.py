"""Lists of cases, a page at a time: each condition is said only where it is asked, so that each list is
found by an index of its own and read in its order from there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from asyncpg import Record

from activities.database import Pool, scope
from activities.identity import Identity
from activities.paging import MOST, Count, counted, cut, day, moment, text, values_of
from activities.statements import statements
from activities.views import CaseFilter

SQL = statements("reading")

DUE = "coalesce(a.due_on, 'infinity'::date)"
SUBMITTED = "coalesce(a.submitted_at, 'infinity'::timestamptz)"
"""The indexes of migration 0025 are of these very expressions."""

EQUAL = {
    "campaign": "a.campaign",
    "stage": "a.stage",
    "end": "a.end_name",
    "holder": "a.holder",
    "meeting": "a.meeting",
    "batch": "a.batch",
}

PARTIAL = frozenset({"holder", "meeting", "batch"})
"""Empty where a case has none, and then not in the index: a plan for any value has to be told so."""

NAMED = """a.id IN (
    SELECT d.application FROM draft d WHERE d.name_hash = {name} AND d.application IS NOT NULL
    UNION SELECT b.id FROM application b WHERE b.person IN (
        SELECT p.id FROM person p WHERE p.name_hash = {name} AND p.realm = kept_under({realm})
        UNION SELECT c.person FROM person_change c
        WHERE c.name_hash = {name} AND c.realm = kept_under({realm})))"""
"""Who was once called so; which of them a case has under this name is looked at one by one."""

NUMBERED = (
    "a.person IN (SELECT p.id FROM person p"
    " WHERE p.id_hash = {number} AND p.realm = kept_under({realm}))"
)
IN_OFFICE = """
    SELECT v.campaign, array_agg(v.version) AS versions FROM campaign_version v
    WHERE v.realm IN ('', {scope}) AND (v.policy #>> '{{committee,office}}' = {office}
        OR v.policy #>> '{{committee,city_office}}' = {office})
    GROUP BY v.campaign"""
"""The campaigns that an office carries out or confirms."""


class _Order(NamedTuple):
    """The columns that a list is in the order of."""

    due: str
    submitted: str
    id: str

    def __str__(self) -> str:
        return ", ".join(self)


OF_CASES = _Order(DUE, SUBMITTED, "a.id")
OF_PLACES = _Order("o.due", "o.submitted", "o.application")


@dataclass
class _Asked:
    """What is asked, as values of a statement and conditions on `application a` that name them."""

    wanted: CaseFilter
    values: list[object] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)

    def put(self, value: object) -> str:
        """The parameter that has a value."""
        self.values.append(value)
        return f"${len(self.values)}"


class CaseLists:
    """Finds the lines of a page; what names are in it is none of its business."""

    def __init__(self, pool: Pool, identity: Identity) -> None:
        self._pool = pool
        self._identity = identity

    async def page(self, wanted: CaseFilter) -> tuple[list[Record], Count | None, str]:
        """The rows of a page, how many there are (of a first page), and the mark of the next.

        Raises:
            Refused: `malformed_payload` for an `after` that is no mark of such a list.
        """
        whose = wanted.whose
        if not (whose.everybody or whose.organisation or whose.person):
            return [], counted(0), ""
        office = bool(whose.organisation) and await self._is_office(wanted)
        statement, values = self.lines(wanted, office=office)
        found = await self._pool.fetch(statement, *values)
        total = None
        if not wanted.after:
            reached = found[0]["reached"] if found else 0
            total = counted(await self._count(wanted) if office else reached)
        lines, following = cut(
            found, wanted.limit, lambda line: (line["due"], line["submitted"], line["id"])
        )
        rows = await self._pool.fetch(SQL["case_lines"], [line["id"] for line in lines])
        by_id = {row["application"]: row for row in rows}
        return [by_id[line["id"]] for line in lines], total, following

    async def _count(self, wanted: CaseFilter) -> int:
        statement, values = self.total(wanted)
        found: int = await self._pool.fetchval(statement, *values)
        return found

    async def _is_office(self, wanted: CaseFilter) -> bool:
        found = await self._pool.fetchval(
            SQL["is_office"], wanted.whose.organisation, scope(wanted.realm)
        )
        return bool(found)

    def lines(self, wanted: CaseFilter, *, office: bool = False) -> tuple[str, list[object]]:
        """The statement that finds the lines of a page, with its values.

        What is read from an index in its order is looked for as far as is counted; an office's
        list, which is merged from its campaigns, only as far as it is shown.
        """
        asked = self._asked(wanted)
        reach = wanted.limit if wanted.after or office else max(MOST, wanted.limit)
        limit = asked.put(reach + 1)
        sources = []
        if not wanted.whose.organisation:
            sources = [self._cases(asked, limit)]
        else:
            sources = [self._by_place(asked, limit)]
            sources += [self._of_office(asked, limit)] if office else []
        whole = " UNION ".join(f"({source})" for source in sources)
        if wanted.name:
            whole = self._really_named(asked, whole)
        # Counted where they are found: of a thousand lines only those shown are sent.
        shown = asked.put(wanted.limit + 1)
        statement = (
            f"WITH found AS MATERIALIZED (SELECT * FROM ({whole}) AS found"
            f" ORDER BY due, submitted, id LIMIT {limit})"
            " SELECT id, due::text AS due, submitted::text AS submitted,"
            " (SELECT count(*) FROM found) AS reached FROM found"
            f" ORDER BY found.due, found.submitted, id LIMIT {shown}"
        )
        return statement, asked.values

    def total(self, wanted: CaseFilter) -> tuple[str, list[object]]:
        """The statement that counts an office's cases as far as is counted, with its values."""
        asked = self._asked(wanted)
        limit = asked.put(MOST + 1)
        sources = (self._by_place(asked, limit), self._of_office(asked, limit, ordered=False))
        whole = " UNION ".join(f"({source})" for source in sources)
        if wanted.name:
            whole = self._really_named(asked, whole)
        statement = f"SELECT count(*) FROM (SELECT FROM ({whole}) AS found LIMIT {limit}) AS n"
        return statement, asked.values

    def _asked(self, wanted: CaseFilter) -> _Asked:
        asked = _Asked(wanted)
        asked.put(wanted.realm)
        for name, column in EQUAL.items():
            if value := getattr(wanted, name):
                asked.conditions.append(f"{column} = {asked.put(value)}")
                asked.conditions += [f"{column} <> ''"] if name in PARTIAL else []
        if wanted.applications:
            asked.conditions.append(f"a.id = ANY ({asked.put(list(wanted.applications))}::text[])")
        if wanted.only_open:
            asked.conditions.append("NOT a.closed")
        if wanted.name:
            name = asked.put(self._identity.name_hash(wanted.name))
            asked.conditions.append(NAMED.format(name=name, realm="$1"))
        if wanted.id_number:
            number = asked.put(self._identity.id_hash(wanted.id_number))
            asked.conditions.append(NUMBERED.format(number=number, realm="$1"))
        if wanted.whose.person and not wanted.whose.organisation:
            asked.conditions.append(f"a.person = {asked.put(wanted.whose.person)}")
        return asked

    def _cases(self, asked: _Asked, limit: str) -> str:
        """Cases in their order, from `application` alone."""
        conditions = ["a.realm = $1", *asked.conditions, *_beyond(asked, OF_CASES)]
        bounded = "" if asked.wanted.name else f" LIMIT {limit}"
        return (
            f"SELECT a.id, {DUE} AS due, {SUBMITTED} AS submitted FROM application a"
            f" WHERE {' AND '.join(conditions)} ORDER BY {OF_CASES}{bounded}"
        )

    def _by_place(self, asked: _Asked, limit: str) -> str:
        """Cases on whose route an organisation stands, those it passed on included."""
        organisation = asked.put(asked.wanted.whose.organisation)
        conditions = [f"o.organisation = {organisation}", "o.realm = $1"]
        conditions += ["NOT o.closed"] if asked.wanted.only_open else []
        conditions += [*asked.conditions, *_beyond(asked, OF_PLACES)]
        beside = "JOIN application a ON a.id = o.application " if asked.conditions else ""
        bounded = "" if asked.wanted.name else f" LIMIT {limit}"
        return (
            f"SELECT o.application AS id, o.due, o.submitted FROM case_of o {beside}"
            f"WHERE {' AND '.join(conditions)} ORDER BY {OF_PLACES}{bounded}"
        )

    def _of_office(self, asked: _Asked, limit: str, *, ordered: bool = True) -> str:
        """Cases of the campaigns of an office: a page of each, merged; those asked for by more than
        that, from the index of what else is asked."""
        office = asked.put(asked.wanted.whose.organisation)
        campaigns = IN_OFFICE.format(scope=f"kept_under({'$1'})", office=office)
        conditions = [
            "a.realm = $1",
            "a.campaign = v.campaign",
            "a.policy_version = ANY (v.versions)",
        ]
        conditions += [*asked.conditions, *_beyond(asked, OF_CASES)]
        order = f"ORDER BY {OF_CASES} " if ordered else ""
        if asked.conditions:
            bounded = "" if asked.wanted.name else f"{order}LIMIT {limit}"
            return (
                f"SELECT a.id, {DUE} AS due, {SUBMITTED} AS submitted"
                f" FROM application a JOIN ({campaigns}) AS v ON true"
                f" WHERE {' AND '.join(conditions)} {bounded}"
            )
        return (
            f"SELECT m.id, m.due, m.submitted FROM ({campaigns}) AS v CROSS JOIN LATERAL ("
            f"SELECT a.id, {DUE} AS due, {SUBMITTED} AS submitted FROM application a"
            f" WHERE {' AND '.join(conditions)} {order}LIMIT {limit}) AS m"
            + ("" if ordered else f" LIMIT {limit}")
        )

    def _really_named(self, asked: _Asked, whole: str) -> str:
        name = asked.put(self._identity.name_hash(asked.wanted.name))
        return (
            f"SELECT * FROM (SELECT * FROM ({whole}) AS called ORDER BY due, submitted, id OFFSET 0)"
            " AS called WHERE (SELECT p.name_hash FROM applicant p"
            f" WHERE p.application = called.id) = {name}"
        )


def _beyond(asked: _Asked, order: _Order) -> list[str]:
    """What limits a list by its own order: up to a day, and after the page before."""
    found = []
    if asked.wanted.due_by:
        found.append(f"{order.due} <= {asked.put(asked.wanted.due_by)}")
    if asked.wanted.after:
        due, submitted, last = map(asked.put, values_of(asked.wanted.after, day, moment, text))
        found.append(f"({order}) > ({due}::text::date, {submitted}::text::timestamptz, {last})")
    return found
