"""What follows a case's row by triggers: its stays, whom it concerns, and the sums of reports.

Nothing of it is written by a step, so no step repairs it. Each is compared with what it follows from
within one statement, and made again by the database itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from activities.database import Pool
from activities.sentinel.kinds import Finding, Kind, Outcome
from activities.sentinel.looking import SQL

LONGEST = 600.0
"""Seconds that adding all stays up again may take: some twenty at seven million (decision 0032)."""
SUMS = "sums"
"""Whose finding it is where all realms are meant; else a colon and the realm follow."""

Found = Sequence[tuple[str, Finding, Outcome]]


class FollowedPage(NamedTuple):
    """A page of cases: how many, the last of them, what was made again; and whose year's chance the
    register has otherwise than the case, and whose not."""

    seen: int
    last: str
    found: Found
    other_chance: Sequence[str] = ()
    same_chance: Sequence[str] = ()


class Following:
    """Compares and makes again."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def page(self, after: str, size: int) -> FollowedPage:
        """The stays and organisations of so many cases after one."""
        rows = await self._pool.fetch(SQL["followed_page"], after, size)
        found = []
        for row in rows:
            if not row["agrees"]:
                await self._pool.execute(SQL["follow_again"], row["id"])
                found.append((row["id"], Finding(Kind.FOLLOWED), Outcome.MENDED))
        return FollowedPage(
            len(rows),
            rows[-1]["id"] if rows else "",
            found,
            [row["id"] for row in rows if not row["chance_agrees"]],
            [row["id"] for row in rows if row["chance_agrees"]],
        )

    async def sums(self) -> Found:
        """The sums of all realms; each that is not what its rows add up to is counted again."""
        apart = await self._apart()
        for realm in sorted({realm for realm, _ in apart}):
            # Without numbered days all are counted again, and every sum of stays with them.
            await self._pool.execute(SQL["tally_again"], realm, timeout=LONGEST)
            if not realm:
                break
        left = await self._apart() if apart else set()
        return [
            (
                f"{SUMS}:{realm}" if realm else SUMS,
                Finding(Kind.SUMS, what),
                Outcome.NAMED if (realm, what) in left else Outcome.MENDED,
            )
            for realm, what in sorted(apart)
        ]

    async def _apart(self) -> set[tuple[str, str]]:
        rows = await self._pool.fetch(SQL["sums_apart"], timeout=LONGEST)
        return {(row["realm"], row["what"]) for row in rows}
