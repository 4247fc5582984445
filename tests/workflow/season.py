"""A case driven through its season on the real engine, with records kept in memory."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
from temporalio import activity
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper

from config import calendar_files, campaign_files, submission_files
from config.gateway.answering import NOT_TAKEN_IN
from workflows.application.case import Case, Receipt
from workflows.application.messages import (
    CaseQuery,
    OpenApplication,
    Published,
    PublishedQuery,
    RecordStep,
    Snapshot,
    StepRecorded,
    StoredCase,
    Submission,
    SubmissionQuery,
    VerificationAnswer,
    VerificationRequest,
)
from workflows.calls import NEVER_TAKEN
from workflows.rules.calendar import Calendar
from workflows.rules.difference import patched
from workflows.rules.facts import CheckResult, Facts, Place, Standing
from workflows.rules.names import Level, Route
from workflows.rules.policy import Policy
from workflows.writer.inbox import NEXT_RUN
from workflows.writer.messages import Act, Actor, SnapshotRequest, Standstill

T = TypeVar("T")
CONFIG = Path(campaign_files.__file__).parent


@cache
def the_calendar() -> Calendar:
    """The published years, as shipped."""
    return calendar_files.published_calendar(sorted((CONFIG / "calendars").glob("*.toml")))


@cache
def the_policy(campaign: str) -> Policy:
    """A shipped campaign's rules."""
    return campaign_files.load(CONFIG / "campaigns" / f"{campaign}.toml").policy


PLACES: dict[str, tuple[Place, ...]] = {
    "district_unit": (
        Place(organisation="unit", kind="unit", superior="department"),
        Place(organisation="department", kind="department", superior="district"),
        Place(organisation="district", kind="district_office"),
    ),
    "city_unit": (
        Place(organisation="unit", kind="unit", superior="department"),
        Place(organisation="department", kind="department"),
    ),
    "private_archive_here": (
        Place(organisation="unit", kind="unit"),
        Place(organisation="agency", kind="agency"),
        Place(organisation="district", kind="district_office"),
    ),
    "private_archive_elsewhere": (
        Place(organisation="unit", kind="unit"),
        Place(organisation="district", kind="district_office"),
    ),
    "freelancer": (
        Place(organisation="unit", kind="agency"),
        Place(organisation="district", kind="district_office"),
    ),
    "resident_branch": (
        Place(organisation="unit", kind="unit", superior="headquarters"),
        Place(organisation="headquarters", kind="resident_hq"),
    ),
}


