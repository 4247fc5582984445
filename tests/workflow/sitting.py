"""A meeting driven on the real engine; its rows are counted in memory, as a record would answer."""

from __future__ import annotations

import asyncio
import json
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from temporalio import activity
from temporalio.client import Client, WithStartWorkflowOperation, WorkflowUpdateFailedError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError
from temporalio.testing import TimeSkipper

from tests.workflow.season import asked, beijing, member, the_calendar, the_policy
from workflows.meeting.meeting import Meeting, Track, Waiting
from workflows.meeting.messages import (
    AnsweredRequest,
    BatchCounts,
    DrawSeats,
    MeetingBasis,
    MeetingBasisQuery,
    MeetingQuery,
    MeetingReceipt,
    MeetingSnapshot,
    MeetingStepRecorded,
    NoteNews,
    OpenMeetingRun,
    OrderDraw,
    RecordMeetingStep,
    StoredMeeting,
    TellCases,
    TellingOutcome,
)
from workflows.rules.committee import Committee, Expert, Seat
from workflows.rules.draw import Drawn, commitment_to, draw, fingerprint
from workflows.rules.names import Level
from workflows.rules.refusals import Refusal
from workflows.writer.messages import Act, Actor, SnapshotRequest

OFFICE, CITY = "bd-committee-office", "city-title-office"
SEATS = 11

COMMITTEE = Committee(
    id="bd-2023",
    office=OFFICE,
    city_office=CITY,
    filing="示例备案1号",
    filed_on=date(2022, 6, 1),
    valid_until=date(2025, 5, 31),
    seats=SEATS,
    spares=4,
    minimum=11,
    max_level=Level.DEPUTY_SENIOR,
)


def the_pool() -> tuple[Expert, ...]:
    """Twenty experts, two of them chairs."""
    return tuple(
        Expert(
            id=f"expert-{number}",
            person=f"person-{number}",
            unit=f"unit-{number}",
            chair="director" if number == 1 else "deputy_director" if number == 2 else "",
            term_from=date(2022, 6, 1),
            term_to=date(2025, 5, 31),
        )
        for number in range(1, 21)
    )


def seats_of(drawn: Drawn) -> tuple[Seat, ...]:
    """Whom a revealed draw seats."""
    return draw(the_pool(), seed=drawn.seed, seats=drawn.seats, spares=drawn.spares, on=drawn.on)


