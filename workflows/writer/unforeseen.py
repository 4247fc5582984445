"""What nobody foresaw: our own rules failed. It is answered and looked after, never retried.

An exception that leaves workflow code fails its task, which the engine tries again for ever: the case
is dead, and nobody is told. So whatever is decided or computed is done `foreseen`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows.rules.refusals import Code, Refusal, Refused
from workflows.writer.ahead import RecordCountsError

REASON = "unforeseen"


class Unforeseen(Refused):
    """The refusal that an exception of ours became: it names its kind, never a value."""

    def __init__(self, error: Exception) -> None:
        params = {"reason": REASON, "error": type(error).__name__}
        super().__init__(Refusal(code=Code.NEEDS_OPERATOR, params=params))


@contextmanager
def foreseen() -> Iterator[None]:
    """Let through what is an answer, and what the engine itself must see.

    Raises:
        Unforeseen: in place of any other exception.
    """
    try:
        yield
    except (Refused, RecordCountsError, FailureError, workflow.NondeterminismError):
        raise
    except Exception as error:
        workflow.logger.exception("writer.unforeseen", extra={"error": type(error).__name__})
        raise Unforeseen(error) from None
