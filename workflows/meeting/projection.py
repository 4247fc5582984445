"""What the record shows of a meeting: dates and open work, a pure function of its state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from workflows.meeting.catalogue import MEETING_CATALOGUE
from workflows.meeting.clocks import batch_of, clocks_of
from workflows.meeting.decision import may, may_anybody
from workflows.meeting.meeting import Batch, BatchPhase, KeptMeeting, Meeting, Phase, Track
from workflows.meeting.messages import (
    BatchCounts,
    BatchView,
    MeetingActionView,
    MeetingProjection,
    MeetingSnapshot,
    MeetingStepRecorded,
)
from workflows.rules.clocks import key_of
from workflows.rules.deadlines import Deadline
from workflows.rules.names import RuleName
from workflows.rules.refusals import Refused
from workflows.writer.messages import Actor, TaskItem


def first_due(clocks: Iterable[Deadline]) -> Deadline | None:
    """The clock that ends first."""
    return min(clocks, key=lambda item: item.ends_at, default=None)


def shown_clocks(meeting: Meeting) -> tuple[Deadline, ...]:
    """Its clocks; none where they cannot be computed, so that it can still be shown."""
    try:
        return clocks_of(meeting)
    except Refused:
        return ()


def project(meeting: Meeting) -> MeetingProjection:
    """The projection of a meeting, replacing what stood in the record before."""
    clocks = shown_clocks(meeting)
    due = first_due(clocks)
    return MeetingProjection(
        number=meeting.number,
        campaign=meeting.policy.campaign,
        committee=meeting.committee.id,
        office=meeting.office,
        city_office=meeting.committee.city_office,
        phase=meeting.phase,
        days=meeting.days,
        due_on=due.ends_on if due else None,
        due_rule=due.rule.value if due else "",
        deadlines=clocks,
        tasks=tuple(tasks(meeting, clocks)),
    )


def take_in(meeting: KeptMeeting, answer: MeetingStepRecorded) -> None:
    """What the step's transaction found out becomes part of the meeting: its seats, what is left.

    The workflow and the record do the same, so that the record shows it from this very step on.
    """
    if answer.drawn and meeting.draws:
        meeting.draws[-1].made = answer.drawn
    if answer.seats:
        meeting.seats = list(answer.seats)
    meeting.left, meeting.released = answer.left, list(answer.released)
    for batch in meeting.batches:
        counts = answer.batches.get(batch.number, BatchCounts())
        batch.rows, batch.unposted = counts.rows, counts.unposted
        batch.tracks = dict(counts.tracks)
        batch.counted = True


def tasks(meeting: KeptMeeting, clocks: Iterable[Deadline]) -> list[TaskItem]:
    """The work that is open: one task a batch and step, however many cases it holds."""
    running = {clock.key: clock for clock in clocks}
    found = []
    office = meeting.office
    if meeting.phase in (Phase.PLANNED, Phase.EXPERTS_DRAWN):
        found += _before_opening(meeting)
    if meeting.phase is Phase.OPENED:
        found.append(_task("sign_results", office, meeting.days[-1]))
    if meeting.phase is not Phase.SIGNED:
        return found
    for batch in meeting.batches:
        found += _batch_tasks(meeting, batch, running)
    if meeting.released:
        clock = running.get(key_of(RuleName.CONFIRMATION, str(len(meeting.batches) + 1)))
        found.append(_task("open_supplement", office, clock.ends_on if clock else None))
    return found


def snapshot(
    meeting: Meeting,
    as_of: datetime,
    *,
    actor: Actor | None = None,
    parked: str = "",
    actions: bool = True,
) -> MeetingSnapshot:
    """A meeting as of an instant, with what can be done next and what cannot, and why."""
    clocks = shown_clocks(meeting)
    return MeetingSnapshot(
        projection=project(meeting),
        deadline=first_due(clocks),
        batches=tuple(
            BatchView(
                number=batch.number,
                supplementary=batch.supplementary,
                phase=batch.phase,
                deadlines=tuple(item for item in clocks if batch_of(item) == batch.number),
            )
            for batch in meeting.batches
        ),
        actions=tuple(
            _view(meeting, name, as_of, actor)
            for name in MEETING_CATALOGUE
            if actions and name not in ("plan", "note_case")
        ),
        telling=meeting.telling.id if meeting.telling else "",
        needs_operator=parked,
        seq=meeting.seq,
        shift_seconds=meeting.shift_seconds,
    )


def _view(meeting: Meeting, name: str, as_of: datetime, actor: Actor | None) -> MeetingActionView:
    refusal = (
        may(meeting, name, actor, as_of) if actor is not None else may_anybody(meeting, name, as_of)
    )
    return MeetingActionView(action=name, allowed=refusal is None, refusal=refusal)


def _before_opening(meeting: KeptMeeting) -> list[TaskItem]:
    """The draw is both offices' work, the opening the committee's."""
    first = meeting.days[0] if meeting.days else None
    city = meeting.committee.city_office
    if meeting.open_draw is not None:
        return [_task("reveal_draw", city, first)]
    if meeting.phase is Phase.EXPERTS_DRAWN:
        return [_task("open_meeting", meeting.office, first)]
    found = [_task("draw_experts", meeting.office, first)]
    return found if meeting.commitment else [*found, _task("commit_draw", city, first)]


def _batch_tasks(
    meeting: KeptMeeting, batch: Batch, running: Mapping[str, Deadline]
) -> list[TaskItem]:
    number = batch.number
    waiting: list[tuple[str, RuleName]] = []
    if batch.reported_on is None and key_of(RuleName.RESULT_REPORT, str(number)) in running:
        waiting.append(("report_batch", RuleName.RESULT_REPORT))
    if batch.unposted:
        waiting.append(("publish_batch", RuleName.RESULT_REPORT))
    elif batch.phase is not BatchPhase.COLLECTED and (
        batch.publicity is None or batch.publicity.over
    ):
        waiting += _after_publicity(batch)
    if batch.phase is BatchPhase.SENT:
        waiting.append(("confirm_batch", RuleName.CITY_CONFIRMATION))
    found = []
    for kind, rule in waiting:
        clock = running.get(key_of(rule, str(number)))
        city = kind == "confirm_batch"
        body = meeting.committee.city_office if city else meeting.office
        found.append(_task(kind, body, clock.ends_on if clock else None, number))
    return found


def _after_publicity(batch: Batch) -> list[tuple[str, RuleName]]:
    found = []
    if batch.phase is BatchPhase.POSTED and batch.waits_for(Track.CONFIRM):
        found.append(("draft_batch", RuleName.CONFIRMATION))
    if batch.waits_for(Track.REPLY):
        found.append(("reply_batch", RuleName.CONFIRMATION_REPLY))
    if batch.waits_for(Track.FILE):
        found.append(("file_batch", RuleName.CONFIRMATION_REPLY))
    return found


def _task(kind: str, organisation: str, due_on: date | None, batch: int | None = None) -> TaskItem:
    return TaskItem(
        key=f"{kind}:{batch}" if batch else kind,
        kind=kind,
        organisation=organisation,
        due_on=due_on,
        params={"batch": str(batch)} if batch else {},
    )
