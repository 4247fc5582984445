"""The mailroom: takes the letters that wait in a room, and sends them until none is left.

Nothing polls: whoever orders letters rings (`waking`), and a shift that is awake hears it. It stays a
while when all is sent, because one letter seldom comes alone; then it goes to sleep, and looks once
more *after* it said so. Whoever orders a letter looks whether the room is awake *after* the commit.
So one of the two always sees the other.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from temporalio import activity

from activities import failures
from activities.database import AWAY, Connection, Pool
from activities.letters.delivery import (
    FIRST_DELAY,
    LONGEST_DELAY,
    MAX_ERROR,
    LetterDelivery,
    Ready,
    Sweep,
)
from activities.letters.facts import SQL, OrderedLetter
from activities.letters.gathering import Placed
from activities.letters.lanes import Lanes
from activities.letters.rhythms import Rhythms
from activities.letters.smtp import AwayError, Carrier, Sender
from activities.reading import Reading
from workflows.letter.messages import MailroomShift, ShiftEnded

logger = logging.getLogger(__name__)

CHANNEL = "mailroom"
HANDS = 12
"""Connections to the mail server; each carries one letter at a time."""
PAGE = 200
LINGER = 60.0
"""Seconds a room stays awake when all is sent: waking it costs the engine three actions."""
LONGEST_SHIFT = 1800.0
"""Seconds, then a new one begins; below the activity's own limit."""
LEASE, RENEWED_EVERY = timedelta(seconds=30), 10.0
"""How long a room counts as awake of which nothing is heard."""
LOOK_BETWEEN = 1.0
"""Seconds, while letters are on their way, between two looks for those that have become due."""
BEGINNING = (datetime(1, 1, 1, tzinfo=UTC), "")


class Mailroom:
    """The activity of all rooms."""

    def __init__(
        self,
        pool: Pool,
        reading: Reading,
        sender: Sender,
        rhythms: Rhythms,
        *,
        linger: float = LINGER,
        console: str = "",
    ) -> None:
        self._pool = pool
        self._reading = reading
        self._sender = sender
        self._rhythms = rhythms
        self._linger = linger
        self._console = console

    @activity.defn(name="work_mailroom")
    async def work_mailroom(self, order: MailroomShift) -> ShiftEnded:
        """Send what waits in a room; each letter claimed before it is sent, none twice."""
        async with self._pool.acquire() as connection:
            delivery = LetterDelivery(
                self._pool,
                self._reading,
                self._sender,
                self._rhythms,
                f"shift-{uuid4()}",
                self._console,
            )
            shift = _Shift(order, self._pool, self._sender, delivery, self._linger)
            return await shift.work(connection)


