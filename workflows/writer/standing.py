"""Where a subject does not go on by itself: it stands still for a person, and is taken up from the record.

A write that a database away delays is tried until it is done; one whose answer no retry changes stands the
subject still, and what the record has then counts (`ahead`).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

from workflows import calls
from workflows.next_run import version_changed
from workflows.rules.refusals import Code, Refused, refuse
from workflows.writer.ahead import DoesNotFollowError, RecordAheadError, RecordCountsError
from workflows.writer.door import SIGNALS_OF_A_RUN, Door
from workflows.writer.messages import Parked, Why
from workflows.writer.requests import forget_after
from workflows.writer.spoken import A, D, M, R, S
from workflows.writer.unforeseen import foreseen

FULL_EVENTS, FULL_BYTES = 2_000, 1024 * 1024
"""What a run's history may grow by before the next run: replayed in a moment, and far from the
engine's own limits, at which it ends a workflow."""

T = TypeVar("T")


class Standing(Door[S, M, D, A, R]):
    """What writes until it is written, stands still, and goes on from the record."""

    @abstractmethod
    async def _continue_as_new(self) -> None:
        """Carry everything on in a new run, where there is reason for one."""

    async def _written(self, write: Callable[[], Awaitable[T]], what: str) -> T:
        """One write; a database that is away delays, an answer no retry changes parks (design 7).

        Raises:
            Refused: `needs_operator`: the database takes this content no more than before operations
                looked at it. It is given up, so that the subject goes on without it.
            DoesNotFollowError: it follows the record's last step no more than before they looked.
        """
        self._writing, before = True, ""
        try:
            while True:
                try:
                    return await write()
                except FailureError as error:
                    if is_cancelled_exception(error):
                        raise
                    failure = calls.failure_of(error) or "failed"
                    if failure == before == calls.NEVER_TAKEN:
                        raise refuse(Code.NEEDS_OPERATOR, "", reason=failure, what=what) from None
                    if failure == before and failure in calls.DOES_NOT_FOLLOW:
                        raise DoesNotFollowError from None
                    before = failure
                    self._parked = Parked(
                        why=Why.NOT_WRITTEN, what=what, params={"failure": failure}
                    )
                    await self._stand_still()
        finally:
            self._writing = False

    async def _stand_still(self) -> None:
        """Call operations, and wait until they say `resume`; messages queue meanwhile."""
        workflow.logger.error("workflow.parked", extra={"why": str(self._parked)})
        why = self._parked.why.value if self._parked else ""
        workflow.metric_meter().create_counter("zhiping_parked").add(1, {"why": why})
        await calls.note_standstill(self._standstill(self._parked))
        await self._wait_for_operations()

    async def _wait_for_operations(self) -> None:
        """Nothing moves; where the history fills up meanwhile, or the workers' version changes, it
        goes on standing still in a new run: it may be that version which can take it on."""
        self._ends = False  # `resume` is to be taken in
        await self._until(lambda: self._parked is None or self._is_full() or version_changed())
        while self._parked is not None:
            at_hand = self._at_hand
            if at_hand is not None and not at_hand.answered:
                self._room.again(at_hand)
                self._at_hand = None
            if self._subject is not None:
                await self._continue_as_new()
            await self._until(lambda: self._parked is None)
        await calls.note_standstill(self._standstill(None))

    async def _go_on_from_record(self, why: RecordCountsError) -> None:
        """The record counts, and what was at hand is decided after it."""
        behind = isinstance(why, DoesNotFollowError)
        workflow.logger.warning("writer.record_behind" if behind else "writer.record_ahead")
        counted = "zhiping_record_behind" if behind else "zhiping_record_ahead"
        workflow.metric_meter().create_counter(counted).add(1)
        before, pending = self._subject, self._at_hand
        self._parked = self._at_hand = None
        try:
            with foreseen():
                after = await self._taken_up(before, pending)
            if before is not None and after.seq <= before.seq and not behind:
                # It has another step under the next number, and does not end with it: whatever is
                # decided would find its number taken again, without an end.
                self._parked = Parked(
                    why=Why.NOT_WRITTEN, what="record", params={"seq": str(after.seq)}
                )
            if before is not None and behind:
                forget_after(before.requests, after.seq)
                self._outlived = True
            self._become(before, after)
        except Refused as error:
            self._parked = Parked(why=Why.NOT_WRITTEN, what="record", params=error.first.params)
        if pending is not None and not pending.answered:
            self._room.again(pending)
        if self._parked is not None:
            await self._stand_still()

    async def _check_recorded(self, subject: S) -> None:
        """Stand still where the record lacks steps of this run, until it has them or operations have it
        go on without.

        Raises:
            RecordCountsError: it has others.
        """
        last = await self._last_recorded(subject)
        if last > subject.seq:
            raise RecordAheadError
        if last == subject.seq:
            return
        self._parked = Parked(
            why=Why.NOT_WRITTEN, what=f"seq={subject.seq}", params={"record": str(last)}
        )
        await self._stand_still()
        if await self._last_recorded(subject) < subject.seq:
            raise DoesNotFollowError

    def _become(self, before: S | None, after: S) -> None:
        if before is not None:
            after.requests = before.requests
        self._subject = after

    def _is_full(self) -> bool:
        """Whether the next run must begin: the history grew so far, or its answers are no more."""
        info = workflow.info()
        return (
            self._outlived
            or info.is_continue_as_new_suggested()
            or info.get_current_history_length() >= FULL_EVENTS
            or info.get_current_history_size() - self._born >= FULL_BYTES
            or self._signals >= SIGNALS_OF_A_RUN
        )
