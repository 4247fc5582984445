"""How much was done within one workflow task: each has two seconds, and one answer of so many bytes."""

from __future__ import annotations

from temporalio import workflow


class InOneTask:
    """Counts within the task that runs now; the next one begins at nothing.

    By the history's length, which is a task's own, and the same in a replay.
    """

    def __init__(self) -> None:
        self._began = self._count = 0

    @property
    def count(self) -> int:
        """How many there were in this task."""
        here = workflow.info().get_current_history_length()
        if here != self._began:
            self._began, self._count = here, 0
        return self._count

    def add(self, more: int = 1) -> int:
        """So many more; how many there are with them."""
        self._count = self.count + more
        return self._count