@dataclass
class MemoryRecords:
    """The record's promises kept in memory: one step per number, one claim per year and slot."""

    campaign: str = "lc-2024"
    route: str = "district_unit"
    facts: dict[str, Any] = field(default_factory=dict)
    steps: list[RecordStep] = field(default_factory=list)
    claimed: set[tuple[int, str]] = field(default_factory=set)
    broken: int = 0
    gaps: int = 0
    """How many steps the record refuses for good."""
    contradicts: bool = False
    """Another step is said to stand under each next number, which the record does not end with."""
    never: int = 0
    """How many steps the database will never take, as their content is."""
    years: tuple[int, ...] = ()
    """Published calendar years; all that are shipped where empty."""
    sent: list[RecordStep] = field(default_factory=list)
    """The steps as they came, with what changed only; `steps` are whole."""
    standstills: list[Standstill] = field(default_factory=list)

    @activity.defn(name="load_submission")
    async def load_submission(self, query: SubmissionQuery) -> Submission:
        """A sound sample of the route."""
        policy = the_policy(self.campaign)
        facts = submission_files.sample(self.route, self.campaign, facts=self.facts).facts
        facts = Facts.model_validate(facts.model_dump() | {"employer": "unit"})
        return Submission(
            person="person-1",
            facts=facts.model_copy(update={"insured_unit": "unit"}),
            standing=Standing(),
            places=PLACES[self.route],
            policy=policy.for_case(facts.route, facts.level),
            calendar=self.calendar(),
        )

    def calendar(self) -> Calendar:
        """The published years."""
        shipped = the_calendar()
        kept = {year: days for year, days in shipped.years.items() if year in self.years}
        return shipped.model_copy(update={"years": kept}) if self.years else shipped

    @activity.defn(name="verify_submission")
    async def verify_submission(self, request: VerificationRequest) -> VerificationAnswer:
        """Everything verified."""
        return VerificationAnswer(
            results=tuple(CheckResult(check=name, result="verified") for name in request.checks)
        )

    @activity.defn(name="record_step")
    async def record_step(self, command: RecordStep) -> StepRecorded:
        """Keep the step once."""
        if self.broken:
            self.broken -= 1
            raise OSError("the database is away")
        if self.gaps:
            self.gaps -= 1
            raise ApplicationError("step_gap", type="step_gap", non_retryable=True)
        if self.never:
            self.never -= 1
            raise ApplicationError("DataError", type=NEVER_TAKEN, non_retryable=True)
        if self.contradicts:
            return StepRecorded(seq=command.step.seq, ahead=True)
        stored = next((one.step for one in self.steps if one.step.seq == command.step.seq), None)
        if stored is not None:
            return StepRecorded(seq=command.step.seq, ahead=stored != command.step)
        if command.step.seq > await self.last_step("") + 1:
            raise ApplicationError("step_gap", type="step_gap", non_retryable=True)
        if command.claim == "take":
            key = (command.claim_year, command.claim_slot)
            if key in self.claimed:
                return StepRecorded(seq=0, claim_refused=True, held_by_application="other")
            self.claimed.add(key)
        if command.claim == "release":
            self.claimed.discard((command.claim_year, command.claim_slot))
        self.sent.append(command)
        self.steps.append(whole_again(self.steps[-1], command) if command.changes else command)
        return StepRecorded(seq=command.step.seq)

    @activity.defn(name="note_standstill")
    async def note_standstill(self, standstill: Standstill) -> None:
        """Keep what operations were told."""
        self.standstills.append(standstill)

    @activity.defn(name="load_published")
    async def load_published(self, query: PublishedQuery) -> Published:
        """The shipped rules."""
        policy = the_policy(query.campaign).for_case(query.route, query.level)
        return Published(policy=policy, calendar=the_calendar())

    @activity.defn(name="load_case")
    async def load_case(self, query: CaseQuery) -> StoredCase:
        """The state the last step left, with the rules and calendar of that step."""
        if not self.steps:
            raise ApplicationError("no case", type="not_found", non_retryable=True)
        last = self.steps[-1]
        kept = json.loads(last.state)
        policy = the_policy(self.campaign).for_case(Route(kept["route"]), Level(kept["level"]))
        by_version = {"policy": policy, "calendar": self.calendar()}
        since = () if query.after is None else tuple(one.step for one in self.steps)
        return StoredCase(
            case=Case.model_validate(kept | by_version),
            closed=last.projection.closed,
            steps=tuple(step for step in since if step.seq > (query.after or 0)),
        )

    @activity.defn(name="last_step")
    async def last_step(self, application: str) -> int:
        """The number of the last step."""
        return self.steps[-1].step.seq if self.steps else 0

    @property
    def activities(self) -> list[Any]:
        """What a worker registers."""
        return [
            self.load_submission,
            self.verify_submission,
            self.record_step,
            self.note_standstill,
            self.load_published,
            self.load_case,
            self.last_step,
        ]

    def names(self) -> list[str]:
        """The recorded steps by name."""
        return [command.step.name for command in self.steps]


def whole_again(before: RecordStep, sent: RecordStep) -> RecordStep:
    """A step that told what changed, laid over the one before it, as the record does."""
    tasks = {task.key: task for task in before.projection.tasks}
    clocks = {clock.key: clock for clock in before.projection.deadlines}
    tasks |= {task.key: task for task in sent.projection.tasks}
    clocks |= {clock.key: clock for clock in sent.projection.deadlines}
    projection = sent.projection.model_copy(
        update={
            "tasks": tuple(item for key, item in tasks.items() if key not in sent.tasks_gone),
            "deadlines": tuple(
                item for key, item in clocks.items() if key not in sent.deadlines_gone
            ),
        }
    )
    state = json.dumps(patched(json.loads(before.state), json.loads(sent.state)))
    return sent.model_copy(update={"projection": projection, "state": state, "changes": False})


