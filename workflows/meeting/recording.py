"""A step of a meeting as it goes into the record, and what the record's answer makes of it."""

from __future__ import annotations

from datetime import datetime

from workflows.letter.kinds import Operator
from workflows.meeting.meeting import Meeting, UnderWay
from workflows.meeting.messages import MeetingStep, MeetingStepRecorded, RecordMeetingStep
from workflows.meeting.move import MeetingMove
from workflows.meeting.projection import project, take_in
from workflows.rules.names import Party
from workflows.rules.refusals import FOR_OPERATIONS, Refusal
from workflows.writer.messages import Act


def commit(move: MeetingMove, seq: int, *, opens: bool = False) -> RecordMeetingStep:
    """The step as it goes into the record; sets the meeting's number of steps."""
    meeting = move.meeting
    meeting.seq = seq
    return RecordMeetingStep(
        step=MeetingStep(
            meeting=meeting.meeting,
            realm=meeting.realm,
            seq=seq,
            source=move.source,
            name=move.action,
            request_id=move.request_id,
            mark=move.mark,
            actor=move.actor,
            relation=move.relation,
            acted_at=move.at,
            recorded_at=move.now,
            phase_before=move.phase_before,
            phase_after=meeting.phase,
            batch=move.batch,
            clause=move.clause,
            reason=move.reason,
            payload=move.payload,
            refusals=move.refusals,
            warnings=tuple(move.warnings),
            policy_version=meeting.policy.version,
            policy_digest=meeting.policy.digest,
            calendar_version=meeting.calendar.version,
            calendar_digest=meeting.calendar.digest,
        ),
        projection=project(meeting),
        state=meeting.model_dump_json(exclude={"requests", "policy", "calendar"}),
        letters=tuple(move.letters),
        change=move.change,
        telling=move.telling,
        opens=opens,
    )


def refusal_step(
    meeting: Meeting,
    name: str,
    act: Act | None,
    refusals: tuple[Refusal, ...],
    now: datetime,
) -> RecordMeetingStep:
    """A refusal as a step of its own: it changes nothing but the record (design.md 8).

    One for a year without calendar tells operations, as a case's does.
    """
    first = refusals[0]
    move = MeetingMove(
        meeting=meeting,
        action=name[:100],
        at=act.acted_at if act and act.acted_at else now,
        now=now,
        source="refusal",
        request_id=act.request_id if act else "",
        actor=act.actor.for_act(name) if act else None,
        clause=first.clause,
        refusals=refusals,
        phase_before=meeting.phase,
    )
    if any(item.code in FOR_OPERATIONS for item in refusals):
        move.tell(Operator(code=first.code, values=first.params), Party.OPERATIONS, "")
    return commit(move, meeting.seq + 1)


def adopt(move: MeetingMove, answer: MeetingStepRecorded) -> Meeting:
    """The meeting after a step, with what its transaction found out."""
    meeting = move.meeting
    # First whom it is to be told to: nobody is forgotten where the rest cannot be taken in.
    if move.telling is not None and answer.lines:
        meeting.telling = UnderWay(
            id=move.telling.id,
            action=move.telling.action,
            batch=move.telling.batch,
            lines=answer.lines,
        )
    take_in(meeting, answer)
    return meeting
