"""What strikes next, and what striking does to the case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, TypedDict, assert_never

from workflows.application.acts.arrivals import tell_office_in_time, tell_task
from workflows.application.acts.fees import send_pay_notice_if_open
from workflows.application.acts.recheck import end_by_result
from workflows.application.acts.seconds import expire
from workflows.application.case import Asked, Case
from workflows.application.clocks import CLOCKS, Striking, clocks_of, who_answers
from workflows.application.inquiring import holds_publicity
from workflows.application.move import Move
from workflows.application.parties import APPLICANT, holder, superior_of
from workflows.letter.kinds import Abandoned, DatesChanged, Ended, Lapsed, PaymentMissed
from workflows.letter.kinds import Reminder as ReminderLetter
from workflows.letter.letter import dated
from workflows.rules.clocks import identity_of, reminded, strike_off
from workflows.rules.deadlines import Deadline
from workflows.rules.message import end_of, local_date, start_of
from workflows.rules.names import DeadlineKind, EndName, Party, RuleName, Stage
from workflows.rules.policy import Reminder
from workflows.rules.publicity import Publicity
from workflows.rules.refusals import Refused
from workflows.rules.reminders import next_reminders

BEFORE_THE_CUTOFF, AT_THE_CUTOFF, AFTER_IT, LAST = range(4)
"""Who of several that end at one instant goes first: a term that the notice ends with words of its
own, then the cutoff, then everything else; reminders last."""


@dataclass(frozen=True)
class Due:
    """Something that strikes: a deadline's end, a reminder, the pay notice, what nobody confirmed in
    time, the closing."""

    at: datetime
    as_of: datetime
    what: Literal["strike", "reminder", "pay_notice", "request_expired", "close"]
    key: str = ""
    reminder: Reminder | None = None
    reminder_id: str = ""
    order: int = LAST


def next_due(case: Case, settle_seconds: int) -> Due | None:
    """The earliest thing that strikes, if nobody acts.

    Args:
        settle_seconds: how long a lapse waits for an act that is on its way.

    Raises:
        Refused: `calendar_missing` where a clock cannot be computed any more.
    """
    dues = _dues(case, settle_seconds)
    return min(dues, key=lambda due: (due.at, due.order)) if dues else None


def strike(move: Move, due: Due) -> None:
    """Let one due thing happen to the case."""
    match due.what:
        case "reminder":
            _remind(move, due)
        case "pay_notice":
            send_pay_notice_if_open(move)
        case "strike":
            clock = move.clock(due.key)
            if clock is not None:
                move.clause = clock.clause
                _strike(move, clock)
        case "request_expired":
            expire(move)
        case "close":
            # What follows from now on finds the case closed; the record says so.
            end = move.case.end
            if end is not None:
                end.closes_at, end.listened_until = None, end.closes_at


def _dues(case: Case, settle_seconds: int) -> list[Due]:
    dues = [_unconfirmed(asked, settle_seconds) for asked in case.asked]
    if case.end is not None:
        closes_at = case.end.closes_at
        if closes_at is None:
            return []
        return [*dues, Due(at=closes_at, as_of=closes_at, what="close")]
    for clock in clocks_of(case):
        dues += _ends(clock, settle_seconds)
        dues += _reminders(case, clock)
    if case.stage is Stage.AWAITING_PAYMENT and case.pay_notice is None:
        opens = start_of(case.policy.windows.payment.starts_on)
        dues.append(Due(at=opens, as_of=opens, what="pay_notice"))
    return dues


def _unconfirmed(asked: Asked, settle_seconds: int) -> Due:
    at = asked.until + timedelta(seconds=settle_seconds)
    return Due(at=at, as_of=asked.until, what="request_expired")


def _ends(clock: Deadline, settle_seconds: int) -> list[Due]:
    striking = CLOCKS[clock.rule].strikes
    if clock.struck or striking is Striking.NOTHING:
        return []
    wait = 0 if clock.kind is DeadlineKind.FLOOR else settle_seconds
    order = {Striking.ABANDONED: BEFORE_THE_CUTOFF, Striking.CUTOFF: AT_THE_CUTOFF}
    return [
        Due(
            at=clock.ends_at + timedelta(seconds=wait),
            as_of=clock.ends_at,
            what="strike",
            key=clock.key,
            order=order.get(striking, AFTER_IT),
        )
    ]


def _reminders(case: Case, clock: Deadline) -> list[Due]:
    row = CLOCKS[clock.rule]
    if case.stage in row.silent_in:
        return []
    if case.in_meeting and row.of_meeting:
        return []  # the meeting reminds once for all of its batch (design.md 15)
    terms = case.policy.terms(clock.rule)
    return [
        Due(
            at=item.at,
            as_of=item.at,
            what="reminder",
            key=clock.key,
            reminder=item.reminder,
            reminder_id=item.id,
        )
        for item in next_reminders(clock, terms, case.calendar, reminded(case, clock))
    ]


def _remind(move: Move, due: Due) -> None:
    """Tell once; of several missed while the fleet was away only the latest is told."""
    case = move.case
    clock = move.clock(due.key)
    if clock is None or due.reminder is None:
        return
    struck = case.promised[identity_of(clock)].reminded
    following, latest = due, due
    while True:
        struck.append(following.reminder_id)
        missed = [item for item in _reminders(case, clock) if item.at <= move.now]
        if not missed:
            break
        following = max(missed, key=lambda item: item.at)
        latest = max(latest, following, key=lambda item: item.at)
    move.at = latest.as_of
    reminder = latest.reminder or due.reminder
    for name in reminder.to:
        _tell_reminder(move, clock, Party(name), overdue=latest.at >= clock.ends_at)
    if clock.rule is RuleName.CHAIN_CUTOFF and holds_publicity(case):
        tell_office_in_time(move, clock)


def _tell_reminder(move: Move, clock: Deadline, party: Party, *, overdue: bool) -> None:
    case = move.case
    organisation = ""
    if party is Party.HOLDER:
        answers = who_answers(case, clock)
        party = Party.APPLICANT if answers == APPLICANT else party
        organisation = "" if answers == APPLICANT else answers
    letter = ReminderLetter(
        deadline_key=clock.key, stage=case.stage, overdue=overdue, **dated(clock)
    )
    move.tell(letter, party, organisation=organisation)


def _strike(move: Move, clock: Deadline) -> None:
    striking = CLOCKS[clock.rule].strikes
    match striking:
        case Striking.FLOOR_OVER:
            _floor_over(move, clock)
        case Striking.ABANDONED:
            _abandon(move, clock, CLOCKS[clock.rule].ends_under)
        case Striking.BACK_TO_LEVEL:
            _back_to_level(move, clock)
        case Striking.CUTOFF:
            _cutoff(move, clock)
        case Striking.PAYMENT_MISSED:
            _payment_missed(move, clock)
        case Striking.RIGHT_OVER:
            _right_over(move, clock)
        case Striking.NOTHING:
            strike_off(move.case, clock)
        case _:
            assert_never(striking)


def _floor_over(move: Move, clock: Deadline) -> None:
    case = move.case
    of_unit = clock.rule is RuleName.UNIT_PUBLICITY
    _end_posting(case.unit_publicity if of_unit else case.result_publicity, clock)
    if of_unit:
        tell_task(move, "may_finish_publicity")
    elif not case.in_meeting:
        tell_task(move, "may_send_for_confirmation")


def _end_posting(posted: Publicity | None, clock: Deadline) -> None:
    if posted is not None:
        posted.ends_on, posted.over_at = clock.ends_on, clock.ends_at


def _back_to_level(move: Move, clock: Deadline) -> None:
    strike_off(move.case, clock)
    move.go(Stage.CHAIN_REVIEW)
    over = DatesChanged(action="correction_over", stage=Stage.CHAIN_REVIEW, clause=clock.clause)
    move.tell(over, Party.APPLICANT)
    tell_task(move)


def _cutoff(move: Move, clock: Deadline) -> None:
    case = move.case
    held_by = holder(case)
    if held_by == APPLICANT:
        _abandon(move, clock, "abandoned:chain")
        return
    if not case.policy.limits.lapse_on_chain_delay:
        strike_off(case, clock)
        return
    superior = superior_of(case, held_by)
    move.finish(
        EndName.LAPSED,
        move.clause_of(CLOCKS[clock.rule].ends_under, clock.clause),
        clock=clock.key,
        responsible=held_by,
        deadline=strike_off(case, clock),
        closes_at=late_until(case, clock.ends_at),
    )
    lapsed = Lapsed(responsible=held_by, **_told_of_end(move, clock))
    move.tell(lapsed, Party.APPLICANT)
    move.tell(lapsed, Party.HOLDER, organisation=held_by)
    if superior:
        move.tell(lapsed, Party.SUPERIOR, organisation=superior)


def _abandon(move: Move, clock: Deadline, key: str) -> None:
    case = move.case
    move.finish(
        EndName.ABANDONED,
        move.clause_of(key, clock.clause),
        clock=clock.key,
        deadline=strike_off(case, clock),
        closes_at=late_until(case, clock.ends_at),
    )
    abandoned = Abandoned(**_told_of_end(move, clock))
    move.tell(abandoned, Party.APPLICANT)
    move.tell(abandoned, Party.UNIT)
    if key == "abandoned:committee":
        move.tell(abandoned, Party.OFFICE)


def _payment_missed(move: Move, clock: Deadline) -> None:
    case = move.case
    days = timedelta(days=case.policy.payment.reopen_days)
    move.finish(
        EndName.PAYMENT_MISSED,
        move.clause_of("payment_missed", clock.clause),
        clock=clock.key,
        deadline=strike_off(case, clock),
        closes_at=end_of(local_date(clock.ends_at + days)),
    )
    missed = PaymentMissed(fee=case.fee, **_told_of_end(move, clock))
    move.tell(missed, Party.APPLICANT)


def _right_over(move: Move, clock: Deadline) -> None:
    case = move.case
    struck = strike_off(case, clock)
    if case.stage is Stage.RECHECK:
        return  # the answer is still owed; it brings the end
    end_by_result(move, struck, late_until(case, clock.ends_at))
    # What the right's end brought is not reinstated (decision 0004): no day is told for asking.
    told = _told_of_end(move, clock)
    told["closes_on"] = None
    move.tell(Ended(**told), Party.APPLICANT)


class _OfEnd(TypedDict):
    """What a letter says of an end that a clock has brought."""

    deadline_on: date
    rule: RuleName
    clause: str
    end: EndName | None
    stage: Stage | None
    closes_on: date | None


def _told_of_end(move: Move, clock: Deadline) -> _OfEnd:
    end = move.case.end
    return _OfEnd(
        deadline_on=clock.ends_on,
        rule=clock.rule,
        clause=end.clause if end else clock.clause,
        end=end.name if end else None,
        stage=end.left_stage if end else None,
        closes_on=_last_day(end.closes_at) if end and end.closes_at else None,
    )


def _last_day(closes_at: datetime) -> date:
    """The day whose 24:00 an instant is: the letter names it, and the case listens until then."""
    return local_date(closes_at - timedelta(seconds=1))


def late_until(case: Case, at: datetime) -> datetime:
    """How long an ended case still listens for an act that was made in time: to the end of the day
    after the late delivery's working days."""
    days = case.policy.limits.late_delivery_working_days
    try:
        last = case.calendar.add_working_days(local_date(at), days)
    except Refused:
        # The year is not published yet: listen twice as many calendar days instead.
        last = local_date(at) + timedelta(days=2 * days)
    return end_of(last + timedelta(days=1))