class SharedRecords:
    """One fleet for many cases: each case's own memory, found by its id."""

    def __init__(self) -> None:
        self.of: dict[str, MemoryRecords] = {}

    @activity.defn(name="load_submission")
    async def load_submission(self, query: SubmissionQuery) -> Submission:
        """As the case's own records."""
        return await self.of[query.application].load_submission(query)

    @activity.defn(name="verify_submission")
    async def verify_submission(self, request: VerificationRequest) -> VerificationAnswer:
        """As the case's own records."""
        return await self.of[request.application].verify_submission(request)

    @activity.defn(name="record_step")
    async def record_step(self, command: RecordStep) -> StepRecorded:
        """As the case's own records."""
        return await self.of[command.step.application].record_step(command)

    @activity.defn(name="note_standstill")
    async def note_standstill(self, standstill: Standstill) -> None:
        """As the case's own records; a meeting's are kept nowhere."""
        if standstill.application in self.of:
            await self.of[standstill.application].note_standstill(standstill)

    @activity.defn(name="load_published")
    async def load_published(self, query: PublishedQuery) -> Published:
        """The shipped rules."""
        return await MemoryRecords().load_published(query)

    @activity.defn(name="load_case")
    async def load_case(self, query: CaseQuery) -> StoredCase:
        """As the case's own records."""
        return await self.of[query.application].load_case(query)

    @activity.defn(name="last_step")
    async def last_step(self, application: str) -> int:
        """As the case's own records."""
        return await self.of[application].last_step(application)

    @property
    def activities(self) -> list[Any]:
        """What a worker registers."""
        return [
            self.load_submission,
            self.verify_submission,
            self.record_step,
            self.note_standstill,
            self.load_published,
            self.load_case,
            self.last_step,
        ]


def beijing(text: str) -> datetime:
    """A local date-time."""
    return datetime.fromisoformat(text + "+08:00")


OFFICE = "lc-committee-office"
CITY_OFFICE = "city-title-office"
APPLICANT = Actor(person="person-1")


def member(organisation: str, *, person: str = "", role: str = "member") -> Actor:
    """Somebody of an organisation."""
    name = person or f"{organisation}-clerk"
    return Actor(person=name, organisation=organisation, role=role, human=f"human-{name}")


async def asked(handle: WorkflowHandle[Any, Any], name: str, act: Act, result: type[T]) -> T:
    """An act by update, asked again of the next run where one ends."""
    return cast(
        "T",
        await until_heard(
            lambda: handle.execute_update(name, act, id=act.request_id, result_type=result)
        ),
    )


