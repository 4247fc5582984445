"""What takes longer than a page: begun by one click, looked at by others, in whichever process.

How far it is stands in the record (`activities/page_jobs.py`). What a job does can be asked for again
after its process died; the job itself does not go on elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import structlog

from activities.page_jobs import PageJobs
from starter.desk.refusing import NoAnswer, Reason
from starter.desk.translating import translated

A_SIGN = 1.0
"""Seconds between two signs of life."""
DIED = Reason(
    "job_died",
    "办理它的进程已经停止，没有办完。",
    next="请再办一次：已经办到的不会重复。",
)

logger = structlog.get_logger(__name__)


@dataclass
class Progress:
    """How far a piece of work is: of `whole` parts `done` are; or asked of whoever does it."""

    whole: int = 0
    done: int = 0
    look: Callable[[], tuple[int, int]] | None = None

    @property
    def now(self) -> tuple[int, int]:
        """Of how many parts, and how many of them are done."""
        return self.look() if self.look is not None else (self.whole, self.done)


@dataclass(frozen=True)
class Job:
    """One piece of work as a page shows it.

    Attributes:
        result: what came of it; `no` where nothing did, and why.
    """

    about: str
    whole: int = 0
    done: int = 0
    is_over: bool = False
    result: dict[str, Any] | None = None
    no: tuple[Reason, ...] = ()


Work = Callable[[Progress], Awaitable[dict[str, Any]]]
"""Gives what a page shows of its result."""


@dataclass
class Jobs:
    """One at a time for each subject, the last one kept to be looked at."""

    kept: PageJobs
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def last(self, *subject: str) -> Job | None:
        """The job about a subject that runs, or ran last."""
        found = await self.kept.last("/".join(subject))
        if found is None:
            return None
        told = found.result or {}
        over = found.ended_at is not None
        no = tuple(Reason(**reason) for reason in told.get("no", ()))
        return Job(
            found.about,
            found.whole,
            found.done,
            is_over=over or found.silent,
            result=told.get("result"),
            no=no if over else (DIED,) * found.silent,
        )

    async def start(self, *subject: str, work: Work, about: str = "") -> None:
        """Begin one; where one about the same subject runs still, it is that one."""
        named = "/".join(subject)
        token = await self.kept.begin(named, about)
        if not token:
            return
        task = asyncio.create_task(self._worked(named, token, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _worked(self, subject: str, token: str, work: Work) -> None:
        progress = Progress()
        signs = asyncio.create_task(self._signs(subject, token, progress))
        told: dict[str, Any]
        try:
            told = {"result": await work(progress)}
        except Exception as err:
            if not isinstance(err, NoAnswer):
                logger.exception("console.job", error=type(err).__name__)
            reasons = translated(err).reasons
            told = {
                "no": [
                    {"code": item.code, "message": item.message, "next": item.next}
                    for item in reasons
                ]
            }
        finally:
            signs.cancel()
            with suppress(asyncio.CancelledError):
                await signs
        await self.kept.end(subject, token, *progress.now, told)

    async def _signs(self, subject: str, token: str, progress: Progress) -> None:
        while True:
            await asyncio.sleep(A_SIGN)
            try:
                await self.kept.live(subject, token, *progress.now)
            except Exception as err:  # a database that is away is told at the next sign
                logger.warning("console.job_unseen", error=type(err).__name__)
