"""What several letters ask of the record at the same moment is asked once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")


class Together(Generic[Q, A]):
    """Carries out in one go what came while the last was under way; each asker gets its answer.

    One asker alone waits for nobody. Many at once wait for one statement instead of as many.
    """

    def __init__(self, carry_out: Callable[[Sequence[Q]], Awaitable[Sequence[A]]]) -> None:
        self._carry_out = carry_out
        self._waiting: list[tuple[Q, asyncio.Future[A]]] = []
        self._under_way: asyncio.Task[None] | None = None

    async def __call__(self, question: Q) -> A:
        """Ask. Whoever stops waiting takes nothing back: what was asked is carried out.

        Raises:
            Exception: whatever the statement raised, to all that were in it.
        """
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if self._under_way is None or self._under_way.done():
            self._under_way = asyncio.create_task(self._go_on())
        return await answer

    async def finish(self) -> None:
        """Wait until all that was asked is carried out."""
        if self._under_way is not None:
            await asyncio.shield(self._under_way)

    async def _go_on(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting, []
            try:
                answers = await self._carry_out([question for question, _ in asked])
            except Exception as err:
                for _, waits in asked:
                    if not waits.done():
                        waits.set_exception(err)
                continue
            for (_, waits), answer in zip(asked, answers, strict=True):
                if not waits.done():
                    waits.set_result(answer)
