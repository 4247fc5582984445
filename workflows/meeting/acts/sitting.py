"""The meeting itself: opened with its quorum, opinions, the ballot in totals, the signature."""

from __future__ import annotations

from workflows.meeting import payloads as p
from workflows.meeting.acts.planning import check_filing
from workflows.meeting.meeting import Batch, Phase, batch_key
from workflows.meeting.messages import (
    Count,
    CountBallots,
    NoteOpinion,
    NoteOpinions,
    OpenBallot,
    SealResults,
)
from workflows.meeting.move import MeetingMove
from workflows.rules.ballot import check_quorum
from workflows.rules.committee import ART_10, ART_19, ART_20, ART_21, ART_22
from workflows.rules.deadlines import compute
from workflows.rules.names import RuleName
from workflows.rules.refusals import Code, refuse
from workflows.writer.stating import need_reason, outside_day


def open_meeting(move: MeetingMove, stated: p.OpenMeeting) -> None:
    """The meeting opens on one of its days with its quorum; the listed go on the ballot.

    Raises:
        Refused: `date_not_allowed` on another day, `committee_expired`, `quorum_short`,
            `chair_missing`, `not_a_member`.
    """
    meeting = move.meeting
    if move.on not in meeting.days:
        days = "、".join(day.isoformat() for day in meeting.days)
        raise refuse(
            Code.DATE_NOT_ALLOWED, ART_19, reason="not_a_meeting_day", date=move.on, days=days
        )
    check_filing(move, (move.on,))
    _terms_cover(move, stated.present)
    check_quorum(meeting.seats, stated.present)
    meeting.present = tuple(sorted(set(stated.present)))
    meeting.opened_on = move.on
    meeting.phase = Phase.OPENED
    move.clause = ART_19
    move.change = OpenBallot(present=meeting.present, drawn=len(meeting.members))
    move.say("open_review", "on_ballot")


def _terms_cover(move: MeetingMove, present: tuple[str, ...]) -> None:
    """A meeting that was moved may have outlived a term: that seat goes to a spare first."""
    for seat in move.meeting.members:
        if seat.expert in present and not seat.serves_on(move.meeting.days[-1]):
            raise refuse(
                Code.NOT_A_MEMBER, ART_10, expert=seat.expert, reason="term", until=seat.term_to
            )


def record_opinions(move: MeetingMove, stated: p.RecordOpinions) -> None:
    """Written opinions of a group of three experts or more, each on one candidate (art 21).

    Raises:
        Refused: `reason_required` for an opinion without words; from the record `group_too_small`, `not_a_member`, `recused`, `not_on_list`.
    """
    for item in stated.opinions:
        need_reason(item.text, ART_21)
    move.change = NoteOpinions(
        present=move.meeting.present,
        opinions=tuple(
            NoteOpinion(
                application=item.application,
                group=item.group if item.experts else stated.group,
                experts=item.experts or stated.experts,
                text=item.text,
            )
            for item in stated.opinions
        ),
    )
    move.clause = ART_21


def enter_ballots(move: MeetingMove, stated: p.EnterBallots) -> None:
    """A counting sheet, entered twice by two people; votes are kept in totals only (art 20).

    Raises:
        Refused: `duplicate_conflict` for a candidate twice on one sheet; from the record
            `ballot_disagrees`, `ballot_out_of_range`, `second_person_required`, `quorum_short`,
            `not_on_list`, `already_decided`.
    """
    named = [item.application for item in stated.tallies]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise refuse(Code.DUPLICATE_CONFLICT, ART_20, application=twice[0])
    move.change = CountBallots(
        by=move.actor.person if move.actor else "",
        present=move.meeting.present,
        drawn=len(move.meeting.members),
        counts=tuple(
            Count(application=item.application, totals=item.totals) for item in stated.tallies
        ),
    )
    move.clause = ART_20


def sign_results(move: MeetingMove, stated: p.SignResults) -> None:
    """The chair signs: the results stand, and the five working days run (art 22, A7).

    Raises:
        Refused: `chair_missing` for a signature of somebody else, `date_not_allowed`; from the
            record `ballot_open` while a candidate has no result or no opinion.
    """
    meeting = move.meeting
    chairs = {seat.expert for seat in meeting.members if seat.chair} & set(meeting.present)
    if stated.chair not in chairs:
        raise refuse(Code.CHAIR_MISSING, ART_22, expert=stated.chair)
    if stated.ended_on not in meeting.days:
        days = "、".join(day.isoformat() for day in meeting.days)
        raise refuse(
            Code.DATE_NOT_ALLOWED,
            ART_22,
            reason="not_a_meeting_day",
            date=stated.ended_on,
            days=days,
        )
    # A late signature moves no clock: the last day is the meeting's, however long ago (A7).
    meeting.ended_on = outside_day(
        move, stated.ended_on, not_before=meeting.opened_on, however_old=True
    )
    check_filing(move, (meeting.ended_on,))
    meeting.signed_on, meeting.signed_by = move.on, stated.chair
    meeting.phase = Phase.SIGNED
    first = Batch(number=1, began_on=meeting.ended_on)
    meeting.batches = [first]
    move.batch = first.number
    move.clause = ART_22
    move.change = SealResults(batch=first.number)
    rule = RuleName.RESULT_REPORT
    deadline = compute(
        rule,
        move.policy.terms(rule),
        move.calendar,
        meeting.ended_on,
        key=batch_key(rule, first.number),
    )
    move.open(deadline)
    move.say(
        "record_result",
        "outcomes",
        batch=first.number,
        payload={"meeting_ended_on": meeting.ended_on.isoformat()},
    )
    move.tell_office(
        "report_results",
        batch=1,
        deadline_on=deadline.ends_on,
        rule=rule.value,
        clause=deadline.clause,
    )
