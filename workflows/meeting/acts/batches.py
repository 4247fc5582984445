"""From the signed results to their effect, batch by batch (BD 四(三)3, LC A38)."""

from __future__ import annotations

from datetime import date
from typing import Any

from workflows.meeting import payloads as p
from workflows.meeting.meeting import Batch, BatchPhase, Phase, Track, Waiting, batch_key
from workflows.meeting.messages import CollectSupplement, NoteNews
from workflows.meeting.move import MeetingMove
from workflows.rules.deadlines import compute
from workflows.rules.message import end_of
from workflows.rules.names import RuleName
from workflows.rules.publicity import Publicity
from workflows.rules.refusals import Code, refuse
from workflows.writer.stating import need_reason, outside_day, posting_day


def report_batch(move: MeetingMove, stated: p.ReportBatch) -> None:
    """评审情况 goes to 市职改办; the duty is met by report and posting (A8).

    Raises:
        Refused: `already_decided`, `date_not_allowed`.
    """
    batch = move.batch_named(stated.batch)
    clause = move.policy.terms(RuleName.RESULT_REPORT).source
    if batch.reported_on is not None:
        raise refuse(Code.ALREADY_DECIDED, clause, action=move.action)
    batch.reported_on = outside_day(move, stated.reported_on, not_before=batch.began_on)
    move.clause = clause
    _meet_report(move, batch)
    payload = {"reported_on": batch.reported_on.isoformat()}
    move.say("report_results", "batch", batch=batch.number, payload=payload)
    move.tell_city_office("results_reported", batch=batch.number)


def publish_batch(move: MeetingMove, stated: p.PublishBatch) -> None:
    """The passed are posted for five working days at least, the failed are told.

    Raises:
        Refused: `already_decided`, `date_not_allowed` for a posting that is back-dated.
    """
    batch = move.batch_named(stated.batch)
    clause = move.policy.terms(RuleName.RESULT_PUBLICITY).source
    if batch.posted_on is not None or not batch.unposted:
        raise refuse(Code.ALREADY_DECIDED, clause, action=move.action)
    payload = {"posted_on": _post(move, batch, stated, restarts=0)}
    _meet_report(move, batch)
    batch.phase = BatchPhase.POSTED
    move.say("post_results", "unposted", batch=batch.number, payload=payload)


def restart_batch_publicity(move: MeetingMove, stated: p.PublishBatch) -> None:
    """The list was changed or taken down: the floor begins anew for the whole batch.

    Raises:
        Refused: `reason_required`, `batch_not_ready`, `date_not_allowed`.
    """
    need_reason(stated.reason)
    batch = _posted(move, stated.batch)
    before = batch.publicity
    move.reason = stated.reason
    for rule in (RuleName.CONFIRMATION, RuleName.CONFIRMATION_REPLY):
        move.close(batch_key(rule, batch.number))
    restarts = before.restarts + 1 if before else 1
    payload = {
        "posted_on": _post(move, batch, stated, restarts=restarts),
        "reason": stated.reason,
    }
    move.say("restart_publicity", "passed_posted", batch=batch.number, payload=payload)


def draft_batch(move: MeetingMove, stated: p.DraftBatch) -> None:
    """The 代拟 职称资格确认通知 of all who are clear goes to 市职改办 within 15 working days (A46).

    Who is held by an inquiry answers no and is left to a supplementary batch (A9).

    Raises:
        Refused: `batch_not_ready`, `publicity_not_over`.
    """
    batch = _posted(move, stated.batch)
    _floor_is_over(move, batch)
    if batch.unposted:
        raise refuse(Code.BATCH_NOT_READY, "", batch=batch.number, reason="unposted")
    if not batch.waits_for(Track.CONFIRM):
        raise refuse(Code.BATCH_NOT_READY, "", batch=batch.number, reason="nobody_to_confirm")
    rule = RuleName.CONFIRMATION
    move.close(batch_key(rule, batch.number))
    batch.phase, batch.sent_on = BatchPhase.SENT, move.on
    batch.sends += 1
    move.clause = move.policy.terms(rule).source
    city = RuleName.CITY_CONFIRMATION
    deadline = compute(
        city,
        move.policy.terms(city),
        move.calendar,
        move.on,
        key=batch_key(city, batch.number),
    )
    move.open(deadline)
    move.say(
        "send_for_confirmation",
        "passed_clear",
        batch=batch.number,
        payload={"batch": f"{move.meeting.number}/{batch.number}"},
    )
    move.tell_city_office("confirm_batch", batch=batch.number)