class _Shift:
    def __init__(
        self,
        order: MailroomShift,
        pool: Pool,
        sender: Sender,
        delivery: LetterDelivery,
        linger: float,
    ) -> None:
        self._order = order
        self._pool = pool
        self._sender = sender
        self._linger = linger
        self._delivery = delivery
        self._lanes: Lanes[Ready] = Lanes(HANDS)
        self._held: set[str] = set()
        """Letters that are in the lanes, parked or on their way."""
        self._idle: set[asyncio.Task[Any] | None] = set()
        self._rung = asyncio.Event()
        self._after = BEGINNING
        self._settled = 0
        self._ending = False

    async def work(self, connection: Connection) -> ShiftEnded:
        """Until nothing is left, the mail server is away, the time is over or the worker goes."""
        await self._say_awake(LEASE)
        await self._delivery.orphans(self._order.room)
        trouble = await self._trouble()
        if trouble is not None:
            return await self._away(trouble)
        await connection.add_listener(CHANNEL, self._hear)
        try:
            return await self._with_hands()
        finally:
            with suppress(*AWAY):
                await connection.remove_listener(CHANNEL, self._hear)

    async def _trouble(self) -> AwayError | None:
        """Whether a server that was away is still: one asks before all do."""
        if not self._order.away:
            return None
        carrier = self._sender.carrier()
        try:
            await carrier.open()
        except AwayError as err:
            return err
        finally:
            await carrier.close()
        return None

    async def _with_hands(self) -> ShiftEnded:
        reading = asyncio.create_task(self._read())
        others: set[asyncio.Task[Any]] = {
            asyncio.create_task(self._stay_awake()),
            asyncio.create_task(activity.wait_for_worker_shutdown()),
        }
        hands = {asyncio.create_task(self._hand()) for _ in range(HANDS)}
        trouble: AwayError | None = None
        try:
            while hands and not reading.done():
                waited = {reading, *others, *hands}
                done, _ = await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
                for hand in done & hands:
                    trouble = hand.result() or trouble  # or raises what ended it
                hands -= done
                for task in done & others:
                    task.result()
                    return self._ended(0)  # the worker goes
        finally:
            for task in (reading, *others):
                task.cancel()
            await self._end(hands)
        if not hands and trouble is not None:
            return await self._away(trouble)
        return self._ended(reading.result())

    async def _end(self, hands: set[asyncio.Task[AwayError | None]]) -> None:
        """What is on its way is brought there; nothing else is taken."""
        self._ending = True
        for idle in self._idle:
            if idle is not None:
                idle.cancel()
        if hands:
            await asyncio.wait(hands)
        await self._delivery.finish()

    # ---- what there is to send -------------------------------------------------------------------

    async def _read(self) -> float | None:
        """Line up what waits, again and again; returns when the next shift is to begin."""
        loop = asyncio.get_running_loop()
        over, quiet_since = loop.time() + LONGEST_SHIFT, loop.time()
        while loop.time() < over:
            self._rung.clear()
            if await self._take_in():
                while not self._lanes.has_room:
                    await self._lanes.room_or_rest(LOOK_BETWEEN)
                continue
            if not self._lanes.idle:
                quiet_since = loop.time()
                await self._wait(LOOK_BETWEEN)
                continue
            due = await self._pool.fetchval(SQL["next_due"], self._order.room)
            patience = quiet_since + self._linger - loop.time()
            if patience > 0 and (due is None or due > 0):
                await self._wait(patience if due is None else min(patience, due))
                continue
            if due is not None and due <= 0:
                continue
            await self._say_awake(timedelta(0))
            if not await self._take_in():
                return None if due is None else max(due, 0.1)
            await self._say_awake(LEASE)
        return 0

    async def _wait(self, seconds: float) -> None:
        """Until somebody rings, or so long; while letters are on their way also until one is gone."""
        waits: list[asyncio.Task[Any]] = [asyncio.create_task(self._rung.wait())]
        if not self._lanes.idle:
            waits.append(asyncio.create_task(self._lanes.room_or_rest(seconds)))
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _take_in(self) -> int:
        """Line up one page; how many letters it were."""
        parked = self._lanes.parked()
        self._held.difference_update(parked)
        found = parked or await self._page()
        if not found:
            return 0
        self._held.update(found)
        sweep = await self._delivery.sweep(found)
        # Settled by somebody else meanwhile.
        self._held.difference_update(set(found) - {letter.id for letter in sweep.letters})
        # Collected letters last, so that they tell also what comes with them.
        placed: list[tuple[Ready, Placed]] = []
        for letter in sweep.letters:
            if letter.kind is not None:
                await self._line_up(letter, sweep, placed)
        await self._gather(placed, sweep)
        for letter in sweep.letters:
            if letter.kind is None:
                await self._line_up(letter, sweep, placed)
        return len(found)

    async def _line_up(
        self, letter: OrderedLetter, sweep: Sweep, placed: list[tuple[Ready, Placed]]
    ) -> None:
        ready = await self._delivery.ready(letter, sweep)
        if ready is None:
            self._done(letter.id)
        elif (found := await self._delivery.placed(ready)) is not None:
            placed.append((ready, found))
        else:
            await self._lanes.put(ready.reach.domains, letter.id, ready)

    async def _gather(self, placed: list[tuple[Ready, Placed]], sweep: Sweep) -> None:
        """Have letters carried; who wants to be told at once is told when that is written down."""
        if not placed:
            return
        room = self._order.room
        await self._delivery.gather([found for _, found in placed], room, sweep.known)
        for ready, found in placed:
            if found.at_once.readers:
                at_once = replace(ready, reach=found.at_once)
                await self._lanes.put(found.at_once.domains, ready.letter.id, at_once)
            else:
                self._done(ready.letter.id)

    async def _page(self) -> list[str]:
        """The next ids that nobody holds; empty at the end, then it begins anew."""
        while True:
            rows = await self._pool.fetch(SQL["waiting"], self._order.room, *self._after, PAGE)
            found = [row["id"] for row in rows if row["id"] not in self._held]
            full = len(rows) == PAGE
            self._after = (rows[-1]["created_at"], rows[-1]["id"]) if full else BEGINNING
            if found or not full:
                return found

    # ---- sending it ------------------------------------------------------------------------------

    async def _hand(self) -> AwayError | None:
        """Send one letter after the other; returns what the mail server said when it took no more."""
        carrier, me = self._sender.carrier(), asyncio.current_task()
        try:
            while not self._ending:
                self._idle.add(me)
                domains, ready = await self._lanes.take()
                self._idle.discard(me)
                try:
                    await self._carry(ready, carrier)
                except AwayError as err:
                    logger.warning("mailroom.not_reached", extra={"why": str(err)})
                    self._lanes.fewer()
                    return err
                finally:
                    await self._lanes.gone(domains)
            return None
        finally:
            self._idle.discard(me)
            await carrier.close()

    async def _carry(self, ready: Ready, carrier: Carrier) -> None:
        letter = ready.letter.id
        try:
            await self._delivery.send(ready, carrier)
        except AwayError:
            self._held.discard(letter)
            raise
        except Exception as err:
            if failures.of_ours(err, 1) is None:
                raise  # the database is away: the next shift goes on
            # Held until the shift ends, so that it holds up no other.
            logger.exception("letter.not_delivered", extra={"letter": letter})
            return
        self._done(letter)

    def _done(self, letter: str) -> None:
        self._held.discard(letter)
        self._settled += 1

    # ---- awake or asleep -------------------------------------------------------------------------

    async def _stay_awake(self) -> None:
        while True:
            activity.heartbeat(self._settled)
            await asyncio.sleep(RENEWED_EVERY)
            await self._say_awake(LEASE)

    async def _say_awake(self, how_long: timedelta, trouble: str = "") -> None:
        await self._pool.execute(SQL["awake"], self._order.room, how_long, trouble)

    async def _away(self, trouble: AwayError) -> ShiftEnded:
        """Nobody gets a letter now: the room rests, and whoever orders one need not wake it."""
        times = self._order.away if not self._settled else 0
        rest = min(FIRST_DELAY * 2 ** min(times, 16), LONGEST_DELAY)
        await self._say_awake(rest, str(trouble)[:MAX_ERROR])
        return self._ended(rest.total_seconds(), away=times + 1)

    def _ended(self, wait: float | None, away: int = 0) -> ShiftEnded:
        return ShiftEnded(
            room=self._order.room, settled=self._settled, away=away, wait_seconds=wait
        )

    def _hear(self, *heard: Any) -> None:
        if heard[-1] == self._order.room:
            self._rung.set()