@dataclass
class MemoryMeetings:
    """What the record answers about a meeting with so many candidates, and what it was sent."""

    candidates: int = 3
    held: int = 0
    """How many of them answer the draft with an open inquiry."""
    committee: Committee = COMMITTEE
    steps: list[RecordMeetingStep] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    refuses: dict[str, Refusal] = field(default_factory=dict)
    """Act → the no of its rows, once."""
    conflicts: int = 0
    released: list[Waiting] = field(default_factory=list)
    batches: dict[int, BatchCounts] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    @activity.defn(name="load_meeting_basis")
    async def load_meeting_basis(self, query: MeetingBasisQuery) -> MeetingBasis:
        """The committee above, the shipped rules."""
        if query.committee != self.committee.id:
            raise ApplicationError("no committee", type="not_found", non_retryable=True)
        policy = the_policy(query.campaign)
        return MeetingBasis(committee=self.committee, policy=policy, calendar=the_calendar())

    @activity.defn(name="record_meeting_step")
    async def record_meeting_step(self, command: RecordMeetingStep) -> MeetingStepRecorded:
        """Keep the step once, and count."""
        step = command.step
        if self.conflicts:
            self.conflicts -= 1
            raise ApplicationError("step_conflict", type="step_conflict", non_retryable=True)
        if step.name in self.refuses:
            return MeetingStepRecorded(seq=step.seq - 1, refusals=(self.refuses.pop(step.name),))
        for known in self.steps:
            if known.step.seq == step.seq and known.step == step:
                return self._answer(command, ())
        last = self.steps[-1].step.seq if self.steps else 0
        if step.seq != last + 1:
            kind = "step_gap" if step.seq > last else "step_conflict"
            raise ApplicationError(kind, type=kind, non_retryable=True)
        self.steps.append(command)
        self._count(command)
        return self._drawn(command)

    @activity.defn(name="load_meeting")
    async def load_meeting(self, query: MeetingQuery) -> StoredMeeting:
        """The state the last step left, and what the steps since answered."""
        last = self.steps[-1]
        by_version = {"policy": the_policy("bd-2023"), "calendar": the_calendar()}
        since = [one.step for one in self.steps if one.step.seq > query.after and one.step.mark]
        return StoredMeeting(
            meeting=Meeting.model_validate(json.loads(last.state) | by_version),
            answered=tuple(AnsweredRequest.model_validate(dict(step)) for step in since),
        )

    def _drawn(self, command: RecordMeetingStep) -> MeetingStepRecorded:
        """The answer, with what a draw found."""
        change = command.change
        if isinstance(change, OrderDraw):
            drawn = Drawn(
                number=change.number,
                commitment=change.commitment,
                random=secrets.token_hex(32),
                on=change.on,
                seats=change.seats,
                spares=change.spares,
                pool=fingerprint(the_pool()),
            )
            return self._answer(command, ()).model_copy(update={"drawn": drawn})
        if isinstance(change, DrawSeats):
            seats = seats_of(change.drawn)
            return self._answer(command, seats).model_copy(update={"drawn": change.drawn})
        return self._answer(command, ())

    def _count(self, command: RecordMeetingStep) -> None:
        name, source, counts = command.step.name, command.step.source, self._counts
        number = command.step.batch or 1
        told = source == "told"
        if name == "sign":
            counts["left"] = self.candidates
            self._stands(1, unposted=self.candidates, clear=self.candidates)
        if told and name == "post_results":
            self._stands(number, clear=self.candidates)
        if told and name == "send_for_confirmation":
            self._stands(number, clear=self.candidates - self.held)
        if told and name == "confirm":
            counts["left"] = self.held
            self._stands(number)
            self.held = 0
        if isinstance(command.change, NoteNews) and command.change.news == "released":
            track = Track.CONFIRM
            since = command.change.on
            self.released.append(Waiting(track=track, batch=1, since=since, number=1))
        if name == "open_supplement":
            self.released.clear()
            self._stands(number, clear=1)

    def _stands(self, batch: int, *, unposted: int = 0, clear: int = 0) -> None:
        tracks = {"confirm": clear} if clear else {}
        self.batches[batch] = BatchCounts(rows=self.candidates, unposted=unposted, tracks=tracks)

    def _answer(self, command: RecordMeetingStep, seats: tuple[Any, ...]) -> MeetingStepRecorded:
        counts = self._counts
        quiet = command.telling is None or command.telling.select in ("to_free", "named_outcome")
        return MeetingStepRecorded(
            seq=command.step.seq,
            seats=seats,
            lines=0 if quiet else self.candidates,
            left=counts.get("left", 0),
            released=tuple(self.released),
            batches=dict(self.batches),
        )

    @activity.defn(name="tell_cases")
    async def tell_cases(self, command: TellCases) -> TellingOutcome:
        """Everybody has answered."""
        self.told.append(command.telling.split("/")[2])
        return TellingOutcome(telling=command.telling, done=self.candidates)

    @property
    def activities(self) -> list[Any]:
        """What a worker registers."""
        return [
            self.load_meeting_basis,
            self.load_meeting,
            self.record_meeting_step,
            self.tell_cases,
        ]

    def names(self) -> list[str]:
        """The recorded steps by name, tellings marked."""
        return [
            f"told:{item.step.name}" if item.step.source == "told" else item.step.name
            for item in self.steps
        ]


def realm_of(meeting: str) -> str:
    """The realm that a meeting of these tests has of its own."""
    return f"realm-{meeting[-12:]}"


class SharedMeetings:
    """One fleet for many meetings: each meeting's own memory, found by its id."""

    def __init__(self) -> None:
        self.of: dict[str, MemoryMeetings] = {}

    @activity.defn(name="load_meeting_basis")
    async def load_meeting_basis(self, query: MeetingBasisQuery) -> MeetingBasis:
        """By the realm, which a test's meeting has of its own."""
        return await self.of[query.realm].load_meeting_basis(query)

    @activity.defn(name="record_meeting_step")
    async def record_meeting_step(self, command: RecordMeetingStep) -> MeetingStepRecorded:
        """As the meeting's own record."""
        return await self.of[command.step.realm].record_meeting_step(command)

    @activity.defn(name="load_meeting")
    async def load_meeting(self, query: MeetingQuery) -> StoredMeeting:
        """As the meeting's own record."""
        return await self.of[realm_of(query.meeting)].load_meeting(query)

    @activity.defn(name="tell_cases")
    async def tell_cases(self, command: TellCases) -> TellingOutcome:
        """As the meeting's own record."""
        return await self.of[command.realm].tell_cases(command)

    @property
    def activities(self) -> list[Any]:
        """What a worker registers."""
        return [
            self.load_meeting_basis,
            self.load_meeting,
            self.record_meeting_step,
            self.tell_cases,
        ]


