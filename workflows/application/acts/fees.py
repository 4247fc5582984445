"""The review fee: pay notice, money, the payment window (BD 三3, LC 三(三), A18, A19)."""

from __future__ import annotations

from workflows.application.acts.anytime import reopen
from workflows.application.case import Case, Payment
from workflows.application.move import Move
from workflows.application.payloads import PayNotice, RecordPayment
from workflows.rules.deadlines import (
    Deadline,
    compute,
    fixed,
    full_working_days_left,
    window_deadline,
)
from workflows.rules.message import local, local_date, start_of
from workflows.rules.names import LetterKind, Party, RuleName, Stage
from workflows.rules.refusals import Code, refuse
from workflows.writer.stating import outside_moment


def send_pay_notice(move: Move, stated: PayNotice) -> None:
    """The pay notice names the last day; without it nothing lapses (A18).

    On a reinstated case it gives a new last day; money that had come late counts by that.

    Raises:
        Refused: `window_not_open` before the payment window; `date_not_allowed` for an end
            before the printed one; `already_decided` where one was sent.
    """
    case = move.case
    window = case.policy.windows.payment
    if move.at < start_of(window.starts_on):
        raise refuse(Code.WINDOW_NOT_OPEN, window.source, starts_on=window.starts_on)
    running = case.deadline(RuleName.PAYMENT_WINDOW)
    if running is not None and not running.struck:
        raise refuse(Code.ALREADY_DECIDED, window.source, action=move.action)
    deadline = payment_end(move)
    if stated.ends_on is not None:
        if stated.ends_on < deadline.ends_on:
            raise refuse(
                Code.DATE_NOT_ALLOWED,
                window.source,
                reason="not_later",
                date=stated.ends_on,
                present=deadline.ends_on,
            )
        deadline = fixed(
            RuleName.PAYMENT_WINDOW,
            case.policy.terms(RuleName.PAYMENT_WINDOW),
            case.calendar,
            starts_on=move.on,
            ends_on=stated.ends_on,
        )
    if running is not None and _paid_by(case, deadline) >= case.fee:
        _paid(move)
        return
    _notify_fee(move, deadline, url=stated.url)


def send_pay_notice_if_open(move: Move) -> None:
    """By itself, when the case waits for payment and the window is open; earlier money counts."""
    case = move.case
    if move.at < start_of(case.policy.windows.payment.starts_on):
        return
    if _paid_in_time(case) >= case.fee:
        _paid(move)
        return
    _notify_fee(move, payment_end(move))


def payment_end(move: Move) -> Deadline:
    """The last day to pay: the window's, or the case's own where it is too near (A18)."""
    case = move.case
    terms = case.policy.terms(RuleName.PAYMENT_WINDOW)
    window = case.policy.windows.payment
    printed = window_deadline(RuleName.PAYMENT_WINDOW, terms, case.calendar, window)
    payment = case.policy.payment
    left = full_working_days_left(case.calendar, move.at, printed.ends_on)
    opens_today = move.at == start_of(window.starts_on)
    if opens_today or left >= payment.min_full_working_days:
        return printed.model_copy(update={"starts_on": max(window.starts_on, move.on)})
    own = terms.model_copy(update={"unit": "wd", "length": payment.own_term})
    return compute(RuleName.PAYMENT_WINDOW, own, case.calendar, move.on).model_copy(
        update={"clause": payment.source}
    )


def record_payment(move: Move, stated: RecordPayment) -> None:
    """Money arrived; it counts by the time it was paid, not told (A19).

    The same transaction number again changes nothing. Less than the fee: stays and says so;
    more: moves, and a person looks at the difference. On a case that ended `payment_missed` all
    money is kept, and it re-opens once what was paid in time reaches the fee (A18).

    Raises:
        Refused: `date_not_allowed` for a payment in the future; `duplicate_conflict` where the
            transaction number is known with another sum.
    """
    case = move.case
    paid_at = outside_moment(move, local(stated.paid_at))
    for known in case.payments:
        if known.transaction == stated.transaction:
            if known.yuan != stated.yuan:
                raise refuse(Code.DUPLICATE_CONFLICT, "A19", transaction=stated.transaction)
            return
    payment = Payment(
        transaction=stated.transaction, yuan=stated.yuan, paid_at=paid_at, received_at=move.at
    )
    case.payments.append(payment)
    move.payment = payment
    end = case.end
    if end is not None:
        if end.deadline is not None and _paid_by(case, end.deadline) >= case.fee:
            move.clause = case.policy.windows.payment.source
            reopen(move)
            _paid(move)
        return
    if case.stage is not Stage.AWAITING_PAYMENT:
        return
    move.clause = case.policy.windows.payment.source
    if move.at >= start_of(case.policy.windows.payment.starts_on):
        _settle_money(move)


def _settle_money(move: Move) -> None:
    case = move.case
    in_time = _paid_in_time(case)
    if in_time >= case.fee:
        _paid(move)
        return
    deadline = case.deadline(RuleName.PAYMENT_WINDOW)
    move.tell(
        LetterKind.FEE_RECEIVED,
        Party.APPLICANT,
        paid=in_time,
        fee=case.fee,
        short=case.fee - in_time,
        deadline_on=deadline.ends_on if deadline else "",
    )


def _paid(move: Move) -> None:
    case = move.case
    total = sum(payment.yuan for payment in case.payments)
    case.paid_on = local_date(max(payment.paid_at for payment in case.payments))
    move.go(Stage.AWAITING_MEETING)
    move.tell(LetterKind.FEE_RECEIVED, Party.APPLICANT, paid=total, fee=case.fee)
    if total > case.fee:
        move.tell(LetterKind.TASK, Party.OFFICE, task="overpaid", paid=total, fee=case.fee)


def _paid_in_time(case: Case) -> int:
    """Yuan paid by the last day; before a pay notice named one, all of it."""
    deadline = case.deadline(RuleName.PAYMENT_WINDOW)
    if deadline is None:
        return sum(payment.yuan for payment in case.payments)
    return _paid_by(case, deadline)


def _paid_by(case: Case, deadline: Deadline) -> int:
    return sum(item.yuan for item in case.payments if item.paid_at <= deadline.ends_at)


def _notify_fee(move: Move, deadline: Deadline, *, url: str = "") -> None:
    case = move.case
    started = move.open(deadline)
    case.pay_notice_on = move.on
    move.tell(
        LetterKind.FEE_DUE,
        Party.APPLICANT,
        fee=case.fee,
        deadline_on=started.ends_on,
        deadline_at=started.ends_at.isoformat(),
        rule=started.rule.value,
        clause=started.clause,
        url=url or case.policy.payment.url,
    )
