"""One application as one durable workflow: a single writer takes acts and clocks one by one."""

from __future__ import annotations

from collections.abc import Sequence

from temporalio import workflow
from temporalio.common import RawValue, SearchAttributeKey
from temporalio.exceptions import FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from workflows import calls
    from workflows.application.acts.exclusions import barred, left_to_office
    from workflows.application.case import Case, Receipt
    from workflows.application.catalogue import CATALOGUE
    from workflows.application.clocks import Due, next_due
    from workflows.application.decision import commit, decide, let_strike, refusal_step
    from workflows.application.messages import OpenApplication, RecordStep, Snapshot, StepRecorded
    from workflows.application.move import Move, holder
    from workflows.application.payloads import Submit
    from workflows.application.projection import leading_deadline, snapshot
    from workflows.application.submission import (
        accept_submission,
        end_ineligible,
        new_case,
        with_draft,
        with_reasons,
    )
    from workflows.meeting.news import news_of
    from workflows.rules.message import local, local_date
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
    from workflows.writer.messages import Act, Actor, SnapshotRequest

STAGE = SearchAttributeKey.for_keyword("ApplicationStage")
CAMPAIGN = SearchAttributeKey.for_keyword("Campaign")
HELD_BY = SearchAttributeKey.for_keyword("HeldBy")
DUE_AT = SearchAttributeKey.for_datetime("DueAt")

REFUSALS_A_DAY = 20
TO_THE_WRITER = frozenset({Code.CALENDAR_MISSING, Code.EXCLUDED_RETIRED})
"""Refusals that leave work for a person: no early answer, the writer records them."""


