"""Before a meeting: its plan, its list of candidates, its days (BD 三4, 40号令 art 8)."""

from __future__ import annotations

from datetime import date

from workflows.application.payloads import AssignToMeeting, MeetingEnded
from workflows.letter.kinds import Task
from workflows.meeting import payloads as p
from workflows.meeting import words
from workflows.meeting.act import MeetingRule
from workflows.meeting.acts.drawing import no_open_draw
from workflows.meeting.meeting import Phase
from workflows.meeting.messages import Defer, FreeAll, ListCandidates, Select
from workflows.meeting.move import MeetingMove
from workflows.rules.committee import ART_8
from workflows.rules.names import CautionCode, Level
from workflows.rules.refusals import Code, refuse
from workflows.writer.payloads import Reason
from workflows.writer.stating import need_reason


def may_plan(move: MeetingMove) -> None:
    """A committee judges for its own campaign, or the applicants of its own unit (A54).

    Raises:
        Refused: `out_of_scope` for another committee's campaign.
    """
    meeting = move.meeting
    if meeting.policy.committee.office != meeting.committee.office and not _own(move):
        raise refuse(
            Code.OUT_OF_SCOPE,
            meeting.policy.committee.source,
            reason="other_committee",
            committee=meeting.committee.id,
            campaign=meeting.policy.campaign,
        )


def _possible_days(move: MeetingMove, stated: p.PlanMeeting) -> None:
    _check_days(move, stated.days)


def plan(move: MeetingMove, stated: p.PlanMeeting) -> None:
    """A meeting is planned and its list made; everybody on it is told the day.

    From the record: `level_not_handled` for a candidate beyond the committee's level (art 7).
    """
    meeting = move.meeting
    meeting.number = stated.number
    meeting.place = stated.place
    meeting.days = _sorted(stated.days)
    _warn_of_rest_days(move)
    move.change = ListCandidates(
        campaign=stated.campaign,
        office=meeting.office,
        applications=stated.applications,
        levels=_levels(move),
    )
    move.clause = move.policy.clause("assign_to_meeting")
    _tell_day(move, "listed")
    move.tell_city_office(Task(task="commit_draw"))


def _other_days_and_why(move: MeetingMove, stated: p.MoveMeeting) -> None:
    need_reason(stated.reason)
    _check_days(move, stated.days)


def move_meeting(move: MeetingMove, stated: p.MoveMeeting) -> None:
    """The meeting has other days; everybody listed is told again."""
    meeting = move.meeting
    move.reason = stated.reason
    meeting.days = _sorted(stated.days)
    _warn_of_rest_days(move)
    move.clause = move.policy.clause("assign_to_meeting")
    _tell_day(move, "listed")


def add_candidates(move: MeetingMove, stated: p.AddCandidates) -> None:
    """More candidates; they are told the day.

    From the record: `not_found` where nobody waits, `wrong_stage`, `already_open`.
    """
    meeting = move.meeting
    move.change = ListCandidates(
        campaign=meeting.policy.campaign,
        office=meeting.office,
        applications=stated.applications,
        levels=_levels(move),
    )
    move.clause = move.policy.clause("assign_to_meeting")
    _tell_day(move, "new")


def defer_candidate(move: MeetingMove, stated: p.DeferCandidate) -> None:
    """A candidate is not judged now and waits for another meeting.

    From the record: `not_on_list`.
    """
    before = move.meeting.phase is not Phase.OPENED
    move.reason = stated.reason
    move.change = Defer(application=stated.application, why="deferred", free=before)
    move.clause = move.policy.clause("record_result")
    move.say(words.LEAVE, "to_free", Reason(reason=stated.reason))


def cancel(move: MeetingMove, stated: p.CancelMeeting) -> None:
    """The meeting does not take place; everybody listed waits for another."""
    move.reason = stated.reason
    opened = move.meeting.phase is Phase.OPENED
    move.meeting.phase = Phase.CANCELLED
    move.change = FreeAll()
    move.clause = move.policy.clause("assign_to_meeting")
    if opened:  # those in review are given back as deferred, the others after them
        move.say(words.RECORD_RESULT, "outcomes", MeetingEnded(meeting_ended_on=move.on))
    else:
        move.say(words.LEAVE, "to_free", Reason(reason=stated.reason))


def _why(_move: MeetingMove, stated: p.DeferCandidate | p.CancelMeeting) -> None:
    need_reason(stated.reason)


PLAN = MeetingRule(plan, may_plan, _possible_days)
MOVE = MeetingRule(move_meeting, no_open_draw, _other_days_and_why)
ADD = MeetingRule(add_candidates, no_open_draw)
DEFER: MeetingRule[p.DeferCandidate] = MeetingRule(defer_candidate, check=_why)
CANCEL: MeetingRule[p.CancelMeeting] = MeetingRule(cancel, check=_why)


def check_filing(move: MeetingMove, days: tuple[date, ...]) -> None:
    """A committee judges within its filing alone (art 8).

    Raises:
        Refused: `committee_expired` with the filing's last day.
    """
    committee = move.meeting.committee
    for day in days:
        if not committee.is_filed_on(day):
            raise refuse(
                Code.COMMITTEE_EXPIRED,
                ART_8,
                committee=committee.id,
                date=day,
                filed_on=committee.filed_on,
                valid_until=committee.valid_until,
            )


def _levels(move: MeetingMove) -> tuple[str, ...]:
    """Up to the highest level the committee is filed for (art 7, A29)."""
    levels = list(Level)
    return tuple(levels[: levels.index(move.meeting.committee.max_level) + 1])


def _own(move: MeetingMove) -> bool:
    return move.policy.self_evaluating.destination == "own"


def _sorted(stated: tuple[date, ...]) -> tuple[date, ...]:
    return tuple(sorted(set(stated)))


def _check_days(move: MeetingMove, stated: tuple[date, ...]) -> None:
    days = _sorted(stated)
    if days[0] < move.on:
        clause = move.clause_of("assign_to_meeting")
        raise refuse(Code.DATE_NOT_ALLOWED, clause, reason="past", date=days[0])
    check_filing(move, days)


def _warn_of_rest_days(move: MeetingMove) -> None:
    for day in move.meeting.days:
        if not move.calendar.is_working_day(day):
            move.warn(CautionCode.REST_DAY, move.clause_of("assign_to_meeting"), date=day)


def _tell_day(move: MeetingMove, select: Select) -> None:
    meeting = move.meeting
    day = AssignToMeeting(
        meeting=meeting.meeting, meeting_on=meeting.days[0], number=meeting.number
    )
    move.say(words.ASSIGN, select, day)
