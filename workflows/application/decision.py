"""One act or one strike decided against the case as it is now: pure, and asked the same by all.

`may` is what the page asks, `decide` what the early answer, the preview and the writer ask; both
pass through the same gate. After every move the clocks are what the facts say, and whose day moved
is told: nobody else looks after clocks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from workflows.application.act import Action
from workflows.application.acts.seconds import ask, found
from workflows.application.acts.undoing import taken_back, touched_by, what_changed
from workflows.application.case import Case, End, Undo
from workflows.application.catalogue import CATALOGUE
from workflows.application.clocks import (
    CLOCKS,
    clock_of,
    clocks_of,
    leading,
    still_runs,
    who_answers,
)
from workflows.application.inquiring import stands_against
from workflows.application.messages import Published
from workflows.application.move import Move
from workflows.application.parties import APPLICANT, stands_for
from workflows.application.payloads import ConfirmRequest
from workflows.application.strikes import Due, strike
from workflows.letter.kinds import Abandoned, AuditFailed, DatesChanged, Ended, NotAccepted
from workflows.letter.letter import AboutWork, dated
from workflows.rules.clocks import Promise, identity_of, key_of, promise, take_up
from workflows.rules.deadlines import Deadline, is_over
from workflows.rules.names import DeadlineKind, EndName, Party, Relation, RuleName
from workflows.rules.refusals import Code, Refusal, Refused, refuse
from workflows.writer.messages import Act, Actor
from workflows.writer.payloads import Payload
from workflows.writer.reading import unreadable
from workflows.writer.requests import fingerprint
from workflows.writer.stating import in_calendars, stamped

EndLetter = type[NotAccepted] | type[AuditFailed] | type[Abandoned] | type[Ended]
END_LETTER: Mapping[EndName, EndLetter] = {
    EndName.NOT_ACCEPTED: NotAccepted,
    EndName.AUDIT_FAILED: AuditFailed,
    EndName.ABANDONED: Abandoned,
}
REOPENABLE = frozenset(
    {
        EndName.ABANDONED,
        EndName.LAPSED,
        EndName.PAYMENT_MISSED,
        EndName.COMPLETED,
        EndName.NOT_PASSED,
    }
)
"""Ends a clock brings; proof that an act was in time re-opens them."""
NO_PERSONS = frozenset({Relation.MEETING, Relation.SYSTEM})


def may(case: Case, name: str, actor: Actor, at: datetime) -> Refusal | None:
    """Whether this person may do this act at this instant, whatever is stated; if not, why.

    Args:
        at: the instant as of which the person would act.
    """
    action = CATALOGUE.get(name)
    if action is None or name == "submit":
        code = Code.UNKNOWN_ACTION if action is None else Code.ALREADY_DECIDED
        return Refusal(code=code, params={"action": name})
    no = _stands_against(case, action, actor.in_own_right(), at)
    lent = actor.under_cover(name)
    return no if no is None or lent is None else _stands_against(case, action, lent, at)


def _stands_against(case: Case, action: Action[Any], actor: Actor, at: datetime) -> Refusal | None:
    move = Move(case=case, action=action.name, at=at, now=at, actor=actor)
    if case.end is not None and _reopens(case.end, action, at):
        move.case = case.copied()
    try:
        _gate(move, action)
    except Refused as error:
        return error.first
    return None


def may_anybody(case: Case, name: str, at: datetime) -> Refusal | None:
    """Whether any person who may do this act at all may do it now; for a page without a person.

    A meeting and the system speak for themselves: what only they may do now is offered to nobody.
    """
    action = CATALOGUE[name]
    people = [relation for relation in action.by if relation not in NO_PERSONS]
    refusals = [may(case, name, stands_for(case, by), at) for by in people or action.by]
    if None in refusals:
        return None
    told = [item for item in refusals if item is not None]
    return next((item for item in told if item.code is not Code.NOT_ENTITLED), told[0])


def decide(
    case: Case,
    name: str,
    act: Act,
    now: datetime,
    *,
    published: Published | None = None,
    second: Actor | None = None,
) -> Move:
    """Apply one act to a copy of the case; one that needs two is only recorded as asked for.

    Whoever covers a supervisor acts in the own right first, and under cover where that does not do:
    the record names the supervisor only where his or her right was needed.

    Args:
        now: the case's clock; the act counts as of `acted_at` where that is stamped.
        published: the rules and calendar that an `amend` brings.
        second: who confirmed what the actor had asked a second person for.

    Raises:
        Refused: with the code that answers the person; the case stays as it was.
    """
    try:
        return _decided(case, name, act, act.actor.in_own_right(), now, published, second)
    except Refused:
        lent = act.actor.under_cover(name)
        if lent is None:
            raise
    return _decided(case, name, act, lent, now, published, second)


def _decided(
    case: Case,
    name: str,
    act: Act,
    actor: Actor,
    now: datetime,
    published: Published | None,
    second: Actor | None,
) -> Move:
    """The act decided as this actor's, in the own right or under cover."""
    action = CATALOGUE.get(name)
    if action is None or name == "submit":
        code = Code.UNKNOWN_ACTION if action is None else Code.ALREADY_DECIDED
        raise refuse(code, "", action=name)
    # A meeting took the act in long ago and tells it until it is heard, however late.
    patient = actor.role == "meeting"
    move = Move(
        case=case,
        action=name,
        at=stamped(case.policy, case.calendar, act.acted_at, now, patient=patient),
        now=now,
        actor=actor,
        second=second,
        request_id=act.request_id,
        mark=fingerprint(name, act),
        payload=act.payload,
        published=published,
        stage_before=case.stage if case.end is None else None,
    )
    if case.end is not None and _reopens(case.end, action, move.at):
        move.case = case.copied()
    _gate(move, action)
    # Copied only for who passes: a thousand acts that may not be done cost next to nothing.
    move.case = case.copied() if move.case is case else move.case
    stated = read_payload(action.payload, act.payload)
    in_calendars(stated, move.calendar, now)
    rule = action.rule(move.case.stage)
    rule.check(move, stated)
    if isinstance(stated, ConfirmRequest) and stated.agree:
        return _confirmed(case, move, stated)
    if second is None and rule.second(move, stated):
        # Asking is not yet acting: what a clock ended is not re-opened by it.
        move.case, move.claim = case.copied(), "keep"
        ask(move)
        settle(move)
        return move
    rule.do(move, stated)
    settle(move)
    _tell_end(move, case.end)
    if action.recallable:
        _remember_undo(move, case)
    elif _follows_from_undoable(move, case, act, published):
        move.case.undo = None
    return move


