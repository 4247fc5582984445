"""The gateway's four answers, against a client that answers as Temporal does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from google.protobuf.message import Message
from temporalio.api.common.v1 import GrpcStatus
from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure, NotFoundFailure
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowUpdateFailedError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from config.gateway.cases import CaseGateway
from config.gateway.errors import NotFoundError, RefusedByCaseError, UnavailableError, UnknownError
from config.gateway.meetings import MeetingGateway
from config.gateway.operations import OperationGateway
from config.settings import Settings
from workflows.application.case import Receipt
from workflows.application.messages import OpenApplication
from workflows.meeting.meeting import Phase
from workflows.meeting.messages import MeetingReceipt
from workflows.operation.messages import OperationOutcome, OperationRequest
from workflows.rules.names import EndName
from workflows.rules.refusals import Code, Refusal
from workflows.writer.messages import MAX_PAYLOAD_BYTES, Act, Actor

NOW = datetime(2023, 10, 9, 2, 0, tzinfo=UTC)
CASE = "application-1"
MEETING_DONE = MeetingReceipt(
    meeting="meeting-1", seq=2, action="resume", recorded_at=NOW, phase=Phase.PLANNED
)
DONE = Receipt(application=CASE, seq=2, action="approve")
ACT = Act(request_id="r1", actor=Actor(person="wang", organisation="o"))
SETTINGS = cast("Settings", SimpleNamespace(settle_seconds=60))

Answer = Callable[[], Any]


class FakeHandle:
    """A workflow's handle whose calls answer what the test says."""

    def __init__(self, client: FakeClient) -> None:
        self._client = client

    async def execute_update(self, name: str, act: Act, **given: Any) -> Any:
        self._client.sent.append((name, act, given["id"]))
        return await self._client.answer("update")

    async def signal(self, name: str, act: Act) -> None:
        self._client.signalled.append((name, act))
        await self._client.answer("signal")

    async def query(self, name: str, request: Any, **given: Any) -> Any:
        return await self._client.answer("query")

    async def result(self) -> Any:
        return await self._client.answer("result")

    async def describe(self) -> Any:
        return SimpleNamespace(status=await self._client.answer("describe"))


class FakeClient:
    """Answers by kind of call; an exception is raised, a list is used up one by one."""

    def __init__(self, **answers: Any) -> None:
        self._answers = answers
        self.sent: list[tuple[str, Act, str]] = []
        self.signalled: list[tuple[str, Act]] = []
        self.started: list[tuple[str, Any, str]] = []
        self.begun: list[tuple[str, Act, str, Any]] = []

    async def answer(self, kind: str) -> Any:
        found = self._answers.get(kind)
        if isinstance(found, list):
            found = found.pop(0)
        if found == "never":
            await asyncio.sleep(60)
        if isinstance(found, BaseException):
            raise found
        return found

    def get_workflow_handle(self, workflow_id: str, **given: Any) -> FakeHandle:
        return FakeHandle(self)

    async def execute_update_with_start_workflow(
        self, name: str, act: Act, *, start_workflow_operation: Any, **given: Any
    ) -> Any:
        stated = start_workflow_operation._start_workflow_input
        start_workflow_operation._workflow_handle.set_result(FakeHandle(self))
        self.begun.append((name, act, given["id"], stated))
        return await self.answer("begin")

    async def start_workflow(self, kind: str, request: Any, **given: Any) -> FakeHandle:
        self.started.append((kind, request, given["id"]))
        await self.answer("start")
        return FakeHandle(self)


def gateway(client: FakeClient) -> CaseGateway:
    return CaseGateway(
        cast("Client", client),
        SETTINGS,
        patience=timedelta(seconds=0.2),
        clock=lambda: NOW,
    )


def operations(client: FakeClient) -> OperationGateway:
    return OperationGateway(cast("Client", client), SETTINGS, patience=timedelta(seconds=0.2))


def no(*refusals: Refusal) -> WorkflowUpdateFailedError:
    detail = {"refusals": [refusal.model_dump(mode="json") for refusal in refusals]}
    return WorkflowUpdateFailedError(ApplicationError("no", detail, type=refusals[0].code.value))


def rpc(status: RPCStatusCode, what: Message | None = None) -> RPCError:
    """As the engine says it: with the status comes what is meant by it."""
    if what is None and status is RPCStatusCode.NOT_FOUND:
        what = NotFoundFailure()
    told = GrpcStatus(code=status.value)
    if what is not None:
        told.details.add().Pack(what)
    return RPCError("rpc", status, told.SerializeToString())


