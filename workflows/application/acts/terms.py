"""A later last day for one running clock (domain.md 3C: `extend_deadline`)."""

from __future__ import annotations

from datetime import date

from workflows.application.act import Rule
from workflows.application.clocks import CLOCKS, By, clocks_of
from workflows.application.move import Move
from workflows.application.parties import relations
from workflows.application.payloads import ExtendDeadline
from workflows.rules.clocks import Extension, extend, identity_of
from workflows.rules.deadlines import Deadline
from workflows.rules.names import CautionCode, Relation, RuleName
from workflows.rules.refusals import Code, refuse
from workflows.writer.stating import need_reason

OFFICE = frozenset({Relation.OFFICE, Relation.OFFICE_SUPERVISOR})


def may_extend_something(move: Move) -> None:
    """Some clock runs that this person may give a later last day.

    Raises:
        Refused: `not_late` where none runs that could be extended, `by_meeting` where all that
            do are the meeting's, `not_entitled` where somebody else may.
    """
    running = [clock for clock in clocks_of(move.case) if not _why_never(move, clock)]
    if not running:
        raise _not_running(move, "")
    own = [clock for clock in running if not _left_to_the_meeting(move, clock)]
    if not own:
        raise _by_meeting(move)
    if not any(_is_entitled(move, clock) and not _is_over(move, clock) for clock in own):
        if any(_is_entitled(move, clock) for clock in own):
            over = next(clock for clock in own if _is_entitled(move, clock))
            raise refuse(Code.WINDOW_CLOSED, over.clause, ends_on=over.ends_on)
        raise _not_entitled(move)


def _may_extend(move: Move, stated: ExtendDeadline) -> None:
    need_reason(stated.reason, move.clause_of("extend_deadline"))
    clock = next((item for item in clocks_of(move.case) if item.key == stated.rule), None)
    if clock is None or _why_never(move, clock):
        raise _not_running(move, stated.rule)
    if _left_to_the_meeting(move, clock):
        raise _by_meeting(move)
    if not _is_entitled(move, clock):
        raise _not_entitled(move)
    if _is_over(move, clock):
        raise refuse(Code.WINDOW_CLOSED, clock.clause, ends_on=clock.ends_on)
    if stated.ends_on <= clock.ends_on or (clock.struck and stated.ends_on < move.on):
        raise _not_allowed(move, "not_later", stated.ends_on, present=clock.ends_on)
    until = _until(move, clock)
    if until is not None and stated.ends_on > until.ends_on:
        raise _not_allowed(
            move, "past_the_cutoff", stated.ends_on, present=until.ends_on, rule=until.rule.value
        )


def extend_deadline(move: Move, stated: ExtendDeadline) -> None:
    """A later last day, taken as it is given; who it concerns is told (`decision.settle`)."""
    case = move.case
    clock = next(item for item in clocks_of(case) if item.key == stated.rule)
    extend(
        case,
        clock,
        Extension(
            clock=identity_of(clock),
            ends_on=stated.ends_on,
            by=move.actor.organisation if move.actor else "",
            reason=stated.reason,
            at=move.at,
        ),
    )
    move.reason, move.clause = stated.reason, clock.clause
    if not case.calendar.is_working_day(stated.ends_on):
        move.warn(CautionCode.REST_DAY, clock.clause, date=stated.ends_on)


EXTEND = Rule(extend_deadline, may_extend_something, _may_extend)


def _why_never(move: Move, clock: Deadline) -> bool:
    return CLOCKS[clock.rule].extended_by is By.NOBODY


def _left_to_the_meeting(move: Move, clock: Deadline) -> bool:
    return move.case.in_meeting and CLOCKS[clock.rule].of_meeting


def _is_entitled(move: Move, clock: Deadline) -> bool:
    """Who set the term, or the committee's office (T1)."""
    held = relations(move.case, move.actor) if move.actor else frozenset[Relation]()
    if held & OFFICE:
        return True
    match CLOCKS[clock.rule].extended_by:
        case By.UNIT:
            return Relation.UNIT in held
        case By.CHAIN:
            places = {place.organisation for place in move.case.chain}
            return move.actor is not None and move.actor.organisation in places
        case _:
            return False


def _is_over(move: Move, clock: Deadline) -> bool:
    """Too late to extend, but for the office's own intake, and a clock of a case that was re-opened
    after it had struck: there a later day is the way on."""
    if clock.rule is RuleName.INTAKE_DUTY or clock.struck:
        return False
    return move.at > clock.ends_at


def _until(move: Move, clock: Deadline) -> Deadline | None:
    """The clock whose end would strike before: nobody is promised a day past it (A14)."""
    until = CLOCKS[clock.rule].until
    found = move.clock(until) if until is not None else None
    return found if found is not None and not found.struck else None


def _not_running(move: Move, rule: str) -> Exception:
    known = "、".join(item.key for item in clocks_of(move.case)) or "无"
    return move.refusal(Code.NOT_LATE, "extend_deadline", rule=rule, known=known)


def _by_meeting(move: Move) -> Exception:
    return move.refusal(
        Code.BY_MEETING, "by_meeting", meeting=move.case.meeting, action=move.action
    )


def _not_entitled(move: Move) -> Exception:
    return move.refusal(Code.NOT_ENTITLED, "extend_deadline", needed=Relation.OFFICE.value)


def _not_allowed(move: Move, reason: str, day: date, **params: object) -> Exception:
    return move.refusal(Code.DATE_NOT_ALLOWED, "extend_deadline", reason=reason, date=day, **params)
