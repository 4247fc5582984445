"""One application as one durable workflow: what a case says to the one writer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from temporalio import workflow
from temporalio.common import RawValue

from workflows import calls
from workflows.application.acts.exclusions import left_to_office
from workflows.application.case import Case, Receipt
from workflows.application.catalogue import CATALOGUE
from workflows.application.changes import since
from workflows.application.clocks import leading
from workflows.application.decision import decide, let_strike, may
from workflows.application.messages import (
    CaseQuery,
    OpenApplication,
    RecordStep,
    Snapshot,
    Step,
    StepRecorded,
    StoredCase,
)
from workflows.application.move import Move
from workflows.application.parties import holder, relations
from workflows.application.payloads import Submit
from workflows.application.projection import shown_clocks, snapshot
from workflows.application.recording import commit, refusal_step, refused_by
from workflows.application.strikes import Due, next_due
from workflows.application.submission import accept_submission, end_ineligible, new_case
from workflows.meeting.news import news_of
from workflows.rules.deadlines import Deadline
from workflows.rules.message import local, local_date
from workflows.rules.names import Relation
from workflows.rules.refusals import Code, Refusal, Refused, refuse
from workflows.writer.ahead import RecordAheadError
from workflows.writer.inbox import Pending, as_error
from workflows.writer.messages import Act, Actor, Carried, Parked, SnapshotRequest, Standstill
from workflows.writer.requests import fingerprint, remember
from workflows.writer.spoken import Outcome
from workflows.writer.telling import tell
from workflows.writer.vouchers import SYSTEM_ROLES
from workflows.writer.vouching import opening
from workflows.writer.writer import Writer, identified

REFUSALS_A_DAY = 20
LOADS_FIRST = ("submit", "amend")
"""Acts decided on what an activity brings; they get no early answer."""


@workflow.defn(name="Application")
class ApplicationWorkflow(Writer[Case, Move, Due, StepRecorded, Receipt]):
    """An application from submission to the end of its 复查 window, and what reaches it later.

    A closed case that something reaches is opened again from the record under its own id, so that
    there is never a second writer; it closes again, or lives on where it was re-opened.
    """

    @workflow.init
    def __init__(self, raw: RawValue) -> None:
        found = opening(raw, OpenApplication)
        stated = found if isinstance(found, OpenApplication) else None
        super().__init__(CATALOGUE, found, stated.carried if stated else None, "submit")
        self._opening = stated or OpenApplication(application=workflow.info().workflow_id)
        self._blank: Case | None = None
        self._recorded: RecordStep | None = None
        """The last step of this run as the record has it, whole."""

    @workflow.run
    async def run(self, raw: RawValue) -> Receipt:
        """Live through the case; returns its last receipt when nothing can follow any more."""
        return await self._live()

    @workflow.update(dynamic=True)
    async def on_update(self, name: str, args: Sequence[RawValue]) -> Receipt:
        """Any act as an update: the person at the screen gets a receipt or a coded no."""
        return await self._asked(name, args)

    @on_update.validator
    def _early_answer(self, name: str, args: Sequence[RawValue]) -> None:
        action = CATALOGUE.get(name)
        weighty = action is None or action.weighty
        self._asked_early(name, args, decides=not weighty and name not in LOADS_FIRST)

    @workflow.signal(dynamic=True)
    def on_signal(self, name: str, args: Sequence[RawValue]) -> None:
        """Any act as a signal; what cannot be read is refused by the writer, never fails a task."""
        self._laid_down(name, args)

    @workflow.query(name="snapshot")
    def show(self, request: SnapshotRequest) -> Snapshot:
        """The live state as of an instant; never reads the workflow's own clock."""
        case = self._subject
        if case is None:
            raise as_error((Refusal(code=Code.NOT_FOUND, params={"what": "case"}),))
        parked = str(self._parked) if self._parked is not None else ""
        shown = snapshot(case, local(request.as_of), parked=parked, actions=request.actions)
        return shown.model_copy(update={"wake_at": self._alarm.at})

    async def _load(self) -> Case | None:
        """A closed case as the record has it, or one that the engine lost."""
        if not self._opening.from_record:
            return None
        if self._opening.lost:
            return await self._taken_up(None, None)
        stored = await self._stored()
        if not stored.closed:
            raise refuse(Code.BUSY_TRY_AGAIN)
        return stored.case

    async def _stored(self, after: int | None = None) -> StoredCase:
        """The case in the record, on this run's clock."""
        stored = await calls.load_case(
            CaseQuery(application=self._opening.application, after=after)
        )
        if stored.case.realm != self._opening.realm:
            # Elsewhere other rules are published, and the clock is another.
            raise refuse(Code.NOT_FOUND, "", what="application", known=stored.case.realm)
        shift = {"shift_seconds": self._opening.shift_seconds}
        return stored.model_copy(update={"case": stored.case.model_copy(update=shift)})

    async def _last_recorded(self, subject: Case) -> int:
        return await calls.last_step(subject.application)

    async def _taken_up(self, before: Case | None, pending: Pending[Receipt] | None) -> Case:
        """The case in the record; what its unheard steps answered, and told outside, is made good."""
        stored = await self._stored(before.seq if before else 0)
        case, known = stored.case, (before or stored.case).requests
        self._recorded = None  # the next step is sent whole
        for step in stored.steps:
            if step.mark and step.source != "refusal":
                by = step.second or step.actor
                remember(known, by, step.request_id, step.mark, step.seq)
            if step.refusals and pending is not None and _answers(step, pending):
                pending.refusals = step.refusals
        if before is not None:
            case.refusals_today = before.refusals_today
            if stored.steps:
                await self._tell_meeting(before, case, local_date(stored.steps[-1].acted_at))
        return case

    async def _open(self, act: Act) -> Move:
        """Decide the submission: load, verify, examine; the record takes the yearly claim."""
        try:
            stated = Submit.model_validate(act.payload)
        except ValueError:
            raise refuse(Code.MALFORMED_PAYLOAD, "", fields="draft") from None
        now = self._now()
        submission = await calls.load_submission(self._opening, stated.draft, act.acted_at or now)
        verified = await calls.verify(self._opening.application, submission)
        self._blank = new_case(self._opening, submission)
        return accept_submission(self._blank, submission, verified, act, now)

    def _not_opened(self, act: Act, refusals: tuple[Refusal, ...]) -> Move | None:
        """不符合申报条件, with all reasons; nothing where there was no draft to decide on."""
        return end_ineligible(self._blank, act, self._now(), refusals) if self._blank else None

    def _decide(self, subject: Case, name: str, act: Act, now: datetime) -> Move:
        return decide(subject, name, act, now)

    async def _amended(self, subject: Case, act: Act) -> Move:
        no = may(subject, "amend", act.actor, self._now())
        if no is not None:
            raise Refused(no)
        published = await calls.load_published(subject)
        return decide(subject, "amend", act, self._now(), published=published)

    def _next_due(self, subject: Case) -> Due | None:
        return next_due(subject, self._opening.settle_seconds)

    def _let_strike(self, subject: Case, due: Due, now: datetime) -> Move:
        return let_strike(subject, due, now)

    async def _record(self, move: Move, seq: int) -> Outcome[StepRecorded]:
        answer = await self._write_step(commit(move, seq))
        refusals = refused_by(answer, move)
        return Outcome(answer=None if refusals else answer, refusals=refusals)

    async def _record_refusal(
        self, subject: Case, name: str, act: Act | None, refusals: tuple[Refusal, ...]
    ) -> None:
        copy = subject.copied()
        await self._write_step(refusal_step(copy, name, act, refusals, self._now()))
        subject.seq, subject.checks = copy.seq, copy.checks

    async def _write_step(self, command: RecordStep) -> StepRecorded:
        """Write one step, its letters under ids of their own.

        Raises:
            RecordAheadError: another step stands under its number.
        """
        command = command.model_copy(update={"letters": identified(command.letters)})
        sent = since(self._recorded, command)
        answer = await self._written(lambda: calls.record_step(sent), f"seq={command.step.seq}")
        if answer.ahead:
            raise RecordAheadError
        if answer.written:
            self._recorded = command
        return answer

    def _must_record(
        self, subject: Case, pending: Pending[Receipt], refusals: tuple[Refusal, ...]
    ) -> bool:
        """A signal's, one with legal weight, and one that leaves work for a person; of the first
        two so many a day."""
        action = CATALOGUE.get(pending.name)
        weighty = action is not None and action.weighty
        missing = any(item.code is Code.CALENDAR_MISSING for item in refusals)
        told = not pending.update or weighty or missing
        held = bool(left_to_office(subject, refusals))
        return held or (told and self._may_record_refusal(subject))

    def _may_record_refusal(self, case: Case) -> bool:
        today = local_date(self._now()).isoformat()
        count = case.refusals_today.get(today, 0)
        case.refusals_today = {today: count + 1}
        return count < REFUSALS_A_DAY

    def _adopted(self, move: Move, answer: StepRecorded) -> Case:
        """The move becomes the case."""
        case = move.case
        if self._subject is not None:
            case.refusals_today = self._subject.refusals_today
        return case

    def _committed(self, move: Move) -> Case:
        return move.case

    async def _after(self, before: Case | None, move: Move) -> None:
        """What operators see follows; the meeting that has the case is told what concerns it."""
        self._show_operators(move.case)
        if before is not None:
            await self._tell_meeting(before, move.case, move.on)

    async def _tell_meeting(self, before: Case, after: Case, on: date) -> None:
        """Held, released, gone: nobody else's result waits for it (T3)."""
        news = news_of(before, after, on)
        if news is None:
            return
        act = Act(
            request_id=f"{before.application}:{after.seq}",
            actor=Actor(person=f"case:{before.application}", role="system"),
            payload=news.model_dump(mode="json"),
        )
        await tell(before.meeting, "note_case", act)

    def _show_operators(self, case: Case) -> None:
        """Where it stands, for whoever looks at the engine's own page; no event, and no index: what
        people search by is in the record."""
        stands = case.end.name if case.end else case.stage
        workflow.set_current_details(
            f"{case.policy.campaign} {stands or ''} {holder(case)}".strip()
        )

    def _receipt(
        self, subject: Case, name: str, move: Move | None, answer: StepRecorded | None
    ) -> Receipt:
        return Receipt(
            application=subject.application,
            seq=subject.seq,
            action=name,
            recorded_at=self._now(),
            stage=subject.stage if subject.end is None else None,
            end=subject.end.name if subject.end else None,
            deadline=_first_clock(subject),
            warnings=tuple(move.warnings) if move else (),
        )

    def _repeated(self, subject: Case, name: str, seq: int) -> Receipt:
        receipt = self._receipt(subject, name, None, None)
        return receipt.model_copy(update={"seq": seq, "repeated": True})

    def _stands(self, name: str) -> Receipt:
        if self._subject is None:
            return Receipt(application=self._opening.application, seq=0, action=name)
        return self._receipt(self._subject, name, None, None)

    def _is_over(self, subject: Case) -> bool:
        return subject.end is not None and subject.end.closes_at is None

    def _is_near(self, subject: Case, act: Act) -> bool:
        ours = act.actor.role in SYSTEM_ROLES
        return ours or bool(relations(subject, act.actor) - {Relation.ANYONE})

    def _standstill(self, parked: Parked | None) -> Standstill:
        return Standstill(
            application=self._opening.application,
            realm=self._opening.realm,
            at=self._now(),
            parked=parked,
        )

    def _carried_on(self, beside: Carried) -> OpenApplication:
        return self._opening.model_copy(update={"carried": self._subject, "beside": beside})


def _answers(step: Step, pending: Pending[Receipt]) -> bool:
    """Whether a step answered what is at hand, in a task that was lost before it could say so."""
    act = pending.act
    asked = act is not None and step.request_id == act.request_id
    return asked and act is not None and step.mark == fingerprint(pending.name, act)


def _first_clock(case: Case) -> Deadline | None:
    return leading(shown_clocks(case))
