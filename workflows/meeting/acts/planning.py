"""Before a meeting: its plan, its list of candidates, its days (BD 三4, 40号令 art 8)."""

from __future__ import annotations

from datetime import date

from workflows.meeting import payloads as p
from workflows.meeting.meeting import Phase
from workflows.meeting.messages import Defer, FreeAll, ListCandidates, Select
from workflows.meeting.move import MeetingMove
from workflows.rules.committee import ART_8
from workflows.rules.names import Level
from workflows.rules.refusals import Code, refuse
from workflows.writer.stating import need_reason


def plan(move: MeetingMove, stated: p.PlanMeeting) -> None:
    """A meeting is planned and its list made; everybody on it is told the day.

    Raises:
        Refused: `date_not_allowed` for a day that is past, `committee_expired` where the filing
            does not cover a day, `out_of_scope` for another committee's campaign; from the record
            `level_not_handled` for a candidate beyond the committee's level (art 7).
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
    meeting.number = stated.number
    meeting.place = stated.place
    meeting.days = _days(move, stated.days)
    move.change = ListCandidates(
        campaign=stated.campaign,
        office=meeting.office,
        applications=stated.applications,
        levels=_levels(move),
    )
    move.clause = move.policy.clause("assign_to_meeting")
    _tell_day(move, "listed")


def move_meeting(move: MeetingMove, stated: p.MoveMeeting) -> None:
    """The meeting has other days; everybody listed is told again.

    Raises:
        Refused: `reason_required`, `date_not_allowed`, `committee_expired`.
    """
    need_reason(stated.reason)
    meeting = move.meeting
    move.reason = stated.reason
    meeting.days = _days(move, stated.days)
    move.clause = move.policy.clause("assign_to_meeting")
    _tell_day(move, "listed")


def add_candidates(move: MeetingMove, stated: p.AddCandidates) -> None:
    """More candidates; they are told the day.

    Raises:
        Refused: from the record: `not_found` where nobody waits, `wrong_stage`, `already_open`.
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

    Raises:
        Refused: `reason_required`; from the record `not_on_list`.
    """
    need_reason(stated.reason)
    before = move.meeting.phase is not Phase.OPENED
    move.reason = stated.reason
    move.change = Defer(application=stated.application, why="deferred", free=before)
    move.clause = move.policy.clause("record_result")
    move.say("leave_meeting", "to_free", payload={"reason": stated.reason})


def cancel(move: MeetingMove, stated: p.CancelMeeting) -> None:
    """The meeting does not take place; everybody listed waits for another.

    Raises:
        Refused: `reason_required`.
    """
    need_reason(stated.reason)
    move.reason = stated.reason
    opened = move.meeting.phase is Phase.OPENED
    move.meeting.phase = Phase.CANCELLED
    move.meeting.deadlines = []
    move.change = FreeAll()
    move.clause = move.policy.clause("assign_to_meeting")
    if opened:  # those in review are given back as deferred, the others after them
        move.say("record_result", "outcomes", payload={"meeting_ended_on": move.on.isoformat()})
    else:
        move.say("leave_meeting", "to_free", payload={"reason": stated.reason})


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


def _days(move: MeetingMove, stated: tuple[date, ...]) -> tuple[date, ...]:
    days = tuple(sorted(set(stated)))
    if days[0] < move.on:
        raise refuse(Code.DATE_NOT_ALLOWED, "", reason="past", date=days[0])
    check_filing(move, days)
    return days


def _tell_day(move: MeetingMove, select: Select) -> None:
    meeting = move.meeting
    payload = {
        "meeting": meeting.meeting,
        "meeting_on": meeting.days[0].isoformat(),
        "number": meeting.number,
    }
    move.say("assign_to_meeting", select, payload=payload)
