"""The two scripts in docker-compose.yml, run against a real engine as at a first start and again."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import yaml
from temporalio import activity
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker, WorkerDeploymentConfig

from tests.engine import PATIENT, temporal_binary
from workers.fleet import Role

ROOT = Path(__file__).parents[2]
BUILD = "build-1"


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
            "BUILD_ID": BUILD,
        },
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    async with asyncio.timeout(180):
        return await process.wait()


@activity.defn
async def nothing() -> None:
    """What a worker must have to ask for work."""


async def test_an_engine_that_is_new_is_made_ready_for_versioned_workers(
    engine: WorkflowEnvironment,
) -> None:
    assert await ran("namespace", engine) == 0
    assert await ran("namespace", engine) == 0, "a second `up` must do nothing and not fail"

    address = engine.client.service_client.config.target_host
    client = await Client.connect(address, namespace="zhiping")
    version = WorkerDeploymentVersion("zhiping", BUILD)
    config = WorkerDeploymentConfig(
        version=version,
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.PINNED,
    )
    async with AsyncExitStack() as fleet:
        for role in Role:
            worker = Worker(
                client, task_queue=role.value, activities=[nothing], deployment_config=config
            )
            await fleet.enter_async_context(worker)
        assert await ran("current-version", engine) == 0
        assert await ran("current-version", engine) == 0
