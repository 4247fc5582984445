"""Who must be told what by a step, and that every day a letter names is the day it is."""

from __future__ import annotations

from datetime import date

from tests.lives.law.clocks import Want
from tests.lives.law.days import between, day_of
from tests.lives.law.gates import inquirer_of
from tests.lives.people import APPLICANT, holder_of, office_of
from tests.lives.world import Seen
from workflows.application.case import Case
from workflows.rules.names import InquiryKind, LetterKind, Party, Result, Stage
from workflows.writer.messages import LetterOrder

K, P, S = LetterKind, Party, Stage
OF_A_MEETING = frozenset(
    {"result_report", "result_publicity", "confirmation", "confirmation_reply", "city_confirmation"}
)
Told = tuple[LetterKind, Party]

BY_ACT: dict[str, tuple[Told, ...]] = {
    "start_publicity": ((K.PUBLICITY_STARTED, P.APPLICANT), (K.PUBLICITY_STARTED, P.SUPERIOR)),
    "finish_publicity": ((K.PASSED_UP, P.APPLICANT), (K.TASK, P.HOLDER)),
    "approve": ((K.PASSED_UP, P.APPLICANT), (K.TASK, P.HOLDER)),
    "resubmit": ((K.TASK, P.HOLDER),),
    "accept": ((K.ACCEPTED, P.APPLICANT),),
    "assign_to_meeting": ((K.MEETING_SET, P.APPLICANT),),
    "leave_meeting": ((K.MEETING_SET, P.APPLICANT),),
    "request_recheck": ((K.RECHECK_RECEIVED, P.APPLICANT), (K.RECHECK_RECEIVED, P.OFFICE)),
    "decide_recheck": ((K.RECHECK_DECIDED, P.APPLICANT), (K.RECHECK_DECIDED, P.UNIT)),
    "forward_confirmation": ((K.FORWARDED, P.APPLICANT), (K.FORWARDED, P.UNIT)),
    "conclude_inquiry": ((K.INQUIRY_CONCLUDED, P.APPLICANT),),
    "ask_second_person": ((K.TASK, P.OFFICE),),
    "urge": ((K.URGED, P.HOLDER),),
    "set_aside": ((K.DATES_CHANGED, P.APPLICANT),),
    "reinstate": ((K.DATES_CHANGED, P.APPLICANT),),
    "confirm": ((K.CONFIRMED, P.APPLICANT),),
    "reply_to_entrusting_unit": ((K.REPLIED, P.APPLICANT), (K.REPLIED, P.ENTRUSTING_UNIT)),
    "file_for_record": ((K.FILED, P.APPLICANT),),
}
BY_STRIKE: dict[str, tuple[Told, ...]] = {
    "unit_correction": ((K.ABANDONED, P.APPLICANT), (K.ABANDONED, P.UNIT)),
    "committee_correction": (
        (K.ABANDONED, P.APPLICANT),
        (K.ABANDONED, P.UNIT),
        (K.ABANDONED, P.OFFICE),
    ),
    "chain_correction": ((K.DATES_CHANGED, P.APPLICANT), (K.TASK, P.HOLDER)),
    "payment_window": ((K.PAYMENT_MISSED, P.APPLICANT),),
    "unit_publicity": ((K.TASK, P.HOLDER),),
}
CARRIES = {
    "start_publicity": "unit_publicity",
    "override_return": "committee_correction",
    "confirm": "recheck",
    "reply_to_entrusting_unit": "recheck",
    "file_for_record": "recheck",
}
"""Acts whose letter to the applicant names the last day of this clock."""


def faults_of_letters(
    seen: Seen, before: Case, was: dict[str, Want], now: dict[str, Want]
) -> list[str]:
    """What was not told, and what was told wrongly."""
    letters = seen.letters
    told = {(order.kind, order.to) for order in letters}
    missing = [item for item in _must(seen, before) if item not in told]
    found = [f"nobody told {party.value} {kind.value}" for kind, party in missing]
    found += _moved(seen, was, now)
    found += _carried(seen, now)
    found += _too_late(seen, now)
    for order in letters:
        found += _true(order, was, now)
        found += _leaves_time(seen, order)
        if order.kind is K.TASK and order.to is P.HOLDER and seen.after.end is None:
            holder = holder_of(seen.after)
            if holder != APPLICANT and order.organisation != holder:
                found.append(f"the work was given to {order.organisation!r}, {holder!r} holds it")
    return found


