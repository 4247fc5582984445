"""What the record adds to a draw: real chance, a pool that stands still, and a count over meetings."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from activities.database import Pool
from activities.identity import Identity
from activities.meeting_records import MeetingRecords
from tests.integration.sittings import (
    AT,
    COMMITTEE,
    DAY,
    EXPERTS,
    MEETING,
    Sitting,
    add_cases,
    add_pool,
    codes,
)
from workflows.meeting import messages as m
from workflows.meeting.meeting import Phase
from workflows.rules.refusals import Code

pytestmark = pytest.mark.integration


@pytest.fixture
async def sitting(meetings: MeetingRecords, pool: Pool, identity: Identity) -> Sitting:
    """A planned meeting with candidates and a pool."""
    await add_cases(pool, identity, range(1, 4))
    await add_pool(pool, identity)
    planned = Sitting(meetings)
    await planned.plan()
    return planned


def an_order(number: int = 1, **more: Any) -> m.OrderDraw:
    stated = {
        "committee": COMMITTEE,
        "seats": 11,
        "spares": 3,
        "on": DAY,
        "commitment": "0" * 64,
        "most": 3,
    }
    return m.OrderDraw.model_validate({"number": number} | stated | more)


async def test_each_order_takes_chance_of_its_own_and_keeps_its_pool(
    sitting: Sitting, pool: Pool
) -> None:
    first = await sitting("draw", an_order())
    assert sitting.last is not None
    again = await sitting.records.record_meeting_step(sitting.last)
    second = await sitting("draw", an_order(2))

    assert first.drawn is not None
    assert second.drawn is not None
    assert len(bytes.fromhex(first.drawn.random)) == 32
    assert first.drawn.random != second.drawn.random
    assert again.drawn == first.drawn  # the same step once more is no other chance
    assert first.drawn.pool == second.drawn.pool
    with pytest.raises(asyncpg.PostgresError):
        await pool.execute("UPDATE draw_pool SET experts = '[]'")


async def test_nobody_is_drawn_for_certain_by_a_profession_nobody_applied_in(
    sitting: Sitting,
) -> None:
    made_to_measure = await sitting("draw", an_order(professions=("养蜂",)))

    assert codes(made_to_measure) == [Code.OUT_OF_SCOPE]


async def test_a_profession_that_no_expert_brings_is_not_promised(
    sitting: Sitting, owner: Pool
) -> None:
    """The draw passed it over without a word; where none is named, all applied in are only wished."""
    applied = "大数据智能化"
    named = await sitting("draw", an_order(professions=(applied,)))
    assert codes(named) == [Code.OUT_OF_SCOPE]
    assert named.refusals[0].params["reason"] == "draw_no_expert"
    unnamed = await sitting("draw", an_order())
    assert unnamed.drawn is not None
    assert unnamed.drawn.professions == (applied,)
    await owner.execute("UPDATE expert SET professions = ARRAY[$1] WHERE id = 'e05'", applied)
    assert codes(await sitting("draw", an_order(2, professions=(applied,)))) == []


async def test_a_pool_too_small_is_told_at_the_order(sitting: Sitting) -> None:
    short = await sitting("draw", an_order(seats=199))

    assert codes(short) == [Code.POOL_TOO_SMALL]


async def test_a_rehearsal_draws_from_the_pool_that_everybody_sees(
    meetings: MeetingRecords, pool: Pool, identity: Identity
) -> None:
    await pool.execute("INSERT INTO realm (id, kind, opens_at) VALUES ('r1', 'rehearsal', $1)", AT)
    await add_pool(pool, identity)
    await add_cases(pool, identity, range(1, 3), realm="r1")
    rehearsed = Sitting(meetings, realm="r1")
    await rehearsed.plan()

    ordered = await rehearsed("draw", an_order())
    assert ordered.drawn is not None
    made = ordered.drawn.model_copy(update={"seed": "s"})
    drawn = await rehearsed("reveal_draw", m.DrawSeats(drawn=made))

    assert {seat.unit for seat in drawn.seats} <= {f"institute-{name}" for name in EXPERTS}
    assert len(drawn.seats) == 14


async def test_who_cancels_and_plans_anew_draws_no_more_often(
    sitting: Sitting, meetings: MeetingRecords, pool: Pool, identity: Identity
) -> None:
    await sitting("draw", an_order())
    await sitting("draw", an_order(2))
    sitting.phase = Phase.CANCELLED
    await sitting("cancel_meeting", m.FreeAll())
    anew = Sitting(meetings, meeting=f"{MEETING[:-2]}cc", number="2023-BD-02")
    await anew.plan()

    alone = await anew("draw", an_order())
    third = await anew("draw", an_order(again=True))
    fourth = await anew("draw", an_order(2, again=True))

    assert codes(alone) == [Code.SECOND_PERSON_REQUIRED]
    assert third.drawn is not None
    assert codes(fourth) == [Code.DRAWS_USED_UP]
    assert fourth.refusals[0].params == {"most": "3", "earlier": "2"}
