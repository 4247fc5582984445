"""One committee meeting as one durable workflow, from its plan to the last confirmation."""

from __future__ import annotations

from collections.abc import Sequence

from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from workflows import calls
    from workflows.meeting.catalogue import MEETING_CATALOGUE
    from workflows.meeting.clocks import MeetingDue, next_due
    from workflows.meeting.decision import (
        adopt,
        commit,
        decide,
        follow_up,
        let_strike,
        refusal_step,
        take_answers,
    )
    from workflows.meeting.meeting import Meeting, Phase
    from workflows.meeting.messages import (
        MeetingBasisQuery,
        MeetingReceipt,
        MeetingSnapshot,
        MeetingStepRecorded,
        OpenMeetingRun,
        RecordMeetingStep,
        TellCases,
    )
    from workflows.meeting.move import MeetingMove
    from workflows.meeting.payloads import PlanMeeting
    from workflows.meeting.projection import first_due, snapshot
    from workflows.rules.refusals import Code, Refusal, Refused, refuse
    from workflows.writer.desk import Desk, identified
    from workflows.writer.inbox import (
        Pending,
        answered_before,
        as_error,
        fingerprint,
        read_act,
        reasons_of,
        remember,
    )
    from workflows.writer.messages import Act, SnapshotRequest

OVER = (Phase.CLOSED, Phase.CANCELLED)


