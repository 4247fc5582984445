"""The draw of the experts by two offices, so that neither foresees nor chooses it (40号令 art 11).

`commit_draw` by the supervising office, `draw` by the committee's, `reveal_draw` by the supervising
one. A second draw is one person's request and another's act; each draw that was ordered counts.
"""

from __future__ import annotations

from datetime import timedelta

from workflows.letter.kinds import Task
from workflows.meeting import payloads as p
from workflows.meeting.act import MeetingRule
from workflows.meeting.meeting import Commitment, Draw, Phase, Redraw
from workflows.meeting.messages import DrawSeats, OrderDraw
from workflows.meeting.move import MeetingMove
from workflows.rules.committee import ART_11
from workflows.rules.draw import commitment_to, seed_of
from workflows.rules.refusals import Code, refuse
from workflows.writer.messages import Actor
from workflows.writer.stating import need_reason


def no_open_draw(move: MeetingMove) -> None:
    """Nothing that a draw depends on changes between its order and its reveal.

    Raises:
        Refused: `draw_open`.
    """
    if move.meeting.open_draw is not None:
        raise refuse(Code.DRAW_OPEN, ART_11, action=move.action)


def _why_anew(move: MeetingMove, stated: p.CommitDraw) -> None:
    if move.meeting.commitment is not None or move.meeting.open_draw is not None:
        need_reason(stated.reason, ART_11)


def commit_draw(move: MeetingMove, stated: p.CommitDraw) -> None:
    """The supervising office commits itself for the next draw; one that waits is given up by it."""
    meeting = move.meeting
    waiting = meeting.open_draw
    if waiting is not None:
        waiting.given_up = stated.reason
    meeting.commitment = Commitment(digest=stated.commitment, by=_who(move), at=move.at)
    move.reason, move.clause = stated.reason, ART_11
    move.tell_office(Task(task="draw_experts"))


def _may_be_drawn(move: MeetingMove) -> None:
    no_open_draw(move)
    most = move.policy.limits.draws
    if len(move.meeting.draws) >= most:
        raise refuse(Code.DRAWS_USED_UP, ART_11, most=most)


def _why_again(move: MeetingMove, stated: p.RequestRedraw) -> None:
    need_reason(stated.reason, ART_11)


def request_redraw(move: MeetingMove, stated: p.RequestRedraw) -> None:
    """One person of the office asks for another draw, with its reason and for a time.

    Before the first draw of a meeting too: one that follows a cancelled meeting's is no first one.

    Raises:
        Refused: `identity_unknown` where nobody knows which human asks.
    """
    move.meeting.redraw = Redraw(
        by=_known(move),
        reason=stated.reason,
        until=move.at + timedelta(hours=move.policy.limits.second_person_hours),
    )
    move.reason, move.clause = stated.reason, ART_11


def expire_redraw(move: MeetingMove) -> None:
    """Nobody made the second draw in time: it must be asked for anew, and the office hears of it."""
    move.meeting.redraw = None
    move.clause = ART_11
    move.tell_office(Task(task="request_expired"))


def _is_committed(move: MeetingMove) -> None:
    _may_be_drawn(move)
    if move.meeting.commitment is None:
        raise refuse(Code.DRAW_NOT_COMMITTED, ART_11)


def _by_another(move: MeetingMove, stated: p.DrawExperts) -> None:
    """A second draw is made by another than who asked for it; none by who knows the value."""
    meeting = move.meeting
    asked = _asked_for(move)
    if meeting.draws:
        need_reason(asked.reason if asked else stated.reason, ART_11)
        if asked is None:
            raise refuse(Code.SECOND_PERSON_REQUIRED, ART_11, reason="redraw")
    if asked is not None:
        _known(move)
        _is_another(move, asked.by)
    if meeting.commitment is not None:
        _is_another(move, meeting.commitment.by)


def draw(move: MeetingMove, stated: p.DrawExperts) -> None:
    """The pool stands still and chance is taken; who is drawn follows from the value still unknown.

    From the record: `pool_too_small`, `out_of_scope` for a profession nobody applied in,
    `draws_used_up`, `second_person_required`.
    A draw after those of a meeting that was cancelled before it opened is a second one, and counts
    with them: else who cancels and plans anew would draw until it pleases.
    """
    meeting, asked = move.meeting, _asked_for(move)
    if meeting.commitment is None:
        return
    move.reason = asked.reason if asked else stated.reason
    number = len(meeting.draws) + 1
    meeting.draws.append(
        Draw(
            number=number,
            commitment=meeting.commitment,
            ordered_by=_who(move),
            asked_by=asked.by if asked else None,
            on=move.on,
            reason=move.reason,
        )
    )
    move.change = OrderDraw(
        number=number,
        committee=meeting.committee.id,
        commitment=meeting.commitment.digest,
        seats=meeting.committee.seats,
        spares=meeting.committee.spares,
        on=meeting.days[-1],
        since=meeting.days[0],
        professions=stated.professions,
        most=move.policy.limits.draws,
        again=asked is not None,
    )
    meeting.commitment = meeting.redraw = None
    meeting.phase, meeting.seats = Phase.PLANNED, []
    move.clause = ART_11
    move.tell_city_office(Task(task="reveal_draw"))


def _waits_for_its_value(move: MeetingMove) -> None:
    if move.meeting.open_draw is None:
        raise refuse(Code.NOT_FOUND, ART_11, what="draw")


def _as_committed(move: MeetingMove, stated: p.RevealDraw) -> None:
    waiting = move.meeting.open_draw
    if waiting is None:
        return
    _is_another(move, waiting.ordered_by)
    if commitment_to(stated.value) != waiting.commitment.digest:
        raise refuse(Code.COMMITMENT_BROKEN, ART_11, commitment=waiting.commitment.digest)


def reveal_draw(move: MeetingMove, stated: p.RevealDraw) -> None:
    """The value is revealed and the experts are drawn by the seed that follows from both."""
    waiting = move.meeting.open_draw
    if waiting is None or waiting.made is None:
        return
    made = waiting.made
    drawn = made.model_copy(
        update={"value": stated.value, "seed": seed_of(made.random, stated.value)}
    )
    move.change = DrawSeats(drawn=drawn)
    move.meeting.phase = Phase.EXPERTS_DRAWN
    move.clause = ART_11


COMMIT = MeetingRule(commit_draw, check=_why_anew)
REQUEST = MeetingRule(request_redraw, _may_be_drawn, _why_again)
DRAW = MeetingRule(draw, _is_committed, _by_another)
REVEAL = MeetingRule(reveal_draw, _waits_for_its_value, _as_committed)


def _asked_for(move: MeetingMove) -> Redraw | None:
    """The request for another draw that still waits for its second person."""
    asked = move.meeting.redraw
    return asked if asked is not None and move.at < asked.until else None


def _who(move: MeetingMove) -> Actor:
    return move.actor or Actor(person="")


def _known(move: MeetingMove) -> Actor:
    who = _who(move)
    if not who.human:
        raise refuse(Code.IDENTITY_UNKNOWN, ART_11, person=who.person)
    return who


def _is_another(move: MeetingMove, first: Actor) -> None:
    """Another human than whoever did the other part, under whatever row of the directory, and none
    who stands in for him or her.

    Raises:
        Refused: `second_person_required`.
    """
    who = _who(move)
    if who.is_one_side_with(first):
        raise refuse(Code.SECOND_PERSON_REQUIRED, ART_11, reason="same_human")
