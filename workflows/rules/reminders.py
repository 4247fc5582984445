"""Which reminder of a running deadline comes next, given those that have struck."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from workflows.rules.calendar import Calendar
from workflows.rules.deadlines import Deadline, reminder_times
from workflows.rules.message import Message, local_date
from workflows.rules.names import DeadlineKind
from workflows.rules.policy import Reminder, RuleTerms
from workflows.rules.refusals import Refused

REPEATS = 40


class NextReminder(Message):
    """The next occurrence of one reminder: when, which, and the id it strikes under."""

    at: datetime
    reminder: Reminder
    id: str


def next_reminders(
    deadline: Deadline, terms: RuleTerms, calendar: Calendar, struck: Collection[str]
) -> list[NextReminder]:
    """The next occurrence of each reminder that has not struck and lies after the start.

    Beyond the published calendar a reminder cannot be placed; the deadline itself stands.
    """
    if deadline.struck and deadline.kind is not DeadlineKind.DUTY:
        return []
    try:
        return [
            found
            for index, (at, item) in enumerate(reminder_times(deadline, terms, calendar))
            if (found := _occurrence(deadline, calendar, struck, f"{index}", at, item))
        ]
    except Refused:
        return []


def _occurrence(
    deadline: Deadline,
    calendar: Calendar,
    struck: Collection[str],
    name: str,
    at: datetime,
    item: Reminder,
) -> NextReminder | None:
    for turn in range(REPEATS if item.repeat_every else 1):
        reminder_id = f"{name}+{turn}" if turn else name
        moment = at
        if turn and item.repeat_every:
            day = calendar.add_working_days(local_date(at), turn * item.repeat_every)
            moment = at + (day - local_date(at))
        if reminder_id in struck or (
            deadline.opened_at is not None and moment <= deadline.opened_at
        ):
            continue
        return NextReminder(at=moment, reminder=item, id=reminder_id)
    return None
