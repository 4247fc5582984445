"""What the record knows around one letter, brought together for its letter."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from asyncpg import Record

from activities.covers import both_names, deputy_of
from activities.database import LIVE, Pool
from activities.letters.known import Known
from activities.letters.recipients import Recipient, Recipients
from activities.letters.working_days import Calendars
from activities.letters.writing import Place, Surroundings, refusals_of
from activities.material import clauses_of, subjects_of
from activities.reading import Reading
from activities.statements import statements
from activities.texts import references
from activities.views import OrganisationView
from workflows.letter.kinds import AuditFailed, CoverEnded, GivenBack, Lapsed, OfCover
from workflows.letter.letter import AboutEnd, Letter
from workflows.rules.addresses import AddressError
from workflows.rules.message import local
from workflows.rules.names import COLLECTED, LetterKind, Party
from workflows.writer.messages import Actor

SQL = statements("letters")
APPLICANT = "applicant"
PERSONAL = frozenset({Party.APPLICANT, Party.COMPLAINANT, Party.ACTOR})
"""Parties that are one person; every other party is whoever holds a grant at the organisation."""

NAMING = ("organisation", "organisations", "employer", "insured_unit", "of")
"""Values of a refusal that are organisations' ids."""


class Mailbox(NamedTuple):
    """Whose address it is, their name, and the address as it is kept."""

    id: str
    name: str
    address: str


class Reader(NamedTuple):
    """One who reads a letter at an address of their own."""

    id: str
    name: str
    address: str
    """As a mail server takes it."""

    @property
    def domain(self) -> str:
        """Whose mail server reads it."""
        return self.address.rpartition("@")[2].lower()


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

    @property
    def domains(self) -> tuple[str, ...]:
        """Where its mail goes, each once."""
        return tuple(sorted({reader.domain for reader in self.readers}))


@dataclass(frozen=True)
class OrderedLetter:
    """One row, with what decides how it is delivered."""

    id: str
    kind: LetterKind | None
    """None where it is a collected letter."""
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
    left_to: tuple[str, ...]
    """Whoever of its readers has not got it yet; empty where nobody has."""
    resend_of: str
    room: str
    row: Record

    @classmethod
    def of(cls, row: Record) -> OrderedLetter:
        """Read a row."""
        return cls(
            id=row["id"],
            kind=LetterKind(row["kind"]) if row["kind"] != COLLECTED else None,
            party=Party(row["party"]),
            state=row["state"],
            realm=row["realm"],
            application=row["case_id"],
            meeting=row["meeting"] or "",
            organisation=row["organisation"],
            person=row["person"],
            params=json.loads(row["params"]),
            ordered_at=local(row["ordered_at"]),
            left_to=tuple(row["left_to"] or ()),
            resend_of=row["resend_of"],
            room=row["room"] or "",
            row=row,
        )

    @property
    def subject(self) -> str:
        """The case or meeting it is about; empty for an operation's."""
        return self.application or self.meeting


class LetterFacts:
    """Reads rows, addresses and surroundings of letters."""

    def __init__(self, pool: Pool, reading: Reading, console: str = "") -> None:
        self._pool = pool
        self._reading = reading
        self.console = console
        self._calendars = Calendars(pool, reading)

    def sweep(self) -> Known:
        """What the letters that are read together share."""
        return Known(self._pool, self._reading, self._calendars)

    async def ordered(
        self, letters: Iterable[str], states: Iterable[str] = ("queued",)
    ) -> tuple[OrderedLetter, ...]:
        """Those of these letters that are in one of these states, in the order of their coming."""
        rows = await self._pool.fetch(SQL["ordered"], list(letters), list(states))
        return tuple(OrderedLetter.of(row) for row in rows)

    async def reach(self, letter: OrderedLetter, known: Known) -> Reach:
        """Whom it is to, and every mailbox: of an organisation also its members' own.

        What was kept before its door looked at addresses is looked at here: one that no mail can
        bear keeps nobody else from reading. Of a letter that some have got, the others are left.
        """
        # The submission's own letters are ordered before the case knows whose it is.
        applicant = letter.row["applicant_id"] if letter.party is Party.APPLICANT else ""
        values = {
            "person": letter.person or applicant or "",
            "organisation": letter.organisation,
            "party": letter.party.value,
            "application": letter.application,
        }
        recipient = await Recipients(known).resolve(values, letter.realm)
        whose = values["person"] or letter.organisation or letter.party.value
        found = [Mailbox(whose, recipient.name, recipient.email or "")]
        if letter.organisation and not letter.person and letter.party not in PERSONAL:
            found += await members(letter, letter.ordered_at, known)
        if letter.organisation and letter.person:
            found += await self._deputy(letter, known)
        return reach_of(recipient, found, known, letter.left_to)

    async def _deputy(self, letter: OrderedLetter, known: Known) -> list[Mailbox]:
        """What goes to a supervisor himself goes to whoever stands in for him these days, too."""
        deputy = await deputy_of(
            self._pool,
            letter.person,
            letter.organisation,
            letter.realm,
            letter.ordered_at,
            letter.application,
        )
        contact = await known.person_contact(deputy, letter.realm) if deputy else None
        return [Mailbox(deputy, contact.name, contact.email)] if contact else []

    async def surroundings(
        self, letter: OrderedLetter, says: Letter, recipient: Recipient, known: Known
    ) -> Surroundings:
        """Everything a letter may need."""
        row, realm = letter.row, letter.realm
        campaign, version = row["campaign"], row["policy_version"]
        stated = await known.notice(campaign, version, realm) if campaign else {}
        office, city_office = (
            await known.offices(campaign, version, realm) if campaign else ("", "")
        )
        chain = [place["organisation"] for place in json.loads(row["places"] or "[]")]
        named = {
            letter.organisation,
            row["holder_then"],
            row["step_organisation"],
            office,
            city_office,
        }
        cards = await _cards({*named, *chain[-1:], *_ids(says)}, realm, known)
        applicant = (
            await known.applicant_contact(letter.application) if letter.application else None
        )
        return Surroundings(
            letter=letter.id,
            says=says,
            party=letter.party,
            organisation=letter.organisation,
            as_of=letter.ordered_at,
            recipient=recipient.name,
            console=self.console,
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
            subjects=await self._subjects(letter, says),
            defects=clauses_of(stated),
            platform=stated.get("platform", ""),
            # As of the order: the letter bears that day, though the case may have moved on since.
            holder=row["holder_then"] or "",
            step_organisation=row["step_organisation"] or "",
            forwarder=chain[-1] if chain else "",
            office=office,
            city_office=city_office,
            chance=await self._chance(letter) if isinstance(says, AboutEnd) else "",
            left_stage=row["stage_before"] or "",
            under_cover=await _under_cover(row["step_actor"], letter.realm, known),
            places=_places(cards.values(), office, stated.get("contacts", [])),
            texts=await self._texts(letter, says)
            | {key: item.name for key, item in cards.items()}
            | await _people(says, realm, known),
        )

    async def _chance(self, letter: OrderedLetter) -> str:
        return await self._pool.fetchval(SQL["chance"], letter.application) or ""

    async def _texts(self, letter: OrderedLetter, says: Letter) -> dict[str, str]:
        wanted = set(references(_free_text(says)))
        texts = await self._reading.texts(wanted) if wanted else {}
        if not letter.application or not refusals_of(says):
            return texts
        titles = await self._reading.achievement_titles(letter.application)
        return titles | texts

    async def _subjects(self, letter: OrderedLetter, says: Letter) -> dict[str, str]:
        """What items of a return can be about."""
        if not letter.application or not isinstance(says, (GivenBack, AuditFailed)):
            return {}
        case = await self._reading.case(letter.application)
        if case is None or case.facts is None:
            return {}
        titles = await self._reading.achievement_titles(letter.application)
        return subjects_of(case.facts, titles)


