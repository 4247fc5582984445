"""Letters of absence cover: the deputy and whom he stands in for are told that it is named, and that it
ended before its last day, by whomever or because a role was lost."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import NAMESPACE_OID, uuid5

from asyncpg import Record

from activities.covers import SQL
from activities.operating import Operating
from activities.statements import statements
from workflows.letter.kinds import CoverEnded, CoverNamed, OfCover
from workflows.letter.messages import room_of
from workflows.rules.message import local_date
from workflows.rules.names import Party
from workflows.rules.readings import Reading

TRAIL = statements("trail")


async def tell_named(work: Operating, cover: str) -> str:
    """Order the letters that a cover is named; the room to ring at."""
    return await _order(work, CoverNamed.model_validate(_stated(await _row(work, cover))))


async def tell_ended(
    work: Operating, cover: str, *, at: datetime | None = None, by: str = ""
) -> str:
    """Order the letters that a cover ends early; the room to ring at.

    Args:
        at: when, where it is not now.
        by: the person who ends it; empty where a role is lost.
    """
    ended_on = local_date(at or work.at)
    stated = _stated(await _row(work, cover)) | {"ended_on": ended_on, "ended_by": by}
    return await _order(work, CoverEnded.model_validate(stated))


@asynccontextmanager
async def losses_told(
    work: Operating, person: str, organisation: str, since: datetime
) -> AsyncIterator[set[str]]:
    """Around a change of somebody's rights in an organisation from an instant on: the two of each cover
    that ends by it are told. The set has the rooms to ring at, afterwards."""
    rooms: set[str] = set()
    asked = (person, organisation, work.kept_under, max(since, work.at))
    before = await work.connection.fetch(SQL["covers_ahead"], *asked)
    yield rooms
    if before:
        kept = {row["id"] for row in await work.connection.fetch(SQL["covers_ahead"], *asked)}
        for row in before:
            if row["id"] not in kept:
                rooms.add(await tell_ended(work, row["id"], at=row["since"]))


async def _row(work: Operating, cover: str) -> Record:
    row = await work.connection.fetchrow(SQL["cover"], cover, work.kept_under)
    if row is None:
        raise LookupError(cover)  # it was added, locked or found within this transaction
    return row


def _stated(row: Record) -> dict[str, object]:
    columns = ("organisation", "principal", "deputy", "starts_on", "ends_on", "acts")
    return {
        "cover": row["id"],
        "clause": Reading.ABSENCE_COVER,
        **{key: row[key] for key in columns},
    }


async def _order(work: Operating, says: OfCover) -> str:
    """To each of the two as a person: what goes to a supervisor at his organisation would go to the
    deputy once more."""
    room = room_of(work.request.realm, says.cover)
    for person in (says.deputy, says.principal):
        await work.connection.execute(
            TRAIL["add_letter"],
            str(uuid5(NAMESPACE_OID, f"{work.operation}/{says.cover}/{says.kind}/{person}")),
            None,
            None,
            work.request.realm,
            0,
            says.kind,
            Party.ACTOR,
            "",
            person,
            json.dumps(says.params, ensure_ascii=False),
            work.at,
            room,
        )
    return room
