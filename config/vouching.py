"""The keys that vouch for messages, and the one interceptor that signs and checks them everywhere.

Every connection made by `config.temporal.connect` signs what it sends; every worker on it checks what
comes in and signs what its workflows send each other. A process of one room holds the private key of
that room alone: who may only check cannot act as anybody. These keys are none of the codec's: who
reads a history cannot act.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from temporalio import client, worker, workflow
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue
from temporalio.contrib.pydantic import PydanticPayloadConverter

from config.codec import KeyRingError, decode_key
from workflows.writer.vouching import ASK, KEY, SIGNATURE, Voucher, text_of

SIGN = "zhiping_signed"
"""The extern function by which a workflow's outbound interceptor signs."""
_CONVERTER = PydanticPayloadConverter()


class VouchingError(ValueError):
    """The text given for the keys is none. The message never shows a key."""


@dataclass(frozen=True, repr=False)
class SigningKey:
    """The private key of one room of ours, by its id."""

    id: str
    private: Ed25519PrivateKey

    @classmethod
    def parse(cls, text: str) -> SigningKey:
        """Read ``id:base64`` of 32 bytes. Raises `VouchingError`."""
        key_id, colon, encoded = text.strip().partition(":")
        if not colon or not key_id:
            raise VouchingError("a key is of the form id:base64")
        return cls(key_id, Ed25519PrivateKey.from_private_bytes(_bytes(encoded)))

    @property
    def public(self) -> str:
        """The base64 by which it is trusted."""
        return base64.b64encode(self.private.public_key().public_bytes_raw()).decode()


@dataclass(frozen=True)
class Trusted:
    """A public key: whose it is, and when it ended."""

    voucher: Voucher
    public: Ed25519PublicKey
    until: datetime | None = None


@dataclass(frozen=True)
class TrustRing:
    """The keys that are believed, by id.

    A key stays here for as long as open histories hold what it signed, because they are replayed. One
    that is lost gets an end: what comes in after it is refused, what came before stays what it was.
    """

    keys: Mapping[str, Trusted]

    @classmethod
    def parse(cls, text: str) -> TrustRing:
        """Read ``id:gateway:base64[:until],…``, `until` as 2026-11-27T00.00.00Z. Raises `VouchingError`.

        The time has points where ISO has colons.
        """
        keys: dict[str, Trusted] = {}
        for number, entry in enumerate(text.split(","), start=1):
            match entry.strip().split(":"):
                case [key_id, ("gateway" | "workers") as whose, encoded, *end] if len(end) <= 1:
                    pass
                case _:
                    raise VouchingError(f"entry {number} is not of the form id:gateway:base64")
            if key_id in keys:
                raise VouchingError(f"entry {number} repeats the id {key_id}")
            public = Ed25519PublicKey.from_public_bytes(_bytes(encoded))
            until = _instant(end[0], number) if end else None
            keys[key_id] = Trusted(Voucher(whose), public, until)
        return cls(keys)

    def voucher(self, key_id: str, signature: bytes, text: bytes, now: datetime) -> str:
        """Whose key signed this text; empty where none of ours did, or one that has ended."""
        key = self.keys.get(key_id)
        if key is None or (key.until is not None and now >= key.until):
            return ""
        try:
            # The library imports its exception when it first raises it: in the sandbox's own thread
            # that import must reach the real module, or the process aborts.
            with workflow.unsafe.imports_passed_through():
                key.public.verify(signature, text)
        except InvalidSignature:
            return ""
        return key.voucher.value


def new_signing_key(key_id: str) -> str:
    """A fresh private key as `SigningKey.parse` reads it."""
    raw = Ed25519PrivateKey.generate().private_bytes_raw()
    return f"{key_id}:{base64.b64encode(raw).decode()}"


