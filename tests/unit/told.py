"""One clock of one start, with what was told and allowed of it: as a case keeps it, without a case."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from workflows.rules.calendar import Calendar
from workflows.rules.clocks import (
    Clocked,
    Extension,
    Start,
    extend,
    identity_of,
    promise,
    running,
    strike_off,
)
from workflows.rules.deadlines import Deadline
from workflows.rules.message import start_of
from workflows.rules.names import RuleName
from workflows.rules.policy import Policy


@dataclass
class Told:
    """A clock that is looked at again under other calendars and rules."""

    policy: Policy
    calendar: Calendar
    rule: RuleName
    start: Start
    cap: Deadline | None = None
    cap_name: RuleName | None = None
    kept: Clocked = field(default_factory=Clocked)

    def now(self, calendar: Calendar | None = None) -> Deadline:
        """The clock as the facts have it, on its own calendar or another."""
        return running(
            self.kept,
            self.rule,
            self.start,
            self.policy,
            calendar or self.calendar,
            cap=self.cap,
            cap_name=self.cap_name,
        )

    def tell(self, calendar: Calendar | None = None, at: datetime | None = None) -> Deadline:
        """The clock, told to whom it concerns."""
        found = self.now(calendar)
        promise(self.kept, [found], at or self.start.at)
        return self.now(calendar)

    def extend(self, ends_on: date, by: str = "office") -> Deadline:
        """The clock after somebody allowed a later last day, which is told."""
        found = self.now()
        allowed = Extension(
            clock=identity_of(found), ends_on=ends_on, by=by, reason="text-1", at=self.start.at
        )
        extend(self.kept, found, allowed)
        return self.tell()

    def strike(self) -> Deadline:
        """The clock after its end struck."""
        return strike_off(self.kept, self.now())


def from_day(day: date, length: int | None = None) -> Start:
    """A start at 00:00 of day 0."""
    return Start(at=start_of(day), on=day, by="test", length=length)
