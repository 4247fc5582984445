"""Whoever reaches Temporal's port: without a key of ours nothing is believed, and nothing written."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowFailureError,
    WorkflowUpdateFailedError,
)
from temporalio.common import RawValue, WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.wording import sentence
from config.gateway.asking import NOT_TWICE
from config.gateway.cases import CaseGateway
from config.signing_keys import SigningKey
from config.vouching import Vouching
from tests.fixtures.engine import skipper_of
from tests.unit.test_gateway import SETTINGS
from tests.vouching import GATEWAY, RING, STRANGER, WORKERS, vouching
from tests.workflow.season import (
    APPLICANT,
    OFFICE,
    MemoryRecords,
    Season,
    SharedRecords,
    beijing,
    member,
)
from workers.runner import workflow_runner
from workflows.application.messages import OpenApplication
from workflows.application.workflow import ApplicationWorkflow
from workflows.letter.workflow import MailroomWorkflow
from workflows.meeting.messages import OpenMeetingRun
from workflows.operation.workflow import OperationWorkflow
from workflows.rules.names import Stage
from workflows.rules.refusals import Code, Refusal, Refused
from workflows.writer.inbox import read_act
from workflows.writer.messages import Act, Actor
from workflows.writer.vouchers import Voucher

pytestmark = pytest.mark.asyncio(loop_scope="session")

OPENS = "2024-10-10T09:00:00"
UNIT = member("unit")
SUBMITTED = {"draft": "draft-1"}


def by(client: Client, key: SigningKey | None) -> Client:
    """The same connection, as another process would use it."""
    config = client.config()
    config["interceptors"] = [vouching(key)] if key else []
    return Client(**config)


def signed(key: SigningKey, what: str, workflow_id: str, value: Any) -> RawValue:
    """A message with a voucher made for something perhaps else."""
    [found] = Vouching(key, RING).signed(what, workflow_id, [value])
    assert isinstance(found, RawValue)
    return found


async def code_of(handle: Any, name: str, argument: Any) -> str:
    """The code an update is turned away with."""
    with pytest.raises(WorkflowUpdateFailedError) as error:
        await handle.execute_update(name, argument)
    assert isinstance(error.value.cause, ApplicationError)
    return error.value.cause.type or ""


@pytest.fixture
def records() -> MemoryRecords:
    """A record in memory."""
    return MemoryRecords()


@pytest.fixture
def case(engine: WorkflowEnvironment, fleet: SharedRecords, records: MemoryRecords) -> Season:
    """A case whose people come by the gateway."""
    found = Season(skipper_of(engine.client), by(engine.client, GATEWAY), OPENS)
    fleet.of[found.id] = records
    return found


async def test_without_a_voucher_nothing_is_done_and_nothing_written(
    case: Season, records: MemoryRecords
) -> None:
    await case.submit()
    stranger = by(case.client, None).get_workflow_handle(case.id)
    act = Act(request_id="r-1", actor=Actor(person="x", organisation=OFFICE, role="supervisor"))

    assert await code_of(stranger, "start_publicity", act) == Code.NOT_VOUCHED
    for name in ("start_publicity", "reject", "resume", "no_such_act"):
        await stranger.signal(name, act)
    await stranger.signal("start_publicity", {"actor": {"person": "x"}})
    await case.act("start_publicity", UNIT)

    assert records.names() == ["submit", "start_publicity"]
    assert not [step for step in records.steps if step.step.refusals]


@pytest.mark.parametrize(
    ("key", "what", "of_this_case"),
    [
        (STRANGER, "start_publicity", True),
        (GATEWAY, "urge", True),
        (GATEWAY, "start Application", True),
        (GATEWAY, "start_publicity", False),
    ],
    ids=["unknown key", "of another act", "of a start", "of another case"],
)
async def test_a_voucher_is_for_one_act_on_one_case_by_a_key_of_ours(
    case: Season, records: MemoryRecords, key: SigningKey, what: str, of_this_case: bool
) -> None:
    await case.submit()
    act = Act(request_id="r-1", actor=UNIT)
    subject = case.id if of_this_case else "application-of-somebody-else"

    forged = signed(key, what, subject, act)

    assert await code_of(case.handle, "start_publicity", forged) == Code.NOT_VOUCHED
    assert records.names() == ["submit"]


async def test_what_was_signed_cannot_be_changed(case: Season, records: MemoryRecords) -> None:
    await case.submit()
    whole = signed(GATEWAY, "reject", case.id, Act(request_id="r", actor=Actor(person="visitor")))
    whole.payload.data = whole.payload.data.replace(b"visitor", b"leader1")

    assert await code_of(case.handle, "reject", whole) == Code.NOT_VOUCHED


@pytest.mark.parametrize("role", ["system", "meeting"])
@pytest.mark.parametrize(
    ("voucher", "live", "believed"),
    [(Voucher.GATEWAY, True, False), (Voucher.GATEWAY, False, True), (Voucher.WORKERS, True, True)],
    ids=["a door", "a rehearsal's door", "a worker"],
)
async def test_a_door_for_people_vouches_for_no_workflow_in_live_work(
    role: str, voucher: Voucher, live: bool, believed: bool
) -> None:
    act = Act(request_id="r-1", actor=Actor(person="system:operation", role=role))
    payload = Payload(data=act.model_dump_json().encode())

    codes = set()
    try:
        read_act("amend", payload, voucher, {"amend"}, live=live)
    except Refused as error:
        codes = {error.first.code}

    assert codes == (set() if believed else {Code.NOT_VOUCHED})


@pytest.mark.parametrize(
    ("kind", "opening"),
    [
        ("Application", OpenApplication(application="application-forged")),
        ("Application", OpenApplication(application="application-forged", from_record=True)),
        ("Meeting", OpenMeetingRun(meeting="meeting-forged")),
    ],
)
@pytest.mark.parametrize("key", [None, STRANGER], ids=["no key", "unknown key"])
async def test_a_start_nobody_vouches_for_fails_and_frees_its_id(
    engine: WorkflowEnvironment,
    fleet: SharedRecords,
    kind: str,
    opening: OpenApplication,
    key: SigningKey | None,
) -> None:
    handle = await by(engine.client, key).start_workflow(
        kind, opening, id=f"forged-{uuid.uuid4()}", task_queue="cases"
    )

    with pytest.raises(WorkflowFailureError) as error:
        await handle.result()

    assert isinstance(error.value.cause, ApplicationError)
    assert error.value.cause.type == Code.NOT_VOUCHED


async def test_an_id_that_a_stranger_took_first_is_free_for_its_owner(
    case: Season, records: MemoryRecords
) -> None:
    forged = await by(case.client, None).start_workflow(
        "Application", OpenApplication(application=case.id), id=case.id, task_queue="cases"
    )
    with pytest.raises(WorkflowFailureError):
        await forged.result()

    await case.client.start_workflow(
        "Application",
        OpenApplication(application=case.id),
        id=case.id,
        task_queue="cases",
        id_reuse_policy=NOT_TWICE,
    )

    assert (await case.handle.describe()).close_time is None
    await case.handle.terminate()


async def test_who_comes_to_what_a_stranger_started_is_not_told_that_there_is_no_case(
    case: Season,
) -> None:
    """The stranger's run ends under his hands; the start is begun again, and is his."""
    queue = f"late-{uuid.uuid4()}"
    await by(case.client, None).start_workflow(
        "Application", OpenApplication(application=case.id), id=case.id, task_queue=queue
    )
    gateway = CaseGateway(case.client, SETTINGS)
    act = Act(request_id="r-submit", actor=APPLICANT, acted_at=beijing(OPENS), payload=SUBMITTED)
    submitting = asyncio.create_task(gateway.submit(case.opening(), act))
    await asyncio.sleep(0.5)  # it waits there, beside what nobody vouched for
    async with Worker(
        by(case.client, WORKERS),
        task_queue=queue,
        workflows=[ApplicationWorkflow],
        workflow_runner=workflow_runner(),
    ):
        receipt = await submitting

    assert receipt.stage is Stage.UNIT_REVIEW
    await case.handle.terminate()


