"""One act or one strike decided against the case as it is now: pure, and checked twice over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import ValidationError

from workflows.application.acts.anytime import CHANGING, reopen
from workflows.application.acts.exclusions import left_to_office
from workflows.application.case import Case, Undo
from workflows.application.catalogue import CATALOGUE, REOPENABLE, Action
from workflows.application.clocks import Due, settle, strike
from workflows.application.messages import RecordStep, Step
from workflows.application.move import Move, relations
from workflows.application.projection import leading_deadline, project
from workflows.rules.annual_limit import claim_slot
from workflows.rules.deadlines import is_over
from workflows.rules.names import DeadlineKind, LetterKind, Party, Relation, Stage
from workflows.rules.refusals import Code, Refusal, refuse
from workflows.writer.messages import Act
from workflows.writer.payloads import Payload
from workflows.writer.stating import stamped

DATED = frozenset({LetterKind.TASK, LetterKind.PASSED_UP, LetterKind.RECEIVED})
KEEPS_STATE = frozenset({"accept", "assign_to_meeting", "leave_meeting"})
"""Acts whose facts (register number, meeting) lists are searched by."""
END_LETTER = {
    "not_accepted": LetterKind.NOT_ACCEPTED,
    "audit_failed": LetterKind.AUDIT_FAILED,
    "abandoned": LetterKind.ABANDONED,
}


def decide(case: Case, name: str, act: Act, now: datetime) -> Move:
    """Apply one act to a copy of the case.

    Args:
        now: the case's clock; the act counts as of `acted_at` where that is stamped.

    Raises:
        Refused: with the code that answers the person; the case stays as it was.
    """
    action = CATALOGUE.get(name)
    if action is None or name == "submit":
        code = Code.UNKNOWN_ACTION if action is None else Code.ALREADY_DECIDED
        raise refuse(code, "", action=name)
    stated = read_payload(action.payload, act.payload)
    # A meeting took the act in long ago and tells it until it is heard, however late.
    patient = act.actor.role == "meeting"
    at = stamped(case.policy, case.calendar, act.acted_at, now, patient=patient)
    move = Move(
        case=case.model_copy(deep=True),
        action=name,
        at=at,
        now=now,
        actor=act.actor,
        request_id=act.request_id,
        payload=act.payload,
        stage_before=case.stage if case.end is None else None,
    )
    _check_end(move, action)
    move.relation = _entitled(move, action)
    _left_to_the_meeting(move, action)
    stage = move.case.stage
    if move.case.end is None and action.stages and stage not in action.stages:
        raise refuse(Code.WRONG_STAGE, "", stage=stage.value if stage else "", action=name)
    if not action.any_time:
        _in_time(move)
    if name == "resubmit":
        _right_resubmitter(move)
    before = case
    action.rule(stage)(move, stated)
    settle(move)
    date_letters(move)
    _tell_end(move, before)
    _remember_undo(move, action, before)
    return move


def let_strike(case: Case, due: Due, now: datetime) -> Move:
    """Let a clock strike on a copy of the case; recorded as of the clock's own instant."""
    move = Move(
        case=case.model_copy(deep=True),
        action=due.key or due.what,
        at=due.as_of,
        now=now,
        source="reminder" if due.what == "reminder" else "clock",
        stage_before=case.stage if case.end is None else None,
    )
    strike(move, due)
    settle(move)
    date_letters(move)
    if due.what != "reminder":
        move.case.undo = None
    return move


def date_letters(move: Move) -> None:
    """A letter about work says by when: the leading clock of the stage that was just entered."""
    leading = leading_deadline(move.case)
    if leading is None:
        return
    dated = {
        "deadline_on": str(leading.ends_on),
        "rule": leading.rule.value,
        "clause": leading.clause,
    }
    move.letters = [
        order.model_copy(update={"params": dated | order.params})
        if order.kind in DATED and "deadline_on" not in order.params
        else order
        for order in move.letters
    ]


