"""The sandbox's runs say their context without being entered, because nothing of ours heeds it."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest
from temporalio import workflow
from temporalio.api.common.v1 import Payloads
from temporalio.api.failure.v1 import Failure
from temporalio.converter import DataConverter, WithSerializationContext
from temporalio.worker import WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import _runner

from config.keys import KeyRing
from config.temporal import data_converter
from workers.sandbox import workflow_runner
from workflows.application.workflow import ApplicationWorkflow

RING = KeyRing.parse("k1:" + "A" * 43 + "=")


def test_no_codec_or_store_of_ours_heeds_a_context() -> None:
    """Where one does, `workers.sandbox` must ask the run again, command by command."""
    converter = data_converter(RING)

    assert not isinstance(converter.payload_codec, WithSerializationContext)
    assert converter.external_storage is None


async def test_a_run_says_its_context_without_being_entered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = workflow_runner().create_instance(_details())
    entered: list[str] = []
    monkeypatch.setattr(
        _runner._Instance, "_run_code", lambda _self, code, **_globals: entered.append(code)
    )

    context = run.get_serialization_context(None)
    stored = run.get_external_store_context(None)

    assert (context.namespace, context.workflow_id) == ("default", "a-case")  # type: ignore[union-attr]
    assert stored.target is not None
    assert stored.target.id == "a-case"
    assert entered == []


def _details() -> WorkflowInstanceDetails:
    definition = workflow._Definition.must_from_class(ApplicationWorkflow)
    info = dataclasses.replace(
        _runner._fake_info,
        namespace="default",
        workflow_id="a-case",
        workflow_type="Application",
        start_time=datetime(2024, 10, 10, tzinfo=UTC),
    )
    return WorkflowInstanceDetails(
        payload_converter_factory=DataConverter.default._new_payload_converter,
        failure_converter_class=DataConverter.default.failure_converter_class,
        interceptor_classes=[],
        defn=definition,
        info=info,
        randomness_seed=1,
        extern_functions={},
        disable_eager_activity_execution=False,
        worker_level_failure_exception_types=[],
        patch_activation_callback=None,
        last_completion_result=Payloads(),
        last_failure=Failure(),
    )
