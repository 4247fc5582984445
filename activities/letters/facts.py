"""What the record knows around one letter, brought together for its letter."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from asyncpg import Record

from activities.database import LIVE, Pool
from activities.letters.recipients import Recipient, Recipients
from activities.letters.writing import Place, Surroundings, refusals_of
from activities.reading import Reading
from activities.statements import statements
from activities.texts import references
from activities.views import OrganisationView
from workflows.letter.kinds import Lapsed, Reminder
from workflows.letter.letter import Letter
from workflows.rules.addresses import AddressError, mailbox
from workflows.rules.message import local
from workflows.rules.names import LetterKind, Party

SQL = statements("letters")
APPLICANT = "applicant"
PERSONAL = frozenset({Party.APPLICANT, Party.COMPLAINANT, Party.ACTOR})
"""Parties that are one person; every other party is whoever holds a grant at the organisation."""

NAMING = ("organisation", "organisations", "employer", "insured_unit", "of")
"""Values of a refusal that are organisations' ids."""


class Reader(NamedTuple):
    """One who reads a letter at an address of their own."""

    id: str
    name: str
    address: str
    """As a mail server takes it."""


class Unread(NamedTuple):
    """One whom a letter does not reach, and why in words; never the address."""

    id: str
    why: str

    def __str__(self) -> str:
        return f"{self.id}：{self.why}"


@dataclass(frozen=True)
class Reach:
    """Whom a letter is to, and which of their addresses a mail can bear."""

    recipient: Recipient
    readers: tuple[Reader, ...]
    """Each address once."""
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True)
class OrderedLetter:
    """One row, with what decides how it is delivered."""

    id: str
    kind: LetterKind
    party: Party
    state: str
    realm: str
    application: str
    """Empty where it is about a meeting."""
    meeting: str
    """Empty where it is about a case."""
    organisation: str
    person: str
    params: Mapping[str, str]
    ordered_at: datetime
    resend_of: str
    row: Record

    @classmethod
    def of(cls, row: Record) -> OrderedLetter:
        """Read a row."""
        return cls(
            id=row["id"],
            kind=LetterKind(row["kind"]),
            party=Party(row["party"]),
            state=row["state"],
            realm=row["realm"],
            application=row["case_id"],
            meeting=row["meeting"] or "",
            organisation=row["organisation"],
            person=row["person"],
            params=json.loads(row["params"]),
            ordered_at=local(row["ordered_at"]),
            resend_of=row["resend_of"],
            row=row,
        )

    @property
    def subject(self) -> str:
        """The case or meeting it is about; empty for an operation's."""
        return self.application or self.meeting


