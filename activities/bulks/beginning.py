"""The operations on a bulk: it is begun, paused, resumed, recalled, and what failed is tried again.

Each only changes the record; the outcome names the bulk as the room that is rung at, so that its
workflow looks what there is to do. A case is never told to stop what it was asked already.
"""

from __future__ import annotations

import json
from datetime import datetime

from asyncpg import Record

from activities.bulks.entering import SQL, digest_of
from activities.database import Connection
from activities.operating import Operating
from workflows.operation.messages import OperationOutcome
from workflows.operation.payloads import StatedBulk, StatedBulkStart
from workflows.rules.refusals import Code, refuse
from workflows.writer.messages import Actor

GOES_ON = ("paused", "stopped")
ENDED = ("done", "recalled", "not_confirmed")


async def start_bulk(work: Operating) -> OperationOutcome:
    """Begin what was prepared, exactly as whoever confirmed it saw it.

    Raises:
        Refused: `not_found`; `not_entitled` for anybody but who prepared it; `already_decided` where
            it was begun; `duplicate_conflict` where it is not what is stated.
    """
    stated = work.read(StatedBulkStart)
    bulk = await _known(work, stated.bulk)
    if bulk["person"] != work.actor.person:  # who is of the same house confirms it, and no more
        raise refuse(Code.NOT_ENTITLED, operation=work.request.kind)
    if bulk["state"] != "prepared":
        raise _decided(bulk)
    subjects = [row["subject"] for row in await work.connection.fetch(SQL["subjects"], bulk["id"])]
    payload = json.loads(bulk["payload"])
    found = digest_of(bulk["action"], actor_of(bulk), payload, subjects)
    said = (stated.action, stated.count, stated.weighty, bytes.fromhex(stated.digest))
    if said != (bulk["action"], len(subjects), bulk["weighty"], found) or found != bulk["digest"]:
        raise refuse(Code.DUPLICATE_CONFLICT, request_id=bulk["id"])
    return await _now(work, bulk, "running", count=len(subjects))


async def waits(work: Operating, until: datetime) -> str:
    """Note by when another human may confirm it; the room to ring at, which ends it after that."""
    bulk = work.read(StatedBulkStart).bulk
    await work.connection.execute(SQL["waits"], bulk, until)
    return bulk


async def not_confirmed(work: Operating, said: str, by: str, reason: str) -> str:
    """The bulk that waited for another human is over before it was begun; the room to ring at.

    Args:
        work: what was asked for.
        said: whether it was declined or taken back.
        by: who said so.
        reason: why, by reference.
    """
    bulk = work.read(StatedBulkStart).bulk
    await work.connection.execute(SQL["not_confirmed"], bulk, said, reason, by, work.at)
    return bulk


async def pause_bulk(work: Operating) -> OperationOutcome:
    """Ask no further case until it is resumed."""
    bulk = await _known(work, work.read(StatedBulk).bulk)
    if bulk["state"] != "running":
        raise _decided(bulk)
    return await _now(work, bulk, "paused")


async def resume_bulk(work: Operating) -> OperationOutcome:
    """Go on with the cases that were not asked yet; what failed stays failed."""
    bulk = await _known(work, work.read(StatedBulk).bulk)
    if bulk["state"] not in GOES_ON:
        raise _decided(bulk)
    return await _now(work, bulk, "running")


async def recall_bulk(work: Operating) -> OperationOutcome:
    """Take back every case that was not asked yet; what was asked stays done."""
    bulk = await _known(work, work.read(StatedBulk).bulk)
    if bulk["state"] in ENDED:
        raise _decided(bulk)
    recalled = await work.connection.execute(SQL["recall_lines"], bulk["id"])
    return await _now(work, bulk, "recalled", count=int(recalled.rpartition(" ")[2]))


async def retry_bulk(work: Operating) -> OperationOutcome:
    """Ask those again that refused or gave no answer, each under its own request id."""
    bulk = await _known(work, work.read(StatedBulk).bulk)
    if bulk["state"] not in (*GOES_ON, "done"):
        raise _decided(bulk)
    again = await work.connection.execute(SQL["retry_lines"], bulk["id"])
    count = int(again.rpartition(" ")[2])
    if not count:
        raise refuse(
            Code.ALREADY_DECIDED, what="bulk", bulk=bulk["id"], bulk_state="nothing_failed"
        )
    return await _now(work, bulk, "running", count=count)


async def expired_in(connection: Connection, realm: str, at: datetime) -> list[str]:
    """The bulks of a realm that another human did not confirm in time, and which are not over yet."""
    return [row["id"] for row in await connection.fetch(SQL["expired_in"], realm, at)]


def actor_of(bulk: Record) -> Actor:
    """Who asks for it."""
    return Actor(person=bulk["person"], organisation=bulk["organisation"], role=bulk["role"])


async def _now(work: Operating, bulk: Record, state: str, count: int = 0) -> OperationOutcome:
    await work.connection.execute(SQL["set_state"], bulk["id"], state, "", work.by, work.at)
    return OperationOutcome(done=True, count=count, params={"bulk": bulk["id"], "room": bulk["id"]})


async def _known(work: Operating, bulk: str) -> Record:
    found = await work.connection.fetchrow(SQL["lock_bulk"], bulk, work.request.realm)
    if found is None:
        raise refuse(Code.NOT_FOUND, what="bulk", bulk=bulk)
    return found


def _decided(bulk: Record) -> Exception:
    return refuse(Code.ALREADY_DECIDED, what="bulk", bulk=bulk["id"], bulk_state=bulk["state"])
