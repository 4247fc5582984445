"""A draw of experts: the pool stands still and chance is taken, then the seats follow (art 11)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable

from activities.database import scope
from activities.integrity import persons_under_record
from activities.meetings.seating import note_conflicts
from activities.meetings.working import SQL, Changed, Working
from activities.second_person import check_still_holds
from activities.statements import statements
from workflows.meeting.messages import DrawSeats, OrderDraw
from workflows.rules.committee import ART_11, Expert, Seat
from workflows.rules.draw import (
    Drawn,
    PoolEntry,
    drawn_again,
    fingerprint,
    pool_of,
)
from workflows.rules.refusals import Code, refuse

POOL = statements("committees")["pool"]
RANDOM_BYTES = 32
REHEARSED = "draw"
"""A draw with any seed shows whether the pool is large enough, before anything is settled."""


async def order_draw(work: Working, change: OrderDraw) -> Changed:
    """Keep the pool as it stands, and take the operating system's chance.

    Raises:
        Refused: `draws_used_up`, `second_person_required` where a cancelled meeting's draws count;
            `not_entitled` where whoever asked for another draw has no right any more;
            `pool_too_small`; `out_of_scope` for a profession nobody on the list applied in,
            since who bears it would be drawn for certain, or that no expert who may serve brings,
            since it would be promised and not kept.
    """
    await _check_count(work, change)
    await _check_first(work)
    experts = await _pool(work, change.committee)
    barred = await _barred(work, change, [item.person for item in experts])
    professions = await _wanted(work, change)
    _check_brought(change.professions, (one for one in experts if one.person not in barred))
    drawn = Drawn(
        number=change.number,
        commitment=change.commitment,
        random=secrets.token_hex(RANDOM_BYTES),
        on=change.on,
        since=change.since,
        seats=change.seats,
        spares=change.spares,
        professions=professions,
        barred=tuple(sorted(item.id for item in experts if item.person in barred)),
        pool=fingerprint(experts, barred),
    )
    rehearsed = drawn_again(drawn.model_copy(update={"seed": REHEARSED}), pool_of(experts))
    kept = [item.model_dump(mode="json") for item in pool_of(experts)]
    await work.change("keep_pool", change.number, json.dumps(kept, ensure_ascii=False))
    return Changed(counted=len(rehearsed), drawn=drawn)


async def _check_count(work: Working, change: OrderDraw) -> None:
    """Draws of meetings of this committee that were cancelled before they opened count with the own."""
    earlier: int = await work.connection.fetchval(SQL["earlier_draws"], work.meeting)
    if earlier + change.number > change.most:
        raise refuse(Code.DRAWS_USED_UP, ART_11, most=change.most, earlier=earlier)
    if earlier and not change.again:
        raise refuse(Code.SECOND_PERSON_REQUIRED, ART_11, reason="redraw")


async def _check_first(work: Working) -> None:
    """Who asked for another draw may have left the office before the second person made it."""
    asked_by = work.kept.draws[-1].asked_by if work.kept and work.kept.draws else None
    if asked_by is not None:
        step = work.step
        await check_still_holds(work.connection, asked_by, step.realm, step.acted_at, ART_11)


async def draw_seats(work: Working, change: DrawSeats) -> Changed:
    """Draw from the pool that was kept; recusals found by an earlier draw are replaced."""
    drawn = change.drawn
    stored = await work.connection.fetchval(SQL["kept_pool"], work.meeting, drawn.number)
    pool = [PoolEntry.model_validate(item) for item in json.loads(stored)]
    seats = await _named(work, drawn_again(drawn, pool))
    await work.change("forget_conflicts")
    await note_conflicts(work, seats)
    return Changed(counted=len(seats), seats=seats, drawn=drawn)


async def _named(work: Working, seats: tuple[Seat, ...]) -> tuple[Seat, ...]:
    """The seats with the persons and units that the kept pool leaves out."""
    ids = [seat.expert for seat in seats]
    rows = await work.connection.fetch(SQL["seated_experts"], ids, scope(work.step.realm))
    known = {row["id"]: {"person": row["person"], "unit": row["unit"]} for row in rows}
    return tuple(seat.model_copy(update=known[seat.expert]) for seat in seats)


async def _pool(work: Working, committee: str) -> list[Expert]:
    rows = await work.connection.fetch(POOL, committee, scope(work.step.realm))
    return [Expert.model_validate(dict(row)) for row in rows]


async def _barred(work: Working, change: OrderDraw, people: list[str]) -> frozenset[str]:
    """Who may not serve: under a 影响期 or with a record that is kept on the meeting's day, and
    whoever is a candidate of this meeting: nobody votes on those he or she competes with."""
    realm = work.step.realm
    rows = await work.connection.fetch(SQL["barred"], people, realm, change.on)
    recorded = await persons_under_record(work.connection, people, change.on, realm=realm)
    competing = await work.connection.fetch(SQL["competing"], work.meeting, people)
    return recorded | {row["id"] for row in (*rows, *competing)}


def _check_brought(stated: Iterable[str], experts: Iterable[Expert]) -> None:
    """A profession that is asked for by name and that nobody brings: the draw would pass it over."""
    brought = {profession for item in experts for profession in item.professions}
    if lacking := sorted(set(stated) - brought):
        named = "、".join(lacking)
        raise refuse(Code.OUT_OF_SCOPE, ART_11, reason="draw_no_expert", professions=named)


async def _wanted(work: Working, change: OrderDraw) -> tuple[str, ...]:
    rows = await work.connection.fetch(SQL["professions"], work.meeting)
    applied = [row["profession"] for row in rows]
    foreign = sorted(set(change.professions) - set(applied))
    if foreign:
        named = "、".join(foreign)
        raise refuse(Code.OUT_OF_SCOPE, ART_11, reason="draw_profession", professions=named)
    return tuple(change.professions or applied)
