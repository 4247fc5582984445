"""One act, one strike or one answer decided against the meeting as it is now: pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from workflows.application.decision import read_payload
from workflows.meeting import words
from workflows.meeting.act import MeetingAction
from workflows.meeting.catalogue import MEETING_CATALOGUE
from workflows.meeting.clocks import batch_of, clocks_of, note_who_waits, shown
from workflows.meeting.meeting import Batch, BatchPhase, Meeting, Owed, Phase, Track
from workflows.meeting.messages import MeetingBasis, SettleTelling
from workflows.meeting.move import MeetingMove, relations_to, stands_for
from workflows.meeting.strikes import MeetingDue, strike
from workflows.rules.clocks import promise
from workflows.rules.names import RuleName
from workflows.rules.refusals import Code, Refusal, Refused, refuse
from workflows.writer.messages import Act, Actor
from workflows.writer.payloads import Reason
from workflows.writer.requests import fingerprint
from workflows.writer.stating import in_calendars, stamped

FREES = frozenset({"open_review"})
"""Words after which those who said no leave the meeting again."""


def may(meeting: Meeting, name: str, actor: Actor, at: datetime) -> Refusal | None:
    """Whether this person may do this act at this instant, whatever is stated; if not, why."""
    action = MEETING_CATALOGUE.get(name)
    if action is None:
        return Refusal(code=Code.UNKNOWN_ACTION, params={"action": name})
    move = MeetingMove(meeting=meeting, action=name, at=at, now=at, actor=actor.for_act(name))
    try:
        _gate(move, action)
    except Refused as error:
        return error.first
    return None


def may_anybody(meeting: Meeting, name: str, at: datetime) -> Refusal | None:
    """Whether anybody who may do this act at all may do it now; for a page without a person."""
    action = MEETING_CATALOGUE[name]
    refusals = [may(meeting, name, stands_for(meeting, by), at) for by in action.by]
    return None if None in refusals else refusals[0]


def decide(
    meeting: Meeting,
    name: str,
    act: Act,
    now: datetime,
    *,
    published: MeetingBasis | None = None,
) -> MeetingMove:
    """Apply one act to a copy of the meeting; what concerns rows is left to the step's transaction.

    Args:
        published: the rules and calendar that an `amend` brings.

    Raises:
        Refused: with the code that answers the person; the meeting stays as it was.
    """
    action = MEETING_CATALOGUE.get(name)
    if action is None or (name == "plan" and meeting.number):
        code = Code.UNKNOWN_ACTION if action is None else Code.ALREADY_DECIDED
        raise refuse(code, "", action=name)
    move = MeetingMove(
        meeting=meeting.copied(),
        action=name,
        at=stamped(meeting.policy, meeting.calendar, act.acted_at, now),
        now=now,
        # What takes a supervisor is known in the record alone: what is lent is done under cover.
        actor=act.actor.for_act(name),
        request_id=act.request_id,
        mark=fingerprint(name, act),
        payload=act.payload,
        phase_before=meeting.phase if meeting.number else None,
        published=published,
    )
    _gate(move, action)
    stated = read_payload(action.payload, act.payload)
    in_calendars(stated, move.calendar, now)
    action.rule.check(move, stated)
    action.rule.do(move, stated)
    settle(move)
    return move


def let_strike(meeting: Meeting, due: MeetingDue, now: datetime) -> MeetingMove:
    """Let a clock strike on a copy; recorded as of the clock's own instant."""
    move = MeetingMove(
        meeting=meeting.copied(),
        action=due.key,
        at=due.at,
        now=now,
        source="reminder" if due.what == "reminder" else "clock",
        phase_before=meeting.phase,
    )
    strike(move, due)
    settle(move)
    return move


def take_answers(meeting: Meeting, now: datetime) -> MeetingMove:
    """The cases have answered a word: their answers go to their rows; who said no to the review
    is given back."""
    telling = meeting.telling
    if telling is None:
        raise refuse(Code.NOT_FOUND, "", what="telling", known="无")
    move = MeetingMove(
        meeting=meeting.copied(),
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
        move.say(words.LEAVE, "to_free", Reason(reason=""))
    settle(move)
    return move


def follow_up(meeting: Meeting, now: datetime) -> MeetingMove | None:
    """What follows by itself once every answer is in: who waits since when, and the end of it all.

    None where all is as the record has it.
    """
    move = MeetingMove(
        meeting=meeting.copied(),
        action="clocks",
        at=now,
        now=now,
        source="told",
        phase_before=meeting.phase,
    )
    after = move.meeting
    if after.phase is Phase.SIGNED:
        note_who_waits(after, now)
    if _is_done(after):
        move.action = "close"
        after.phase = Phase.CLOSED
    settle(move)
    same = after.phase is meeting.phase and after.shown == meeting.shown
    return None if same and _owed(after) == _owed(meeting) else move


def settle(move: MeetingMove) -> None:
    """After a move: what its clocks are told as from now on."""
    meeting = move.meeting
    clocks = clocks_of(meeting)
    for clock in clocks:
        batch = meeting.batch(batch_of(clock))
        if clock.rule is RuleName.RESULT_PUBLICITY and batch is not None and batch.publicity:
            batch.publicity.ends_on = clock.ends_on
    promise(meeting, clocks, move.now)
    meeting.shown = shown(meeting)


def _gate(move: MeetingMove, action: MeetingAction[Any]) -> None:
    """Everything that can stand against an act before it is read: person, phase, rule."""
    held = relations_to(move.meeting, move.actor, move.action)
    found = next((relation for relation in action.by if relation in held), None)
    if found is None:
        needed = "、".join(relation.value for relation in action.by)
        clause = move.clause_of("not_entitled")
        raise refuse(Code.NOT_ENTITLED, clause, needed=needed, action=action.name)
    move.relation = found
    phase = move.meeting.phase
    if phase not in action.phases:
        raise refuse(Code.WRONG_STAGE, "", phase=phase.value, action=action.name)
    action.rule.may(move)


def _is_done(meeting: Meeting) -> bool:
    """Every result has taken effect, and was reported: the meeting owes nobody anything."""
    return (
        meeting.phase is Phase.SIGNED
        and not meeting.left
        and not any(item.rule is RuleName.RESULT_REPORT for item in clocks_of(meeting))
        and all(_has_taken_effect(batch) for batch in meeting.batches)
    )


def _owed(meeting: Meeting) -> list[dict[str, Owed]]:
    """Since when each batch's results wait, also where no clock shows it."""
    return [batch.owed for batch in meeting.batches]


def _has_taken_effect(batch: Batch) -> bool:
    sent = batch.phase is BatchPhase.CONFIRMED or not batch.waits_for(Track.CONFIRM)
    return sent and not any(batch.tracks.values())