def _confirmed(case: Case, said: Move, stated: ConfirmRequest) -> Move:
    """What the first person asked for, decided now that another human confirms it."""
    asked = found(said.case, stated.request)
    if asked is None:
        raise refuse(Code.NOT_FOUND, "", what="request", known="无")
    waiting = case.copied()
    waiting.asked = [item for item in waiting.asked if item.id != asked.id]
    act = Act(request_id=said.request_id, actor=asked.by, acted_at=said.at, payload=asked.payload)
    move = decide(waiting, asked.action, act, said.now, second=said.actor)
    move.mark = said.mark
    return move


def let_strike(case: Case, due: Due, now: datetime) -> Move:
    """Let a clock strike on a copy of the case; recorded as of the clock's own instant.

    Raises:
        Refused: `calendar_missing` where what follows cannot be computed.
    """
    move = Move(
        case=case.copied(),
        action=due.key or due.what,
        at=due.as_of,
        now=now,
        source="reminder" if due.what == "reminder" else "clock",
        stage_before=case.stage if case.end is None else None,
    )
    strike(move, due)
    settle(move)
    if _strike_follows_from_undoable(move, case, due):
        move.case.undo = None
    return move


def settle(move: Move) -> None:
    """After a move: what is told from now on, whose day moved, and by when the work is due.

    A day has moved where it is another than was told of this very clock the last time, also where
    the case was ended meanwhile and is re-opened.

    A case that is closed by it has nothing left to take back: it is woken from the record, which
    keeps no undo, and its page must not offer what would be refused.
    """
    case = move.case
    if case.end is not None and case.end.closes_at is None:
        case.undo = None
    clocks = clocks_of(case)
    for clock in clocks:
        _note_last_day(case, clock)
    told = dict(case.promised)
    promise(case, clocks, move.now)
    move.clocks_after = tuple(_as_told(case, clock) for clock in clocks)
    _tell_moved(move, told, clocks)
    _date_letters(move, clocks)


