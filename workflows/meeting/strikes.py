"""What strikes next for a meeting, and what striking does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from workflows.letter.kinds import Reminder
from workflows.letter.letter import dated
from workflows.meeting.acts.batches import floor_over
from workflows.meeting.acts.drawing import expire_redraw
from workflows.meeting.clocks import batch_of, clock_of, clocks_of
from workflows.meeting.meeting import Meeting
from workflows.meeting.move import MeetingMove
from workflows.rules.clocks import identity_of, reminded
from workflows.rules.deadlines import Deadline
from workflows.rules.message import local
from workflows.rules.names import DeadlineKind, Party, RuleName
from workflows.rules.reminders import NextReminder, next_reminders


@dataclass(frozen=True)
class MeetingDue:
    """Something that strikes: a floor's end, a reminder, or a request for another draw that nobody
    carried out in time."""

    at: datetime
    what: Literal["strike", "reminder", "redraw_expired"]
    key: str
    reminder: NextReminder | None = None


def next_due(meeting: Meeting) -> MeetingDue | None:
    """The earliest thing that strikes, if nobody acts.

    Raises:
        Refused: `calendar_missing` where a clock cannot be computed any more.
    """
    dues = [due for clock in clocks_of(meeting) for due in _dues(meeting, clock)]
    if meeting.redraw is not None:
        until = meeting.redraw.until
        dues.append(MeetingDue(at=until, what="redraw_expired", key="redraw_expired"))
    return min(dues, key=lambda due: (due.at, due.what == "reminder")) if dues else None


def strike(move: MeetingMove, due: MeetingDue) -> None:
    """Let one due thing happen to the meeting."""
    if due.what == "redraw_expired":
        expire_redraw(move)
        return
    rule, _, number = due.key.partition(":")
    clock = clock_of(move.meeting, RuleName(rule), int(number))
    if clock is None:
        return
    move.clause = clock.clause
    move.batch = batch_of(clock)
    if due.what == "strike":
        batch = move.meeting.batch(move.batch)
        if batch is not None:
            floor_over(move, batch)
    elif due.reminder is not None:
        _remind(move, clock, due.reminder)


def _dues(meeting: Meeting, clock: Deadline) -> list[MeetingDue]:
    found = []
    if clock.kind is DeadlineKind.FLOOR:
        found.append(MeetingDue(at=clock.ends_at, what="strike", key=clock.key))
    return found + [
        MeetingDue(at=item.at, what="reminder", key=clock.key, reminder=item)
        for item in _reminders(meeting, clock)
    ]


def _reminders(meeting: Meeting, clock: Deadline) -> list[NextReminder]:
    terms = meeting.policy.terms(clock.rule)
    return next_reminders(clock, terms, meeting.calendar, reminded(meeting, clock))


def _remind(move: MeetingMove, clock: Deadline, due: NextReminder) -> None:
    """Tell once; of several missed while the fleet was away only the latest is told."""
    meeting = move.meeting
    struck = meeting.promised[identity_of(clock)].reminded
    latest = due
    while True:
        struck.append(latest.id)
        missed = [item for item in _reminders(meeting, clock) if item.at <= move.now]
        if not missed:
            break
        latest = max(missed, key=lambda item: item.at)
    move.at = local(latest.at)
    told: set[str] = set()
    for name in latest.reminder.to:
        party, organisation = _recipient(meeting, clock, Party(name))
        if not organisation or organisation in told:
            continue
        told.add(organisation)
        reminder = Reminder(
            deadline_key=clock.key,
            batch=batch_of(clock),
            overdue=latest.at >= clock.ends_at,
            **dated(clock),
        )
        move.tell(reminder, party, organisation)


def _recipient(meeting: Meeting, clock: Deadline, party: Party) -> tuple[Party, str]:
    """Who is meant: the holder of a batch is the office, of a draft that was sent 市职改办."""
    city_office = meeting.committee.city_office
    match party:
        case Party.HOLDER if clock.rule is RuleName.CITY_CONFIRMATION:
            return Party.CITY_OFFICE, city_office
        case Party.HOLDER | Party.OFFICE:
            return Party.OFFICE, meeting.office
        case Party.SUPERIOR | Party.OFFICE_SUPERIOR | Party.CITY_OFFICE:
            return Party.CITY_OFFICE, city_office
        case _:
            return party, ""
