"""Replacing an expert who cannot come, and recusal (40号令 art 11, 25)."""

from __future__ import annotations

from workflows.meeting import payloads as p
from workflows.meeting.act import MeetingRule
from workflows.meeting.messages import NoteRecusal, SeatSpare
from workflows.meeting.move import MeetingMove, relations_to
from workflows.rules.committee import ART_11, ART_25, Seat
from workflows.rules.names import Relation
from workflows.rules.refusals import Code, refuse
from workflows.writer.stating import need_reason


def _a_spare_takes_the_seat(move: MeetingMove, stated: p.ReplaceExpert) -> None:
    need_reason(stated.reason, ART_11)
    leaving = _leaving(move, stated.expert)
    if not leaving.spare:
        _next_spare(move, must_chair=_needs_chair(move, leaving))


def replace_expert(move: MeetingMove, stated: p.ReplaceExpert) -> None:
    """A member cannot come: the next spare of the same draw takes the seat, never a new draw."""
    leaving = _leaving(move, stated.expert)
    declined = leaving.model_copy(update={"standing": "declined"})
    if leaving.spare:
        _seat(move, leaving, declined)
    else:
        spare = _next_spare(move, must_chair=_needs_chair(move, leaving))
        seated = spare.model_copy(update={"spare": False})
        _seat(move, leaving, declined)
        _seat(move, spare, seated)
        move.change = SeatSpare(seat=seated)
    move.reason, move.clause = stated.reason, ART_11


def _sits(move: MeetingMove, stated: p.Recuse) -> None:
    need_reason(stated.reason, ART_25)
    if not any(seat.sits and seat.expert == stated.expert for seat in move.meeting.seats):
        raise refuse(Code.NOT_A_MEMBER, ART_25, expert=stated.expert)


def recuse(move: MeetingMove, stated: p.Recuse) -> None:
    """An expert does not judge these candidates.

    Where their votes were counted already the count falls, which only a supervisor may bring about.
    From the record: `not_on_list`, `not_entitled`.
    """
    move.change = NoteRecusal(
        expert=stated.expert,
        applications=stated.applications,
        ground=stated.ground,
        reason=stated.reason,
        supervised=Relation.OFFICE_SUPERVISOR
        in relations_to(move.meeting, move.actor, move.action),
    )
    move.reason, move.clause = stated.reason, ART_25


REPLACE = MeetingRule(replace_expert, check=_a_spare_takes_the_seat)
RECUSE = MeetingRule(recuse, check=_sits)


def _leaving(move: MeetingMove, expert: str) -> Seat:
    found = next((seat for seat in move.meeting.seats if seat.expert == expert), None)
    if found is None or found.standing == "declined":
        raise refuse(Code.NOT_A_MEMBER, ART_11, expert=expert)
    return found


def _seat(move: MeetingMove, before: Seat, after: Seat) -> None:
    meeting = move.meeting
    meeting.seats = [after if seat is before else seat for seat in meeting.seats]


def _needs_chair(move: MeetingMove, leaving: Seat) -> bool:
    return bool(leaving.chair) and not any(
        seat.chair for seat in move.meeting.members if seat is not leaving
    )


def _next_spare(move: MeetingMove, *, must_chair: bool) -> Seat:
    """The next in the order of the draw; the only chair is followed by a chair where one is there."""
    waiting = [seat for seat in move.meeting.seats if seat.spare and seat.standing == "drawn"]
    chairs = [seat for seat in waiting if seat.chair]
    if not waiting:
        raise refuse(Code.POOL_TOO_SMALL, ART_11, available=0, needed=1, what="spare")
    return chairs[0] if must_chair and chairs else waiting[0]
