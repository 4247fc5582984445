"""The papers that were made: rows in Postgres, files under their hash with the other documents."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from asyncpg import Record

from activities.database import Connection, Pool
from activities.reading import Reading
from activities.references import PAPERS, resolve, short_ends
from activities.seeing import Circle, circle_of_case
from activities.statements import statements
from workflows.rules.message import Message
from workflows.rules.names import RuleName
from workflows.rules.papers import PaperKind

SQL = statements("papers")


class PaperView(Message):
    """A paper that was made."""

    id: str
    realm: str
    kind: PaperKind
    application: str = ""
    meeting: str = ""
    batch: int | None = None
    seq: int = 0
    detail: str = ""
    """What tells papers of one step or batch apart: a rule, or an entrusting unit."""
    data_hash: str = ""
    template_version: str = ""
    unsealed_sha256: str = ""
    sha256: str
    size: int
    seals: tuple[str, ...] = ()
    """Whose seals it carries."""
    made_at: datetime
    made_by: str = ""


class Place(Message):
    """Where a paper belongs: a step of a case, or a batch of a meeting."""

    realm: str
    kind: PaperKind
    application: str | None = None
    meeting: str | None = None
    batch: int | None = None
    seq: int = 0
    detail: str = ""

    @property
    def key(self) -> str:
        """One word for the lock that makes it once."""
        parts = (self.realm, self.kind, self.application, self.meeting, self.batch, self.seq)
        return "/".join(str(part) for part in (*parts, self.detail))


async def stored(connection: Connection, place: Place) -> PaperView | None:
    """The paper of a place; None where it was not made yet."""
    row = await connection.fetchrow(
        SQL["paper_of"],
        place.realm,
        place.kind,
        place.application,
        place.meeting,
        place.batch,
        place.seq,
        place.detail,
    )
    return _view(row) if row else None


async def public_until(
    connection: Connection | Pool, application: str, meeting: str, batch: int | None
) -> datetime | None:
    """When what was posted of a case or batch no longer hangs; None where no publicity began."""
    found: datetime | None = await connection.fetchval(
        SQL["publicity_ends"],
        application or meeting,
        f"{RuleName.RESULT_PUBLICITY.value}:{batch}" if meeting else RuleName.UNIT_PUBLICITY.value,
    )
    return found


async def keep(connection: Connection, paper: PaperView) -> None:
    """Write the row of a paper just made."""
    await connection.execute(
        SQL["add_paper"],
        paper.id,
        paper.realm,
        paper.kind,
        paper.application or None,
        paper.meeting or None,
        paper.batch,
        paper.seq,
        paper.detail,
        paper.data_hash,
        paper.template_version,
        paper.unsealed_sha256,
        paper.sha256,
        paper.size,
        list(paper.seals),
        paper.made_at,
        paper.made_by,
    )


class PaperReading:
    """The read side: papers by id, by case, by batch, and whom each concerns."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def circle(self, paper: PaperView, reading: Reading) -> Circle:
        """Whom a paper concerns; nobody where its case or meeting is gone."""
        if not paper.application:
            return await self._circle_of_batch(paper)
        case = await reading.case(paper.application)
        policy = await reading.policy(case.campaign, None, case.realm) if case else None
        if case is None or policy is None:
            return Circle(office="", city_office="")
        return circle_of_case(case, policy)

    async def _circle_of_batch(self, paper: PaperView) -> Circle:
        row = await self._pool.fetchrow(SQL["batch_circle"], paper.meeting, paper.batch)
        if row is None:
            return Circle(office="", city_office="")
        routes = [[place["organisation"] for place in route] for route in json.loads(row["routes"])]
        return Circle(
            office=row["office"],
            city_office=row["city_office"],
            units={route[0] for route in routes if route},
            chain={place for route in routes for place in route[1:]},
            entrusting=(paper.detail,) if paper.detail else (),
        )

    async def public_until(self, paper: PaperView) -> datetime | None:
        """When a public paper's publicity is over."""
        return await public_until(self._pool, paper.application, paper.meeting, paper.batch)

    async def paper(self, reference: str) -> PaperView | None:
        """The paper that an id or a part of one means; None where there is none.

        Raises:
            AmbiguousReferenceError: several papers fit.
        """
        meant = await resolve(self._pool, PAPERS, reference)
        row = await self._pool.fetchrow(SQL["paper"], meant) if meant else None
        return _view(row) if row else None

    async def short_ids(self, ids: Iterable[str]) -> dict[str, str]:
        """Id of a paper → what lists may show of it: its end, where no other has it."""
        return await short_ends(self._pool, (PAPERS,), ids)

    async def of_application(self, application: str) -> tuple[PaperView, ...]:
        """The papers of a case, in the order of their steps."""
        return _views(await self._pool.fetch(SQL["papers_of_application"], application))

    async def of_meeting(self, meeting: str, batch: int | None = None) -> tuple[PaperView, ...]:
        """The papers of a meeting's batches, or of one batch."""
        return _views(await self._pool.fetch(SQL["papers_of_meeting"], meeting, batch))

    async def certificates(self, realm: str, application: str) -> tuple[dict[str, Any], ...]:
        """Numbers and dates of a case's certificates, the first first: one a result that passed."""
        rows = await self._pool.fetch(SQL["certificates_of"], realm, application)
        return tuple(dict(row) for row in rows)

    async def certificate_by_number(self, realm: str, number: str) -> dict[str, Any] | None:
        """A certificate by its number."""
        row = await self._pool.fetchrow(SQL["certificate_by_number"], realm, number)
        return dict(row) if row else None


def _views(rows: list[Record]) -> tuple[PaperView, ...]:
    return tuple(_view(row) for row in rows)


def _view(row: Record) -> PaperView:
    known = {key: value for key, value in row.items() if value is not None}
    return PaperView.model_validate(known)
