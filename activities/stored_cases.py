"""A case as its last step left it: its facts from the record, its rules and calendar by version.

Pages, previews and the reopening of a closed case ask here; the engine is asked only to act.
"""

from __future__ import annotations

from temporalio import activity

from activities import failures
from activities.database import Pool
from activities.directory import DirectoryReading
from activities.identity import Identity
from activities.statements import statements
from activities.submissions import of_a_season
from workflows.application.case import Case, KeptCase
from workflows.application.messages import CaseQuery, StoredCase

SQL = statements("records")


class StoredCases:
    """Reads whole cases out of the record."""

    def __init__(self, pool: Pool, identity: Identity) -> None:
        self._pool = pool
        self._directory = DirectoryReading(pool, identity)

    @activity.defn(name="load_case")
    async def load_case(self, query: CaseQuery) -> StoredCase:
        """Load a case as its last step left it.

        Raises:
            ApplicationError: `not_found` where there is no such case or it left no state.
        """
        stored = await self.stored(query.application)
        if stored is None:
            raise failures.not_found("application", query.application)
        return stored

    async def stored(self, application: str) -> StoredCase | None:
        """The case with the rules and calendar of its last step; None where there is none."""
        row = await self._pool.fetchrow(SQL["stored_case"], application)
        if row is None or row["state"] is None:
            return None
        kept = KeptCase.model_validate_json(row["state"])
        realm = row["realm"]
        policy = await self._directory.policy(row["campaign"], row["policy_version"], realm)
        calendar = await self._directory.calendar(row["calendar_version"], realm)
        if policy is None or calendar is None:
            raise failures.not_found("version", f"{row['campaign']} {row['policy_version']}")
        case = Case.model_validate(
            {name: getattr(kept, name) for name in KeptCase.model_fields}
            | {
                "policy": policy.for_case(kept.route, kept.level),
                "calendar": of_a_season(calendar, policy),
            }
        )
        return StoredCase(case=case, closed=row["closed"])