@workflow.defn(name="Meeting")
class MeetingWorkflow(Desk[MeetingReceipt]):
    """A meeting and its result batches (design.md 15).

    A single writer, as in `Application`: handlers read and queue; `run` takes one act, clock or
    telling at a time. Between two acts stands the telling of the first to every case of the batch,
    by one activity that resumes where it stopped: the history holds no list of cases.
    """

    @workflow.init
    def __init__(self, opening: OpenMeetingRun) -> None:
        super().__init__(MEETING_CATALOGUE, opening.shift_seconds)
        self._opening = opening
        self._meeting: Meeting | None = opening.carried

    @workflow.run
    async def run(self, opening: OpenMeetingRun) -> MeetingReceipt:
        """Live through the meeting; returns when every result has taken effect."""
        while self._meeting is None and not self._nothing_to_open:
            await workflow.wait_condition(lambda: bool(self._inbox))
            await self._plan(self._inbox.popleft())
        if self._meeting is None:
            await workflow.wait_condition(workflow.all_handlers_finished)
            return self._stands("plan")
        while not self._is_over(self._meeting):
            await self._turn(self._meeting)
            if self._should_continue():
                await self._continue_as_new(self._carried)
        await self._answer_the_rest(self._take_last)
        return self._stands("close")

    @workflow.update(dynamic=True)
    async def on_update(self, name: str, args: Sequence[RawValue]) -> MeetingReceipt:
        """Any act as an update: the person at the screen gets a receipt or a coded no."""
        return await self._asked(name, args)

    @on_update.validator
    def _early_answer(self, name: str, args: Sequence[RawValue]) -> None:
        """What cannot even be read is refused without a trace; all else is the writer's."""
        try:
            read_act(name, args, MEETING_CATALOGUE)
        except Refused as error:
            raise as_error(reasons_of(error)) from None

    @workflow.signal(dynamic=True)
    def on_signal(self, name: str, args: Sequence[RawValue]) -> None:
        """Any act as a signal; what cannot be read is refused by the writer, never fails a task."""
        self._heard(name, args)

    @workflow.query(name="snapshot")
    def show(self, request: SnapshotRequest) -> MeetingSnapshot:
        """The live state; never reads the workflow's own clock."""
        if self._meeting is None:
            raise as_error((Refusal(code=Code.NOT_FOUND, params={"what": "meeting"}),))
        shown = snapshot(self._meeting)
        return shown.model_copy(update={"wake_at": self._alarm.at, "needs_operator": self._parked})

    def _is_over(self, meeting: Meeting) -> bool:
        waits = meeting.telling is not None or meeting.left > 0
        return meeting.phase in OVER and not waits and not self._inbox

    async def _turn(self, meeting: Meeting) -> None:
        """One thing: a word under way first, then a message, then what is due, else wait."""
        if meeting.telling is not None:
            await self._tell(meeting)
            return
        if await self._follow_up(meeting):
            return
        if self._inbox:
            await self._take(meeting, self._inbox.popleft())
            return
        due = next_due(meeting)
        if due is not None and due.at <= self._now():
            await self._strike(meeting, due)
            return
        await self._sleep_until(due.at if due else None)

    async def _plan(self, pending: Pending[MeetingReceipt]) -> None:
        """Decide the plan: load committee, rules and calendar, make the list, answer."""
        act = pending.act
        if act is None or pending.name != "plan":
            missing = Refusal(code=Code.NOT_FOUND, params={"what": "meeting"})
            pending.refusals = pending.unreadable or (missing,)
            return
        try:
            blank = await self._blank(act)
            answer = await self._write(decide(blank, "plan", act, self._now()))
        except Refused as error:
            self._nothing_to_open = True
            pending.refusals = reasons_of(error)
            return
        meeting = self._meeting or blank
        remember(meeting.requests, act.request_id, fingerprint("plan", act), meeting.seq)
        pending.receipt = self._receipt(meeting, "plan", answer)

    async def _blank(self, act: Act) -> Meeting:
        """A meeting of the committee that the plan names, nothing of it planned yet."""
        try:
            stated = PlanMeeting.model_validate(act.payload)
        except ValueError:
            raise refuse(Code.MALFORMED_PAYLOAD, "", fields="plan") from None
        opening = self._opening
        basis = await calls.load_meeting_basis(
            MeetingBasisQuery(
                realm=opening.realm, committee=stated.committee, campaign=stated.campaign
            )
        )
        return Meeting(
            meeting=opening.meeting,
            realm=opening.realm,
            shift_seconds=opening.shift_seconds,
            committee=basis.committee,
            policy=basis.policy,
            calendar=basis.calendar,
        )

    async def _take(self, meeting: Meeting, pending: Pending[MeetingReceipt]) -> None:
        """One message: a repeat is answered as before, anything else is decided now."""
        act = pending.act
        if act is None:
            await self._refuse(meeting, pending, pending.unreadable)
            return
        mark = fingerprint(pending.name, act)
        try:
            seq = answered_before(meeting.requests, act.request_id, mark)
            if seq is not None:
                receipt = self._receipt(meeting, pending.name)
                pending.receipt = receipt.model_copy(update={"seq": seq, "repeated": True})
                return
            if pending.name == "amend" and not act.payload.get("policy"):
                act = await self._with_published(meeting, act)
            seed = workflow.uuid4().hex if pending.name == "draw" else ""
            move = decide(meeting, pending.name, act, self._now(), seed=seed)
            if pending.name == "nudge":
                self._move_on = True
                pending.receipt = self._receipt(meeting, pending.name)
                return
            answer = await self._write(move)
        except Refused as error:
            await self._refuse(meeting, pending, reasons_of(error))
            return
        current = self._meeting or meeting
        remember(current.requests, act.request_id, mark, current.seq)
        pending.receipt = self._receipt(current, pending.name, answer)

    async def _with_published(self, meeting: Meeting, act: Act) -> Act:
        basis = await calls.load_meeting_basis(
            MeetingBasisQuery(
                realm=meeting.realm,
                committee=meeting.committee.id,
                campaign=meeting.policy.campaign,
            )
        )
        payload = act.payload | basis.model_dump(mode="json", include={"policy", "calendar"})
        return act.model_copy(update={"payload": payload})

    async def _strike(self, meeting: Meeting, due: MeetingDue) -> None:
        try:
            move = let_strike(meeting, due, self._now())
        except Refused as error:
            await self._park(f"{due.key}: {error.first.code.value} {error.first.params}")
            return
        await self._write(move)

    async def _follow_up(self, meeting: Meeting) -> bool:
        """Clocks that changed hands, and the end of it all; True where there was something."""
        try:
            move = follow_up(meeting, self._now())
        except Refused as error:
            await self._park(f"clocks: {error.first.code.value} {error.first.params}")
            return True
        if move is not None:
            await self._write(move)
        return move is not None

    async def _tell(self, meeting: Meeting) -> None:
        """Tell the word to every case, then note what they answered."""
        telling = meeting.telling
        if telling is None:
            return
        command = TellCases(telling=telling.id, realm=meeting.realm)
        await self._written(lambda: calls.tell_cases(command), telling.id)
        await self._write(take_answers(meeting, self._now()))

    async def _write(self, move: MeetingMove) -> MeetingStepRecorded:
        """Record a move and make it the meeting's state.

        Raises:
            Refused: by the rows; nothing was written then.
        """
        before = self._meeting
        seq = before.seq + 1 if before else 1
        answer = await self._record(commit(move, seq, opens=before is None))
        if answer.refusals:
            raise Refused(*answer.refusals)
        self._adopt(move, answer)
        return answer

    def _adopt(self, move: MeetingMove, answer: MeetingStepRecorded) -> None:
        requests = self._meeting.requests if self._meeting else move.meeting.requests
        self._meeting = adopt(move, answer)
        self._meeting.requests = requests

    async def _record(self, command: RecordMeetingStep) -> MeetingStepRecorded:
        """Write one step, its letters under ids of their own."""
        command = command.model_copy(update={"letters": identified(command.letters)})
        return await self._written(
            lambda: calls.record_meeting_step(command), f"seq={command.step.seq}"
        )

    async def _refuse(
        self, meeting: Meeting, pending: Pending[MeetingReceipt], refusals: tuple[Refusal, ...]
    ) -> None:
        """Answer an update; a signal's refusal is recorded, since nobody hears it (design 8)."""
        if not pending.update:
            step = refusal_step(meeting, pending.name, pending.act, refusals, self._now())
            await self._record(step)
            meeting.seq += 1
        pending.refusals = refusals

    def _receipt(
        self, meeting: Meeting, action: str, answer: MeetingStepRecorded | None = None
    ) -> MeetingReceipt:
        telling = meeting.telling
        return MeetingReceipt(
            meeting=meeting.meeting,
            seq=meeting.seq,
            action=action,
            recorded_at=self._now(),
            phase=meeting.phase,
            deadline=first_due(meeting),
            counted=answer.counted if answer else 0,
            telling=telling.id if telling else "",
            lines=telling.lines if telling else 0,
        )

    def _stands(self, action: str) -> MeetingReceipt:
        if self._meeting is None:
            return MeetingReceipt(meeting=self._opening.meeting, seq=0, action=action)
        return self._receipt(self._meeting, action)

    async def _take_last(self, pending: Pending[MeetingReceipt]) -> None:
        if self._meeting is not None:
            await self._take(self._meeting, pending)

    def _carried(self) -> OpenMeetingRun:
        return self._opening.model_copy(update={"carried": self._meeting})
