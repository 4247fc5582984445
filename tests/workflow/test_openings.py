"""What a run is opened with: nobody brings rules, a clock, a realm or a state of his own."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WithStartWorkflowOperation, WorkflowUpdateFailedError
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from tests.unit.lives import OPERATIONS, submitted
from tests.workflow.season import APPLICANT, MemoryRecords, Season, SharedRecords, member
from workflows.application.case import Case, Receipt
from workflows.application.messages import OpenApplication
from workflows.meeting.messages import OpenMeetingRun
from workflows.rules.names import RuleName
from workflows.writer.messages import Act, Actor

pytestmark = pytest.mark.asyncio(loop_scope="session")

A_DAY = timedelta(days=1).total_seconds()


def with_a_publicity_of_one_day() -> Case:
    """A case at its unit whose rules somebody wrote himself, under the published version's number."""
    case = submitted().case
    rules = case.policy.rules
    short = rules[RuleName.UNIT_PUBLICITY].model_copy(update={"length": 1, "minimum": 1})
    policy = case.policy.model_copy(update={"rules": {**rules, RuleName.UNIT_PUBLICITY: short}})
    return case.model_copy(update={"policy": policy})


async def answer(
    engine: WorkflowEnvironment,
    kind: str,
    opening: OpenApplication | OpenMeetingRun,
    act: tuple[str, Actor],
    workflow_id: str,
) -> str:
    """The code that an opening's first act is answered with; the run ends by itself."""
    start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
        kind,
        opening,
        id=workflow_id,
        task_queue="cases",
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    name, actor = act
    with pytest.raises(WorkflowUpdateFailedError) as error:
        await engine.client.execute_update_with_start_workflow(
            name,
            Act(request_id="r-1", actor=actor, payload={}),
            start_workflow_operation=start,
            result_type=Receipt,
        )
    cause = error.value.cause
    assert isinstance(cause, ApplicationError)
    await engine.client.get_workflow_handle(workflow_id).result()
    return cause.type or ""


async def test_nobody_starts_a_case_with_a_state_and_rules_of_his_own(
    engine: WorkflowEnvironment, fleet: SharedRecords
) -> None:
    name = f"application-{uuid.uuid4()}"
    fleet.of[name] = MemoryRecords()
    forged = with_a_publicity_of_one_day().model_copy(update={"application": name})
    opening = OpenApplication(application=name, realm="test", carried=forged)

    code = await answer(engine, "Application", opening, ("start_publicity", member("unit")), name)

    assert code == "not_found"
    assert fleet.of[name].steps == []


@pytest.mark.parametrize("kind", ["Application", "Meeting"])
async def test_the_live_offices_clock_is_nobodys_to_move(
    engine: WorkflowEnvironment, fleet: SharedRecords, kind: str
) -> None:
    name = f"{kind.lower()}-{uuid.uuid4()}"
    fleet.of[name] = MemoryRecords()
    opening = (
        OpenApplication(application=name, shift_seconds=-A_DAY)
        if kind == "Application"
        else OpenMeetingRun(meeting=name, shift_seconds=-A_DAY)
    )
    act = ("submit", APPLICANT) if kind == "Application" else ("plan", member("office"))

    assert await answer(engine, kind, opening, act, name) == "shift_forbidden"
    assert fleet.of[name].steps == []


async def test_a_subject_has_no_second_writer_under_another_id(
    season: Season, records: MemoryRecords, engine: WorkflowEnvironment
) -> None:
    await season.submit()
    await season.act("withdraw", APPLICANT, reason="text-1")
    await season.until("2024-10-10T10:00:00")
    await season.handle.result()
    opening = OpenApplication(application=season.id, realm="test", from_record=True)

    code = await answer(
        engine, "Application", opening, ("file_complaint", APPLICANT), f"other-{season.id}"
    )

    assert code == "not_found"
    assert "file_complaint" not in records.names()


async def test_a_closed_case_is_not_opened_again_into_another_realm(
    season: Season, records: MemoryRecords, engine: WorkflowEnvironment
) -> None:
    """There its owner may have published a notice of his own."""
    await season.submit()
    await season.act("withdraw", APPLICANT, reason="text-1")
    await season.until("2024-10-10T10:00:00")
    await season.handle.result()
    opening = OpenApplication(application=season.id, realm="mine", from_record=True)

    code = await answer(engine, "Application", opening, ("amend", OPERATIONS), season.id)

    assert code == "not_found"
    assert "amend" not in records.names()
