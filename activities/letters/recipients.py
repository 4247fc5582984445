"""Whom a letter goes to: the person or organisation behind its party, as of now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from activities.letters.known import Known
from activities.views import LetterView
from workflows.rules.message import Message

OPERATIONS = "operations"


class Recipient(Message):
    """A name and how to reach it; without e-mail the letter ends as `no_address`."""

    name: str
    email: str | None = None
    phone: str = ""


class Recipients:
    """Looks the address up at sending time: a bounced one may have been corrected since."""

    def __init__(self, known: Known) -> None:
        self._known = known

    async def resolve(self, letter: LetterView | Mapping[str, Any], realm: str = "") -> Recipient:
        """The recipient of a letter row: the person where it names one, else the organisation.

        An actor who acts for an organisation is told at his or her own address.
        """
        values = letter.model_dump() if isinstance(letter, LetterView) else letter
        realm = realm or values.get("realm", "") or "live"
        return (
            await self._person(values["person"], values.get("application") or "", realm)
            or await self._organisation(values["organisation"], realm)
            or await self._operations(values["party"], realm)
            or Recipient(name="")
        )

    async def _person(self, person: str, application: str, realm: str) -> Recipient | None:
        """A person; the applicant of the letter's case at the address of that case."""
        if not person:
            return None
        contact = await self._known.applicant_contact(application) if application else None
        if contact is None or contact.person != person:
            contact = await self._known.person_contact(person, realm)
        if contact is None:
            return None
        return Recipient(name=contact.name, email=contact.email or None, phone=contact.phone)

    async def _organisation(self, organisation: str, realm: str) -> Recipient | None:
        found = await self._known.organisation(organisation, realm) if organisation else None
        if found is None:
            return None
        return Recipient(name=found.name, email=found.email or None, phone=found.phone)

    async def _operations(self, party: str, realm: str) -> Recipient | None:
        if party != OPERATIONS:
            return None
        found = await self._known.organisation_of_kind(OPERATIONS, realm)
        if found is None:
            return None
        return Recipient(name=found.name, email=found.email or None, phone=found.phone)
