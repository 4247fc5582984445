"""Plays one scenario in a realm of its own on a running stack, and says where it went otherwise."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from uuid import uuid4

from config.gateway.errors import GatewayError
from config.reading import FileError
from starter.rehearsal.acting import Player
from starter.rehearsal.answering import Answer
from starter.rehearsal.checking import Check
from starter.rehearsal.clock import ClockStuckError, RealmClock
from starter.rehearsal.meeting_checking import MeetingCheck
from starter.rehearsal.meeting_observing import observe_meeting
from starter.rehearsal.notices import files_of
from starter.rehearsal.observing import Observed, observe
from starter.rehearsal.operating import Operating
from starter.rehearsal.racing import races, verdicts
from starter.rehearsal.roles import Cast, UnknownRoleError
from starter.rehearsal.scenario import Scenario, Step
from starter.rehearsal.sitting import Sitting
from starter.rehearsal.staging import Stage, campaigns_of
from starter.rehearsal.world import World
from workflows.rules.refusals import Code

JOBS = 16
STORY_SECONDS = 1800.0
"""Seconds one story may take beside fifteen others; five times what one takes on a busy machine."""


@dataclass
class StepReport:
    """What one step did, and each expectation it did not meet."""

    number: int
    step: Step
    answer: Answer = field(default_factory=Answer)
    stage: str = ""
    """Stage or end afterwards."""
    problems: list[str] = field(default_factory=list)


@dataclass
class ScenarioReport:
    """How one scenario went."""

    scenario: Scenario
    realm: str = ""
    steps: list[StepReport] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """What kept the scenario from going on."""
    applications: dict[str, str] = field(default_factory=dict)
    meetings: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """True where every expectation held."""
        return not self.problems and not any(step.problems for step in self.steps)

    @property
    def all_problems(self) -> list[str]:
        """Every difference, with its step's number and instant."""
        listed = [
            f"第 {step.number} 步（{step.step.at:%Y-%m-%d %H:%M}）{problem}"
            for step in self.steps
            for problem in step.problems
        ]
        return listed + self.problems


