"""Deadlines as the record keeps them: the open ones as they are, the closed ones with their end."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Literal

from asyncpg import Record

from activities.database import Connection
from activities.statements import statements
from activities.trail import Entry
from workflows.rules.deadlines import Deadline

SQL = statements("trail")
Ended = Literal["met", "struck", "superseded", "case_ended"]


async def replace_deadlines(
    connection: Connection,
    entry: Entry,
    deadlines: Iterable[Deadline],
    *,
    ended: bool,
    held_by: Callable[[Deadline], str],
    gone: Collection[str] | None = None,
) -> None:
    """Bring the rows of a case or meeting in line with its running clocks.

    A deadline whose days changed (extended, restarted, recomputed) closes as superseded and opens
    anew, so that every date a person was ever told can be shown.

    Args:
        ended: the case or meeting is at its end: what still ran ends with it.
        held_by: whom a new clock runs against.
        gone: the keys of those that run no more; where it is not said, all not among `deadlines`.
    """
    wanted = {deadline.key: deadline for deadline in deadlines}
    kept: set[str] = set()
    for row in await connection.fetch(SQL["open_deadlines"], entry.subject):
        deadline = wanted.get(row["key"])
        if deadline is None and gone is not None and row["key"] not in gone:
            continue
        if deadline is not None and _same_days(row, deadline):
            kept.add(row["key"])
            await _renew(connection, row, deadline, entry)
        else:
            how = _how_it_ended(row, deadline, entry, ended=ended)
            await connection.execute(
                SQL["close_deadline"], row["id"], entry.recorded_at, entry.seq, how, entry.acted_at
            )
    for key in sorted(wanted.keys() - kept):
        await _add(connection, entry, wanted[key], held_by(wanted[key]))


def _same_days(row: Record, deadline: Deadline) -> bool:
    same: bool = row["starts_on"] == deadline.starts_on and row["ends_on"] == deadline.ends_on
    before = Deadline.model_validate_json(row["content"])
    # Started again on the same day is another deadline, though its days are the same.
    return same and before.opened_at == deadline.opened_at


def _how_it_ended(row: Record, replacement: Deadline | None, entry: Entry, *, ended: bool) -> Ended:
    if entry.source == "clock" and entry.name == row["key"]:
        return "struck"
    if row["struck_at"] is not None:
        return "struck"
    if replacement is not None:
        return "superseded"
    return "case_ended" if ended else "met"


async def _renew(connection: Connection, row: Record, deadline: Deadline, entry: Entry) -> None:
    content = deadline.model_dump_json()
    struck = deadline.struck or (entry.source == "clock" and entry.name == deadline.key)
    await connection.execute(
        SQL["renew_deadline"], row["id"], content, deadline.ends_at, struck, entry.acted_at
    )


async def _add(connection: Connection, entry: Entry, deadline: Deadline, holder: str) -> None:
    await connection.execute(
        SQL["add_deadline"],
        entry.application,
        entry.meeting,
        entry.realm,
        deadline.key,
        deadline.rule,
        deadline.kind,
        deadline.starts_on,
        deadline.ends_on,
        deadline.ends_at,
        deadline.clause,
        deadline.model_dump_json(),
        holder,
        deadline.opened_at or entry.acted_at,
        entry.seq,
        entry.acted_at if deadline.struck else None,
    )
