"""Every recorded life replays on the code at hand: what a deploy must not break."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer, WorkflowReplayResult
from temporalio.workflow import NondeterminismError

from tests.replay.mutated import WaitsBeforeAStep, WaitsFirst
from tests.vouching import EachByHisOwn
from workers.runner import workflow_runner
from workflows.application.case import Receipt
from workflows.application.messages import Submission
from workflows.application.workflow import ApplicationWorkflow
from workflows.meeting.meeting import Phase
from workflows.meeting.messages import MeetingReceipt
from workflows.meeting.workflow import MeetingWorkflow
from workflows.rules.names import EndName, Route

FILES = sorted((Path(__file__).parent / "histories").glob("*.json"))
NAMES = [path.stem for path in FILES]
GOES_ON = "end-completed"
BYTES = 250_000
KINDS = {"Application": ApplicationWorkflow, "Meeting": MeetingWorkflow}
"""The long-lived workflow types: what a deploy finds open."""


def history_of(path: Path) -> WorkflowHistory:
    """A recorded run, under the id it ran under: its messages are vouched for to that one."""
    kept = json.loads(path.read_text())
    started = kept["events"][0]["workflowExecutionStartedEventAttributes"]
    return WorkflowHistory.from_json(started["workflowId"], kept)


@pytest.fixture(scope="module")
def histories() -> dict[str, WorkflowHistory]:
    """All recorded runs by the name of their file."""
    return {path.stem: history_of(path) for path in FILES}


async def replayed(history: WorkflowHistory, kind: type) -> WorkflowReplayResult:
    """The history on one workflow class, with the runner the workers use."""
    replayer = Replayer(
        workflows=[kind],
        workflow_runner=workflow_runner(),
        data_converter=pydantic_data_converter,
        interceptors=[EachByHisOwn()],
    )
    return await replayer.replay_workflow(history, raise_on_replay_failure=False)


def test_there_are_histories() -> None:
    assert FILES, "no histories: see tests/replay/README.md"


@pytest.mark.parametrize("name", NAMES)
async def test_a_recorded_life_replays(name: str, histories: dict[str, WorkflowHistory]) -> None:
    history = histories[name]
    result = await replayed(history, KINDS[kind_of(history)])

    assert result.replay_failure is None


def test_every_kind_of_long_life_has_a_history(histories: dict[str, WorkflowHistory]) -> None:
    assert {kind_of(history) for history in histories.values()} == set(KINDS)


def test_every_last_phase_of_a_meeting_has_a_history(
    histories: dict[str, WorkflowHistory],
) -> None:
    assert {phase_of(history) for history in histories.values()} >= {Phase.CLOSED, Phase.CANCELLED}


def test_every_end_has_a_history(histories: dict[str, WorkflowHistory]) -> None:
    ends = {end_of(history) for history in histories.values()}

    assert set(EndName) - ends == set()


def test_every_route_has_a_history(histories: dict[str, WorkflowHistory]) -> None:
    routes = {route_of(history) for history in histories.values()}

    assert set(Route) - routes == set()


def test_one_case_continued_as_new_from_carried_state(
    histories: dict[str, WorkflowHistory],
) -> None:
    last = {history.events[-1].event_type for history in histories.values()}
    starts = [history.events[0].workflow_execution_started_event_attributes for history in
              histories.values()]  # fmt: skip

    assert EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW in last
    assert any(start.continued_execution_run_id for start in starts)


@pytest.mark.parametrize("kind", [WaitsFirst, WaitsBeforeAStep])
async def test_a_timer_too_many_is_caught(
    kind: type, histories: dict[str, WorkflowHistory]
) -> None:
    result = await replayed(histories[GOES_ON], kind)

    assert isinstance(result.replay_failure, NondeterminismError)


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_history_stays_small(path: Path) -> None:
    assert path.stat().st_size < BYTES


def kind_of(history: WorkflowHistory) -> str:
    """The workflow type of a run."""
    started = history.events[0].workflow_execution_started_event_attributes
    return started.workflow_type.name


def phase_of(history: WorkflowHistory) -> Phase | None:
    """The phase in a meeting's own answer; None for a run that continued as new, or a case."""
    closing = history.events[-1].workflow_execution_completed_event_attributes
    if kind_of(history) != "Meeting" or not closing.result.payloads:
        return None
    found = decoded(closing.result.payloads[0], MeetingReceipt)
    assert isinstance(found, MeetingReceipt)
    return found.phase


def end_of(history: WorkflowHistory) -> EndName | None:
    """The end in the case's own answer; None for a run that continued as new, or a meeting."""
    if kind_of(history) != "Application":
        return None
    closing = history.events[-1].workflow_execution_completed_event_attributes
    if not closing.result.payloads:
        return None
    found = decoded(closing.result.payloads[0], Receipt)
    assert isinstance(found, Receipt)
    return found.end


def route_of(history: WorkflowHistory) -> Route | None:
    """The route in the submission that was loaded; None for a run that began with a carried case."""
    for event in history.events:
        noted = event.marker_recorded_event_attributes.details
        if "data" not in noted or json.loads(noted["data"].payloads[0].data)["activity_type"] != (
            "load_submission"
        ):
            continue
        found = decoded(noted["result"].payloads[0], Submission)
        assert isinstance(found, Submission)
        return found.facts.route
    return None


def decoded(payload: object, kind: type) -> object:
    """A plain payload as a model."""
    [value] = pydantic_data_converter.payload_converter.from_payloads([payload], [kind])  # type: ignore[list-item]
    return value
