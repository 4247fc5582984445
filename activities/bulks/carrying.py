"""Carrying a bulk's act to its cases: each asked once, its answer written down, and stopped in time.

A worker speaks for nobody: what it brings to a case is the act that the person's own door vouched for,
byte by byte. Before each handful it asks the record whether the bulk still runs and whether the person
has the right still under which it was prepared.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol

from asyncpg import Record
from temporalio import activity

from activities import failures
from activities.bulks.entering import SQL, request_of
from activities.database import LIVE, Pool, scope
from activities.statements import statements
from workflows.bulk.messages import BulkShift, BulkShiftEnded
from workflows.rules.message import local
from workflows.rules.refusals import Code, Refusal

DIRECTORY = statements("directory")
FIRST, AT_ONCE = 4, 16
"""Cases asked at once: few at first, so that what is wrong with all of them is found on few."""
SHIFT = timedelta(minutes=20)
ASKED_TWICE = 2
"""How often a case is asked that gives no answer in time, before it counts as silent."""
BEAT = 5.0


@dataclass(frozen=True)
class Vouched:
    """An act as a door sent it: the bytes, and its voucher."""

    action: str
    payload: bytes
    key: str
    signature: bytes
    to_meeting: bool = False


@dataclass(frozen=True)
class Answer:
    """What a case answered; `silent` where nobody knows, and it may be asked again."""

    state: Literal["done", "refused", "silent"]
    refusals: tuple[Refusal, ...] = ()
    seq: int | None = None


class VouchedCarrier(Protocol):
    """Carries an act that somebody else vouched for to its case or meeting."""

    async def carry(
        self,
        subject: str,
        vouched: Vouched,
        request_id: str,
        *,
        tries: int,
        realm: str,
        shift_seconds: float,
    ) -> Answer:
        """Ask and wait for the answer; never raises for what a case or the way to it says.

        Args:
            tries: how often it was begun: a case that refused is asked anew and not for its old no.
        """


@dataclass(frozen=True)
class _Bulk:
    id: str
    realm: str
    action: str
    shift_seconds: float


class BulkCarrying:
    """The activity. Retry-safe: a line is asked under one request id until its answer is written."""

    def __init__(self, pool: Pool, carrier: VouchedCarrier) -> None:
        self._pool = pool
        self._carrier = carrier

    @activity.defn(name="carry_on_bulk")
    async def carry_on_bulk(self, shift: BulkShift) -> BulkShiftEnded:
        """Ask case after case while the bulk runs; what a worker that is gone had begun is settled first.
        What another human has not confirmed in time is over.

        Raises:
            ApplicationError: `not_found` for no such bulk.
        """
        row = await self._pool.fetchrow(SQL["bulk"], shift.bulk)
        if row is None:
            raise failures.not_found("bulk", shift.bulk)
        asked = 0
        until = asyncio.get_running_loop().time() + SHIFT.total_seconds()
        beating = asyncio.create_task(_beating(shift.bulk))
        try:
            while lines := await self._next(row, FIRST if not asked else AT_ONCE):
                asked += len(lines)
                await self._asked(await self._bulk(row), lines)
                if activity.is_worker_shutdown() or asyncio.get_running_loop().time() > until:
                    return BulkShiftEnded(bulk=shift.bulk, asked=asked, more=True)
        finally:
            beating.cancel()
        return BulkShiftEnded(
            bulk=shift.bulk, asked=asked, wait_seconds=await self._waits(row) if not asked else 0.0
        )

    async def _waits(self, row: Record) -> float:
        """How many seconds another human has still to confirm it; whose time is over ends here."""
        at = await self._time(row["realm"])
        await self._pool.execute(SQL["expire"], row["id"], at)
        left: float | None = await self._pool.fetchval(SQL["waits_for"], row["id"], at)
        return left or 0.0

    async def _next(self, row: Record, number: int) -> Sequence[Record]:
        """What is asked next; nothing where the bulk rests, is over, or its person's right ended."""
        begun: list[Record] = await self._pool.fetch(SQL["begun_lines"], row["id"], AT_ONCE)
        if begun:
            return begun
        at = await self._time(row["realm"])
        await self._pool.execute(SQL["come_to_rest"], row["id"], at)
        if not await self._has_right(row, at):
            await self._pool.execute(SQL["stop"], row["id"], Code.NOT_ENTITLED.value, at)
        lines: list[Record] = await self._pool.fetch(SQL["begin_lines"], row["id"], number)
        return lines

    async def _has_right(self, row: Record, at: datetime) -> bool:
        role = await self._pool.fetchval(
            DIRECTORY["role_at"], row["person"], row["organisation"], scope(row["realm"]), at
        )
        return bool(role == row["role"])

    async def _asked(self, bulk: _Bulk, lines: Sequence[Record]) -> None:
        """Ask a handful at once and write down the answers, also where it is cut short."""
        answers: dict[int, Answer] = {}
        tasks = [asyncio.create_task(self._line(bulk, line, answers)) for line in lines]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            # The worker may be going down: what is known is written first, so that it is not asked.
            await asyncio.shield(self._write(bulk.id, answers))

    async def _line(self, bulk: _Bulk, line: Record, answers: dict[int, Answer]) -> None:
        subject, request = line["subject"], request_of(bulk.id, line["subject"])
        vouched = Vouched(
            bulk.action, line["act"], line["vouched_by"], line["voucher"], line["is_meeting"]
        )
        for _ in range(ASKED_TWICE):
            answer = await self._carrier.carry(
                subject,
                vouched,
                request,
                tries=line["tries"],
                realm=bulk.realm,
                shift_seconds=bulk.shift_seconds,
            )
            if answer.state != "silent":
                break
        if answer.state != "done":
            # An answer may have been lost, and the act have closed the case: the record has it.
            seq = await self._pool.fetchval(SQL["done_as"], subject, request)
            answer = Answer("done", seq=seq) if seq else answer
        answers[line["position"]] = answer

    async def _write(self, bulk: str, answers: dict[int, Answer]) -> None:
        if not answers:
            return
        told = answers.values()
        await self._pool.execute(
            SQL["answer_lines"],
            bulk,
            list(answers),
            ["unanswered" if answer.state == "silent" else answer.state for answer in told],
            [json.dumps([no.model_dump(mode="json") for no in answer.refusals]) for answer in told],
            [answer.seq for answer in told],
        )

    async def _bulk(self, row: Record) -> _Bulk:
        """The bulk, and how far its realm's clock is from the real one at this moment."""
        shift = 0.0
        if row["realm"] != LIVE:
            shift = (await self._time(row["realm"]) - datetime.now(UTC)).total_seconds()
        return _Bulk(row["id"], row["realm"], row["action"], shift)

    async def _time(self, realm: str) -> datetime:
        return local(await self._pool.fetchval(SQL["realm_time"], realm))


async def _beating(bulk: str) -> None:
    while True:
        activity.heartbeat(bulk)
        await asyncio.sleep(BEAT)
