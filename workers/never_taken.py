"""What the database will never take is tried once: whoever asked is told, instead of asked to wait."""

from __future__ import annotations

from typing import Any

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.failures import never_taken


class NeverTaken(Interceptor):
    """Turns a database's no to a content into a failure that is not retried, for every activity."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Wrap the execution of each activity."""
        return _Execution(next)


class _Execution(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        try:
            return await super().execute_activity(input)
        except Exception as error:
            failure = never_taken(error, activity.info().attempt)
            if failure is None:
                raise
            activity.logger.error("activity.never_taken", extra={"error": failure.message})
            raise failure from None
