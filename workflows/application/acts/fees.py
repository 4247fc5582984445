"""The review fee: pay notice, money, the payment window (BD 三3, LC 三(三), A18, A19)."""

from __future__ import annotations

from workflows.application.act import Rule
from workflows.application.acts.terms import within
from workflows.application.case import Case, Payment, PayNotice
from workflows.application.inquiring import stands_against
from workflows.application.move import Move
from workflows.application.payloads import PayNotice as StatedNotice
from workflows.application.payloads import RecordPayment
from workflows.letter.kinds import FeeDue, FeeReceived, Task
from workflows.letter.letter import dated
from workflows.rules.clocks import Start, running
from workflows.rules.deadlines import Deadline, full_working_days_left
from workflows.rules.message import end_of, local, local_date, start_of
from workflows.rules.names import CautionCode, EndName, Party, Relation, RuleName, Stage
from workflows.rules.refusals import Code, refuse
from workflows.writer.stating import outside_moment


def may_notify(move: Move) -> None:
    """The window is open and no pay notice runs; on a reinstated case it gives a new last day.

    Raises:
        Refused: `window_not_open` before the payment window; `already_decided` where one runs.
    """
    window = move.case.policy.windows.payment
    if move.at < start_of(window.starts_on):
        raise refuse(Code.WINDOW_NOT_OPEN, window.source, starts_on=window.starts_on)
    clock = move.clock(RuleName.PAYMENT_WINDOW)
    if clock is not None and not clock.struck:
        raise refuse(Code.ALREADY_DECIDED, window.source, action=move.action)


def _no_earlier_than_printed(move: Move, stated: StatedNotice) -> None:
    """A later day than the notice prints is an extension, and asks what every extension asks."""
    if stated.ends_on is None:
        return
    present = payment_end(move)
    if stated.ends_on < present.ends_on:
        raise refuse(
            Code.DATE_NOT_ALLOWED,
            move.case.policy.windows.payment.source,
            reason="not_later",
            date=stated.ends_on,
            present=present.ends_on,
        )
    if stated.ends_on > present.ends_on:
        supervisor = Relation.OFFICE_SUPERVISOR
        if supervisor not in move.relations:
            raise move.refusal(Code.NOT_ENTITLED, "extend_deadline", needed=supervisor.value)
        within(move, RuleName.PAYMENT_WINDOW, present.ends_on, stated.ends_on)


def send_pay_notice(move: Move, stated: StatedNotice) -> None:
    """The pay notice names the last day; without it nothing lapses (A18).

    On a reinstated case money that had come late counts by the new last day.
    """
    later = stated.ends_on if _is_later_than_printed(move, stated) else None
    notice = _notice(move).model_copy(update={"ends_on": later})
    last = end_of(later) if later else payment_end(move).ends_at
    running_before = move.clock(RuleName.PAYMENT_WINDOW)
    in_time = sum(item.yuan for item in move.case.payments if item.paid_at <= last)
    if running_before is not None and in_time >= move.case.fee:
        _paid(move)
        return
    _notify_fee(move, notice, url=stated.url)


def send_pay_notice_if_open(move: Move) -> None:
    """By itself, when the case waits for payment and the window is open; earlier money counts."""
    case = move.case
    if move.at < start_of(case.policy.windows.payment.starts_on):
        return
    if _paid_in_time(case, move.clock(RuleName.PAYMENT_WINDOW)) >= case.fee:
        _paid(move)
        return
    _notify_fee(move, _notice(move))


def payment_end(move: Move) -> Deadline:
    """The last day to pay if it were noticed now: the window's, or the case's own (A18)."""
    case, notice = move.case, _notice(move)
    payment, window = case.policy.payment, case.policy.windows.payment
    start = (
        Start(at=notice.at, on=notice.on, length=payment.own_term, unit="wd", clause=payment.source)
        if notice.own_term
        else Start(
            at=notice.at,
            on=notice.on,
            ends_on=window.ends_on,
            closes_at=window.closes_at,
            clause=window.source,
        )
    )
    return running(case, RuleName.PAYMENT_WINDOW, start, case.policy, case.calendar)


def may_take_money(move: Move) -> None:
    """A case that ended takes money only while `payment_missed` still listens (A19).

    Raises:
        Refused: `already_decided`.
    """
    end = move.case.end
    if end is not None and (end.name is not EndName.PAYMENT_MISSED or end.closes_at is None):
        raise refuse(Code.ALREADY_DECIDED, end.clause, end=end.name.value)


def _known_once(move: Move, stated: RecordPayment) -> None:
    outside_moment(move, local(stated.paid_at))
    for known in move.case.payments:
        if known.transaction == stated.transaction and known.yuan != stated.yuan:
            raise move.refusal(
                Code.DUPLICATE_CONFLICT, "payment_counts", transaction=stated.transaction
            )


