"""Who vouches for a message: nothing that reaches a workflow is believed unless a key of ours signed it.

Whoever reaches Temporal's port can start, signal and update. So each opening and each act carries a
voucher in its payload's metadata: a signature over what is asked, of which workflow, and the stated
bytes. It is checked before anything of the message is read. The keys stay with the worker
(`config/vouching.py`); here is only the question.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar, cast

from pydantic import ValidationError
from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from workflows.rules.message import Message
from workflows.rules.refusals import Code, Refused, refuse
from workflows.writer.reading import unreadable
from workflows.writer.vouchers import Voucher

SIGNATURE, KEY = "zhiping-voucher", "zhiping-vouched-by"
"""The metadata of a vouched payload: the signature, and the id of the key that made it."""
ASK = "zhiping_vouched_by"
"""The extern function that a worker of ours answers: (key id, signature, text, now) → who, or ''."""

NOBODYS = (Code.NOT_VOUCHED, Code.UNDECODABLE_PAYLOAD)
"""The noes for what is not from us, whoever wrote it."""

PLAIN_ENCODINGS = frozenset({b"json/plain", b"json/protobuf"})

Ask = Callable[[str, bytes, bytes, datetime], str]
M = TypeVar("M", bound=Message)


def text_of(what: str, workflow_id: str, stated: bytes) -> bytes:
    """What is signed: the act's name (or `start <type>`), the workflow it is for, and the bytes."""
    return b"\0".join((b"zhiping-voucher-1", what.encode(), workflow_id.encode(), stated))


def vouched(what: str, args: Sequence[RawValue], of: str | None = None) -> tuple[Payload, Voucher]:
    """The one argument of a message to this workflow, and whose key vouches for it.

    Args:
        of: what the voucher is for where that is not this workflow's id: a schedule gives each of its
            starts another.

    Raises:
        Refused: `malformed_payload`: no argument or several; `undecodable_payload`: sealed with a
            key we do not have; `not_vouched`: no voucher, one of another message or workflow, or of
            a key that we do not know or that has ended. Each is counted; nothing of it was read.
    """
    try:
        return _vouched(what, args, of or workflow.info().workflow_id)
    except Refused as error:
        counter = workflow.metric_meter().create_counter("zhiping_messages_unvouched")
        counter.add(1, {"code": error.first.code.value})
        workflow.logger.warning("message.not_vouched", extra={"code": error.first.code.value})
        raise


def _vouched(what: str, args: Sequence[RawValue], of: str) -> tuple[Payload, Voucher]:
    if len(args) != 1:
        raise refuse(Code.MALFORMED_PAYLOAD, "", fields="argument", count=len(args))
    payload = args[0].payload
    if payload.metadata.get("encoding", b"") not in PLAIN_ENCODINGS:
        raise refuse(Code.UNDECODABLE_PAYLOAD)
    ask = cast("Ask | None", workflow.extern_functions().get(ASK))
    found = ask and ask(
        payload.metadata.get(KEY, b"").decode(errors="replace"),
        payload.metadata.get(SIGNATURE, b""),
        text_of(what, of, payload.data),
        workflow.now(),
    )
    if not found:
        raise refuse(Code.NOT_VOUCHED)
    return payload, Voucher(found)


def opening(raw: RawValue, model: type[M], of: str | None = None) -> M | Refused:
    """What a run was started with, or why it may not begin: nobody of ours vouches for it, or it
    cannot be read. Such a run fails with this no, so that its id is free for whoever comes.

    Args:
        of: as with `vouched`.
    """
    try:
        payload, _ = vouched(f"start {workflow.info().workflow_type}", (raw,), of)
        return model.model_validate_json(payload.data)
    except ValidationError as error:
        return unreadable(error)
    except Refused as error:
        return error
