"""Which letter goes next: each domain has a lane, and none takes all hands.

A mail server that takes its time for one domain must not hold up the letters to the others. So a
domain may have as many letters on their way as there are free hands besides (a dynamic threshold, as
switches share their buffers): alone it takes half of them, and there is always a hand for the next.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterable
from typing import Generic, TypeVar

T = TypeVar("T")

LENGTH = 50
"""Letters that wait ready in one lane; more of them only wait by their ids."""
READY = 400
"""Letters that wait ready in all lanes before no more are read."""


class Lanes(Generic[T]):
    """Letters that are ready, by the domains they go to; and the ids of those a lane has no room for."""

    def __init__(self, hands: int) -> None:
        self._hands = hands
        self._lanes: dict[tuple[str, ...], deque[T]] = {}
        self._parked: dict[tuple[str, ...], deque[str]] = {}
        self._on_their_way: Counter[str] = Counter()
        self._busy = 0
        self._ready = 0
        self._changed = asyncio.Condition()

    @property
    def has_room(self) -> bool:
        """Whether more letters are to be read."""
        return self._ready < READY

    @property
    def idle(self) -> bool:
        """Whether nothing is ready, parked or on its way."""
        return not (self._ready or self._busy or self._parked)

    async def put(self, domains: tuple[str, ...], letter: str, item: T) -> bool:
        """Line a letter up; False where its lane is full and only the id is kept."""
        lane = self._lanes.setdefault(domains, deque())
        if len(lane) >= LENGTH:
            self._parked.setdefault(domains, deque()).append(letter)
            return False
        lane.append(item)
        self._ready += 1
        async with self._changed:
            self._changed.notify()
        return True

    def parked(self) -> list[str]:
        """The ids that a lane has room for again; they are to be read anew."""
        found: list[str] = []
        for domains in [name for name in self._parked if len(self._lanes.get(name, ())) == 0]:
            ids = self._parked[domains]
            found += [ids.popleft() for _ in range(min(LENGTH, len(ids)))]
            if not ids:
                del self._parked[domains]
        return found

    async def take(self) -> tuple[tuple[str, ...], T]:
        """The next letter that may go; waits until there is one."""
        async with self._changed:
            while True:
                domains = self._next()
                if domains is not None:
                    break
                await self._changed.wait()
        lane = self._lanes.pop(domains)
        item = lane.popleft()
        if lane:
            self._lanes[domains] = lane  # behind the others: each lane has its turn
        self._ready -= 1
        self._busy += 1
        self._on_their_way.update(domains)
        return domains, item

    async def gone(self, domains: Iterable[str]) -> None:
        """A letter that was taken is on its way no more."""
        self._busy -= 1
        self._on_their_way.subtract(domains)
        async with self._changed:
            self._changed.notify_all()

    def fewer(self) -> None:
        """A hand has gone."""
        self._hands -= 1

    async def room_or_rest(self, seconds: float) -> None:
        """Wait until a letter has gone, or so long."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait()
        except TimeoutError:
            return

    def _next(self) -> tuple[str, ...] | None:
        """Of the lanes that may go on, the one with the least on its way, then the longest waiting."""
        free = self._hands - self._busy
        may = [
            domains
            for domains in self._lanes
            if all(self._on_their_way[domain] < max(1, free) for domain in domains)
        ]
        return min(may, key=self._load, default=None)

    def _load(self, domains: tuple[str, ...]) -> int:
        return max(self._on_their_way[domain] for domain in domains)
