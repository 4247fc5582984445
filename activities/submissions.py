"""What the writer needs to judge a submission: facts, standing, places, published versions."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from asyncpg import Record
from temporalio import activity

from activities import failures
from activities.database import Pool
from activities.identity import Identity
from activities.published_reading import PublishedReading
from activities.published_versions import PublishedVersions
from activities.statements import statements
from activities.stored_cases import of_a_season
from workflows.application.case import KeptCase
from workflows.application.messages import Published, PublishedQuery, Submission, SubmissionQuery
from workflows.application.parties import claim_is_given_back
from workflows.rules.calendar import Calendar
from workflows.rules.facts import Bar, Facts, Standing, YearlyUse
from workflows.rules.message import local_date
from workflows.rules.names import EndName
from workflows.rules.policy import Policy
from workflows.rules.routes import OrganisationRef, places_of

SQL = statements("submissions")

UseState = Literal["alive", "used", "green_passed", "green_pending", "green_failed", "special_used"]


class Submissions:
    """Loads submissions; only reads, so asking again is free."""

    def __init__(
        self, pool: Pool, identity: Identity, versions: PublishedVersions | None = None
    ) -> None:
        self._pool = pool
        self._identity = identity
        self._directory = PublishedReading(pool, identity, versions)

    @activity.defn(name="load_submission")
    async def load_submission(self, query: SubmissionQuery) -> Submission:
        """Load a draft's facts, the person's standing, the route's places and published versions.

        Raises:
            ApplicationError: `not_found` for a draft, campaign or calendar that is not there.
        """
        draft = await self._pool.fetchrow(SQL["draft"], query.draft)
        if draft is None or draft["realm"] != query.realm:
            raise failures.not_found("draft", query.draft)
        policy = await self._directory.policy(draft["campaign"], realm=query.realm)
        if policy is None:
            raise failures.not_found("campaign", draft["campaign"])
        facts = Facts.model_validate_json(draft["facts"])
        places, problems = places_of(facts, policy, await self._around(facts, query.realm))
        return Submission(
            person=draft["person"],
            human=self._identity.human(draft["id_hash"]),
            facts=facts,
            standing=await self._standing(query, draft["id_hash"], policy.year),
            places=places,
            problems=problems,
            policy=policy.for_case(facts.route, facts.level),
            calendar=await calendar_for(self._directory, policy, query.realm),
        )

    @activity.defn(name="load_published")
    async def load_published(self, query: PublishedQuery) -> Published:
        """Load the rules and calendar now published, for an amended case (design.md 2).

        Raises:
            ApplicationError: `not_found` for a campaign or calendar that is not there.
        """
        policy = await self._directory.policy(query.campaign, realm=query.realm)
        if policy is None:
            raise failures.not_found("campaign", query.campaign)
        return Published(
            policy=policy.for_case(query.route, query.level),
            calendar=await calendar_for(self._directory, policy, query.realm),
        )

    async def _around(self, facts: Facts, realm: str) -> dict[str, OrganisationRef]:
        """The organisations a route can lead to from where the applicant works or keeps the archive."""
        found = await self._directory.around((facts.employer, facts.archive_agency), realm)
        return {item.id: item for item in found}

    async def _standing(self, query: SubmissionQuery, id_hash: bytes | None, year: int) -> Standing:
        if id_hash is None:
            return Standing()
        own = await self._pool.fetch(
            SQL["applications_of_year"], query.realm, id_hash, year, query.application
        )
        outside = await self._pool.fetch(SQL["outside"], query.realm, id_hash, year)
        uses = [_use(row) for row in own]
        uses += [
            YearlyUse.model_validate(dict(row) | {"application": row["id"]}) for row in outside
        ]
        return Standing(
            yearly=tuple(use for use in uses if use is not None),
            bars=await self._bars(query.realm, id_hash, query.as_of),
            admin_of=await self._directory.admin_of(id_hash, query.realm, query.as_of),
        )

    async def _bars(self, realm: str, id_hash: bytes, as_of: datetime) -> tuple[Bar, ...]:
        rows = await self._pool.fetch(SQL["bars"], realm, id_hash, local_date(as_of))
        return tuple(Bar(ends_on=row["ends_on"], reason=row["reason"]) for row in rows)


async def calendar_for(directory: PublishedReading, policy: Policy, realm: str) -> Calendar:
    """The published calendar, of the years a season of this campaign may reach.

    Raises:
        ApplicationError: `not_found` where none is published.
    """
    calendar = await directory.calendar(realm=realm)
    if calendar is None:
        raise failures.not_found("calendar", str(policy.year))
    return of_a_season(calendar, policy)


def _use(row: Record) -> YearlyUse | None:
    """One other application of the year as the rules see it; None where it used up nothing."""
    state = _state_of_use(row)
    if state is None:
        return None
    return YearlyUse(
        application=row["id"],
        campaign=row["campaign"],
        channel=row["channel"],
        slot=row["slot"] or "normal",
        state=state,
    )


def _state_of_use(row: Record) -> UseState | None:
    ended = EndName(row["end_name"]) if row["end_name"] else None
    if ended is EndName.INELIGIBLE:
        return None
    if row["channel"] == "green":
        return _green(ended)
    if row["channel"] == "special":
        return "alive" if ended is None else _special(row, ended)
    if row["released"]:
        return None
    return "alive" if ended is None else "used"


def _green(ended: EndName | None) -> UseState:
    if ended is None:
        return "green_pending"
    return "green_passed" if ended is EndName.COMPLETED else "green_failed"


def _special(row: Record, ended: EndName) -> UseState | None:
    """A special application holds no claim, so its end decides whether it was used up (A20)."""
    if row["state"] and claim_is_given_back(KeptCase.model_validate_json(row["state"]), ended):
        return None
    return "special_used"
