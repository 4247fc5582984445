"""Who waits for the writer, and in which order: whoever has to do with the subject comes first.

Strangers wait behind them, in a room of limited size: however many come, nobody who has to do with the
subject waits for them, and what a run must carry into the next stays small.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Generic, TypeVar

from workflows.writer.inbox import Pending
from workflows.writer.messages import Waiting

R = TypeVar("R")

STRANGERS = 100
STRANGERS_BYTES = 256 * 1024
CARRIED_BYTES = 1024 * 1024
"""What may go into the start of a run beside the subject; the engine takes 2 MiB in all."""


class WaitingRoom(Generic[R]):
    """Messages that are not decided yet."""

    def __init__(self, carried: Iterable[Waiting] = ()) -> None:
        self._near: deque[Pending[R]] = deque()
        self._strangers: deque[Pending[R]] = deque()
        for item in carried:
            pending = Pending[R](
                name=item.name,
                act=item.act,
                update=False,
                unreadable=item.unreadable,
                size=item.size,
            )
            (self._near if item.near else self._strangers).append(pending)

    def __len__(self) -> int:
        return len(self._near) + len(self._strangers)

    @property
    def somebody_near(self) -> bool:
        """Whether anybody waits who has to do with the subject."""
        return bool(self._near)

    @property
    def somebody_asks(self) -> bool:
        """Whether anybody of them waits for an answer, by update."""
        return any(pending.update for pending in self._near)

    def admit(self, pending: Pending[R], *, near: bool) -> bool:
        """Let somebody wait; False where strangers find no room any more."""
        if near:
            self._near.append(pending)
            return True
        held = sum(item.size for item in self._strangers) + pending.size
        if len(self._strangers) >= STRANGERS or held > STRANGERS_BYTES:
            return False
        self._strangers.append(pending)
        return True

    def next(self) -> Pending[R]:
        """Whose turn it is.

        Raises:
            IndexError: nobody waits.
        """
        return self._near.popleft() if self._near else self._strangers.popleft()

    def again(self, pending: Pending[R]) -> None:
        """Whoever was before the writer when it had to stop comes first again."""
        self._near.appendleft(pending)

    def send_on(self) -> None:
        """Whoever waits by update is sent on to the next run, and waits here no more."""
        for room in (self._near, self._strangers):
            staying = []
            for pending in room:
                pending.sent_on = pending.update
                staying += [] if pending.update else [pending]
            room.clear()
            room.extend(staying)

    def fits(self) -> bool:
        """Whether all who wait by signal can be carried into a next run."""
        held = (item.size for room in (self._near, self._strangers) for item in room)
        return sum(held) <= CARRIED_BYTES

    def carried(self) -> tuple[Waiting, ...]:
        """Who waits, in order, once those by update were sent on."""
        return tuple(
            Waiting(
                name=item.name, act=item.act, unreadable=item.unreadable, near=near, size=item.size
            )
            for room, near in ((self._near, True), (self._strangers, False))
            for item in room
        )
