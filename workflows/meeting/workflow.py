"""One committee meeting as one durable workflow: what a meeting says to the one writer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from temporalio import workflow
from temporalio.common import RawValue

from workflows import calls
from workflows.meeting.catalogue import MEETING_CATALOGUE
from workflows.meeting.decision import decide, follow_up, let_strike, may, take_answers
from workflows.meeting.meeting import Meeting, Phase
from workflows.meeting.messages import (
    MeetingBasisQuery,
    MeetingQuery,
    MeetingReceipt,
    MeetingSnapshot,
    MeetingStepRecorded,
    OpenMeetingRun,
    RecordMeetingStep,
    TellCases,
)
from workflows.meeting.move import MeetingMove, relations_to
from workflows.meeting.payloads import PlanMeeting
from workflows.meeting.projection import first_due, shown_clocks, snapshot
from workflows.meeting.recording import adopt, commit, refusal_step
from workflows.meeting.strikes import MeetingDue, next_due
from workflows.rules.message import local
from workflows.rules.refusals import Code, Refusal, Refused, refuse
from workflows.writer.inbox import Pending, as_error
from workflows.writer.messages import Act, Carried, Parked, SnapshotRequest, Standstill
from workflows.writer.requests import remember
from workflows.writer.spoken import Outcome
from workflows.writer.vouchers import SYSTEM_ROLES
from workflows.writer.vouching import opening
from workflows.writer.writer import Writer, identified

OVER = (Phase.CLOSED, Phase.CANCELLED)


@workflow.defn(name="Meeting")
class MeetingWorkflow(
    Writer[Meeting, MeetingMove, MeetingDue, MeetingStepRecorded, MeetingReceipt]
):
    """A meeting and its result batches (design.md 15).

    Between two acts stands the telling of the first to every case of the batch, by one activity that
    resumes where it stopped: the history holds no list of cases.
    """

    @workflow.init
    def __init__(self, raw: RawValue) -> None:
        found = opening(raw, OpenMeetingRun)
        stated = found if isinstance(found, OpenMeetingRun) else None
        super().__init__(MEETING_CATALOGUE, found, stated.carried if stated else None, "plan")
        self._opening = stated or OpenMeetingRun(meeting=workflow.info().workflow_id)

    @workflow.run
    async def run(self, raw: RawValue) -> MeetingReceipt:
        """Live through the meeting; returns when every result has taken effect."""
        return await self._live()

    @workflow.update(dynamic=True)
    async def on_update(self, name: str, args: Sequence[RawValue]) -> MeetingReceipt:
        """Any act as an update: the person at the screen gets a receipt or a coded no."""
        return await self._asked(name, args)

    @on_update.validator
    def _early_answer(self, name: str, args: Sequence[RawValue]) -> None:
        # The rows decide most of it, in the step's transaction: only what cannot be read goes back.
        self._asked_early(name, args, decides=False)

    @workflow.signal(dynamic=True)
    def on_signal(self, name: str, args: Sequence[RawValue]) -> None:
        """Any act as a signal; what cannot be read is refused by the writer, never fails a task."""
        self._laid_down(name, args)

    @workflow.query(name="snapshot")
    def show(self, request: SnapshotRequest) -> MeetingSnapshot:
        """The live state as of an instant; never reads the workflow's own clock."""
        if self._subject is None:
            raise as_error((Refusal(code=Code.NOT_FOUND, params={"what": "meeting"}),))
        parked = str(self._parked) if self._parked is not None else ""
        shown = snapshot(
            self._subject, local(request.as_of), parked=parked, actions=request.actions
        )
        return shown.model_copy(update={"wake_at": self._alarm.at})

    async def _load(self) -> Meeting | None:
        """The meeting as the record has it, where the engine lost it."""
        return await self._taken_up(None, None) if self._opening.from_record else None

    async def _taken_up(
        self, before: Meeting | None, pending: Pending[MeetingReceipt] | None
    ) -> Meeting:
        """The meeting in the record, on this run's clock; what its unheard steps answered is known."""
        opened = self._opening
        query = MeetingQuery(meeting=opened.meeting, after=before.seq if before else 0)
        stored = await calls.load_meeting(query)
        if stored.meeting.realm != opened.realm:
            raise refuse(Code.NOT_FOUND, "", what="meeting", known=stored.meeting.realm)
        meeting = stored.meeting.model_copy(update={"shift_seconds": opened.shift_seconds})
        known = (before or meeting).requests
        for one in stored.answered:
            remember(known, one.actor, one.request_id, one.mark, one.seq)
        return meeting

    async def _open(self, act: Act) -> MeetingMove:
        """Decide the plan on the committee, rules and calendar that it names."""
        try:
            stated = PlanMeeting.model_validate(act.payload)
        except ValueError:
            raise refuse(Code.MALFORMED_PAYLOAD, "", fields="plan") from None
        opened = self._opening
        basis = await calls.load_meeting_basis(
            MeetingBasisQuery(
                realm=opened.realm, committee=stated.committee, campaign=stated.campaign
            )
        )
        blank = Meeting(
            meeting=opened.meeting,
            realm=opened.realm,
            shift_seconds=opened.shift_seconds,
            committee=basis.committee,
            policy=basis.policy,
            calendar=basis.calendar,
        )
        return decide(blank, "plan", act, self._now())

    def _decide(self, subject: Meeting, name: str, act: Act, now: datetime) -> MeetingMove:
        return decide(subject, name, act, now)

    async def _amended(self, subject: Meeting, act: Act) -> MeetingMove:
        no = may(subject, "amend", act.actor, self._now())
        if no is not None:
            raise Refused(no)
        published = await calls.load_meeting_basis(
            MeetingBasisQuery(
                realm=subject.realm,
                committee=subject.committee.id,
                campaign=subject.policy.campaign,
            )
        )
        return decide(subject, "amend", act, self._now(), published=published)

    def _next_due(self, subject: Meeting) -> MeetingDue | None:
        return next_due(subject)

    def _let_strike(self, subject: Meeting, due: MeetingDue, now: datetime) -> MeetingMove:
        return let_strike(subject, due, now)

    async def _before_message(self, subject: Meeting) -> bool:
        """A word under way comes first, then what follows from its answers."""
        telling = subject.telling
        if telling is not None:
            command = TellCases(telling=telling.id, realm=subject.realm)
            await self._written(lambda: calls.tell_cases(command), telling.id)
            await self._write(subject, take_answers(subject, self._now()))
            return True
        try:
            move = follow_up(subject, self._now())
        except Refused as error:
            await self._cannot_compute(subject, "clocks", error)
            return True
        if move is not None:
            await self._write(subject, move)
        return move is not None

    async def _record(self, move: MeetingMove, seq: int) -> Outcome[MeetingStepRecorded]:
        answer = await self._write_step(commit(move, seq, opens=seq == 1))
        refused = bool(answer.refusals)
        return Outcome(answer=None if refused else answer, refusals=answer.refusals)

    async def _record_refusal(
        self, subject: Meeting, name: str, act: Act | None, refusals: tuple[Refusal, ...]
    ) -> None:
        copy = subject.copied()
        await self._write_step(refusal_step(copy, name, act, refusals, self._now()))
        subject.seq = copy.seq

    async def _write_step(self, command: RecordMeetingStep) -> MeetingStepRecorded:
        """Write one step, its letters under ids of their own."""
        command = command.model_copy(update={"letters": identified(command.letters)})
        return await self._written(
            lambda: calls.record_meeting_step(command), f"seq={command.step.seq}"
        )

    def _must_record(
        self, subject: Meeting, pending: Pending[MeetingReceipt], refusals: tuple[Refusal, ...]
    ) -> bool:
        """A signal's refusal, since nobody hears it, and one that leaves work for operations."""
        missing = any(item.code is Code.CALENDAR_MISSING for item in refusals)
        return not pending.update or missing

    def _adopted(self, move: MeetingMove, answer: MeetingStepRecorded) -> Meeting:
        return adopt(move, answer)

    def _committed(self, move: MeetingMove) -> Meeting:
        return move.meeting

    def _receipt(
        self,
        subject: Meeting,
        name: str,
        move: MeetingMove | None,
        answer: MeetingStepRecorded | None,
    ) -> MeetingReceipt:
        telling = subject.telling
        return MeetingReceipt(
            meeting=subject.meeting,
            seq=subject.seq,
            action=name,
            recorded_at=self._now(),
            phase=subject.phase,
            deadline=first_due(shown_clocks(subject)),
            counted=answer.counted if answer else 0,
            telling=telling.id if telling else "",
            lines=telling.lines if telling else 0,
            warnings=tuple(move.warnings) if move else (),
        )

    def _repeated(self, subject: Meeting, name: str, seq: int) -> MeetingReceipt:
        receipt = self._receipt(subject, name, None, None)
        return receipt.model_copy(update={"seq": seq, "repeated": True})

    def _stands(self, name: str) -> MeetingReceipt:
        if self._subject is None:
            return MeetingReceipt(meeting=self._opening.meeting, seq=0, action=name)
        return self._receipt(self._subject, name, None, None)

    def _is_over(self, subject: Meeting) -> bool:
        waits = subject.telling is not None or subject.left > 0
        return subject.phase in OVER and not waits

    def _is_near(self, subject: Meeting, act: Act) -> bool:
        return act.actor.role in SYSTEM_ROLES or bool(relations_to(subject, act.actor))

    def _standstill(self, parked: Parked | None) -> Standstill:
        return Standstill(
            meeting=self._opening.meeting, realm=self._opening.realm, at=self._now(), parked=parked
        )

    def _carried_on(self, beside: Carried) -> OpenMeetingRun:
        return self._opening.model_copy(update={"carried": self._subject, "beside": beside})
