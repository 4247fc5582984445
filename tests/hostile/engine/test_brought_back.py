"""The runbook's command for a case that was terminated (docs/operations.md), tried as it stands there."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from temporalio.client import WorkflowExecutionStatus

from tests.engine import temporal_binary
from tests.workflow.season import MemoryRecords, Season, member
from workflows.rules.names import Stage

RUNBOOK = Path(__file__).parents[3] / "docs" / "operations.md"


async def test_a_terminated_case_is_brought_back_as_it_was(
    season: Season, records: MemoryRecords
) -> None:
    await season.submit()
    await season.act("start_publicity", member("unit"))
    await season.handle.terminate("by mistake")
    found = re.search(r"`temporal (workflow reset [^`]*)`", RUNBOOK.read_text(encoding="utf-8"))
    assert found is not None
    stated = {"ID": season.id, "zhiping": season.client.namespace, "…": "by mistake"}
    words = [stated.get(word, word) for word in found[1].split()]
    address = season.client.service_client.config.target_host

    process = await asyncio.create_subprocess_exec(
        *(temporal_binary(), *words, "--address", address),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()

    assert process.returncode == 0, said.decode()
    current = season.client.get_workflow_handle(season.id)
    assert (await current.describe()).status is WorkflowExecutionStatus.RUNNING
    receipt = await season.act("restart_publicity", member("unit"), reason="text-1")
    assert receipt.stage is Stage.UNIT_PUBLICITY
    assert [step.step.seq for step in records.steps] == [1, 2, 3]