UNREADABLE = {
    "Application": {"application": "a", "realm": "test", "shift_seconds": "soon"},
    "Meeting": {"meeting": ["m"]},
    "Operation": {"kind": "grant"},
    "Mailroom": {"room": 5},
}


@pytest.mark.parametrize("kind", UNREADABLE)
async def test_a_vouched_start_that_cannot_be_read_says_so(
    engine: WorkflowEnvironment, fleet: SharedRecords, kind: str
) -> None:
    """It is ours, so its sender is told what is wrong, not that nobody vouches for it."""
    queue = f"short-{uuid.uuid4()}"
    ours = by(engine.client, GATEWAY)
    async with Worker(
        ours,
        task_queue=queue,
        workflows=[OperationWorkflow, MailroomWorkflow],
        workflow_runner=workflow_runner(),
    ):
        handle = await ours.start_workflow(
            kind,
            UNREADABLE[kind],
            id=f"unreadable-{uuid.uuid4()}",
            task_queue="cases" if kind in ("Application", "Meeting") else queue,
        )
        with pytest.raises(WorkflowFailureError) as error:
            await handle.result()

    assert isinstance(error.value.cause, ApplicationError)
    assert error.value.cause.type == Code.MALFORMED_PAYLOAD
    [told] = error.value.cause.details[0]["refusals"]
    assert told["params"]["fields"]
    assert sentence(Refusal.model_validate(told)).next


async def test_who_comes_with_a_start_that_cannot_be_read_is_told(case: Season) -> None:
    start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
        "Application",
        UNREADABLE["Application"],
        id=case.id,
        task_queue="cases",
        id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
    )
    act = Act(request_id="r-submit", actor=APPLICANT, payload=SUBMITTED)

    with pytest.raises(WorkflowUpdateFailedError) as error:
        await case.client.execute_update_with_start_workflow(
            "submit", act, start_workflow_operation=start
        )

    assert isinstance(error.value.cause, ApplicationError)
    assert error.value.cause.type == Code.MALFORMED_PAYLOAD


async def test_a_request_id_belongs_to_its_sender(case: Season, records: MemoryRecords) -> None:
    """A stranger who sends first under somebody's id takes it from nobody."""
    await case.submit()
    said = {"text": "text-1", "against_unit": False}
    stranger = Act(request_id="r-7", actor=Actor(person="anyone", role="anyone"), payload=said)
    await case.handle.execute_update("file_complaint", stranger, id=str(uuid.uuid4()))

    receipt = await case.act("start_publicity", UNIT, request_id="r-7")

    assert (receipt.repeated, receipt.action) == (False, "start_publicity")
    assert records.names() == ["submit", "file_complaint", "start_publicity"]
