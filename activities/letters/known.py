"""What is read around letters, each thing once for all letters of one sweep.

A results day writes thousands of letters about the same notice to the same few offices. What is
remembered lives as long as the letters that were read together: some seconds, so that a changed
address or name is the next sweep's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Hashable
from datetime import UTC, datetime
from typing import Any, TypeVar

from cryptography.exceptions import InvalidTag

from activities.database import LIVE, Pool
from activities.letters.choices import Choices, choices
from activities.letters.working_days import Calendars, WorkingDays
from activities.reading import Reading
from activities.statements import statements
from activities.views import Contact, MemberGrant, OrganisationView
from workflows.rules.addresses import mailbox
from workflows.rules.message import local

SQL = statements("letters")
T = TypeVar("T")


class Known:
    """Asks the record, and never twice for the same."""

    def __init__(self, pool: Pool, reading: Reading, calendars: Calendars) -> None:
        self._pool = pool
        self._reading = reading
        self._calendars = calendars
        self._wires: dict[str, str] = {}
        self._asked: dict[Hashable, asyncio.Future[Any]] = {}

    async def organisation(self, organisation: str, realm: str) -> OrganisationView | None:
        """One organisation as a realm sees it."""
        return await self._once(
            ("organisation", organisation, realm),
            lambda: self._reading.organisation(organisation, realm),
        )

    async def organisation_of_kind(self, kind: str, realm: str) -> OrganisationView | None:
        """The first organisation of a kind; None where a realm has none."""
        return await self._once(
            ("kind", kind, realm), lambda: self._reading.organisation_of_kind(kind, realm)
        )

    async def people_of(
        self, organisation: str, at: datetime, realm: str
    ) -> tuple[MemberGrant, ...]:
        """Who may act for an organisation at an instant."""
        return await self._once(
            ("people", organisation, at, realm),
            lambda: self._reading.people_of(organisation, at, realm),
        )

    async def person_contact(self, person: str, realm: str) -> Contact | None:
        """A person's name and how to reach him or her."""
        return await self._once(
            ("person", person, realm), lambda: self._reading.person_contact(person, realm)
        )

    async def applicant_contact(self, application: str) -> Contact | None:
        """A case's applicant, and how to reach him or her about that case."""
        return await self._once(
            ("applicant", application), lambda: self._reading.applicant_contact(application)
        )

    async def read_applicants(self, applications: Collection[str]) -> None:
        """Read the applicants of several cases at once; they are asked for one by one then."""
        try:
            found = await self._reading.applicant_contacts(applications)
        except (ValueError, InvalidTag):
            return  # one cannot be opened: asked for one by one, it is that letter's matter alone
        for application in applications:
            asked = asyncio.get_running_loop().create_future()
            asked.set_result(found.get(application))
            self._asked["applicant", application] = asked

    async def notice(self, campaign: str, version: int, realm: str) -> dict[str, Any]:
        """The words published with a campaign's version, or with its latest."""
        return await self._once(
            ("notice", campaign, version, realm),
            lambda: self._notice(campaign, version, realm),
        )

    async def offices(self, campaign: str, version: int, realm: str) -> tuple[str, str]:
        """组建单位's office and 市职改办, as the rules of the case name them."""
        return await self._once(
            ("offices", campaign, version, realm),
            lambda: self._offices(campaign, version, realm),
        )

    def wire(self, stated: str) -> str:
        """An address as a mail server takes it.

        Raises:
            AddressError: it is none.
        """
        known = self._wires.get(stated)
        if known is None:
            known = self._wires[stated] = mailbox(stated).wire
        return known

    async def working_days(self, realm: str) -> WorkingDays:
        """The days on which letters to organisations go out."""
        return await self._once(("days", realm), lambda: self._calendars.of(realm))

    async def choices(self, organisation: str, people: Collection[str], realm: str) -> Choices:
        """How an organisation and these people want to be told."""
        return await self._once(
            ("choices", organisation, frozenset(people), realm),
            lambda: choices(self._pool, organisation, people, realm),
        )

    async def realm_now(self, realm: str) -> datetime:
        """What the clock of a realm shows: a rehearsal's own may have been moved on."""
        return await self._once(("now", realm), lambda: self._realm_now(realm))

    async def _realm_now(self, realm: str) -> datetime:
        found = await self._pool.fetchval(SQL["realm_now"], realm) if realm != LIVE else None
        return local(found or datetime.now(UTC))

    async def _notice(self, campaign: str, version: int, realm: str) -> dict[str, Any]:
        content = await self._reading.campaign_content(campaign, version or None, realm)
        if not content:
            content = await self._reading.campaign_content(campaign, None, realm) or {}
        stated: dict[str, Any] = content.get("notice", {})
        return stated

    async def _offices(self, campaign: str, version: int, realm: str) -> tuple[str, str]:
        policy = await self._reading.policy(campaign, version or None, realm)
        if policy is None:
            policy = await self._reading.policy(campaign, realm=realm)
        return (policy.committee.office, policy.committee.city_office) if policy else ("", "")

    async def _once(self, key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        asked = self._asked.get(key)
        if asked is None:
            asked = self._asked[key] = asyncio.ensure_future(ask())
        try:
            found: T = await asyncio.shield(asked)
        except BaseException:
            self._asked.pop(key, None)
            raise
        return found
