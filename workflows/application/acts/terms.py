"""A later last day for one running clock (domain.md 3C: `extend_deadline`)."""

from __future__ import annotations

from datetime import date, time, timedelta

from workflows.application.act import Rule
from workflows.application.case import Case
from workflows.application.clocks import CLOCKS, By, clocks_of, own_end, who_owes
from workflows.application.move import Move
from workflows.application.payloads import ExtendDeadline
from workflows.rules.clocks import Extension, extend, identity_of
from workflows.rules.deadlines import Deadline
from workflows.rules.message import end_of, local
from workflows.rules.names import CautionCode, DeadlineKind, Relation, RuleName
from workflows.rules.refusals import Code, refuse
from workflows.writer.stating import need_reason

LONG_AGO = timedelta(days=31)
"""Beside the working days, so that a day past every calendar is refused as what it is."""

NEEDED = {
    By.UNIT: Relation.UNIT,
    By.CHAIN: Relation.HOLDER,
    By.OFFICE: Relation.OFFICE,
    By.SUPERVISOR: Relation.OFFICE_SUPERVISOR,
}


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
    entitled = [clock for clock in own if _is_entitled(move, clock)]
    if not entitled:
        raise _not_entitled(move, own[0])
    if all(_is_over(move, clock) for clock in entitled):
        over = entitled[0]
        raise refuse(Code.WINDOW_CLOSED, over.clause, ends_on=over.ends_on)


def _may_extend(move: Move, stated: ExtendDeadline) -> None:
    need_reason(stated.reason, move.clause_of("extend_deadline"))
    clock = next((item for item in clocks_of(move.case) if item.key == stated.rule), None)
    if clock is None or _why_never(move, clock):
        raise _not_running(move, stated.rule)
    if _left_to_the_meeting(move, clock):
        raise _by_meeting(move)
    if not _is_entitled(move, clock):
        raise _not_entitled(move, clock)
    if _is_over(move, clock):
        raise refuse(Code.WINDOW_CLOSED, clock.clause, ends_on=clock.ends_on)
    if stated.ends_on <= clock.ends_on or (clock.struck and stated.ends_on < move.on):
        raise _not_allowed(move, "not_later", stated.ends_on, present=clock.ends_on)
    until = _until(move, clock)
    if until is not None and stated.ends_on > until.ends_on:
        raise _not_allowed(
            move, "past_the_cutoff", stated.ends_on, present=until.ends_on, rule=until.rule.value
        )
    if until is not None and clock.kind is DeadlineKind.FLOOR:
        _leaves_a_day(move, stated.ends_on, until)
    _within_bounds(move, clock, stated.ends_on)


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
            closes_at=_hour(_until(move, clock), stated.ends_on),
            by=move.actor.organisation if move.actor else "",
            reason=stated.reason,
            at=move.at,
        ),
    )
    move.reason, move.clause = stated.reason, clock.clause
    if not case.calendar.is_working_day(stated.ends_on):
        move.warn(CautionCode.REST_DAY, clock.clause, date=stated.ends_on)


def within(move: Move, rule: RuleName, own: date, ends_on: date) -> None:
    """A later last day lies no further behind the clock's own than its row says.

    Raises:
        Refused: `date_not_allowed`.
    """
    at_most = CLOCKS[rule].at_most
    far = ends_on - own > LONG_AGO + timedelta(days=2 * at_most)
    if far or move.calendar.working_days_between(own, ends_on) > at_most:
        raise _not_allowed(move, "past_the_bound", ends_on, days=at_most, own=own)


def _is_printed(move: Move, stated: ExtendDeadline) -> bool:
    """A date that the notice prints is moved by two."""
    rule = stated.rule.partition(":")[0]
    return CLOCKS[RuleName(rule)].extended_by is By.SUPERVISOR


EXTEND = Rule(extend_deadline, may_extend_something, _may_extend, second=_is_printed)


def _why_never(move: Move, clock: Deadline) -> bool:
    by = CLOCKS[clock.rule].extended_by
    city_office = move.policy.committee.city_office
    return by is By.NOBODY or (by is By.ABOVE and who_owes(move.case, clock) == city_office)


def _left_to_the_meeting(move: Move, clock: Deadline) -> bool:
    return move.case.in_meeting and CLOCKS[clock.rule].of_meeting


def _is_entitled(move: Move, clock: Deadline) -> bool:
    """Only who set the term; and of a duty nobody who owes it (办理口径8)."""
    held = move.relations
    by = CLOCKS[clock.rule].extended_by
    match by:
        case By.CHAIN:
            return move.actor is not None and move.actor.organisation == _who_returned(move.case)
        case By.ABOVE:
            return _who_is_above(move.case, clock) in held
        case _:
            return NEEDED[by] in held


def _who_returned(case: Case) -> str:
    """The place of the chain that set the running term; whoever acts under its name."""
    given = case.last_return
    at = given.chain_index if given is not None else case.chain_index
    return case.chain[at].organisation if at < len(case.chain) else ""


def _who_is_above(case: Case, clock: Deadline) -> Relation:
    """The office; above the office 市职改办."""
    return Relation.CITY_OFFICE if who_owes(case, clock) == case.office else Relation.OFFICE


def _leaves_a_day(move: Move, ends_on: date, until: Deadline) -> None:
    """A floor is over before its stage ends, with a working day left to finish it on."""
    if move.calendar.working_days_between(ends_on, until.ends_on) < 1:
        raise _not_allowed(
            move, "no_day_to_finish", ends_on, present=until.ends_on, rule=until.rule.value
        )


def _within_bounds(move: Move, clock: Deadline, ends_on: date) -> None:
    """All extensions together move a clock by no more than its row says; one whose end is over is
    extended from today, because yesterday helps nobody."""
    own = own_end(move.case, clock)
    over = clock.struck or move.at > clock.ends_at
    within(move, clock.rule, max(own, move.on) if over else own, ends_on)


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


def _hour(until: Deadline | None, ends_on: date) -> time | None:
    """The hour at which that end strikes, where it does so on the very day that is allowed."""
    if until is None or until.ends_on != ends_on or until.ends_at == end_of(ends_on):
        return None
    return local(until.ends_at).time()


def _not_running(move: Move, rule: str) -> Exception:
    known = "、".join(item.key for item in clocks_of(move.case)) or "无"
    return move.refusal(Code.NOT_LATE, "extend_deadline", rule=rule, known=known)


def _by_meeting(move: Move) -> Exception:
    return move.refusal(
        Code.BY_MEETING, "by_meeting", meeting=move.case.meeting, action=move.action
    )


def _not_entitled(move: Move, clock: Deadline) -> Exception:
    by = CLOCKS[clock.rule].extended_by
    needed = _who_is_above(move.case, clock) if by is By.ABOVE else NEEDED[by]
    return move.refusal(Code.NOT_ENTITLED, "extend_deadline", needed=needed.value)


def _not_allowed(move: Move, reason: str, day: date, **params: object) -> Exception:
    return move.refusal(Code.DATE_NOT_ALLOWED, "extend_deadline", reason=reason, date=day, **params)
