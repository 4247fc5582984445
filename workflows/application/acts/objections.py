"""Objections and complaints (T3): raised, answered, concluded, and what they hold."""

from __future__ import annotations

from datetime import date

from workflows.application.act import Rule
from workflows.application.acts.arrivals import tell_office_in_time, tell_task
from workflows.application.acts.returning import take_down
from workflows.application.case import Inquiry
from workflows.application.inquiring import (
    NEAR,
    body_for,
    holds_publicity,
    may_inquire,
    organisation_of,
)
from workflows.application.move import Move
from workflows.application.parties import APPLICANT, holder, superior_of
from workflows.application.payloads import AboutInquiry, ConcludeInquiry, HoldReview, Objection
from workflows.application.stages import EARLY_STAGES
from workflows.letter.kinds import DatesChanged, InquiryConcluded, ObjectionReceived, Task
from workflows.letter.letter import dated
from workflows.rules.clocks import Start, key_of, promise, running
from workflows.rules.message import end_of, local_date
from workflows.rules.names import (
    CautionCode,
    EndName,
    InquiryBody,
    InquiryKind,
    InquiryOutcome,
    Party,
    Relation,
    RuleName,
    Stage,
)
from workflows.rules.publicity import Publicity
from workflows.rules.refusals import Code
from workflows.writer.stating import need_reason

RAISED_AFTERWARDS = (None, Stage.RECHECK_WINDOW, Stage.RECHECK)
"""On a case that had ended, or whose result was in effect."""

UNDER_PUBLICITY = (Stage.UNIT_PUBLICITY, Stage.RESULT_PUBLICITY)

PARTY_OF = {
    InquiryBody.UNIT: Party.UNIT,
    InquiryBody.SUPERIOR: Party.SUPERIOR,
    InquiryBody.OFFICE: Party.OFFICE,
    InquiryBody.CITY_OFFICE: Party.CITY_OFFICE,
}
ENTITLED = {
    InquiryBody.UNIT: (Relation.UNIT, Relation.SUPERIOR),
    InquiryBody.SUPERIOR: (Relation.SUPERIOR,),
    InquiryBody.OFFICE: (Relation.OFFICE,),
    InquiryBody.CITY_OFFICE: (Relation.CITY_OFFICE,),
}


def may_object(move: Move) -> None:
    """Inside a publicity, to 24:00 of its last day, by when it was made; later it is a complaint.

    One made in time counts as such though the case moved on before it arrived, or what it is about
    was taken down (A30).

    Raises:
        Refused: `wrong_stage` where it was not made in time and no publicity hangs any more (a
            complaint may be filed); `too_many_today`.
    """
    case = move.case
    may_file(move)
    if case.stage in UNDER_PUBLICITY or _publicity_in_time(move) is not None:
        return
    stage = case.stage.value if case.stage else ""
    raise move.refusal(Code.WRONG_STAGE, "late_objection", stage=stage, action=move.action)


def may_file(move: Move) -> None:
    """So many a day about one application, and of one person who is known (the notice's limits).

    Raises:
        Refused: `too_many_today`.
    """
    limits, today = move.policy.limits, _received_today(move)
    by = _sender(move)
    if by and sum(item.by == by for item in today) >= limits.inquiries_by_sender_a_day:
        limit = limits.inquiries_by_sender_a_day
        raise move.refusal(Code.TOO_MANY_TODAY, "inquiry", by="sender", limit=limit)
    if len(today) >= limits.inquiries_a_day:
        raise move.refusal(Code.TOO_MANY_TODAY, "inquiry", limit=limits.inquiries_a_day)


def _received_today(move: Move) -> list[Inquiry]:
    day = local_date(move.now)
    return [item for item in move.case.inquiries if item.received_on == day]


def _sender(move: Move) -> str:
    """Who says it; empty where nobody can be told from others."""
    return move.actor.person if move.actor and move.actor.role != "public" else ""


def _says_something(move: Move, stated: Objection) -> None:
    need_reason(stated.text, move.clause_of("inquiry"))


def raise_objection(move: Move, stated: Objection) -> None:
    """An objection to the unit's posting goes to the unit and its superior, any other to the office;
    none to whom it is against (`inquiring.body_for`)."""
    raised_in = _publicity_in_time(move)
    if raised_in is None:
        _raise(move, stated, InquiryKind.COMPLAINT, move.case.stage)
    else:
        _raise(move, stated, InquiryKind.OBJECTION, raised_in)


def file_complaint(move: Move, stated: Objection) -> None:
    """A complaint by anyone at any time, anonymous with checkable clues included (A30)."""
    raised_in = move.case.stage if move.case.end is None else None
    _raise(move, stated, InquiryKind.COMPLAINT, raised_in)


