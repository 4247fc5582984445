"""Sending one letter: claimed before it goes out, and never sent twice on a guess (design.md 9)."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from email.message import EmailMessage
from typing import Literal

import asyncpg
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities import failures
from activities.database import Connection, Pool, scope
from activities.letters import writing
from activities.letters.facts import SQL, LetterFacts, OrderedLetter, Reach, Unread
from activities.letters.reading import LetterError, read
from activities.letters.recipients import Recipients
from activities.letters.smtp import Accepted, AnswerLostError, RefusedError, Sender, TryLaterError
from activities.reading import Reading
from workflows.letter.letter import Letter
from workflows.letter.messages import DeliverLetter, Delivery
from workflows.rules.names import LetterKind, Party

logger = logging.getLogger(__name__)

State = Literal["sent", "bounced", "unknown", "cancelled", "no_address"]

FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(minutes=15)
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
NOT_NOW = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""The database is away: that delays a letter and says nothing about it."""
STARTS_A_LAPSE = frozenset({LetterKind.RETURNED, LetterKind.ONE_OFF_NOTICE, LetterKind.FEE_DUE})
"""What was not served here must not lapse unseen: who set the term gets the task (T5)."""


class LetterDelivery:
    """Delivers letters. Every answer of a mail server leads to exactly one state of the row."""

    def __init__(
        self, pool: Pool, reading: Reading, recipients: Recipients, sender: Sender
    ) -> None:
        self._pool = pool
        self._facts = LetterFacts(pool, reading, recipients)
        self._sender = sender

    @activity.defn(name="deliver_letter")
    async def deliver_letter(self, command: DeliverLetter) -> Delivery:
        """Send one letter; claimed before sending, never twice.

        Raises:
            ApplicationError: `mail_unavailable` to try again later; `not_found` for no such row.
        """
        letter = await self._facts.load(command.letter)
        if letter is None:
            raise failures.not_found("letter", command.letter)
        if letter.state == "claimed":
            # An earlier attempt died between claim and answer: it may have sent the letter.
            return await self._orphaned(letter)
        if letter.state != "queued":
            return Delivery.model_validate({"letter": letter.id, "state": letter.state})
        try:
            says = read(letter.kind, letter.params)
        except LetterError as err:
            return await self._unwritable(letter, err)
        if not await self._facts.still_true(letter, says):
            return await self._unsent(letter, "cancelled", "所提醒的事项已经办完或者日期已经变更")
        return await self._deliver(letter, says)

    async def _deliver(self, letter: OrderedLetter, says: Letter) -> Delivery:
        try:
            reach = await self._facts.reach(letter)
            if not reach.readers:
                return await self._unaddressed(letter, reach)
            message = await self._compose(letter, says, reach)
        except NOT_NOW:
            raise
        except Exception as err:
            # Whatever it stumbles over stays what it is: a person must look, not a retry.
            return await self._unwritable(letter, err)
        return await self._send(letter, message, reach)

    async def _compose(self, letter: OrderedLetter, says: Letter, reach: Reach) -> EmailMessage:
        about = await self._facts.surroundings(letter, says, reach.recipient)
        written = writing.write(about)
        return self._sender.compose(
            to=[(reader.name, reader.address) for reader in reach.readers],
            subject=written.subject,
            text=written.text,
            html=written.html,
            message_id=self._sender.server.message_id(letter.id),
            sent_at=letter.ordered_at,
        )

    async def _send(self, letter: OrderedLetter, message: EmailMessage, reach: Reach) -> Delivery:
        claim = _claimant()
        attempts = await self._pool.fetchval(
            SQL["claim"], letter.id, str(message["Message-ID"]), claim
        )
        if attempts is None:
            # Somebody else moved the row since it was read; the next attempt sees how.
            raise _later("another attempt holds the letter", 1)
        try:
            accepted = await self._sender.send(message, [item.address for item in reach.readers])
        except TryLaterError as err:
            await self._pool.execute(SQL["release"], letter.id, claim, str(err)[:MAX_ERROR])
            raise _later(str(err), attempts) from err
        except RefusedError as err:
            return await self._settle(letter, claim, "bounced", str(err))
        except AnswerLostError as err:
            return await self._settle(letter, claim, "unknown", str(err))
        return await self._sent(letter, claim, accepted, reach)

    async def _sent(
        self, letter: OrderedLetter, claim: str, accepted: Accepted, reach: Reach
    ) -> Delivery:
        refused = accepted.refused
        unread = (
            *reach.unread,
            *(
                Unread(reader.id, refused[reader.address])
                for reader in reach.readers
                if reader.address in refused
            ),
        )
        if unread:
            logger.warning("letter.partly_sent", extra={"letter": letter.id, "unread": len(unread)})
        reply = "；".join((accepted.reply, *map(str, unread)))
        return await self._settle(letter, claim, "sent", reply, unread)

    async def _unwritable(self, letter: OrderedLetter, err: Exception) -> Delivery:
        # Without the traceback: its locals name people.
        logger.warning("letter.unwritable", extra={"letter": letter.id, "kind": letter.kind})
        known = isinstance(err, LetterError)
        why = f"{err}" if known else f"程序出错（{type(err).__name__}）"
        return await self._unsent(letter, "bounced", f"通知不能写成：{why}")

    async def _unaddressed(self, letter: OrderedLetter, reach: Reach) -> Delivery:
        """Nobody to send it to. Who complains without an address does not want a letter."""
        why = "；".join(map(str, reach.unread)) or "没有登记电子邮箱"
        wanted = bool(reach.unread) or letter.party is not Party.COMPLAINANT
        return await self._unsent(letter, "no_address", why, ask=wanted)

    async def _settle(
        self,
        letter: OrderedLetter,
        claim: str,
        state: State,
        answer: str,
        unread: Sequence[Unread] = (),
    ) -> Delivery:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL["settle_own"], letter.id, claim, state, answer[:MAX_ERROR])
            await self._ask_a_person(connection, letter, state, answer)
            if state == "sent" and letter.subject:
                # A later attempt may have called this one lost meanwhile, or it is one that was
                # sent again: now it is known.
                await connection.execute(
                    SQL["close_tasks"], letter.subject, letter.id, letter.ordered_at
                )
                await self._tell_of_unread(connection, letter, unread)
        return Delivery(letter=letter.id, state=state)

    async def _unsent(
        self, letter: OrderedLetter, state: State, why: str, *, ask: bool = True
    ) -> Delivery:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL["settle_unsent"], letter.id, state, why[:MAX_ERROR])
            if ask:
                await self._ask_a_person(connection, letter, state, why)
        return Delivery(letter=letter.id, state=state)

    async def _orphaned(self, letter: OrderedLetter) -> Delivery:
        why = "发送中断，不知道邮件服务器是否已经收下"
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL["settle_orphan"], letter.id, why)
            await self._ask_a_person(connection, letter, "unknown", why)
        return Delivery(letter=letter.id, state="unknown")

    async def _ask_a_person(
        self, connection: Connection, letter: OrderedLetter, state: State, answer: str
    ) -> None:
        """Open a task for what no machine may decide."""
        kind = TASKS.get(state)
        if kind is None or not letter.subject:
            return
        setter = letter.row["step_organisation"] if letter.kind in STARTS_A_LAPSE else ""
        await self._open_task(connection, letter, kind, setter, {"answer": answer[:200]})

    async def _tell_of_unread(
        self, connection: Connection, letter: OrderedLetter, unread: Sequence[Unread]
    ) -> None:
        """The others have read it, so one task at a time says who does not read along."""
        if not unread:
            return
        who = "、".join(sorted({item.id for item in unread}))
        if await connection.fetchval(SQL["is_told_of"], letter.realm, PARTLY, who):
            return
        answer = "；".join(map(str, unread))[:200]
        await self._open_task(connection, letter, PARTLY, "", {"answer": answer, "who": who})

    async def _open_task(
        self,
        connection: Connection,
        letter: OrderedLetter,
        kind: str,
        organisation: str,
        more: Mapping[str, str],
    ) -> None:
        """A task of this letter; operations' where no organisation is named."""
        params = {"letter": letter.id, "letter_kind": letter.kind.value, **more}
        await connection.execute(
            SQL["open_task"],
            letter.application or None,
            letter.meeting or None,
            letter.realm,
            f"letter:{letter.id}",
            kind,
            organisation
            or await connection.fetchval(SQL["operations"], scope(letter.realm))
            or OPERATIONS,
            json.dumps(params, ensure_ascii=False),
            letter.ordered_at,
        )


def _claimant() -> str:
    """Who claims: this very attempt, so that only it can release or settle its claim."""
    info = activity.info()
    return f"{info.workflow_run_id}/{info.activity_id}#{info.attempt}"


def _later(why: str, attempts: int) -> ApplicationError:
    delay = min(FIRST_DELAY * 2 ** min(attempts - 1, 16), LONGEST_DELAY)
    return ApplicationError(
        why[:200],
        type="mail_unavailable",
        next_retry_delay=delay,
        category=ApplicationErrorCategory.BENIGN,
    )