def send_back_batch(move: MeetingMove, stated: p.SendBackBatch) -> None:
    """市职改办 gives the draft back; the floor stays met, the 15 days do not restart (A46).

    Raises:
        Refused: `reason_required`, `batch_not_ready` where nothing was sent.
    """
    need_reason(stated.reason)
    batch = move.batch_named(stated.batch)
    if batch.phase is not BatchPhase.SENT:
        raise refuse(Code.BATCH_NOT_READY, "A46", batch=batch.number, reason="not_sent")
    batch.phase = BatchPhase.POSTED
    move.reason = stated.reason
    move.close(batch_key(RuleName.CITY_CONFIRMATION, batch.number))
    move.clause = move.policy.clause("send_back")
    move.say("send_back", "drafted", batch=batch.number, payload={"reason": stated.reason})
    move.tell_office("draft_sent_back", batch=batch.number, reason=stated.reason)


def confirm_batch(move: MeetingMove, stated: p.IssueForBatch) -> None:
    """市职改办 issues the 确认通知: it brings the passed their title and everybody the day that
    counts for 复查 (A11).

    Raises:
        Refused: `batch_not_ready` before the draft, `date_not_allowed`.
    """
    batch = move.batch_named(stated.batch)
    if batch.phase is not BatchPhase.SENT:
        raise refuse(Code.BATCH_NOT_READY, "A46", batch=batch.number, reason="not_sent")
    batch.issued_on = outside_day(move, stated.issued_on, not_before=batch.sent_on)
    batch.document = stated.number
    batch.phase = BatchPhase.CONFIRMED
    move.close(batch_key(RuleName.CITY_CONFIRMATION, batch.number))
    move.clause = move.policy.clause("confirm")
    move.say("confirm", "drafted_and_failed", batch=batch.number, payload=_issued(stated))


def reply_batch(move: MeetingMove, stated: p.IssueForBatch) -> None:
    """委托评审: the 函复 to an entrusting unit, passed and failed alike (BD 四(三)3f).

    Raises:
        Refused: `batch_not_ready`, `publicity_not_over`, `date_not_allowed`.
    """
    batch = _posted(move, stated.batch, later=True)
    _floor_is_over(move, batch)
    if not batch.waits_for(Track.REPLY):
        raise refuse(Code.BATCH_NOT_READY, "", batch=batch.number, reason="nobody_entrusted")
    batch.replied_on = outside_day(move, stated.issued_on, not_before=_earliest(batch))
    move.clause = move.policy.clause("reply_to_entrusting_unit")
    if not stated.entrusting:
        move.close(batch_key(RuleName.CONFIRMATION_REPLY, batch.number))
    move.say(
        "reply_to_entrusting_unit",
        "reply",
        batch=batch.number,
        payload=_issued(stated),
        entrusting=stated.entrusting,
    )


def file_batch(move: MeetingMove, stated: p.IssueForBatch) -> None:
    """自主评审 by an own committee: confirmed by itself and filed 备案 (40号令 art 26, A54).

    Raises:
        Refused: `batch_not_ready`, `publicity_not_over`, `date_not_allowed`.
    """
    batch = _posted(move, stated.batch, later=True)
    _floor_is_over(move, batch)
    if not batch.waits_for(Track.FILE):
        raise refuse(Code.BATCH_NOT_READY, "A54", batch=batch.number, reason="nobody_to_file")
    batch.filed_on = outside_day(move, stated.issued_on, not_before=_earliest(batch))
    move.clause = move.policy.clause("file_for_record", move.policy.self_evaluating.source)
    move.say("file_for_record", "file", batch=batch.number, payload=_issued(stated))


def open_supplement(move: MeetingMove, stated: p.OpenSupplement) -> None:
    """Those whom an inquiry held and who are clear now become a batch of their own (A9).

    Its 15 working days run since the first of those inquiries ended. Whose result was never
    posted comes in a batch apart, which is reported and posted first.

    Raises:
        Refused: from the record `not_found` where nobody was released.
    """
    meeting = move.meeting
    number = len(meeting.batches) + 1
    posted = any(item.posted for item in meeting.released)
    waiting = [item for item in meeting.released if item.posted is posted]
    began_on = min((item.since for item in waiting), default=move.on)
    batch = Batch(
        number=number,
        supplementary=True,
        phase=BatchPhase.POSTED if posted else BatchPhase.COLLECTED,
        began_on=began_on,
        publicity=_last_publicity(move, waiting) if posted else None,
    )
    meeting.batches.append(batch)
    move.batch = number
    move.clause = move.policy.terms(RuleName.CONFIRMATION).source
    move.change = CollectSupplement(batch=number, posted=posted)
    if waiting and not posted:
        rule = RuleName.RESULT_REPORT
        key = batch_key(rule, number)
        move.open(compute(rule, move.policy.terms(rule), move.calendar, began_on, key=key))


