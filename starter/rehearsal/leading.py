"""`until`: leading a story along the happy path of its route, so that a file does not repeat it.

The steps are ordinary ones, made when the file is read: whoever plays, proofreads or tells a story
knows nothing of `until`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from activities.wording import label
from starter.rehearsal.expecting import Expect
from starter.rehearsal.happy_path import Leg, Path, Standing, path_of
from workflows.rules.names import Result, Stage
from workflows.rules.refusals import Refused

if TYPE_CHECKING:
    from starter.rehearsal.scenario import ApplicationPart, Scenario, Step

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
            standing.take(step.do, step.at, step.payload)
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
            standing.take(leg.act, at, stated)

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
            ahead.take(leg.act, at, leg.states(ahead, at))
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
            path = path_of(self._scenario, part)
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
