"""The door of a writer: messages are read and let in to wait; no handler decides, and none fails.

What cannot be read is refused, what nobody vouches for is counted and forgotten, and whoever has to do
with the subject waits before any stranger. Signals are only laid down by their handler and heard by the
writer, so many at a time: thousands may come in one activation (a fleet was away, a stranger writes
without end), and one that takes longer than the SDK's two seconds would fail, and fail again, for good.
Only `resume` does not wait for its turn, because whoever it frees would never come to it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from workflows.rules.message import local
from workflows.rules.names import LIVE
from workflows.rules.refusals import Code, Refusal, Refused, refuse
from workflows.rules.text import shown
from workflows.writer.alarm import Alarm
from workflows.writer.in_one_task import InOneTask
from workflows.writer.inbox import (
    Pending,
    as_error,
    ask_the_next_run,
    new_request_id,
    read_act,
    reasons_of,
    with_request_id,
)
from workflows.writer.messages import Act, Carried, Parked, Why
from workflows.writer.requests import is_known
from workflows.writer.spoken import A, D, Known, M, Opening, R, S, Spoken
from workflows.writer.unforeseen import Unforeseen, foreseen
from workflows.writer.vouchers import Voucher
from workflows.writer.vouching import NOBODYS, vouched
from workflows.writer.waiting import WaitingRoom

OPERATIONS_ROLES = ("operations", "system")
TO_THE_WRITER = frozenset({Code.CALENDAR_MISSING, Code.EXCLUDED_RETIRED})
"""Refusals that leave work for a person: no early answer, the writer records them."""

SIGNALS_OF_A_RUN = 500
"""What one run takes in by signal: the engine is told the same number and refuses more, so that the
next run begins for certain. While signals come in the engine refuses a run's end, and each try costs a
replay of the whole history: a flood would stay ahead of it."""
HEARD_AT_ONCE = 50
"""Signals read in one activation: each takes about 1 ms of CPU for its voucher, its reading and its
answer. A hundred ran into the two seconds where eight programs shared a core."""
NEXT_ACTIVATION = 0.001
"""Seconds of the timer that ends an activation: the engine gives the workflow a next one."""


class Door(Spoken[S, M, D, A, R]):
    """What comes in, and what stands between it and the writer: who waits, and a standstill."""

    def __init__(
        self,
        known: Mapping[str, Known],
        opened: Opening | Refused,
        carried: S | None,
        opens_by: str,
    ) -> None:
        """`opened`: what the run starts with, or why it may not begin."""
        self._known = known
        self._unopened = opened if isinstance(opened, Refused) else None
        opening = None if isinstance(opened, Refused) else opened
        self._never = never(opening) if opening else None
        self._live_realm = opening is None or opening.realm == LIVE
        self._shift = timedelta(seconds=opening.shift_seconds if opening else 0.0)
        # Only a run before this one carries a subject on; nobody starts one with a state of his own.
        beside = opening.beside if opening and workflow.info().continued_run_id else Carried()
        self._subject: S | None = carried if workflow.info().continued_run_id else None
        self._opens_by = opens_by
        self._unheard: deque[tuple[str, Sequence[RawValue]]] = deque()
        """Signals that nobody read yet."""
        self._signals = 0
        self._heard_here = InOneTask()
        """Signals that were read."""
        self._just_read: tuple[str, Payload, datetime, Act] | None = None
        """The update that was answered early a moment ago: what is asked, when, and the act it is."""
        self._just_decided: tuple[tuple[S, int, str, Act, datetime], M] | None = None
        """What that act was found to do, to which subject as of which step."""
        self._room = WaitingRoom[R](beside.waiting)
        self._parked: Parked | None = beside.parked
        self._at_hand: Pending[R] | None = None
        self._writing = False
        unvouched = self._unopened is not None and self._unopened.first.code in NOBODYS
        self._ends = unvouched
        """This run takes no update in any more: the next does. What a stranger started under this id
        takes in none: whoever comes to it begins again, by his gateway."""
        self._born = workflow.info().get_current_history_size()
        self._alarm = Alarm()
        self._move_on = False
        self._outlived = False
        """This run answered what is in no record: the engine would give those answers again, and the
        next run knows none of them."""
        self._turns_here = InOneTask()
        """Messages that were decided, and clocks that struck."""

    def _now(self) -> datetime:
        """The workflow's clock: the engine's, moved by the realm's shift."""
        return local(workflow.now() + self._shift)

    async def _asked(self, name: str, args: Sequence[RawValue]) -> R:
        """An act by update: waits for the writer, and answers a receipt or a coded no."""
        if self._ends:
            raise ask_the_next_run()
        try:
            with foreseen():
                if len(self._unheard) <= HEARD_AT_ONCE:
                    self._hear_some()  # in the order they came; only a flood is overtaken
                act, size = self._read_update(name, args)
                info = workflow.current_update_info()
                act = with_request_id(act, info.id if info else new_request_id())
                if name == "resume" and self._parked is not None:
                    return self._resume(act)
                self._free_for_a_year(name, act)
                pending = Pending[R](name=name, act=act, update=True, size=size)
                if not self._let_in(pending, act):
                    raise refuse(Code.BUSY_TRY_AGAIN)
        except Refused as error:
            raise as_error(reasons_of(error)) from None
        await workflow.wait_condition(lambda: pending.answered)
        if pending.sent_on:
            raise ask_the_next_run()
        if pending.receipt is None:
            raise as_error(pending.refusals)
        return pending.receipt

    def _asked_early(self, name: str, args: Sequence[RawValue], *, decides: bool) -> None:
        """The same pure decision before the act is taken in: a no that leaves no trace.

        Args:
            decides: the act is decided by what is here, and no refusal of it has legal weight.
        """
        if self._ends:
            raise ask_the_next_run()
        try:
            with foreseen():
                act, _ = self._read_update(name, args)
                busy = self._writing or self._somebody_waits or self._parked is not None
                if not decides or self._subject is None or busy:
                    return
                if not is_known(self._subject.requests, act):
                    self._decide_early(self._subject, name, act, self._now())
        except Unforeseen:
            return  # the writer meets it too, records it, and calls for operations
        except Refused as error:
            if any(item.code in TO_THE_WRITER for item in error.reasons):
                return
            raise as_error(reasons_of(error)) from None

    def _decide_early(self, subject: S, name: str, act: Act, now: datetime) -> None:
        move = self._decide(subject, name, act, now)
        self._just_decided = ((subject, subject.seq, name, act, now), move)

    def _decided(self, subject: S, name: str, act: Act, now: datetime) -> M:
        """What an act does. Its early answer may have found it in this activation, with nothing
        between: not decided twice then. A replay asks no early answer, and decides it here."""
        found, self._just_decided = self._just_decided, None
        if found is not None:
            of, seq, *asked = found[0]
            if of is subject and seq == subject.seq and asked == [name, act, now]:
                return found[1]
        return self._decide(subject, name, act, now)

    def _laid_down(self, name: str, args: Sequence[RawValue]) -> None:
        """An act by signal: no handler reads it, however many come."""
        self._signals += 1
        self._unheard.append((name, args))

    @property
    def _somebody_waits(self) -> bool:
        return bool(self._room) or bool(self._unheard)

    async def _hear(self) -> None:
        """Read what was laid down, so many of it; where more is left, in the next activation."""
        self._hear_some()
        if self._unheard:
            await asyncio.sleep(NEXT_ACTIVATION)

    def _hear_some(self) -> None:
        """Read what may still be read in this activation, whoever asks for it, however often."""
        now = min(HEARD_AT_ONCE - self._heard_here.count, len(self._unheard))
        self._heard_here.add(now)
        for _ in range(now):
            self._heard(*self._unheard.popleft())

    async def _until(self, condition: Callable[[], bool]) -> None:
        """Wait for something, and hear meanwhile what comes in."""
        while True:
            while self._unheard:
                await self._hear()
            if condition():
                return
            await workflow.wait_condition(lambda: condition() or bool(self._unheard))

    def _heard(self, name: str, args: Sequence[RawValue]) -> None:
        """A signal as it is read; what cannot be read is refused by the writer, never fails a task.

        What nobody vouches for is counted and forgotten: a stranger writes nothing into a record.
        """
        try:
            payload, voucher = vouched(name, args)
        except Refused:
            return
        try:
            with foreseen():
                act, size = self._read(name, payload, voucher)
        except Refused as error:
            refusals = reasons_of(error)
            unread = Pending[R](name=shown(name), act=None, update=False, unreadable=refusals)
            self._let_in(unread, None)
            return
        act = with_request_id(act, new_request_id())
        if name == "resume" and self._parked is not None and act.actor.role in OPERATIONS_ROLES:
            self._parked = None  # anybody else is refused by the writer: no handler raises here
            return
        self._free_for_a_year(name, act)
        self._let_in(Pending(name=name, act=act, update=False, size=size), act)

    def _let_in(self, pending: Pending[R], act: Act | None) -> bool:
        """Whoever has to do with the subject waits before any stranger; those are let in by room."""
        near = act is not None
        if act is not None and self._subject is not None:
            try:
                with foreseen():
                    near = self._is_near(self._subject, act)
            except Unforeseen:
                near = False
        if self._room.admit(pending, near=near):
            return True
        workflow.metric_meter().create_counter("zhiping_messages_dropped").add(1)
        return False

    def _read_update(self, name: str, args: Sequence[RawValue]) -> tuple[Act, int]:
        """An act by update: the early answer and its handler read it in one activation, once."""
        now, read = workflow.now(), self._just_read
        self._just_read = None
        if read is not None and [read[:3]] == [(name, arg.payload, now) for arg in args]:
            return read[3], len(read[1].data)
        payload, voucher = vouched(name, args)
        act, size = self._read(name, payload, voucher)
        self._just_read = (name, payload, now, act)
        return act, size

    def _read(self, name: str, payload: Payload, voucher: Voucher) -> tuple[Act, int]:
        act = read_act(name, payload, voucher, self._known, live=self._live_realm)
        return act, len(payload.data)

    def _free_for_a_year(self, name: str, act: Act) -> None:
        """The year it waits for may have come: taken up, then tried again. A stranger frees nobody."""
        waits = self._parked is not None and self._parked.why is Why.CALENDAR_MISSING
        if waits and name == "amend" and act.actor.role in OPERATIONS_ROLES:
            self._parked = None

    def _resume(self, act: Act) -> R:
        if act.actor.role not in OPERATIONS_ROLES:
            raise as_error((Refusal(code=Code.NOT_ENTITLED, params={"needed": "operations"}),))
        self._parked = None
        return self._stands("resume")


def never(opening: Opening) -> Refusal | None:
    """Why no run may ever be opened so: the live office's clock is nobody's to move, and a subject
    has its writer under its own id alone."""
    if opening.realm == LIVE and opening.shift_seconds:
        return Refusal(code=Code.SHIFT_FORBIDDEN, params={"realm": opening.realm})
    if opening.subject != workflow.info().workflow_id:
        return Refusal(code=Code.NOT_FOUND, params={"what": "case"})
    return None
