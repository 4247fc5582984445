"""The `Bulk` workflow: shifts of one activity while the record says that there is something to do."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy

from workflows.bulk.messages import BulkShift, BulkShiftEnded
from workflows.next_run import go_on, version_changed
from workflows.ports import RECORDS, carry_on_bulk
from workflows.rules.refusals import Refused
from workflows.writer.inbox import as_error
from workflows.writer.vouching import opening, vouched

RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=60))
"""No end of attempts: a database that is away delays, it ends nothing."""
SHIFT = timedelta(hours=1)
"""Longer than any shift; the activity ends its own after a third of it."""
HEARTBEAT = timedelta(seconds=30)
FULL_EVENTS = 500


@workflow.defn(name="Bulk")
class BulkWorkflow:
    """Carries one act to many cases. It knows none of them: who they are stays in Postgres.

    Whether it goes on is asked of the record before each case, so that a pause needs no word to it.
    It ends when nothing is to be done, and whoever resumes it starts it again under the same id. While
    another human has still to confirm it, it waits for that word, and no longer than there is time.
    """

    @workflow.init
    def __init__(self, raw: RawValue) -> None:
        self._shift = opening(raw, BulkShift)
        self._woken = False

    @workflow.run
    async def run(self, raw: RawValue) -> BulkShiftEnded:
        """Work until nothing is to be done, and say how the last shift ended.

        Raises:
            ApplicationError: nobody vouched for this start, or it cannot be read.
        """
        if isinstance(self._shift, Refused):
            raise as_error(self._shift.reasons)
        while True:
            self._woken = False
            ended = await workflow.execute_activity(
                carry_on_bulk,
                self._shift,
                task_queue=RECORDS,
                start_to_close_timeout=SHIFT,
                heartbeat_timeout=HEARTBEAT,
                retry_policy=RETRY,
            )
            if ended.wait_seconds and not self._woken:
                await self._wait(ended.wait_seconds)
            elif not ended.more and not self._woken:
                return ended
            if version_changed() or workflow.info().get_current_history_length() >= FULL_EVENTS:
                go_on(self._shift)

    async def _wait(self, seconds: float) -> None:
        """For another human's word, which wakes it, or for the end of the time for it."""
        with suppress(TimeoutError):
            await workflow.wait_condition(lambda: self._woken, timeout=timedelta(seconds=seconds))

    @workflow.signal(name="carry")
    def carry(self, raw: RawValue) -> None:
        """The record has something new to do; whoever is none of ours wakes nobody."""
        with suppress(Refused):
            vouched("carry", (raw,))
            self._woken = True