class Conductor:
    """The one that moves a realm's clock, from the scenario's first step to its last."""

    def __init__(self, world: World, scenario: Scenario, realm: str = "") -> None:
        self._world = world
        self._scenario = scenario
        self._realm = realm or f"rehearsal-{uuid4().hex[:12]}"
        self._clock = RealmClock(world, self._realm)
        self._player = Player(world, scenario, self._realm, self._clock)
        self._operating = Operating(world, scenario, self._realm, self._player)
        self._sitting = Sitting(world, scenario, self._realm, self._clock)

    async def play(self, limit: float = STORY_SECONDS) -> ScenarioReport:
        """Play the whole file; a step that cannot be carried out, or the limit, ends it."""
        report = ScenarioReport(self._scenario, self._realm)
        began = time.monotonic()
        ending = asyncio.timeout(limit)
        try:
            async with ending:
                await self._play(report)
        except (ClockStuckError, UnknownRoleError, FileError, GatewayError) as err:
            number = self._next_after(report)
            report.problems.append(f"第 {number} 步无法进行：{str(err) or type(err).__name__}")
        except TimeoutError:
            if not ending.expired():
                raise
            number = self._next_after(report)
            report.problems.append(f"第 {number} 步没有办完：演练已满 {limit:g} 秒")
        report.applications = self._player.applications
        report.meetings = {alias: cast.application for alias, cast in self._sitting.casts.items()}
        report.seconds = time.monotonic() - began
        return report

    def _next_after(self, report: ScenarioReport) -> int:
        """The number in the file of the step that was under way; `until` stands for several."""
        steps = self._scenario.steps
        return steps[min(len(report.steps), len(steps) - 1)][0]

    async def _play(self, report: ScenarioReport) -> None:
        await self._open()
        for moment, grouped in groupby(self._scenario.steps, _moment):
            steps = list(grouped)
            await self._clock.forward(moment, self._needed(steps))
            await self._clock.settle_meetings()
            await self._at_one_instant(steps, report)
        await self._close()

    async def _open(self) -> None:
        scenario = self._scenario
        await self._world.intake.open_realm(self._realm, scenario.opens_at, title=scenario.title)
        files = files_of(scenario, scenario.campaign)
        await Stage(self._world).open_with(files, scenario, self._realm, scenario.opens_at)

    async def _close(self) -> None:
        """Bring every case to the last instant and note it, for whoever looks at the realm next."""
        last = self._scenario.steps[-1][1].at
        await self._clock.forward(last)
        stated = {"now_at": last.isoformat()}
        await Stage(self._world).operate("set_realm_time", stated, last, realm=self._realm)

    def _needed(self, steps: list[tuple[int, Step]]) -> set[str] | None:
        """The cases something is done to at this instant; None (all) for an operation or a meeting."""
        if any(_reaches_many(step) for _, step in steps):
            return None
        aliases = {self._scenario.application_of(step).id for _, step in steps}
        casts = self._player.casts
        return {casts[alias].application for alias in aliases if alias in casts}

    async def _at_one_instant(self, steps: list[tuple[int, Step]], report: ScenarioReport) -> None:
        """Steps of one instant: in their order for one application, side by side for several."""
        lanes: dict[str, list[tuple[int, Step]]] = {}
        for number, step in steps:
            alias = "" if _reaches_many(step) else self._scenario.application_of(step).id
            lanes.setdefault(alias, []).append((number, step))
        # An operation, or a meeting, may be what the next step needs; a race spans applications.
        if "" in lanes or any(step.one_of for _, step in steps):
            lanes = {"": steps}

        async def lane(own: list[tuple[int, Step]]) -> list[StepReport]:
            reports: list[StepReport] = []
            for race, together in races(own):
                reports += await self._race(together) if race else [await self._step(*together[0])]
            return reports

        done = await asyncio.gather(*(lane(own) for own in lanes.values()))
        report.steps += sorted((item for part in done for item in part), key=_number)

    async def _race(self, together: list[tuple[int, Step]]) -> list[StepReport]:
        """Send acts at one instant and judge them together: exactly one is to be done."""
        self._sitting.applications = self._player.applications
        steps = [step for _, step in together]
        answers = await asyncio.gather(*(self._acted(step) for step in steps))
        reports = [
            StepReport(number, step, answer, problems=problems)
            for (number, step), answer, problems in zip(
                together, answers, verdicts(steps, answers), strict=True
            )
        ]
        for report in reports:
            if report.step.meeting:
                await self._of_meeting(report.step, report)
            else:
                await self._look(report.step, report)
        return reports

    async def _acted(self, step: Step) -> Answer:
        meeting = self._scenario.meeting_of(step)
        if meeting is not None:
            return await self._sitting.act(meeting, step)
        return await self._player.act(step)

    async def _step(self, number: int, step: Step) -> StepReport:
        report = StepReport(number, step)
        if step.meeting:
            self._sitting.applications = self._player.applications
            await self._clock.settle_meetings()
        if step.operate:
            self._clock.touch()
            report.answer = await self._operating.operate(step)
        elif step.do:
            report.answer = await self._acted(step)
        report.problems += unlike(step, report.answer)
        if step.meeting:
            await self._of_meeting(step, report)
        else:
            await self._look(step, report)
        return report

    async def _of_meeting(self, step: Step, report: StepReport) -> None:
        """Look at a step's meeting; with `on` and `expect` also at one application."""
        part = self._scenario.meeting_of(step)
        if part is None:
            return
        wanted = step.expect_meeting
        seen = await observe_meeting(
            self._world,
            self._sitting.meeting_id(part),
            letters=bool(wanted and wanted.looks_at_letters),
        )
        if wanted is not None:
            check = MeetingCheck(
                wanted,
                seen,
                self._sitting.cast_of(part),
                self._player.applications,
                await self._standings(wanted.cases),
            )
            report.problems += await check.problems()
        if step.expect is not None:
            await self._look(step, report)
        report.stage = seen.state.phase if seen.state else ""

    async def _standings(self, aliases: Iterable[str]) -> dict[str, str]:
        """Alias → stage or end of each of these applications."""
        known = {
            alias: self._player.applications[alias]
            for alias in aliases
            if alias in self._player.applications
        }
        await self._clock.settle(known.values())
        cases = [await self._world.reading.case(name) for name in known.values()]
        return {
            alias: standing(Observed(case=case)) for alias, case in zip(known, cases, strict=True)
        }

    async def _look(self, step: Step, report: StepReport) -> None:
        part = self._scenario.application_of(step)
        cast = self._player.casts.get(part.id)
        wanted = step.expect
        if cast is None:
            if wanted is not None:  # nothing is there yet: `stage = "none"` holds, little else does
                nobody = Cast(self._world, self._realm, self._scenario.campaign_of(part), "", "")
                report.problems += await Check(wanted, Observed(), nobody).problems()
            return
        await self._clock.settle_meetings()
        if step.operate:  # an operation may reach every case of the realm
            await self._clock.settle()
        elif wanted is not None:
            await self._clock.settle([cast.application])
        if wanted is None:
            case = await self._world.reading.case(cast.application)
            report.stage = standing(Observed(case=case))
            return
        seen = await observe(
            self._world, cast.application, step.at, letters=wanted.looks_at_letters
        )
        report.stage = standing(seen)
        report.problems += await Check(wanted, seen, cast).problems()


