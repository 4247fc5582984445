"""A posting that must hang for a number of days before the next act may follow."""

from __future__ import annotations

from datetime import date, datetime

from workflows.rules.message import State


class Publicity(State):
    """A posting that runs or ran: the unit's 公示表 or the committee's result list."""

    posted_on: date
    posted_at: datetime
    ends_on: date
    """Its last day: as its clock has it while it runs, and as it was once it is over."""
    over_at: datetime | None = None
    """24:00 of its actual last day, once that has passed."""
    restarts: int = 0

    @property
    def over(self) -> bool:
        """True once its last day has passed."""
        return self.over_at is not None
