"""Who `by` means: role words resolved from a case's own places and the directory."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from activities.installation import BODY
from activities.views import CaseView
from starter.rehearsal.staging import operators
from starter.rehearsal.vocabulary import SECOND_PERSON
from starter.rehearsal.world import World
from workflows.rules.policy import Policy
from workflows.writer.messages import Actor

_INDEXED = re.compile(r"chain\[(\d)\]")
_SECOND = re.compile(r"(.+)\[1\]")
APPLICANT = "applicant"


class UnknownRoleError(Exception):
    """A word of `by` or of an expected holder means nobody here; the message is Chinese."""


@dataclass(frozen=True)
class Cast:
    """The people and organisations around one application."""

    world: World
    realm: str
    campaign: str
    applicant: str
    """Opaque id of the person."""
    application: str
    _known: dict[str, str] = field(default_factory=dict, compare=False)
    """Words already resolved: a route is frozen at submission (A44)."""

    async def organisation(self, word: str) -> str:
        """The organisation id a word means; `applicant` stays as it is.

        Raises:
            UnknownRoleError: nothing of this name on this case's route or in the directory.
        """
        if word in (APPLICANT, ""):
            return word
        if word not in self._known:
            found = await self._resolved(word)
            if word == "holder":
                return found
            self._known[word] = found
        return self._known[word]

    async def _resolved(self, word: str) -> str:
        if word in ("office", "office_supervisor", "city_office"):
            return await self._committee(word)
        if word == "operations":
            return BODY
        case = await self.world.reading.case(self.application)
        if case is not None:
            found = _on_route(case, word)
            if found is not None:
                return found
        if await self.world.reading.organisation(word, self.realm):
            return word
        raise UnknownRoleError(f"这份申报的路线和名录中都没有 {word}。")

    async def actor(self, word: str, at: datetime) -> Actor:
        """The person who acts under a word, with the role he or she then has.

        Raises:
            UnknownRoleError: as `organisation`, or nobody there has a right at that instant.
        """
        alone = {
            APPLICANT: Actor(person=self.applicant),
            "anyone": Actor(person=f"visitor-{self.application[-12:]}"),
            "meeting": Actor(person=f"meeting:{self.application[-12:]}", role="meeting"),
        }
        if word in alone:
            return alone[word]
        if word == "operations":
            return (await operators(self.world))[0]
        person, at_sign, named = word.partition("@")
        if at_sign:
            role = await self.world.reading.actor(person, named, self.realm, at)
            return await self.world.reading.as_actor(person, named, self.realm, at, role)
        colleague = _SECOND.fullmatch(word) if word in SECOND_PERSON else None
        organisation = await self.organisation(colleague[1] if colleague else word)
        if organisation == APPLICANT:
            return Actor(person=self.applicant)
        people = await self._people(organisation, at, supervisor=word == "office_supervisor")
        if colleague and len(people) > 1:
            return people[1]
        if colleague or not people:
            raise UnknownRoleError(f"{organisation} 此时没有（第二名）获授权的人员。")
        return people[0]

    async def colleague(self, actor: Actor, at: datetime, named: str = "") -> Actor:
        """Another human of the same organisation: the one who was named, where he or she is one.

        Raises:
            UnknownRoleError: nobody else there has a right at that instant.
        """
        people = await self._people(actor.organisation, at, supervisor=False)
        others = [item for item in people if item.human and not item.is_one_side_with(actor)]
        if not others:
            raise UnknownRoleError(f"{actor.organisation} 此时没有第二名获授权的人员。")
        return next((item for item in others if item.person == named), others[0])

    async def _committee(self, word: str) -> str:
        policy = await self.policy()
        if word == "city_office":
            return policy.committee.city_office
        case = await self.world.reading.case(self.application)
        own = case is not None and case.facts is not None and case.facts.self_evaluating
        if own and case is not None and policy.self_evaluating.destination == "own":
            return case.places[0].organisation
        return policy.committee.office

    async def policy(self) -> Policy:
        """The rules as this realm sees them.

        Raises:
            UnknownRoleError: the campaign was never published.
        """
        policy = await self.world.reading.policy(self.campaign, realm=self.realm)
        if policy is None:
            raise UnknownRoleError(f"没有发布过通知 {self.campaign}。")
        return policy

    async def _people(self, organisation: str, at: datetime, *, supervisor: bool) -> list[Actor]:
        """Who may act for an organisation, those of the wanted rank first."""
        people = await self.world.reading.people_of(organisation, at, self.realm)
        ranked = sorted(people, key=lambda item: (item.role == "supervisor") != supervisor)
        return [
            await self.world.reading.as_actor(item.person, organisation, self.realm, at, item.role)
            for item in ranked
        ]


@dataclass(frozen=True)
class MeetingCast(Cast):
    """The people and organisations around one meeting of a committee."""

    committee: str = ""

    async def _committee(self, word: str) -> str:
        found = await self.world.reading.committee(self.committee, self.realm)
        if found is None:
            raise UnknownRoleError(f"没有评委会 {self.committee}。")
        return found.city_office if word == "city_office" else found.office


def _on_route(case: CaseView, word: str) -> str | None:
    places = [place.organisation for place in case.places]
    if word == "holder":
        return case.holder
    if word in ("unit", "forwarder") and places:
        return places[0 if word == "unit" else -1]
    chain = case.places[1:]
    if (indexed := _INDEXED.fullmatch(word)) and int(indexed[1]) < len(chain):
        return chain[int(indexed[1])].organisation
    kind = word.removeprefix("chain.")
    found = (place.organisation for place in chain if place.kind == kind and kind != word)
    return next(found, None)
