"""The one writer: messages come in, wait, and are decided and written one at a time (design.md 5-7).

A case and a meeting say how they load, decide, commit and what is due; everything else is here and
nowhere else: the door (`door`), one loop that takes a message or lets a
clock strike, a record that is written before anything changes, refusals, standing still for a
person where nothing safe can be done, and going on in a new run, whoever waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from temporalio import workflow

from workflows import calls
from workflows.next_run import go_on, version_changed
from workflows.rules.refusals import Code, Refusal, Refused
from workflows.writer.ahead import RecordCountsError
from workflows.writer.door import NEXT_ACTIVATION
from workflows.writer.inbox import (
    Pending,
    as_error,
    reasons_of,
)
from workflows.writer.messages import Act, Carried, LetterOrder, Parked, Why
from workflows.writer.refused import count_refused
from workflows.writer.requests import answered_before, fingerprint, remember
from workflows.writer.spoken import A, D, M, Outcome, R, S
from workflows.writer.standing import Standing
from workflows.writer.unforeseen import Unforeseen, foreseen

FIRST_MESSAGE_WITHIN = timedelta(minutes=10)
"""A run that was started without its first message does not wait for one for ever."""

TURNS_AT_ONCE = 50
"""Acts and strikes within one workflow task. What a task did goes to the engine as one message, of 4 MB
at the most, and where it is larger the engine ends the workflow; and it is lost with its task."""


class Writer(Standing[S, M, D, A, R]):
    """The frame: `S` the subject, `M` a move of it, `D` what strikes, `A` the record's answer, `R`
    the receipt of an act."""

    async def _live(self) -> R:
        """Live through the subject; returns its last receipt when nothing can follow any more.

        Raises:
            ApplicationError: nobody vouched for this start, or it cannot be read.
        """
        if self._unopened is not None:
            await self._turned_away(self._unopened.reasons)
            raise as_error(self._unopened.reasons)
        if self._never is not None:
            await self._turned_away((self._never,))
            return self._stands(self._opens_by)
        if self._subject is None and not await self._first_message():
            return self._stands(self._opens_by)
        if self._subject is None:
            await self._loaded()
        while self._subject is None:
            if not self._room:
                await self._until(lambda: bool(self._room) or workflow.all_handlers_finished())
                if not self._room:
                    return self._stands(self._opens_by)
            await self._first_or_no(self._room.next())
        if self._parked is not None:  # it stood still when the run before ended
            await self._wait_for_operations()
        while not self._is_closed(self._subject):
            await self._or_park(self._subject, self._turn(self._subject))
            if self._should_continue():
                await self._continue_as_new()
        await self._answer_the_rest()
        return self._stands("close")

    async def _turned_away(self, why: Sequence[Refusal]) -> None:
        """A run that may never be: whoever waits for it is told why, and it ends."""
        await asyncio.sleep(0)  # an update that came with the start is taken in first
        while self._room:
            self._room.next().refusals = tuple(why)
        await workflow.wait_condition(workflow.all_handlers_finished)

    async def _loaded(self) -> None:
        try:
            with foreseen():
                self._subject = await self._load()
        except Refused as error:
            while self._room:
                self._room.next().refusals = reasons_of(error)

    async def _first_message(self) -> bool:
        """Whether a first message came, with the start or soon after it."""
        # An update that came with the start is taken in first: no timer then.
        await asyncio.sleep(0)
        while self._unheard:
            await self._hear()
        if not self._room:
            with suppress(TimeoutError):
                await asyncio.wait_for(
                    self._until(lambda: bool(self._room)), FIRST_MESSAGE_WITHIN.total_seconds()
                )
        return bool(self._room)

    async def _first_or_no(self, pending: Pending[R]) -> None:
        self._at_hand = pending
        try:
            with foreseen():
                await self._take_first(pending)
        except RecordCountsError as why:
            await self._go_on_from_record(why)
        except Unforeseen as error:
            pending.refusals = reasons_of(error)

    async def _take_first(self, pending: Pending[R]) -> None:
        """What opens the subject; anything else finds nothing here."""
        act = pending.act
        if act is None or pending.name != self._opens_by:
            nothing = Refusal(code=Code.NOT_FOUND, params={"what": "case"})
            pending.refusals = pending.unreadable or (nothing,)
            return
        try:
            with foreseen():
                move = await self._open(act)
            outcome = await self._write(None, move)
            refusals = outcome.refusals
            if refusals and (ending := self._not_opened(act, refusals)) is not None:
                await self._write(None, ending)
        except Refused as error:
            refusals = reasons_of(error)
            if (ending := self._not_opened(act, refusals)) is not None:
                await self._write(None, ending)
        subject = self._subject
        if subject is not None:
            remember(
                subject.requests,
                act.actor,
                act.request_id,
                fingerprint(pending.name, act),
                subject.seq,
            )
        if refusals or subject is None:
            pending.refusals = refusals
        else:
            pending.receipt = self._receipt(subject, pending.name, move, outcome.answer)

    async def _between_tasks(self) -> None:
        """End the activation after so many turns, and let the engine keep what was done in them."""
        if self._turns_here.add() >= TURNS_AT_ONCE and self._somebody_waits:
            await asyncio.sleep(NEXT_ACTIVATION)

    def _is_closed(self, subject: S) -> bool:
        return self._is_over(subject) and not self._somebody_waits

    async def _or_park(self, subject: S, turn: Awaitable[None]) -> None:
        """One turn; what nobody foresaw is answered, recorded, and waits for a person."""
        self._at_hand = None
        try:
            try:
                with foreseen():
                    await turn
            except Unforeseen as error:
                await self._look_after(subject, error)
        except RecordCountsError as why:
            await self._go_on_from_record(why)
        await self._between_tasks()

    async def _turn(self, subject: S) -> None:
        """One thing: its own first, then a message, then what is due, else wait."""
        if await self._before_message(subject):
            return
        if self._unheard and not self._room.somebody_near:
            await self._hear()
        if self._room.somebody_near or (self._room and not self._unheard):
            self._hear_some()
            await self._take(subject, self._room.next())
            return
        if self._unheard:
            return  # whoever has to do with the subject may be among them: no stranger yet
        try:
            with foreseen():
                due = self._next_due(subject)
        except Refused as error:
            await self._cannot_compute(subject, "clocks", error)
            return
        if due is not None and due.at <= self._now():
            await self._strike(subject, due)
            return
        await self._sleep_until(due.at if due else None)

    async def _take(self, subject: S, pending: Pending[R]) -> None:
        """One message: a repeat is answered as before, anything else is decided now."""
        self._at_hand = pending
        act = pending.act
        if act is None:
            await self._refuse(subject, pending, pending.unreadable)
            return
        mark = fingerprint(pending.name, act)
        try:
            seq = answered_before(subject.requests, act, mark)
            if seq is not None:
                pending.receipt = self._repeated(subject, pending.name, seq)
                return
            with foreseen():
                if pending.name == "amend":
                    move = await self._amended(subject, act)
                else:
                    move = self._decided(subject, pending.name, act, self._now())
        except Unforeseen:
            raise
        except Refused as error:
            await self._refuse(subject, pending, reasons_of(error))
            return
        if pending.name == "nudge":
            await self._check_recorded(subject)
            self._move_on = True
            pending.receipt = self._receipt(subject, pending.name, None, None)
            return
        try:
            outcome = await self._write(subject, move)
        finally:
            current = self._subject or subject
            if current is not subject:  # it is written, whatever came of it then
                remember(current.requests, act.actor, act.request_id, mark, current.seq)
        if outcome.refusals:
            await self._refuse(subject, pending, outcome.refusals)
            return
        pending.receipt = self._receipt(current, pending.name, move, outcome.answer)

    async def _strike(self, subject: S, due: D) -> None:
        """A clock's turn; one that cannot be computed is recorded and waits for a person."""
        try:
            with foreseen():
                move = self._let_strike(subject, due, self._now())
        except Refused as error:
            await self._cannot_compute(subject, due.key, error)
            return
        outcome = await self._write(subject, move)
        if outcome.refusals:
            await self._cannot_compute(subject, due.key, Refused(*outcome.refusals))

    async def _cannot_compute(self, subject: S, what: str, error: Refused) -> None:
        """Recorded, told to operations, and parked: a case and a meeting alike."""
        first = error.first
        missing = first.code is Code.CALENDAR_MISSING
        self._parked = Parked(
            why=Why.CALENDAR_MISSING if missing else Why.CANNOT_COMPUTE,
            what=what,
            params=first.params,
        )
        await self._record_or_leave(subject, what, None, reasons_of(error))
        await self._stand_still()

    async def _look_after(self, subject: S, error: Unforeseen) -> None:
        """Whoever asked is answered, the record has it, and operations are called."""
        pending = self._at_hand
        what = pending.name if pending else "turn"
        self._parked = Parked(why=Why.UNFORESEEN, what=what, params=error.first.params)
        current = self._subject or subject
        await self._record_or_leave(current, what, pending.act if pending else None, error.reasons)
        if pending is not None and not pending.answered:
            pending.refusals = reasons_of(error)
        await self._stand_still()

    async def _write(self, before: S | None, move: M) -> Outcome[A]:
        """Record a move, and only then make it the subject's state."""
        try:
            with foreseen():
                outcome = await self._record(move, (before.seq if before else 0) + 1)
        except Unforeseen:
            raise
        except Refused as error:
            return Outcome(refusals=reasons_of(error))
        if outcome.refusals or outcome.answer is None:
            return outcome
        try:
            with foreseen():
                after = self._adopted(move, outcome.answer)
        except Unforeseen:
            # It is in the record: what stands still is the subject after the step. The one before it
            # could write nothing any more, because its next number is taken.
            self._become(before, self._committed(move))
            raise
        self._become(before, after)
        await self._after(before, move)
        return outcome

    async def _refuse(self, subject: S, pending: Pending[R], refusals: tuple[Refusal, ...]) -> None:
        """Answer a refusal, recorded first where it has to be."""
        if self._must_record(subject, pending, refusals):
            await self._record_or_leave(subject, pending.name, pending.act, refusals)
        if not pending.update:  # nobody waits for it, and it leaves by no other door
            count_refused(refusals)
        pending.refusals = refusals

    async def _record_or_leave(
        self, subject: S, name: str, act: Act | None, refusals: tuple[Refusal, ...]
    ) -> None:
        """Record a refusal; whoever waits for it is answered also where it cannot be recorded."""
        try:
            with foreseen():
                await self._record_refusal(subject, name, act, refusals)
        except Refused as error:
            workflow.logger.error("refusal.not_recorded", extra={"why": str(error)})

    async def _sleep_until(self, due: datetime | None) -> None:
        """Wait for a message, the next due time, or a nudge."""
        self._alarm.set(due, self._now())
        await workflow.wait_condition(
            lambda: self._somebody_waits or self._alarm.rang or self._move_on or self._is_full()
        )
        self._alarm.heard()

    async def _answer_the_rest(self) -> None:
        """Before the end: nobody is left waiting for an answer."""
        while self._somebody_waits or not workflow.all_handlers_finished():
            await self._until(lambda: bool(self._room) or workflow.all_handlers_finished())
            if self._room and self._subject is not None:
                taken = self._take(self._subject, self._room.next())
                await self._or_park(self._subject, taken)

    def _should_continue(self) -> bool:
        return self._move_on or self._is_full()

    async def _answer_who_was_taken_in(self) -> None:
        while self._parked is None and self._room.somebody_asks and self._subject is not None:
            await self._or_park(self._subject, self._take(self._subject, self._room.next()))
            self._ends = True

    def _over(self) -> bool:
        return self._subject is not None and self._is_over(self._subject)

    async def _continue_as_new(self) -> None:
        """Carry everything on, whoever waits; a changed version is taken up then.

        Whoever has to do with the subject and was taken in is answered first. Who asks now, and any
        stranger, is sent on to the next run, where the gateway asks again under the same request id;
        who waits by signal is carried. Where more wait than can be carried, some are decided first.
        """
        self._move_on, stood_still = False, self._parked is not None
        if not version_changed() and not self._is_full():
            return
        self._ends = True
        await self._answer_who_was_taken_in()
        while self._unheard:
            await self._hear()
        if self._over() or not self._room.fits():
            self._ends = False
            return
        self._room.send_on()
        await self._until(workflow.all_handlers_finished)
        if stood_still and self._parked is None:  # freed by one of those that were just heard
            await calls.note_standstill(self._standstill(None))
        go_on(self._carried_on(Carried(waiting=self._room.carried(), parked=self._parked)))


def identified(letters: Sequence[LetterOrder]) -> tuple[LetterOrder, ...]:
    """The letters of a step, each under an id that replay gives it again."""
    return tuple(order.model_copy(update={"id": str(workflow.uuid7())}) for order in letters)