class LetterFacts:
    """Reads rows, addresses and surroundings of letters."""

    def __init__(self, pool: Pool, reading: Reading, recipients: Recipients) -> None:
        self._pool = pool
        self._reading = reading
        self._recipients = recipients

    async def load(self, letter: str) -> OrderedLetter | None:
        """One letter; None where there is no such row."""
        row = await self._pool.fetchrow(SQL["letter"], letter)
        return OrderedLetter.of(row) if row else None

    async def still_true(self, letter: OrderedLetter, says: Letter) -> bool:
        """Whether what a reminder asks for is still to be done (a finished step reminds nobody).

        The deadline must stand with the very last day the letter would tell.
        """
        row = letter.row
        if letter.kind is LetterKind.URGED:
            return bool(not row["closed"] and row["holder"] == letter.organisation)
        if not isinstance(says, Reminder) or not letter.subject:
            return True
        found = await self._pool.fetchval(
            SQL["deadline_stands"],
            letter.subject,
            says.deadline_key,
            says.rule.value,
            says.deadline_on,
        )
        return bool(found)

    async def reach(self, letter: OrderedLetter) -> Reach:
        """Whom it is to, and every mailbox: of an organisation also its members' own.

        What was kept before its door looked at addresses is looked at here: one that no mail can
        bear keeps nobody else from reading.
        """
        # The submission's own letters are ordered before the case knows whose it is.
        applicant = letter.row["applicant_id"] if letter.party is Party.APPLICANT else ""
        values = {
            "person": letter.person or applicant or "",
            "organisation": letter.organisation,
            "party": letter.party.value,
            "application": letter.application,
        }
        recipient = await self._recipients.resolve(values, letter.realm)
        whose = values["person"] or letter.organisation or letter.party.value
        found = [(whose, recipient.name, recipient.email or "")]
        if letter.organisation and not letter.person and letter.party not in PERSONAL:
            found += await self._members(letter)
        return _reach(recipient, found)

    async def surroundings(
        self, letter: OrderedLetter, says: Letter, recipient: Recipient
    ) -> Surroundings:
        """Everything a letter may need."""
        row = letter.row
        content = await self._campaign(row["campaign"], row["policy_version"], letter.realm)
        stated = content.get("notice", {})
        office, city_office = await self._offices(
            row["campaign"], row["policy_version"], letter.realm
        )
        chain = [place["organisation"] for place in json.loads(row["places"] or "[]")]
        named = {
            letter.organisation,
            row["holder_then"],
            row["step_organisation"],
            office,
            city_office,
        }
        known = await self._organisations({*named, *chain[-1:], *_ids(says)}, letter.realm)
        applicant = await self._reading.applicant_contact(letter.application)
        return Surroundings(
            letter=letter.id,
            says=says,
            party=letter.party,
            organisation=letter.organisation,
            as_of=letter.ordered_at,
            recipient=recipient.name,
            rehearsal=letter.realm != LIVE,
            application=letter.application,
            meeting=row["meeting_number"] or "",
            acceptance_number=row["acceptance_number"] or "",
            applicant=applicant.name if applicant else "",
            own=bool(letter.person) and letter.person == row["applicant_id"],
            level=row["level"] or "",
            subject=stated.get("subject", ""),
            publicity_form=stated.get("publicity_form", {}).get("title", ""),
            document=stated.get("document", ""),
            platform=stated.get("platform", ""),
            # As of the order: the letter bears that day, though the case may have moved on since.
            holder=row["holder_then"] or "",
            step_organisation=row["step_organisation"] or "",
            forwarder=chain[-1] if chain else "",
            office=office,
            city_office=city_office,
            chance=await self._pool.fetchval(SQL["chance"], letter.application) or "",
            left_stage=row["stage_before"] or "",
            places=_places(known.values(), office, stated.get("contacts", [])),
            texts=await self._texts(letter, says) | {key: item.name for key, item in known.items()},
        )

    async def _organisations(self, ids: set[str | None], realm: str) -> dict[str, OrganisationView]:
        found = [
            await self._reading.organisation(item, realm) for item in sorted(filter(None, ids))
        ]
        return {item.id: item for item in found if item is not None}

    async def _members(self, letter: OrderedLetter) -> list[tuple[str, str, str]]:
        grants = await self._reading.people_of(letter.organisation, letter.ordered_at, letter.realm)
        found: list[tuple[str, str, str]] = []
        for person in sorted({grant.person for grant in grants}):
            contact = await self._reading.person_contact(person, letter.realm)
            if contact is not None:
                found.append((person, contact.name, contact.email))
        return found

    async def _campaign(self, campaign: str | None, version: int, realm: str) -> dict[str, Any]:
        if not campaign:
            return {}
        found = await self._reading.campaign_content(campaign, version or None, realm)
        return found or await self._reading.campaign_content(campaign, None, realm) or {}

    async def _offices(self, campaign: str | None, version: int, realm: str) -> tuple[str, str]:
        """组建单位's office and 市职改办, as the rules of the case name them."""
        if not campaign:
            return "", ""
        policy = await self._reading.policy(campaign, version or None, realm)
        if policy is None:
            policy = await self._reading.policy(campaign, realm=realm)
        return (policy.committee.office, policy.committee.city_office) if policy else ("", "")

    async def _texts(self, letter: OrderedLetter, says: Letter) -> dict[str, str]:
        stated = says.model_dump(exclude={"refusal", "refusals"})
        texts = await self._reading.texts(references(stated))
        if not letter.application:
            return texts
        titles = await self._reading.achievement_titles(letter.application)
        return titles | texts


def _reach(recipient: Recipient, found: Iterable[tuple[str, str, str]]) -> Reach:
    """Each usable address once, the first name it was found under; the others by whose they are."""
    readers: dict[str, Reader] = {}
    unread: list[Unread] = []
    for whose, name, stated in found:
        if not stated.strip():
            continue
        try:
            address = mailbox(stated).wire
        except AddressError as err:
            unread.append(Unread(whose, f"电子邮箱不能使用，{err.words}"))
        else:
            readers.setdefault(address.lower(), Reader(whose, name, address))
    return Reach(recipient, tuple(readers.values()), tuple(unread))


def _ids(says: Letter) -> set[str]:
    """Every value that may be an organisation's id, those inside refusals included."""
    values = {says.responsible} if isinstance(says, Lapsed) else set()
    for refusal in refusals_of(says):
        values |= {refusal.params.get(name, "") for name in NAMING}
    return {part for value in values for part in value.split("、")}


def _places(
    organisations: Iterable[OrganisationView], office: str, contacts: list[dict[str, Any]]
) -> dict[str, Place]:
    """The directory's cards; the office's gaps are filled with the contacts the letter prints."""
    places = {
        item.id: Place(item.id, item.name, item.contact, item.phone) for item in organisations
    }
    own = places.get(office)
    if own is not None and contacts and not own.phone:
        printed = contacts[0]
        phone = "、".join(printed.get("phones", []))
        places[office] = own._replace(contact=printed.get("name", own.contact), phone=phone)
    return places