def _last_publicity(move: MeetingMove, waiting: list[Waiting]) -> Publicity | None:
    """The posting the members of a supplementary batch come from; the last to end of several."""
    origins = {item.batch for item in waiting}
    found = [
        batch.publicity
        for batch in move.meeting.batches
        if batch.number in origins and batch.publicity is not None
    ]
    last = max(found, key=lambda item: item.ends_on, default=None)
    return last.model_copy(deep=True) if last else None


def note_case(move: MeetingMove, stated: p.NoteCase) -> None:
    """A case says by itself that it is held, released, or gone; it holds nobody but itself.

    One that was held in its review is told its result once it is released.
    """
    meeting = move.meeting
    move.change = NoteNews(
        application=stated.application, news=stated.news, on=stated.on, end=stated.end
    )
    move.clause = move.policy.clause("result_inquiry")
    ended_on = meeting.ended_on or (move.on if meeting.phase is Phase.CANCELLED else None)
    if stated.news == "released" and ended_on is not None:
        move.say(
            "record_result",
            "named_outcome",
            batch=1 if meeting.batches else None,
            application=stated.application,
            payload={"meeting_ended_on": ended_on.isoformat()},
        )


def floor_over(move: MeetingMove, batch: Batch) -> None:
    """A batch's publicity has run out: the 15 working days begin on its actual last day (A9)."""
    publicity = batch.publicity
    if publicity is None:
        return
    publicity.over = True
    move.close(batch_key(RuleName.RESULT_PUBLICITY, batch.number))
    for track, rule in (
        (Track.CONFIRM, RuleName.CONFIRMATION),
        (Track.REPLY, RuleName.CONFIRMATION_REPLY),
    ):
        if not batch.waits_for(track):
            continue
        deadline = compute(
            rule,
            move.policy.terms(rule),
            move.calendar,
            publicity.ends_on,
            key=batch_key(rule, batch.number),
        )
        move.open(deadline)
        move.tell_office(
            "draft_batch" if track is Track.CONFIRM else "reply_batch",
            batch=batch.number,
            deadline_on=deadline.ends_on,
            rule=rule.value,
            clause=deadline.clause,
        )


def _post(move: MeetingMove, batch: Batch, stated: p.PublishBatch, *, restarts: int) -> str:
    """Post the list; returns the day for the cases."""
    rule = RuleName.RESULT_PUBLICITY
    terms = move.policy.terms(rule)
    batch.posted_on = posting_day(move, stated.posted_on, terms.source)
    floor = compute(rule, terms, move.calendar, batch.posted_on, key=batch_key(rule, batch.number))
    batch.publicity = Publicity(posted_on=batch.posted_on, ends_on=floor.ends_on, restarts=restarts)
    move.clause = terms.source
    move.open(floor)
    move.tell_city_office("results_posted", batch=batch.number, posted_on=batch.posted_on)
    return batch.posted_on.isoformat()


def _meet_report(move: MeetingMove, batch: Batch) -> None:
    if batch.reported_on and batch.posted_on:
        move.close(batch_key(RuleName.RESULT_REPORT, batch.number))


def _posted(move: MeetingMove, number: int, *, later: bool = False) -> Batch:
    batch = move.batch_named(number)
    posted = batch.phase is BatchPhase.POSTED or (
        later and batch.phase in (BatchPhase.SENT, BatchPhase.CONFIRMED)
    )
    if not posted:
        raise refuse(Code.BATCH_NOT_READY, "", batch=number, reason=batch.phase.value)
    return batch


def _floor_is_over(move: MeetingMove, batch: Batch) -> None:
    """By when the person acted; the floor's clock has nothing more to say then."""
    publicity = batch.publicity
    if publicity is None:
        return
    if move.at < end_of(publicity.ends_on):
        raise refuse(
            Code.PUBLICITY_NOT_OVER,
            move.policy.terms(RuleName.RESULT_PUBLICITY).source,
            ends_on=publicity.ends_on,
        )
    if not publicity.over:
        floor_over(move, batch)


def _earliest(batch: Batch) -> date:
    return batch.publicity.ends_on if batch.publicity else batch.began_on


def _issued(stated: p.IssueForBatch) -> dict[str, Any]:
    return {"issued_on": stated.issued_on.isoformat(), "number": stated.number}