def read_payload(model: type[Payload], payload: dict[str, Any]) -> Any:
    """What an act states, as its model.

    Raises:
        Refused: `malformed_payload`, `unsafe_text` or `date_not_allowed`, naming the fields.
    """
    try:
        return model.model_validate(payload)
    except ValidationError as error:
        raise unreadable(error) from None


def _gate(move: Move, action: Action[Any]) -> None:
    """Everything that can stand against an act before it is read: end, person, stage, time, rule.

    Somebody who stands to the case in several ways acts in the first that lets the act pass.
    """
    _pass_the_end(move, action)
    held = move.relations
    own = [relation for relation in action.by if relation in held]
    if not own:
        needed = "、".join(relation.value for relation in action.by)
        raise move.refusal(Code.NOT_ENTITLED, "not_entitled", needed=needed, action=action.name)
    refusals: list[Refused] = []
    for relation in own:
        move.relation = relation
        try:
            _in_this_relation(move, action)
        except Refused as error:
            refusals.append(error)
        else:
            return
    raise next(
        (error for error in refusals if error.first.code is not Code.NOT_ENTITLED), refusals[0]
    )


def _in_this_relation(move: Move, action: Action[Any]) -> None:
    case = move.case
    if (
        case.in_meeting
        and case.stage in action.by_meeting
        and move.relation is not Relation.MEETING
    ):
        raise move.refusal(Code.BY_MEETING, "by_meeting", meeting=case.meeting, action=action.name)
    if case.end is None and action.stages and case.stage not in action.stages:
        stage = case.stage.value if case.stage else ""
        raise refuse(Code.WRONG_STAGE, "", stage=stage, action=action.name)
    if not action.any_time:
        _in_time(move)
    action.rule(case.stage).may(move)


def _pass_the_end(move: Move, action: Action[Any]) -> None:
    """What may still be done on an ended case; proof that an act was in time re-opens it."""
    end = move.case.end
    if end is None or action.after_end:
        return
    if _reopens(end, action, move.at):
        if stands_against(move.case):
            raise refuse(Code.ALREADY_DECIDED, end.clause, end=end.name.value)
        move.reopen()
        if end.deadline is not None:
            # As if it had been heard in time: where the act does not meet the clock, it strikes anew.
            take_up(move.case, end.deadline)
        return
    if action.on_closed:
        return
    if action.weighty and end.deadline is not None:
        raise refuse(Code.WINDOW_CLOSED, end.clause, ends_on=end.deadline.ends_on)
    raise refuse(Code.ALREADY_DECIDED, end.clause, end=end.name.value)


def _reopens(end: End, action: Action[Any], at: datetime) -> bool:
    in_time = end.deadline is not None and at <= end.deadline.ends_at
    listens = end.closes_at is not None and end.name in REOPENABLE
    return listens and in_time and end.left_stage in action.stages and not action.after_end


def _in_time(move: Move) -> None:
    """In time means `acted_at` ≤ `ends_at` of every clock that would end or return the case."""
    if move.clocks_before is None:  # a person may stand to the case in several ways: once for all
        move.clocks_before = clocks_of(move.case)
    for clock in move.clocks_before:
        if clock.kind is not DeadlineKind.LAPSE or clock.struck:
            continue
        if is_over(clock, move.at):
            raise refuse(
                Code.WINDOW_CLOSED, clock.clause, rule=clock.rule.value, ends_on=clock.ends_on
            )


