"""A posting that must hang for a number of days before the next act may follow."""

from __future__ import annotations

from datetime import date

from workflows.rules.message import State


class Publicity(State):
    """A posting that runs or ran: the unit's 公示表 or the committee's result list."""

    posted_on: date
    ends_on: date
    over: bool = False
    restarts: int = 0
