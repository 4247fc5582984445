"""What came of a step of a rehearsal, and asking until it is known."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from config.gateway.errors import UnknownError
from workflows.application.case import Receipt
from workflows.meeting.messages import MeetingReceipt
from workflows.rules.message import local
from workflows.rules.refusals import Refusal

SIGNAL_SECONDS = 60.0
"""Until the record says what came of a signal; usually well within a second."""

ASK_AGAIN = 3
LOOK_AGAIN = 0.05

T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """What came of a step: the reasons where it was refused, none where it was done."""

    refusals: tuple[Refusal, ...] = ()
    repeated: bool = False
    warnings: tuple[str, ...] = ()
    """Codes of what the answer warned of, though it was done."""


def done(receipt: Receipt | MeetingReceipt) -> Answer:
    """The answer of an act that was done."""
    warnings = tuple(sorted(warning.code.value for warning in receipt.warnings))
    return Answer(repeated=receipt.repeated, warnings=warnings)


async def answered(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask again, under the same request id, where no answer came in time (design.md 4)."""
    for _ in range(ASK_AGAIN):
        try:
            return await ask()
        except UnknownError:
            continue
    return await ask()


def jsonable(value: Any) -> Any:
    """A TOML value as JSON: days in ISO form, local date-times as Beijing instants."""
    if isinstance(value, datetime):
        return local(value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in value]
    return value
