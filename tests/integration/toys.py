"""Workflows for the fleet's own tests; in a file of their own apart from the tests that serve them."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow


@workflow.defn(name="Toy")
class Greet:
    """One activity on the other queue."""

    @workflow.run
    async def run(self, name: str) -> str:
        answer: str = await workflow.execute_activity(
            "greeting",
            name,
            task_queue="records",
            result_type=str,
            start_to_close_timeout=timedelta(seconds=30),
        )
        return answer


@workflow.defn(name="Toy")
class GreetLonger:
    """The same type after a careless change: a timer before the activity."""

    @workflow.run
    async def run(self, name: str) -> str:
        await workflow.sleep(1)
        answer: str = await workflow.execute_activity(
            "greeting",
            name,
            task_queue="records",
            result_type=str,
            start_to_close_timeout=timedelta(seconds=30),
        )
        return answer
