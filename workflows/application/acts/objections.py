"""Objections and complaints (T3): raised, answered, concluded, and what they hold."""

from __future__ import annotations

from workflows.application.acts.meeting import EARLY_STAGES
from workflows.application.case import Inquiry
from workflows.application.move import Move
from workflows.application.payloads import AboutInquiry, ConcludeInquiry, HoldReview, Objection
from workflows.rules.deadlines import compute
from workflows.rules.message import end_of
from workflows.rules.names import (
    EndName,
    InquiryKind,
    InquiryOutcome,
    LetterKind,
    Party,
    Relation,
    RuleName,
    Stage,
)
from workflows.rules.refusals import Code, refuse
from workflows.writer.stating import need_reason

RESULT_STAGES = (Stage.RESULT_RECORDED, Stage.RESULT_PUBLICITY, Stage.AWAITING_CONFIRMATION)


def raise_objection(move: Move, stated: Objection) -> None:
    """An objection inside a publicity, to 24:00 of its last day; later it is a complaint (A30).

    By when it was made: one made in time counts as such though the floor struck, or the case moved
    on, before it arrived.

    Raises:
        Refused: `reason_required` where it says nothing; `wrong_stage` where the case has moved on
            and it was not made in time (a complaint may be filed).
    """
    need_reason(stated.text)
    case = move.case
    of_unit = case.stage in (Stage.UNIT_PUBLICITY, Stage.CHAIN_REVIEW)
    publicity = case.unit_publicity if of_unit else case.result_publicity
    in_time = publicity is not None and move.at < end_of(publicity.ends_on)
    late_arrival = case.stage in (Stage.CHAIN_REVIEW, Stage.AWAITING_CONFIRMATION)
    if late_arrival and not in_time:
        stage = case.stage.value if case.stage else ""
        raise refuse(Code.WRONG_STAGE, "A30", stage=stage, action=move.action)
    _raise(
        move,
        stated,
        InquiryKind.OBJECTION if in_time else InquiryKind.COMPLAINT,
        body="unit" if in_time and case.stage is Stage.UNIT_PUBLICITY else "office",
    )


def file_complaint(move: Move, stated: Objection) -> None:
    """A complaint by anyone at any time, anonymous with checkable clues included (A30).

    Raises:
        Refused: `reason_required` where it says nothing.
    """
    need_reason(stated.text)
    _raise(move, stated, InquiryKind.COMPLAINT, body="office")


def respond_to_inquiry(move: Move, stated: AboutInquiry) -> None:
    """The applicant is heard.

    Raises:
        Refused: `not_found`, `reason_required`.
    """
    inquiry = find(move, stated.inquiry)
    need_reason(stated.text)
    inquiry.answered = True
    move.close(f"{RuleName.INQUIRY_RESPONSE}:{inquiry.id}")


def hold_review(move: Move, stated: HoldReview) -> None:
    """The office says whether an open complaint holds the meeting.

    Raises:
        Refused: `not_found`.
    """
    find(move, stated.inquiry).holds_review = stated.hold


def conclude_inquiry(move: Move, stated: ConcludeInquiry) -> None:
    """The finding. Substantiated ends the case by where it was raised; else the hold ends.

    Raises:
        Refused: `not_found`, `not_entitled` for the other body, `not_heard`, `reason_required`.
    """
    inquiry = find(move, stated.inquiry)
    need_reason(stated.reason)
    _is_the_body(move, inquiry)
    substantiated = stated.outcome is InquiryOutcome.SUBSTANTIATED
    if substantiated and not (
        inquiry.answered or (inquiry.heard_until and move.on > inquiry.heard_until)
    ):
        raise refuse(Code.NOT_HEARD, "T3", until=inquiry.heard_until or "")
    inquiry.outcome, inquiry.concluded_on = stated.outcome, move.on
    move.reason = stated.reason
    move.close(f"{RuleName.INQUIRY_DUTY}:{inquiry.id}")
    move.close(f"{RuleName.INQUIRY_RESPONSE}:{inquiry.id}")
    parties = (Party.APPLICANT, Party.COMPLAINANT) if inquiry.by else (Party.APPLICANT,)
    for party in parties:
        move.tell(
            LetterKind.INQUIRY_CONCLUDED,
            party,
            person=inquiry.by if party is Party.COMPLAINANT else "",
            inquiry=inquiry.id,
            outcome=stated.outcome.value,
            reason=stated.reason,
        )
    if substantiated:
        _substantiated(move, inquiry, stated.reason)
    else:
        _restart_confirmation(move)


def find(move: Move, inquiry_id: str) -> Inquiry:
    """The open inquiry meant; the only one where none is named.

    Raises:
        Refused: `not_found`.
    """
    candidates = move.case.open_inquiries
    if inquiry_id:
        candidates = [item for item in candidates if item.id == inquiry_id]
    if len(candidates) != 1:
        known = "、".join(item.id for item in move.case.open_inquiries) or "无"
        raise refuse(Code.NOT_FOUND, "T3", what="inquiry", known=known)
    return candidates[0]


