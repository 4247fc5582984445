"""Messages as they come in: read, measured and refused without ever failing the workflow task."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import ValidationError
from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from workflows.rules.refusals import Code, Refusal, Refused, refuse
from workflows.writer.messages import MAX_PAYLOAD_BYTES, Act
from workflows.writer.reading import unreadable
from workflows.writer.refused import count_refused
from workflows.writer.vouchers import SYSTEM_ROLES, Voucher

R = TypeVar("R")

NEXT_RUN = "next_run"
"""The type of the error that sends an update on to the run that follows."""


@dataclass
class Pending(Generic[R]):
    """One message that waits for the writer, and later its answer (a receipt of type `R`)."""

    name: str
    act: Act | None
    update: bool
    unreadable: tuple[Refusal, ...] = ()
    size: int = 0
    """Bytes as it came in."""
    receipt: R | None = None
    refusals: tuple[Refusal, ...] = field(default=())
    sent_on: bool = False
    """It was not decided: this run ends, and the next takes it when it is asked again."""

    @property
    def answered(self) -> bool:
        """True once there is something to say."""
        return self.receipt is not None or bool(self.refusals) or self.sent_on


def read_act(
    name: str, payload: Payload, voucher: Voucher, known: Container[str], *, live: bool
) -> Act:
    """A vouched argument as an act; `known` are the acts of the workflow it came to.

    Raises:
        Refused: `unknown_action`, `malformed_payload` (not an act), `payload_too_large`,
            `not_vouched` (a person's door does not vouch for who only a workflow is, and no workflow
            for a person).
    """
    if name not in known:
        raise refuse(Code.UNKNOWN_ACTION, "", action=name[:100])
    if len(payload.data) > MAX_PAYLOAD_BYTES:
        raise refuse(Code.PAYLOAD_TOO_LARGE, "", size=len(payload.data), maximum=MAX_PAYLOAD_BYTES)
    try:
        act = Act.model_validate_json(payload.data)
    except ValidationError as error:
        raise unreadable(error) from None
    ours = act.actor.role in SYSTEM_ROLES
    if live and voucher is Voucher.GATEWAY and ours:
        raise refuse(Code.NOT_VOUCHED)
    if voucher is not Voucher.GATEWAY and (not ours or act.actor.cover is not None):
        # Who a person is and whom he covers is the word of a door, which asked the register. What
        # workers do in a person's name, they carry on as a door of theirs signed it (`Bulk`).
        raise refuse(Code.NOT_VOUCHED)
    return act


def with_request_id(act: Act, request_id: str) -> Act:
    """The act under a request id; a bare message gets one of its own."""
    return act if act.request_id else act.model_copy(update={"request_id": request_id})


def as_error(refusals: tuple[Refusal, ...]) -> ApplicationError:
    """A refusal as the caller of an update sees it, counted: type is the code, details all reasons."""
    count_refused(refusals)
    code = refusals[0].code if len(refusals) == 1 else Code.INELIGIBLE
    return ApplicationError(
        code.value,
        {"refusals": [item.model_dump(mode="json") for item in refusals]},
        type=code.value,
        non_retryable=True,
        category=ApplicationErrorCategory.BENIGN,
    )


def ask_the_next_run() -> ApplicationError:
    """The answer to an update that this run does not get to: nothing of it was decided."""
    return ApplicationError(
        "this run ends",
        type=NEXT_RUN,
        non_retryable=True,
        category=ApplicationErrorCategory.BENIGN,
    )


def reasons_of(error: Refused) -> tuple[Refusal, ...]:
    """The refusals an exception carries."""
    return tuple(error.reasons)


def new_request_id() -> str:
    """A request id for a message that brought none; deterministic in replay."""
    return f"bare-{workflow.uuid4()}"
