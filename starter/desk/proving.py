"""A round of the sentinel, asked for by operations: the schedule is triggered, and does it."""

from __future__ import annotations

from temporalio.client import ScheduleOverlapPolicy
from temporalio.service import RPCError

from config.temporal import knows_no_workflow
from starter.desk.office import Office
from starter.desk.refusing import refused
from workflows.sentinel.messages import SENTINEL


async def triggered(opened: Office) -> None:
    """Begin a round now, unless one is under way.

    Raises:
        NoAnswer: no worker has made the schedule yet.
    """
    client = await opened.engine.client()
    try:
        await client.get_schedule_handle(SENTINEL).trigger(overlap=ScheduleOverlapPolicy.SKIP)
    except RPCError as err:
        if not knows_no_workflow(err):
            raise
        raise refused(
            "not_scheduled",
            "核验的定时任务还没有建立。",
            next_step="由 records 角色的工作进程启动时建立；请核对其在运行，稍后再试。",
        ) from None
