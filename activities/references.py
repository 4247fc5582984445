"""Short references people type: a part of an id, a number, and what they may mean.

An id is `application-…`, `meeting-…`, `paper-…` and an opaque part. What is meant is the exact id, a
number of its own (an acceptance number, a meeting's), or at least six characters that the opaque part
begins or ends with: the front of it is a time, which neighbours share, so lists show the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncpg import Record

    from activities.database import Pool

APPLICATION_PREFIX, PAPER_PREFIX = "application-", "paper-"
LEAST = 6
"""Characters of an opaque part that may stand for the whole; fewer fit by chance."""
SHOWN = 8
"""Characters that lists show of one."""


class AmbiguousReferenceError(Exception):
    """A short reference fits several cases or meetings; `candidates` are their ids."""

    def __init__(self, reference: str, candidates: tuple[str, ...]) -> None:
        super().__init__(reference)
        self.reference = reference
        self.candidates = candidates


def asked_for(reference: str, prefix: str) -> tuple[str, str, str]:
    """What the `resolve` statements take: the reference, its opaque part if long enough, the prefix.

    A part that is too short is empty, and an empty reference means nothing.
    """
    whole = reference.strip()
    part = whole.removeprefix(prefix)
    return whole, part if len(part) >= LEAST else "", prefix


def the_one(reference: str, rows: Sequence[Record]) -> Any:
    """The id that is meant: the exact one, or the only one that fits; None where none does.

    Args:
        rows: of a `resolve` statement, with `id` and whether it is meant `exact`ly.

    Raises:
        AmbiguousReferenceError: several fit, and not one of them exactly.
    """
    ids = tuple(row["id"] for row in rows if row["exact"]) or tuple(row["id"] for row in rows)
    if len(ids) > 1:
        raise AmbiguousReferenceError(reference, ids)
    return ids[0] if ids else None


async def short_ends(pool: Pool, statement: str, ids: Iterable[str]) -> dict[str, str]:
    """Id → its end, where no other of the record has it: what lists may show, and people type.

    Args:
        statement: counts the ids with each of these ends (`$1`).
    """
    ends = {name: name[-SHOWN:] for name in ids}
    rows = await pool.fetch(statement, list(set(ends.values())))
    once = {row["end"] for row in rows if row["count"] == 1}
    return {name: end for name, end in ends.items() if end in once}
