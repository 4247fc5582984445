"""A case that was terminated, begun again as the runbook says (docs/operations.md): by `resume`, from the record."""

from __future__ import annotations

from temporalio.client import WorkflowExecutionStatus

from config.gateway.cases import CaseGateway
from tests.unit.test_gateway import SETTINGS
from tests.workflow.season import MemoryRecords, Season, beijing, member
from workflows.rules.names import Stage
from workflows.writer.messages import Act, Actor


async def test_a_terminated_case_is_brought_back_as_it_was(
    season: Season, records: MemoryRecords
) -> None:
    await season.submit()
    await season.act("start_publicity", member("unit"))
    await season.handle.terminate("by mistake")
    opening = season.opening()

    await CaseGateway(season.client, SETTINGS).act(
        season.id,
        "resume",
        Act(
            request_id="r-resume",
            actor=Actor(person="ops", role="operations"),
            acted_at=beijing("2024-10-10T09:00:00"),
        ),
        realm=opening.realm,
        shift_seconds=opening.shift_seconds,
    )

    current = season.client.get_workflow_handle(season.id)
    assert (await current.describe()).status is WorkflowExecutionStatus.RUNNING
    receipt = await season.act("restart_publicity", member("unit"), reason="text-1")
    assert receipt.stage is Stage.UNIT_PUBLICITY
    assert records.names() == ["submit", "start_publicity", "resume", "restart_publicity"]
