"""Acts that are possible in many stages: withdraw, urge, extend, disqualify, set aside, amend."""

from __future__ import annotations

import json
from datetime import timedelta

from workflows.application.acts.exclusions import clear
from workflows.application.case import Case
from workflows.application.move import Move, claim_is_given_back, holder
from workflows.application.payloads import Disqualify, ExtendDeadline, ManualCheck, SetAside
from workflows.rules.deadlines import Deadline, capped, extended, fixed, recomputed, window_deadline
from workflows.rules.names import (
    OF_THE_MEETING,
    DeadlineKind,
    EndName,
    LetterKind,
    Party,
    Relation,
    RuleName,
)
from workflows.rules.refusals import Code, refuse
from workflows.writer.payloads import Amend, Nothing, Nudge, Reason
from workflows.writer.stating import need_reason

CORRECTIONS = frozenset(
    {RuleName.UNIT_CORRECTION, RuleName.CHAIN_CORRECTION, RuleName.COMMITTEE_CORRECTION}
)

CHANGING = {
    "application",
    "realm",
    "shift_seconds",
    "person",
    "policy",
    "calendar",
    "route",
    "level",
    "facts",
    "places",
    "requests",
    "undo",
    "seq",
    "version",
    "refusals_today",
}
"""Fields of a case that `set_aside` leaves as they are now."""


def withdraw(move: Move, stated: Reason) -> None:
    """撤回 by the applicant, up to the meeting; not while a result is judged anew.

    Raises:
        Refused: `wrong_stage` once there is a result.
    """
    if move.case.results:
        raise refuse(Code.WRONG_STAGE, move.case.policy.clause("withdrawn"), reason="after_review")
    move.finish(EndName.WITHDRAWN, move.case.policy.clause("withdrawn"), reason=stated.reason)


def urge(move: Move, stated: Nothing) -> None:
    """催办: reminds the holder, once in two working days and holder (BD 四(二)2e).

    Raises:
        Refused: `urge_too_soon`, `wrong_stage` where the applicant holds it.
    """
    case = move.case
    held_by = holder(case)
    clause = case.policy.clause("urge")
    if held_by == "applicant":
        raise refuse(Code.WRONG_STAGE, clause, reason="held_by_applicant")
    last = case.urged.get(held_by)
    gap = case.policy.limits.urge_every_working_days
    if last and case.calendar.working_days_between(last, move.on) < gap:
        next_on = case.calendar.add_working_days(last, gap)
        raise refuse(Code.URGE_TOO_SOON, clause, last=last, next_on=next_on)
    case.urged[held_by] = move.on
    move.clause = clause
    stage = case.stage.value if case.stage else ""
    move.tell(LetterKind.URGED, Party.HOLDER, organisation=held_by, stage=stage)


def extend_deadline(move: Move, stated: ExtendDeadline) -> None:
    """A later last day by who set the term, or the committee office; before it struck.

    Raises:
        Refused: `reason_required`, `not_late` for no such running clock or a right,
            `window_closed` when it is over, `date_not_allowed` when not later, `not_entitled`.
    """
    case = move.case
    need_reason(stated.reason)
    deadline = case.deadline(stated.rule)
    if deadline is None or deadline.kind in (DeadlineKind.RIGHT, DeadlineKind.BAR):
        known = "、".join(item.key for item in case.deadlines) or "无"
        raise refuse(Code.NOT_LATE, "3C", rule=stated.rule, known=known)
    if case.in_meeting and deadline.rule in OF_THE_MEETING:
        raise refuse(Code.BY_MEETING, "design 15", meeting=case.meeting, action=move.action)
    _may_extend(move, deadline.rule)
    over = deadline.struck or move.at > deadline.ends_at
    if over and deadline.rule is not RuleName.INTAKE_DUTY:
        raise refuse(Code.WINDOW_CLOSED, deadline.clause, ends_on=deadline.ends_on)
    later = extended(deadline, stated.ends_on, by=move.actor.organisation if move.actor else "")
    opened = deadline.opened_at
    move.open(later.model_copy(update={"started_by": deadline.started_by}))
    case.deadlines[-1] = case.deadlines[-1].model_copy(update={"opened_at": opened})
    if case.last_return is not None and deadline.rule in CORRECTIONS:
        case.last_return.ends_on = later.ends_on
    _follow(case, later.rule, later.ends_on.isoformat())
    move.reason, move.clause = stated.reason, deadline.clause
    for party in (Party.APPLICANT, Party.HOLDER):
        if party is Party.HOLDER and holder(case) == "applicant":
            continue
        _tell_moved(move, party, later.rule.value, deadline.ends_on, later.ends_on, stated.reason)


