"""Taking back: the last act by its actor or the office, and what a clock ended by the office."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from workflows.application.act import Rule
from workflows.application.case import Case, Undo
from workflows.application.clocks import clocks_of
from workflows.application.inquiring import stands_against
from workflows.application.move import Move
from workflows.application.parties import APPLICANT, holder
from workflows.application.payloads import SetAside
from workflows.letter.kinds import DatesChanged
from workflows.rules.clocks import identity_of
from workflows.rules.deadlines import Deadline, is_over
from workflows.rules.names import DeadlineKind, EndName, Party, Relation
from workflows.rules.refusals import Code
from workflows.writer.messages import Actor
from workflows.writer.payloads import Reason
from workflows.writer.stating import need_reason

STAYS = frozenset(
    {
        "application",
        "realm",
        "shift_seconds",
        "person",
        "human",
        "asked",
        "policy",
        "calendar",
        "route",
        "level",
        "facts",
        "places",
        "promised",
        "extensions",
        "requests",
        "undo",
        "seq",
        "version",
        "refusals_today",
    }
)
"""Fields of a case that `set_aside` leaves as they are now; above all what was promised."""

OFFICE = (Relation.OFFICE, Relation.OFFICE_SUPERVISOR)

REINSTATED = frozenset({EndName.ABANDONED, EndName.LAPSED, EndName.PAYMENT_MISSED})
"""What the office may re-open; what the right's end brought, only a 复查 in time (decision 0004)."""


def what_changed(before: Case, after: Case) -> str:
    """The facts that an act changed, as they were before it, as JSON: what taking back restores."""
    changed = {name for name in _facts() if getattr(before, name) != getattr(after, name)}
    return before.model_dump_json(include=changed)


def touched_by(undo: Undo, before: Case, after: Case) -> bool:
    """Whether a later step changed a fact that the act had changed: it is not to be undone alone."""
    restored = json.loads(undo.before)
    return any(getattr(before, name) != getattr(after, name) for name in restored)


def taken_back(case: Case, undo: Undo) -> Case:
    """The case without its last act, and with all that came since and had nothing to do with it."""
    facts = {name: getattr(case, name) for name in type(case).model_fields}
    restored = Case.model_validate(facts | json.loads(undo.before)).copied()
    restored.undo = None
    return restored


def may_set_aside(move: Move) -> None:
    """There is a last act, and it is this person's own of minutes ago, or this is the office; and a
    clock that it met has not ended since, which would end the case in the same minute.

    Raises:
        Refused: `nothing_to_set_aside`.
    """
    case, undo = move.case, move.case.undo
    if undo is None:
        raise move.refusal(Code.NOTHING_TO_SET_ASIDE, "set_aside")
    if not _own_and_fresh(move) and move.relation not in OFFICE:
        minutes = case.policy.limits.set_aside_minutes
        raise move.refusal(Code.NOTHING_TO_SET_ASIDE, "set_aside", minutes=minutes)
    if stands_against(case):
        raise move.refusal(Code.NOTHING_TO_SET_ASIDE, "set_aside", reason="found_true")
    met = _met_since(case, undo, move.at)
    if met is not None:
        raise move.refusal(
            Code.NOTHING_TO_SET_ASIDE, "set_aside", reason="would_end", ends_on=met.ends_on
        )


def _second_person_named(move: Move, stated: SetAside) -> None:
    """Of what another did: who shall confirm it is named. Any other human of the office may. It is
    the step that was meant, and no later one that has taken its place.

    Raises:
        Refused: `reason_required`, `second_person_required`; `nothing_to_set_aside` for a step that
            is not the last any more.
    """
    need_reason(stated.reason, move.clause_of("set_aside"))
    undo = move.case.undo
    if undo is not None and stated.step not in (None, undo.seq):
        raise move.refusal(
            Code.NOTHING_TO_SET_ASIDE, "set_aside", reason="another_step", step=stated.step
        )
    if _own_and_fresh(move):
        return
    second = stated.second_person
    if not second or (move.actor and move.actor.is_one_side_with(Actor(person=second))):
        raise move.refusal(Code.SECOND_PERSON_REQUIRED, "second_person")


