"""What the record keeps of one subject, read at one instant, and what does not agree in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from asyncpg import Record
from pydantic import ValidationError

from activities import meeting_records, records
from activities.database import LIVE, Connection, Pool
from activities.identity import Identity
from activities.meeting_reading import MeetingReading
from activities.published_versions import PublishedVersions
from activities.sentinel.comparing import (
    EngineState,
    Trail,
    clock_findings,
    engine_findings,
    list_findings,
    task_findings,
    trail_findings,
)
from activities.sentinel.kinds import UNSOUND, Finding, Kind
from activities.standstills import Open
from activities.statements import statements
from activities.stored_cases import StoredCases, VersionMissingError
from workflows.application import projection as of_case
from workflows.application.case import Case
from workflows.application.messages import Projection, Step
from workflows.application.strikes import next_due as case_due
from workflows.meeting import projection as of_meeting
from workflows.meeting.meeting import Meeting
from workflows.meeting.messages import MeetingProjection, MeetingStep
from workflows.meeting.strikes import next_due as meeting_due
from workflows.rules.refusals import Refused

SQL = statements("sentinel")


class EngineView(Protocol):
    """How the engine is asked of a subject."""

    async def not_running(self, subject: str) -> str:
        """The engine's word for what does not run; empty where it does."""

    async def state_of(self, subject: str, *, is_case: bool) -> EngineState | None:
        """What its workflow shows; None where nobody answers in time."""

    async def nudge(self, subject: str) -> None:
        """Wake it; what is not there is left."""

    async def wake_bulk(self, bulk: str) -> None:
        """Start the workflow of a bulk."""

    def running(
        self, kinds: Sequence[str], *, begun_before: datetime | None = None
    ) -> AsyncIterator[Sequence[str]]:
        """Everything that runs of these types, or what began before; a page of ids at a time."""

    def cut_short(self, kinds: Sequence[str], *, since: datetime) -> AsyncIterator[Sequence[str]]:
        """What of these types was ended at the engine, and not by itself, since then."""


@dataclass(frozen=True)
class Kept:
    """A subject as the record keeps it, and what is wrong in that alone.

    Attributes:
        subject: the case or meeting as its last step left it; None where it cannot be read.
        number: of its last step.
    """

    findings: tuple[Finding, ...]
    number: int = 0
    subject: Case | Meeting | None = None
    last: Step | MeetingStep | None = None


@dataclass(frozen=True)
class Looked:
    """One look at a subject, record and engine.

    Attributes:
        answered: whether the engine's state was there to be compared, or was not asked for.
    """

    kept: Kept
    findings: tuple[Finding, ...]
    answered: bool = True


class Looking:
    """Reads one subject at a time: nothing of a season is held."""

    def __init__(
        self, pool: Pool, identity: Identity, engine: EngineView, settle_seconds: int
    ) -> None:
        self._pool = pool
        self._engine = engine
        self._settle = settle_seconds
        self._cases = StoredCases(pool, PublishedVersions(pool))
        self._meetings = MeetingReading(pool, identity)

    async def look(self, item: Open, *, closed: bool = False) -> Looked:
        """What does not agree of a subject now.

        Args:
            closed: the record says that nothing of it runs; the engine is not asked.
        """
        kept = await self.kept(item)
        if closed:
            return Looked(kept, kept.findings)
        told = await self._engine.not_running(item.subject)
        if told:
            return Looked(kept, (*kept.findings, Finding(Kind.NOT_RUNNING, told)))
        engine = await self._engine.state_of(item.subject, is_case=item.is_case)
        if engine is None:
            return Looked(kept, kept.findings, answered=False)
        found = [*kept.findings, *self._against(engine, kept, item)]
        if engine.parked or await self._pool.fetchval(SQL["parked"], item.subject):
            found.append(Finding(Kind.PARKED, engine.parked))
        if any(finding.kind in UNSOUND for finding in found):
            # What the rows say of a state that is not the last is no finding of its own.
            found = [item for item in found if item.kind in UNSOUND or item.kind is Kind.PARKED]
        return Looked(kept, tuple(found))

    async def kept(self, item: Open) -> Kept:
        """What the record keeps of a subject, and what is wrong in it."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            return await self.kept_on(connection, item)

    async def kept_on(self, connection: Connection, item: Open) -> Kept:
        """The same within somebody's transaction."""
        statement = SQL["case" if item.is_case else "meeting"]
        row = await connection.fetchrow(statement, item.subject)
        if row is None:  # as good as a gap: whoever named it saw it open
            return Kept((Finding(Kind.SEQUENCE, "0 0 0"),))
        subject = await (self._case(row) if item.is_case else self._meeting(item.subject))
        trail = _trail(row, is_case=item.is_case)
        found = list(trail_findings(trail, subject.seq if subject else None, _stands(subject)))
        clocks = await connection.fetch(SQL["clocks"], item.subject)
        tasks = await connection.fetch(SQL["tasks"], item.subject)
        if subject is not None and not found:
            found += _derived(subject, row, clocks, tasks)
        last: Step | MeetingStep | None = None
        if row["last_step"] is not None:
            model = Step if item.is_case else MeetingStep
            last = model.model_validate_json(row["last_step"])
        return Kept(tuple(found), row["seq"], subject, last)

    async def _case(self, row: Record) -> Case | None:
        try:
            stored = await self._cases.whole(row)
        except (ValidationError, VersionMissingError):
            return None
        return stored.case if stored else None

    async def _meeting(self, meeting: str) -> Meeting | None:
        try:
            return await self._meetings.stored_meeting(meeting)
        except (ValidationError, VersionMissingError):
            return None

    def _against(self, engine: EngineState, kept: Kept, item: Open) -> Iterator[Finding]:
        if kept.subject is None:
            return
        now = item.at if item.realm == LIVE else None
        shown = _shown(kept.subject)
        try:
            due = self._due(kept.subject)
        except Refused:  # a year without calendar: it is parked, or will be
            return
        yield from engine_findings(engine, kept.number, shown, due, now)

    def _due(self, subject: Case | Meeting) -> datetime | None:
        if isinstance(subject, Case):
            due = case_due(subject, self._settle)
            return due.at if due else None
        coming = meeting_due(subject)
        return coming.at if coming else None


def _shown(subject: Case | Meeting) -> Projection | MeetingProjection:
    if isinstance(subject, Case):
        return of_case.project(subject)
    return of_meeting.project(subject)


def _derived(
    subject: Case | Meeting, row: Record, clocks: Sequence[Record], tasks: Sequence[Record]
) -> Iterator[Finding]:
    if isinstance(subject, Case):
        case = of_case.project(subject)
        yield from list_findings(row, records.columns_of(case, subject.checks))
        yield from clock_findings(clocks, case.deadlines)
        yield from task_findings(tasks, case.tasks)
        return
    meeting = of_meeting.project(subject)
    yield from list_findings(row, meeting_records.columns_of(meeting))
    yield from clock_findings(clocks, meeting.deadlines)
    yield from task_findings(tasks, meeting.tasks)


def _trail(row: Record, *, is_case: bool) -> Trail:
    stood = (row["stage_after"], row["end_after"]) if is_case else (row["phase_after"],)
    return Trail(number=row["seq"], steps=row["steps"], last=row["last"], stood=stood)


def _stands(subject: Case | Meeting | None) -> tuple[str | None, ...]:
    match subject:
        case Case():
            end = subject.end.name if subject.end else None
            return (None if end else subject.stage, end)
        case Meeting():
            return (subject.phase,)
        case _:
            return ()
