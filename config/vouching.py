"""The one interceptor that signs and checks messages everywhere.

Every connection made by `config.temporal.connect` signs what it sends; every worker on it checks what
comes in and signs what its workflows send each other. A process of one room holds the private key of
that room alone: who may only check cannot act as anybody. These keys are none of the codec's: who
reads a history cannot act.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from temporalio import client, worker, workflow
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue
from temporalio.contrib.pydantic import PydanticPayloadConverter

from config.signing_keys import SigningKey, TrustRing
from workflows.writer.vouching import ASK, KEY, SIGNATURE, text_of

SIGN = "zhiping_signed"
"""The extern function by which a workflow's outbound interceptor signs."""
_CONVERTER = PydanticPayloadConverter()


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


@dataclass(frozen=True)
class VouchedMessage:
    """A message that somebody vouched for, kept until it is sent: it may be another process that does.

    It is good for the one workflow and the one name it was signed for, however late.
    """

    stated: bytes
    key: str
    signature: bytes

    def as_sent(self) -> RawValue:
        """What arrives: whoever sends it adds no word of his own."""
        metadata = {"encoding": b"json/plain", SIGNATURE: self.signature, KEY: self.key.encode()}
        return RawValue(Payload(metadata=metadata, data=self.stated))


def vouched_by(key: SigningKey, what: str, workflow_id: str, value: Any) -> VouchedMessage:
    """A message to a workflow, signed now and sent by whomever later."""
    stated = _CONVERTER.to_payload(value).data
    signature = key.private.sign(text_of(what, workflow_id, stated))
    return VouchedMessage(stated=stated, key=key.id, signature=signature)


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