class Sitting:
    """One meeting on the engine with its own clock, driven by local date-times."""

    def __init__(self, skipper: TimeSkipper, client: Client, opens: str) -> None:
        self.id = f"meeting-{uuid.uuid4()}"
        self.realm = realm_of(self.id)
        self.client = client
        self._skipper = skipper
        self._shift = (beijing(opens) - datetime.now(UTC)).total_seconds()
        self.handle = client.get_workflow_handle(self.id)

    async def plan(self, *, request_id: str = "r-plan", **payload: Any) -> MeetingReceipt:
        """Start the meeting by one update-with-start."""
        stated = {
            "number": "2023-BD-01",
            "committee": "bd-2023",
            "campaign": "bd-2023",
            "days": ["2023-12-08"],
            **payload,
        }
        act = Act(request_id=request_id, actor=member(OFFICE), payload=stated)
        return await self._begun("plan", act, WorkflowIDReusePolicy.REJECT_DUPLICATE)

    async def resumed(self) -> MeetingReceipt:
        """Begun again from the record by operations, where the engine lost it."""
        act = Act(request_id=str(uuid.uuid4()), actor=Actor(person="ops", role="operations"))
        reuse = WorkflowIDReusePolicy.ALLOW_DUPLICATE
        return await self._begun("resume", act, reuse, from_record=True)

    async def _begun(
        self, name: str, act: Act, reuse: WorkflowIDReusePolicy, *, from_record: bool = False
    ) -> MeetingReceipt:
        opening = OpenMeetingRun(
            meeting=self.id,
            realm=self.realm,
            shift_seconds=self._shift,
            from_record=from_record,
        )
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            "Meeting",
            opening,
            id=self.id,
            task_queue="cases",
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=reuse,
        )
        receipt: MeetingReceipt = await self.client.execute_update_with_start_workflow(
            name,
            act,
            id=act.request_id,
            start_workflow_operation=start,
            result_type=MeetingReceipt,
        )
        return receipt

    async def act(
        self, name: str, actor: Actor | None = None, *, request_id: str = "", **payload: Any
    ) -> MeetingReceipt:
        """One act as an update, by the office where nobody is named."""
        act = Act(
            request_id=request_id or str(uuid.uuid4()),
            actor=actor or member(OFFICE),
            payload=payload,
        )
        return await asked(self.handle, name, act, MeetingReceipt)

    async def refused(self, name: str, actor: Actor | None = None, **payload: Any) -> str:
        """The code an act is refused with."""
        with pytest.raises(WorkflowUpdateFailedError) as error:
            await self.act(name, actor, **payload)
        cause = error.value.cause
        assert isinstance(cause, ApplicationError)
        return cause.type or ""

    async def news(self, news: str, on: str, application: str = "application-1") -> None:
        """What a case signals."""
        act = Act(
            request_id=str(uuid.uuid4()),
            actor=Actor(person=f"case:{application}", role="system"),
            payload={"application": application, "news": news, "on": on},
        )
        await self.handle.signal("note_case", act)

    async def until(self, moment: str) -> None:
        """Move this meeting's clock to a local date-time."""
        now = await self._skipper.get_current_time(self.handle)
        target = beijing(moment) - timedelta(seconds=self._shift)
        if target > now:
            await asyncio.wait_for(self._skipper.fast_forward(self.handle, target - now), 300)

    async def snapshot(self) -> MeetingSnapshot:
        """The live state."""
        now = await self._skipper.get_current_time(self.handle)
        asked = SnapshotRequest(as_of=now + timedelta(seconds=self._shift))
        state: MeetingSnapshot = await self.handle.query(
            "snapshot", asked, result_type=MeetingSnapshot
        )
        return state

    def experts(self, records: MemoryMeetings) -> list[str]:
        """The members, chairs first."""
        change = next(
            item.change for item in reversed(records.steps) if isinstance(item.change, DrawSeats)
        )
        seats = seats_of(change.drawn)
        members = sorted((seat for seat in seats if seat.sits), key=lambda seat: not seat.chair)
        return [seat.expert for seat in members]

    async def draw(self) -> None:
        """A draw by both offices."""
        value = secrets.token_hex(32)
        await self.act("commit_draw", member(CITY), commitment=commitment_to(value))
        await self.act("draw")
        await self.act("reveal_draw", member(CITY), value=value)

    async def to_opened(self, records: MemoryMeetings, present: int = 9) -> list[str]:
        """Planned, drawn and opened on 2023-12-08 with so many members."""
        await self.plan()
        await self.draw()
        await self.until("2023-12-08T09:00:00")
        there = self.experts(records)[:present]
        await self.act("open", present=there)
        return there

    async def to_signed(self, records: MemoryMeetings) -> None:
        """Opened, and signed in the evening."""
        there = await self.to_opened(records)
        await self.until("2023-12-08T18:00:00")
        await self.act("sign", chair=there[0], ended_on="2023-12-08")
