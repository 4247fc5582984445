"""One application as one durable workflow: a single writer takes acts and clocks one by one."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RawValue, SearchAttributeKey
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from workflows import calls
    from workflows.acts.move import Move, holder
    from workflows.alarm import Alarm
    from workflows.catalogue import CATALOGUE
    from workflows.clocks import Due, next_due
    from workflows.decision import (
        commit,
        decide,
        fingerprint,
        let_strike,
        refusal_step,
        remember,
    )
    from workflows.messages import (
        Act,
        OpenApplication,
        RecordStep,
        Snapshot,
        SnapshotRequest,
        StepRecorded,
    )
    from workflows.messaging import (
        Pending,
        as_error,
        new_request_id,
        read_act,
        reasons_of,
        with_request_id,
    )
    from workflows.payloads import Submit
    from workflows.projection import leading_deadline, snapshot
    from workflows.rules.case import Case, Receipt
    from workflows.rules.message import local, local_date
    from workflows.rules.refusals import Code, Refusal, Refused, refuse
    from workflows.submission import (
        accept_submission,
        end_ineligible,
        new_case,
        with_draft,
        with_reasons,
    )

STAGE = SearchAttributeKey.for_keyword("ApplicationStage")
CAMPAIGN = SearchAttributeKey.for_keyword("Campaign")
HELD_BY = SearchAttributeKey.for_keyword("HeldBy")
DUE_AT = SearchAttributeKey.for_datetime("DueAt")

REFUSALS_A_DAY = 20
OPERATIONS_ROLES = ("operations", "system")


@workflow.defn(name="Application")
class ApplicationWorkflow:
    """An application from submission to the end of its 复查 window.

    Handlers only read and queue; `run` takes one message or clock at a time, checks it against
    the case as it is now, writes the step to the record, and only then changes the case.
    """

    @workflow.init
    def __init__(self, opening: OpenApplication) -> None:
        self._opening = opening
        self._case: Case | None = opening.carried
        self._inbox: deque[Pending] = deque()
        self._writing = False
        self._parked = ""
        self._shown = ""
        self._alarm = Alarm()
        self._move_on = False
        self._nothing_to_open = False

    @workflow.run
    async def run(self, opening: OpenApplication) -> Receipt:
        """Live through the case; returns its last receipt when nothing can follow any more."""
        while self._case is None and not self._nothing_to_open:
            await workflow.wait_condition(lambda: bool(self._inbox))
            await self._open(self._inbox.popleft())
        if self._case is None:
            await workflow.wait_condition(workflow.all_handlers_finished)
            return Receipt(application=opening.application, seq=0, action="submit")
        while not self._is_closed(self._case):
            await self._turn(self._case)
            if self._should_continue():
                await self._continue_as_new(self._case)
        while not (workflow.all_handlers_finished() and not self._inbox):
            await workflow.wait_condition(
                lambda: bool(self._inbox) or workflow.all_handlers_finished()
            )
            if self._inbox:
                await self._take(self._case, self._inbox.popleft())
        return self._receipt(self._case, "close")

    @workflow.update(dynamic=True)
    async def on_update(self, name: str, args: Sequence[RawValue]) -> Receipt:
        """Any act as an update: the person at the screen gets a receipt or a coded no."""
        try:
            act = read_act(name, args)
        except Refused as error:
            raise as_error(reasons_of(error)) from None
        info = workflow.current_update_info()
        act = with_request_id(act, info.id if info else new_request_id())
        if name == "resume" and self._parked:
            return self._resume(act)
        pending = Pending(name=name, act=act, update=True)
        self._inbox.append(pending)
        await workflow.wait_condition(lambda: pending.answered)
        if pending.receipt is None:
            raise as_error(pending.refusals)
        return pending.receipt

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
            if any(item.code is Code.CALENDAR_MISSING for item in error.reasons):
                return
            raise as_error(reasons_of(error)) from None

    @workflow.signal(dynamic=True)
    def on_signal(self, name: str, args: Sequence[RawValue]) -> None:
        """Any act as a signal; what cannot be read is refused by the writer, never fails a task."""
        try:
            act = with_request_id(read_act(name, args), new_request_id())
        except Refused as error:
            self._inbox.append(
                Pending(name=name, act=None, update=False, unreadable=reasons_of(error))
            )
            return
        if name == "resume" and self._parked and act.actor.role in OPERATIONS_ROLES:
            self._parked = ""  # anybody else is refused by the writer: no handler raises here
            return
        if name == "amend" and Code.CALENDAR_MISSING.value in self._parked:
            self._parked = ""  # the year it waits for may have come: taken up, then tried again
        self._inbox.append(Pending(name=name, act=act, update=False))

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

    def _now(self) -> datetime:
        """The case's clock: the engine's, moved by the realm's shift."""
        return local(workflow.now() + timedelta(seconds=self._opening.shift_seconds))

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
        self._alarm.set(due.at if due else None, self._now())
        await workflow.wait_condition(
            lambda: bool(self._inbox) or self._alarm.rang or self._move_on
        )
        self._alarm.heard()

    async def _open(self, pending: Pending) -> None:
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
        remember(case, act.request_id, fingerprint(pending.name, act), case.seq)
        if not pending.refusals:
            pending.receipt = self._receipt(case, "submit")

    async def _take(self, case: Case, pending: Pending) -> None:
        """One message: a repeat is answered as before, anything else is decided now."""
        act = pending.act
        if act is None:
            await self._refuse(case, pending, pending.unreadable)
            return
        mark = fingerprint(pending.name, act)
        known = case.requests.get(act.request_id)
        if known is not None:
            before, seq = known.split(":")
            if before != mark:
                params = {"request_id": act.request_id}
                conflict = Refusal(code=Code.DUPLICATE_CONFLICT, params=params)
                await self._refuse(case, pending, (conflict,))
                return
            receipt = self._receipt(case, pending.name)
            pending.receipt = receipt.model_copy(update={"seq": int(seq), "repeated": True})
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
        elif not await self._write(move):
            clause = case.policy.annual_limit.source
            await self._refuse(
                case, pending, (Refusal(code=Code.YEARLY_CHANCE_USED, clause=clause),)
            )
            return
        current = self._case or case
        remember(current, act.request_id, mark, current.seq)
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

    async def _write(self, move: Move) -> bool:
        """Record a move and make it the case's state; False where the claim was refused."""
        seq = (self._case.seq if self._case else 0) + 1
        answer = await self._record(commit(move, seq))
        if answer.claim_refused:
            return False
        self._adopt(move)
        return True

    async def _record(self, command: RecordStep) -> StepRecorded:
        """Write one step; a database that is away delays, a conflict parks the case (design 7)."""
        notices = tuple(
            order.model_copy(update={"id": str(workflow.uuid7())}) for order in command.notices
        )
        command = command.model_copy(update={"notices": notices})
        self._writing = True
        try:
            while True:
                try:
                    return await calls.record_step(command)
                except ActivityError as error:
                    if is_cancelled_exception(error):
                        raise
                    kind = calls.failure_of(error) or "record_step"
                    await self._park(f"{kind} seq={command.step.seq}")
        finally:
            self._writing = False

    async def _park(self, why: str) -> None:
        """Stand still until a person says `resume`; messages queue meanwhile."""
        self._parked = why
        workflow.logger.error("case.parked", extra={"why": why})
        await workflow.wait_condition(lambda: not self._parked)

    def _resume(self, act: Act) -> Receipt:
        if act.actor.role not in OPERATIONS_ROLES:
            raise as_error((Refusal(code=Code.NOT_ENTITLED, params={"needed": "operations"}),))
        self._parked = ""
        if self._case is None:
            return Receipt(application=self._opening.application, seq=0, action="resume")
        return self._receipt(self._case, "resume")

    async def _refuse(self, case: Case, pending: Pending, refusals: tuple[Refusal, ...]) -> None:
        """Answer an update; record a signal's refusal, and any with legal weight (design 8)."""
        action = CATALOGUE.get(pending.name)
        weighty = action is not None and action.weighty
        missing = any(item.code is Code.CALENDAR_MISSING for item in refusals)
        if (not pending.update or weighty or missing) and self._may_record_refusal(case):
            copy = case.model_copy(deep=True)
            step = refusal_step(
                copy, pending.name, pending.act, refusals, self._now(), case.seq + 1
            )
            await self._record(step)
            case.seq += 1
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

    def _should_continue(self) -> bool:
        if self._inbox:
            return False
        return self._move_on or workflow.info().is_continue_as_new_suggested()

    async def _continue_as_new(self, case: Case) -> None:
        """Carry the whole case on, once nothing waits; a changed version is taken up then."""
        self._move_on = False
        info = workflow.info()
        changed = info.is_target_worker_deployment_version_changed()
        if not changed and not info.is_continue_as_new_suggested():
            return
        # A handler that waits for this writer never finishes: a new message comes first.
        await workflow.wait_condition(lambda: bool(self._inbox) or workflow.all_handlers_finished())
        if self._inbox:
            return
        opening = self._opening.model_copy(update={"carried": case})
        if changed:
            upgrade = workflow.ContinueAsNewVersioningBehavior.AUTO_UPGRADE
            workflow.continue_as_new(opening, initial_versioning_behavior=upgrade)
        workflow.continue_as_new(opening)