def _as_told(case: Case, clock: Deadline) -> Deadline:
    """The clock as it is computed from now on: since when its last day is told."""
    since = case.promised[identity_of(clock)].at
    return clock if clock.told_at == since else clock.model_copy(update={"told_at": since})


def _note_last_day(case: Case, clock: Deadline) -> None:
    """A publicity's own note of its last day is its clock's, and so is an inquiry's of its hearing's."""
    if clock.rule is RuleName.INQUIRY_RESPONSE:
        for item in case.open_inquiries:
            if clock.key == key_of(clock.rule, item.id):
                item.heard_until = clock.ends_on
        return
    posted = {
        RuleName.UNIT_PUBLICITY: case.unit_publicity,
        RuleName.RESULT_PUBLICITY: case.result_publicity,
    }.get(clock.rule)
    if posted is not None:
        posted.ends_on = clock.ends_on


def _tell_moved(move: Move, told: Mapping[str, Promise], clocks: tuple[Deadline, ...]) -> None:
    """Whose day or hour moved is told: the applicant, and who has to do what is due."""
    for clock in clocks:
        old = told.get(identity_of(clock))
        if old is None or old.ends_at == clock.ends_at:
            continue
        changed = DatesChanged(
            old_on=old.ends_on, new_on=clock.ends_on, reason=move.reason, **dated(clock)
        )
        if not (move.case.in_meeting and CLOCKS[clock.rule].of_meeting):
            answers = who_answers(move.case, clock)
            if answers != APPLICANT:
                move.tell(changed, Party.HOLDER, organisation=answers)
        move.tell(changed, Party.APPLICANT)


def _date_letters(move: Move, clocks: tuple[Deadline, ...]) -> None:
    """A letter about work says by when: the leading clock of the stage as it is now."""
    clock = leading(clocks)
    if clock is None:
        return
    move.told = [
        replace(item, letter=item.letter.due(clock)) if isinstance(item.letter, AboutWork) else item
        for item in move.told
    ]


def _tell_end(move: Move, before: End | None) -> None:
    """An end brought by a person is told to the applicant and the unit."""
    end = move.case.end
    if end is None or (before is not None and before.name is end.name):
        return
    model = END_LETTER.get(end.name, Ended)
    letter = model(end=end.name, clause=end.clause, reason=end.reason, stage=move.stage_before)
    for party in (Party.APPLICANT, Party.UNIT):
        move.tell(letter, party)


def _remember_undo(move: Move, before: Case) -> None:
    case = move.case
    case.undo = Undo(
        seq=before.seq + 1,
        action=move.action,
        person=move.actor.person if move.actor else "",
        organisation=move.actor.organisation if move.actor else "",
        at=move.at,
        before=what_changed(before, case),
    )
    if case.end is not None and case.end.closes_at is None:
        minutes = case.policy.limits.set_aside_minutes
        case.end.closes_at = move.now + timedelta(minutes=minutes)


def _follows_from_undoable(move: Move, before: Case, act: Act, published: Published | None) -> bool:
    """Whether an act has legal effect for the last one that can be taken back: it changed what that
    one had changed, or could not have been done without it. What a stranger files, what is urged
    or reminded, what operations look after: none of it makes a mistake irrevocable."""
    undo = before.undo
    if undo is None or move.case.undo is None or CATALOGUE[move.action].beside:
        return False
    if touched_by(undo, before, move.case):
        return True
    try:
        without = taken_back(before, undo)
        decide(without, move.action, act, move.now, published=published, second=move.second)
    except Refused:
        return True
    return False


def _strike_follows_from_undoable(move: Move, before: Case, due: Due) -> bool:
    """The same of a clock: it changed what the act had changed, or runs by it alone."""
    undo = before.undo
    if undo is None or due.what in ("reminder", "request_expired"):
        return False
    if due.what != "strike" or touched_by(undo, before, move.case):
        return True
    clock = clock_of(before, due.key)
    return clock is not None and not still_runs(taken_back(before, undo), clock)
