"""What is wrong with a scenario that can be read: aliases, order of time, names of acts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config.reading import FileError
from config.submission_files import VARIANTS
from starter.rehearsal import rules, vocabulary
from starter.rehearsal.answering import jsonable
from starter.rehearsal.applying import file_of
from starter.rehearsal.notices import files_of
from starter.rehearsal.racing import race_problems
from starter.rehearsal.spelling import misspelt
from workflows.rules.people import is_id_card
from workflows.rules.refusals import Code

if TYPE_CHECKING:
    from starter.rehearsal.expecting import ExpectMeeting
    from starter.rehearsal.scenario import ApplicationPart, Scenario, Step

ALL = "all"
NAMING = ("application", "applications", "passed", "failed", "votes", "opinions", "tallies")
"""Keys of a meeting's `with` that name applications."""


def problems_of(scenario: Scenario) -> list[str]:
    """Every problem as a Chinese sentence that names the step and the key."""
    if unusable := list(_notice(scenario)):
        return unusable  # nothing else can be said without it
    problems = list(_parts(scenario))
    if _twice(part.id for part in scenario.application):
        return problems  # whose steps they are cannot be said
    found = [*_told_by_step(scenario), *scenario.led.problems]
    if not found:  # else it would be told again in other words
        found = [*_before_its_time(scenario), *race_problems(scenario)]
    found.sort(key=lambda item: item[0])
    instants = [step.at for step in scenario.step]
    return problems + [
        f"第 {number} 步（{instants[number - 1]:%Y-%m-%d %H:%M}）{problem}"
        for number, problem in dict.fromkeys(found)
    ]


def _told_by_step(scenario: Scenario) -> Iterator[tuple[int, str]]:
    before = scenario.starts or scenario.step[0].at
    for number, step in enumerate(scenario.step, start=1):
        yield from ((number, problem) for problem in _step(scenario, step))
        if step.at < before:
            yield number, "at：早于上一步或开始时间"
        before = max(before, step.at)


def _before_its_time(scenario: Scenario) -> Iterator[tuple[int, str]]:
    """What is done to, or expected of, an application or a meeting that is not there yet."""
    submitted: set[str] = set()
    planned: set[str] = set()
    for number, step in scenario.steps:
        alias = str(step.on or scenario.application[0].id)
        if step.meeting:
            # A plan that is refused leaves nothing behind.
            if step.do == "plan" and (step.one_of or not step.refused):
                planned.add(step.meeting)
            elif step.do and step.do != "plan" and step.meeting not in planned:
                yield number, f"do：评审会 {step.meeting} 还没有 plan，不能办 {step.do}"
        elif step.do == "submit":
            submitted.add(alias)
        elif step.do and alias not in submitted:
            yield (
                number,
                f"do：申报 {alias} 还没有 submit，不能办 {step.do}；可先写 submit 或 until",
            )


def _notice(scenario: Scenario) -> Iterator[str]:
    """What keeps the files of the scenario's own notice from being used."""
    for key in ("directory", "committee"):
        if getattr(scenario, key) and not scenario.notice:
            yield f"{key}：只能与 notice 同写"
    if not scenario.notice:
        return
    try:
        files = files_of(scenario, scenario.campaign)
        if files is None:
            return
        _ = files.organisations, files.filed
    except FileError as err:
        yield from (f"notice：{problem}" for problem in err.problems)
        return
    if files.campaign.id != scenario.campaign:
        yield f"campaign：应与 notice 中的编号 {files.campaign.id} 相同"


def _parts(scenario: Scenario) -> Iterator[str]:
    known = [part.id for part in scenario.application]
    yield from (f"申报 {name} 的 id 重复" for name in _twice(known))
    for part in scenario.application:
        if part.person and part.person not in known:
            yield f"申报 {part.id} 的 person：没有 id 为 {part.person} 的申报"
        elif part.variant and part.variant not in VARIANTS:
            yield f"申报 {part.id} 的 variant：没有示例 {part.variant}"
        else:
            yield from _facts(scenario, part)
    yield from (f"评审会 {name} 的 id 重复" for name in _twice(m.id for m in scenario.meeting))
    yield from _changed(scenario, scenario.campaign, scenario.changes)


def _facts(scenario: Scenario, part: ApplicationPart) -> Iterator[str]:
    try:
        file_of(scenario, part)
    except FileError as err:
        yield from (f"申报 {part.id} 的 {problem}" for problem in err.problems)


def _changed(scenario: Scenario, campaign: str, changes: Mapping[str, Any]) -> Iterator[str]:
    files = files_of(scenario, campaign) if changes else None
    if files is None:
        return
    try:
        rules.changed(files.campaign.policy, jsonable(changes))
    except FileError as err:
        yield from (f"changes.{problem}" for problem in err.problems)


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
    yield from _operation(scenario, step)
    yield from misspelt(step)


def _act(step: Step) -> Iterator[str]:
    """Acts by names the catalogue has; a wrong one may be tried on purpose, with `refused`."""
    known = vocabulary.meeting_acts() if step.meeting else vocabulary.acts()
    if step.do and step.do not in known and Code.UNKNOWN_ACTION not in step.refused:
        yield f"do：没有 {step.do} 这个操作{vocabulary.hint(step.do, known)}"
    if step.do and step.do != "submit" and not step.by:
        yield "by：须写明由谁办理"


def _operation(scenario: Scenario, step: Step) -> Iterator[str]:
    """Somebody or something an operation names and that there is not would pass unseen."""
    if not step.operate:
        return
    known = [part.id for part in scenario.application]
    person = step.payload.get("person")
    if isinstance(person, str) and person not in known and not is_id_card(person):
        yield f"with.person：没有申报 {person}{vocabulary.hint(person, known)}"
    for line in step.payload.get("lines", ()) if step.operate == "import_payments" else ():
        named = line.get("application", "") if isinstance(line, dict) else ""
        if named and named not in known:
            yield f"with.lines：没有申报 {named}{vocabulary.hint(named, known)}"
    file = step.payload.get("file")
    beside = Path(scenario.file).parent
    committee = step.operate == "import_committee" and isinstance(file, str)
    if committee and not (beside / str(file)).is_file():
        yield f"with.file：没有文件 {file}（从演练文件所在的文件夹算起）"
    changes = step.payload.get("changes")
    if step.operate == "amend_campaign" and isinstance(changes, dict):
        campaign = str(step.payload.get("campaign", scenario.campaign))
        yield from (f"with.{problem}" for problem in _changed(scenario, campaign, changes))


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
