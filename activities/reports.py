"""Reports over a realm: the funnel, who waited on whom, and which clocks struck and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from asyncpg import Record

from activities.database import LIVE
from activities.directory import DirectoryReading
from activities.meeting_views import DutyLine
from activities.meetings.duties import DUTIES, batch_of, standing_of
from activities.statements import statements
from activities.views import FunnelLine, StruckLine, WaitingLine
from activities.wording import length_zh
from workflows.rules.calendar import Calendar
from workflows.rules.deadlines import Deadline
from workflows.rules.message import local_date
from workflows.rules.refusals import Refused

SQL = statements("reports")
SECONDS_AN_HOUR = 3600


class ReportReading(DirectoryReading):
    """What an office looks at in the evening, and a 复查 asks for years later."""

    async def funnel(self, realm: str = LIVE) -> tuple[FunnelLine, ...]:
        """How many cases stand at each stage or ended so, by campaign."""
        rows = await self._pool.fetch(SQL["funnel"], realm)
        return tuple(FunnelLine.model_validate(dict(row)) for row in rows)

    async def waiting(
        self, realm: str = LIVE, as_of: datetime | None = None
    ) -> tuple[WaitingLine, ...]:
        """How long cases lay with each holder, the longest first.

        A stay that is still open counts up to `as_of`, or not at all where none is given.
        """
        calendar = await self.calendar(realm=realm) or Calendar(version="")
        rows = await self._pool.fetch(SQL["stays"], realm)
        tallies: dict[str, _Tally] = defaultdict(_Tally)
        for _, steps in groupby(rows, key=lambda row: row["application"]):
            for stay in _stays(steps):
                tallies[stay.holder].add(stay, as_of, calendar)
        lines = [tally.line(holder) for holder, tally in tallies.items()]
        return tuple(sorted(lines, key=lambda line: (-line.working_days, line.holder)))

    async def struck(self, realm: str = LIVE) -> tuple[StruckLine, ...]:
        """Every clock that struck, with the deadline's own account of how its day was reached."""
        rows = await self._pool.fetch(SQL["struck"], realm)
        return tuple(_struck(row) for row in rows)

    async def duties(
        self, realm: str = LIVE, as_of: datetime | None = None
    ) -> tuple[DutyLine, ...]:
        """The authorities' duties over results of meetings, kept or missed, by meeting.

        Report and posting, the draft, the 函复, the confirmation. `as_of` tells what is overdue.
        """
        rows = await self._pool.fetch(SQL["duties"], realm, [rule.value for rule in DUTIES])
        return tuple(_duty(row, as_of) for row in rows)


@dataclass
class _Stay:
    holder: str
    name: str
    since: datetime
    until: datetime | None = None


@dataclass
class _Tally:
    """The stays with one holder, added up."""

    name: str = ""
    stays: int = 0
    working_days: int = 0
    hours: float = 0.0
    longest: int = 0
    open_now: int = 0

    def add(self, stay: _Stay, as_of: datetime | None, calendar: Calendar) -> None:
        self.name = stay.name
        self.stays += 1
        self.open_now += stay.until is None
        until = stay.until or as_of
        if until is None:
            return
        days = _working_days(calendar, stay.since, until)
        self.working_days += days
        self.longest = max(self.longest, days)
        self.hours += max(0.0, (until - stay.since).total_seconds() / SECONDS_AN_HOUR)

    def line(self, holder: str) -> WaitingLine:
        return WaitingLine(
            holder=holder,
            holder_name=self.name,
            stays=self.stays,
            working_days=self.working_days,
            hours=round(self.hours, 1),
            longest_working_days=self.longest,
            open_now=self.open_now,
        )


def _stays(steps: Iterable[Record]) -> list[_Stay]:
    """One case's steps as stays: a stay lasts until somebody else holds the case."""
    stays: list[_Stay] = []
    for step in steps:
        holder, at = step["holder_after"], step["acted_at"]
        current = stays[-1] if stays else None
        if current is not None and current.until is None:
            if current.holder == holder:
                continue
            current.until = at
        if holder:
            stays.append(_Stay(holder, step["name"] or "", at))
    return stays


def _working_days(calendar: Calendar, since: datetime, until: datetime) -> int:
    # A report must not fail on a year that was not published when the case lay there.
    try:
        return calendar.working_days_between(local_date(since), local_date(until))
    except Refused:
        return 0


def _struck(row: Record) -> StruckLine:
    deadline = Deadline.model_validate_json(row["content"])
    kept = {key: value for key, value in row.items() if key != "content" and value is not None}
    return StruckLine.model_validate(kept | {"why": _why(deadline)})


def _duty(row: Record, as_of: datetime | None) -> DutyLine:
    own = {"key", "ends_at", "closed_at", "ended", "done_at", "done_by"}
    stated = {key: value for key, value in row.items() if key not in own and value is not None}
    return DutyLine(
        **stated,
        batch=batch_of(row["key"]),
        done_on=local_date(row["done_at"]) if row["done_at"] else None,
        duty=standing_of(row, as_of),
    )


def _why(deadline: Deadline) -> str:
    """The deadline's account in one line: from when, how many days, rolled, capped or extended."""
    parts = [f"自 {deadline.starts_on} 起"]
    parts += filter(None, [length_zh(deadline.length, deadline.unit)])
    parts += [f"原应 {deadline.nominal_on}，顺延"] if deadline.nominal_on else []
    parts += [f"截于 {deadline.capped_by.value}"] if deadline.capped_by else []
    parts += ["经延期"] if deadline.extended else []
    return "，".join([*parts, f"至 {deadline.ends_on}"])
