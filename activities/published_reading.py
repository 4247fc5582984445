"""The read side of what is published: campaigns and calendars, by version."""

from __future__ import annotations

from typing import Any

from activities.database import LIVE, Pool, scope
from activities.directory import DirectoryReading
from activities.identity import Identity
from activities.published_versions import PublishedVersions
from activities.statements import statements
from activities.views import CampaignView
from workflows.rules.calendar import Calendar
from workflows.rules.policy import Policy

SQL = statements("directory")


class PublishedReading(DirectoryReading):
    """Published versions, beside the directory."""

    def __init__(
        self, pool: Pool, identity: Identity, versions: PublishedVersions | None = None
    ) -> None:
        super().__init__(pool, identity)
        self._versions = versions or PublishedVersions(pool)

    async def policy(
        self, campaign: str, version: int | None = None, realm: str = LIVE
    ) -> Policy | None:
        """A campaign's rules: the version asked for, else the latest a realm sees."""
        return await self._versions.policy(campaign, version, realm)

    async def campaign_content(
        self, campaign: str, version: int | None = None, realm: str = LIVE
    ) -> dict[str, Any] | None:
        """Everything published with a version: wording, contacts and the rest beside the rules."""
        return await self._versions.content(campaign, version, realm)

    async def campaigns(self, realm: str = LIVE) -> tuple[CampaignView, ...]:
        """Every published version a realm sees."""
        rows = await self._pool.fetch(SQL["campaigns"], scope(realm))
        named = await self.called((row["published_by"] for row in rows), realm)
        return tuple(
            CampaignView.model_validate(
                dict(row) | {"published_by_name": named.get(row["published_by"], "")}
            )
            for row in rows
        )

    async def calendar(self, version: str | None = None, realm: str = LIVE) -> Calendar | None:
        """The calendar: the version asked for, else the latest a realm sees."""
        return await self._versions.calendar(version, realm)