def may_respond(move: Move) -> None:
    """There is an inquiry that the applicant has not answered.

    Raises:
        Refused: `not_found`.
    """
    if not any(not item.answered for item in _to_answer(move)):
        raise _no_inquiry(move)


def _answers_one(move: Move, stated: AboutInquiry) -> None:
    _named(move, _to_answer(move), stated.inquiry)
    need_reason(stated.text, move.clause_of("hearing"))


def respond_to_inquiry(move: Move, stated: AboutInquiry) -> None:
    """The applicant is heard. Where that was done in time and the finding came before it was heard,
    the finding was made unheard: it counts no more, nor does the end that it brought."""
    inquiry = _named(move, _to_answer(move), stated.inquiry)
    inquiry.answered = True
    move.clause = move.clause_of("hearing")
    if not inquiry.open:
        _heard_after_all(move, inquiry)


def _to_answer(move: Move) -> list[Inquiry]:
    """Those that are open, and those found against the applicant though he answers in time."""
    unheard = [item for item in move.case.inquiries if _was_found_unheard(move, item)]
    return [*move.case.open_inquiries, *unheard]


def _was_found_unheard(move: Move, inquiry: Inquiry) -> bool:
    if inquiry.not_of_applicant:
        return False
    against = inquiry.outcome is InquiryOutcome.SUBSTANTIATED and not inquiry.answered
    until = inquiry.heard_until
    return against and until is not None and move.at <= end_of(until)


def _heard_after_all(move: Move, inquiry: Inquiry) -> None:
    case, end = move.case, move.case.end
    inquiry.outcome = inquiry.concluded_at = None
    inquiry.found_after_end = False
    reopened = end is not None and end.inquiry == inquiry.id
    if reopened:
        move.reopen()
        if case.in_meeting:  # the meeting has struck the name off its list meanwhile
            case.meeting, case.meeting_on, case.batch = "", None, ""
    again = DatesChanged(action="heard_after_all", stage=case.stage)
    move.tell(again, Party.APPLICANT)
    whom = {organisation_of(case, inquiry.body): PARTY_OF[inquiry.body]}
    if reopened:  # the unit was told of the end, and who holds the case has it again
        whom.setdefault(case.unit, Party.UNIT)
        if holder(case) != APPLICANT:
            whom.setdefault(holder(case), Party.HOLDER)
    for organisation, party in whom.items():
        move.tell(again, party, organisation=organisation)


def may_hold(move: Move) -> None:
    """There is a complaint before the meeting, at the office, or at 市职改办 where it is the office's
    own matter.

    Raises:
        Refused: `not_found`, `not_entitled` where all are another body's to hold.
    """
    if not move.case.open_inquiries:
        raise _no_inquiry(move)
    if not any(_may_hold(move, item) for item in move.case.open_inquiries):
        raise _of_another_body(move, move.case.open_inquiries[0])


def _about_one(move: Move, stated: HoldReview) -> None:
    inquiry = find(move, stated.inquiry)
    if not _may_hold(move, inquiry):
        raise _of_another_body(move, inquiry)


def hold_review(move: Move, stated: HoldReview) -> None:
    """The office says whether an open complaint holds the meeting."""
    find(move, stated.inquiry).holds_review = stated.hold


def may_conclude(move: Move) -> None:
    """There is an inquiry of this body's.

    Raises:
        Refused: `not_found`, `not_entitled` where all are another body's.
    """
    if not move.case.open_inquiries:
        raise _no_inquiry(move)
    if not any(_is_its_body(move, item) for item in move.case.open_inquiries):
        raise _of_another_body(move, move.case.open_inquiries[0])


def _sound_finding(move: Move, stated: ConcludeInquiry) -> None:
    inquiry = find(move, stated.inquiry)
    need_reason(stated.reason, move.clause_of("inquiry"))
    if not _is_its_body(move, inquiry):
        raise _of_another_body(move, inquiry)
    against = stated.outcome is InquiryOutcome.SUBSTANTIATED and not stated.not_of_applicant
    if against and not _was_heard(move, inquiry):
        raise move.refusal(Code.NOT_HEARD, "hearing", until=_heard_until(move, inquiry) or "")


