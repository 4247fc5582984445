"""One act, one strike or one answer decided against the meeting as it is now: pure."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from workflows.application.decision import read_payload, stated_of
from workflows.meeting.catalogue import MEETING_CATALOGUE, MeetingAction
from workflows.meeting.clocks import MeetingDue, set_clocks, strike
from workflows.meeting.meeting import Batch, BatchPhase, Meeting, Phase, Track, UnderWay
from workflows.meeting.messages import (
    MeetingStep,
    MeetingStepRecorded,
    RecordMeetingStep,
    SettleTelling,
)
from workflows.meeting.move import MeetingMove, relations_to
from workflows.meeting.projection import project, take_in
from workflows.rules.names import Relation, RuleName
from workflows.rules.refusals import Code, Refusal, refuse
from workflows.writer.messages import Act
from workflows.writer.stating import stamped

FREES = frozenset({"open_review"})
"""Words after which those who said no leave the meeting again."""


def decide(meeting: Meeting, name: str, act: Act, now: datetime, *, seed: str = "") -> MeetingMove:
    """Apply one act to a copy of the meeting; what concerns rows is left to the step's transaction.

    Raises:
        Refused: with the code that answers the person; the meeting stays as it was.
    """
    action = MEETING_CATALOGUE.get(name)
    if action is None or (name == "plan" and meeting.number):
        code = Code.UNKNOWN_ACTION if action is None else Code.ALREADY_DECIDED
        raise refuse(code, "", action=name)
    stated = read_payload(action.payload, act.payload)
    move = MeetingMove(
        meeting=meeting.model_copy(deep=True),
        action=name,
        at=stamped(meeting.policy, meeting.calendar, act.acted_at, now),
        now=now,
        actor=act.actor,
        request_id=act.request_id,
        payload=act.payload,
        phase_before=meeting.phase if meeting.number else None,
        seed=seed,
    )
    move.relation = _entitled(move, action)
    if meeting.phase not in action.phases:
        raise refuse(Code.WRONG_STAGE, "", phase=meeting.phase.value, action=name)
    action.rule(move, stated)
    return move


def let_strike(meeting: Meeting, due: MeetingDue, now: datetime) -> MeetingMove:
    """Let a clock strike on a copy; recorded as of the clock's own instant."""
    move = MeetingMove(
        meeting=meeting.model_copy(deep=True),
        action=due.key,
        at=due.at,
        now=now,
        source="reminder" if due.what == "reminder" else "clock",
        phase_before=meeting.phase,
    )
    strike(move, due)
    return move


def take_answers(meeting: Meeting, now: datetime) -> MeetingMove:
    """The cases have answered a word: their answers go to their rows; who said no to the review
    is given back."""
    telling = meeting.telling
    if telling is None:
        raise refuse(Code.NOT_FOUND, "", what="telling", known="无")
    move = MeetingMove(
        meeting=meeting.model_copy(deep=True),
        action=telling.action,
        at=now,
        now=now,
        source="told",
        batch=telling.batch,
        phase_before=meeting.phase,
    )
    move.meeting.telling = None
    move.change = SettleTelling(telling=telling.id, action=telling.action, batch=telling.batch)
    cancelled = telling.action == "record_result" and meeting.phase is Phase.CANCELLED
    if telling.action in FREES or cancelled:
        move.say("leave_meeting", "to_free", payload={"reason": ""})
    return move


def follow_up(meeting: Meeting, now: datetime) -> MeetingMove | None:
    """What follows by itself once every answer is in: clocks that nobody or somebody new needs,
    and the end of it all. None where all is as it should be."""
    move = MeetingMove(
        meeting=meeting.model_copy(deep=True),
        action="clocks",
        at=now,
        now=now,
        source="told",
        phase_before=meeting.phase,
    )
    set_clocks(move)
    after = move.meeting
    if _is_done(after):
        move.action = "close"
        after.phase, after.deadlines = Phase.CLOSED, []
    same = after.phase is meeting.phase and after.deadlines == meeting.deadlines
    return None if same else move


def _is_done(meeting: Meeting) -> bool:
    """Every result has taken effect, and was reported: the meeting owes nobody anything."""
    return (
        meeting.phase is Phase.SIGNED
        and not meeting.left
        and not any(item.rule is RuleName.RESULT_REPORT for item in meeting.deadlines)
        and all(_has_taken_effect(batch) for batch in meeting.batches)
    )


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
            actor=move.actor,
            relation=move.relation,
            acted_at=move.at,
            recorded_at=move.now,
            phase_before=move.phase_before,
            phase_after=meeting.phase,
            batch=move.batch,
            clause=move.clause,
            reason=move.reason,
            payload=stated_of(move.payload),
            policy_version=meeting.policy.version,
            calendar_version=meeting.calendar.version,
        ),
        projection=project(meeting),
        state=meeting.model_dump_json(exclude={"requests", "policy", "calendar"}),
        letters=tuple(move.letters),
        change=move.change,
        telling=move.telling,
        opens=opens,
    )


def adopt(move: MeetingMove, answer: MeetingStepRecorded) -> Meeting:
    """The meeting after a step, with what its transaction found out."""
    meeting = move.meeting
    take_in(meeting, answer)
    if move.telling is not None and answer.lines:
        meeting.telling = UnderWay(
            id=move.telling.id,
            action=move.telling.action,
            batch=move.telling.batch,
            lines=answer.lines,
        )
    return meeting


def refusal_step(
    meeting: Meeting,
    name: str,
    act: Act | None,
    refusals: tuple[Refusal, ...],
    now: datetime,
    source: Literal["refusal"] = "refusal",
) -> RecordMeetingStep:
    """A refused signal as a step of its own: it changes nothing but the record (design.md 8)."""
    first = refusals[0]
    copy = meeting.model_copy(deep=True)
    move = MeetingMove(
        meeting=copy,
        action=name[:100],
        at=act.acted_at if act and act.acted_at else now,
        now=now,
        request_id=act.request_id if act else "",
        actor=act.actor if act else None,
        clause=first.clause,
        phase_before=meeting.phase,
    )
    command = commit(move, meeting.seq + 1)
    step = command.step.model_copy(update={"source": source, "refusals": refusals})
    return command.model_copy(update={"step": step})


def _has_taken_effect(batch: Batch) -> bool:
    sent = batch.phase is BatchPhase.CONFIRMED or not batch.waits_for(Track.CONFIRM)
    return sent and not any(batch.tracks.values())


def _entitled(move: MeetingMove, action: MeetingAction) -> Relation:
    held = relations_to(move.meeting, move.actor)
    for relation in action.by:
        if relation in held:
            return relation
    needed = "、".join(relation.value for relation in action.by)
    raise refuse(Code.NOT_ENTITLED, "design 12", needed=needed, action=action.name)