@workflow.defn(name="Application")
class ApplicationWorkflow(Desk[Receipt]):
    """An application from submission to the end of its 复查 window.

    Handlers only read and queue; `run` takes one message or clock at a time, checks it against
    the case as it is now, writes the step to the record, and only then changes the case.
    """

    @workflow.init
    def __init__(self, opening: OpenApplication) -> None:
        super().__init__(CATALOGUE, opening.shift_seconds)
        self._opening = opening
        self._case: Case | None = opening.carried
        self._shown = ""

    @workflow.run
    async def run(self, opening: OpenApplication) -> Receipt:
        """Live through the case; returns its last receipt when nothing can follow any more."""
        while self._case is None and not self._nothing_to_open:
            await workflow.wait_condition(lambda: bool(self._inbox))
            await self._open(self._inbox.popleft())
        if self._case is None:
            await workflow.wait_condition(workflow.all_handlers_finished)
            return self._stands("submit")
        while not self._is_closed(self._case):
            await self._turn(self._case)
            if self._should_continue():
                await self._continue_as_new(self._carried)
        await self._answer_the_rest(self._take_last)
        return self._stands("close")

    @workflow.update(dynamic=True)
    async def on_update(self, name: str, args: Sequence[RawValue]) -> Receipt:
        """Any act as an update: the person at the screen gets a receipt or a coded no."""
        return await self._asked(name, args)

    @on_update.validator
    def _early_answer(self, name: str, args: Sequence[RawValue]) -> None:
        """The same pure decision, early: a no without a trace, where nothing legal hangs on it."""
        try:
            act = read_act(name, args)
            case = self._case
            busy = self._writing or self._inbox or self._parked
            if case is None or busy or act.request_id in case.requests:
                return
            action = CATALOGUE[name]
            if name not in ("submit", "amend") and not action.weighty:
                decide(case, name, act, self._now())
        except Refused as error:
            if any(item.code in TO_THE_WRITER for item in error.reasons):
                return
            raise as_error(reasons_of(error)) from None

    @workflow.signal(dynamic=True)
    def on_signal(self, name: str, args: Sequence[RawValue]) -> None:
        """Any act as a signal; what cannot be read is refused by the writer, never fails a task."""
        self._heard(name, args)

    @workflow.query(name="snapshot")
    def show(self, request: SnapshotRequest) -> Snapshot:
        """The live state as of an instant; never reads the workflow's own clock."""
        if self._case is None:
            raise as_error((Refusal(code=Code.NOT_FOUND, params={"what": "case"}),))
        case = self._case
        if self._parked:
            case = case.model_copy(update={"needs_operator": self._parked})
        as_of = local(request.as_of) if request.as_of else None
        return snapshot(case, as_of, self._alarm.at)

    def _is_closed(self, case: Case) -> bool:
        return case.end is not None and case.end.closes_at is None and not self._inbox

    async def _turn(self, case: Case) -> None:
        """One thing: a message first, else what is due, else wait."""
        if self._inbox:
            await self._take(case, self._inbox.popleft())
            return
        due = next_due(case, self._opening.settle_seconds)
        if due is not None and due.at <= self._now():
            await self._strike(case, due)
            return
        await self._sleep_until(due.at if due else None)

    async def _open(self, pending: Pending[Receipt]) -> None:
        """Decide the submission: load, verify, examine, take the yearly claim, answer."""
        if pending.act is None or pending.name != "submit":
            pending.refusals = pending.unreadable or (
                Refusal(code=Code.WRONG_STAGE, params={"stage": "", "action": pending.name}),
            )
            return
        act = pending.act
        try:
            stated = Submit.model_validate(act.payload)
        except ValueError:
            pending.refusals = (Refusal(code=Code.MALFORMED_PAYLOAD, params={"fields": "draft"}),)
            return
        now = self._now()
        opening = self._opening
        try:
            submission = await calls.load_submission(opening, stated.draft, act.acted_at or now)
        except Refused as error:
            self._nothing_to_open = True
            pending.refusals = reasons_of(error)
            return
        verified = await calls.verify(opening.application, submission)
        blank = new_case(opening, submission)
        try:
            move = accept_submission(blank, submission, verified, act, now)
            command = with_draft(commit(move, 1), move.case, stated.draft)
            answer = await self._record(command)
            if answer.claim_refused:
                raise refuse(
                    Code.YEARLY_CHANCE_USED,
                    submission.policy.annual_limit.source,
                    application=answer.held_by_application,
                )
        except Refused as error:
            reasons = reasons_of(error)
            _, move = end_ineligible(blank, act, now, reasons)
            command = with_draft(commit(move, 1), move.case, stated.draft)
            await self._record(with_reasons(command, reasons))
            pending.refusals = reasons
        self._adopt(move)
        case = move.case
        remember(case.requests, act.request_id, fingerprint(pending.name, act), case.seq)
        if not pending.refusals:
            pending.receipt = self._receipt(case, "submit")

    async def _take(self, case: Case, pending: Pending[Receipt]) -> None:
        """One message: a repeat is answered as before, anything else is decided now."""
        act = pending.act
        if act is None:
            await self._refuse(case, pending, pending.unreadable)
            return
        mark = fingerprint(pending.name, act)
        try:
            seq = answered_before(case.requests, act.request_id, mark)
        except Refused as error:
            await self._refuse(case, pending, reasons_of(error))
            return
        if seq is not None:
            receipt = self._receipt(case, pending.name)
            pending.receipt = receipt.model_copy(update={"seq": seq, "repeated": True})
            return
        try:
            if pending.name == "amend" and not act.payload.get("policy"):
                act = await self._with_published(case, act)
            move = decide(case, pending.name, act, self._now())
        except Refused as error:
            await self._refuse(case, pending, reasons_of(error))
            return
        if pending.name == "nudge":
            self._move_on = True
        elif refused := await self._write(move):
            await self._refuse(case, pending, refused)
            return
        current = self._case or case
        remember(current.requests, act.request_id, mark, current.seq)
        pending.receipt = self._receipt(current, pending.name)

    async def _strike(self, case: Case, due: Due) -> None:
        """A clock's turn; one that cannot be computed is parked for a person, loudly."""
        try:
            move = let_strike(case, due, self._now())
        except Refused as error:
            copy = case.model_copy(deep=True)
            reasons = reasons_of(error)
            step = refusal_step(copy, due.key, None, reasons, self._now(), case.seq + 1)
            await self._record(step)
            case.seq += 1
            await self._park(f"{due.key}: {error.first.code.value} {error.first.params}")
            return
        await self._write(move)

    async def _write(self, move: Move) -> tuple[Refusal, ...]:
        """Record a move and make it the case's state; or why the record would not have it."""
        seq = (self._case.seq if self._case else 0) + 1
        answer = await self._record(commit(move, seq))
        if answer.claim_refused:
            clause = move.case.policy.annual_limit.source
            return (Refusal(code=Code.YEARLY_CHANCE_USED, clause=clause),)
        if answer.barred:
            return barred(move.case, answer.barred)
        before = self._case
        self._adopt(move)
        await self._tell_meeting(before, move)
        return ()

    async def _tell_meeting(self, before: Case | None, move: Move) -> None:
        """What concerns the meeting that has the case is told to it: held, released, gone."""
        news = news_of(before, move)
        if before is None or news is None:
            return
        act = Act(
            request_id=f"{before.application}:{move.case.seq}",
            actor=Actor(person=f"case:{before.application}", role="system"),
            payload=news.model_dump(mode="json"),
        )
        try:
            await workflow.get_external_workflow_handle(before.meeting).signal("note_case", act)
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            # The meeting is over: nothing of the case is open there any more.
            workflow.logger.info("meeting.closed", extra={"why": str(error)[:200]})

    async def _record(self, command: RecordStep) -> StepRecorded:
        """Write one step, its letters under ids of their own."""
        command = command.model_copy(update={"letters": identified(command.letters)})
        return await self._written(lambda: calls.record_step(command), f"seq={command.step.seq}")

    async def _refuse(
        self, case: Case, pending: Pending[Receipt], refusals: tuple[Refusal, ...]
    ) -> None:
        """Answer an update; record a signal's refusal, and any with legal weight (design 8)."""
        action = CATALOGUE.get(pending.name)
        weighty = action is not None and action.weighty
        missing = any(item.code is Code.CALENDAR_MISSING for item in refusals)
        held = left_to_office(case, refusals)
        told = not pending.update or weighty or missing
        if held or (told and self._may_record_refusal(case)):
            copy = case.model_copy(deep=True)
            step = refusal_step(
                copy, pending.name, pending.act, refusals, self._now(), case.seq + 1
            )
            await self._record(step)
            case.seq += 1
            case.checks = copy.checks
        pending.refusals = refusals

    def _may_record_refusal(self, case: Case) -> bool:
        today = local_date(self._now()).isoformat()
        count = case.refusals_today.get(today, 0)
        case.refusals_today = {today: count + 1}
        return count < REFUSALS_A_DAY

    async def _with_published(self, case: Case, act: Act) -> Act:
        published = await calls.load_published(case)
        payload = act.payload | published.model_dump(mode="json")
        return act.model_copy(update={"payload": payload})

    def _adopt(self, move: Move) -> None:
        """The move becomes the case; what operators search by follows when it changed."""
        case = move.case
        if self._case is not None:
            case.requests = self._case.requests
            case.refusals_today = self._case.refusals_today
        self._case = case
        leading = leading_deadline(case)
        stage = case.end.name.value if case.end else case.stage.value if case.stage else ""
        shown = f"{stage}|{holder(case)}"
        if shown != self._shown:
            self._shown = shown
            due = DUE_AT.value_set(leading.ends_at) if leading else DUE_AT.value_unset()
            workflow.upsert_search_attributes(
                [
                    STAGE.value_set(stage),
                    CAMPAIGN.value_set(case.policy.campaign),
                    HELD_BY.value_set("" if case.end else holder(case)),
                    due,
                ]
            )

    def _receipt(self, case: Case, action: str) -> Receipt:
        return Receipt(
            application=case.application,
            seq=case.seq,
            action=action,
            recorded_at=self._now(),
            stage=case.stage if case.end is None else None,
            end=case.end.name if case.end else None,
            deadline=leading_deadline(case),
        )

    def _stands(self, action: str) -> Receipt:
        if self._case is None:
            return Receipt(application=self._opening.application, seq=0, action=action)
        return self._receipt(self._case, action)

    async def _take_last(self, pending: Pending[Receipt]) -> None:
        if self._case is not None:
            await self._take(self._case, pending)

    def _carried(self) -> OpenApplication:
        return self._opening.model_copy(update={"carried": self._case})
