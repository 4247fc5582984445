"""What an act states, checked: reasons, outside dates, items."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from workflows.acts.move import Move
from workflows.rules.message import local_date
from workflows.rules.refusals import Code, refuse

CLOCK_TOLERANCE = timedelta(seconds=60)
"""Two machines' clocks may differ by so much; a later stamp is refused."""


def need_reason(reason: str, clause: str = "") -> None:
    """A decision against somebody states its reason.

    Raises:
        Refused: `reason_required`.
    """
    if not reason.strip():
        raise refuse(Code.REASON_REQUIRED, clause)


def posting_day(move: Move, stated: date | None, clause: str) -> date:
    """Day 0 of a floor: the day of the act on the platform, no other (A4).

    Raises:
        Refused: `date_not_allowed` for a back-dated or future posting.
    """
    day = stated or move.on
    if day != move.on:
        raise refuse(
            Code.DATE_NOT_ALLOWED,
            clause,
            reason="future" if day > move.on else "floor_back_dated",
            date=day,
            today=move.on,
        )
    return day


def outside_day(
    move: Move, stated: date | None, *, not_before: date | None = None, clause: str = ""
) -> date:
    """The day of an event outside the platform: never future, never before its predecessor,
    never further back than the campaign allows (design.md 4).

    Raises:
        Refused: `date_not_allowed` with the reason.
    """
    day = stated or move.on
    if day > move.on:
        raise refuse(Code.DATE_NOT_ALLOWED, clause, reason="future", date=day, today=move.on)
    if not_before and day < not_before:
        raise refuse(
            Code.DATE_NOT_ALLOWED,
            clause,
            reason="before_predecessor",
            date=day,
            earliest=not_before,
        )
    limit = move.case.policy.limits.back_dating_working_days
    if day < move.on - timedelta(days=2 * limit) or (
        day < move.on and move.case.calendar.working_days_between(day, move.on) > limit
    ):
        raise refuse(Code.DATE_NOT_ALLOWED, clause, reason="too_far_back", date=day, days=limit)
    return day


def outside_moment(move: Move, stated: datetime, clause: str = "") -> datetime:
    """An instant outside the platform (a payment): never in the future.

    Raises:
        Refused: `date_not_allowed`.
    """
    if stated > move.at + CLOCK_TOLERANCE:
        raise refuse(
            Code.DATE_NOT_ALLOWED,
            clause,
            reason="future",
            date=local_date(stated),
            today=move.on,
        )
    return stated