async def until_heard(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask again where a run ends before it decides, as the gateway does."""
    while True:
        try:
            return await ask()
        except WorkflowUpdateFailedError as error:
            if not (isinstance(error.cause, ApplicationError) and error.cause.type == NEXT_RUN):
                raise
        except RPCError as error:
            if error.status not in NOT_TAKEN_IN:
                raise
        await asyncio.sleep(0.05)


class Season:
    """One case on the engine with its own clock, driven by local date-times."""

    def __init__(self, skipper: TimeSkipper, client: Client, opens: str) -> None:
        self.id = f"application-{uuid.uuid4()}"
        self.client = client
        self._skipper = skipper
        self._now = beijing(opens)
        """How far the clock was moved."""
        self._shift = (self._now - datetime.now(UTC)).total_seconds()
        self.handle = client.get_workflow_handle(self.id)

    def opening(self, **operation: Any) -> OpenApplication:
        """What a run of this case starts with."""
        return OpenApplication(
            application=self.id, realm="test", shift_seconds=self._shift, **operation
        )

    async def begin(self) -> WorkflowHandle[Any, Any]:
        """Start a run without any message."""
        opening = self.opening()
        return await self.client.start_workflow(
            "Application", opening, id=self.id, task_queue="cases"
        )

    async def submit(self, request_id: str = "r-submit", **operation: Any) -> Receipt:
        """Start the case by one update-with-start."""
        opening = self.opening(**operation)
        act = Act(request_id=request_id, actor=APPLICANT, payload={"draft": "draft-1"})

        async def start() -> Receipt:
            begun: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
                "Application",
                opening,
                id=self.id,
                task_queue="cases",
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            )
            receipt: Receipt = await self.client.execute_update_with_start_workflow(
                "submit", act, id=request_id, start_workflow_operation=begun, result_type=Receipt
            )
            return receipt

        return await until_heard(start)

    async def act(
        self,
        name: str,
        actor: Actor,
        *,
        request_id: str = "",
        acted_at: str = "",
        **payload: Any,
    ) -> Receipt:
        """One act as an update."""
        act = Act(
            request_id=request_id or str(uuid.uuid4()),
            actor=actor,
            acted_at=beijing(acted_at) if acted_at else None,
            payload=payload,
        )
        return await asked(self.handle, name, act, Receipt)

    async def refused(
        self, name: str, actor: Actor, *, request_id: str = "", **payload: Any
    ) -> str:
        """The code an act is refused with."""
        with pytest.raises(WorkflowUpdateFailedError) as error:
            await self.act(name, actor, request_id=request_id, **payload)
        cause = error.value.cause
        assert isinstance(cause, ApplicationError)
        return cause.type or ""

    async def reach(
        self,
        name: str,
        actor: Actor,
        *,
        request_id: str = "",
        acted_at: str = "",
        lost: bool = False,
        **payload: Any,
    ) -> Receipt:
        """One act on a case that is closed, or `lost` to the engine: it is opened again from the record,
        under its own id."""
        act = Act(
            request_id=request_id or str(uuid.uuid4()),
            actor=actor,
            acted_at=beijing(acted_at) if acted_at else None,
            payload=payload,
        )
        # A new run begins with the engine's own clock: this case's goes on from where it stood.
        self._shift = (self._now - datetime.now(UTC)).total_seconds()
        opening = self.opening(from_record=True, lost=lost)
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            "Application",
            opening,
            id=self.id,
            task_queue="cases",
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        )
        receipt: Receipt = await self.client.execute_update_with_start_workflow(
            name,
            act,
            id=str(uuid.uuid4()),  # the engine answers an update it knows without asking the case
            start_workflow_operation=start,
            result_type=Receipt,
        )
        return receipt

    async def until(self, moment: str) -> None:
        """Move this case's clock to a local date-time."""
        self._now = max(self._now, beijing(moment))
        now = await self._skipper.get_current_time(self.handle)
        target = beijing(moment) - timedelta(seconds=self._shift)
        if target > now:
            await asyncio.wait_for(self._skipper.fast_forward(self.handle, target - now), 300)

    async def snapshot(self) -> Snapshot:
        """The live state."""
        now = await self._skipper.get_current_time(self.handle)
        asked = SnapshotRequest(as_of=now + timedelta(seconds=self._shift))
        state: Snapshot = await self.handle.query("snapshot", asked, result_type=Snapshot)
        return state

    async def stands_still(self) -> str:
        """Over what it stands, once it does."""
        while not (told := (await self.snapshot()).needs_operator):  # noqa: ASYNC110 - only a query says so
            await asyncio.sleep(0.05)
        return told

    async def to_intake(self) -> None:
        """Submitted on 2024-10-10, at the committee on 2024-10-22 (LC, district unit)."""
        await self.submit()
        await self.act("start_publicity", member("unit"))
        await self.until("2024-10-18T10:00:00")
        await self.act("finish_publicity", member("unit"))
        await self.act("approve", member("department"))
        await self.until("2024-10-22T10:00:00")
        await self.act("approve", member("district"))

    async def to_result(self) -> None:
        """From the committee to a passed result on 2024-12-06."""
        await self.act("accept", member(OFFICE))
        await self.until("2024-11-13T10:00:00")
        paid_at = "2024-11-13T09:00:00+08:00"
        await self.act(
            "record_payment", member(OFFICE), transaction="t-1", yuan=420, paid_at=paid_at
        )
        await self.act("assign_to_meeting", member(OFFICE), meeting="m", meeting_on="2024-12-06")
        await self.until("2024-12-06T10:00:00")
        await self.act("open_review", member(OFFICE))
        await self.act(
            "record_result", member(OFFICE), result="passed", meeting_ended_on="2024-12-06"
        )
