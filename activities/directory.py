"""The read side of the directory, and of realms."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from asyncpg import Record

from activities.covers import both_names, cover_of
from activities.database import LIVE, Pool, scope
from activities.identity import Identity
from activities.paging import STREAMED
from activities.second_person import human_of
from activities.statements import statements
from activities.views import (
    Contact,
    MemberGrant,
    MemberView,
    OrganisationView,
    RealmView,
    Role,
)
from workflows.writer.messages import Actor, Cover

SQL = statements("directory")


class _Doer(NamedTuple):
    """Who did something, read back from a register."""

    person: str
    organisation: str
    principal: str

    @classmethod
    def of(cls, stated: str) -> _Doer:
        whom, _, principal = stated.partition(" ")
        person, _, organisation = whom.partition("@")
        return cls(person, organisation, principal)


NAME, PHONE, EMAIL, ADDRESS = "person.name", "person.phone", "person.email", "person.address"


class DirectoryReading:
    """Organisations, members, rights at an instant, realms."""

    def __init__(self, pool: Pool, identity: Identity) -> None:
        self._pool = pool
        self._identity = identity

    async def organisation(self, organisation: str, realm: str = LIVE) -> OrganisationView | None:
        """One organisation as a realm sees it."""
        row = await self._pool.fetchrow(SQL["organisation"], organisation, scope(realm))
        return OrganisationView.model_validate(dict(row)) if row else None

    async def organisations(
        self, realm: str = LIVE, *, after: str = "", limit: int = STREAMED
    ) -> tuple[OrganisationView, ...]:
        """Organisations a realm sees, by id; so many after one."""
        rows = await self._pool.fetch(SQL["organisations"], scope(realm), after, limit)
        return tuple(OrganisationView.model_validate(dict(row)) for row in rows)

    async def around(
        self, organisations: Iterable[str], realm: str = LIVE
    ) -> tuple[OrganisationView, ...]:
        """These, who is directly above them, the agencies they keep archives with, and every
        district's office: what a route is made of."""
        named = sorted(set(organisations) - {""})
        rows = await self._pool.fetch(SQL["around"], named, scope(realm))
        return tuple(OrganisationView.model_validate(dict(row)) for row in rows)

    async def these(
        self, organisations: Iterable[str], realm: str = LIVE
    ) -> dict[str, OrganisationView]:
        """Those of these organisations that are known, by id."""
        rows = await self._pool.fetch(
            SQL["these_organisations"], sorted(set(organisations) - {""}), scope(realm)
        )
        return {row["id"]: OrganisationView.model_validate(dict(row)) for row in rows}

    async def organisation_of_kind(self, kind: str, realm: str = LIVE) -> OrganisationView | None:
        """The first organisation of a kind, by id; None where a realm has none."""
        row = await self._pool.fetchrow(SQL["organisation_of_kind"], scope(realm), kind)
        return OrganisationView.model_validate(dict(row)) if row else None

    async def above(self, organisations: Iterable[str], realm: str = LIVE) -> tuple[str, ...]:
        """These and all that stand above them, each once."""
        named = sorted(set(organisations) - {""})
        rows = await self._pool.fetch(SQL["above"], named, scope(realm))
        return tuple(row["id"] for row in rows)

    async def organisation_names(
        self, organisations: Iterable[str], realm: str = LIVE
    ) -> dict[str, str]:
        """Organisation id → name, for those of these that are known."""
        named = sorted(set(organisations) - {""})
        if not named:
            return {}
        rows = await self._pool.fetch(SQL["organisation_names"], named, scope(realm))
        return {row["id"]: row["name"] for row in rows}

    async def member(self, person: str, realm: str = LIVE) -> MemberView | None:
        """A person (staff or applicant) with contact and rights; None where unknown."""
        row = await self._pool.fetchrow(SQL["person"], person, scope(realm))
        if row is None:
            return None
        grants = await self._pool.fetch(SQL["grants_of"], person, scope(realm))
        contact = self._contact(row)
        return MemberView(
            **contact.model_dump(),
            grants=tuple(_grant(grant, contact.name) for grant in grants),
        )

    async def people_of(
        self, organisation: str, at: datetime, realm: str = LIVE
    ) -> tuple[MemberGrant, ...]:
        """Who may act for an organisation at an instant."""
        rows = await self._pool.fetch(SQL["people_of"], organisation, scope(realm), at)
        names = await self.names_of({row["person"] for row in rows}, realm)
        return tuple(_grant(row, names.get(row["person"], "")) for row in rows)

    async def actor(self, person: str, organisation: str, realm: str, at: datetime) -> Role | None:
        """The role in which a person may act for an organisation at an instant; None if not."""
        found: Role | None = await self._pool.fetchval(
            SQL["role_at"], person, organisation, scope(realm), at
        )
        return found

    async def human(self, person: str, realm: str) -> str:
        """Which human a row is (`Actor.human`); empty where no ID number was stated."""
        return self._identity.human(await human_of(self._pool, person, realm))

    async def as_actor(
        self, person: str, organisation: str, realm: str, at: datetime, role: Role | None
    ) -> Actor:
        """Somebody who acts for an organisation in a role, with whom he or she covers at an instant."""
        return Actor(
            person=person,
            organisation=organisation,
            role=role or "",
            human=await self.human(person, realm),
            cover=await self.cover(person, organisation, realm, at, role),
        )

    async def cover(
        self, person: str, organisation: str, realm: str, at: datetime, role: Role | None
    ) -> Cover | None:
        """Whom somebody covers at an instant: who leads needs nothing lent."""
        if role != "member":
            return None
        return await cover_of(self._pool, self._identity, person, organisation, realm, at)

    async def admin_of(self, id_hash: bytes, realm: str, at: datetime) -> tuple[str, ...]:
        """Organisations in which whoever has this ID number is an administrator at an instant."""
        rows = await self._pool.fetch(SQL["admin_of"], id_hash, scope(realm), at)
        return tuple(row["organisation"] for row in rows)

    async def person_contact(self, person: str, realm: str = LIVE) -> Contact | None:
        """A person's name and how to reach him or her."""
        row = await self._pool.fetchrow(SQL["person"], person, scope(realm))
        return self._contact(row) if row else None

    async def applicant_contact(self, application: str) -> Contact | None:
        """A case's applicant, and how to reach him or her about that case."""
        return (await self.applicant_contacts([application])).get(application)

    async def applicant_contacts(self, applications: Iterable[str]) -> dict[str, Contact]:
        """The same of several cases, by case."""
        rows = await self._pool.fetch(SQL["applicants"], sorted(set(applications)))
        return {row["application"]: self._contact(row) for row in rows}

    async def names_of(self, people: Iterable[str], realm: str = LIVE) -> dict[str, str]:
        """Person id → name, for those that are known."""
        named = sorted(set(people) - {""})
        if not named:
            return {}
        rows = await self._pool.fetch(SQL["people"], named, scope(realm))
        return {row["id"]: self._identity.open(row["name"], NAME) for row in rows}

    async def called(self, stated: Iterable[str], realm: str = LIVE) -> dict[str, str]:
        """Who did something as registers keep it (`person@organisation`, under absence cover with the
        supervisor's id behind a space) → the organisation and the names; what is unknown as it is."""
        by = {one: _Doer.of(one) for one in set(stated) - {""}}
        people = await self.names_of(
            {name for one in by.values() for name in (one.person, one.principal)}, realm
        )
        places = await self.organisation_names({one.organisation for one in by.values()}, realm)
        return {
            stated: " ".join(
                (
                    *filter(None, (places.get(one.organisation, one.organisation),)),
                    both_names(
                        people.get(one.person, one.person),
                        people.get(one.principal, one.principal),
                    ),
                )
            )
            for stated, one in by.items()
        }

    async def notice_numbers(self, realm: str = LIVE) -> dict[str, str]:
        """Published notice → its document's number, as people call it; its key where it has none."""
        rows = await self._pool.fetch(SQL["notice_numbers"], scope(realm))
        return {row["campaign"]: row["document"] or row["campaign"] for row in rows}

    async def realm(self, realm: str) -> RealmView | None:
        """A realm and where its clock stands."""
        row = await self._pool.fetchrow(SQL["realm"], realm)
        return RealmView.model_validate(dict(row)) if row else None

    async def realms(self) -> tuple[RealmView, ...]:
        """All realms, the oldest first."""
        rows = await self._pool.fetch(SQL["realms"])
        return tuple(RealmView.model_validate(dict(row)) for row in rows)

    def _contact(self, row: Record) -> Contact:
        return Contact(
            person=row["id"],
            name=self._identity.open(row["name"], NAME),
            phone=self._identity.open_optional(row["phone"], PHONE),
            email=self._identity.open_optional(row["email"], EMAIL),
            address=self._identity.open_optional(row["address"], ADDRESS),
        )


def _grant(row: Record, name: str) -> MemberGrant:
    return MemberGrant.model_validate(dict(row) | {"name": name})
