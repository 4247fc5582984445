"""The read side of what is published: campaigns and calendars, by version."""

from __future__ import annotations

from typing import Any, NamedTuple

from activities.covers import both_names
from activities.database import LIVE, Pool, scope
from activities.directory import DirectoryReading
from activities.identity import Identity
from activities.published_versions import PublishedVersions
from activities.statements import statements
from activities.views import CampaignView
from workflows.rules.calendar import Calendar
from workflows.rules.policy import Policy

SQL = statements("directory")


class _Publisher(NamedTuple):
    """Who published a version, as the register keeps it: `person@organisation principal`."""

    person: str
    organisation: str
    principal: str

    @classmethod
    def of(cls, stated: str) -> _Publisher:
        whom, _, principal = stated.partition(" ")
        person, _, organisation = whom.partition("@")
        return cls(person, organisation, principal)


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
        by = {row["published_by"]: _Publisher.of(row["published_by"]) for row in rows}
        people = await self.names_of(
            {name for one in by.values() for name in (one.person, one.principal)}, realm
        )
        places = await self.organisation_names({one.organisation for one in by.values()}, realm)
        named = {
            stated: " ".join(
                filter(
                    None,
                    (
                        places.get(one.organisation, one.organisation),
                        both_names(
                            people.get(one.person, one.person),
                            people.get(one.principal, one.principal),
                        ),
                    ),
                )
            )
            for stated, one in by.items()
        }
        return tuple(
            CampaignView.model_validate(
                dict(row) | {"published_by_name": named[row["published_by"]]}
            )
            for row in rows
        )

    async def calendar(self, version: str | None = None, realm: str = LIVE) -> Calendar | None:
        """The calendar: the version asked for, else the latest a realm sees."""
        return await self._versions.calendar(version, realm)
