"""A case as its last step left it: its facts from the record, its rules and calendar by version.

Pages, previews and the reopening of a closed case ask here; the engine is asked only to act.
"""

from __future__ import annotations

from collections.abc import Sequence

from asyncpg import Record

from activities.database import Pool
from activities.published_versions import PublishedVersions
from activities.statements import statements
from workflows.application.case import Case, KeptCase
from workflows.application.messages import Step, StoredCase
from workflows.rules.calendar import Calendar
from workflows.rules.policy import Policy

SQL = statements("records")
YEARS_AHEAD = 2
"""A season that starts in a campaign's year may end two years on: recheck and archive included."""


class VersionMissingError(LookupError):
    """The rules or the calendar of a step are not in the record; the message says of which version."""


STEPS_SINCE = 200
"""How many steps a run is told that has not heard of them; one, unless the engine was set back."""


class StoredCases:
    """Reads whole cases out of the record."""

    def __init__(self, pool: Pool, versions: PublishedVersions) -> None:
        self._pool = pool
        self._versions = versions

    async def since(self, application: str, seq: int) -> tuple[Step, ...]:
        """The steps after one, in order; of many the newest `STEPS_SINCE`."""
        rows = await self._pool.fetch(SQL["steps_since"], application, seq, STEPS_SINCE)
        return tuple(Step.model_validate_json(row["content"]) for row in reversed(rows))

    async def last_step(self, application: str) -> int:
        """The number of a case's last step in the record; 0 where it has none."""
        found: int | None = await self._pool.fetchval(SQL["last_step"], application)
        return found or 0

    async def stored(self, application: str) -> StoredCase | None:
        """The case with the rules and calendar of its last step; None where there is none.

        Raises:
            VersionMissingError: its rules or its calendar are not there.
        """
        row = await self._pool.fetchrow(SQL["stored_case"], application)
        return await self.whole(row) if row else None

    async def among(self, applications: Sequence[str]) -> dict[str, StoredCase]:
        """Those of these cases that left a state, by id; each read whole, so ask for a page of them.

        Raises:
            VersionMissingError: rules or a calendar are not there.
        """
        rows = await self._pool.fetch(SQL["stored_cases"], list(applications))
        read = {row["id"]: await self.whole(row) for row in rows}
        return {name: stored for name, stored in read.items() if stored is not None}

    async def whole(self, row: Record) -> StoredCase | None:
        """The same from a row that was read; None where it keeps no state.

        Raises:
            VersionMissingError: its rules or its calendar are not there.
        """
        if row["state"] is None:
            return None
        kept = KeptCase.model_validate_json(row["state"])
        realm = row["realm"]
        policy = await self._versions.policy(row["campaign"], row["policy_version"], realm)
        calendar = await self._versions.calendar(row["calendar_version"], realm)
        if policy is None or calendar is None:
            raise VersionMissingError(f"{row['campaign']} {row['policy_version']}")
        # What was read a moment ago as what it is, is not looked through once more.
        case = Case.model_construct(
            **{name: getattr(kept, name) for name in KeptCase.model_fields},
            policy=policy.for_case(kept.route, kept.level),
            calendar=of_a_season(calendar, policy),
        )
        return StoredCase(case=case, closed=row["closed"])


def of_a_season(calendar: Calendar, policy: Policy) -> Calendar:
    """The years of a calendar that a season of this campaign may reach; no case carries more."""
    wanted = range(policy.year, policy.year + YEARS_AHEAD + 1)
    years = {year: days for year, days in calendar.years.items() if year in wanted}
    return calendar.model_copy(update={"years": years})
