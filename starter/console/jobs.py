"""What takes longer than a page: begun by one click, looked at by others, in this process.

What a job does can be asked for again after a restart; the job itself is not kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog

from starter.desk.refusing import NoAnswer
from starter.desk.translating import translated

logger = structlog.get_logger(__name__)


@dataclass
class Job:
    """One piece of work.

    Attributes:
        whole: of how many parts it is, once that is known; `done` of them are.
        result: what came of it; `no` where nothing did, and why.
    """

    began_at: datetime
    about: Any = None
    whole: int = 0
    done: int = 0
    is_over: bool = False
    result: Any = None
    no: NoAnswer | None = None
    look: Callable[[], tuple[int, int]] | None = None
    """How far it is, (whole, done), asked by whoever looks at it."""

    @property
    def progress(self) -> tuple[int, int]:
        """Of how many parts, and how many of them are done."""
        return self.look() if self.look is not None else (self.whole, self.done)


@dataclass
class Jobs:
    """The jobs of this process: one at a time for each subject, the last one kept to be looked at."""

    _jobs: dict[Hashable, Job] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def last(self, subject: Hashable) -> Job | None:
        """The job about a subject that runs, or ran last."""
        return self._jobs.get(subject)

    def start(
        self, subject: Hashable, work: Callable[[Job], Awaitable[Any]], about: Any = None
    ) -> Job:
        """Begin one; where one about the same subject runs still, it is that one."""
        running = self._jobs.get(subject)
        if running is not None and not running.is_over:
            return running
        job = self._jobs[subject] = Job(datetime.now(UTC), about)
        task = asyncio.create_task(_worked(job, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job


async def _worked(job: Job, work: Callable[[Job], Awaitable[Any]]) -> None:
    try:
        job.result = await work(job)
    except Exception as err:
        if not isinstance(err, NoAnswer):
            logger.exception("console.job", error=type(err).__name__)
        job.no = translated(err)
    finally:
        job.is_over = True