async def test_an_act_is_an_update_under_its_request_id_and_stamped() -> None:
    client = FakeClient(update=DONE)
    assert await gateway(client).act(CASE, "approve", ACT) == DONE
    ((name, sent, update_id),) = client.sent
    assert (name, sent.request_id, sent.acted_at) == ("approve", "r1", NOW)
    assert update_id.startswith("r1:")


@pytest.mark.parametrize("way", ["act", "submit"])
@pytest.mark.parametrize("status", [RPCStatusCode.FAILED_PRECONDITION, RPCStatusCode.ABORTED])
async def test_what_was_not_taken_in_is_asked_again(way: str, status: RPCStatusCode) -> None:
    """Its task failed (a worker was slow), which the engine tries again, or the engine aborted it:
    nobody is told no. An aborted start may have started nothing: it is begun again, because asked
    after there may be no such case."""
    not_ready = rpc(status)
    no_such_case = rpc(RPCStatusCode.NOT_FOUND)
    client = FakeClient(
        update=[not_ready, DONE] if way == "act" else no_such_case, begin=[not_ready, DONE]
    )
    patient = CaseGateway(cast("Client", client), SETTINGS, clock=lambda: NOW)

    if way == "act":
        answer = await patient.act(CASE, "approve", ACT)
    else:
        answer = await patient.submit(OpenApplication(application=CASE), ACT)

    assert answer == DONE
    asked = [update_id for _, _, update_id in client.sent]
    asked += [update_id for _, _, update_id, _ in client.begun]
    assert len(asked) == 2
    assert len(set(asked)) == 1


async def test_an_act_that_carries_its_time_keeps_it() -> None:
    client = FakeClient(update=DONE)
    earlier = NOW - timedelta(hours=1)
    await gateway(client).act(CASE, "approve", ACT.model_copy(update={"acted_at": earlier}))
    assert client.sent[0][1].acted_at == earlier


def filled(size: int) -> Act:
    """An act that is so many bytes long as it is sent."""
    empty = ACT.model_copy(update={"acted_at": NOW, "payload": {"channels": ""}})
    more = size - len(empty.model_dump_json())
    return empty.model_copy(update={"payload": {"channels": "x" * more}})


@pytest.mark.parametrize("way", ["act", "signal", "submit"])
async def test_what_is_too_long_is_not_sent_at_all(way: str) -> None:
    """3 MB took 25 seconds, kept everybody else waiting, and was "perhaps done"."""
    client = FakeClient(update=DONE, begin=DONE)
    long, short = filled(MAX_PAYLOAD_BYTES + 1), filled(MAX_PAYLOAD_BYTES)
    assert len(pydantic_data_converter.payload_converter.to_payloads([short])[0].data) == (
        MAX_PAYLOAD_BYTES
    )

    async def send(act: Act) -> None:
        if way == "submit":
            await gateway(client).submit(OpenApplication(application=CASE), act)
        else:
            await getattr(gateway(client), way)(CASE, "approve", act)

    with pytest.raises(RefusedByCaseError) as refused:
        await send(long)
    assert [item.code for item in refused.value.refusals] == [Code.PAYLOAD_TOO_LARGE]
    assert not [*client.sent, *client.signalled, *client.begun]
    await send(short)
    assert len([*client.sent, *client.signalled, *client.begun]) == 1


async def test_all_reasons_of_a_refusal_arrive() -> None:
    reasons = (
        Refusal(code=Code.WINDOW_CLOSED, clause="BD 三1"),
        Refusal(code=Code.PLEDGE_MISSING, clause="BD 一(五)1"),
    )
    with pytest.raises(RefusedByCaseError) as refused:
        await gateway(FakeClient(update=no(*reasons))).act(CASE, "approve", ACT)
    assert refused.value.refusals == reasons


@pytest.mark.parametrize(
    "failure", ["never", rpc(RPCStatusCode.DEADLINE_EXCEEDED), rpc(RPCStatusCode.UNAVAILABLE)]
)
async def test_no_answer_in_time_is_unknown_with_the_request_id(failure: Any) -> None:
    with pytest.raises(UnknownError) as unknown:
        await gateway(FakeClient(update=failure)).act(CASE, "approve", ACT)
    assert unknown.value.request_id == "r1"
    assert not unknown.value.handed_over


