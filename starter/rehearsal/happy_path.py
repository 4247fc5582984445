"""The happy path of an application: its acts in order, by whom, and on which days by default.

What the days are: docs/scenarios.md, Leading a story. They come from the notice's windows and the
published calendar alone, so that the same file means the same days on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from config import calendar_files
from config.reading import FileError
from starter.rehearsal import rules
from starter.rehearsal.applying import file_of
from starter.rehearsal.notices import files_of
from workflows.rules.calendar import Calendar
from workflows.rules.deadlines import compute
from workflows.rules.message import BEIJING
from workflows.rules.names import Result, Route, RuleName, Stage
from workflows.rules.policy import Policy
from workflows.rules.routes import places_of

if TYPE_CHECKING:
    from starter.rehearsal.scenario import ApplicationPart, Scenario

MORNING, FORENOON, LATE_FORENOON, EVENING = time(9), time(10), time(11), time(18)
MEETING_AFTER = 10
"""Working days from the last day to pay to the meeting: the notices print no day of it."""

OWN_COMMITTEE = "file_for_record"
"""What takes the place of the confirmation where a unit's own committee judges."""
BEFORE_TOLD = timedelta(minutes=30)
"""How long before it is told money was paid."""


@dataclass
class Standing:
    """Where a story stands on its path, and the days the next ones are counted from."""

    at: datetime | None = None
    """Its last step in the file; what follows there is not earlier."""
    taken: int = 0
    """How many legs of the path lie behind it."""
    strayed: str = ""
    """The act after which nobody can say where it stands."""
    posted_on: date | None = None
    meeting_on: date | None = None
    result_posted_on: date | None = None

    def not_before(self, at: datetime) -> None:
        """The next act is at this instant or later."""
        self.at = max(self.at, at) if self.at else at

    def take(self, act: str, at: datetime, stated: Mapping[str, Any]) -> None:
        """One leg further; what later days are counted from is kept."""
        self.taken += 1
        self.at = at
        if act == "start_publicity":
            self.posted_on = stated.get("posted_on") or at.date()
        if act == "assign_to_meeting":
            self.meeting_on = stated.get("meeting_on")
        if act == "post_results":
            self.result_posted_on = stated.get("posted_on") or at.date()

    @property
    def today(self) -> date:
        """The day of its last step."""
        if self.at is None:
            raise LookupError("a path begins with its submission")
        return self.at.date()


@dataclass(frozen=True)
class Leg:
    """One act of the happy path: by whom, on which day, stating what, and the stage it leads to."""

    act: str
    by: str
    stage: Stage | None
    day: Callable[[Standing], date]
    hour: time = FORENOON
    states: Callable[[Standing, datetime], dict[str, Any]] = field(default=lambda *_: {})

    def moment(self, standing: Standing) -> datetime:
        """Its default instant; never before the story's last step."""
        usual = datetime.combine(self.day(standing), self.hour, BEIJING)
        return max(usual, standing.at) if standing.at else usual