def disqualify(move: Move, stated: Disqualify) -> None:
    """不再符合申报范围: an office decision with its clause (A24, A58).

    Raises:
        Refused: `reason_required`.
    """
    need_reason(stated.reason, stated.clause)
    need_reason(stated.clause)
    move.finish(EndName.DISQUALIFIED, stated.clause, reason=stated.reason)


def record_manual_check(move: Move, stated: ManualCheck) -> None:
    """A person decides an open check: the unit its own, the office any (T5).

    Raises:
        Refused: `not_found`, `not_entitled`, `reason_required` where it is not satisfied, or is
            an exclusion that the office goes on in spite of (A24).
    """
    case = move.case
    check = next((item for item in case.checks if item.key == stated.check), None)
    if check is None:
        known = "、".join(item.key for item in case.checks) or "无"
        raise refuse(Code.NOT_FOUND, "T5", what="check", known=known)
    if check.body == "office" and move.relation is Relation.UNIT:
        raise refuse(Code.NOT_ENTITLED, "T5", needed=Relation.OFFICE.value)
    move.clause, move.reason = check.clause, stated.note
    if stated.satisfied:
        clear(case, check, stated.note)
        case.checks = [item for item in case.checks if item.key != stated.check]
        return
    need_reason(stated.note, check.clause)
    case.checks = [
        item.model_copy(update={"note": "not_satisfied"}) if item.key == stated.check else item
        for item in case.checks
    ]


def set_aside(move: Move, stated: SetAside) -> None:
    """Takes back the last act: the stage before returns, both stay in the record.

    Raises:
        Refused: `reason_required`, `nothing_to_set_aside`, `second_person_required`.
    """
    case = move.case
    undo = case.undo
    clause = case.policy.limits.source
    need_reason(stated.reason, clause)
    if undo is None:
        raise refuse(Code.NOTHING_TO_SET_ASIDE, clause)
    minutes = case.policy.limits.set_aside_minutes
    own = move.actor is not None and move.actor.person == undo.person
    if not (own and move.at <= undo.at + timedelta(minutes=minutes)):
        if move.relation not in (Relation.OFFICE, Relation.OFFICE_SUPERVISOR):
            raise refuse(Code.NOTHING_TO_SET_ASIDE, clause, minutes=minutes)
        second = stated.second_person
        if not second or (move.actor and second == move.actor.person):
            raise refuse(Code.SECOND_PERSON_REQUIRED, clause)
    before = case.model_dump() | json.loads(undo.before)
    restored = Case.model_validate(before)
    restored.undo = None
    if restored.in_meeting:  # the meeting has struck the name off its list meanwhile
        restored.meeting, restored.meeting_on, restored.batch = "", None, ""
    if case.claim == "released" and restored.claim == "taken":
        move.claim = "take"
    move.case = restored
    move.reason, move.clause, move.reopened = stated.reason, clause, True
    stage = restored.stage.value if restored.stage else ""
    for party in (Party.APPLICANT, Party.HOLDER):
        if party is Party.HOLDER and holder(restored) == "applicant":
            continue
        move.tell(
            LetterKind.DATES_CHANGED, party, action=undo.action, stage=stage, reason=stated.reason
        )


def amend(move: Move, stated: Amend) -> None:
    """New rules or calendar: open deadlines are recomputed, the later of old and new counts.

    Printed dates move only with a new notice, struck ones stay; who is affected is told once
    (A57, A59, design.md 2).
    """
    case = move.case
    if stated.policy is not None:
        case.policy = stated.policy
    if stated.calendar is not None:
        case.calendar = stated.calendar
    move.reason = stated.reason
    moved = []
    fresh = []
    for deadline in case.deadlines:
        new = recomputed(deadline, case.policy.terms(deadline.rule), case.calendar)
        if stated.policy is not None and deadline.unit == "fixed" and not deadline.extended:
            printed = _printed(case, deadline.rule)
            if printed is not None and printed.ends_on > deadline.ends_on:
                update = {"ends_on": printed.ends_on, "ends_at": printed.ends_at}
                new = deadline.model_copy(update=update)
        new = _capped_anew(case, new)
        if new.ends_on != deadline.ends_on:
            new = new.model_copy(update={"told_on": new.ends_on})
            moved.append((deadline, new))
        fresh.append(new)
    case.deadlines = fresh
    for deadline, new in moved:
        _follow(case, new.rule, new.ends_on.isoformat())
        _tell_moved(
            move, Party.APPLICANT, new.rule.value, deadline.ends_on, new.ends_on, stated.reason
        )


