"""The `Sentinel` workflow: shifts of one activity until every subject was looked at."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy

from workflows.ports import RECORDS, prove_subjects
from workflows.rules.refusals import Refused
from workflows.sentinel.messages import SENTINEL, Proof, ProofEnded
from workflows.writer.inbox import as_error
from workflows.writer.vouching import opening

RETRY = RetryPolicy(initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=5))
"""No end of attempts: a database or an engine that is away delays, it ends no round."""
SHIFT = timedelta(hours=1)
"""Longer than any shift; the activity ends its own after a third of it."""
HEARTBEAT = timedelta(seconds=60)


@workflow.defn(name="Sentinel")
class SentinelWorkflow:
    """One round. It knows no subject: how far it came and what it found stay in Postgres."""

    @workflow.init
    def __init__(self, raw: RawValue) -> None:
        self._proof = opening(raw, Proof, of=SENTINEL)

    @workflow.run
    async def run(self, raw: RawValue) -> ProofEnded:
        """Look at everything, and say how the last shift ended.

        Raises:
            ApplicationError: nobody vouched for this start, or it cannot be read.
        """
        if isinstance(self._proof, Refused):
            raise as_error(self._proof.reasons)
        while True:
            ended = await workflow.execute_activity(
                prove_subjects,
                self._proof,
                task_queue=RECORDS,
                start_to_close_timeout=SHIFT,
                heartbeat_timeout=HEARTBEAT,
                retry_policy=RETRY,
            )
            if not ended.more:
                return ended
