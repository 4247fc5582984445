"""A committee's meeting on its usual days, from its plan to the last result, for a season without stories.

The notices print no day of a meeting; these follow from the payment window and the published
calendar, as the days of a story's happy path do. What a meeting decides goes to all who wait for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from starter.rehearsal.happy_path import MEETING_AFTER, Path, after_floor
from workflows.rules.calendar import Calendar
from workflows.rules.names import RuleName
from workflows.rules.policy import Policy

MEETING = "meeting"
"""Its alias in the season."""
LISTED_BEFORE, DRAWN_BEFORE = 5, 2
"""Working days from its plan to the meeting, and from the draw."""
MORNING, FORENOON, LATE_FORENOON = time(9), time(10), time(11)
COUNTED, COUNTED_AGAIN, EVENING = time(15), time(15, 20), time(18)


@dataclass(frozen=True)
class UsualMeeting:
    """The meeting of one committee: who comes before it, and who does not pass."""

    policy: Policy
    calendar: Calendar
    committee: str
    paths: Sequence[Path]
    """Of those it judges; all of them have paid."""
    last_paid: date
    failed: Sequence[str] = ()

    @property
    def part(self) -> dict[str, Any]:
        """It, as a scenario file names it."""
        return {
            "id": MEETING,
            "number": f"{self.policy.campaign}-1",
            "committee": self.committee,
        }

    @property
    def planned_on(self) -> date:
        """The working day after everybody has paid."""
        return self._later(max(self.policy.windows.payment.ends_on, self.last_paid))

    @property
    def held_on(self) -> date:
        """As many working days after the last day to pay as a story has; never at once."""
        usual = self._later(self.policy.windows.payment.ends_on, MEETING_AFTER)
        return max(usual, self._later(self.planned_on, LISTED_BEFORE))

    @property
    def posted_on(self) -> date:
        """The working day after the meeting."""
        return self._later(self.held_on)

    @property
    def drafted_on(self) -> date:
        """The first working day after the publicity."""
        return after_floor(RuleName.RESULT_PUBLICITY, self.posted_on, self.policy, self.calendar)

    @property
    def issued_on(self) -> date:
        """When the last result is effective."""
        return self._later(self.drafted_on)

    def steps(self) -> Iterator[dict[str, Any]]:
        """Its acts in order of time."""
        held, counted = self.held_on, {"passed": "all", "failed": list(self.failed)}
        yield _act(self.planned_on, FORENOON, "plan", "office", days=[held])
        yield _act(self._later(held, -DRAWN_BEFORE), FORENOON, "draw", "office")
        yield _act(held, MORNING, "open", "office", present="all")
        yield _act(held, LATE_FORENOON, "record_opinions", "office")
        yield _act(held, COUNTED, "enter_ballots", "office", **counted)
        yield _act(held, COUNTED_AGAIN, "enter_ballots", "office[1]", **counted)
        yield _act(held, EVENING, "sign", "office", chair="chair", ended_on=held)
        yield _act(self.posted_on, FORENOON, "report_batch", "office")
        yield _act(self.posted_on, LATE_FORENOON, "publish_batch", "office")
        issued: dict[str, Any] = {"issued_on": self.issued_on}
        if any(not path.direct for path in self.paths):
            yield _act(self.drafted_on, FORENOON, "draft_batch", "office")
            number = _number(self.issued_on, 1)
            yield _act(
                self.issued_on, FORENOON, "confirm_batch", "city_office", **issued, number=number
            )
        if any(path.direct for path in self.paths):
            number = _number(self.issued_on, 2)
            yield _act(
                self.issued_on, LATE_FORENOON, "reply_batch", "office", **issued, number=number
            )

    def _later(self, day: date, working_days: int = 1) -> date:
        return self.calendar.add_working_days(day, working_days)


def _act(day: date, hour: time, name: str, by: str, **stated: Any) -> dict[str, Any]:
    return {
        "at": datetime.combine(day, hour),
        "meeting": MEETING,
        "do": name,
        "by": by,
        "with": stated,
    }


def _number(day: date, number: int) -> str:
    return f"演练〔{day.year}〕{number}号"