def _reaches_many(step: Step) -> bool:
    return bool(step.operate or step.meeting)


def _moment(numbered: tuple[int, Step]) -> datetime:
    return numbered[1].at


def _number(report: StepReport) -> int:
    return report.number


def standing(seen: Observed) -> str:
    """The stage, or the end, as a name."""
    if seen.case is None:
        return ""
    return str(seen.case.end or seen.case.stage or "")


async def play_all(
    world: World, scenarios: Sequence[Scenario], *, jobs: int = JOBS
) -> list[ScenarioReport]:
    """Play many at once, each in its realm; the reports come in the order of the files."""
    async with playing(world, scenarios, jobs=jobs) as plays:
        return list(await asyncio.gather(*plays))


@asynccontextmanager
async def playing(
    world: World,
    scenarios: Sequence[Scenario],
    *,
    jobs: int = JOBS,
    limit: float = STORY_SECONDS,
) -> AsyncIterator[list[asyncio.Task[ScenarioReport]]]:
    """Many under way, one task each in the order of the files; what is not done at the end stops.

    They begin in that order, and the limit of each begins with its turn: who awaits them in order
    awaits none longer than that.
    """
    wanted = {name for scenario in scenarios for name in campaigns_of(scenario)}
    await Stage(world).prepare(_earliest(scenarios), wanted)
    turns = asyncio.Semaphore(jobs)

    async def one(scenario: Scenario) -> ScenarioReport:
        async with turns:
            return await Conductor(world, scenario).play(limit)

    plays = [asyncio.create_task(one(scenario), name=scenario.title) for scenario in scenarios]
    try:
        yield plays
    finally:
        for play in plays:
            play.cancel()
        await asyncio.gather(*plays, return_exceptions=True)


def _earliest(scenarios: Iterable[Scenario]) -> datetime:
    return min(scenario.opens_at for scenario in scenarios)


def unlike(step: Step, answer: Answer) -> list[str]:
    """Compare what was said with what was to be said."""
    said = {item.code for item in answer.refusals} - {Code.INELIGIBLE}
    wanted = set(step.refused)
    name = step.do or step.operate
    if wanted and not said:
        return [f"{name} 应被拒绝（{'、'.join(sorted(wanted))}），实已办理"]
    if said and not wanted:
        details = "；".join(f"{item.code} {item.params}" for item in answer.refusals)
        return [f"{name} 应能办理，实被拒绝：{details}"]
    problems = [f"{name} 应拒绝 {code}，实为 {'、'.join(sorted(said))}" for code in wanted - said]
    problems += [f"{name} 另以 {code} 拒绝，未列明" for code in sorted(said - wanted)]
    if step.repeated and not answer.repeated and not said:
        problems.append(f"{name} 应答复为重复请求，实为重新办理")
    if step.warns is not None and set(step.warns) != set(answer.warnings):
        told = "、".join(sorted(answer.warnings)) or "无"
        problems.append(f"{name} 的提示：应为 {'、'.join(sorted(step.warns)) or '无'}，实为 {told}")
    return problems
