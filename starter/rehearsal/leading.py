"""`until`: leading a story along the happy path of its route, so that a file does not repeat it.

The steps are ordinary ones, made when the file is read: whoever plays, proofreads or tells a story
knows nothing of `until`. Their dates come from the notice's own windows and the published calendar
(docs/scenarios.md, Leading a story), so that the same file means the same days on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from activities.wording import label
from config import calendar_files, directory_files
from config.reading import FileError
from starter.rehearsal import rules
from starter.rehearsal.applying import file_of
from starter.rehearsal.expecting import Expect
from workflows.rules.calendar import Calendar
from workflows.rules.deadlines import compute
from workflows.rules.message import BEIJING
from workflows.rules.names import Result, RuleName, Stage
from workflows.rules.policy import Policy
from workflows.rules.refusals import Refused
from workflows.rules.routes import Organisations, places_of

if TYPE_CHECKING:
    from starter.rehearsal.scenario import ApplicationPart, Scenario, Step

MORNING, FORENOON, LATE_FORENOON, EVENING = time(9), time(10), time(11), time(18)
MEETING_AFTER = 10
"""Working days from the last day to pay to the meeting: the notices print no day of it."""

BEFORE_TOLD = timedelta(minutes=30)
"""How long before it is told money was paid."""

SPECIAL = {
    Stage.UNIT_CORRECTION: (Stage.UNIT_REVIEW, "return_for_correction"),
    Stage.CHAIN_CORRECTION: (Stage.CHAIN_REVIEW, "return_for_correction"),
    Stage.COMMITTEE_CORRECTION: (Stage.COMMITTEE_INTAKE, "return_for_correction"),
    Stage.RECHECK: (Stage.RECHECK_WINDOW, "request_recheck"),
}
"""Stages that only an act of somebody's own choice leads to: from where, and which."""

BESIDE = (
    "urge",
    "record_manual_check",
    "raise_objection",
    "file_complaint",
    "respond_to_inquiry",
    "hold_review",
    "extend_deadline",
    "nudge",
)
"""Acts that leave a story where it is on the path."""


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
    def legs(self) -> tuple[Leg, ...]:
        """Its acts from `submit` to the day that counts."""
        return (*self._up(), *self._through_the_committee(), *self._to_effect())

    def leg_to(self, stage: Stage) -> int | None:
        """The number of the first leg that leads to a stage."""
        return next((i for i, leg in enumerate(self.legs) if leg.stage is stage), None)

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
        """The first working day after a publicity."""
        if posted_on is None:
            raise LookupError(f"nothing was posted for {rule}")
        floor = compute(rule, self.policy.terms(rule), self.calendar, posted_on)
        return self._next_working_day(floor.ends_on)


@dataclass(frozen=True)
class Led:
    """A story's steps in order of time, those of `until` among them, and what cannot be led."""

    steps: tuple[tuple[int, Step], ...]
    """Each with its number in the file; the steps of one `until` share its number."""
    problems: tuple[tuple[int, str], ...] = ()


def led(scenario: Scenario) -> Led:
    """The steps of a scenario once for each application they name, in order of time."""
    known = [part.id for part in scenario.application]
    steps: list[tuple[int, Step]] = []
    problems: list[tuple[int, str]] = []
    guide = Guide(scenario)
    for number, stated in enumerate(scenario.step, start=1):
        for step in stated.of_each(known):
            try:
                steps += [(number, made) for made in guide.along(step)]
            except CannotLeadError as err:
                problems.append((number, str(err)))
    steps.sort(key=lambda item: item[1].at)  # stable: a file's own order stays
    return Led(tuple(steps), tuple(problems))


class CannotLeadError(Exception):
    """A story cannot be led there; the message (Chinese) says why and what to write instead."""