def nudge(move: Move, stated: Nudge) -> None:
    """Wakes the case; whether it moves to a newer version is the workflow's business."""


def resume(move: Move, stated: Nothing) -> None:
    """A person looked after a parked case."""
    move.case.needs_operator = ""


def reinstate(move: Move, stated: Reason) -> None:
    """The office re-opens a case that a clock ended, with its reason (design.md 10).

    Raises:
        Refused: `reason_required`, `wrong_stage` where nothing is ended or it is closed.
    """
    need_reason(stated.reason)
    end = move.case.end
    if end is None or end.deadline is None or end.left_stage is None:
        raise refuse(Code.WRONG_STAGE, "", reason="nothing_to_reinstate")
    reopen(move)
    move.reason = stated.reason
    stage = end.left_stage.value
    move.tell(
        LetterKind.DATES_CHANGED,
        Party.APPLICANT,
        action="reinstate",
        stage=stage,
        reason=stated.reason,
    )


def reopen(move: Move) -> None:
    """Back to the stage a clock ended; the deadline that struck no longer strikes by itself."""
    case = move.case
    end = case.end
    if end is None:
        return
    case.stage = end.left_stage
    case.end = None
    move.reopened = True
    if end.deadline is not None and case.deadline(end.deadline.key) is None:
        case.deadlines.append(end.deadline.model_copy(update={"struck": True}))
    if case.claim == "released" and claim_is_given_back(case, end.name):
        case.claim = "taken"
        move.claim = "take"


def _may_extend(move: Move, rule: RuleName) -> None:
    by_unit = {RuleName.UNIT_CORRECTION, RuleName.UNIT_DUTY}
    by_holder = {RuleName.CHAIN_CORRECTION}
    if move.relation in (Relation.OFFICE, Relation.OFFICE_SUPERVISOR):
        return
    if move.relation is Relation.UNIT and rule in by_unit:
        return
    places = {place.organisation for place in move.case.chain}
    if rule in by_holder and move.actor and move.actor.organisation in places:
        return
    raise refuse(Code.NOT_ENTITLED, "3C", needed=Relation.OFFICE.value)


def _capped_anew(case: Case, deadline: Deadline) -> Deadline:
    """A term that moved past its cap is cut there again (A14)."""
    cap_rule = {
        RuleName.UNIT_CORRECTION: RuleName.CHAIN_CUTOFF,
        RuleName.CHAIN_CORRECTION: RuleName.CHAIN_CUTOFF,
        RuleName.COMMITTEE_CORRECTION: RuleName.INTAKE_DUTY,
    }.get(deadline.rule)
    cap = case.deadline(cap_rule) if cap_rule else None
    return capped(deadline, cap.rule, cap.ends_on, cap.ends_at) if cap else deadline


def _printed(case: Case, rule: RuleName) -> Deadline | None:
    policy = case.policy
    terms = policy.terms(rule)
    match rule:
        case RuleName.CHAIN_CUTOFF:
            cutoff = policy.chain_cutoff
            return fixed(
                rule, terms, case.calendar, starts_on=cutoff.ends_on, ends_on=cutoff.ends_on
            )
        case RuleName.INTAKE_DUTY:
            return window_deadline(rule, terms, case.calendar, policy.windows.review)
        case RuleName.PAYMENT_WINDOW:
            return window_deadline(rule, terms, case.calendar, policy.windows.payment)
        case _:
            return None


def _follow(case: Case, rule: RuleName, ends_on: str) -> None:
    """A publicity's own note of its last day follows its clock."""
    publicity = {
        RuleName.UNIT_PUBLICITY: case.unit_publicity,
        RuleName.RESULT_PUBLICITY: case.result_publicity,
    }.get(rule)
    if publicity is not None:
        publicity.ends_on = type(publicity.ends_on).fromisoformat(ends_on)


def _tell_moved(move: Move, party: Party, rule: str, old: object, new: object, why: str) -> None:
    move.tell(
        LetterKind.DATES_CHANGED,
        party,
        rule=rule,
        old_on=old,
        new_on=new,
        deadline_on=new,
        reason=why,
    )
