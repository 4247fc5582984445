"""A word to many cases is ordered with its lines in the step's own transaction."""

from __future__ import annotations

import json

from activities.meetings.working import ROWS_SECONDS, SENT, Working, rows_changed
from activities.statements import statements
from workflows.meeting.messages import TellingOrder
from workflows.writer.messages import Actor

SQL = statements("tellings")
MEETING = "meeting"


async def order_telling(work: Working, order: TellingOrder) -> int:
    """Write a telling with one line a case; returns how many, and leaves nothing where none."""
    connection, step = work.connection, work.step
    await connection.execute(
        SQL["add_telling"],
        order.id,
        step.realm,
        step.meeting,
        order.batch,
        order.action,
        Actor(person=f"meeting:{step.meeting}", role=MEETING).model_dump_json(),
        step.acted_at,
        step.recorded_at,
    )
    status: str = await connection.execute(
        SQL["add_lines"],
        order.id,
        step.meeting,
        order.select,
        json.dumps(order.payload, ensure_ascii=False),
        step.seq,
        order.batch,
        order.application,
        order.entrusting,
        any(item.number == order.batch and item.phase in SENT for item in work.batches),
        timeout=ROWS_SECONDS,
    )
    lines = rows_changed(status)
    if not lines:
        await connection.execute(SQL["drop_telling"], order.id)
    return lines
