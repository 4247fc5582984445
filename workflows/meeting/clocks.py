"""The clocks of a meeting's batches, one row each, derived from the facts the meeting keeps.

The authority's own duties remind and escalate and never move anything by themselves (decision 0005);
only a publicity's floor says that the next act may follow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from workflows.meeting.meeting import Batch, BatchPhase, Meeting, Owed, Phase, Track, Waiting
from workflows.rules.clocks import Start, identity_of, key_of, running
from workflows.rules.deadlines import Deadline
from workflows.rules.message import local_date, start_of
from workflows.rules.names import RuleName


@dataclass(frozen=True)
class BatchClock:
    """One clock of a batch: what in its facts starts it, and for which track it runs."""

    rule: RuleName
    starts: Callable[[Batch], Start | None]
    track: Track | None = None
    """Whose results must be sent on: it also runs for a batch that is still to be collected."""


def clocks_of(meeting: Meeting) -> tuple[Deadline, ...]:
    """Every clock that runs, with its end as the facts have it now.

    Raises:
        Refused: `calendar_missing` naming the year that an end falls into.
    """
    if meeting.phase is not Phase.SIGNED:
        return ()
    return tuple(
        running(meeting, row.rule, start, meeting.policy, meeting.calendar)
        for row, start in _starts(meeting)
    )


def clock_of(meeting: Meeting, rule: RuleName, batch: int) -> Deadline | None:
    """One batch's clock; None where it does not run."""
    key = key_of(rule, str(batch))
    return next((item for item in clocks_of(meeting) if item.key == key), None)


def shown(meeting: Meeting) -> list[str]:
    """What its clocks are, as the record is told of a change."""
    return [f"{identity_of(item)}|{item.ends_on}" for item in clocks_of(meeting)]


def batch_of(deadline: Deadline) -> int:
    """The batch a clock belongs to; its key ends with the number."""
    return int(deadline.key.rpartition(":")[2])


def note_who_waits(meeting: Meeting, now: datetime) -> None:
    """Since when results of each batch and track wait to be sent on; changes facts only.

    The 15 working days run from the publicity's last day (`batches.floor_over`). Where everybody
    had been held and somebody is let go, they run from then on (A9).
    """
    for batch in meeting.batches:
        over = batch.publicity is not None and batch.publicity.over
        for track in EFFECT_RULES:
            if not batch.waits_for(track):
                if _may_be_owed(batch, track):
                    batch.owed.pop(track, None)
            elif over and track not in batch.owed and _may_be_owed(batch, track):
                batch.owed[track] = Owed(on=local_date(now), at=now)


def _may_be_owed(batch: Batch, track: Track) -> bool:
    if track is Track.CONFIRM:
        return batch.phase is BatchPhase.POSTED
    return batch.replied_on is None


def waiting_since(meeting: Meeting, track: Track) -> Owed | None:
    """Day 0 of those of a track whom inquiries let go and no batch has taken up (A9)."""
    days = [
        _since(meeting, item) for item in meeting.released if item.track is track and item.posted
    ]
    first = min(days, default=None)
    return Owed(on=first, at=start_of(first)) if first else None


def _since(meeting: Meeting, waiting: Waiting) -> date:
    batch = meeting.batch(waiting.batch)
    posted = batch.publicity if batch else None
    return max(waiting.since, posted.ends_on) if posted else waiting.since


def _starts(meeting: Meeting) -> Iterator[tuple[BatchClock, Start]]:
    for batch in meeting.batches:
        for row in ROWS:
            start = row.starts(batch)
            if start is not None:
                yield row, start
    following = str(len(meeting.batches) + 1)
    for row in ROWS:
        owed = waiting_since(meeting, row.track) if row.track else None
        if owed is not None:
            yield row, Start(at=owed.at, on=owed.on, by="conclude_inquiry", detail=following)


def _reported(batch: Batch) -> Start | None:
    """Met by report and posting; a batch without results has nothing to report (A8)."""
    done = batch.reported_on is not None and batch.posted_on is not None
    if done or not batch.reports or (batch.counted and not batch.rows):
        return None
    return Start(at=batch.opened_at, on=batch.began_on, by="sign", detail=str(batch.number))


def _posted(batch: Batch) -> Start | None:
    posted = batch.publicity
    if posted is None or posted.over:
        return None
    return Start(
        at=posted.posted_at, on=posted.posted_on, by="publish_batch", detail=str(batch.number)
    )


def _to_be_drafted(batch: Batch) -> Start | None:
    """Met by sending; a draft that 市职改办 gave back does not start it again (A46), but where all of
    it were held since then, the release of the first does (T3)."""
    owed = _owed(batch, Track.CONFIRM) if batch.phase is BatchPhase.POSTED else None
    waits = owed is not None and (batch.sent_at is None or owed.at > batch.sent_at)
    return owed if waits else None


def _to_be_replied(batch: Batch) -> Start | None:
    return _owed(batch, Track.REPLY)


def _owed(batch: Batch, track: Track) -> Start | None:
    owed = batch.owed.get(track)
    if owed is None or batch.publicity is None or not batch.publicity.over:
        return None
    return Start(at=owed.at, on=owed.on, by="publicity", detail=str(batch.number))


def _sent(batch: Batch) -> Start | None:
    if batch.phase is not BatchPhase.SENT or batch.sent_at is None or batch.sent_on is None:
        return None
    return Start(at=batch.sent_at, on=batch.sent_on, by="draft_batch", detail=str(batch.number))


R = RuleName

ROWS = (
    BatchClock(R.RESULT_REPORT, _reported),
    BatchClock(R.RESULT_PUBLICITY, _posted),
    BatchClock(R.CONFIRMATION, _to_be_drafted, Track.CONFIRM),
    BatchClock(R.CONFIRMATION_REPLY, _to_be_replied, Track.REPLY),
    BatchClock(R.CITY_CONFIRMATION, _sent),
)
"""Every clock of a batch; 备案 has none in the notices."""

EFFECT_RULES = {row.track: row.rule for row in ROWS if row.track is not None}
"""The clock by which results of a track must be sent on."""
