"""Reminders: at nine on the day counted back, each once, none left out (T5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tests.lives.law.clocks import Want
from tests.lives.law.days import after
from tests.lives.world import Seen
from workflows.application.case import Case
from workflows.rules.message import BEIJING
from workflows.rules.names import DeadlineKind, Stage
from workflows.rules.policy import Reminder
from workflows.rules.reminders import REPEATS

NINE = timedelta(hours=9)
Day = tuple[tuple[str, datetime], date]
OF_A_MEETING = frozenset(
    {"result_report", "result_publicity", "confirmation", "confirmation_reply", "city_confirmation"}
)


@dataclass
class Reminded:
    """What was told of each clock's last day, and since when that day stands."""

    since: dict[Day, datetime] = field(default_factory=dict)
    version: dict[Day, tuple[int, str]] = field(default_factory=dict)
    told: dict[Day, dict[str, datetime]] = field(default_factory=dict)

    def note(self, case: Case, wants: dict[str, Want], was: dict[str, Want], now: datetime) -> None:
        """A day that is new stands from now; a clock's first from its start."""
        before = {want.identity: want.ends_on for want in was.values()}
        for want in wants.values():
            day = (want.identity, want.ends_on)
            if day not in self.since:
                known = any(identity == want.identity for identity, _ in self.since)
                self.since[day] = now if known or want.identity in before else want.since
                self.version[day] = (case.policy.version, case.calendar.version)

    def faults_of_strike(self, seen: Seen, was: dict[str, Want]) -> list[str]:
        """What is wrong with a reminder that struck."""
        due = seen.due
        if due is None or due.what != "reminder" or due.reminder is None:
            return []
        want = was.get(due.key)
        if want is None:
            return [f"a reminder of {due.key}, which does not run"]
        told = self.told.setdefault((want.identity, want.ends_on), {})
        if due.reminder_id in told:
            return [f"reminder {due.reminder_id} of {due.key} was told twice"]
        told[due.reminder_id] = seen.move.at
        found = []
        first = moment_of(due.reminder, want, _before(seen))
        if due.at.astimezone(BEIJING).hour != 9 or (due.at < first):
            found.append(f"reminder of {due.key} at {due.at}, not from {first}")
        if not seen.letters:
            found.append(f"a reminder of {due.key} told nobody")
        late = seen.move.at >= want.ends_at
        if any(bool(order.params.get("overdue")) != late for order in seen.letters):
            found.append(f"a reminder of {due.key} does not know whether it is late")
        return found

    def faults_of_silence(self, case: Case, wants: dict[str, Want], now: datetime) -> list[str]:
        """Reminders that should have been told by now and were not."""
        found = []
        for want in wants.values():
            if _silent(case, want):
                continue
            day = (want.identity, want.ends_on)
            if self.version.get(day) != (case.policy.version, case.calendar.version):
                continue
            told = self.told.get(day, {})
            for index, item in enumerate(case.policy.rules[want.rule].reminders):
                at = moment_of(item, want, case)
                if not self.since[day] < at <= now - timedelta(seconds=1):
                    continue
                if not any(moment >= at for moment in told.values()):
                    found.append(f"reminder {index} of {want.key} at {at} was never told")
                    continue
                last = _latest(item, at, case, now)
                if not any(moment >= last for moment in told.values()):
                    found.append(f"reminder {index} of {want.key} was not repeated at {last}")
        return found


def moment_of(item: Reminder, want: Want, case: Case) -> datetime:
    """Nine o'clock of the day that lies so far before the last day."""
    if item.unit == "day":
        day = want.ends_on - timedelta(days=item.before)
    elif item.before == 0:
        day = want.ends_on
    else:
        day = after(case.calendar, want.ends_on, -item.before)
    return datetime(day.year, day.month, day.day, tzinfo=BEIJING) + NINE


def _latest(item: Reminder, first: datetime, case: Case, now: datetime) -> datetime:
    """The last turn of a repeated reminder that has come."""
    last = first
    for _ in range(REPEATS - 1 if item.repeat_every else 0):
        on = after(case.calendar, last.date(), item.repeat_every or 0)
        following = datetime(on.year, on.month, on.day, tzinfo=BEIJING) + NINE
        if following > now - timedelta(seconds=1):
            break
        last = following
    return last


def _silent(case: Case, want: Want) -> bool:
    if want.struck and want.kind is not DeadlineKind.DUTY:
        return True
    if want.rule.value == "intake_duty" and case.stage is Stage.COMMITTEE_CORRECTION:
        return True
    return case.in_meeting and want.rule.value in OF_A_MEETING


def _before(seen: Seen) -> Case:
    assert seen.before is not None
    return seen.before