def conclude_inquiry(move: Move, stated: ConcludeInquiry) -> None:
    """The finding. Substantiated ends the case by where it was raised; else the hold ends, and also
    where what is true is of an organisation alone (经查实无问题的申报材料)."""
    inquiry = find(move, stated.inquiry)
    inquiry.outcome, inquiry.concluded_at = stated.outcome, move.at
    found_true = stated.outcome is InquiryOutcome.SUBSTANTIATED
    inquiry.not_of_applicant = found_true and stated.not_of_applicant
    move.reason = stated.reason
    concluded = InquiryConcluded(
        inquiry=inquiry.id,
        outcome=stated.outcome,
        reason=stated.reason,
        not_of_applicant=inquiry.not_of_applicant,
    )
    move.tell(concluded, Party.APPLICANT)
    if inquiry.by:
        move.tell(concluded, Party.COMPLAINANT, person=inquiry.by)
    if inquiry.accused:
        move.tell(concluded, _accused(move, inquiry), organisation=inquiry.accused)
    if found_true and not stated.not_of_applicant:
        if inquiry.accused:
            move.warn(CautionCode.ENDS_THE_APPLICATION, move.clause_of("inquiry"))
        _substantiated(move, inquiry, stated.reason)
        return
    if found_true and _is_about_what_hangs(move, inquiry):
        _post_anew(move)
    _let_go(move)


def find(move: Move, inquiry_id: str) -> Inquiry:
    """The open inquiry meant; the only one where none is named.

    Raises:
        Refused: `not_found`.
    """
    return _named(move, move.case.open_inquiries, inquiry_id)


def _named(move: Move, candidates: list[Inquiry], inquiry_id: str) -> Inquiry:
    if inquiry_id:
        candidates = [item for item in candidates if item.id == inquiry_id]
    if len(candidates) != 1:
        raise _no_inquiry(move)
    return candidates[0]


OBJECT = Rule(raise_objection, may_object, _says_something)
COMPLAIN = Rule(file_complaint, may_file, _says_something)
RESPOND = Rule(respond_to_inquiry, may_respond, _answers_one)
HOLD = Rule(hold_review, may_hold, _about_one)
CONCLUDE = Rule(conclude_inquiry, may_conclude, _sound_finding)


def _publicity_in_time(move: Move) -> Stage | None:
    """The publicity inside which this was made, the later one first; None where inside none."""
    case = move.case
    if _hung(case.result_publicity, move):
        return Stage.RESULT_PUBLICITY
    of_unit = (case.unit_publicity, *case.taken_down)
    return Stage.UNIT_PUBLICITY if any(_hung(posted, move) for posted in of_unit) else None


def _hung(posted: Publicity | None, move: Move) -> bool:
    """In time is at or before 24:00 of the last day (A30)."""
    if posted is None or (move.at < posted.posted_at and not posted.restarts):
        return False
    return move.at <= (posted.over_at or end_of(posted.ends_on))


def _raise(
    move: Move,
    stated: Objection,
    kind: InquiryKind,
    raised_in: Stage | None,
) -> None:
    case = move.case
    told_today = len(_received_today(move)) + 1
    near = kind is InquiryKind.OBJECTION and raised_in is Stage.UNIT_PUBLICITY
    body, accused = body_for(
        case, near=near, against_unit=stated.against_unit, against_office=stated.against_office
    )
    inquiry = Inquiry(
        id=str(len(case.inquiries) + 1),
        kind=kind,
        raised_in=raised_in,
        raised_at=move.at,
        received_on=local_date(move.now),
        body=body,
        accused=accused,
        text=stated.text,
        by=_sender(move),
    )
    case.inquiries.append(inquiry)
    move.clause = move.clause_of("inquiry")
    terms = case.policy.terms(RuleName.INQUIRY_DUTY)
    length = terms.minimum if body in NEAR and terms.minimum else terms.length
    # On an ended case no clock runs; the hearing's last day is kept and promised all the same
    # (decision 0006): re-opened under another calendar, it ends no earlier than was told.
    day = Start(at=move.at, on=inquiry.day, detail=inquiry.id)
    of_body = Start(at=move.at, on=inquiry.day, detail=inquiry.id, length=length)
    hearing = running(case, RuleName.INQUIRY_RESPONSE, day, case.policy, case.calendar)
    duty = running(case, RuleName.INQUIRY_DUTY, of_body, case.policy, case.calendar)
    inquiry.heard_until = hearing.ends_on
    promise(case, (hearing,), move.now)
    letters = move.policy.limits.inquiry_letters_a_day
    if told_today > letters:
        return  # the day's last letter has said so; the task and the page have it
    last = told_today == letters
    received = ObjectionReceived(
        inquiry=inquiry.id, inquiry_kind=kind, last_today=last, **dated(hearing)
    )
    move.tell(received, Party.APPLICANT)
    to_inquire = ObjectionReceived(
        inquiry=inquiry.id, inquiry_kind=kind, text=stated.text, last_today=last, **dated(duty)
    )
    move.tell(to_inquire, PARTY_OF[body], organisation=organisation_of(case, body))
    if body is InquiryBody.UNIT:
        superior = superior_of(case, case.unit)
        move.tell(to_inquire, Party.SUPERIOR, organisation=superior)
    cutoff = move.clock(RuleName.CHAIN_CUTOFF)
    if cutoff is not None and holds_publicity(case) and duty.ends_on >= cutoff.ends_on:
        tell_office_in_time(move, cutoff)
    if accused:  # that somebody else inquires, never what was said of it or by whom
        about = ObjectionReceived(inquiry=inquiry.id, inquiry_kind=kind, accused=True)
        move.tell(about, _accused(move, inquiry), organisation=accused)