def _must(seen: Seen, before: Case) -> list[Told]:
    after, act = seen.after, seen.move.action
    if seen.due is not None:
        return _must_at_a_strike(seen, before)
    found = list(BY_ACT.get(act, ()))
    match act:
        case "resubmit" | "finish_publicity" | "approve" if holder_of(after) == APPLICANT:
            found = []
        case "return_for_correction" | "override_return":
            found = _of_a_return(before, after)
        case "restart_publicity" if before.stage is S.UNIT_PUBLICITY:
            found = list(BY_ACT["start_publicity"])
        case "restart_publicity":
            found = [(K.PUBLICITY_RESULT, P.APPLICANT), (K.PUBLICITY_RESULT, P.UNIT)]
        case "post_results" if after.results[-1].result is Result.PASSED:
            found = [(K.PUBLICITY_RESULT, P.APPLICANT), (K.PUBLICITY_RESULT, P.UNIT)]
        case "post_results":
            found = [(K.RESULT_TOLD, P.APPLICANT)]
        case "reinstate" if holder_of(after) != APPLICANT:
            found.append((K.DATES_CHANGED, P.HOLDER))
        case "reinstate" if before.end is not None and before.end.name.value == "abandoned":
            found.append((K.DATES_CHANGED, P.UNIT))
        case "send_pay_notice":
            paid = after.stage is S.AWAITING_MEETING
            found = [(K.FEE_RECEIVED if paid else K.FEE_DUE, P.APPLICANT)]
        case "record_payment" if after.stage is S.AWAITING_MEETING is not before.stage:
            found = [(K.FEE_RECEIVED, P.APPLICANT)]
        case "record_result" if after.stage is S.AWAITING_MEETING:
            found = [(K.MEETING_SET, P.APPLICANT)]
        case "raise_objection" | "file_complaint":
            found = _of_an_inquiry(seen)
        case "confirm" if after.results[-1].result is Result.PASSED:
            found.append((K.CONFIRMED, P.FORWARDER))
        case _:
            pass
    if after.end is not None and (before.end is None or before.end.name is not after.end.name):
        kinds = {"not_accepted": K.NOT_ACCEPTED, "audit_failed": K.AUDIT_FAILED}
        kind = kinds.get(after.end.name.value, K.ENDED)
        kind = K.ABANDONED if after.end.name.value == "abandoned" else kind
        found += [(kind, P.APPLICANT), (kind, P.UNIT)]
    return found


def _of_a_return(before: Case, after: Case) -> list[Told]:
    if after.stage is S.COMMITTEE_CORRECTION:
        first = not any(item.level == "committee" for item in before.returns)
        kind = K.ONE_OFF_NOTICE if first else K.RETURNED
        return [(kind, P.APPLICANT), (kind, P.UNIT)]
    to_unit = after.stage is S.CHAIN_CORRECTION and after.returns[-1].to == "unit"
    return [(K.RETURNED, P.UNIT if to_unit else P.APPLICANT)]


def _of_an_inquiry(seen: Seen) -> list[Told]:
    """The applicant, who must inquire (never whom it is against, T3), and who is accused."""
    case, stated = seen.after, seen.move.payload
    unit, office = case.places[0].organisation, office_of(case)
    against_unit, against_office = stated.get("against_unit"), stated.get("against_office")
    raised = case.inquiries[-1]
    if sum(item.received_on == raised.received_on for item in case.inquiries) > 3:
        return []  # the day's third letter said that no more come
    near = raised.kind is InquiryKind.OBJECTION and raised.raised_in is S.UNIT_PUBLICITY
    if against_office or (against_unit and unit == office):
        bodies = [P.CITY_OFFICE]
    elif near:
        bodies = [P.SUPERIOR] if against_unit else [P.UNIT, P.SUPERIOR]
    else:
        bodies = [P.OFFICE]
    accused = [P.UNIT] if against_unit else [P.OFFICE] if against_office and unit != office else []
    return [(K.OBJECTION_RECEIVED, party) for party in (P.APPLICANT, *bodies, *accused)]


def _must_at_a_strike(seen: Seen, before: Case) -> list[Told]:
    due, after = seen.due, seen.after
    assert due is not None
    match due.what:
        case "pay_notice":
            paid = after.stage is S.AWAITING_MEETING
            return [(K.FEE_RECEIVED if paid else K.FEE_DUE, P.APPLICANT)]
        case "request_expired":
            return [(K.TASK, P.OFFICE)]
        case "strike":
            if due.key == "chain_cutoff" and after.end is not None:
                if after.end.name.value == "lapsed":
                    return [(K.LAPSED, P.APPLICANT), (K.LAPSED, P.HOLDER)]
                return [(K.ABANDONED, P.APPLICANT), (K.ABANDONED, P.UNIT)]
            if due.key == "recheck" and after.end is not None:
                return [(K.ENDED, P.APPLICANT)]
            if due.key == "result_publicity" and not before.in_meeting:
                return [(K.TASK, P.HOLDER)]
            return list(BY_STRIKE.get(due.key, ()))
        case _:
            return []


