"""Reports over a realm: the funnel, who waited on whom, and which clocks struck and why."""

from __future__ import annotations

from datetime import datetime

from asyncpg import Record

from activities.columns import present
from activities.database import LIVE, scope
from activities.meeting_views import DutyLine
from activities.meetings.duties import DUTIES, batch_of, standing_of
from activities.paging import LINES, cut, mark_of, moment, number, text, values_of
from activities.published_reading import PublishedReading
from activities.statements import statements
from activities.views import FunnelLine, StruckLine, WaitingLine
from activities.wording import length_zh
from workflows.rules.deadlines import Deadline
from workflows.rules.message import local_date

SQL = statements("reports")


class ReportReading(PublishedReading):
    """What an office looks at in the evening, and a 复查 asks for years later."""

    async def funnel(self, realm: str = LIVE, season: int | None = None) -> tuple[FunnelLine, ...]:
        """How many cases stand at each stage or ended so, by campaign.

        Args:
            season: the year of the campaigns; all of them where none is given. Likewise below.
        """
        campaigns = await self._campaigns_of(season, realm)
        rows = await self._pool.fetch(SQL["funnel"], realm, campaigns)
        return tuple(FunnelLine.model_validate(dict(row)) for row in rows)

    async def waiting(
        self,
        realm: str = LIVE,
        as_of: datetime | None = None,
        *,
        season: int | None = None,
        limit: int = LINES,
    ) -> tuple[WaitingLine, ...]:
        """How long cases lay with each holder, the longest first, so many of them.

        A stay that is still open counts up to `as_of`, or not at all where none is given; working
        days of years that nobody published count as none.
        """
        campaigns = await self._campaigns_of(season, realm)
        today = local_date(as_of) if as_of else None
        rows = await self._pool.fetch(SQL["waiting"], realm, campaigns, as_of, today, limit)
        return tuple(
            WaitingLine(**present(WaitingLine, row) | {"hours": round(float(row["hours"]), 1)})
            for row in rows
        )

    async def struck(
        self,
        realm: str = LIVE,
        *,
        season: int | None = None,
        after: str = "",
        limit: int = LINES,
    ) -> tuple[tuple[StruckLine, ...], str]:
        """A page of the clocks that struck, each with the deadline's own account of how its day was
        reached; and the mark of the next page.

        Raises:
            Refused: `malformed_payload` for an `after` that is no mark of such a page.
        """
        campaigns = await self._campaigns_of(season, realm)
        at, last = values_of(after, moment, number) if after else ("-infinity", "0")
        rows = await self._pool.fetch(SQL["struck"], realm, campaigns, at, int(last), limit + 1)
        lines, following = cut(rows, limit, lambda row: (row["struck_at"], row["id"]))
        return tuple(_struck(row) for row in lines), following

    async def duties(
        self,
        realm: str = LIVE,
        as_of: datetime | None = None,
        *,
        season: int | None = None,
        after: str = "",
        meetings: int = LINES,
    ) -> tuple[tuple[DutyLine, ...], str]:
        """The authorities' duties over results of so many meetings, kept or missed, by meeting; and
        the mark of the next page.

        Report and posting, the draft, the 函复, the confirmation. `as_of` tells what is overdue.

        Raises:
            Refused: `malformed_payload` for an `after` that is no mark of such a page.
        """
        campaigns = await self._campaigns_of(season, realm)
        called, last = values_of(after, text, text) if after else ("", "")
        rules = [rule.value for rule in DUTIES]
        rows = await self._pool.fetch(
            SQL["duties"], realm, rules, campaigns, called, last, meetings
        )
        full = bool(rows) and rows[-1]["meetings"] == meetings
        following = mark_of((rows[-1]["last_number"], rows[-1]["last_meeting"])) if full else ""
        return tuple(_duty(row, as_of) for row in rows), following

    async def _campaigns_of(self, season: int | None, realm: str) -> list[str] | None:
        if season is None:
            return None
        rows = await self._pool.fetch(SQL["campaigns_of_season"], scope(realm), season)
        return [row["campaign"] for row in rows]


def _struck(row: Record) -> StruckLine:
    deadline = Deadline.model_validate_json(row["content"])
    return StruckLine(**present(StruckLine, row), why=_why(deadline))


def _duty(row: Record, as_of: datetime | None) -> DutyLine:
    own = {
        "meetings",
        "last_number",
        "last_meeting",
        "key",
        "ends_at",
        "closed_at",
        "ended",
        "done_at",
        "done_by",
    }
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
