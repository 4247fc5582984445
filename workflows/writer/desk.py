"""The desk of a single writer: messages come in, wait, and are answered one at a time.

What `Application` and `Meeting` have in common (design.md 5-7): two dynamic handlers that only read
and queue, one writer, standing still for a person where nothing safe can be done, and going on in
a new run. What is decided, and what is written, is each workflow's own.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Container, Sequence
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ActivityError, is_cancelled_exception

from workflows import calls
from workflows.rules.message import local
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
from workflows.writer.messages import Act, LetterOrder

R = TypeVar("R")
T = TypeVar("T")

OPERATIONS_ROLES = ("operations", "system")


class Desk(Generic[R]):
    """The frame; `R` is the receipt an act is answered with."""

    def __init__(self, known: Container[str], shift_seconds: float) -> None:
        self._known = known
        self._shift = timedelta(seconds=shift_seconds)
        self._inbox: deque[Pending[R]] = deque()
        self._writing = False
        self._parked = ""
        self._alarm = Alarm()
        self._move_on = False
        self._nothing_to_open = False

    @abstractmethod
    def _stands(self, action: str) -> R:
        """A receipt that says how things stand now."""

    def _now(self) -> datetime:
        """The workflow's clock: the engine's, moved by the realm's shift."""
        return local(workflow.now() + self._shift)

    async def _asked(self, name: str, args: Sequence[RawValue]) -> R:
        """An act by update: waits for the writer, and answers a receipt or a coded no."""
        try:
            act = read_act(name, args, self._known)
        except Refused as error:
            raise as_error(reasons_of(error)) from None
        info = workflow.current_update_info()
        act = with_request_id(act, info.id if info else new_request_id())
        if name == "resume" and self._parked:
            return self._resume(act)
        pending = Pending[R](name=name, act=act, update=True)
        self._inbox.append(pending)
        await workflow.wait_condition(lambda: pending.answered)
        if pending.receipt is None:
            raise as_error(pending.refusals)
        return pending.receipt

    def _heard(self, name: str, args: Sequence[RawValue]) -> None:
        """An act by signal; what cannot be read is refused by the writer, never fails a task."""
        try:
            act = with_request_id(read_act(name, args, self._known), new_request_id())
        except Refused as error:
            refusals = reasons_of(error)
            self._inbox.append(Pending(name=name, act=None, update=False, unreadable=refusals))
            return
        if name == "resume" and self._parked and act.actor.role in OPERATIONS_ROLES:
            self._parked = ""  # anybody else is refused by the writer: no handler raises here
            return
        if name == "amend" and Code.CALENDAR_MISSING.value in self._parked:
            self._parked = ""  # the year it waits for may have come: taken up, then tried again
        self._inbox.append(Pending(name=name, act=act, update=False))

    async def _sleep_until(self, due: datetime | None) -> None:
        """Wait for a message, the next due time, or a nudge."""
        self._alarm.set(due, self._now())
        await workflow.wait_condition(
            lambda: bool(self._inbox) or self._alarm.rang or self._move_on
        )
        self._alarm.heard()

    async def _answer_the_rest(self, take: Callable[[Pending[R]], Awaitable[None]]) -> None:
        """Before the end: nobody is left waiting for an answer."""
        while not (workflow.all_handlers_finished() and not self._inbox):
            await workflow.wait_condition(
                lambda: bool(self._inbox) or workflow.all_handlers_finished()
            )
            if self._inbox:
                await take(self._inbox.popleft())

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
                    await self._park(f"{calls.failure_of(error) or 'failed'} {what}")
        finally:
            self._writing = False

    async def _park(self, why: str) -> None:
        """Stand still until a person says `resume`; messages queue meanwhile."""
        self._parked = why
        workflow.logger.error("workflow.parked", extra={"why": why})
        await workflow.wait_condition(lambda: not self._parked)

    def _resume(self, act: Act) -> R:
        if act.actor.role not in OPERATIONS_ROLES:
            raise as_error((Refusal(code=Code.NOT_ENTITLED, params={"needed": "operations"}),))
        self._parked = ""
        return self._stands("resume")

    def _should_continue(self) -> bool:
        if self._inbox:
            return False
        return self._move_on or workflow.info().is_continue_as_new_suggested()

    async def _continue_as_new(self, opening: Callable[[], Any]) -> None:
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
            workflow.continue_as_new(opening(), initial_versioning_behavior=upgrade)
        workflow.continue_as_new(opening())


def identified(letters: Sequence[LetterOrder]) -> tuple[LetterOrder, ...]:
    """The letters of a step, each under an id that replay gives it again."""
    return tuple(order.model_copy(update={"id": str(workflow.uuid7())}) for order in letters)
