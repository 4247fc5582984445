"""From the signed results to their effect, batch by batch (BD 四(三)3, LC A38)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from workflows.application.payloads import (
    Issue,
    MeetingEnded,
    PostPublicity,
    PostResults,
    ReportResults,
    SendForConfirmation,
)
from workflows.letter.kinds import Task
from workflows.meeting import payloads as p
from workflows.meeting import words
from workflows.meeting.act import MeetingRule
from workflows.meeting.clocks import EFFECT_RULES, waiting_since
from workflows.meeting.meeting import Batch, BatchPhase, Owed, Phase, Track, Waiting
from workflows.meeting.messages import CollectSupplement, NoteNews
from workflows.meeting.move import MeetingMove
from workflows.rules.names import RuleName
from workflows.rules.publicity import Publicity
from workflows.rules.refusals import Code, Refused, refuse
from workflows.writer.payloads import Reason
from workflows.writer.stating import need_reason, outside_day, posting_day

Precondition = Callable[[MeetingMove, Batch], None]


def _some_batch(precondition: Precondition) -> Callable[[MeetingMove], None]:
    """An act on a batch may be done where any batch is ready for it; else the last one says why."""

    def may(move: MeetingMove) -> None:
        refusals = []
        for batch in move.meeting.batches:
            try:
                precondition(move, batch)
            except Refused as error:
                refusals.append(error)
            else:
                return
        raise refusals[-1] if refusals else _not_ready(move, 1, "unposted")

    return may


def _not_ready(move: MeetingMove, batch: int, reason: str, key: str = "send_back") -> Refused:
    return refuse(Code.BATCH_NOT_READY, move.clause_of(key), batch=batch, reason=reason)


def _not_reported(move: MeetingMove, batch: Batch) -> None:
    if batch.reported_on is not None or not batch.reports:
        clause = move.policy.terms(RuleName.RESULT_REPORT).source
        raise refuse(Code.ALREADY_DECIDED, clause, action=move.action)


def _report_day(move: MeetingMove, stated: p.ReportBatch) -> None:
    batch = move.batch_named(stated.batch)
    _not_reported(move, batch)
    clause = move.policy.terms(RuleName.RESULT_REPORT).source
    outside_day(move, stated.reported_on, not_before=batch.began_on, clause=clause)


def report_batch(move: MeetingMove, stated: p.ReportBatch) -> None:
    """评审情况 goes to 市职改办; the duty is met by report and posting (A8)."""
    batch = move.batch_named(stated.batch)
    batch.reported_on = stated.reported_on or move.on
    move.clause = move.policy.terms(RuleName.RESULT_REPORT).source
    reported = ReportResults(reported_on=batch.reported_on)
    move.say(words.REPORT, "batch", reported, batch=batch.number)
    move.tell_city_office(Task(task="results_reported", batch=batch.number))


def _not_posted(move: MeetingMove, batch: Batch) -> None:
    if batch.posted_on is not None or not batch.unposted:
        clause = move.policy.terms(RuleName.RESULT_PUBLICITY).source
        raise refuse(Code.ALREADY_DECIDED, clause, action=move.action)


def _post_today(move: MeetingMove, stated: p.PublishBatch) -> None:
    _not_posted(move, move.batch_named(stated.batch))
    posting_day(move, stated.posted_on, move.policy.terms(RuleName.RESULT_PUBLICITY).source)


def publish_batch(move: MeetingMove, stated: p.PublishBatch) -> None:
    """The passed are posted for five working days at least, the failed are told."""
    batch = move.batch_named(stated.batch)
    posted = PostResults(posted_on=_post(move, batch, stated, restarts=0))
    batch.phase = BatchPhase.POSTED
    move.say(words.POST, "unposted", posted, batch=batch.number)


def _post_anew(move: MeetingMove, stated: p.PublishBatch) -> None:
    need_reason(stated.reason)
    _hangs(move, move.batch_named(stated.batch))
    posting_day(move, stated.posted_on, move.policy.terms(RuleName.RESULT_PUBLICITY).source)


def restart_batch_publicity(move: MeetingMove, stated: p.PublishBatch) -> None:
    """The list was changed or taken down: the floor begins anew for the whole batch."""
    batch = move.batch_named(stated.batch)
    before = batch.publicity
    move.reason = stated.reason
    batch.owed, batch.sent_at = {}, None
    restarts = before.restarts + 1 if before else 1
    posted = PostPublicity(
        posted_on=_post(move, batch, stated, restarts=restarts), reason=stated.reason
    )
    move.say(words.RESTART, "passed_posted", posted, batch=batch.number)


def _may_be_drafted(move: MeetingMove, batch: Batch) -> None:
    _hangs(move, batch)
    _floor_is_over(move, batch)
    if batch.unposted:
        raise _not_ready(move, batch.number, "unposted")
    if not batch.waits_for(Track.CONFIRM):
        raise _not_ready(move, batch.number, "nobody_to_confirm")


def _draft_is_ready(move: MeetingMove, stated: p.DraftBatch) -> None:
    _may_be_drafted(move, move.batch_named(stated.batch))


def draft_batch(move: MeetingMove, stated: p.DraftBatch) -> None:
    """The 代拟 职称资格确认通知 of all who are clear goes to 市职改办 within 15 working days (A46).

    Who is held by an inquiry answers no and is left to a supplementary batch (A9).
    """
    batch = move.batch_named(stated.batch)
    _note_the_floor(move, batch)
    batch.phase, batch.sent_at = BatchPhase.SENT, move.at
    move.clause = move.policy.terms(RuleName.CONFIRMATION).source
    draft = SendForConfirmation(batch=f"{move.meeting.number}/{batch.number}")
    move.say(words.SEND, "passed_clear", draft, batch=batch.number)
    move.tell_city_office(Task(task="confirm_batch", batch=batch.number))


def _was_sent(move: MeetingMove, batch: Batch) -> None:
    if batch.phase is not BatchPhase.SENT:
        raise _not_ready(move, batch.number, "not_sent")


def _sent_and_why(move: MeetingMove, stated: p.SendBackBatch) -> None:
    need_reason(stated.reason)
    _was_sent(move, move.batch_named(stated.batch))


def send_back_batch(move: MeetingMove, stated: p.SendBackBatch) -> None:
    """市职改办 gives the draft back; the floor stays met, the 15 days do not restart (A46)."""
    batch = move.batch_named(stated.batch)
    batch.phase = BatchPhase.POSTED
    move.reason = stated.reason
    move.clause = move.clause_of("send_back")
    move.say(words.SEND_BACK, "drafted", Reason(reason=stated.reason), batch=batch.number)
    sent_back = Task(task="draft_sent_back", batch=batch.number, reason=stated.reason)
    move.tell_office(sent_back)


def _issued_after_sending(move: MeetingMove, stated: p.IssueForBatch) -> None:
    batch = move.batch_named(stated.batch)
    _was_sent(move, batch)
    clause = move.clause_of("confirm")
    outside_day(move, stated.issued_on, not_before=batch.sent_on, clause=clause)


def confirm_batch(move: MeetingMove, stated: p.IssueForBatch) -> None:
    """市职改办 issues the 确认通知: it brings the passed their title and everybody the day that
    counts for 复查 (A11)."""
    batch = move.batch_named(stated.batch)
    batch.issued_on = stated.issued_on
    batch.document = stated.number
    batch.phase = BatchPhase.CONFIRMED
    move.clause = move.clause_of("confirm")
    move.say(words.CONFIRM, "drafted_and_failed", _issued(stated), batch=batch.number)


def _may_answer_itself(track: Track, reason: str) -> Precondition:
    def precondition(move: MeetingMove, batch: Batch) -> None:
        _hangs(move, batch, later=True)
        _floor_is_over(move, batch)
        if not batch.waits_for(track):
            raise _not_ready(move, batch.number, reason)

    return precondition


_may_be_replied = _may_answer_itself(Track.REPLY, "nobody_entrusted")
_may_be_filed = _may_answer_itself(Track.FILE, "nobody_to_file")


def _replied_since_posting(move: MeetingMove, stated: p.IssueForBatch) -> None:
    batch = move.batch_named(stated.batch)
    _may_be_replied(move, batch)
    _issued_since_posting(move, stated, batch)


def _filed_since_posting(move: MeetingMove, stated: p.IssueForBatch) -> None:
    batch = move.batch_named(stated.batch)
    _may_be_filed(move, batch)
    _issued_since_posting(move, stated, batch)


def _issued_since_posting(move: MeetingMove, stated: p.IssueForBatch, batch: Batch) -> None:
    earliest = batch.publicity.ends_on if batch.publicity else batch.began_on
    outside_day(move, stated.issued_on, not_before=earliest, clause=move.clause_of("confirm"))


def reply_batch(move: MeetingMove, stated: p.IssueForBatch) -> None:
    """委托评审: the 函复 to an entrusting unit, passed and failed alike (BD 四(三)3f)."""
    batch = move.batch_named(stated.batch)
    _note_the_floor(move, batch)
    batch.replied_on = stated.issued_on
    move.clause = move.clause_of("reply_to_entrusting_unit")
    move.say(
        words.REPLY, "reply", _issued(stated), batch=batch.number, entrusting=stated.entrusting
    )


def file_batch(move: MeetingMove, stated: p.IssueForBatch) -> None:
    """自主评审 by an own committee: confirmed by itself and filed 备案 (40号令 art 26, A54)."""
    batch = move.batch_named(stated.batch)
    _note_the_floor(move, batch)
    batch.filed_on = stated.issued_on
    move.clause = move.clause_of("file_for_record", move.policy.self_evaluating.source)
    move.say(words.FILE, "file", _issued(stated), batch=batch.number)


def open_supplement(move: MeetingMove, stated: p.OpenSupplement) -> None:
    """Those whom an inquiry held and who are clear now become a batch of their own (A9).

    Its 15 working days run since the first of those inquiries ended. Whose result was never
    posted comes in a batch apart, which is reported and posted first.
    """
    meeting = move.meeting
    number = len(meeting.batches) + 1
    posted = any(item.posted for item in meeting.released)
    waiting = [item for item in meeting.released if item.posted is posted]
    owed = {track: waiting_since(meeting, track) for track in EFFECT_RULES} if posted else {}
    batch = Batch(
        number=number,
        supplementary=True,
        phase=BatchPhase.POSTED if posted else BatchPhase.COLLECTED,
        began_on=min((item.since for item in waiting), default=move.on),
        opened_at=move.at,
        reports=bool(waiting) and not posted,
        publicity=_last_publicity(move, waiting) if posted else None,
        owed={track: since for track, since in owed.items() if since is not None},
    )
    meeting.batches.append(batch)
    move.batch = number
    move.clause = move.policy.terms(RuleName.CONFIRMATION).source
    move.change = CollectSupplement(batch=number, posted=posted)


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
    move.clause = move.clause_of("result_inquiry")
    ended_on = meeting.ended_on or (move.on if meeting.phase is Phase.CANCELLED else None)
    if stated.news == "released" and ended_on is not None:
        move.say(
            words.RECORD_RESULT,
            "named_outcome",
            MeetingEnded(meeting_ended_on=ended_on),
            batch=1 if meeting.batches else None,
            application=stated.application,
        )


def floor_over(move: MeetingMove, batch: Batch) -> None:
    """A batch's publicity has run out: the 15 working days begin on its actual last day (A9)."""
    posted = batch.publicity
    floor = move.clock(RuleName.RESULT_PUBLICITY, batch.number)
    if posted is None or floor is None:
        return
    posted.ends_on, posted.over_at = floor.ends_on, floor.ends_at
    for track, rule in EFFECT_RULES.items():
        if not batch.waits_for(track):
            continue
        batch.owed[track] = Owed(on=floor.ends_on, at=floor.ends_at)
        clock = move.clock(rule, batch.number)
        if clock is not None:
            move.tell_office(
                Task(
                    task="draft_batch" if track is Track.CONFIRM else "reply_batch",
                    batch=batch.number,
                    deadline_on=clock.ends_on,
                    rule=rule,
                    clause=clock.clause,
                )
            )