async def test_an_unknown_act_is_handed_over_once_more_as_the_same_signal() -> None:
    client = FakeClient(update="never")
    with pytest.raises(UnknownError) as unknown:
        await gateway(client).act(CASE, "approve", ACT, hand_over=True)
    assert unknown.value.handed_over
    assert client.signalled == [("approve", client.sent[0][1])]


async def test_an_act_lost_to_a_continuing_run_is_asked_again() -> None:
    lost = WorkflowUpdateFailedError(
        ApplicationError("lost", type="AcceptedUpdateCompletedWorkflow")
    )
    client = FakeClient(update=[lost, DONE])
    patient = CaseGateway(cast("Client", client), SETTINGS, clock=lambda: NOW)
    assert await patient.act(CASE, "approve", ACT) == DONE
    first, second = (update_id for _, _, update_id in client.sent)
    assert first == second


async def test_one_request_id_for_two_acts_is_two_updates() -> None:
    # Else Temporal would answer the second with the first's receipt, unseen by the case.
    client = FakeClient(update=DONE)
    await gateway(client).act(CASE, "approve", ACT)
    await gateway(client).act(CASE, "reject", ACT)
    first, second = (update_id for _, _, update_id in client.sent)
    assert first != second


async def test_too_many_at_once_is_busy() -> None:
    with pytest.raises(RefusedByCaseError) as refused:
        await gateway(FakeClient(update=rpc(RPCStatusCode.RESOURCE_EXHAUSTED))).act(
            CASE, "approve", ACT
        )
    assert refused.value.refusals[0].code is Code.BUSY_TRY_AGAIN


async def test_an_act_for_closed_cases_opens_the_case_again_under_its_own_id() -> None:
    client = FakeClient(update=rpc(RPCStatusCode.NOT_FOUND), begin=DONE)
    assert (
        await gateway(client).act(CASE, "file_complaint", ACT, realm="r", shift_seconds=7) == DONE
    )
    ((name, sent, update_id, start),) = client.begun
    opening = start.args[0]
    assert (name, sent.request_id, update_id) == ("file_complaint", "r1", client.sent[0][2])
    assert (start.workflow, start.id) == ("Application", CASE)
    assert (opening.application, opening.from_record, opening.realm) == (CASE, True, "r")
    assert (opening.shift_seconds, opening.settle_seconds) == (7, SETTINGS.settle_seconds)
    assert start.id_reuse_policy is WorkflowIDReusePolicy.ALLOW_DUPLICATE
    assert start.id_conflict_policy is WorkflowIDConflictPolicy.USE_EXISTING


async def test_another_act_on_a_closed_case_is_refused_with_its_end() -> None:
    ended = DONE.model_copy(update={"end": EndName.WITHDRAWN})
    client = FakeClient(update=rpc(RPCStatusCode.NOT_FOUND), result=ended)
    with pytest.raises(RefusedByCaseError) as refused:
        await gateway(client).act(CASE, "approve", ACT)
    assert refused.value.refusals[0].code is Code.ALREADY_DECIDED
    assert refused.value.refusals[0].params["end"] == "withdrawn"
    assert client.started == []


@pytest.mark.parametrize(
    "engine", [rpc(RPCStatusCode.NOT_FOUND), WorkflowExecutionStatus.TERMINATED]
)
async def test_operations_resume_a_case_that_the_engine_lost(engine: object) -> None:
    client = FakeClient(update=rpc(RPCStatusCode.NOT_FOUND), describe=engine, begin=DONE)

    assert await gateway(client).act(CASE, "resume", ACT, realm="r", shift_seconds=7) == DONE

    ((_, _, _, start),) = client.begun
    opening = start.args[0]
    assert (opening.from_record, opening.lost, opening.shift_seconds) == (True, True, 7)


async def test_operations_resume_a_meeting_that_the_engine_lost_and_nothing_else_begins_it() -> (
    None
):
    gone = rpc(RPCStatusCode.NOT_FOUND)
    client = FakeClient(update=gone, describe=gone, begin=MEETING_DONE)
    gate = MeetingGateway(cast("Client", client), SETTINGS, patience=timedelta(seconds=0.2))

    with pytest.raises(NotFoundError):
        await gate.act("meeting-1", "draw", ACT, realm="r")
    assert client.begun == []
    assert await gate.act("meeting-1", "resume", ACT, realm="r", shift_seconds=7) == MEETING_DONE

    ((_, _, _, start),) = client.begun
    opening = start.args[0]
    assert (opening.from_record, opening.realm, opening.shift_seconds) == (True, "r", 7)


