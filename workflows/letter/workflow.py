"""The `Mailroom` workflow: shifts of one activity while there are letters, however long mail is away."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy

from workflows.letter.messages import MailroomShift, ShiftEnded
from workflows.next_run import go_on, version_changed
from workflows.ports import LETTERS, work_mailroom
from workflows.rules.refusals import Refused
from workflows.writer.inbox import as_error
from workflows.writer.vouching import opening, vouched

RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=2),
    backoff_coefficient=2,
    maximum_interval=timedelta(seconds=60),
)
"""No end of attempts: a database that is away delays, it ends nothing."""
SHIFT = timedelta(hours=1)
"""Longer than any shift; the activity ends its own after half of it."""
HEARTBEAT = timedelta(seconds=60)
FULL_EVENTS = 500


@workflow.defn(name="Mailroom")
class MailroomWorkflow:
    """Sends the letters of one room. It knows none of them: what they say stays in Postgres.

    It ends when nothing is left, and the next letter starts it again under the same id; so code of
    an old version never waits for one that may come.
    """

    @workflow.init
    def __init__(self, raw: RawValue) -> None:
        self._shift = opening(raw, MailroomShift)
        self._woken = False

    @workflow.run
    async def run(self, raw: RawValue) -> ShiftEnded:
        """Work until nothing is left, and say how the last shift ended.

        Raises:
            ApplicationError: nobody vouched for this start, or it cannot be read.
        """
        if isinstance(self._shift, Refused):
            raise as_error(self._shift.reasons)
        while True:
            ended = await self._work(self._shift)
            self._shift = MailroomShift(room=ended.room, away=ended.away)
            if ended.wait_seconds is None and not self._woken:
                return ended
            if ended.wait_seconds:
                await self._rest(ended.wait_seconds)
            # A room whose server is away for days would keep its version's workers there as long.
            if self._is_full() or version_changed():
                go_on(self._shift)

    @workflow.signal(name="wake")
    def wake(self, raw: RawValue) -> None:
        """There may be letters; whoever is none of ours wakes nobody."""
        with suppress(Refused):
            vouched("wake", (raw,))
            self._woken = True

    async def _work(self, shift: MailroomShift) -> ShiftEnded:
        self._woken = False
        return await workflow.execute_activity(
            work_mailroom,
            shift,
            task_queue=LETTERS,
            start_to_close_timeout=SHIFT,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=RETRY,
        )

    async def _rest(self, seconds: float) -> None:
        """Until letters are due again, or somebody wakes the room."""
        with suppress(TimeoutError):
            await workflow.wait_condition(lambda: self._woken, timeout=timedelta(seconds=seconds))

    def _is_full(self) -> bool:
        info = workflow.info()
        return (
            info.is_continue_as_new_suggested() or info.get_current_history_length() >= FULL_EVENTS
        )
