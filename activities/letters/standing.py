"""Whether what letters ask for is still to be done: what was done meanwhile is asked of nobody."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from activities.database import Pool
from activities.letters.facts import SQL, OrderedLetter
from workflows.letter.kinds import Reminder, Task
from workflows.letter.letter import Letter
from workflows.rules.names import LetterKind, Stage

DONE = "所提醒的事项已经办完或者日期已经变更"

_WORK = {
    "attestation": "check",
    "exclusion": "check",
    "confirm": Stage.AWAITING_CONFIRMATION.value,
    "draft_sent_back": "may_send_for_confirmation draft_batch",
    "report_results": "report_batch",
}
"""Work that a letter names otherwise than the task that holds it; several apart by a space."""


class Said(NamedTuple):
    """A letter, what it says, and as of when it is to be told."""

    letter: OrderedLetter
    says: Letter
    as_of: datetime


async def no_more_asked(pool: Pool, told: Iterable[Said]) -> frozenset[str]:
    """The ids of those letters that ask for what was done meanwhile, or by a day that has changed."""
    listed = list(told)
    found = {item.letter.id for item in listed if _urges_another(item.letter)}
    works = [_work(item) for item in listed if isinstance(item.says, Task)]
    if works:
        rows = await pool.fetch(SQL["done_meanwhile"], *map(list, zip(*works, strict=True)))
        found |= {row["id"] for row in rows}
    reminders = [
        _reminder(item, item.says)
        for item in listed
        if isinstance(item.says, Reminder) and item.letter.subject
    ]
    if reminders:
        rows = await pool.fetch(SQL["deadline_gone"], *map(list, zip(*reminders, strict=True)))
        found |= {row["id"] for row in rows}
    return frozenset(found)


def _urges_another(letter: OrderedLetter) -> bool:
    row = letter.row
    urged = letter.kind is LetterKind.URGED
    return urged and bool(row["closed"] or row["holder"] != letter.organisation)


def _work(item: Said) -> tuple[str, str, str, str, str, datetime, datetime, str]:
    letter, says = item.letter, item.says
    work = says.task if isinstance(says, Task) else ""
    check = says.check if isinstance(says, Task) else ""
    return (
        letter.id,
        letter.subject,
        letter.realm,
        letter.organisation,
        _WORK.get(work, work),
        letter.ordered_at,
        item.as_of,
        json.dumps({"check": check} if check else {}),
    )


def _reminder(item: Said, says: Reminder) -> tuple[str, str, str, str, date, datetime]:
    letter = item.letter
    return (
        letter.id,
        letter.subject,
        says.deadline_key,
        says.rule.value,
        says.deadline_on,
        item.as_of,
    )
