"""The read side: what lists, pages and reports show, from Postgres only (design.md 16).

`Reading` answers with decrypted names; whoever calls it decides who may see the answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from asyncpg import Record

from activities.columns import present
from activities.database import LIVE, Pool
from activities.entries import entry, texts_of
from activities.identity import Identity
from activities.meeting_reading import MeetingReading
from activities.references import APPLICATION_PREFIX, asked_for, short_ends, the_one
from activities.reports import ReportReading
from activities.statements import statements
from activities.stored_cases import StoredCases
from activities.text_reading import TextReading
from activities.views import (
    CaseFilter,
    CasePage,
    CaseSummary,
    CaseView,
    DeadlineEntry,
    DocumentView,
    DraftView,
    EndView,
    Holder,
    LetterView,
    PlaceView,
    TaskView,
    TimelineEntry,
    Whose,
)
from workflows.application.case import KeptCase
from workflows.application.messages import Step, StoredCase
from workflows.rules.deadlines import Deadline
from workflows.rules.facts import Facts, OpenCheck
from workflows.rules.message import local_date

SQL = statements("reading")
APPLICANT = "applicant"
NAME, TITLES, TITLE = "person.name", "draft.titles", "upload.title"


class CaseReading(TextReading):
    """Cases, their trail, their tasks and letters."""

    async def resolve(self, reference: str, realm: str | None = None) -> str | None:
        """The application id that a full id, a part of one, or an acceptance number means.

        Raises:
            AmbiguousReferenceError: several cases fit.
        """
        asked = asked_for(reference, APPLICATION_PREFIX)
        found: str | None = the_one(
            reference, await self._pool.fetch(SQL["resolve"], *asked, realm)
        )
        return found

    async def case(self, application: str, realm: str | None = None) -> CaseView | None:
        """One case as the record has it; None where there is none (in that realm)."""
        row = await self._pool.fetchrow(SQL["case"], application, realm)
        if row is None:
            return None
        deadlines = await self._pool.fetch(SQL["open_deadlines"], application)
        tasks = await self._pool.fetch(SQL["case_tasks"], application)
        facts = await self._pool.fetchval(SQL["facts_of_case"], application)
        organisations = await self.organisations(row["realm"])
        names = {item.id: item.name for item in organisations}
        held = next((item for item in organisations if item.id == row["holder"]), None)
        contact = (held.name, held.contact, held.phone) if held else ("", "", "")
        return CaseView(
            **self._summary(row),
            seq=row["seq"],
            end_details=_end(row, names),
            held_by=Holder(
                organisation=row["holder"], name=contact[0], contact=contact[1], phone=contact[2]
            )
            if row["holder"]
            else None,
            deadlines=tuple(Deadline.model_validate_json(item["content"]) for item in deadlines),
            tasks=tuple(self._task(item, None) for item in tasks),
            places=tuple(
                PlaceView(**place, name=names.get(place["organisation"], ""))
                for place in json.loads(row["places"])
            ),
            checks=tuple(OpenCheck.model_validate(item) for item in json.loads(row["checks"])),
            policy_version=row["policy_version"],
            calendar_version=row["calendar_version"],
            facts=Facts.model_validate_json(facts) if facts else None,
        )

    async def state(self, application: str) -> KeptCase | None:
        """The facts of a case as its last step left them."""
        stored = await self._pool.fetchval(SQL["state"], application)
        return KeptCase.model_validate_json(stored) if stored else None

    async def stored(self, application: str) -> StoredCase | None:
        """The whole case as its last step left it, with the rules and calendar of that step."""
        return await StoredCases(self._pool, self._identity).stored(application)

    async def cases(self, wanted: CaseFilter) -> CasePage:
        """A page of cases, the next due first."""
        rows = await self._pool.fetch(
            SQL["cases"],
            wanted.realm,
            wanted.campaign,
            wanted.stage,
            wanted.end,
            wanted.holder,
            wanted.meeting,
            wanted.batch,
            wanted.due_by,
            wanted.only_open,
            wanted.limit,
            wanted.offset,
            *_whose(wanted.whose),
            self._identity.name_hash(wanted.name) if wanted.name else None,
            self._identity.id_hash(wanted.id_number) if wanted.id_number else None,
        )
        if not rows and wanted.offset:  # beyond the last one; how many there are is still told
            first = wanted.model_copy(update={"offset": 0, "limit": 1})
            return CasePage(total=(await self.cases(first)).total)
        return CasePage(
            cases=tuple(CaseSummary(**self._summary(row)) for row in rows),
            total=rows[0]["total"] if rows else 0,
        )

    async def reached(self, realm: str) -> datetime | None:
        """When the last step of any case of a realm was taken; None where it has no case."""
        found: datetime | None = await self._pool.fetchval(SQL["reached"], realm)
        return found

    async def short_ids(self, ids: Iterable[str]) -> dict[str, str]:
        """Id of a case or meeting → what lists may show of it: its end, where no other has it."""
        return await short_ends(self._pool, SQL["ends_of_ids"], ids)

    async def short_letters(self, ids: Iterable[str]) -> dict[str, str]:
        """The same of letters."""
        return await short_ends(self._pool, SQL["ends_of_letters"], ids)

    async def open_applications(self, realm: str = LIVE) -> tuple[str, ...]:
        """The ids of all cases of a realm whose workflow has not closed."""
        rows = await self._pool.fetch(SQL["open_applications"], realm)
        return tuple(row["id"] for row in rows)

    async def timeline(self, application: str) -> tuple[TimelineEntry, ...]:
        """Every step in order, with names and texts put in."""
        rows = await self._pool.fetch(SQL["timeline"], application)
        steps = [Step.model_validate_json(row["content"]) for row in rows]
        if not steps:
            return ()
        actors = [step.actor for step in steps if step.actor is not None]
        people = await self.names_of({actor.person for actor in actors}, steps[0].realm)
        names = {item.id: item.name for item in await self.organisations(steps[0].realm)}
        texts = await self.texts(texts_of(steps))
        return tuple(TimelineEntry(**entry(step, people, names, texts)) for step in steps)

    async def deadlines(self, application: str) -> tuple[DeadlineEntry, ...]:
        """Every deadline the case (or meeting) ever had, and how it ended."""
        rows = await self._pool.fetch(SQL["deadlines"], application)
        return tuple(
            DeadlineEntry(
                **present(DeadlineEntry, row),
                deadline=Deadline.model_validate_json(row["content"]),
            )
            for row in rows
        )

    async def letters(self, application: str) -> tuple[LetterView, ...]:
        """The letters of a case (or meeting), in the order they were written."""
        return _letters(await self._pool.fetch(SQL["letters"], application))

    async def letter(self, reference: str) -> LetterView | None:
        """The letter that an id or a part of one means; None where there is none.

        Raises:
            AmbiguousReferenceError: several letters fit.
        """
        rows = await self._pool.fetch(SQL["resolve_letter"], *asked_for(reference, ""))
        found = _letters(await self._pool.fetch(SQL["letter"], the_one(reference, rows)))
        return found[0] if found else None

    async def unsettled_letters(self, realm: str = LIVE) -> tuple[LetterView, ...]:
        """Letters a person has to look at: bounced, without address, or unknown after sending."""
        return _letters(await self._pool.fetch(SQL["unsettled_letters"], realm))

    async def inbox(self, organisation: str, realm: str, as_of: datetime) -> tuple[TaskView, ...]:
        """What lies with an organisation at an instant, the next due first."""
        rows = await self._pool.fetch(SQL["inbox"], realm, organisation, as_of)
        return tuple(self._task(row, as_of) for row in rows)

    async def inbox_of_person(
        self, person: str, realm: str, as_of: datetime
    ) -> tuple[TaskView, ...]:
        """What an applicant has to do at an instant."""
        rows = await self._pool.fetch(SQL["inbox_of_person"], realm, person, as_of)
        return tuple(self._task(row, as_of) for row in rows)

    async def draft(self, draft: str) -> DraftView | None:
        """A stored draft and whose it is."""
        row = await self._pool.fetchrow(SQL["draft"], draft)
        if row is None:
            return None
        return DraftView(
            id=row["id"],
            realm=row["realm"],
            campaign=row["campaign"],
            person=row["person"],
            name=self._identity.open(row["sealed_name"], NAME),
            facts=Facts.model_validate_json(row["facts"]),
            application=row["application"] or "",
        )

    async def achievement_titles(self, application: str) -> dict[str, str]:
        """Achievement id → its title, which never leaves Postgres."""
        case = await self._pool.fetchrow(SQL["case"], application, None)
        row = await self._pool.fetchrow(SQL["draft_of_case"], case["draft"]) if case else None
        if row is None or row["titles"] is None:
            return {}
        titles: dict[str, str] = json.loads(self._identity.open(row["titles"], TITLES))
        return titles

    async def documents(self, uploads: Iterable[str]) -> tuple[DocumentView, ...]:
        """These files as they were handed in, by the uploads' ids; unknown ones are left out."""
        rows = await self._pool.fetch(SQL["uploads"], sorted(set(uploads)))
        return tuple(
            DocumentView(
                id=row["id"],
                sha256=row["sha256"],
                size=row["size"],
                kind=row["kind"],
                title=self._identity.open_optional(row["title"], TITLE),
            )
            for row in rows
        )

    def _summary(self, row: Record) -> dict[str, Any]:
        applicant = self._identity.open_optional(row["sealed_name"], NAME)
        return present(CaseSummary, row) | {"applicant": applicant}

    def _task(self, row: Record, as_of: datetime | None) -> TaskView:
        due_on = row["due_on"]
        return TaskView(
            **present(TaskView, row) | {"params": json.loads(row["params"])},
            overdue=bool(as_of and due_on and due_on < local_date(as_of)),
            applicant=self._identity.open_optional(row["sealed_name"], NAME),
        )


class Reading(CaseReading, MeetingReading, ReportReading):
    """Everything that can be read, for the CLI, the console and the reports."""

    def __init__(self, pool: Pool, identity: Identity) -> None:
        super().__init__(pool, identity)


def _whose(whose: Whose) -> tuple[bool, str, str]:
    return whose.everybody, whose.organisation, whose.person


def _end(row: Record, names: Mapping[str, str]) -> EndView | None:
    if row["end"] is None:
        return None
    return EndView(
        name=row["end"],
        clause=row["end_clause"],
        reason=row["end_reason"],
        remedy=row["end_remedy"],
        responsible=row["end_responsible"],
        responsible_name=names.get(row["end_responsible"], ""),
    )


def _letters(rows: Iterable[Record]) -> tuple[LetterView, ...]:
    return tuple(
        LetterView(**present(LetterView, row) | {"params": json.loads(row["params"])})
        for row in rows
    )
