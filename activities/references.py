"""Short references people type: a part of an id, a number, and what they may mean.

An id is `application-…`, `meeting-…`, `paper-…` and an opaque part. What is meant is the exact id, a
number of its own (an acceptance number, a meeting's), or at least six characters that the opaque part
begins or ends with: the front of it is a time, which neighbours share, so lists show the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncpg import Record

    from activities.database import Pool

LEAST = 6
"""Characters of an opaque part that may stand for the whole; fewer fit by chance."""
SHOWN = 8
"""Characters that lists show of one."""
CANDIDATES = 10
"""How many are named of those that fit."""


@dataclass(frozen=True)
class Referred:
    """A table whose rows people name by a part of their id."""

    table: str
    prefix: str = ""
    """How its ids begin, before the opaque part."""
    number: str = ""
    """The column of a number of their own, if they have one."""


APPLICATIONS = Referred("application", "application-", "acceptance_number")
MEETINGS = Referred("meeting", "meeting-", "number")
LETTERS = Referred("letter")
PAPERS = Referred("paper", "paper-")
BULKS = Referred("bulk", "bulk-")


class AmbiguousReferenceError(Exception):
    """A short reference fits several cases or meetings; `candidates` are their ids."""

    def __init__(self, reference: str, candidates: tuple[str, ...]) -> None:
        super().__init__(reference)
        self.reference = reference
        self.candidates = candidates


async def resolve(
    pool: Pool, what: Referred, reference: str, realm: str | None = None
) -> str | None:
    """The id that a full id, a part of one, or a number of its own means; None where none does.

    Args:
        realm: in that one alone.

    Raises:
        AmbiguousReferenceError: several fit, and not one of them exactly.
    """
    rows = await pool.fetch(resolving(what), *asked_for(what, reference), realm)
    return _the_one(reference, rows)


async def short_ends(pool: Pool, what: Sequence[Referred], ids: Iterable[str]) -> dict[str, str]:
    """Id → its end, where no other of these tables has it: what lists may show, and people type."""
    ends = {name: name[-SHOWN:] for name in ids}
    rows = await pool.fetch(counting_ends(what), list(set(ends.values())))
    once = {row["end"] for row in rows if row["count"] == 1}
    return {name: end for name, end in ends.items() if end in once}


def asked_for(what: Referred, reference: str) -> tuple[str, str, str]:
    """What `resolving` takes before the realm: the reference, its opaque part, and the prefix.

    A part that is too short is empty, and an empty reference means nothing.
    """
    whole = reference.strip()
    part = whole.removeprefix(what.prefix)
    return whole, part if len(part) >= LEAST else "", what.prefix


def resolving(what: Referred) -> str:
    """The statement that finds what a reference may mean, with whether it is meant `exact`ly.

    Each way is found by an index of its own; in C's order, so that a range finds what begins with a
    part, and read backwards what ends with it.
    """
    found = [
        "(SELECT id, true AS exact FROM {table} WHERE id = $1 AND {in_realm})",
        "(SELECT id, false FROM {table} WHERE $2 <> '' AND {in_realm}"
        ' AND id COLLATE "C" >= $3 || $2 AND id COLLATE "C" < $3 || $2 || {last}'
        ' ORDER BY id COLLATE "C" LIMIT {most})',
        "(SELECT id, false FROM {table} WHERE $2 <> '' AND {in_realm} AND {ends}"
        ' ORDER BY reverse(id) COLLATE "C" LIMIT {most})',
    ]
    if what.number:
        found.append(
            "(SELECT id, true FROM {table} WHERE {number} = $1 AND {number} <> '' AND {in_realm}"
            " LIMIT {most})"
        )
    told = " UNION ALL ".join(found).format(
        table=what.table,
        number=what.number,
        in_realm="($4::text IS NULL OR realm = $4)",
        last=LAST,
        ends=_ends_with("$2"),
        most=CANDIDATES,
    )
    return (
        f"SELECT id, bool_or(exact) AS exact FROM ({told}) AS known"
        f" GROUP BY id ORDER BY exact DESC, id LIMIT {CANDIDATES}"
    )


def counting_ends(what: Sequence[Referred]) -> str:
    """The statement that counts the ids with each of some ends (`$1`); two are as many as more."""
    ends = _ends_with('e."end"')
    known = " UNION ALL ".join(
        f"(SELECT FROM {referred.table} WHERE {ends} LIMIT 2)" for referred in what
    )
    return (
        'SELECT e."end", count(*) AS count FROM unnest($1::text[]) AS e ("end")'
        f" CROSS JOIN LATERAL ({known}) AS known GROUP BY 1"
    )


LAST = "chr(1114111)"
"""The last of all characters ends the range of whatever begins with a part."""


def _ends_with(part: str) -> str:
    backwards, last = 'reverse(id) COLLATE "C"', f"reverse({part}) || {LAST}"
    return f"{backwards} >= reverse({part}) AND {backwards} < {last}"


def _the_one(reference: str, rows: Sequence[Record]) -> str | None:
    ids = tuple(row["id"] for row in rows if row["exact"]) or tuple(row["id"] for row in rows)
    if len(ids) > 1:
        raise AmbiguousReferenceError(reference, ids)
    return ids[0] if ids else None