def _moved(seen: Seen, was: dict[str, Want], now: dict[str, Want]) -> list[str]:
    """No clock's end moves without a letter that says from when to when."""
    found = []
    before = {want.identity: want for want in was.values()}
    for want in now.values():
        old = before.get(want.identity)
        if old is None or old.ends_on == want.ends_on:
            continue
        told = [
            order
            for order in seen.letters
            if order.kind is K.DATES_CHANGED
            and order.params.get("rule") == want.rule.value
            and order.params.get("new_on") == str(want.ends_on)
            and order.params.get("old_on") == str(old.ends_on)
        ]
        parties = {order.to for order in told}
        if P.APPLICANT not in parties:
            found.append(f"{want.key} moved to {want.ends_on}, and the applicant was not told")
        silent = seen.after.in_meeting and want.rule.value in OF_A_MEETING
        if not silent and P.HOLDER not in parties and _answered_by(seen.after, want) != APPLICANT:
            found.append(f"{want.key} moved to {want.ends_on}, and who must act was not told")
    return found


def _answered_by(case: Case, want: Want) -> str:
    if want.rule.value == "inquiry_response":
        return APPLICANT
    if want.rule.value == "inquiry_duty":
        of = want.key.partition(":")[2]
        return inquirer_of(case, next(item for item in case.inquiries if item.id == of))
    return holder_of(case)


def _carried(seen: Seen, now: dict[str, Want]) -> list[str]:
    act = seen.move.action
    rule = CARRIES.get(act, "")
    if act == "return_for_correction" and seen.after.stage is not None:
        rule = seen.after.stage.value
    want = now.get(rule)
    if want is None or seen.due is not None:
        return []
    named = [order for order in seen.letters if order.params.get("rule") == rule]
    to_unit = seen.after.stage is S.CHAIN_CORRECTION and seen.after.returns[-1].to == "unit"
    party = P.UNIT if to_unit else P.APPLICANT
    days = [order.params["deadline_on"] for order in named if order.to is party]
    return [] if str(want.ends_on) in days else [f"the letter does not name {want.ends_on}"]


def _too_late(seen: Seen, now: dict[str, Want]) -> list[str]:
    """A publicity whose last day leaves none to report up is the poster's to know, too (BD 四(二)3(2)d)."""
    floor, cutoff = now.get("unit_publicity"), now.get("chain_cutoff")
    posted = seen.due is None and seen.move.action in ("start_publicity", "restart_publicity")
    if not posted or floor is None or cutoff is None or floor.ends_on < cutoff.ends_on:
        return []
    told = {order.to for order in seen.letters if order.kind is K.PUBLICITY_STARTED}
    return [] if P.UNIT in told else ["it is too late to report up, and the unit was not told"]


def _true(order: LetterOrder, was: dict[str, Want], now: dict[str, Want]) -> list[str]:
    """A day that a letter names is the day of that clock."""
    stated, rule = order.params.get("deadline_on"), order.params.get("rule")
    if stated is None or rule is None:
        return []
    days = {str(want.ends_on) for want in (*was.values(), *now.values()) if want.rule == rule}
    if days and stated not in days:
        return [f"a letter says {rule} ends on {stated}, it ends on {sorted(days)}"]
    return []


GIVE_A_TERM = frozenset({K.RETURNED, K.ONE_OFF_NOTICE, K.FEE_DUE, K.OBJECTION_RECEIVED})
"""Letters that tell the applicant how long there is to correct, to pay, to answer."""


def _leaves_time(seen: Seen, order: LetterOrder) -> list[str]:
    """Whoever is given a term reads of it with a full working day left, however late it was sent."""
    day = order.params.get("deadline_on")
    if order.kind not in GIVE_A_TERM or order.to is not P.APPLICANT or day is None:
        return []
    left = between(seen.after.calendar, day_of(seen.now), date.fromisoformat(day))
    opens = seen.after.policy.windows.payment.starts_on
    if order.kind is K.FEE_DUE and day_of(seen.now) == opens:
        return []  # the window itself, from its first day, has no more
    return [] if left else [f"{order.kind.value} of {day} is told on {day_of(seen.now)}"]