def record_payment(move: Move, stated: RecordPayment) -> None:
    """Money arrived; it counts by the time it was paid, not told (A19).

    The same transaction number again changes nothing. Less than the fee: stays and says so;
    more: moves, and a person looks at the difference. On a case that ended `payment_missed` all
    money is kept, and it re-opens once what was paid in time reaches the fee (A18).
    """
    case = move.case
    if any(known.transaction == stated.transaction for known in case.payments):
        return
    payment = Payment(
        transaction=stated.transaction,
        yuan=stated.yuan,
        paid_at=local(stated.paid_at),
        received_at=move.at,
    )
    case.payments.append(payment)
    move.payment = payment
    end = case.end
    if end is not None:
        enough = end.deadline is not None and _paid_in_time(case, end.deadline) >= case.fee
        if enough and not stands_against(case):
            move.clause = case.policy.windows.payment.source
            move.reopen()
            _paid(move)
        return
    if case.stage is not Stage.AWAITING_PAYMENT:
        return
    move.clause = case.policy.windows.payment.source
    if move.at >= start_of(case.policy.windows.payment.starts_on):
        _settle_money(move)


def _is_later_than_printed(move: Move, stated: StatedNotice) -> bool:
    return stated.ends_on is not None and stated.ends_on > payment_end(move).ends_on


NOTIFY = Rule(send_pay_notice, may_notify, _no_earlier_than_printed, second=_is_later_than_printed)
PAY = Rule(record_payment, may_take_money, _known_once)


def _notice(move: Move) -> PayNotice:
    """A notice that can be read from now on, whenever it was meant to be sent; too near the window's
    end the case gets a term of its own (A18)."""
    case, on = move.case, local_date(move.now)
    window = case.policy.windows.payment
    left = full_working_days_left(case.calendar, move.now, window.ends_on)
    opens_now = move.at == start_of(window.starts_on) and on == window.starts_on
    own = not opens_now and left < case.policy.payment.min_full_working_days
    return PayNotice(at=move.now, on=on, own_term=own)


def _settle_money(move: Move) -> None:
    case = move.case
    clock = move.clock(RuleName.PAYMENT_WINDOW)
    in_time = _paid_in_time(case, clock)
    if in_time >= case.fee:
        _paid(move)
        return
    clause = case.policy.windows.payment.source
    if clock is not None and clock.struck:
        _keep_for_the_notice(move, clause)
        return
    short = case.fee - in_time
    move.warn(CautionCode.FEE_SHORT, clause, paid=in_time, fee=case.fee, short=short)
    received = FeeReceived(
        paid=in_time, fee=case.fee, short=short, deadline_on=clock.ends_on if clock else None
    )
    move.tell(received, Party.APPLICANT)


def _keep_for_the_notice(move: Move, clause: str) -> None:
    """A reinstated case has no last day until the office names one: what was paid after the old one
    counts by the new (A18), and whoever has paid is not asked to pay again."""
    case = move.case
    paid = sum(payment.yuan for payment in case.payments)
    move.warn(CautionCode.FEE_WAITS, clause, paid=paid, fee=case.fee)
    short = case.fee - paid if paid < case.fee else None
    kept = FeeReceived(paid=paid, fee=case.fee, short=short, waits=True)
    move.tell(kept, Party.APPLICANT)


def _paid(move: Move) -> None:
    case = move.case
    total = sum(payment.yuan for payment in case.payments)
    move.go(Stage.AWAITING_MEETING)
    move.tell(FeeReceived(paid=total, fee=case.fee), Party.APPLICANT)
    if total > case.fee:
        clause = case.policy.windows.payment.source
        move.warn(CautionCode.FEE_OVER, clause, paid=total, fee=case.fee)
        move.tell(Task(task="overpaid", paid=total, fee=case.fee), Party.OFFICE)


def _paid_in_time(case: Case, clock: Deadline | None) -> int:
    """Yuan paid by the last day; before a pay notice named one, all of it."""
    return sum(
        item.yuan for item in case.payments if clock is None or item.paid_at <= clock.ends_at
    )


def _notify_fee(move: Move, notice: PayNotice, *, url: str = "") -> None:
    case = move.case
    case.pay_notice = notice
    clock = move.started(RuleName.PAYMENT_WINDOW)
    if notice.own_term and notice.ends_on is None:
        move.warn(CautionCode.OWN_PAY_TERM, clock.clause, ends_on=clock.ends_on)
    due = FeeDue(fee=case.fee, url=url or case.policy.payment.url, **dated(clock))
    move.tell(due, Party.APPLICANT)
