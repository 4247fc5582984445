"""Sending one notice: claimed before it goes out, and never sent twice on a guess (design.md 9)."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from email.message import EmailMessage
from typing import Literal

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities import failures, letters
from activities.database import Connection, Pool, scope
from activities.notice_facts import SQL, Notice, NoticeFacts
from activities.reading import Reading
from activities.recipients import Recipients
from activities.smtp import Accepted, AnswerLostError, RefusedError, Sender, TryLaterError
from workflows.messages import DeliverNotice, Delivery
from workflows.rules.names import NoticeKind, Party

logger = logging.getLogger(__name__)

State = Literal["sent", "bounced", "unknown", "cancelled", "no_address"]

FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(minutes=15)
MAX_ERROR = 2000
OPERATIONS = "operations"
"""Who gets the task where the directory has no operations of its own."""

TASKS: dict[State, str] = {
    "bounced": "bounced_notice",
    "unknown": "unknown_notice",
    "no_address": "unaddressed_notice",
}
STARTS_A_LAPSE = frozenset({NoticeKind.RETURNED, NoticeKind.ONE_OFF_NOTICE, NoticeKind.FEE_DUE})
"""What was not served here must not lapse unseen: who set the term gets the task (T5)."""


class NoticeDelivery:
    """Delivers notices. Every answer of a mail server leads to exactly one state of the row."""

    def __init__(
        self, pool: Pool, reading: Reading, recipients: Recipients, sender: Sender
    ) -> None:
        self._pool = pool
        self._facts = NoticeFacts(pool, reading, recipients)
        self._sender = sender

    @activity.defn(name="deliver_notice")
    async def deliver_notice(self, command: DeliverNotice) -> Delivery:
        """Send one notice; claimed before sending, never twice.

        Raises:
            ApplicationError: `mail_unavailable` to try again later; `not_found` for no such row.
        """
        notice = await self._facts.load(command.notice)
        if notice is None:
            raise failures.not_found("notice", command.notice)
        if notice.state == "claimed":
            # An earlier attempt died between claim and answer: it may have sent the letter.
            return await self._orphaned(notice)
        if notice.state != "queued":
            return Delivery.model_validate({"notice": notice.id, "state": notice.state})
        if not await self._facts.still_true(notice):
            return await self._unsent(notice, "cancelled", "the step is finished")
        return await self._deliver(notice)

    async def _deliver(self, notice: Notice) -> Delivery:
        recipient, mailboxes = await self._facts.addresses(notice)
        if not mailboxes:
            return await self._unsent(notice, "no_address", "no e-mail address")
        about = await self._facts.surroundings(notice, recipient)
        try:
            letter = letters.write(about)
            message = self._sender.compose(
                to=mailboxes,
                subject=letter.subject,
                text=letter.text,
                html=letter.html,
                message_id=self._sender.server.message_id(notice.id),
                sent_at=notice.ordered_at,
            )
        except (letters.LetterError, ValueError) as err:
            # Without the traceback: its locals name people.
            logger.warning("notice.unwritable", extra={"notice": notice.id, "kind": notice.kind})
            return await self._unsent(notice, "bounced", f"unwritable: {err}")
        return await self._send(notice, message, tuple(address for _, address in mailboxes))

    async def _send(
        self, notice: Notice, message: EmailMessage, addresses: tuple[str, ...]
    ) -> Delivery:
        claim = _claimant()
        attempts = await self._pool.fetchval(
            SQL["claim"], notice.id, str(message["Message-ID"]), claim
        )
        if attempts is None:
            # Somebody else moved the row since it was read; the next attempt sees how.
            raise _later("another attempt holds the notice", 1)
        try:
            accepted = await self._sender.send(message, addresses)
        except TryLaterError as err:
            await self._pool.execute(SQL["release"], notice.id, claim, str(err)[:MAX_ERROR])
            raise _later(str(err), attempts) from err
        except RefusedError as err:
            return await self._settle(notice, claim, "bounced", str(err))
        except AnswerLostError as err:
            return await self._settle(notice, claim, "unknown", str(err))
        return await self._sent(notice, claim, accepted)

    async def _sent(self, notice: Notice, claim: str, accepted: Accepted) -> Delivery:
        if accepted.refused:
            logger.warning(
                "notice.partly_refused",
                extra={"notice": notice.id, "refused": len(accepted.refused)},
            )
        reply = "; ".join((accepted.reply, *accepted.refused))
        return await self._settle(notice, claim, "sent", reply)

    async def _settle(self, notice: Notice, claim: str, state: State, answer: str) -> Delivery:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL["settle_own"], notice.id, claim, state, answer[:MAX_ERROR])
            await self._ask_a_person(connection, notice, state, answer)
            if state == "sent" and notice.subject:
                # A later attempt may have called this one lost meanwhile: now it is known.
                await connection.execute(
                    SQL["close_task"], notice.subject, _key(notice), notice.ordered_at
                )
        return Delivery(notice=notice.id, state=state)

    async def _unsent(self, notice: Notice, state: State, why: str) -> Delivery:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL["settle_unsent"], notice.id, state, why[:MAX_ERROR])
            await self._ask_a_person(connection, notice, state, why)
        return Delivery(notice=notice.id, state=state)

    async def _orphaned(self, notice: Notice) -> Delivery:
        why = "an attempt ended between claim and answer"
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL["settle_orphan"], notice.id, why)
            await self._ask_a_person(connection, notice, "unknown", why)
        return Delivery(notice=notice.id, state="unknown")

    async def _ask_a_person(
        self, connection: Connection, notice: Notice, state: State, answer: str
    ) -> None:
        """Open a task for what no machine may decide; an anonymous complainant needs none."""
        kind = TASKS.get(state)
        if kind is None or not notice.subject:
            return
        if state == "no_address" and notice.party is Party.COMPLAINANT:
            return
        setter = notice.row["step_organisation"] if notice.kind in STARTS_A_LAPSE else ""
        params = {"notice": notice.id, "notice_kind": notice.kind.value, "answer": answer[:200]}
        await connection.execute(
            SQL["open_task"],
            notice.application or None,
            notice.meeting or None,
            notice.realm,
            _key(notice),
            kind,
            setter
            or await connection.fetchval(SQL["operations"], scope(notice.realm))
            or OPERATIONS,
            json.dumps(params, ensure_ascii=False),
            notice.ordered_at,
        )


def _key(notice: Notice) -> str:
    return f"notice:{notice.id}"


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
