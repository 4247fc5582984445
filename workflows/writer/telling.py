"""What one workflow of ours tells another by signal: once, and not lost because the other is flooded."""

from __future__ import annotations

import asyncio
from enum import StrEnum

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError, is_cancelled_exception

from workflows.writer.messages import Act

FULL = "SignalCountLimitExceeded"
"""The engine's word for a run that takes in no more signals; the next one begins soon."""
TRIES, FIRST_WAIT, LONGEST_WAIT = 20, 1.0, 30.0
"""Some eight minutes, in seconds: who waits for them is this workflow itself."""


class Told(StrEnum):
    """What came of it."""

    TAKEN_IN = "taken_in"
    OVER = "over"
    """It is closed: nothing of it is open any more."""
    FULL = "full"


async def tell(workflow_id: str, name: str, act: Act, *, tries: int = TRIES) -> Told:
    """Signal another workflow, as often as need be.

    A run that is full is told again, under the same request id: a stranger who writes without end to
    a case would keep every amendment from it.
    """
    wait = FIRST_WAIT
    for left in reversed(range(tries)):
        try:
            await workflow.get_external_workflow_handle(workflow_id).signal(name, act)
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            if not (isinstance(error, ApplicationError) and error.type == FULL):
                workflow.logger.info("told.is_over", extra={"why": str(error)[:200]})
                return Told.OVER
        else:
            return Told.TAKEN_IN
        if left:
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)
    workflow.logger.warning("told.not_taken_in", extra={"to": workflow_id, "act": name})
    return Told.FULL
