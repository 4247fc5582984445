"""The connection to Temporal: data converter, codec, address."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Sequence
from datetime import timedelta

from temporalio.api.errordetails.v1 import NotFoundFailure
from temporalio.client import Client, Interceptor, WorkflowExecutionStatus
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.runtime import Runtime
from temporalio.service import RPCError, RPCStatusCode

from config.codec import KeyRingCodec
from config.gateway.errors import TemporalUnavailableError
from config.keys import KeyRing
from config.settings import Settings
from config.temporal_tls import not_trusted, tls_of
from config.vouching import Vouching

PATIENCE = timedelta(seconds=30)
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 2.0


def data_converter(ring: KeyRing) -> DataConverter:
    """Return pydantic's converter with the key ring's codec, and error texts encrypted too."""
    return dataclasses.replace(
        pydantic_data_converter,
        payload_codec=KeyRingCodec(ring),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


def connect_config(settings: Settings) -> ClientConnectConfig:
    """Return address, namespace, TLS and API key as the ``temporal`` CLI would find them.

    An address without a profile is meant as it stands (the embedded stack): a TLS profile or an API
    key of the person's other servers must not be sent to it.
    """
    plain = settings.temporal_address is not None and settings.temporal_profile is None
    found = (
        ClientConnectConfig()
        if plain
        else ClientConfig.load_client_connect_config(profile=settings.temporal_profile)
    )
    if settings.temporal_address is not None:
        found["target_host"] = settings.temporal_address
    if (tls := tls_of(settings)) is not None:
        found["tls"] = tls
    if settings.temporal_namespace is not None:
        found["namespace"] = settings.temporal_namespace
    return found


async def connect(
    settings: Settings,
    *,
    interceptors: Sequence[Interceptor] = (),
    runtime: Runtime | None = None,
    identity: str | None = None,
    patience: timedelta = PATIENCE,
) -> Client:
    """Connect, asking again until ``patience`` is over.

    Raises:
        TemporalUnavailableError: nobody answered; `TemporalNotTrustedError` at once where a certificate
            is not believed.

    What the connection sends is signed, and its workers check what comes in (`config.vouching`).
    """
    target = connect_config(settings)
    target.setdefault("target_host", "localhost:7233")
    loop = asyncio.get_running_loop()
    give_up_at, wait = loop.time() + patience.total_seconds(), _FIRST_WAIT
    while True:
        try:
            return await Client.connect(
                **target,
                data_converter=data_converter(settings.key_ring()),
                interceptors=[
                    Vouching(settings.signing_key(), settings.trust_ring()),
                    *interceptors,
                ],
                runtime=runtime,
                identity=identity,
            )
        except RuntimeError as err:  # what the SDK raises for "connection refused"
            if refused := not_trusted(str(target.get("target_host")), str(err)):
                raise refused from err
            if loop.time() + wait > give_up_at:
                address = target.get("target_host")
                raise TemporalUnavailableError(
                    f"连接不上 Temporal（{address}）：{patience.total_seconds():.0f} 秒内没有应答。"
                ) from err
        await asyncio.sleep(wait)
        wait = min(wait * 2, _LONGEST_WAIT)


def knows_no_workflow(error: RPCError) -> bool:
    """Whether the engine says that what was asked for is not there (any more).

    The status alone does not say it: an engine whose namespace is gone, or not known yet after a
    restart, and a proxy that knows no such service say NOT_FOUND too. Then nobody knows of the case.
    """
    if error.status is not RPCStatusCode.NOT_FOUND:
        return False
    return any(detail.Is(NotFoundFailure.DESCRIPTOR) for detail in error.grpc_status.details)


async def not_running(client: Client, subject: str) -> str:
    """The engine's word for a workflow that does not run; empty where it does."""
    try:
        description = await client.get_workflow_handle(subject).describe()
    except RPCError as err:
        if not knows_no_workflow(err):
            raise
        return "not_found"
    if description.status is WorkflowExecutionStatus.RUNNING or description.status is None:
        return ""
    return description.status.name.lower()