def _free_text(says: Letter) -> dict[str, Any]:
    """The fields of a letter that are free text; a number or a name that looks like a reference, as
    somebody stated it, opens no words of others to whom the letter goes."""
    stated = says.model_dump(include={"reason", "text", "items"})
    return {**stated, "items": [item["text"] for item in stated.get("items", ())]}


async def members(letter: OrderedLetter, at: datetime, known: Known) -> list[Mailbox]:
    """Who may act for a letter's organisation at an instant."""
    grants = await known.people_of(letter.organisation, at, letter.realm)
    found: list[Mailbox] = []
    for person in sorted({grant.person for grant in grants}):
        contact = await known.person_contact(person, letter.realm)
        if contact is not None:
            found.append(Mailbox(person, contact.name, contact.email))
    return found


async def _under_cover(acted: str | None, realm: str, known: Known) -> str:
    """Who did the step that is told, and in whose place; empty where it was done in the own right."""
    actor = Actor.model_validate_json(acted) if acted and acted != "null" else None
    if actor is None or not actor.principal:
        return ""
    people = (actor.person, actor.principal)
    contacts = [await known.person_contact(person, realm) for person in people]
    return both_names(*(contact.name if contact else "" for contact in contacts))


async def _people(says: Letter, realm: str, known: Known) -> dict[str, str]:
    """Names of the people that a letter names by their ids."""
    if not isinstance(says, OfCover):
        return {}
    people = {says.principal, says.deputy, says.ended_by if isinstance(says, CoverEnded) else ""}
    found = {person: await known.person_contact(person, realm) for person in people - {""}}
    return {person: item.name if item else "有关人员" for person, item in found.items()}


async def _cards(ids: set[str | None], realm: str, known: Known) -> dict[str, OrganisationView]:
    found = [await known.organisation(item, realm) for item in sorted(filter(None, ids))]
    return {item.id: item for item in found if item is not None}


def reach_of(
    recipient: Recipient, found: Iterable[Mailbox], known: Known, left_to: Collection[str] = ()
) -> Reach:
    """Each usable address once, the first name it was found under; the others by whose they are."""
    readers: dict[str, Reader] = {}
    unread: list[Unread] = []
    for whose, name, stated in found:
        if not stated.strip():
            continue
        try:
            address = known.wire(stated)
        except AddressError as err:
            unread.append(Unread(whose, f"电子邮箱不能使用，{err.words}"))
        else:
            readers.setdefault(address.lower(), Reader(whose, name, address))
    if left_to:
        # Who could not be addressed was told of when the others got it.
        kept = tuple(reader for reader in readers.values() if reader.id in left_to)
        return Reach(recipient, kept)
    return Reach(recipient, tuple(readers.values()), tuple(unread))


def _ids(says: Letter) -> set[str]:
    """Every value that may be an organisation's id, those inside refusals included."""
    values = {says.responsible} if isinstance(says, Lapsed) else set()
    values |= {says.organisation} if isinstance(says, OfCover) else set()
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