def _raise(move: Move, stated: Objection, kind: InquiryKind, *, body: str) -> None:
    case = move.case
    hearing = compute(
        RuleName.INQUIRY_RESPONSE,
        case.policy.terms(RuleName.INQUIRY_RESPONSE),
        case.calendar,
        move.on,
    )
    inquiry = Inquiry.model_validate(
        {
            "id": str(len(case.inquiries) + 1),
            "kind": kind,
            "raised_in": case.stage if case.end is None else None,
            "raised_at": move.at,
            "body": body,
            "text": stated.text,
            "by": move.actor.person if move.actor and move.actor.role != "public" else "",
            "heard_asked_on": move.on,
            "heard_until": hearing.ends_on,
        }
    )
    case.inquiries.append(inquiry)
    terms = case.policy.terms(RuleName.INQUIRY_DUTY)
    length = terms.minimum if body == "unit" and terms.minimum else terms.length
    duty = compute(
        RuleName.INQUIRY_DUTY,
        terms,
        case.calendar,
        move.on,
        length=length,
        key=f"{RuleName.INQUIRY_DUTY}:{inquiry.id}",
    )
    if case.end is None:
        move.open(duty, told=False)
        move.open(hearing.model_copy(update={"key": f"{RuleName.INQUIRY_RESPONSE}:{inquiry.id}"}))
    bodies = (Party.UNIT, Party.SUPERIOR) if body == "unit" else (Party.OFFICE,)
    for party in (Party.APPLICANT, *bodies):
        move.tell(
            LetterKind.OBJECTION_RECEIVED,
            party,
            inquiry=inquiry.id,
            inquiry_kind=kind.value,
            text="" if party is Party.APPLICANT else stated.text,
            deadline_on=(hearing if party is Party.APPLICANT else duty).ends_on,
            rule=(hearing if party is Party.APPLICANT else duty).rule.value,
            clause=(hearing if party is Party.APPLICANT else duty).clause,
        )


def _is_the_body(move: Move, inquiry: Inquiry) -> None:
    allowed = {
        "unit": {Relation.UNIT, Relation.SUPERIOR},
        "office": {Relation.OFFICE, Relation.MEETING},
    }.get(inquiry.body, {Relation.OFFICE})
    if move.relation not in allowed:
        raise refuse(Code.NOT_ENTITLED, "T3", needed="、".join(sorted(allowed)))


def _substantiated(move: Move, inquiry: Inquiry, reason: str) -> None:
    case = move.case
    raised_in = inquiry.raised_in
    if case.end is not None or case.stage in (Stage.RECHECK_WINDOW, Stage.RECHECK):
        move.tell(LetterKind.TASK, Party.CITY_OFFICE, task="consider_revocation")
        return
    if inquiry.kind is InquiryKind.OBJECTION and raised_in is Stage.UNIT_PUBLICITY:
        name, key = EndName.NOT_RECOMMENDED, "not_recommended:objection"
    elif raised_in in EARLY_STAGES and not case.policy.limits.complaint_terminates:
        move.tell(LetterKind.TASK, Party.OFFICE, task="inquiry", inquiry=inquiry.id)
        return
    elif raised_in is Stage.IN_REVIEW:
        name, key = EndName.TERMINATED, "terminated:in_review"
    elif raised_in in EARLY_STAGES:
        name, key = EndName.TERMINATED, "terminated"
    else:
        name, key = EndName.CANCELLED_BY_OBJECTION, "cancelled_by_objection"
    clause = case.policy.clause(key) or case.policy.clause(name.value)
    move.finish(name, clause, reason=reason)


def _restart_confirmation(move: Move) -> None:
    """A held person's 15 working days begin anew on the day of the finding (A9)."""
    case = move.case
    if case.open_inquiries:
        return
    if case.in_meeting and case.stage is Stage.AWAITING_CONFIRMATION:
        # It fell out of the draft it was in; the next supplementary batch takes it up (T3).
        case.sent_for_confirmation_on = None
        move.go(Stage.RESULT_PUBLICITY)
    if case.stage is not Stage.RESULT_PUBLICITY:
        return
    publicity = case.result_publicity
    if publicity is None or move.on <= publicity.ends_on:
        return
    open_confirmation(move, from_inquiry=True)


def open_confirmation(move: Move, *, from_inquiry: bool = False) -> None:
    """Start the 15 working days from the last publicity day, or anew from a finding."""
    case = move.case
    publicity = case.result_publicity
    if publicity is None or case.own_committee:
        return
    rule = RuleName.CONFIRMATION_REPLY if case.entrusted else RuleName.CONFIRMATION
    day0 = move.on if from_inquiry else publicity.ends_on
    move.open(compute(rule, case.policy.terms(rule), case.calendar, day0), told=False)
