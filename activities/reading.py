"""The read side: what lists, pages and reports show, from Postgres only (design.md 16).

`Reading` answers with decrypted names; whoever calls it decides who may see the answer.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

from asyncpg import Record

from activities.columns import present
from activities.database import LIVE, Pool
from activities.entries import entry, people_in, texts_of
from activities.identity import Identity
from activities.list_reading import ListReading
from activities.meeting_reading import MeetingReading
from activities.paging import LINES, STREAMED, cut, moment, text, values_of
from activities.published_reading import PublishedReading
from activities.references import LETTERS, resolve, short_ends
from activities.reports import ReportReading
from activities.statements import statements
from activities.stored_cases import StoredCases
from activities.text_reading import TextReading
from activities.views import (
    CaseView,
    DeadlineEntry,
    DocumentView,
    DraftView,
    EndView,
    Holder,
    LetterView,
    PlaceView,
    TimelineEntry,
)
from workflows.application.case import KeptCase
from workflows.application.messages import Step, StoredCase
from workflows.rules.deadlines import Deadline
from workflows.rules.facts import Facts, OpenCheck

SQL = statements("reading")
NAME, TITLES, TITLE = "person.name", "draft.titles", "upload.title"


class CaseReading(ListReading, TextReading, PublishedReading):
    """Cases, their trail, their tasks and letters."""

    async def case(self, application: str, realm: str | None = None) -> CaseView | None:
        """One case as the record has it; None where there is none (in that realm)."""
        row = await self._pool.fetchrow(SQL["case"], application, realm)
        if row is None:
            return None
        tasks = await self._pool.fetch(SQL["case_tasks"], application)
        places = json.loads(row["places"])
        named = {place["organisation"] for place in places} | {row["end_responsible"]}
        names = await self.organisation_names(named, row["realm"])
        held = await self.organisation(row["holder"], row["realm"]) if row["holder"] else None
        contact = (held.name, held.contact, held.phone) if held else ("", "", "")
        opened = self._names_opened()
        return CaseView(
            **self._summary(row, opened),
            seq=row["seq"],
            end_details=_end(row, names),
            held_by=Holder(
                organisation=row["holder"], name=contact[0], contact=contact[1], phone=contact[2]
            )
            if row["holder"]
            else None,
            deadlines=tuple(Deadline.model_validate_json(content) for content in row["running"]),
            tasks=tuple(self._task(item, None, opened) for item in tasks),
            places=tuple(
                PlaceView(**place, name=names.get(place["organisation"], "")) for place in places
            ),
            checks=tuple(OpenCheck.model_validate(item) for item in json.loads(row["checks"])),
            policy_version=row["policy_version"],
            calendar_version=row["calendar_version"],
            facts=Facts.model_validate_json(row["facts"]) if row["facts"] else None,
            human=self._identity.human(row["id_hash"]),
        )

    async def state(self, application: str) -> KeptCase | None:
        """The facts of a case as its last step left them."""
        stored = await self._pool.fetchval(SQL["state"], application)
        return KeptCase.model_validate_json(stored) if stored else None

    async def stored(self, application: str) -> StoredCase | None:
        """The whole case as its last step left it, with the rules and calendar of that step."""
        return await StoredCases(self._pool, self._versions).stored(application)

    async def stored_among(self, applications: Sequence[str]) -> dict[str, StoredCase]:
        """The same of a page of cases, by id; those that left no state are not there."""
        return await StoredCases(self._pool, self._versions).among(applications)

    async def short_letters(self, ids: Iterable[str]) -> dict[str, str]:
        """The same of letters."""
        return await short_ends(self._pool, (LETTERS,), ids)

    async def open_applications(
        self, realm: str = LIVE, campaign: str = "", *, after: str = ""
    ) -> AsyncIterator[str]:
        """The ids of all cases of a realm whose workflow has not closed; never all of them at once.

        Args:
            campaign: of that one alone.
            after: those whose id comes after this one.
        """
        last = after
        while rows := await self._pool.fetch(
            SQL["open_applications"], realm, last, campaign, STREAMED
        ):
            for row in rows:
                yield row["id"]
            last = rows[-1]["id"]

    async def timeline(self, application: str) -> tuple[TimelineEntry, ...]:
        """Every step in order, with names and texts put in."""
        rows = await self._pool.fetch(SQL["timeline"], application)
        steps = [Step.model_validate_json(row["content"]) for row in rows]
        if not steps:
            return ()
        actors = [step.actor for step in steps if step.actor is not None]
        people = await self.names_of(people_in(steps), steps[0].realm)
        acting = {actor.organisation for actor in actors}
        names = await self.organisation_names(acting, steps[0].realm)
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
        meant = await resolve(self._pool, LETTERS, reference)
        found = _letters(await self._pool.fetch(SQL["letter"], meant))
        return found[0] if found else None

    async def unsettled_letters(
        self, realm: str = LIVE, *, limit: int = LINES, after: str = ""
    ) -> tuple[tuple[LetterView, ...], str]:
        """A page of letters a person has to look at: bounced, without address, or unknown after
        sending; and the mark of the next page.

        Raises:
            Refused: `malformed_payload` for an `after` that is no mark of them.
        """
        ordered_at, last = values_of(after, moment, text) if after else ("", "")
        rows = await self._pool.fetch(SQL["unsettled_letters"], realm, ordered_at, last, limit + 1)
        lines, following = cut(rows, limit, lambda row: (row["ordered_at"], row["id"]))
        return _letters(lines), following

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
        sealed = await self._pool.fetchval(SQL["titles_of_case"], application)
        if sealed is None:
            return {}
        titles: dict[str, str] = json.loads(self._identity.open(sealed, TITLES))
        return titles

    async def documents(self, uploads: Iterable[str]) -> tuple[DocumentView, ...]:
        """These files as they were handed in, by the uploads' ids; unknown ones are left out."""
        rows = await self._pool.fetch(SQL["uploads"], sorted(set(uploads)))
        return tuple(self._document(row) for row in rows)

    async def uploads_of(self, person: str, realm: str, limit: int) -> tuple[DocumentView, ...]:
        """The files that somebody handed in, the last first."""
        rows = await self._pool.fetch(SQL["uploads_of"], realm, person, limit)
        return tuple(self._document(row) for row in rows)

    async def uploads_since_yesterday(self, person: str, realm: str) -> int:
        """How many files somebody handed in within twenty-four hours of the machine's clock."""
        return int(await self._pool.fetchval(SQL["uploads_since_yesterday"], realm, person))

    def _document(self, row: Record) -> DocumentView:
        return DocumentView(
            id=row["id"],
            person=row["person"],
            sha256=row["sha256"],
            size=row["size"],
            kind=row["kind"],
            title=self._identity.open_optional(row["title"], TITLE),
        )


class Reading(CaseReading, MeetingReading, ReportReading):
    """Everything that can be read, for the CLI, the console and the reports."""

    def __init__(self, pool: Pool, identity: Identity) -> None:
        super().__init__(pool, identity)


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
