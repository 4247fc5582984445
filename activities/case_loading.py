"""A case as its last step left it, for the workflow that goes on with it."""

from __future__ import annotations

from temporalio import activity

from activities import failures
from activities.stored_cases import StoredCases, VersionMissingError
from workflows.application.messages import CaseQuery, StoredCase


class CaseLoading:
    """The activities over `StoredCases`."""

    def __init__(self, stored: StoredCases) -> None:
        self._stored = stored

    @activity.defn(name="load_case")
    async def load_case(self, query: CaseQuery) -> StoredCase:
        """Load a case as its last step left it.

        Raises:
            ApplicationError: `not_found` where there is no such case, it left no state, or the
                version of its rules is missing.
        """
        try:
            stored = await self._stored.stored(query.application)
        except VersionMissingError as err:
            raise failures.not_found("version", str(err)) from None
        if stored is None:
            raise failures.not_found("application", query.application)
        if query.after is None:
            return stored
        steps = await self._stored.since(query.application, query.after)
        return stored.model_copy(update={"steps": steps})

    @activity.defn(name="last_step")
    async def last_step(self, application: str) -> int:
        """The number of a case's last step in the record; 0 where it has none."""
        return await self._stored.last_step(application)