def _accused(move: Move, inquiry: Inquiry) -> Party:
    return Party.UNIT if inquiry.accused == move.case.unit else Party.OFFICE


def _is_its_body(move: Move, inquiry: Inquiry) -> bool:
    """Its body, or the meeting that has the case where the office inquires; never who raised it."""
    if move.relation is Relation.MEETING:
        return inquiry.body is InquiryBody.OFFICE
    actor = move.actor
    if actor is None or (inquiry.by and actor.person == inquiry.by):
        return False
    return may_inquire(move.case, inquiry, actor.organisation)


def _may_hold(move: Move, inquiry: Inquiry) -> bool:
    """The office says whether the ballot waits (T3), but not of what is against itself."""
    if move.relation is Relation.CITY_OFFICE:
        return inquiry.body is InquiryBody.CITY_OFFICE
    return inquiry.body is not InquiryBody.CITY_OFFICE


def _of_another_body(move: Move, inquiry: Inquiry) -> Exception:
    needed = "、".join(relation.value for relation in ENTITLED[inquiry.body])
    return move.refusal(Code.NOT_ENTITLED, "inquiry", needed=needed)


def _no_inquiry(move: Move) -> Exception:
    known = "、".join(item.id for item in move.case.open_inquiries) or "无"
    return move.refusal(Code.NOT_FOUND, "inquiry", what="inquiry", known=known)


def _was_heard(move: Move, inquiry: Inquiry) -> bool:
    until = _heard_until(move, inquiry)
    return inquiry.answered or (until is not None and move.on > until)


def _heard_until(move: Move, inquiry: Inquiry) -> date | None:
    clock = move.clock(key_of(RuleName.INQUIRY_RESPONSE, inquiry.id))
    return clock.ends_on if clock is not None else inquiry.heard_until


def _substantiated(move: Move, inquiry: Inquiry, reason: str) -> None:
    case = move.case
    # What was raised when nothing was left to decide meets the case where it stands by now.
    raised_in = case.stage if inquiry.raised_in in RAISED_AFTERWARDS else inquiry.raised_in
    if case.end is not None or case.stage in (Stage.RECHECK_WINDOW, Stage.RECHECK):
        inquiry.found_after_end = case.end is not None
        if case.titled:
            move.tell(Task(task="consider_revocation"), Party.CITY_OFFICE)
        return
    if inquiry.kind is InquiryKind.OBJECTION and raised_in is Stage.UNIT_PUBLICITY:
        name, key = EndName.NOT_RECOMMENDED, "not_recommended:objection"
    elif raised_in in EARLY_STAGES and not case.policy.limits.complaint_terminates:
        move.tell(Task(task="inquiry", inquiry=inquiry.id), Party.OFFICE)
        return
    elif raised_in is Stage.IN_REVIEW:
        name, key = EndName.TERMINATED, "terminated:in_review"
    elif raised_in in EARLY_STAGES:
        name, key = EndName.TERMINATED, "terminated"
    else:
        name, key = EndName.CANCELLED_BY_OBJECTION, "cancelled_by_objection"
    clause = move.clause_of(key) or move.clause_of(name.value)
    move.finish(name, clause, reason=reason, inquiry=inquiry.id)
    if case.titled:  # found true while its result is judged anew: the title is another's to revoke
        move.tell(Task(task="consider_revocation"), Party.CITY_OFFICE)


def _post_anew(move: Move) -> None:
    take_down(move)
    move.go(Stage.UNIT_REVIEW)
    tell_task(move)


def _is_about_what_hangs(move: Move, inquiry: Inquiry) -> bool:
    """An objection to the unit's posting that still hangs: what hung while the unit did wrong is not
    counted on (A31)."""
    raised = inquiry.kind is InquiryKind.OBJECTION and inquiry.raised_in is Stage.UNIT_PUBLICITY
    return raised and move.case.end is None and move.case.stage is Stage.UNIT_PUBLICITY


def _let_go(move: Move) -> None:
    """Who is let go last leaves a draft that was sent with others; the next batch takes it up (T3).

    The held person's 15 working days begin anew on the day of the finding (A9); that follows from
    the facts.
    """
    case = move.case
    if case.in_meeting and case.stage is Stage.AWAITING_CONFIRMATION and not case.open_inquiries:
        case.sent_for_confirmation_at = None
        move.go(Stage.RESULT_PUBLICITY)