def _of_another(move: Move, _stated: SetAside) -> bool:
    return not _own_and_fresh(move)


def set_aside(move: Move, stated: SetAside) -> None:
    """Takes back the last act: the stage before returns, both stay in the record."""
    case = move.case
    undo = case.undo
    if undo is None:
        return
    restored = taken_back(case, undo)
    if restored.in_meeting:  # the meeting has struck the name off its list meanwhile
        restored.meeting, restored.meeting_on, restored.batch = "", None, ""
    if case.claim == "released" and restored.claim == "taken":
        move.claim = "take"
    elif case.claim == "taken" and restored.claim == "released":
        move.claim = "release"  # what is taken back is an act that had re-opened an ended case
    move.case = restored
    move.reason, move.clause = stated.reason, move.clause_of("set_aside")
    move.tell_both(DatesChanged(action=undo.action, stage=restored.stage, reason=stated.reason))


def may_reinstate(move: Move) -> None:
    """A clock ended it, and it was done while it listened, though it be heard later (design.md 10).

    Raises:
        Refused: `wrong_stage` where nothing is ended, or not by a clock; `already_decided` once
            it is closed.
    """
    end = move.case.end
    by_a_clock = end is not None and end.deadline is not None and end.name in REINSTATED
    closed = end is not None and end.closes_at is None
    if end is None or not (by_a_clock or closed):
        raise move.refusal(Code.WRONG_STAGE, "reinstate", reason="nothing_to_reinstate")
    until = end.closes_at or end.listened_until
    over = until is None or move.at > until
    if not by_a_clock or over or stands_against(move.case):
        raise move.refusal(Code.ALREADY_DECIDED, "reinstate", end=end.name.value)


def _reinstate_reason(move: Move, stated: Reason) -> None:
    need_reason(stated.reason, move.clause_of("reinstate"))


def reinstate(move: Move, stated: Reason) -> None:
    """The office re-opens a case that a clock ended, with its reason; whoever was told of the end is
    told that it is none, and who holds the case again above all."""
    end = move.case.end
    stage = end.left_stage if end else None
    move.reopen()
    move.reason, move.clause = stated.reason, move.clause_of("reinstate")
    reinstated = DatesChanged(action="reinstate", stage=stage, reason=stated.reason)
    move.tell_both(reinstated)
    if end is not None and end.name is EndName.ABANDONED and holder(move.case) == APPLICANT:
        move.tell(reinstated, Party.UNIT)


SET_ASIDE = Rule(set_aside, may_set_aside, _second_person_named, second=_of_another)
REINSTATE = Rule(reinstate, may_reinstate, _reinstate_reason)


def _met_since(case: Case, undo: Undo, at: datetime) -> Deadline | None:
    """A clock that an act met before it ended: whoever reported up in time has reported, and nobody
    makes the applicant lose the case by taking it back after the cutoff."""
    if case.end is not None:
        return None
    before = taken_back(case, undo)
    if before.end is not None:
        would_end = [before.end.deadline] if before.end.deadline is not None else []
    else:
        lapses = [clock for clock in clocks_of(before) if clock.kind is DeadlineKind.LAPSE]
        would_end = [clock for clock in lapses if not clock.struck]
    runs_still = {identity_of(clock) for clock in clocks_of(case)}
    met = (clock for clock in would_end if identity_of(clock) not in runs_still)
    return next((clock for clock in met if is_over(clock, at)), None)


def _own_and_fresh(move: Move) -> bool:
    undo = move.case.undo
    if undo is None or move.actor is None or move.actor.person != undo.person:
        return False
    minutes = timedelta(minutes=move.case.policy.limits.set_aside_minutes)
    return move.at <= undo.at + minutes


def _facts() -> frozenset[str]:
    return frozenset(Case.model_fields) - STAYS