class Vouching(client.Interceptor, worker.Interceptor):
    """Signs what this process sends and checks what its workflows receive.

    Without a `key` it only checks; what it sends is then believed by nobody.
    """

    def __init__(self, key: SigningKey | None, trusted: TrustRing) -> None:
        self._key = key
        self._trusted = trusted

    def intercept_client(self, next: client.OutboundInterceptor) -> client.OutboundInterceptor:
        """Sign every start, signal and update."""
        return _Sending(next, self)

    def workflow_interceptor_class(
        self,
        input: worker.WorkflowInterceptorClassInput,
    ) -> type[worker.WorkflowInboundInterceptor] | None:
        """Give the workflows the question, and sign what they send."""
        input.unsafe_extern_functions[ASK] = self._trusted.voucher
        input.unsafe_extern_functions[SIGN] = self.signed
        return _Inbound

    def signed(self, what: str, workflow_id: str, args: Sequence[Any]) -> list[Any]:
        """The arguments of a message, each as the payload it becomes, with its voucher."""
        if self._key is None:
            return list(args)
        return [_signed(self._key, what, workflow_id, value) for value in args]


def _signed(key: SigningKey, what: str, workflow_id: str, value: Any) -> RawValue:
    if isinstance(value, RawValue):  # stated as it shall arrive
        return value
    payload = _CONVERTER.to_payload(value)
    text = text_of(what, workflow_id, payload.data)
    voucher = {SIGNATURE: key.private.sign(text), KEY: key.id.encode()}
    return RawValue(Payload(metadata={**payload.metadata, **voucher}, data=payload.data))


class _Sending(client.OutboundInterceptor):
    def __init__(self, following: client.OutboundInterceptor, vouching: Vouching) -> None:
        super().__init__(following)
        self._signed = vouching.signed

    async def start_workflow(
        self,
        input: client.StartWorkflowInput,
    ) -> client.WorkflowHandle[Any, Any]:
        opened = self._signed(f"start {input.workflow}", input.id, input.args)
        first = self._signed(input.start_signal or "", input.id, input.start_signal_args)
        return await super().start_workflow(replace(input, args=opened, start_signal_args=first))

    async def signal_workflow(self, input: client.SignalWorkflowInput) -> None:
        said = self._signed(input.signal, input.id, input.args)
        await super().signal_workflow(replace(input, args=said))

    async def start_workflow_update(
        self,
        input: client.StartWorkflowUpdateInput,
    ) -> client.WorkflowUpdateHandle[Any]:
        asked = self._signed(input.update, input.id, input.args)
        return await super().start_workflow_update(replace(input, args=asked))

    async def start_update_with_start_workflow(
        self,
        input: client.StartWorkflowUpdateWithStartInput,
    ) -> client.WorkflowUpdateHandle[Any]:
        start, update = input.start_workflow_input, input.update_workflow_input
        opened = self._signed(f"start {start.workflow}", start.id, start.args)
        asked = self._signed(update.update, start.id, update.args)
        both = replace(
            input,
            start_workflow_input=replace(start, args=opened),
            update_workflow_input=replace(update, args=asked),
        )
        return await super().start_update_with_start_workflow(both)


class _Inbound(worker.WorkflowInboundInterceptor):
    def init(self, outbound: worker.WorkflowOutboundInterceptor) -> None:
        super().init(_Outbound(outbound))


class _Outbound(worker.WorkflowOutboundInterceptor):
    def continue_as_new(self, input: worker.ContinueAsNewInput) -> NoReturn:
        info = workflow.info()
        kind = input.workflow or info.workflow_type
        super().continue_as_new(
            replace(input, args=_sign(f"start {kind}", info.workflow_id, input.args))
        )

    async def signal_external_workflow(self, input: worker.SignalExternalWorkflowInput) -> None:
        said = _sign(input.signal, input.workflow_id, input.args)
        await super().signal_external_workflow(replace(input, args=said))


def _sign(what: str, workflow_id: str, args: Sequence[Any]) -> list[Any]:
    signed: list[Any] = workflow.extern_functions()[SIGN](what, workflow_id, args)
    return signed


def _bytes(encoded: str) -> bytes:
    try:
        return decode_key(encoded)
    except KeyRingError as err:
        raise VouchingError(str(err)) from None


def _instant(text: str, number: int) -> datetime:
    try:
        found = datetime.fromisoformat(text.replace(".", ":"))
    except ValueError:
        raise VouchingError(f"entry {number} has an end that is no time") from None
    if found.tzinfo is None:
        raise VouchingError(f"entry {number} has an end without its zone")
    return found
