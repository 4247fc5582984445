"""A second person: what one asks for is done when another human confirms it, in time (办理口径10).

Who acts first is recorded with what is asked; nothing else happens. Another human of the office, whom
nobody can name into it, confirms it himself: then it is decided anew, as of that moment, on the case
as it then is.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from workflows.application.act import Rule
from workflows.application.case import Asked, Case
from workflows.application.move import Move
from workflows.application.payloads import ConfirmRequest
from workflows.letter.kinds import Task
from workflows.rules.names import CautionCode, Party
from workflows.rules.refusals import Code, refuse
from workflows.writer.messages import Actor

ASKING = "ask_second_person"
"""The step that records what is asked; nobody acts under this name."""


def ask(move: Move) -> None:
    """Record what waits for a second person, in the place of doing it.

    Raises:
        Refused: `identity_unknown` where nobody knows which human asks.
    """
    case, actor = move.case, _known(move)
    move.payload = _of_this_step(move)
    still = [item for item in case.asked if item.is_open(move.at) and not _same(item, move)]
    asked = Asked(
        id=str(case.seq + 1),
        action=move.action,
        payload=move.payload,
        by=actor,
        at=move.at,
        until=move.at + timedelta(hours=move.policy.limits.second_person_hours),
    )
    case.asked = [*still, asked]
    move.action, move.clause = ASKING, move.clause_of("second_person")
    move.warn(CautionCode.SECOND_PERSON, move.clause, until=asked.until, request=asked.id)
    move.tell(Task(task="confirm_request"), Party.OFFICE)


def may_confirm(move: Move) -> None:
    """Something waits that another human asked for.

    Raises:
        Refused: `identity_unknown`; `not_found` where nothing waits, `request_expired` where its
            time is over, `second_person_required` where this very human asked for it, or one who
            stands in for the other.
    """
    actor, asked = _known(move), move.case.asked
    if not asked:
        raise _nothing(move)
    still = [item for item in asked if item.is_open(move.at)]
    if not still:
        raise move.refusal(
            Code.REQUEST_EXPIRED, "second_person", expires_at=max(item.until for item in asked)
        )
    if all(actor.is_one_side_with(item.by) for item in still):
        raise _same_human(move)


def _one_that_is_open(move: Move, stated: ConfirmRequest) -> None:
    actor, asked = _known(move), found(move.case, stated.request)
    if asked is None:
        raise _nothing(move)
    if not asked.is_open(move.at):
        raise move.refusal(Code.REQUEST_EXPIRED, "second_person", expires_at=asked.until)
    if stated.agree and actor.is_one_side_with(asked.by):
        raise _same_human(move)


def turn_down(move: Move, stated: ConfirmRequest) -> None:
    """The second person does not confirm it: it waits no longer."""
    asked = found(move.case, stated.request)
    move.case.asked = [item for item in move.case.asked if item is not asked]
    move.reason, move.clause = stated.reason, move.clause_of("second_person")


def expire(move: Move) -> None:
    """Nobody confirmed it in time: it waits no longer, and the office hears that it was not done."""
    case = move.case
    case.asked = [item for item in case.asked if item.is_open(move.at)]
    move.clause = move.clause_of("second_person")
    move.tell(Task(task="request_expired"), Party.OFFICE)


def found(case: Case, request: str) -> Asked | None:
    """The request meant; the only one where none is named."""
    named = [item for item in case.asked if not request or item.id == request]
    return named[0] if len(named) == 1 else None


CONFIRM = Rule(turn_down, may_confirm, _one_that_is_open)
"""Where the second person agrees, the act that was asked for is decided in its place."""


def _known(move: Move) -> Actor:
    if move.actor is None or not move.actor.human:
        person = move.actor.person if move.actor else ""
        raise move.refusal(Code.IDENTITY_UNKNOWN, "second_person", person=person)
    return move.actor


def _of_this_step(move: Move) -> dict[str, Any]:
    """What is asked for is to take back the step that is the last one now: what comes in its place
    before the other confirms it was never looked at by the first."""
    undo = move.case.undo
    if undo is None or move.action != "set_aside":
        return move.payload
    return move.payload | {"step": undo.seq}


def _same(asked: Asked, move: Move) -> bool:
    """Asked again by the same human, it is asked once."""
    again = move.actor is not None and move.actor.is_human(asked.by.human)
    return again and (asked.action, asked.payload) == (move.action, move.payload)


def _same_human(move: Move) -> Exception:
    return move.refusal(Code.SECOND_PERSON_REQUIRED, "second_person", reason="same_human")


def _nothing(move: Move) -> Exception:
    known = "、".join(item.id for item in move.case.asked) or "无"
    return refuse(Code.NOT_FOUND, move.clause_of("second_person"), what="request", known=known)
