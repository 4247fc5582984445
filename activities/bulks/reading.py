"""The register of bulks and what became of each case, for the organisation whose they are."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Literal

from asyncpg import Record
from pydantic import Field

from activities.bulks.entering import SQL
from activities.columns import present
from activities.database import Pool
from activities.identity import Identity
from activities.paging import LINES, STREAMED, cut, moment, number, text, values_of
from activities.references import BULKS, resolve
from workflows.rules.message import Message
from workflows.rules.refusals import Refusal

NAME = "person.name"

State = Literal["prepared", "running", "paused", "stopped", "recalled", "done", "not_confirmed"]
LineState = Literal["open", "asked", "done", "refused", "unanswered", "recalled", "left_out"]
FAILED: tuple[LineState, ...] = ("refused", "unanswered")
WAITS: tuple[LineState, ...] = ("open", "asked")


class BulkView(Message):
    """One act on many cases, with how far it came."""

    id: str
    realm: str
    action: str
    person: str
    organisation: str
    payload: dict[str, object] = Field(default_factory=dict)
    total: int
    weighty: bool
    stop_after: int
    digest: str
    prepared_at: datetime
    confirm_until: datetime | None = None
    """By when another human may confirm it, or whoever prepared it begins it."""
    state: State
    why: str = ""
    """Why it stopped: `failures`, or `not_entitled` of whoever asked; why it was not begun: `declined`
    by another human, `withdrawn`, or `expired`."""
    reason: str = ""
    """What whoever declined it gave as the reason, by reference."""
    changed_by: str = ""
    started_at: datetime | None = None
    changed_at: datetime | None = None
    tally: dict[LineState, int] = Field(default_factory=dict)

    def number(self, *states: LineState) -> int:
        """How many cases are in one of these states."""
        return sum(self.tally.get(state, 0) for state in states)

    @property
    def asked(self) -> int:
        """How many cases are asked in all; those that were left out are not."""
        return self.total - self.number("left_out")


class BulkLineView(Message):
    """One case of a bulk and what it answered."""

    position: int
    subject: str
    is_meeting: bool = False
    state: LineState
    tries: int = 0
    refusals: tuple[Refusal, ...] = ()
    seq: int | None = None
    answered_at: datetime | None = None
    applicant: str = ""
    acceptance_number: str = ""
    stage: str = ""
    end: str = ""


class BulkReading:
    """Reads bulks; names are opened."""

    def __init__(self, pool: Pool, identity: Identity) -> None:
        self._pool = pool
        self._identity = identity

    async def resolve(self, reference: str, realm: str | None = None) -> str | None:
        """The id that an id or a part of one means.

        Raises:
            AmbiguousReferenceError: several fit.
        """
        return await resolve(self._pool, BULKS, reference, realm)

    async def bulk(self, bulk: str) -> BulkView | None:
        """One bulk with its counts."""
        row = await self._pool.fetchrow(SQL["bulk"], bulk)
        if row is None:
            return None
        tally = await self._pool.fetch(SQL["tally"], bulk)
        return _view(row, {item["state"]: item["number"] for item in tally})

    async def bulks(
        self, realm: str, *, organisation: str = "", limit: int = LINES, after: str = ""
    ) -> tuple[tuple[BulkView, ...], str]:
        """A page of the bulks of a realm, the last prepared first; and the mark of the next page.

        Args:
            organisation: of that one alone; of all where it is empty.

        Raises:
            Refused: `malformed_payload` for an `after` that is no mark of such a page.
        """
        prepared, last = values_of(after, moment, text) if after else ("", "")
        rows = await self._pool.fetch(
            SQL["bulks_of"], realm, organisation, prepared, last, limit + 1
        )
        lines, following = cut(rows, limit, lambda row: (row["prepared_at"], row["id"]))
        return tuple(_view(row, json.loads(row["tally"] or "{}")) for row in lines), following

    async def open_subjects(
        self, realm: str, campaign: str = ""
    ) -> AsyncIterator[tuple[str, bool]]:
        """Every case and meeting that is open in a realm, or of one campaign in it, and which it is."""
        after = ""
        while rows := await self._pool.fetch(
            SQL["open_subjects"], realm, campaign, after, STREAMED
        ):
            for row in rows:
                yield row["id"], row["is_meeting"]
            after = rows[-1]["id"]

    async def lines(
        self,
        bulk: str,
        *states: LineState,
        limit: int = LINES,
        after: str = "",
    ) -> tuple[tuple[BulkLineView, ...], str]:
        """A page of a bulk's cases, of these states or of all; and the mark of the next page.

        Raises:
            Refused: `malformed_payload` for an `after` that is no mark of such a page.
        """
        last = int(values_of(after, number)[0]) if after else 0
        rows = await self._pool.fetch(SQL["lines_of"], bulk, list(states), last, limit + 1)
        lines, following = cut(rows, limit, lambda row: (row["position"],))
        return tuple(self._line(row) for row in lines), following

    def _line(self, row: Record) -> BulkLineView:
        return BulkLineView(
            **present(BulkLineView, row)
            | {"refusals": [Refusal.model_validate(item) for item in json.loads(row["refusals"])]},
            applicant=self._identity.open_optional(row["sealed_name"], NAME),
        )


def _view(row: Record, tally: dict[LineState, int]) -> BulkView:
    return BulkView(
        **present(BulkView, row)
        | {"payload": json.loads(row["payload"]), "digest": row["digest"].hex(), "tally": tally}
    )
