"""What is no act on a case: publishing, the directory, registers, realms (design.md 13).

Whoever asks is looked up in the directory here, in the operation's own transaction. What needs a
second person is recorded as a request and carried out when another human confirms it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities import (
    committees,
    cover_entries,
    failed_operations,
    failures,
    integrity_entries,
    payment_entries,
    people_changes,
    publishing,
    registers,
    rights,
    second_person,
)
from activities.accounts import entries
from activities.bulks import beginning
from activities.database import Connection, Pool
from activities.identity import Identity
from activities.letters.choices import choose_letters
from activities.operating import Operating
from activities.operation_rights import check_entitled, covered, needs_second, verified
from activities.second_person import Answer, Asked, Subject
from activities.statements import statements
from activities.trail import Ring
from workflows.operation.catalogue import OPERATION_CATALOGUE, About, Operation
from workflows.operation.messages import OperationOutcome, OperationRequest
from workflows.operation.payloads import StatedReply
from workflows.rules.refusals import Code, Refused, refuse
from workflows.writer.reading import unreadable

SQL = statements("operations")
Handler = Callable[[Operating], Awaitable[OperationOutcome]]

HANDLERS: dict[str, Handler] = {
    "publish_campaign": publishing.publish_campaign,
    "amend_campaign": publishing.amend_campaign,
    "load_calendar": publishing.load_calendar,
    "amend_calendar": publishing.amend_calendar,
    "import_directory": rights.import_directory,
    "import_committee": committees.import_committee,
    "retire_expert": committees.retire_expert,
    "grant": rights.grant,
    "revoke_grant": rights.revoke_grant,
    "name_deputy": cover_entries.name_deputy,
    "end_deputy": cover_entries.end_deputy,
    "enter_bar": integrity_entries.enter_bar,
    "lift_bar": integrity_entries.lift_bar,
    "record_integrity": integrity_entries.record_integrity,
    "correct_integrity": integrity_entries.correct_integrity,
    "import_payments": payment_entries.import_payments,
    "settle_payments": payment_entries.settle_payments,
    "resolve_payment": payment_entries.resolve_payment,
    "record_outside_application": registers.record_outside_application,
    # The shorter word of the scenario files.
    "outside_application": registers.record_outside_application,
    "resend_letter": registers.resend_letter,
    "change_address": registers.change_address,
    "choose_letters": choose_letters,
    "change_person": people_changes.change_person,
    "dismiss_failed_operation": failed_operations.dismiss_failed_operation,
    "invite_account": entries.invite_account,
    "reset_account": entries.reset_account,
    "disable_account": entries.disable_account,
    "start_bulk": beginning.start_bulk,
    "pause_bulk": beginning.pause_bulk,
    "resume_bulk": beginning.resume_bulk,
    "recall_bulk": beginning.recall_bulk,
    "retry_bulk": beginning.retry_bulk,
    "close_realm": registers.close_realm,
    "set_realm_time": registers.set_realm_time,
}

BEFOREHAND: dict[str, Callable[[Operating], Awaitable[None]]] = {
    "name_deputy": cover_entries.check_naming,
}
"""What is looked at before a second person is asked for it, and by the handler once more."""

ANSWERS = {
    "confirm_request": Answer.CONFIRMED,
    "decline_request": Answer.DECLINED,
    "withdraw_request": Answer.WITHDRAWN,
}

Waits = Callable[[Operating, datetime], Awaitable[str]]
WAITS: Mapping[str, Waits] = {"start_bulk": beginning.waits}
"""What waits in the record for another human beside the request: of what was asked, by when; and where
to ring, so that it ends where nobody answers."""
NotConfirmed = Callable[[Operating, str, str, str], Awaitable[str]]
NOT_CONFIRMED: Mapping[str, NotConfirmed] = {"start_bulk": beginning.not_confirmed}
"""And ends with a no: of what was asked, the answer, by whom, and the reason by reference."""

SHOWN = 100
"""So much of an unknown kind is told back."""

logger = logging.getLogger(__name__)


class Operations:
    """Carries out operations. Retry-safe: one outcome per operation id, given again when asked."""

    def __init__(
        self,
        pool: Pool,
        identity: Identity,
        ring: Ring,
        more: Mapping[str, Handler] | None = None,
    ) -> None:
        """`more`: kinds whose handlers need something from outside, such as papers a seal."""
        self._pool = pool
        self._identity = identity
        self._ring = ring
        self._handlers = {**HANDLERS, **(more or {})}

    @activity.defn(name="carry_out_operation")
    async def carry_out_operation(self, request: OperationRequest) -> OperationOutcome:
        """Carry out one operation in one transaction with one audit entry.

        A refusal is an outcome too: nothing is changed, the refusal is in the audit. What is no
        operation at all is refused without an entry.
        """
        row = OPERATION_CATALOGUE.get(request.kind)
        if row is None or not (request.kind in self._handlers or row.about is About.REQUEST):
            unknown = refuse(Code.UNKNOWN_ACTION, "", action=request.kind[:SHOWN])
            return OperationOutcome(done=False, refusals=unknown.reasons)
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                outcome = await self._once(connection, request, row)
        except Refused as err:  # its input is not there, so that nothing was asked
            return OperationOutcome(done=False, kind=request.kind, refusals=err.reasons)
        # After the commit, and on a repeat too: a room that is rung at twice looks twice.
        for room in outcome.params.get("room", "").split():
            await self._ring(room)
        return outcome

    async def _once(
        self, connection: Connection, request: OperationRequest, row: Operation
    ) -> OperationOutcome:
        operation = request.operation
        await connection.execute(SQL["lock_operation"], operation)
        stated = await self._input(connection, request)
        asked = self._asked(request, stated)
        earlier = await connection.fetchrow(SQL["outcome"], operation)
        if earlier is not None:
            if earlier["asked"] != asked:
                conflict = refuse(Code.DUPLICATE_CONFLICT, request_id=request.request_id)
                return OperationOutcome(done=False, refusals=conflict.reasons)
            return OperationOutcome.model_validate_json(earlier["outcome"])
        actor = await covered(connection, self._identity, request)
        request = request.model_copy(update={"actor": actor})
        outcome = await self._tried(connection, request, row, stated)
        outcome = outcome.model_copy(
            update={
                "operation": outcome.operation or operation,
                "kind": outcome.kind or request.kind,
            }
        )
        await connection.execute(
            SQL["add_operation"],
            operation,
            request.kind,
            request.realm,
            request.actor.model_dump_json(),
            request.as_of,
            request.reference,
            json.dumps(request.params, ensure_ascii=False),
            outcome.model_dump_json(),
            asked,
        )
        await failed_operations.tell_operations(connection, request, outcome, asked)
        return outcome

    def _asked(self, request: OperationRequest, stated: Mapping[str, Any]) -> bytes:
        """The keyed hash of what is asked, apart from when, and where its input lies."""
        who = {"person": request.actor.person, "organisation": request.actor.organisation}
        plain = {"kind": request.kind, "realm": request.realm, "by": who, "stated": stated}
        return self._identity.content_hash(json.dumps(plain, sort_keys=True, ensure_ascii=False))

    async def _input(self, connection: Connection, request: OperationRequest) -> dict[str, Any]:
        """The stored input laid over the parameters; the parameters alone where there is none.

        Raises:
            Refused: `malformed_payload` where there is no such input, or it is none.
        """
        if not request.reference:
            return dict(request.params)
        body = await connection.fetchval(SQL["input"], request.reference)
        value = json.loads(self._identity.open(body, "stored_input.body")) if body else None
        if not isinstance(value, dict):
            raise refuse(Code.MALFORMED_PAYLOAD, "", fields="reference")
        return {**request.params, **value}

    async def _tried(
        self,
        connection: Connection,
        request: OperationRequest,
        row: Operation,
        stated: Mapping[str, Any],
    ) -> OperationOutcome:
        """Decide; a refusal undoes what was done and becomes the outcome, as does what nobody can read.

        So does what nobody foresaw: it would fail again as often as it is tried, and whoever asked
        would wait for ever. What may be better next time (a database that is away) is tried again.
        """
        try:
            async with connection.transaction():
                await _check_realm(connection, request.realm)
                work = await self._work(connection, request, row, stated)
                if row.about is About.REQUEST:
                    return await self._answered(work)
                return await self._decided(work, row, stated)
        except Refused as err:
            return OperationOutcome(done=False, refusals=err.reasons)
        except ValidationError as err:
            # By its fields, never by its values: a directory names people.
            return OperationOutcome(done=False, refusals=unreadable(err).reasons)
        except ApplicationError:
            raise
        except Exception as err:
            failure = failures.of_ours(err, activity.info().attempt)
            if failure is None:
                raise
            # The kind of error alone: a value names people.
            logger.exception("operation.unforeseen", extra={"kind": request.kind, "error": failure})
            no = refuse(Code.NEEDS_OPERATOR, "", reason="unforeseen", error=failure)
            return OperationOutcome(done=False, refusals=no.reasons)

    async def _work(
        self,
        connection: Connection,
        request: OperationRequest,
        row: Operation,
        stated: Mapping[str, Any],
    ) -> Operating:
        work = Operating(
            connection=connection,
            identity=self._identity,
            operation=request.operation,
            request=request,
            payload=row.payload.model_validate(dict(stated)),
            actor=request.actor,
        )
        return replace(work, actor=await verified(work))

    async def _decided(
        self, work: Operating, row: Operation, stated: Mapping[str, Any]
    ) -> OperationOutcome:
        """Do what is asked, or record that it waits for a second person."""
        stands = await check_entitled(work, row)
        if not await needs_second(work, row, stands):
            return await self._handlers[row.kind](work)
        if row.kind in BEFOREHAND:
            await BEFOREHAND[row.kind](work)
        # As the record has him or her: whom the asker covers stays one side with him or her.
        request = work.request.model_copy(update={"actor": work.actor})
        asked = await second_person.ask(
            work.connection,
            self._identity,
            Asked(
                id=work.operation,
                realm=work.request.realm,
                subject_kind=Subject.OPERATION,
                subject=work.operation,
                what=row.kind,
                payload={"stated": dict(stated), "request": request.model_dump(mode="json")},
                by=work.actor,
                asked_at=work.at,
                expires_at=work.at + row.within,
            ),
        )
        rung = await WAITS[row.kind](work, asked.expires_at) if row.kind in WAITS else ""
        return OperationOutcome(done=False, waits_until=asked.expires_at, params=_named(room=rung))

    async def _answered(self, work: Operating) -> OperationOutcome:
        """A second person's word: whoever may ask for the operation may confirm or decline it.

        Raises:
            Refused: `not_found`; what `second_person.answer` refuses; what the operation itself
                refuses now, and then the request still waits.
        """
        reply = work.read(StatedReply).request
        said = ANSWERS[work.request.kind]
        asked = await second_person.request_of(work.connection, self._identity, reply)
        if asked is None or asked.realm != work.request.realm or asked.what not in self._handlers:
            raise refuse(Code.NOT_FOUND, what="request", request=reply)
        row, stated = OPERATION_CATALOGUE[asked.what], asked.payload["stated"]
        first = OperationRequest.model_validate(asked.payload["request"])
        first = first.model_copy(update={"as_of": work.at})
        original = await self._work(work.connection, first, row, stated)
        if said is not Answer.WITHDRAWN:
            await check_entitled(replace(original, actor=work.actor), row)
        no = said is not Answer.CONFIRMED
        why = await work.reason(work.read(StatedReply).reason, needed=False) if no else ""
        await second_person.answer(
            work.connection, self._identity, reply, work.actor, work.at, said, why
        )
        if no:
            ending = NOT_CONFIRMED.get(row.kind)
            rung = await ending(original, said.value, work.by, why) if ending else ""
            return OperationOutcome(done=True, count=0, params=_named(reason=why, room=rung))
        await check_entitled(original, row)
        done = await self._handlers[row.kind](original)
        return done.model_copy(update={"operation": original.operation, "kind": row.kind})


def _named(**params: str) -> dict[str, str]:
    """Those of these that are there."""
    return {name: value for name, value in params.items() if value}


async def _check_realm(connection: Connection, realm: str) -> None:
    """Under a name that is none, a row would be kept where everybody looks, or nobody.

    Raises:
        Refused: `not_found`.
    """
    if not await connection.fetchval(SQL["realm_is_there"], realm):
        raise refuse(Code.NOT_FOUND, what="realm", realm=realm)
