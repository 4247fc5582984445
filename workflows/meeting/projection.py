"""What the record shows of a meeting: dates and open work, a pure function of its state."""

from __future__ import annotations

from datetime import date

from workflows.meeting.catalogue import MEETING_CATALOGUE
from workflows.meeting.meeting import (
    Batch,
    BatchPhase,
    KeptMeeting,
    Meeting,
    Phase,
    Track,
    batch_key,
)
from workflows.meeting.messages import (
    BatchCounts,
    BatchView,
    MeetingActionView,
    MeetingProjection,
    MeetingSnapshot,
    MeetingStepRecorded,
)
from workflows.rules.deadlines import Deadline
from workflows.rules.names import OPERATIONS_BODY, RuleName
from workflows.rules.refusals import Code, Refusal
from workflows.writer.messages import TaskItem

BEFORE_OPENING = {Phase.PLANNED: "draw_experts", Phase.EXPERTS_DRAWN: "open_meeting"}


def first_due(meeting: Meeting) -> Deadline | None:
    """The clock that ends first."""
    return min(meeting.deadlines, key=lambda item: item.ends_at, default=None)


def project(meeting: Meeting) -> MeetingProjection:
    """The projection of a meeting, replacing what stood in the record before."""
    due = first_due(meeting)
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
        deadlines=tuple(meeting.deadlines),
        tasks=tuple(tasks(meeting)),
    )


def take_in(meeting: KeptMeeting, answer: MeetingStepRecorded) -> None:
    """What the step's transaction found out becomes part of the meeting: its seats, what is left.

    The workflow and the record do the same, so that the record shows it from this very step on.
    """
    if answer.seats:
        meeting.seats = list(answer.seats)
    meeting.left, meeting.released = answer.left, list(answer.released)
    for batch in meeting.batches:
        counts = answer.batches.get(batch.number, BatchCounts())
        batch.rows, batch.unposted = counts.rows, counts.unposted
        batch.tracks = dict(counts.tracks)


def tasks(meeting: KeptMeeting) -> list[TaskItem]:
    """The work that is open: one task a batch and step, however many cases it holds."""
    found = []
    office = meeting.office
    if meeting.needs_operator:
        found.append(TaskItem(key="operator", kind="operator", organisation=OPERATIONS_BODY))
    if meeting.phase in BEFORE_OPENING:
        kind = BEFORE_OPENING[meeting.phase]
        found.append(_task(kind, office, meeting.days[0] if meeting.days else None))
    if meeting.phase is Phase.OPENED:
        found.append(_task("sign_results", office, meeting.days[-1]))
    if meeting.phase is not Phase.SIGNED:
        return found
    for batch in meeting.batches:
        found += _batch_tasks(meeting, batch)
    if meeting.released:
        clock = meeting.deadline(batch_key(RuleName.CONFIRMATION, len(meeting.batches) + 1))
        found.append(_task("open_supplement", office, clock.ends_on if clock else None))
    return found


def snapshot(meeting: Meeting) -> MeetingSnapshot:
    """A meeting's live state, with what can be done next."""
    return MeetingSnapshot(
        projection=project(meeting),
        deadline=first_due(meeting),
        batches=tuple(
            BatchView(
                number=batch.number,
                supplementary=batch.supplementary,
                phase=batch.phase,
                deadlines=tuple(
                    item
                    for item in meeting.deadlines
                    if item.key.rpartition(":")[2] == str(batch.number)
                ),
            )
            for batch in meeting.batches
        ),
        actions=tuple(
            MeetingActionView(
                action=action.name,
                allowed=meeting.phase in action.phases,
                refusal=None
                if meeting.phase in action.phases
                else Refusal(code=Code.WRONG_STAGE, params={"phase": meeting.phase.value}),
            )
            for action in MEETING_CATALOGUE.values()
            if action.name not in ("plan", "note_case")
        ),
        telling=meeting.telling.id if meeting.telling else "",
        needs_operator=meeting.needs_operator,
        seq=meeting.seq,
        shift_seconds=meeting.shift_seconds,
    )


def _batch_tasks(meeting: KeptMeeting, batch: Batch) -> list[TaskItem]:
    number = batch.number
    waiting: list[tuple[str, RuleName]] = []
    if batch.reported_on is None and meeting.deadline(batch_key(RuleName.RESULT_REPORT, number)):
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
        clock = meeting.deadline(batch_key(rule, number))
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
