"""What the engine says, as the gateway's answers: asked until taken in, and never longer than patience."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TypeVar

from temporalio.client import (
    RPCTimeoutOrCancelledError,
    WorkflowFailureError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from config.gateway.errors import (
    GatewayError,
    NotFoundError,
    RefusedByCaseError,
    UnavailableError,
    UnknownError,
)
from config.temporal import knows_no_workflow
from workflows.rules.refusals import Code, Refusal
from workflows.writer.inbox import NEXT_RUN

T = TypeVar("T")

_AGAIN = 0.2
NOT_TAKEN_IN = (RPCStatusCode.ABORTED, RPCStatusCode.FAILED_PRECONDITION)
"""An act that the engine did not take in: its run ended, or the workflow's task failed just now (a
worker was slow for a moment) and is tried again by itself. It is asked again under the same id."""
_SIGNALS_FULL = "limit for signal events"
"""In the engine's words, the only sign there is: the run took in all it may, the next begins soon."""
_WAIT_NO_MORE = (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED)
_FOR_THE_NEXT_RUN = ("AcceptedUpdateCompletedWorkflow", NEXT_RUN)
"""The types for an update that a closing or continuing run did not get to: the server's, and ours."""


async def until_taken_in(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask again what no run took in: lost to a run's end, it belongs to the next. `answered` ends it."""
    while True:
        try:
            return await ask()
        except WorkflowUpdateFailedError as err:
            if not _is_for_the_next_run(err):
                raise
        except RPCError as err:
            if err.status not in NOT_TAKEN_IN:
                raise
        await asyncio.sleep(_AGAIN)


def _is_for_the_next_run(error: WorkflowUpdateFailedError) -> bool:
    cause = error.cause
    return isinstance(cause, ApplicationError) and cause.type in _FOR_THE_NEXT_RUN


@asynccontextmanager
async def answered(request_id: str, application: str, patience: timedelta) -> AsyncIterator[None]:
    """Turn what the SDK raises into the gateway's four answers."""
    try:
        async with asyncio.timeout(patience.total_seconds()):
            yield
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError, RPCTimeoutOrCancelledError):
        raise UnknownError(request_id) from None
    except (WorkflowUpdateFailedError, WorkflowFailureError) as err:
        cause = err.cause.cause if isinstance(err.cause, ActivityError) else err.cause
        if not isinstance(cause, ApplicationError):
            raise UnknownError(request_id) from err
        raise _said_no(cause, application) from None
    except RPCError as err:
        raise _not_reached(err, request_id, application) from None


def _said_no(error: ApplicationError, application: str) -> GatewayError:
    """Read the refusals that travel as the error's first detail, or an activity's own failure."""
    stated = error.details[0] if error.details else None
    detail = stated if isinstance(stated, dict) else {}
    refusals = tuple(Refusal.model_validate(item) for item in detail.get("refusals", []))
    if any(
        item.code is Code.NOT_FOUND and item.params.get("what") == "application"
        for item in refusals
    ):
        return NotFoundError(application)  # a case that is to be opened again and never was
    if refusals:
        return RefusedByCaseError(refusals)
    if error.type == Code.NOT_VOUCHED:  # this door's own key is not believed (any more)
        return RefusedByCaseError((Refusal(code=Code.NOT_VOUCHED),))
    if error.type == Code.NOT_FOUND:
        return NotFoundError(str(detail.get("name", application)))
    return UnavailableError(error.type or error.message)


def _not_reached(err: RPCError, request_id: str, application: str) -> GatewayError:
    if knows_no_workflow(err):
        return NotFoundError(application)
    if err.status is RPCStatusCode.RESOURCE_EXHAUSTED or _SIGNALS_FULL in err.message:
        return RefusedByCaseError((Refusal(code=Code.BUSY_TRY_AGAIN),))
    if err.status in _WAIT_NO_MORE or (request_id and err.status is RPCStatusCode.UNAVAILABLE):
        return UnknownError(request_id)
    return UnavailableError(err.message)
