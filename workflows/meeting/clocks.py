"""The clocks of a meeting's batches: what strikes next, and what striking does.

The authority's own duties remind and escalate and never move anything by themselves (decision 0005);
only a publicity's floor says that the next act may follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from workflows.meeting.acts.batches import floor_over
from workflows.meeting.meeting import Batch, BatchPhase, Meeting, Phase, Track, batch_key
from workflows.meeting.move import MeetingMove
from workflows.rules.deadlines import Deadline, compute
from workflows.rules.message import local
from workflows.rules.names import DeadlineKind, LetterKind, Party, RuleName
from workflows.rules.reminders import NextReminder, next_reminders

EFFECT_RULES = {
    Track.CONFIRM: RuleName.CONFIRMATION,
    Track.REPLY: RuleName.CONFIRMATION_REPLY,
}
"""The clock by which results of a track must be sent on; 备案 has none in the notices."""


@dataclass(frozen=True)
class MeetingDue:
    """Something that strikes: a floor's end, or a reminder."""

    at: datetime
    what: Literal["strike", "reminder"]
    key: str
    reminder: NextReminder | None = None


def next_due(meeting: Meeting) -> MeetingDue | None:
    """The earliest thing that strikes, if nobody acts."""
    dues = [due for deadline in meeting.deadlines for due in _dues(meeting, deadline)]
    return min(dues, key=lambda due: (due.at, due.what == "reminder")) if dues else None


def strike(move: MeetingMove, due: MeetingDue) -> None:
    """Let one due thing happen to the meeting."""
    deadline = move.meeting.deadline(due.key)
    if deadline is None:
        return
    move.clause = deadline.clause
    move.batch = batch_of(deadline)
    if due.what == "strike":
        batch = move.meeting.batch(move.batch)
        if batch is not None:
            floor_over(move, batch)
        return
    if due.reminder is not None:
        _remind(move, deadline, due.reminder)


def set_clocks(move: MeetingMove) -> None:
    """Bring the clocks in line with who waits for what.

    The next supplementary batch's 15 working days run since the first of those inquiries ended,
    but never before the publicity did (A9); 委托评审 has its own. A batch nobody of which waits for
    the draft or the 函复 owes none; one without results has nothing to report.
    """
    meeting = move.meeting
    if meeting.phase is not Phase.SIGNED:
        return
    for batch in meeting.batches:
        _set_for_batch(move, batch)
    following = len(meeting.batches) + 1
    for track, rule in EFFECT_RULES.items():
        key = batch_key(rule, following)
        since = _waiting_since(meeting, track)
        running = meeting.deadline(key)
        if since is None:
            move.close(key)
        elif running is None or running.starts_on != since:
            terms = move.policy.terms(rule)
            move.open(compute(rule, terms, move.calendar, since, key=key))


def _set_for_batch(move: MeetingMove, batch: Batch) -> None:
    if not batch.rows:
        move.close(batch_key(RuleName.RESULT_REPORT, batch.number))
    for track, rule in EFFECT_RULES.items():
        key = batch_key(rule, batch.number)
        running = move.meeting.deadline(key)
        if not batch.waits_for(track):
            move.close(key)
        elif running is None and _is_owed(batch, track):
            # Everybody had been held: who is let go is owed the days from then on (A9).
            move.open(compute(rule, move.policy.terms(rule), move.calendar, move.on, key=key))


def _is_owed(batch: Batch, track: Track) -> bool:
    """Whether a batch's results of a track must still be sent on, and its publicity is over."""
    if batch.publicity is None or not batch.publicity.over:
        return False
    if track is Track.CONFIRM:
        return batch.phase is BatchPhase.POSTED and not batch.sends
    return batch.replied_on is None


def _waiting_since(meeting: Meeting, track: Track) -> date | None:
    """Day 0 of those of a track whom inquiries let go; None where nobody waits."""
    days = []
    for waiting in meeting.released:
        if waiting.track is not track or not waiting.posted:
            continue
        batch = meeting.batch(waiting.batch)
        publicity = batch.publicity if batch else None
        days.append(max(waiting.since, publicity.ends_on) if publicity else waiting.since)
    return min(days, default=None)


def batch_of(deadline: Deadline) -> int:
    """The batch a clock belongs to; its key ends with the number."""
    return int(deadline.key.rpartition(":")[2])


def _dues(meeting: Meeting, deadline: Deadline) -> list[MeetingDue]:
    found = []
    if deadline.kind is DeadlineKind.FLOOR:
        found.append(MeetingDue(at=deadline.ends_at, what="strike", key=deadline.key))
    return found + [
        MeetingDue(at=item.at, what="reminder", key=deadline.key, reminder=item)
        for item in _reminders(meeting, deadline)
    ]


def _reminders(meeting: Meeting, deadline: Deadline) -> list[NextReminder]:
    terms = meeting.policy.terms(deadline.rule)
    struck = meeting.reminded.get(deadline.key, [])
    return next_reminders(deadline, terms, meeting.calendar, struck)


def _remind(move: MeetingMove, deadline: Deadline, due: NextReminder) -> None:
    """Tell once; of several missed while the fleet was away only the latest is told."""
    meeting = move.meeting
    struck = meeting.reminded.setdefault(deadline.key, [])
    latest = due
    while True:
        struck.append(latest.id)
        missed = [item for item in _reminders(meeting, deadline) if item.at <= move.now]
        if not missed:
            break
        latest = max(missed, key=lambda item: item.at)
    move.at = local(latest.at)
    told: set[str] = set()
    for name in latest.reminder.to:
        party, organisation = _recipient(meeting, deadline, Party(name))
        if not organisation or organisation in told:
            continue
        told.add(organisation)
        move.tell(
            LetterKind.REMINDER,
            party,
            organisation,
            deadline_on=deadline.ends_on,
            deadline_at=deadline.ends_at.isoformat(),
            deadline_key=deadline.key,
            rule=deadline.rule.value,
            clause=deadline.clause,
            batch=batch_of(deadline),
            overdue="1" if latest.at >= deadline.ends_at else "",
        )


def _recipient(meeting: Meeting, deadline: Deadline, party: Party) -> tuple[Party, str]:
    """Who is meant: the holder of a batch is the office, of a draft that was sent 市职改办."""
    city_office = meeting.committee.city_office
    match party:
        case Party.HOLDER if deadline.rule is RuleName.CITY_CONFIRMATION:
            return Party.CITY_OFFICE, city_office
        case Party.HOLDER | Party.OFFICE:
            return Party.OFFICE, meeting.office
        case Party.SUPERIOR | Party.OFFICE_SUPERIOR | Party.CITY_OFFICE:
            return Party.CITY_OFFICE, city_office
        case _:
            return party, ""
