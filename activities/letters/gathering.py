"""What an organisation has to do is gathered, and told in one letter at an hour (docs/letters.md).

A letter that is gathered stays a row of its own and waits for the collected letter that carries it,
one for each recipient and hour: the organisation with those of its members who want what it wants,
and each member who has chosen something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

from activities.database import Connection, Pool
from activities.letters.facts import PERSONAL, SQL, OrderedLetter, Reach, Reader
from activities.letters.known import Known
from activities.letters.rhythms import Rhythms
from workflows.letter.letter import Dated, Letter
from workflows.rules.message import end_of, local
from workflows.rules.names import Rhythm

TOGETHER = timedelta(seconds=2)
"""How long a collected letter whose hour has come already waits for what comes at the same moment."""


class Carrier(NamedTuple):
    """A collected letter as it is looked for: to whom, and at which hour of the realm's clock."""

    realm: str
    organisation: str
    person: str
    """Empty: the organisation, and whoever of its members goes along with it."""
    hour: datetime
    rhythm: Rhythm


@dataclass(frozen=True)
class Placed:
    """How a letter reaches its readers: by collected letters, and some of them at once."""

    letter: OrderedLetter
    carriers: tuple[Carrier, ...]
    at_once: Reach
    """Without any reader where all are told by those."""


class Gathering:
    """Says which letters are to be gathered, and writes down what carries them."""

    def __init__(self, pool: Pool, rhythms: Rhythms) -> None:
        self._pool = pool
        self._rhythms = rhythms

    async def place(
        self, letter: OrderedLetter, says: Letter, reach: Reach, known: Known
    ) -> Placed | None:
        """Where a letter belongs; None where it simply goes out.

        A letter that was placed before, and one that is sent once more, simply go out to whom they
        are left for.
        """
        if not self._is_collected(letter):
            return None
        carriers: set[Carrier] = set()
        now: list[Reader] = []
        working = await known.working_days(letter.realm)
        chosen = await known.choices(letter.organisation, _members(letter, reach), letter.realm)
        own = chosen.rhythm_of(letter.organisation) or self._rhythms.usual
        for reader in reach.readers:
            member = "" if reader.id == letter.organisation else reader.id
            other = chosen.rhythm_of(member) if member else None
            rhythm = other or own
            hour = self._rhythms.hour(rhythm, letter.ordered_at, _last(says), working.works)
            if hour is None:
                now.append(reader)
            else:
                person = member if other else ""
                carriers.add(Carrier(letter.realm, letter.organisation, person, hour, rhythm))
        if not carriers:
            return None
        return Placed(letter, tuple(sorted(carriers)), _only(reach, now))

    async def gather(self, placed: Sequence[Placed], room: str, known: Known) -> None:
        """Write down what carries these letters; the collected letters of an hour are begun by the
        first that they carry, in its room."""
        async with self._pool.acquire() as connection, connection.transaction():
            ids: dict[Carrier, str] = {}
            for carrier in sorted({item for one in placed for item in one.carriers}):
                now = await known.realm_now(carrier.realm)
                due_in = carrier.hour + self._rhythms.waiting - now
                ids[carrier] = await _collecting(connection, carrier, room, due_in)
            pairs = [(one.letter.id, ids[item]) for one in placed for item in one.carriers]
            mixed = [(one.letter.id, item.id) for one in placed for item in one.at_once.readers]
            await connection.execute(SQL["gather"], *_columns(pairs), *_columns(mixed))

    async def again_today(
        self, connection: Connection, letter: OrderedLetter, as_of: datetime
    ) -> None:
        """What falls due today and was just told is told once more while it can still be done."""
        hour = self._rhythms.later_today(as_of, end_of(local(as_of).date()))
        if hour is None or letter.params.get("rhythm") != Rhythm.DAILY:
            return
        whose = (letter.realm, letter.organisation, letter.person, hour)
        # In a rehearsal whose clock passed both hours at once, the later may have been told already.
        if not await connection.fetchval(SQL["was_collected"], *whose):
            due_in = hour + self._rhythms.waiting - as_of
            await _collecting(connection, Carrier(*whose, Rhythm.DAILY), letter.room, due_in)

    def _is_collected(self, letter: OrderedLetter) -> bool:
        return (
            letter.kind in self._rhythms.kinds
            and bool(letter.organisation)
            and not (letter.person or letter.party in PERSONAL)
            and not (letter.left_to or letter.resend_of)
        )


async def _collecting(
    connection: Connection, carrier: Carrier, room: str, due_in: timedelta
) -> str:
    """The collected letter that takes up what comes, begun where there is none yet."""
    realm, organisation, person, hour, rhythm = carrier
    while True:
        fresh = str(uuid4())
        stated = f'{{"collected": "{fresh}", "rhythm": "{rhythm}"}}'
        await connection.execute(
            SQL["begin_collecting"],
            fresh,
            realm,
            organisation,
            person,
            stated,
            hour,
            room,
            max(due_in, TOGETHER),
        )
        found: str | None = await connection.fetchval(
            SQL["collecting"], realm, organisation, person, hour
        )
        if found is not None:
            return found  # else it was claimed at this very moment, and takes up nothing more


def _columns(pairs: Iterable[tuple[str, str]]) -> tuple[list[str], list[str]]:
    listed = list(pairs)
    return [first for first, _ in listed], [second for _, second in listed]


def _members(letter: OrderedLetter, reach: Reach) -> frozenset[str]:
    return frozenset(reader.id for reader in reach.readers) - {letter.organisation}


def _only(reach: Reach, readers: Sequence[Reader]) -> Reach:
    """The same to these readers alone; who cannot be addressed is told of by what carries it."""
    return replace(reach, readers=tuple(readers), unread=() if not readers else reach.unread)


def _last(says: Letter) -> datetime | None:
    """The last moment of what a letter asks for."""
    if not isinstance(says, Dated) or says.deadline_on is None:
        return None
    return local(says.deadline_at) if says.deadline_at else end_of(says.deadline_on)
