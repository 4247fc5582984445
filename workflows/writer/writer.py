"""The one writer: messages come in, wait, and are decided and written one at a time (design.md 5-7).

A case and a meeting say how they load, decide, commit and what is due; everything else is here and
nowhere else: two dynamic handlers that only read and queue, one loop that takes a message or lets a
clock strike, a record that is written before anything changes, refusals, standing still for a
person where nothing safe can be done, and going on in a new run.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue
from temporalio.exceptions import ActivityError, is_cancelled_exception

from workflows import calls
from workflows.rules.message import local
from workflows.rules.names import LIVE, Relation
from workflows.rules.refusals import Code, Refusal, Refused
from workflows.writer.alarm import Alarm
from workflows.writer.inbox import (
    Pending,
    as_error,
    new_request_id,
    read_act,
    reasons_of,
    with_request_id,
)
from workflows.writer.messages import Act, LetterOrder, Parked, Why
from workflows.writer.requests import answered_before, fingerprint, is_known, remember
from workflows.writer.vouching import Voucher, turned_away, vouched

OPERATIONS_ROLES = ("operations", "system")
FIRST_MESSAGE_WITHIN = timedelta(minutes=10)
"""A run that was started without its first message does not wait for one for ever."""

TO_THE_WRITER = frozenset({Code.CALENDAR_MISSING, Code.EXCLUDED_RETIRED})
"""Refusals that leave work for a person: no early answer, the writer records them."""


class Opening(Protocol):
    """What a run starts with."""

    @property
    def subject(self) -> str: ...
    @property
    def realm(self) -> str: ...
    @property
    def shift_seconds(self) -> float: ...


class Subject(Protocol):
    """What a writer writes about: a case or a meeting."""

    seq: int
    requests: dict[str, str]


class Due(Protocol):
    """Something that strikes at an instant."""

    @property
    def at(self) -> datetime: ...
    @property
    def key(self) -> str: ...


S = TypeVar("S", bound=Subject)


class Known(Protocol):
    """An act as a catalogue has it."""

    @property
    def by(self) -> tuple[Relation, ...]: ...


M = TypeVar("M")
D = TypeVar("D", bound=Due)
A = TypeVar("A")
R = TypeVar("R")
T = TypeVar("T")


@dataclass(frozen=True)
class Outcome(Generic[A]):
    """What the record answered: its answer, or why nothing was written."""

    answer: A | None = None
    refusals: tuple[Refusal, ...] = ()


class Writer(Generic[S, M, D, A, R]):
    """The frame: `S` the subject, `M` a move of it, `D` what strikes, `A` the record's answer, `R`
    the receipt of an act."""

    def __init__(
        self, known: Mapping[str, Known], opening: Opening | None, carried: S | None, opens_by: str
    ) -> None:
        """`opening`: None where nobody vouched for the start."""
        self._known = known
        self._vouched = opening is not None
        self._never = never(opening) if opening else None
        self._live_realm = opening is None or opening.realm == LIVE
        self._shift = timedelta(seconds=opening.shift_seconds if opening else 0.0)
        # Only a run before this one carries a subject on; nobody starts one with a state of his own.
        self._subject: S | None = carried if workflow.info().continued_run_id else None
        self._opens_by = opens_by
        self._inbox: deque[Pending[R]] = deque()
        self._writing = False
        self._parked: Parked | None = None
        self._alarm = Alarm()
        self._move_on = False

    # What each subject says.

    async def _load(self) -> S | None:
        """A subject that is there already and only not in this run; None where there is none.

        Raises:
            Refused: it cannot be loaded; everybody who waits is answered so, and the run ends.
        """
        return None

    @abstractmethod
    async def _open(self, act: Act) -> M:
        """The first move of a subject that is not there yet; `Refused` where there is none."""

    def _not_opened(self, act: Act, refusals: tuple[Refusal, ...]) -> M | None:
        """The move that records why nothing was opened; None where nothing is to be recorded."""
        return None

    @abstractmethod
    def _decide(self, subject: S, name: str, act: Act, now: datetime) -> M:
        """Decide one act, purely; a `Refused` answers it."""

    async def _prepared(self, subject: S, name: str, act: Act, now: datetime) -> M:
        """Decide one act that needs something loaded first; `_decide` where nothing is."""
        return self._decide(subject, name, act, now)

    @abstractmethod
    def _next_due(self, subject: S) -> D | None:
        """What strikes next; `Refused` where a clock cannot be computed."""

    @abstractmethod
    def _let_strike(self, subject: S, due: D, now: datetime) -> M:
        """Let it strike on a copy; `Refused` where what follows cannot be computed."""

    @abstractmethod
    async def _record(self, move: M, seq: int) -> Outcome[A]:
        """Write one move in one transaction."""

    @abstractmethod
    async def _record_refusal(
        self, subject: S, name: str, act: Act | None, refusals: tuple[Refusal, ...]
    ) -> None:
        """Write a refusal as a step of its own; it changes nothing else."""

    @abstractmethod
    def _must_record(self, subject: S, pending: Pending[R], refusals: tuple[Refusal, ...]) -> bool:
        """Whether a refusal goes into the record, beside being answered (design.md 8)."""

    @abstractmethod
    def _adopted(self, move: M, answer: A) -> S:
        """The subject after a move that was written."""

    @abstractmethod
    def _receipt(self, subject: S, name: str, move: M | None, answer: A | None) -> R:
        """The answer to an act that was done."""

    @abstractmethod
    def _repeated(self, subject: S, name: str, seq: int) -> R:
        """The answer to an act that was done before."""

    @abstractmethod
    def _stands(self, name: str) -> R:
        """A receipt that says how things stand now, also where nothing was ever opened."""

    @abstractmethod
    def _is_over(self, subject: S) -> bool:
        """Whether nothing can follow any more."""

    @abstractmethod
    def _carried_on(self) -> Any:
        """What the next run starts with."""

    async def _before_message(self, subject: S) -> bool:
        """Something of its own that comes before the next message; True where there was."""
        return False

    async def _after(self, before: S | None, move: M) -> None:
        """What follows a step outside its transaction."""

    # What is the same for all.

    async def _live(self) -> R:
        """Live through the subject; returns its last receipt when nothing can follow any more.

        Raises:
            ApplicationError: nobody vouched for this start.
        """
        if not self._vouched:
            raise turned_away()
        if self._never is not None:
            return await self._turned_away(self._never)
        if self._subject is None and not await self._first_message():
            return self._stands(self._opens_by)
        if self._subject is None:
            await self._loaded()
        while self._subject is None:
            if not self._inbox:
                await workflow.wait_condition(workflow.all_handlers_finished)
                if not self._inbox:
                    return self._stands(self._opens_by)
            await self._take_first(self._inbox.popleft())
        while not self._is_closed(self._subject):
            await self._turn(self._subject)
            if self._should_continue():
                await self._continue_as_new()
        await self._answer_the_rest()
        return self._stands("close")

    def _now(self) -> datetime:
        """The workflow's clock: the engine's, moved by the realm's shift."""
        return local(workflow.now() + self._shift)

    async def _asked(self, name: str, args: Sequence[RawValue]) -> R:
        """An act by update: waits for the writer, and answers a receipt or a coded no."""
        try:
            act = self._read(name, *vouched(name, args))
        except Refused as error:
            raise as_error(reasons_of(error)) from None
        info = workflow.current_update_info()
        act = with_request_id(act, info.id if info else new_request_id())
        if name == "resume" and self._parked is not None:
            return self._resume(act)
        self._free_for_a_year(name, act)
        pending = Pending[R](name=name, act=act, update=True)
        self._inbox.append(pending)
        await workflow.wait_condition(lambda: pending.answered)
        if pending.receipt is None:
            raise as_error(pending.refusals)
        return pending.receipt

    def _asked_early(self, name: str, args: Sequence[RawValue], *, decides: bool) -> None:
        """The same pure decision before the act is taken in: a no that leaves no trace.

        Args:
            decides: the act is decided by what is here, and no refusal of it has legal weight.
        """
        try:
            act = self._read(name, *vouched(name, args))
            busy = self._writing or self._inbox or self._parked is not None
            if not decides or self._subject is None or busy:
                return
            if not is_known(self._subject.requests, act):
                self._decide(self._subject, name, act, self._now())
        except Refused as error:
            if any(item.code in TO_THE_WRITER for item in error.reasons):
                return
            raise as_error(reasons_of(error)) from None

    def _heard(self, name: str, args: Sequence[RawValue]) -> None:
        """An act by signal; what cannot be read is refused by the writer, never fails a task.

        What nobody vouches for is counted and forgotten: a stranger writes nothing into a record.
        """
        try:
            payload, voucher = vouched(name, args)
        except Refused:
            # It still grew the history: whoever sleeps goes on in a new run before that is full.
            self._move_on = self._move_on or workflow.info().is_continue_as_new_suggested()
            return
        try:
            act = with_request_id(self._read(name, payload, voucher), new_request_id())
        except Refused as error:
            refusals = reasons_of(error)
            self._inbox.append(Pending(name=name, act=None, update=False, unreadable=refusals))
            return
        if name == "resume" and self._parked is not None and act.actor.role in OPERATIONS_ROLES:
            self._parked = None  # anybody else is refused by the writer: no handler raises here
            return
        self._free_for_a_year(name, act)
        self._inbox.append(Pending(name=name, act=act, update=False))

    def _read(self, name: str, payload: Payload, voucher: Voucher) -> Act:
        return read_act(name, payload, voucher, self._known, live=self._live_realm)

    def _free_for_a_year(self, name: str, act: Act) -> None:
        """The year it waits for may have come: taken up, then tried again. A stranger frees nobody."""
        waits = self._parked is not None and self._parked.why is Why.CALENDAR_MISSING
        if waits and name == "amend" and act.actor.role in OPERATIONS_ROLES:
            self._parked = None

    async def _turned_away(self, why: Refusal) -> R:
        """A run that may never be: whoever waits for it is told why, and it ends."""
        await asyncio.sleep(0)  # an update that came with the start is taken in first
        while self._inbox:
            self._inbox.popleft().refusals = (why,)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._stands(self._opens_by)

    async def _loaded(self) -> None:
        try:
            self._subject = await self._load()
        except Refused as error:
            while self._inbox:
                self._inbox.popleft().refusals = reasons_of(error)

    async def _first_message(self) -> bool:
        """Whether a first message came, with the start or soon after it."""
        await asyncio.sleep(
            0
        )  # an update that came with the start is taken in first: no timer then
        if not self._inbox:
            with suppress(TimeoutError):
                await workflow.wait_condition(
                    lambda: bool(self._inbox), timeout=FIRST_MESSAGE_WITHIN
                )
        return bool(self._inbox)

    async def _take_first(self, pending: Pending[R]) -> None:
        """What opens the subject; anything else finds nothing here."""
        act = pending.act
        if act is None or pending.name != self._opens_by:
            nothing = Refusal(code=Code.NOT_FOUND, params={"what": "case"})
            pending.refusals = pending.unreadable or (nothing,)
            return
        try:
            move = await self._open(act)
            outcome = await self._write(None, move)
            refusals = outcome.refusals
        except Refused as error:
            refusals = reasons_of(error)
        if refusals:
            ending = self._not_opened(act, refusals)
            if ending is not None:
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

    def _is_closed(self, subject: S) -> bool:
        return self._is_over(subject) and not self._inbox

    async def _turn(self, subject: S) -> None:
        """One thing: its own first, then a message, then what is due, else wait."""
        if await self._before_message(subject):
            return
        if self._inbox:
            await self._take(subject, self._inbox.popleft())
            return
        try:
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
            move = await self._prepared(subject, pending.name, act, self._now())
        except Refused as error:
            await self._refuse(subject, pending, reasons_of(error))
            return
        if pending.name == "nudge":
            self._move_on = True
            pending.receipt = self._receipt(subject, pending.name, None, None)
            return
        outcome = await self._write(subject, move)
        if outcome.refusals:
            await self._refuse(subject, pending, outcome.refusals)
            return
        current = self._subject or subject
        remember(current.requests, act.actor, act.request_id, mark, current.seq)
        pending.receipt = self._receipt(current, pending.name, move, outcome.answer)

    async def _strike(self, subject: S, due: D) -> None:
        """A clock's turn; one that cannot be computed is recorded and waits for a person."""
        try:
            move = self._let_strike(subject, due, self._now())
        except Refused as error:
            await self._cannot_compute(subject, due.key, error)
            return
        await self._write(subject, move)

    async def _cannot_compute(self, subject: S, what: str, error: Refused) -> None:
        """Recorded, told to operations, and parked: a case and a meeting alike."""
        first = error.first
        missing = first.code is Code.CALENDAR_MISSING
        self._parked = Parked(
            why=Why.CALENDAR_MISSING if missing else Why.CANNOT_COMPUTE,
            what=what,
            params=first.params,
        )
        await self._record_refusal(subject, what, None, reasons_of(error))
        await self._stand_still()

    async def _write(self, before: S | None, move: M) -> Outcome[A]:
        """Record a move, and only then make it the subject's state."""
        outcome = await self._record(move, (before.seq if before else 0) + 1)
        if outcome.refusals or outcome.answer is None:
            return outcome
        after = self._adopted(move, outcome.answer)
        if before is not None:
            after.requests = before.requests
        self._subject = after
        await self._after(before, move)
        return outcome

    async def _refuse(self, subject: S, pending: Pending[R], refusals: tuple[Refusal, ...]) -> None:
        """Answer a refusal, recorded first where it has to be."""
        if self._must_record(subject, pending, refusals):
            await self._record_refusal(subject, pending.name, pending.act, refusals)
        pending.refusals = refusals

    async def _sleep_until(self, due: datetime | None) -> None:
        """Wait for a message, the next due time, or a nudge."""
        self._alarm.set(due, self._now())
        await workflow.wait_condition(
            lambda: bool(self._inbox) or self._alarm.rang or self._move_on
        )
        self._alarm.heard()

    async def _answer_the_rest(self) -> None:
        """Before the end: nobody is left waiting for an answer."""
        while not (workflow.all_handlers_finished() and not self._inbox):
            await workflow.wait_condition(
                lambda: bool(self._inbox) or workflow.all_handlers_finished()
            )
            if self._inbox and self._subject is not None:
                await self._take(self._subject, self._inbox.popleft())

    async def _written(self, write: Callable[[], Awaitable[T]], what: str) -> T:
        """One write; a database that is away delays, an answer no retry changes parks (design 7)."""
        self._writing = True
        try:
            while True:
                try:
                    return await write()
                except ActivityError as error:
                    if is_cancelled_exception(error):
                        raise
                    failure = calls.failure_of(error) or "failed"
                    self._parked = Parked(
                        why=Why.NOT_WRITTEN, what=what, params={"failure": failure}
                    )
                    await self._stand_still()
        finally:
            self._writing = False

    async def _stand_still(self) -> None:
        """Wait until a person says `resume`; messages queue meanwhile."""
        workflow.logger.error("workflow.parked", extra={"why": str(self._parked)})
        await workflow.wait_condition(lambda: self._parked is None)

    def _resume(self, act: Act) -> R:
        if act.actor.role not in OPERATIONS_ROLES:
            raise as_error((Refusal(code=Code.NOT_ENTITLED, params={"needed": "operations"}),))
        self._parked = None
        return self._stands("resume")

    def _should_continue(self) -> bool:
        if self._inbox:
            return False
        return self._move_on or workflow.info().is_continue_as_new_suggested()

    async def _continue_as_new(self) -> None:
        """Carry everything on, once nothing waits; a changed version is taken up then."""
        self._move_on = False
        info = workflow.info()
        changed = info.is_target_worker_deployment_version_changed()
        if not changed and not info.is_continue_as_new_suggested():
            return
        # A handler that waits for this writer never finishes: a new message comes first.
        await workflow.wait_condition(lambda: bool(self._inbox) or workflow.all_handlers_finished())
        if self._inbox:
            return
        if changed:
            upgrade = workflow.ContinueAsNewVersioningBehavior.AUTO_UPGRADE
            workflow.continue_as_new(self._carried_on(), initial_versioning_behavior=upgrade)
        workflow.continue_as_new(self._carried_on())


def never(opening: Opening) -> Refusal | None:
    """Why no run may ever be opened so: the live office's clock is nobody's to move, and a subject
    has its writer under its own id alone."""
    if opening.realm == LIVE and opening.shift_seconds:
        return Refusal(code=Code.SHIFT_FORBIDDEN, params={"realm": opening.realm})
    if opening.subject != workflow.info().workflow_id:
        return Refusal(code=Code.NOT_FOUND, params={"what": "case"})
    return None


def identified(letters: Sequence[LetterOrder]) -> tuple[LetterOrder, ...]:
    """The letters of a step, each under an id that replay gives it again."""
    return tuple(order.model_copy(update={"id": str(workflow.uuid7())}) for order in letters)