async def test_resume_begins_nothing_of_a_case_that_came_to_its_end() -> None:
    ended = DONE.model_copy(update={"end": EndName.WITHDRAWN})
    client = FakeClient(
        update=rpc(RPCStatusCode.NOT_FOUND),
        describe=WorkflowExecutionStatus.COMPLETED,
        result=ended,
    )

    with pytest.raises(RefusedByCaseError) as refused:
        await gateway(client).act(CASE, "resume", ACT)

    assert refused.value.refusals[0].code is Code.ALREADY_DECIDED
    assert client.begun == []


async def test_an_act_on_no_case_at_all_is_not_found() -> None:
    gone = rpc(RPCStatusCode.NOT_FOUND)
    with pytest.raises(NotFoundError):
        await gateway(FakeClient(update=gone, result=gone)).act(CASE, "approve", ACT)


@pytest.mark.parametrize("way", ["act", "submit", "snapshot", "signal"])
@pytest.mark.parametrize(
    "blip",
    [
        rpc(RPCStatusCode.NOT_FOUND, NamespaceNotFoundFailure(namespace="zhiping")),
        RPCError("no such service behind this proxy", RPCStatusCode.NOT_FOUND, b""),
    ],
)
async def test_a_namespace_that_is_not_there_says_nothing_of_the_case(
    way: str, blip: RPCError
) -> None:
    """It would tell people that their case does not exist, and open closed ones a second time."""
    client = FakeClient(update=blip, begin=blip, query=blip, signal=blip, result=DONE)
    gate = gateway(client)
    ways: dict[str, Callable[[], Awaitable[object]]] = {
        "act": lambda: gate.act(CASE, "file_complaint", ACT),
        "submit": lambda: gate.submit(OpenApplication(application=CASE), ACT),
        "snapshot": lambda: gate.snapshot(CASE),
        "signal": lambda: gate.signal(CASE, "approve", ACT),
    }

    with pytest.raises(UnavailableError):
        await ways[way]()
    assert way == "submit" or client.begun == []


async def test_an_act_for_closed_cases_on_no_case_is_not_found() -> None:
    missing = Refusal(code=Code.NOT_FOUND, params={"what": "application", "known": CASE})
    client = FakeClient(update=rpc(RPCStatusCode.NOT_FOUND), begin=no(missing))
    with pytest.raises(NotFoundError):
        await gateway(client).act(CASE, "file_complaint", ACT)


async def test_an_unknown_act_is_refused_without_a_workflow() -> None:
    client = FakeClient(update=rpc(RPCStatusCode.NOT_FOUND))
    with pytest.raises(RefusedByCaseError) as refused:
        await gateway(client).act(CASE, "no_such_act", ACT)
    assert refused.value.refusals[0].code is Code.UNKNOWN_ACTION


async def test_a_reading_without_an_answer_is_unavailable() -> None:
    with pytest.raises(UnavailableError):
        await gateway(FakeClient(query="never")).snapshot(CASE)


def operation() -> OperationRequest:
    return OperationRequest(kind="grant", actor=Actor(person="ops"), as_of=NOW)


async def test_an_operation_is_one_workflow_per_request() -> None:
    outcome = OperationOutcome(done=True, count=1)
    client = FakeClient(start=WorkflowAlreadyStartedError("x", "Operation"), result=outcome)
    assert await operations(client).operate(operation(), "r9") == outcome
    await operations(client).operate(operation(), "r9")
    await operations(client).operate(operation().model_copy(update={"kind": "revoke_grant"}), "r9")
    first, again, other = (item[2] for item in client.started)
    assert first == again
    assert first.startswith(operation().model_copy(update={"request_id": "r9"}).operation)
    assert other != first


async def test_a_refused_operation_raises_its_reasons() -> None:
    refusal = Refusal(code=Code.ADMIN_CONFLICT)
    client = FakeClient(result=OperationOutcome(done=False, refusals=(refusal,)))
    with pytest.raises(RefusedByCaseError) as refused:
        await operations(client).operate(operation())
    assert refused.value.refusals == (refusal,)