def read_payload(model: type[Payload], payload: dict[str, Any]) -> Payload:
    """What an act states, as its model.

    Raises:
        Refused: `malformed_payload` naming the fields, never their values.
    """
    try:
        return model.model_validate(payload)
    except ValidationError as error:
        fields = sorted({".".join(map(str, item["loc"])) or "-" for item in error.errors()})
        raise refuse(Code.MALFORMED_PAYLOAD, "", fields="、".join(fields)) from None


def commit(move: Move, seq: int) -> RecordStep:
    """The step as it goes into the record; sets the case's number."""
    case = move.case
    case.seq = seq
    keep = case.end is not None or move.action in KEEPS_STATE
    return RecordStep(
        step=Step(
            application=case.application,
            realm=case.realm,
            seq=seq,
            source=move.source,
            name=move.action,
            request_id=move.request_id,
            actor=move.actor,
            relation=move.relation,
            acted_at=move.at,
            recorded_at=move.now,
            stage_before=move.stage_before,
            stage_after=case.stage if case.end is None else None,
            end_after=case.end.name if case.end else None,
            clause=move.clause,
            reason=move.reason,
            payload=stated_of(move.payload),
            policy_version=case.policy.version,
            calendar_version=case.calendar.version,
        ),
        projection=project(case),
        letters=tuple(move.letters),
        claim=move.claim,
        claim_year=case.policy.year,
        claim_slot=claim_slot(case.facts, case.policy),
        payment=move.payment,
        checks=tuple(case.checks),
        state=case.model_dump_json(exclude={"requests", "undo"}) if keep else "",
        guard=move.guard,
        cleared=tuple(case.bars_cleared) if move.guard else (),
    )


def refusal_step(
    case: Case,
    name: str,
    act: Act | None,
    refusals: tuple[Refusal, ...],
    now: datetime,
    seq: int,
    *,
    source: Literal["refusal"] = "refusal",
) -> RecordStep:
    """A refusal as a step of its own: it changes nothing but the record (design.md 8).

    One for an exclusion found anew also leaves its check for the office on `case` (A24).
    """
    case.seq = seq
    move = Move(case=case, action=name, at=now, now=now)
    for check in left_to_office(case, refusals):
        case.checks.append(check)
        move.tell(LetterKind.TASK, Party.OFFICE, task="exclusion", check=check.key)
    first = refusals[0]
    if act is not None:
        move.tell(
            LetterKind.ENDED,
            Party.ACTOR,
            person=act.actor.person,
            organisation=act.actor.organisation,
            action=name,
            code=first.code.value,
            clause=first.clause,
            refusal=first.model_dump_json(),
        )
    if any(item.code is Code.CALENDAR_MISSING for item in refusals):
        move.tell(LetterKind.OPERATOR, Party.OPERATIONS, **first.params, code=first.code.value)
    return RecordStep(
        step=Step(
            application=case.application,
            realm=case.realm,
            seq=seq,
            source=source,
            name=name[:100],
            request_id=act.request_id if act else "",
            actor=act.actor if act else None,
            acted_at=act.acted_at if act and act.acted_at else now,
            recorded_at=now,
            stage_before=case.stage,
            stage_after=case.stage if case.end is None else None,
            end_after=case.end.name if case.end else None,
            clause=first.clause,
            refusals=refusals,
            policy_version=case.policy.version,
            calendar_version=case.calendar.version,
        ),
        projection=project(case),
        letters=tuple(move.letters),
        checks=tuple(case.checks),
        state=case.model_dump_json(exclude={"requests", "undo"}) if case.end else "",
    )


