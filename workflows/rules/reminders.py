"""Which reminder of a running deadline comes next, given those that have struck."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from workflows.rules.calendar import Calendar
from workflows.rules.deadlines import Deadline, reminder_time
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
    """The next occurrence of each reminder that has not struck and lies after its day was told.

    Beyond the published calendar a reminder cannot be placed: that one waits for the year, and
    silences no other.
    """
    if deadline.struck and deadline.kind is not DeadlineKind.DUTY:
        return []
    found = []
    for index, item in enumerate(terms.reminders):
        try:
            following = _occurrence(deadline, calendar, struck, f"{index}", item)
        except Refused:
            continue
        if following is not None:
            found.append(following)
    return found


def _occurrence(
    deadline: Deadline, calendar: Calendar, struck: Collection[str], name: str, item: Reminder
) -> NextReminder | None:
    first = reminder_time(deadline.ends_on, item, calendar)
    since = deadline.told_at or deadline.opened_at
    for turn in range(REPEATS if item.repeat_every else 1):
        reminder_id = f"{name}+{turn}" if turn else name
        if reminder_id in struck:
            continue
        moment = first + _later(calendar, first, turn * (item.repeat_every or 0))
        if since is None or moment > since:
            return NextReminder(at=moment, reminder=item, id=reminder_id)
    return None


def _later(calendar: Calendar, first: datetime, working_days: int) -> timedelta:
    if not working_days:
        return timedelta(0)
    day = local_date(first)
    return calendar.add_working_days(day, working_days) - day