@dataclass(frozen=True)
class Path:
    """The happy path of one application: what its route, notice and calendar make of it."""

    alias: str
    level_fee: int
    chain: int
    """How many places there are after the unit."""
    policy: Policy
    calendar: Calendar
    direct: str = ""
    """The act that takes the place of the confirmation: 委托评审 and an own committee have theirs."""

    @property
    def is_judged_here(self) -> bool:
        """Whether the notice's committee judges it, not one of its own unit."""
        return self.direct != OWN_COMMITTEE

    @property
    def legs(self) -> tuple[Leg, ...]:
        """Its acts from `submit` to the day that counts."""
        return (*self._up(), *self._through_the_committee(), *self._to_effect())

    def leg_to(self, stage: Stage) -> int | None:
        """The number of the first leg that leads to a stage."""
        return next((i for i, leg in enumerate(self.legs) if leg.stage is stage), None)

    def arrival(self, stage: Stage) -> datetime:
        """When it comes to a stage that lies on it, each act on its usual day.

        Raises:
            LookupError: it does not come there.
        """
        standing = Standing()
        for leg in self.legs:
            at = leg.moment(standing)
            standing.take(leg.act, at, leg.states(standing, at))
            if leg.stage is stage:
                return at
        raise LookupError(f"no {stage} on this way")

    def _up(self) -> Iterator[Leg]:
        windows = self.policy.windows
        yield Leg(
            "submit", "applicant", Stage.UNIT_REVIEW,
            lambda _: windows.application.starts_on, MORNING,
        )  # fmt: skip
        yield Leg(
            "start_publicity", "unit", Stage.UNIT_PUBLICITY,
            lambda now: now.today, FORENOON, lambda *_: {"place": "单位公告栏"},
        )  # fmt: skip
        arrived = Stage.CHAIN_REVIEW if self.chain else Stage.COMMITTEE_INTAKE
        yield Leg(
            "finish_publicity", "unit", arrived,
            lambda now: self._after_floor(RuleName.UNIT_PUBLICITY, now.posted_on), MORNING,
        )  # fmt: skip
        for place in range(self.chain):
            last = place == self.chain - 1
            yield Leg(
                "approve", f"chain[{place}]",
                Stage.COMMITTEE_INTAKE if last else Stage.CHAIN_REVIEW,
                lambda now: self._next_working_day(now.today), MORNING,
            )  # fmt: skip

    def _through_the_committee(self) -> Iterator[Leg]:
        windows = self.policy.windows
        yield Leg(
            "accept", "office", Stage.AWAITING_PAYMENT,
            lambda now: max(
                self._next_working_day(now.today),
                self.calendar.next_working_day(windows.review.starts_on),
            ),
        )  # fmt: skip
        yield Leg(
            "record_payment", "office", Stage.AWAITING_MEETING,
            lambda now: max(windows.payment.starts_on, now.today), FORENOON, self._payment,
        )  # fmt: skip
        yield Leg(
            "assign_to_meeting", "office", None,
            lambda now: self._next_working_day(max(windows.payment.ends_on, now.today)),
            FORENOON, self._meeting,
        )  # fmt: skip
        yield Leg(
            "open_review", "office", Stage.IN_REVIEW,
            lambda now: now.meeting_on or now.today, MORNING,
        )  # fmt: skip
        yield Leg(
            "record_result", "office", Stage.RESULT_RECORDED,
            lambda now: now.today, EVENING,
            lambda _, at: {"result": Result.PASSED.value, "meeting_ended_on": at.date()},
        )  # fmt: skip

    def _to_effect(self) -> Iterator[Leg]:
        yield Leg(
            "report_results", "office", None,
            lambda now: self._next_working_day(now.today), FORENOON,
            lambda _, at: {"reported_on": at.date()},
        )  # fmt: skip
        yield Leg(
            "post_results", "office", Stage.RESULT_PUBLICITY,
            lambda now: now.today, LATE_FORENOON, lambda _, at: {"posted_on": at.date()},
        )  # fmt: skip

        def over(now: Standing) -> date:
            return self._after_floor(RuleName.RESULT_PUBLICITY, now.result_posted_on)

        if self.direct:
            yield Leg(self.direct, "office", Stage.RECHECK_WINDOW, over, FORENOON, self._issued)
            return
        yield Leg("send_for_confirmation", "office", Stage.AWAITING_CONFIRMATION, over)
        yield Leg(
            "confirm", "city_office", Stage.RECHECK_WINDOW,
            lambda now: self._next_working_day(now.today), FORENOON, self._issued,
        )  # fmt: skip

    def _payment(self, _: Standing, at: datetime) -> dict[str, Any]:
        return {
            "transaction": f"UNTIL-{self.alias}",
            "yuan": self.level_fee,
            "paid_at": at - BEFORE_TOLD,
        }

    def _meeting(self, _: Standing, at: datetime) -> dict[str, Any]:
        usual = self.calendar.add_working_days(self.policy.windows.payment.ends_on, MEETING_AFTER)
        late = self.calendar.add_working_days(at.date(), 1)
        return {"meeting": f"{self.policy.campaign}-1", "meeting_on": max(usual, late)}

    def _issued(self, _: Standing, at: datetime) -> dict[str, Any]:
        return {"issued_on": at.date(), "number": f"演练〔{at.year}〕1号"}

    def _next_working_day(self, day: date) -> date:
        return self.calendar.add_working_days(day, 1)

    def _after_floor(self, rule: RuleName, posted_on: date | None) -> date:
        if posted_on is None:
            raise LookupError(f"nothing was posted for {rule}")
        return after_floor(rule, posted_on, self.policy, self.calendar)


def after_floor(rule: RuleName, posted_on: date, policy: Policy, calendar: Calendar) -> date:
    """The first working day after a publicity."""
    floor = compute(rule, policy.terms(rule), calendar, posted_on)
    return calendar.add_working_days(floor.ends_on, 1)


def path_of(scenario: Scenario, part: ApplicationPart) -> Path | None:
    """The path of an application of a scenario; None where notice and directory give none."""
    campaign = scenario.campaign_of(part)
    try:
        files = files_of(scenario, campaign)
        if files is None:
            return None
        policy = files.campaign.policy
        if campaign == scenario.campaign and scenario.changes:
            policy = rules.changed(policy, scenario.changes)
        facts = file_of(scenario, part).facts
    except FileError:  # told where the application and the changes are proofread
        return None
    places, _ = places_of(facts, policy, files.organisations.references())
    if not places:
        return None
    own = facts.self_evaluating and policy.self_evaluating.destination == "own"
    entrusted = facts.entrusted or facts.route is Route.RESIDENT_BRANCH
    direct = "reply_to_entrusting_unit" if entrusted else OWN_COMMITTEE if own else ""
    fee = policy.fees.yuan.get(facts.level, 0)
    return Path(part.id, fee, len(places) - 1, policy, _calendar(), direct)


@cache
def _calendar() -> Calendar:
    return calendar_files.published_calendar()
