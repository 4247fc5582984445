"""The rounds as the record keeps them: how far one came, what it found, and when which was the last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, get_args

from asyncpg import Record

from activities.columns import present
from activities.database import Pool
from activities.paging import LINES, cut, number, values_of
from activities.sentinel.kinds import Finding, Kind, Outcome
from activities.sentinel.looking import SQL
from workflows.rules.message import Message

Part = Literal[
    "subjects",
    "left_open",
    "followed",
    "sums",
    "letters",
    "letter_tasks",
    "bulks",
    "asked",
    "engine",
    "done",
]
PARTS: tuple[Part, ...] = get_args(Part)


class Mark(NamedTuple):
    """How far a round came: within a part, after one id."""

    round: int
    part: Part
    after: str


@dataclass
class Counted:
    """What a page adds to a round."""

    subjects: int = 0
    letters: int = 0
    workflows: int = 0
    unanswered: int = 0


class RoundView(Message):
    """One round; `found` counts by kind and outcome, as `kind outcome`."""

    id: int
    begun_at: datetime
    ended_at: datetime | None = None
    part: Part = "subjects"
    subjects: int = 0
    letters: int = 0
    workflows: int = 0
    unanswered: int = 0
    found: Mapping[str, Mapping[str, int]] = {}

    @property
    def open_findings(self) -> int:
        """How many findings were not mended by itself."""
        left = (Outcome.TOLD, Outcome.NAMED)
        return sum(
            many.get(outcome, 0)
            for kind, many in self.found.items()
            if kind != Kind.PARKED
            for outcome in left
        )


class FindingView(Message):
    """One finding of a round."""

    id: int
    subject: str
    kind: Kind
    what: str = ""
    outcome: Outcome
    found_at: datetime


class Rounds:
    """Reads and writes them."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def current(self) -> Mark:
        """The open round and how far it came; a new one where none is open."""
        await self._pool.execute(SQL["begin_round"])
        row = await self._pool.fetchrow(SQL["open_round"])
        if row is None:  # another ended it at this moment: the next shift begins one
            return await self.current()
        return Mark(row["id"], row["part"], row["after"])

    async def note(
        self,
        mark: Mark,
        counted: Counted,
        found: Sequence[tuple[str, Finding, Outcome]],
    ) -> None:
        """Write down how far it came and what it found there, at once: neither twice nor lost."""
        async with self._pool.acquire() as connection, connection.transaction():
            if found:
                await connection.execute(
                    SQL["add_findings"],
                    mark.round,
                    [subject for subject, _, _ in found],
                    [finding.kind.value for _, finding, _ in found],
                    [finding.what for _, finding, _ in found],
                    [outcome.value for _, _, outcome in found],
                )
            await connection.execute(
                SQL["note_progress"],
                mark.round,
                mark.part,
                mark.after,
                counted.subjects,
                counted.letters,
                counted.workflows,
                counted.unanswered,
            )

    async def last_proof(self) -> RoundView | None:
        """The last round that went through everything."""
        row = await self._pool.fetchrow(SQL["last_proof"])
        return await self._view(row) if row else None

    async def latest(self, limit: int = LINES) -> tuple[RoundView, ...]:
        """The newest rounds, the open one first."""
        return tuple(
            [await self._view(row) for row in await self._pool.fetch(SQL["rounds"], 0, limit)]
        )

    async def findings(
        self, round_: int, *, limit: int = LINES, after: str = ""
    ) -> tuple[tuple[FindingView, ...], str]:
        """A page of a round's findings, and the mark of the next page.

        Raises:
            Refused: `malformed_payload` for an `after` that is no mark of such a page.
        """
        last = int(values_of(after, number)[0]) if after else 0
        rows = await self._pool.fetch(SQL["findings"], round_, last, limit + 1)
        lines, following = cut(rows, limit, lambda row: (row["id"],))
        return tuple(FindingView(**present(FindingView, row)) for row in lines), following

    async def _view(self, row: Record) -> RoundView:
        found: dict[str, dict[str, int]] = {}
        for item in await self._pool.fetch(SQL["found"], row["id"]):
            found.setdefault(item["kind"], {})[item["outcome"]] = item["number"]
        return RoundView.model_validate(dict(row) | {"found": found})
