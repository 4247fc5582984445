"""What an act states, checked: reasons, outside dates, items."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Protocol

from workflows.rules.calendar import Calendar
from workflows.rules.days import OUTSIDE_CALENDARS
from workflows.rules.message import local, local_date
from workflows.rules.policy import Policy
from workflows.rules.refusals import Code, refuse
from workflows.writer.payloads import Payload

CLOCK_TOLERANCE = timedelta(seconds=60)
"""Two machines' clocks may differ by so much; a later stamp is refused."""


class Dated(Protocol):
    """A step in the making, of a case or of a meeting: when it is, and under which rules."""

    at: datetime

    @property
    def on(self) -> date:
        """The Beijing day of the act."""

    @property
    def policy(self) -> Policy:
        """The rules it travels with."""

    @property
    def calendar(self) -> Calendar:
        """The calendar it travels with."""


def stamped(
    policy: Policy,
    calendar: Calendar,
    stated: datetime | None,
    now: datetime,
    *,
    patient: bool = False,
) -> datetime:
    """When the person acted: the gateway's stamp, or now on a bare signal (design.md 4).

    Args:
        patient: take a stamp of any age.

    Raises:
        Refused: `date_not_allowed` for a stamp in the future, older than the late delivery, or
            outside the calendars.
    """
    if stated is None:
        return now
    at = local(stated)
    _need_a_calendar(calendar, local_date(at), local_date(now))
    if at > now + CLOCK_TOLERANCE:
        raise refuse(Code.DATE_NOT_ALLOWED, "", reason="future", date=at.isoformat())
    limit = policy.limits.late_delivery_working_days
    if (
        not patient
        and now - at > timedelta(days=1)
        and (calendar.working_days_between(local_date(at), local_date(now)) > limit)
    ):
        raise refuse(
            Code.DATE_NOT_ALLOWED, policy.clause("stamp"), reason="stamp_too_old", days=limit
        )
    return min(at, now)


def in_calendars(stated: Payload, calendar: Calendar, now: datetime) -> None:
    """Every day and instant that an act states lies where the calendars can say something about it.

    What is stated of the past beside it, such as the facts of a correction, is no payload of ours.

    Raises:
        Refused: `date_not_allowed`.
    """
    for name, value in stated:
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Payload):
                in_calendars(part, calendar, now)
            elif isinstance(part, date):
                day = local_date(part) if isinstance(part, datetime) else part
                _need_a_calendar(calendar, day, local_date(now), name)


def _need_a_calendar(calendar: Calendar, day: date, today: date, field: str = "acted_at") -> None:
    first, last = calendar.span(today)
    if not first <= day <= last:
        raise refuse(
            Code.DATE_NOT_ALLOWED,
            "",
            reason=OUTSIDE_CALENDARS,
            date=day,
            fields=field,
            first=first,
            last=last,
        )


def need_reason(reason: str, clause: str = "") -> None:
    """A decision against somebody states its reason.

    Raises:
        Refused: `reason_required`.
    """
    if not reason.strip():
        raise refuse(Code.REASON_REQUIRED, clause)


def posting_day(move: Dated, stated: date | None, clause: str) -> date:
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
    move: Dated,
    stated: date | None,
    *,
    not_before: date | None = None,
    clause: str = "",
    however_old: bool = False,
) -> date:
    """The day of an event outside the platform: never future, never before its predecessor,
    never further back than the campaign allows (design.md 4), unless something else proves it.

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
    if however_old:
        return day
    limit = move.policy.limits.back_dating_working_days
    if day < move.on - timedelta(days=2 * limit) or (
        day < move.on and move.calendar.working_days_between(day, move.on) > limit
    ):
        raise refuse(Code.DATE_NOT_ALLOWED, clause, reason="too_far_back", date=day, days=limit)
    return day


def outside_moment(move: Dated, stated: datetime, clause: str = "") -> datetime:
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