def _check_end(move: Move, action: Action) -> None:
    """What may still be done on an ended case; proof that an act was in time re-opens it."""
    case = move.case
    end = case.end
    if end is None:
        return
    if action.name == "record_payment":
        if end.name.value == "payment_missed" and end.closes_at is not None:
            return  # by when it was paid decides whether it re-opens (fees.record_payment, A19)
        raise refuse(Code.ALREADY_DECIDED, end.clause, end=end.name.value)
    if action.after_end:
        return
    in_time = end.deadline is not None and move.at <= end.deadline.ends_at
    listens = end.closes_at is not None and end.name in REOPENABLE
    if listens and in_time and end.left_stage in action.stages:
        reopen(move)
        return
    if action.on_closed:
        return
    if action.weighty and end.deadline is not None:
        raise refuse(Code.WINDOW_CLOSED, end.clause, ends_on=end.deadline.ends_on)
    raise refuse(Code.ALREADY_DECIDED, end.clause, end=end.name.value)


def _entitled(move: Move, action: Action) -> Relation:
    held = relations(move.case, move.actor) if move.actor else frozenset[Relation]()
    for relation in action.by:
        if relation in held:
            return relation
    needed = "、".join(relation.value for relation in action.by)
    raise refuse(Code.NOT_ENTITLED, "design 12", needed=needed, action=action.name)


def _left_to_the_meeting(move: Move, action: Action) -> None:
    """What a meeting does for its whole batch nobody does for one case beside it."""
    case = move.case
    of_results = action.by_meeting or (
        action.name == "restart_publicity" and case.stage is Stage.RESULT_PUBLICITY
    )
    if of_results and case.in_meeting and move.relation is not Relation.MEETING:
        raise refuse(Code.BY_MEETING, "design 15", meeting=case.meeting, action=action.name)


def _in_time(move: Move) -> None:
    """In time means `acted_at` ≤ `ends_at` of every clock that would end or return the case."""
    for deadline in move.case.deadlines:
        if deadline.kind is not DeadlineKind.LAPSE or deadline.struck:
            continue
        if is_over(deadline, move.at):
            raise refuse(
                Code.WINDOW_CLOSED,
                deadline.clause,
                rule=deadline.rule.value,
                ends_on=deadline.ends_on,
            )


def _right_resubmitter(move: Move) -> None:
    to_unit = (
        move.case.stage is Stage.CHAIN_CORRECTION
        and move.case.last_return is not None
        and move.case.last_return.to == "unit"
    )
    wanted = Relation.UNIT if to_unit else Relation.APPLICANT
    if move.actor and wanted not in relations(move.case, move.actor):
        raise refuse(Code.NOT_ENTITLED, "A47", needed=wanted.value)


def _tell_end(move: Move, before: Case) -> None:
    """An end brought by a person is told to the applicant and the unit."""
    end = move.case.end
    if end is None or (before.end is not None and before.end.name is end.name):
        return
    kind = END_LETTER.get(end.name.value, LetterKind.ENDED)
    for party in (Party.APPLICANT, Party.UNIT):
        move.tell(
            kind,
            party,
            end=end.name.value,
            clause=end.clause,
            reason=end.reason,
            stage=move.stage_before.value if move.stage_before else "",
        )


def _remember_undo(move: Move, action: Action, before: Case) -> None:
    case = move.case
    if not action.recallable:
        if action.name not in ("nudge", "resume"):
            case.undo = None
        return
    case.undo = Undo(
        seq=before.seq + 1,
        action=action.name,
        person=move.actor.person if move.actor else "",
        organisation=move.actor.organisation if move.actor else "",
        at=move.at,
        before=before.model_dump_json(exclude=CHANGING),
    )
    if case.end is not None and case.end.closes_at is None:
        minutes = case.policy.limits.set_aside_minutes
        case.end.closes_at = move.now + timedelta(minutes=minutes)


def stated_of(payload: dict[str, Any]) -> dict[str, Any]:
    """What was stated, without the bulk of an amendment's rules."""
    return {key: value for key, value in payload.items() if key not in ("policy", "calendar")}
