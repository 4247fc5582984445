"""Deadlines as the record keeps them: the open ones as they are, the closed ones with their end."""

from __future__ import annotations

from typing import Literal

from asyncpg import Record

from activities.database import Connection
from activities.statements import statements
from workflows.messages import RecordStep, Step
from workflows.rules.deadlines import Deadline

SQL = statements("records")
Ended = Literal["met", "struck", "superseded", "case_ended"]


async def replace_deadlines(connection: Connection, command: RecordStep, held_by: str) -> None:
    """Bring the rows in line with the projection.

    A deadline whose days changed (extended, restarted, recomputed) closes as superseded and opens
    anew, so that every date a person was ever told can be shown. `held_by` is who held the case
    before this step: the one a clock that strikes was running against.
    """
    step = command.step
    wanted = {deadline.key: deadline for deadline in command.projection.deadlines}
    kept: set[str] = set()
    for row in await connection.fetch(SQL["open_deadlines"], step.application):
        deadline = wanted.get(row["key"])
        if deadline is not None and _same_days(row, deadline):
            kept.add(row["key"])
            await _renew(connection, row, deadline, step)
        else:
            ended = _how_it_ended(row, deadline, command)
            await connection.execute(
                SQL["close_deadline"], row["id"], step.recorded_at, step.seq, ended, step.acted_at
            )
    for key in sorted(wanted.keys() - kept):
        await _add(connection, command, wanted[key], held_by)


def _same_days(row: Record, deadline: Deadline) -> bool:
    same: bool = row["starts_on"] == deadline.starts_on and row["ends_on"] == deadline.ends_on
    before = Deadline.model_validate_json(row["content"])
    # Started again on the same day is another deadline, though its days are the same.
    return same and before.opened_at == deadline.opened_at


def _how_it_ended(row: Record, replacement: Deadline | None, command: RecordStep) -> Ended:
    step = command.step
    if step.source == "clock" and step.name == row["key"]:
        return "struck"
    if row["struck_at"] is not None:
        return "struck"
    if replacement is not None:
        return "superseded"
    return "case_ended" if command.projection.end is not None else "met"


async def _renew(connection: Connection, row: Record, deadline: Deadline, step: Step) -> None:
    content = deadline.model_dump_json()
    struck = deadline.struck or (step.source == "clock" and step.name == deadline.key)
    await connection.execute(
        SQL["renew_deadline"], row["id"], content, deadline.ends_at, struck, step.acted_at
    )


async def _add(
    connection: Connection, command: RecordStep, deadline: Deadline, held_by: str
) -> None:
    step = command.step
    await connection.execute(
        SQL["add_deadline"],
        step.application,
        step.realm,
        deadline.key,
        deadline.rule,
        deadline.kind,
        deadline.starts_on,
        deadline.ends_on,
        deadline.ends_at,
        deadline.clause,
        deadline.model_dump_json(),
        command.projection.holder or held_by,
        deadline.opened_at or step.acted_at,
        step.seq,
        step.acted_at if deadline.struck else None,
    )
