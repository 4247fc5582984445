"""The meeting itself: opened with its quorum, opinions, the ballot in totals, the signature."""

from __future__ import annotations

from workflows.application.payloads import MeetingEnded
from workflows.letter.kinds import Task
from workflows.meeting import payloads as p
from workflows.meeting import sheets, words
from workflows.meeting.act import MeetingRule
from workflows.meeting.acts.planning import check_filing
from workflows.meeting.meeting import Batch, Phase
from workflows.meeting.messages import (
    CountBallots,
    NoteOpinions,
    OpenBallot,
    SealResults,
)
from workflows.meeting.move import MeetingMove
from workflows.rules.ballot import check_quorum
from workflows.rules.committee import ART_10, ART_19, ART_20, ART_21, ART_22
from workflows.rules.names import RuleName
from workflows.rules.refusals import Code, refuse
from workflows.writer.payloads import Nothing
from workflows.writer.stating import outside_day


def may_open(move: MeetingMove) -> None:
    """On one of its days, within the committee's filing.

    Raises:
        Refused: `date_not_allowed` on another day, `committee_expired`.
    """
    meeting = move.meeting
    if move.on not in meeting.days:
        days = "、".join(day.isoformat() for day in meeting.days)
        raise refuse(
            Code.DATE_NOT_ALLOWED, ART_19, reason="not_a_meeting_day", date=move.on, days=days
        )
    check_filing(move, (move.on,))


def _quorum_present(move: MeetingMove, stated: p.OpenMeeting) -> None:
    _terms_cover(move, stated.present)
    check_quorum(move.meeting.seats, stated.present)


def open_meeting(move: MeetingMove, stated: p.OpenMeeting) -> None:
    """The meeting opens with its quorum; the listed go on the ballot."""
    meeting = move.meeting
    meeting.present = tuple(sorted(set(stated.present)))
    meeting.opened_on = move.on
    meeting.phase = Phase.OPENED
    move.clause = ART_19
    move.change = OpenBallot(present=meeting.present, drawn=len(meeting.members))
    move.say(words.OPEN_REVIEW, "on_ballot", Nothing())


def _terms_cover(move: MeetingMove, present: tuple[str, ...]) -> None:
    """A meeting that was moved may have outlived a term: that seat goes to a spare first."""
    for seat in move.meeting.members:
        if seat.expert in present and not seat.serves_on(move.meeting.days[-1]):
            raise refuse(
                Code.NOT_A_MEMBER, ART_10, expert=seat.expert, reason="term", until=seat.term_to
            )


def _opinions_say_something(_move: MeetingMove, stated: p.RecordOpinions) -> None:
    sheets.one_place(stated)
    sheets.opinions_of(stated.opinions, stated.group, stated.experts)


def record_opinions(move: MeetingMove, stated: p.RecordOpinions) -> None:
    """Written opinions of a group of three experts or more, each on one candidate (art 21).

    From the record: `group_too_small`, `not_a_member`, `recused`, `not_on_list`.
    """
    move.change = NoteOpinions(
        present=move.meeting.present,
        opinions=sheets.opinions_of(stated.opinions, stated.group, stated.experts),
        sheet=stated.sheet,
        group=stated.group,
        experts=stated.experts,
    )
    move.clause = ART_21


def _each_once(_move: MeetingMove, stated: p.EnterBallots) -> None:
    sheets.one_place(stated)
    sheets.counts_of(stated.tallies)


def enter_ballots(move: MeetingMove, stated: p.EnterBallots) -> None:
    """A counting sheet, entered twice by two people; votes are kept in totals only (art 20).

    From the record: `ballot_disagrees`, `ballot_out_of_range`, `second_person_required`,
    `quorum_short`, `not_on_list`, `already_decided`; of a kept sheet also what is wrong in it.
    """
    move.change = CountBallots(
        by=move.actor.person if move.actor else "",
        present=move.meeting.present,
        drawn=len(move.meeting.members),
        counts=sheets.counts_of(stated.tallies),
        sheet=stated.sheet,
    )
    move.clause = ART_20


def _signed_by_the_chair(move: MeetingMove, stated: p.SignResults) -> None:
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
    outside_day(move, stated.ended_on, not_before=meeting.opened_on, however_old=True)
    check_filing(move, (stated.ended_on,))


def sign_results(move: MeetingMove, stated: p.SignResults) -> None:
    """The chair signs: the results stand, and the five working days run (art 22, A7).

    From the record: `ballot_open` while a candidate has no result or no opinion.
    """
    meeting = move.meeting
    meeting.ended_on = stated.ended_on
    meeting.signed_on, meeting.signed_by = move.on, stated.chair
    meeting.phase = Phase.SIGNED
    first = Batch(number=1, began_on=stated.ended_on, opened_at=move.at)
    meeting.batches = [first]
    move.batch = first.number
    move.clause = ART_22
    move.change = SealResults(batch=first.number)
    ended = MeetingEnded(meeting_ended_on=stated.ended_on)
    move.say(words.RECORD_RESULT, "outcomes", ended, batch=first.number)
    clock = move.clock(RuleName.RESULT_REPORT, first.number)
    move.tell_office(
        Task(
            task="report_results",
            batch=1,
            deadline_on=clock.ends_on if clock else None,
            rule=RuleName.RESULT_REPORT,
            clause=clock.clause if clock else "",
        )
    )


OPEN = MeetingRule(open_meeting, may_open, _quorum_present)
OPINIONS = MeetingRule(record_opinions, check=_opinions_say_something)
BALLOTS = MeetingRule(enter_ballots, check=_each_once)
SIGN = MeetingRule(sign_results, check=_signed_by_the_chair)
