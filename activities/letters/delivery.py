"""Delivering one letter: claimed before it goes out, and never sent twice on a guess (design.md 9)."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from asyncpg import Record

from activities import failures
from activities.database import Connection, Pool, scope
from activities.letters import writing
from activities.letters.collected import NOTHING_LEFT, CollectedLetters, Told
from activities.letters.facts import SQL, LetterFacts, OrderedLetter, Reach, Unread
from activities.letters.gathering import Placed
from activities.letters.known import Known
from activities.letters.reading import LetterError, read
from activities.letters.rhythms import Rhythms
from activities.letters.smtp import (
    Accepted,
    AnswerLostError,
    AwayError,
    Carrier,
    RefusedError,
    Sender,
    TryLaterError,
)
from activities.letters.standing import DONE, Said, no_more_asked
from activities.letters.together import Together
from activities.reading import Reading
from workflows.letter.letter import Letter
from workflows.rules.names import COLLECTED, LIVE, LetterKind, Party

logger = logging.getLogger(__name__)

State = Literal["sent", "bounced", "unknown", "cancelled", "no_address"]

FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(minutes=15)
LAST_FOR_SOME = 300
"""Attempts, some three days of them, after which whoever still has no letter is told of instead."""
MAX_ERROR = 2000
OPERATIONS = "operations"
"""Who gets the task where the directory has no operations of its own."""

TASKS: dict[State, str] = {
    "bounced": "bounced_letter",
    "unknown": "unknown_letter",
    "no_address": "unaddressed_letter",
}
PARTLY = "partly_sent_letter"
"""The task for a letter that not all of its readers were sent."""
ASK_AGAIN = 1.0
"""Seconds between two attempts to write down what is known of a letter that went out."""
STARTS_A_LAPSE = frozenset({LetterKind.RETURNED, LetterKind.ONE_OFF_NOTICE, LetterKind.FEE_DUE})
"""What was not served here must not lapse unseen: who set the term gets the task (T5)."""


@dataclass(frozen=True)
class Ready:
    """A letter that somebody is to get, and whom."""

    letter: OrderedLetter
    says: Letter | None
    """None: it is a collected letter, which is written when it is sent."""
    reach: Reach
    known: Known


@dataclass(frozen=True)
class Sweep:
    """Letters that were read together, and what was found out for all of them at once."""

    letters: tuple[OrderedLetter, ...]
    known: Known
    done: frozenset[str]
    """Those that ask for what was done meanwhile."""


class _Claim(NamedTuple):
    letter: str
    message_id: str


class _Sent(NamedTuple):
    letter: str
    reply: str


class LetterDelivery:
    """Delivers letters for one claimant. Every answer of a mail server leads to exactly one state of
    the row."""

    def __init__(
        self,
        pool: Pool,
        reading: Reading,
        sender: Sender,
        rhythms: Rhythms,
        claimant: str,
        console: str = "",
    ) -> None:
        """`claimant`: who claims, so that only it can put back or settle its claims."""
        self._pool = pool
        self._sender = sender
        self._claimant = claimant
        self._facts = LetterFacts(pool, reading, console)
        self._collected = CollectedLetters(pool, self._facts, rhythms)
        self._claim = Together(self._claimed)
        self._note_sent = Together(self._settled_sent)

    async def sweep(self, ids: Iterable[str]) -> Sweep:
        """Read what of these letters still waits."""
        letters = await self._facts.ordered(ids)
        known = self._facts.sweep()
        await known.read_applicants({item.application for item in letters if item.application})
        asked = [Said(item, says, _as_of(item)) for item in letters if (says := _readable(item))]
        return Sweep(letters, known, await no_more_asked(self._pool, asked))

    async def ready(self, letter: OrderedLetter, sweep: Sweep) -> Ready | None:
        """What is needed to send it; None where it was settled without being sent."""
        known = sweep.known
        try:
            if letter.id in sweep.done:
                await self._unsent(letter, "cancelled", DONE)
                return None
            says = read(letter.kind, letter.params) if letter.kind else None
            reach = (
                await self._facts.reach(letter, known)
                if says is not None
                else await self._collected.reach(letter, known)
            )
        except Exception as err:
            if _is_away(err):
                raise
            # Whatever it stumbles over stays what it is: a person must look, not a retry.
            await self._unwritable(letter, err)
            return None
        if reach.readers:
            return Ready(letter, says, reach, known)
        if letter.left_to:
            await self._unsent(letter, "sent", "其余收件人已不再收取")
        else:
            await self._unaddressed(letter, reach)
        return None

    async def placed(self, ready: Ready) -> Placed | None:
        """Which collected letters are to carry it; None where it simply goes out."""
        if ready.says is None:
            return None
        gathering = self._collected.gathering
        return await gathering.place(ready.letter, ready.says, ready.reach, ready.known)

    async def gather(self, placed: Sequence[Placed], room: str, known: Known) -> None:
        """Have them carried."""
        await self._collected.gathering.gather(placed, room, known)

    async def send(self, ready: Ready, carrier: Carrier) -> None:
        """Write it, claim it, hand it over, and note what came of it.

        Raises:
            AwayError: no letter gets through now; this one waits.
        """
        letter = ready.letter
        message_id = self._sender.server.message_id(letter.id)
        try:
            told, content = await self._written(ready, message_id)
        except Exception as err:
            if _is_away(err):
                raise
            await self._unwritable(letter, err)
            return
        if content is None:
            await self._unsent(letter, "cancelled", NOTHING_LEFT, told)
            return
        await carrier.open()
        attempts = await self._claim(_Claim(letter.id, message_id))
        if attempts is None:
            return  # somebody else moved the row since it was read
        await self._handed_over(ready, told, content, attempts, carrier)

    async def orphans(self, room: str) -> None:
        """What an earlier shift claimed and never settled may have gone out: a person must look."""
        why = "发送中断，不知道邮件服务器是否已经收下"
        for row in await self._pool.fetch(SQL["orphans"], room, self._claimant):
            async with self._pool.acquire() as connection, connection.transaction():
                if await connection.fetchval(SQL["settle_orphan"], row["id"], why):
                    await self._settle_carried(connection, OrderedLetter.of(row), "unknown", why)
                    await ask_a_person(connection, row, "unknown", why)

    async def finish(self) -> None:
        """Wait until what is known of the letters is written down."""
        await self._note_sent.finish()

    async def _written(self, ready: Ready, message_id: str) -> tuple[Told | None, bytes | None]:
        """What a collected letter tells, and the mail; no mail where nothing is left to be told."""
        letter, reach, known = ready.letter, ready.reach, ready.known
        told, day = None, letter.ordered_at
        if ready.says is None:
            told = await self._collected.tell(letter, reach.recipient, known)
            if told.written is None:
                return told, None
            written, day = told.written, told.as_of or day
        else:
            about = await self._facts.surroundings(letter, ready.says, reach.recipient, known)
            written = writing.write(about)
        return told, self._sender.compose(
            to=[(reader.name, reader.address) for reader in reach.readers],
            subject=written.subject,
            text=written.text,
            html=written.html,
            message_id=message_id,
            sent_at=day,
        )

    async def _handed_over(
        self, ready: Ready, told: Told | None, content: bytes, attempts: int, carrier: Carrier
    ) -> None:
        letter, reach = ready.letter, ready.reach
        try:
            accepted = await carrier.send(content, [item.address for item in reach.readers])
        except TryLaterError as err:
            await self._put_back(letter, str(err), attempts, letter.left_to)
            if isinstance(err, AwayError):
                raise
        except RefusedError as err:
            await self._settle(letter, "bounced", str(err), told)
        except AnswerLostError as err:
            await self._settle(letter, "unknown", str(err), told)
        else:
            await self._accepted(ready, told, accepted, attempts)

    async def _accepted(
        self, ready: Ready, told: Told | None, accepted: Accepted, attempts: int
    ) -> None:
        letter, reach = ready.letter, ready.reach
        for_good, later = accepted.refused, accepted.later
        if attempts >= LAST_FOR_SOME:
            for_good, later = {**for_good, **later}, {}
        unread = (
            *reach.unread,
            *(
                Unread(reader.id, for_good[reader.address])
                for reader in reach.readers
                if reader.address in for_good
            ),
        )
        left = [reader for reader in reach.readers if reader.address in later]
        others = (*map(str, unread), *(str(Unread(item.id, later[item.address])) for item in left))
        reply = "；".join((accepted.reply, *others))
        if left:
            # The others have it: it is theirs alone that is tried again.
            await self._put_back(letter, reply, attempts, [reader.id for reader in left])
            await _surely(lambda: self._told_of(letter, unread))
        elif unread or letter.kind is None:
            if unread:
                extra = {"letter": letter.id, "unread": len(unread)}
                logger.warning("letter.partly_sent", extra=extra)
            await self._settle(letter, "sent", reply, told, unread)
        else:
            await _surely(lambda: self._note_sent(_Sent(letter.id, reply[:MAX_ERROR])))

    async def _claimed(self, claims: Sequence[_Claim]) -> list[int | None]:
        rows = await self._pool.fetch(
            SQL["claim"],
            [item.letter for item in claims],
            [item.message_id for item in claims],
            self._claimant,
        )
        attempts = {row["id"]: row["attempts"] for row in rows}
        return [attempts.get(item.letter) for item in claims]

    async def _settled_sent(self, sent: Sequence[_Sent]) -> list[None]:
        letters = [item.letter for item in sent]
        replies = [item.reply for item in sent]
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL["settle_sent"], letters, replies, self._claimant)
            # A later shift may have called one lost meanwhile, or it is one that was sent again:
            # now it is known.
            await connection.execute(SQL["close_tasks"], letters)
        return [None] * len(letters)

    async def _put_back(
        self, letter: OrderedLetter, why: str, attempts: int, left_to: Sequence[str]
    ) -> None:
        delay = min(FIRST_DELAY * 2 ** min(attempts - 1, 16), LONGEST_DELAY)
        stated = (why[:MAX_ERROR], delay, list(left_to) or None)
        await _surely(
            lambda: self._pool.execute(SQL["put_back"], letter.id, self._claimant, *stated)
        )

    async def _settle(
        self,
        letter: OrderedLetter,
        state: State,
        answer: str,
        told: Told | None,
        unread: Sequence[Unread] = (),
    ) -> None:
        async def write() -> None:
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.execute(
                    SQL["settle_own"], letter.id, self._claimant, state, answer[:MAX_ERROR]
                )
                await self._settle_carried(connection, letter, state, answer, told)
                await ask_a_person(connection, letter.row, state, answer)
                if state == "sent":
                    await connection.execute(SQL["close_tasks"], [letter.id])
                    await _tell_of_unread(connection, letter, unread)

        await _surely(write)

    async def _told_of(self, letter: OrderedLetter, unread: Sequence[Unread]) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            await _tell_of_unread(connection, letter, unread)

    async def _unwritable(self, letter: OrderedLetter, err: Exception) -> None:
        # Without the traceback: its locals name people.
        logger.warning("letter.unwritable", extra={"letter": letter.id, "kind": letter.kind})
        known = isinstance(err, LetterError)
        why = f"{err}" if known else f"程序出错（{type(err).__name__}）"
        await self._unsent(letter, "bounced", f"通知不能写成：{why}")

    async def _unaddressed(self, letter: OrderedLetter, reach: Reach) -> None:
        """Nobody to send it to. Who complains without an address does not want a letter: it is none
        that failed, and no person has to look after it."""
        if letter.party is Party.COMPLAINANT and not reach.unread:
            await self._unsent(letter, "cancelled", "提出人没有留下电子邮箱")
            return
        why = "；".join(map(str, reach.unread)) or "没有登记电子邮箱"
        await self._unsent(letter, "no_address", why)

    async def _unsent(
        self, letter: OrderedLetter, state: State, why: str, told: Told | None = None
    ) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(SQL["settle_unsent"], letter.id, state, why[:MAX_ERROR]):
                await self._settle_carried(connection, letter, state, why, told)
                await ask_a_person(connection, letter.row, state, why)

    async def _settle_carried(
        self,
        connection: Connection,
        letter: OrderedLetter,
        state: State,
        answer: str,
        told: Told | None = None,
    ) -> None:
        if letter.kind is None:
            message_id = self._sender.server.message_id(letter.id)
            await self._collected.settle(
                connection, letter, state, message_id, answer[:MAX_ERROR], told
            )


def _readable(letter: OrderedLetter) -> Letter | None:
    """What it says; None where it is a collected letter, or a person has to look at it."""
    try:
        return read(letter.kind, letter.params) if letter.kind else None
    except LetterError:
        return None


def _as_of(letter: OrderedLetter) -> datetime:
    """Now; in a rehearsal, whose cases may have gone on meanwhile, as of its own instant."""
    return datetime.now(UTC) if letter.realm == LIVE else letter.ordered_at


def _is_away(err: Exception) -> bool:
    """The database is away: that delays a letter and says nothing about it."""
    return failures.of_ours(err, 1) is None


async def _surely(write: Callable[[], Awaitable[object]]) -> None:
    """Write down what is known of a letter that went out; a database that is away is asked again.

    Given up, it would be a letter of which nobody knows.
    """
    while True:
        try:
            await write()
        except Exception as err:
            if not _is_away(err):
                raise
            logger.warning("letter.not_settled", extra={"why": type(err).__name__})
            await asyncio.sleep(ASK_AGAIN)
        else:
            return


async def ask_a_person(connection: Connection, row: Record, state: State, answer: str) -> None:
    """Open a task for what no machine may decide.

    Args:
        row: the letter's, with `step_organisation`, whoever took the step that ordered it.
    """
    kind = TASKS.get(state)
    if kind is None:
        return
    setter = row["step_organisation"] if row["kind"] in STARTS_A_LAPSE else ""
    await _open_task(connection, row, kind, setter or "", {"answer": answer[:200]})


async def _tell_of_unread(
    connection: Connection, letter: OrderedLetter, unread: Sequence[Unread]
) -> None:
    """The others have read it, so one task at a time says who does not read along."""
    if not unread:
        return
    who = "、".join(sorted({item.id for item in unread}))
    if await connection.fetchval(SQL["is_told_of"], letter.realm, PARTLY, who):
        return
    answer = "；".join(map(str, unread))[:200]
    await _open_task(connection, letter.row, PARTLY, "", {"answer": answer, "who": who})


async def _open_task(
    connection: Connection, row: Record, kind: str, organisation: str, more: Mapping[str, str]
) -> None:
    """A task of this letter; operations' where no organisation is named.

    That of a collected letter stands with the first case or meeting it tells about, that of a letter of
    absence cover with the operation that named it.
    """
    about: Record | None = row
    if row["kind"] == COLLECTED:
        root = json.loads(row["params"])["collected"]
        about = await connection.fetchrow(SQL["first_carried"], root)
    operation = json.loads(row["params"]).get("cover")
    if about is None or not (about["subject"] or operation):
        return
    params = {"letter": row["id"], "letter_kind": row["kind"], **more}
    await connection.execute(
        SQL["open_task"],
        about["application"],
        about["meeting"],
        operation,
        row["realm"],
        f"letter:{row['id']}",
        kind,
        organisation
        or await connection.fetchval(SQL["operations"], scope(row["realm"]))
        or OPERATIONS,
        json.dumps(params, ensure_ascii=False),
        row["ordered_at"],
    )
