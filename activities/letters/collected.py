"""Collected letters: whom they are to, and what they tell as it stands when they are sent."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from activities.database import LIVE, Connection, Pool
from activities.letters.facts import (
    SQL,
    LetterFacts,
    Mailbox,
    OrderedLetter,
    Reach,
    members,
    reach_of,
)
from activities.letters.gathering import Gathering
from activities.letters.known import Known
from activities.letters.reading import LetterError, read
from activities.letters.recipients import Recipient, Recipients
from activities.letters.rhythms import Rhythms
from activities.letters.standing import Said, no_more_asked
from activities.letters.table import Band, Head, Line, by_case, write_collected
from activities.letters.writing import Written, outline, short_number
from activities.wording import label
from workflows.letter.kinds import Task
from workflows.rules.message import local_date
from workflows.rules.names import LetterKind
from workflows.rules.text import shown_line, shown_prose

logger = logging.getLogger(__name__)

STANDING = ("queued", "gathered", "claimed", "sent", "bounced", "unknown", "no_address")
"""States of letters whose lines are told; a cancelled one asks for nothing."""
DONE = "发出前已经办结"
NOTHING_LEFT = "所汇总的事项在发出前都已经办结"


@dataclass(frozen=True)
class Told:
    """What a collected letter says, and what becomes of the letters it carries."""

    written: Written | None
    """None where nothing is left to be told."""
    letters: tuple[str, ...] = ()
    """Those that it tells."""
    done: tuple[str, ...] = ()
    """Those that ask for what was done meanwhile."""
    as_of: datetime | None = None
    due_today: bool = False


class CollectedLetters:
    """Addresses, writes and settles them."""

    def __init__(self, pool: Pool, facts: LetterFacts, rhythms: Rhythms) -> None:
        self._pool = pool
        self._facts = facts
        self._rhythms = rhythms
        self.gathering = Gathering(pool, rhythms)

    async def reach(self, letter: OrderedLetter, known: Known) -> Reach:
        """One member, or the organisation and whoever of its members goes along with it now."""
        values = {
            "person": letter.person,
            "organisation": letter.organisation,
            "party": letter.party.value,
        }
        recipient = await Recipients(known).resolve(values, letter.realm)
        own = Mailbox(letter.person or letter.organisation, recipient.name, recipient.email or "")
        if letter.person:
            return reach_of(recipient, [own], known, letter.left_to)
        now = await known.realm_now(letter.realm)
        found = await members(letter, now, known)
        chosen = await known.choices(
            letter.organisation, frozenset(item.id for item in found), letter.realm
        )
        begun = letter.row["created_at"]
        along = [item for item in found if chosen.goes_along(item.id, begun)]
        return reach_of(recipient, [own, *along], known, letter.left_to)

    async def tell(self, letter: OrderedLetter, recipient: Recipient, known: Known) -> Told:
        """Write down what is still to be done at this moment; what was done meanwhile drops out."""
        as_of = await self._as_of(letter, known)
        carried = await self._carried(letter)
        await known.read_applicants({item.application for item in carried if item.application})
        said = [Said(item, read(_kind(item), item.params), as_of) for item in carried]
        done = await no_more_asked(self._pool, said)
        open_ones = [item for item in said if item.letter.id not in done]
        lines = [await self._line(item, known) for item in open_ones]
        lines += await self._others(letter, lines, as_of, known)
        merged = by_case(lines)
        today = any(line.band(as_of) is Band.TODAY for line in merged)
        dropped = tuple(item.letter.id for item in said if item.letter.id in done)
        if not (open_ones or today):
            return Told(None, done=dropped)
        head = Head(
            letter=letter.id,
            name=shown_line(recipient.name) or label("parties", "holder"),
            as_of=as_of,
            rehearsal=letter.realm != LIVE,
            rows=self._rhythms.rows,
            details=self._rhythms.details,
            link=f"{self._facts.console}/daiban" if self._facts.console else "",
        )
        return Told(
            write_collected(head, merged),
            tuple(item.letter.id for item in open_ones),
            dropped,
            as_of,
            today,
        )

    async def settle(
        self,
        connection: Connection,
        letter: OrderedLetter,
        state: str,
        message_id: str,
        answer: str,
        told: Told | None,
    ) -> None:
        """What becomes of the letters that it carried; None where it is not known which it told."""
        root = root_of(letter)
        if told is not None and told.done:
            await connection.execute(
                SQL["settle_carried"], root, list(told.done), "cancelled", "", DONE
            )
        carried = list(told.letters) if told is not None else None
        await connection.execute(SQL["settle_carried"], root, carried, state, message_id, answer)
        await connection.execute(SQL["let_go"], root)
        if state == "sent" and told is not None and told.due_today and told.as_of is not None:
            await self.gathering.again_today(connection, letter, told.as_of)

    async def _as_of(self, letter: OrderedLetter, known: Known) -> datetime:
        """Now; in a rehearsal, whose cases may have gone on meanwhile, its hour."""
        now = await known.realm_now(letter.realm)
        hour = letter.ordered_at + self._rhythms.waiting
        return now if letter.realm == LIVE else min(hour, now)

    async def _carried(self, letter: OrderedLetter) -> tuple[OrderedLetter, ...]:
        rows = await self._pool.fetch(SQL["carried"], root_of(letter))
        return await self._facts.ordered((row["id"] for row in rows), STANDING)

    async def _line(self, item: Said, known: Known) -> Line:
        letter, says = item.letter, item.says
        about = await self._facts.surroundings(letter, says, Recipient(name=""), known)
        try:
            said = outline(about)
        except LetterError:
            # Its row of the table is told all the same: the others are not to wait for its words.
            logger.warning("letter.unwritable", extra={"letter": letter.id, "kind": letter.kind})
            return Line(
                letter.subject, short_number(letter.application), "", label("letters", says.kind)
            )
        term = said.term
        return Line(
            subject=letter.subject,
            case=shown_line(said.case),
            whose=shown_line(said.whose),
            work=shown_line(said.work),
            doer=shown_line(said.doer),
            ends_on=term.ends_on if term else None,
            ends_at=term.ends_at if term else None,
            fresh=isinstance(says, Task),
            urged=letter.kind is LetterKind.URGED,
            told=((shown_line(said.words), shown_prose(said.body)),),
        )

    async def _others(
        self, letter: OrderedLetter, lines: Iterable[Line], as_of: datetime, known: Known
    ) -> list[Line]:
        """What else its organisation has to do by today: told before, and not done yet."""
        named = {(line.subject, line.ends_on) for line in lines if not line.doer}
        rows = await self._pool.fetch(
            SQL["due_of_organisation"],
            letter.realm,
            letter.organisation,
            local_date(as_of),
            as_of,
            self._rhythms.rows,
        )
        return [
            await _due(row, known) for row in rows if (row["subject"], row["due_on"]) not in named
        ]


def root_of(letter: OrderedLetter) -> str:
    """The collected letter under whose id what it tells is kept: itself, or the one it repeats."""
    return letter.params.get("collected") or letter.id


def _kind(letter: OrderedLetter) -> LetterKind:
    if letter.kind is None:
        raise LetterError("collected")
    return letter.kind


async def _due(row: Record, known: Known) -> Line:
    application = row["application"] or ""
    contact = await known.applicant_contact(application) if application else None
    number = row["meeting_number"] or row["acceptance_number"] or short_number(application)
    return Line(
        subject=row["subject"],
        case=number,
        whose=shown_line(contact.name) if contact else "",
        work=label("tasks", row["kind"]),
        ends_on=row["due_on"],
    )
