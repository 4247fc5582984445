"""What is no act on a case: publishing, the directory, registers, realms (design.md 13)."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from pydantic import ValidationError
from temporalio import activity

from activities import (
    committees,
    failures,
    integrity_entries,
    payment_entries,
    publishing,
    registers,
    rights,
)
from activities.database import Connection, Pool
from activities.identity import Identity
from activities.operating import Operating, StartLetter
from activities.statements import statements
from workflows.operation.messages import OperationOutcome, OperationRequest
from workflows.rules.refusals import Refused

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
    "close_realm": registers.close_realm,
    "set_realm_time": registers.set_realm_time,
}

logger = logging.getLogger(__name__)


class Operations:
    """Carries out operations. Retry-safe: one outcome per operation id, given again when asked."""

    def __init__(
        self,
        pool: Pool,
        identity: Identity,
        start_letter: StartLetter,
        more: Mapping[str, Handler] | None = None,
    ) -> None:
        """`more`: kinds whose handlers need something from outside, such as papers a seal."""
        self._pool = pool
        self._identity = identity
        self._start_letter = start_letter
        self._handlers = {**HANDLERS, **(more or {})}

    @activity.defn(name="carry_out_operation")
    async def carry_out_operation(self, request: OperationRequest) -> OperationOutcome:
        """Carry out one operation in one transaction with one audit entry.

        A refusal is an outcome too: nothing is changed, the refusal is in the audit.

        Raises:
            ApplicationError: `not_found` for an unknown kind or input, `bad_input`.
        """
        operation = activity.info().workflow_id
        if operation is None:
            raise failures.not_found("operation", request.kind)
        handler = self._handlers.get(request.kind)
        if handler is None:
            raise failures.not_found("operation kind", request.kind)
        async with self._pool.acquire() as connection, connection.transaction():
            outcome = await self._once(connection, operation, request, handler)
        # After the commit, and on a repeat too: the letter's own id makes a second start harmless.
        if outcome.done and (letter := outcome.params.get("letter")):
            await self._start_letter(letter)
        return outcome

    async def _once(
        self, connection: Connection, operation: str, request: OperationRequest, handler: Handler
    ) -> OperationOutcome:
        await connection.execute(SQL["lock_operation"], operation)
        earlier = await connection.fetchval(SQL["outcome"], operation)
        if earlier is not None:
            return OperationOutcome.model_validate_json(earlier)
        work = Operating(
            connection=connection,
            identity=self._identity,
            operation=operation,
            request=request,
            stated=await self._input(connection, request),
        )
        outcome = await _tried(work, handler)
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
        )
        return outcome

    async def _input(self, connection: Connection, request: OperationRequest) -> dict[str, Any]:
        """The stored input laid over the parameters; the parameters alone where there is none."""
        if not request.reference:
            return dict(request.params)
        body = await connection.fetchval(SQL["input"], request.reference)
        if body is None:
            raise failures.not_found("stored_input", request.reference)
        value = json.loads(self._identity.open(body, "stored_input.body"))
        if not isinstance(value, dict):
            raise failures.bad_input(request.reference)
        return {**request.params, **value}


async def _tried(work: Operating, handler: Handler) -> OperationOutcome:
    """Run the handler; a refusal undoes what it did and becomes the outcome."""
    try:
        async with work.connection.transaction():
            return await handler(work)
    except Refused as err:
        return OperationOutcome(done=False, refusals=err.reasons)
    except ValidationError as err:
        # The value is not logged: a directory names people.
        keys = sorted({".".join(str(part) for part in item["loc"]) for item in err.errors()})
        logger.warning("operation.bad_input", extra={"kind": work.request.kind, "keys": keys})
        raise failures.bad_input(work.request.reference or work.request.kind) from None
