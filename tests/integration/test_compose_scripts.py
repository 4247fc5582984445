"""The script of `namespace` in docker-compose.yml, run against a real engine as at a first start and again."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from tests.engine import PATIENT, temporal_binary
from workers.stack.temporal_server import RETENTION

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def engine() -> AsyncIterator[WorkflowEnvironment]:
    """An engine that nobody has prepared."""
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=temporal_binary(),
        dev_server_startup_timeout=PATIENT,
        dev_server_log_level="error",
    )
    yield environment
    await environment.shutdown()


async def ran(service: str, engine: WorkflowEnvironment) -> int:
    """Run the script of a service as its container would; its exit code."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    script = compose["services"][service]["command"][0].replace("$$", "$")
    process = await asyncio.create_subprocess_exec(
        *("sh", "-ec", script),
        env={
            "PATH": f"{Path(temporal_binary()).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": os.environ.get("HOME", "/"),
            "TEMPORAL_ADDRESS": engine.client.service_client.config.target_host,
        },
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    async with asyncio.timeout(180):
        return await process.wait()


async def test_a_new_engine_gets_its_namespace_and_a_second_up_changes_nothing(
    engine: WorkflowEnvironment,
) -> None:
    assert await ran("namespace", engine) == 0
    assert await ran("namespace", engine) == 0

    address = engine.client.service_client.config.target_host
    client = await Client.connect(address, namespace="zhiping")
    answer = await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace="zhiping")
    )
    assert answer.config.workflow_execution_retention_ttl.ToTimedelta() == RETENTION
