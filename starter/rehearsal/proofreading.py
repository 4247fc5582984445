"""What is wrong with a scenario that can be read: aliases, order of time, names of acts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from config.submission_files import VARIANTS
from workflows.rules.refusals import Code

if TYPE_CHECKING:
    from starter.rehearsal.expecting import ExpectMeeting
    from starter.rehearsal.scenario import Scenario, Step

ALL = "all"
NAMING = ("application", "applications", "passed", "failed", "votes", "opinions", "tallies")
"""Keys of a meeting's `with` that name applications."""


def problems_of(scenario: Scenario) -> list[str]:
    """Every problem as a Chinese sentence that names the step and the key."""
    problems = list(_parts(scenario))
    before = scenario.opens_at
    for number, step in enumerate(scenario.step, start=1):
        where = f"第 {number} 步（{step.at:%Y-%m-%d %H:%M}）"
        problems += [f"{where}{problem}" for problem in _step(scenario, step)]
        if step.at < before:
            problems.append(f"{where}at：早于上一步或开始时间")
        before = max(before, step.at)
    return problems


def _parts(scenario: Scenario) -> Iterator[str]:
    known = [part.id for part in scenario.application]
    yield from (f"申报 {name} 的 id 重复" for name in _twice(known))
    for part in scenario.application:
        if part.person and part.person not in known:
            yield f"申报 {part.id} 的 person：没有 id 为 {part.person} 的申报"
        if part.variant and part.variant not in VARIANTS:
            yield f"申报 {part.id} 的 variant：没有示例 {part.variant}"
    yield from (f"评审会 {name} 的 id 重复" for name in _twice(m.id for m in scenario.meeting))


def _step(scenario: Scenario, step: Step) -> Iterator[str]:
    known = {part.id for part in scenario.application}
    for alias in (step.on,) if isinstance(step.on, str) else step.on:
        if alias and alias not in known and step.on != ALL:
            yield f"on：没有申报 {alias}"
    of_one = not step.operate and (not step.meeting or step.expect is not None)
    if not step.on and len(known) > 1 and of_one:
        yield "on：有多份申报，须写明是哪一份"
    if step.meeting and scenario.meeting_of(step) is None:
        yield f"meeting：没有评审会 {step.meeting}"
    for key, alias in _named(step):
        if alias not in known:
            yield f"{key}：没有申报 {alias}"
    yield from _act(step)


def _act(step: Step) -> Iterator[str]:
    """Acts by names the catalogue has; a wrong one may be tried on purpose, with `refused`."""
    from workflows.application.catalogue import CATALOGUE  # late: they pull in every rule
    from workflows.meeting.catalogue import MEETING_CATALOGUE

    known = MEETING_CATALOGUE if step.meeting else CATALOGUE
    if step.do and step.do not in known and Code.UNKNOWN_ACTION not in step.refused:
        yield f"do：没有 {step.do} 这个操作"


def _named(step: Step) -> Iterator[tuple[str, str]]:
    """The aliases a meeting's step names."""
    if step.meeting:
        for key in NAMING:
            for alias in _aliases_in(step.payload.get(key)):
                yield f"with.{key}", alias
    if step.expect_meeting is not None:
        yield from _expected(step.expect_meeting)


def _aliases_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from () if value == ALL else (value,)
    elif isinstance(value, dict):
        yield from (str(key) for key in value)
    elif isinstance(value, list):
        for item in value:
            yield str(item.get("application", "")) if isinstance(item, dict) else str(item)


def _expected(expect: ExpectMeeting) -> Iterator[tuple[str, str]]:
    for key in ("candidates", "voters", "votes", "cases"):
        for alias in getattr(expect, key):
            yield f"expect_meeting.{key}", alias


def _twice(names: Iterable[str]) -> list[str]:
    listed = list(names)
    return sorted({name for name in listed if listed.count(name) > 1})