REPORT = MeetingRule(report_batch, _some_batch(_not_reported), _report_day)
PUBLISH = MeetingRule(publish_batch, _some_batch(_not_posted), _post_today)
RESTART = MeetingRule(restart_batch_publicity, check=_post_anew)
DRAFT = MeetingRule(draft_batch, _some_batch(_may_be_drafted), _draft_is_ready)
SEND_BACK = MeetingRule(send_back_batch, _some_batch(_was_sent), _sent_and_why)
CONFIRM = MeetingRule(confirm_batch, _some_batch(_was_sent), _issued_after_sending)
REPLY = MeetingRule(reply_batch, _some_batch(_may_be_replied), _replied_since_posting)
FILE = MeetingRule(file_batch, _some_batch(_may_be_filed), _filed_since_posting)
SUPPLEMENT = MeetingRule(open_supplement)
NOTE_CASE = MeetingRule(note_case)


def _post(move: MeetingMove, batch: Batch, stated: p.PublishBatch, *, restarts: int) -> date:
    """Post the list; returns the day for the cases."""
    day = batch.posted_on = stated.posted_on or move.on
    batch.publicity = Publicity(posted_on=day, posted_at=move.at, ends_on=day, restarts=restarts)
    move.clause = move.policy.terms(RuleName.RESULT_PUBLICITY).source
    move.tell_city_office(Task(task="results_posted", batch=batch.number, posted_on=day))
    return day


def _hangs(move: MeetingMove, batch: Batch, *, later: bool = False) -> None:
    posted = batch.phase is BatchPhase.POSTED or (
        later and batch.phase in (BatchPhase.SENT, BatchPhase.CONFIRMED)
    )
    if not posted:
        raise _not_ready(move, batch.number, batch.phase.value)


def _floor_is_over(move: MeetingMove, batch: Batch) -> None:
    """By when the person acted; the floor's clock has nothing more to say then."""
    floor = move.clock(RuleName.RESULT_PUBLICITY, batch.number)
    if floor is not None and move.at < floor.ends_at:
        clause = move.policy.terms(RuleName.RESULT_PUBLICITY).source
        raise refuse(Code.PUBLICITY_NOT_OVER, clause, ends_on=floor.ends_on)


def _note_the_floor(move: MeetingMove, batch: Batch) -> None:
    """An act that comes before its floor's clock was looked at notes that the floor is over."""
    if batch.publicity is not None and not batch.publicity.over:
        floor_over(move, batch)


def _issued(stated: p.IssueForBatch) -> Issue:
    return Issue(issued_on=stated.issued_on, number=stated.number)
