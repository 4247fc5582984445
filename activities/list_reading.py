"""Lists of cases and inboxes, with names, and what a reference means: what the first page of anybody needs.

It knows nothing of what cases are made of, so that who lists them loads none of that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from asyncpg import Record

from activities.case_lists import CaseLists
from activities.columns import present
from activities.directory import DirectoryReading
from activities.inboxes import Inboxes
from activities.references import APPLICATIONS, MEETINGS, resolve, short_ends
from activities.statements import statements
from activities.views import CaseFilter, CasePage, CaseSummary, InboxFilter, InboxPage, TaskView
from workflows.rules.message import local_date

SQL = statements("reading")
OpenName = Callable[[bytes | None], str]
NAME = "person.name"


class ListReading(DirectoryReading):
    """What is found, a page at a time."""

    async def resolve(self, reference: str, realm: str | None = None) -> str | None:
        """The application id that a full id, a part of one, or an acceptance number means.

        Raises:
            AmbiguousReferenceError: several cases fit.
        """
        return await resolve(self._pool, APPLICATIONS, reference, realm)

    async def cases(self, wanted: CaseFilter) -> CasePage:
        """A page of cases, the next due first.

        Raises:
            Refused: `malformed_payload` for an `after` that is no mark of such a list.
        """
        rows, total, following = await CaseLists(self._pool, self._identity).page(wanted)
        opened = self._names_opened()
        return CasePage(
            cases=tuple(CaseSummary(**self._summary(row, opened)) for row in rows),
            total=total,
            following=following,
        )

    async def reached(self, realm: str) -> datetime | None:
        """When the last step of any case of a realm was taken; None where it has no case."""
        found: datetime | None = await self._pool.fetchval(SQL["reached"], realm)
        return found

    async def numbers(self, ids: Iterable[str]) -> dict[str, str]:
        """Id of a case → its acceptance number, of those that have one."""
        rows = await self._pool.fetch(SQL["numbers"], list(set(ids)))
        return {row["id"]: row["acceptance_number"] for row in rows}

    async def short_ids(self, ids: Iterable[str]) -> dict[str, str]:
        """Id of a case or meeting → what lists may show of it: its end, where no other has it."""
        return await short_ends(self._pool, (APPLICATIONS, MEETINGS), ids)

    async def inbox(self, wanted: InboxFilter) -> InboxPage:
        """What lies with an organisation or a person at an instant, the next due first.

        Raises:
            Refused: `malformed_payload` for an `after` that is no mark of an inbox.
        """
        rows, bands, following = await Inboxes(self._pool).page(wanted)
        opened = self._names_opened()
        return InboxPage(
            tasks=tuple(
                self._task(row, wanted.as_of, opened).model_copy(update={"mark": mark})
                for row, mark in rows
            ),
            bands=bands,
            following=following,
        )

    def _names_opened(self) -> OpenName:
        """Opens sealed names, of one page each once."""
        opened: dict[bytes | None, str] = {}

        def name(sealed: bytes | None) -> str:
            if sealed not in opened:
                opened[sealed] = self._identity.open_optional(sealed, NAME)
            return opened[sealed]

        return name

    def _summary(self, row: Record, opened: OpenName) -> dict[str, Any]:
        return present(CaseSummary, row) | {"applicant": opened(row["sealed_name"])}

    def _task(self, row: Record, as_of: datetime | None, opened: OpenName) -> TaskView:
        due_on = row["due_on"]
        return TaskView(
            **present(TaskView, row) | {"params": json.loads(row["params"])},
            overdue=bool(as_of and due_on and due_on < local_date(as_of)),
            applicant=opened(row["sealed_name"]),
        )