class Guide:
    """Follows each story of a scenario along its path, and leads it on where it says `until`."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._leads = any(step.until for step in scenario.step)
        self._paths: dict[str, Path] = {}
        self._standings: dict[str, Standing] = {}

    def along(self, step: Step) -> Iterator[Step]:
        """The step itself, or the steps its `until` stands for and a check that it is there.

        Raises:
            CannotLeadError: there is no happy path to that stage, or not in time.
        """
        if step.until is None:
            if self._leads:
                self._follow(step)
                self._note_time(step)
            yield step
            return
        part = self._part(step)
        if part is None:  # told elsewhere: no such application
            return
        yield from self._lead(part, step, step.until)
        self._standing(part).not_before(step.at)
        yield self._arrived(part, step, step.until)

    def _part(self, step: Step) -> ApplicationPart | None:
        alias = step.on or self._scenario.application[0].id
        return next((part for part in self._scenario.application if part.id == alias), None)

    def _standing(self, part: ApplicationPart) -> Standing:
        return self._standings.setdefault(part.id, Standing(at=self._scenario.starts))

    def _follow(self, step: Step) -> None:
        """An act that the file states itself: it is a leg of the path, beside it, or off it."""
        part = self._part(step)
        if part is None or not step.do or step.meeting or step.refused:
            return
        standing = self._standing(part)
        if standing.strayed or step.do in BESIDE:
            return
        with_path = self._path(part)
        legs = with_path.legs if with_path else ()
        following = legs[standing.taken].act if standing.taken < len(legs) else ""
        failed = step.payload.get("result", Result.PASSED) != Result.PASSED
        if step.do == following and not step.one_of and not failed:
            _take(standing, step.do, step.at, step.payload)
        else:
            standing.strayed = step.do

    def _note_time(self, step: Step) -> None:
        """What a file writes first happens first: to an application, or by an operation to many."""
        part = None if step.operate else self._part(step)
        if step.operate:
            for standing in self._standings.values():
                if standing.taken:
                    standing.not_before(step.at)
        elif part is not None and (step.on or not step.meeting):
            self._standing(part).not_before(step.at)

    def _lead(self, part: ApplicationPart, step: Step, stage: Stage) -> Iterator[Step]:
        standing, path = self._standing(part), self._path_or_raise(part)
        if standing.strayed:
            raise CannotLeadError(
                f"until：申报 {part.id} 办过 {standing.strayed}，已不在顺利办理的路上，"
                "其后的步骤请逐步写明"
            )
        goal = self._goal(path, stage)
        if goal < standing.taken:
            raise CannotLeadError(
                f"until：申报 {part.id} 此前已到过或已过 {stage}，请写明其后的阶段"
            )
        for leg in path.legs[standing.taken : goal + 1]:
            at = _moment(leg, standing)
            if at > step.at:
                raise CannotLeadError(
                    f"until：申报 {part.id} 在此之前到不了 {stage}，{leg.act} 最早为 "
                    f"{at:%Y-%m-%d %H:%M}，请把 at 改到 {self._earliest(path, standing, goal)} 或以后"
                )
            stated = leg.states(standing, at)
            yield step.model_copy(
                update={
                    "at": at,
                    "on": part.id,
                    "until": None,
                    "expect": None,
                    "say": "",
                    "do": leg.act,
                    "by": leg.by,
                    "payload": stated,
                }
            )
            _take(standing, leg.act, at, stated)

    def _goal(self, path: Path, stage: Stage) -> int:
        if stage in SPECIAL:
            before, act = SPECIAL[stage]
            raise CannotLeadError(
                f'until：{stage} 须由 {act} 才能到达，请先写 until = "{before}"，再写 {act} 这一步'
            )
        goal = path.leg_to(stage)
        if goal is None:
            way = "、".join(dict.fromkeys(leg.stage for leg in path.legs if leg.stage))
            raise CannotLeadError(f"until：申报 {path.alias} 的路线不经过 {stage}，可用 {way}")
        return goal

    def _earliest(self, path: Path, standing: Standing, goal: int) -> str:
        """When it would be there."""
        ahead = replace(standing)
        for leg in path.legs[standing.taken : goal + 1]:
            at = _moment(leg, ahead)
            _take(ahead, leg.act, at, leg.states(ahead, at))
        return f"{ahead.at:%Y-%m-%dT%H:%M}"

    def _arrived(self, part: ApplicationPart, step: Step, stage: Stage) -> Step:
        """The file's own instant: it must be there, unless the file expects otherwise."""
        expect = step.expect or Expect()
        if expect.stage is None and expect.end is None:
            expect = expect.model_copy(update={"stage": stage})
        say = step.say or f"应已到{label('stages', stage)}"
        return step.model_copy(update={"on": part.id, "until": None, "expect": expect, "say": say})

    def _path_or_raise(self, part: ApplicationPart) -> Path:
        path = self._path(part)
        if path is None:
            campaign = self._scenario.campaign_of(part)
            raise CannotLeadError(
                f"until：申报 {part.id} 按通知 {campaign} 和名录推不出审核路线，请逐步写明"
            )
        return path

    def _path(self, part: ApplicationPart) -> Path | None:
        if part.id not in self._paths:
            path = _path_of(self._scenario, part)
            if path is None:
                return None
            self._paths[part.id] = path
        return self._paths[part.id]


def _moment(leg: Leg, standing: Standing) -> datetime:
    try:
        return leg.moment(standing)
    except Refused as err:  # a year without a calendar
        year = err.first.params.get("year", "")
        raise CannotLeadError(f"until：没有 {year} 年的工作日历，请逐步写明") from None


def _take(standing: Standing, act: str, at: datetime, stated: dict[str, Any]) -> None:
    """One leg further; what later days are counted from is kept."""
    standing.taken += 1
    standing.at = at
    if act == "start_publicity":
        standing.posted_on = stated.get("posted_on") or at.date()
    if act == "assign_to_meeting":
        standing.meeting_on = stated.get("meeting_on")
    if act == "post_results":
        standing.result_posted_on = stated.get("posted_on") or at.date()


def _path_of(scenario: Scenario, part: ApplicationPart) -> Path | None:
    campaign = scenario.campaign_of(part)
    if not rules.is_ours(campaign):
        return None
    try:
        policy = rules.notice(campaign).policy
        if campaign == scenario.campaign and scenario.changes:
            policy = rules.changed(policy, scenario.changes)
        facts = file_of(scenario, part).facts
    except FileError:  # told where the application and the changes are proofread
        return None
    places, _ = places_of(facts, policy, _directory())
    if not places:
        return None
    own = facts.self_evaluating and policy.self_evaluating.destination == "own"
    direct = "reply_to_entrusting_unit" if facts.entrusted else "file_for_record" if own else ""
    fee = policy.fees.yuan.get(facts.level, 0)
    return Path(part.id, fee, len(places) - 1, policy, _calendar(), direct)


@cache
def _directory() -> Organisations:
    listed = directory_files.read(directory_files.DIRECTORY / "chongqing.toml")
    return listed.references()


@cache
def _calendar() -> Calendar:
    return calendar_files.published_calendar()
