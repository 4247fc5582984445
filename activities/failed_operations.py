"""Operations' task about an operation that our own rules failed over: opened, answered, dismissed.

It ends by itself when the same is asked again and gets an answer of the rules. Where nobody will ask
again (it was done otherwise, or is not wanted any more), an operator closes it with a reason.
"""

from __future__ import annotations

import json

from activities.database import Connection
from activities.operating import Operating
from activities.statements import statements
from workflows.operation.messages import OperationOutcome, OperationRequest
from workflows.operation.payloads import StatedDismissal
from workflows.rules.names import OPERATIONS_BODY
from workflows.rules.refusals import Code, refuse

SQL = statements("failed_operations")

FAILED = "failed_operation"
"""The key and kind of the task."""


async def tell_operations(
    connection: Connection, request: OperationRequest, outcome: OperationOutcome, asked: bytes
) -> None:
    """Open the task of an operation that failed, or end those of the same by its answer.

    Args:
        asked: the keyed hash of what was asked, the same for the same of the same sender.
    """
    failed = [no for no in outcome.refusals if no.code is Code.NEEDS_OPERATOR]
    if not failed:
        await connection.execute(SQL["end_tasks"], asked, request.as_of)
        return
    by = "@".join(filter(None, (request.actor.person, request.actor.organisation)))
    await connection.execute(
        SQL["open_task"],
        outcome.operation,
        request.realm,
        FAILED,
        OPERATIONS_BODY,
        json.dumps(
            {
                "why": "unforeseen",
                "operation_kind": request.kind,
                "by": by,
                "error": failed[0].params.get("error", ""),
            },
            ensure_ascii=False,
        ),
        request.as_of,
    )


async def dismiss_failed_operation(work: Operating) -> OperationOutcome:
    """Close the tasks of one failed operation, and of the same asked again in vain.

    Who, when and why stay in this operation's own entry; `params` of the outcome name the reason by
    its reference.

    Raises:
        Refused: `reason_required`; `not_found` where nothing of this id failed in this realm;
            `already_decided` where its task has ended.
    """
    stated = work.read(StatedDismissal)
    connection, failed = work.connection, stated.operation
    why = await work.reason(stated.reason)
    known = await connection.fetchrow(SQL["failure"], failed, work.request.realm)
    if known is None:
        raise refuse(Code.NOT_FOUND, what="failed_operation", operation=failed)
    if not known["open"]:
        raise refuse(Code.ALREADY_DECIDED, what="failed_operation", operation=failed)
    await connection.execute(SQL["end_tasks"], known["asked"], work.at)
    return OperationOutcome(done=True, count=1, params={"dismissed": failed, "reason": why})
