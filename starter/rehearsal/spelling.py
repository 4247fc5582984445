"""Names in a step that mean nothing: acts, tasks, checks, steps, roles, letters.

What pydantic's own types know (stages, rules, codes) is told by `misreading`; here is the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from starter.rehearsal import vocabulary
from starter.rehearsal.vocabulary import unknown_name, who_problem
from workflows.rules.names import OF_THE_MEETING, RuleName

if TYPE_CHECKING:
    from starter.rehearsal.expecting import Expect, ExpectMeeting
    from starter.rehearsal.scenario import Step

UNBATCHED = "的期限由申报自己计算，评审会没有"


def misspelt(step: Step) -> Iterator[str]:
    """Every name of a step that there is not, as a Chinese sentence with its key."""
    if problem := who_problem("by", step.by, acts=True):
        yield problem
    if step.expect is not None:
        yield from _of_application(step.expect)
    if step.expect_meeting is not None:
        yield from _of_meeting(step.expect_meeting)


def _of_application(expect: Expect) -> Iterator[str]:
    acts = vocabulary.acts()
    for key in ("may", "may_not"):
        for name in getattr(expect, key):
            if name not in acts:
                yield unknown_name(f"expect.{key}", name, "操作", acts)
    yield from _steps("expect", expect.done, expect.not_done, of_meeting=False)
    for key, word in (("holder", expect.holder), ("end_responsible", expect.end_responsible)):
        if word and (problem := who_problem(f"expect.{key}", word, acts=False)):
            yield problem
    yield from _tasks("expect.tasks", expect.tasks)
    for name in expect.checks or ():
        if not vocabulary.is_check(name):
            yield unknown_name("expect.checks", name, "待核事项", vocabulary.checks())
    for kind in expect.route or ():
        if kind not in vocabulary.place_kinds():
            yield unknown_name("expect.route", kind, "机构类别", vocabulary.place_kinds())


def _of_meeting(expect: ExpectMeeting) -> Iterator[str]:
    words = vocabulary.candidate_words()
    for alias, told in expect.candidates.items():
        for word in told.split():
            if word not in words:
                yield unknown_name(f"expect_meeting.candidates.{alias}", word, "状态", words)
    for word in expect.counts:
        if word not in words:
            yield unknown_name("expect_meeting.counts", word, "状态", words)
    standings = vocabulary.places_of_a_case()
    for alias, name in expect.cases.items():
        if name not in standings:
            yield unknown_name(f"expect_meeting.cases.{alias}", name, "阶段或结果", standings)
    for key in expect.deadlines:
        # Such a clock never runs here: `false` would hold whatever happens.
        if RuleName(key.partition(":")[0]) not in OF_THE_MEETING:
            yield f"expect_meeting.deadlines：{key} {UNBATCHED}，可用 {_joined(OF_THE_MEETING)}"
    yield from _steps("expect_meeting", expect.done, expect.not_done, of_meeting=True)
    yield from _tasks("expect_meeting.tasks", expect.tasks)


def _steps(
    where: str, done: Iterable[str], not_done: Iterable[str], *, of_meeting: bool
) -> Iterator[str]:
    for key, names in (("done", done), ("not_done", not_done)):
        for name in names:
            if not vocabulary.is_step(name, of_meeting=of_meeting):
                known = vocabulary.steps(of_meeting=of_meeting)
                yield unknown_name(f"{where}.{key}", name, "步骤", known)


def _tasks(key: str, tasks: Mapping[str, tuple[str, ...] | int]) -> Iterator[str]:
    kinds = vocabulary.task_kinds()
    for word, wanted in tasks.items():
        if problem := who_problem(key, word, acts=False):
            yield problem
        for kind in wanted if isinstance(wanted, tuple) else ():
            if kind not in kinds:
                yield unknown_name(f"{key}.{word}", kind, "待办", kinds)


def _joined(rules: Iterable[RuleName]) -> str:
    return "、".join(sorted(rule.value for rule in rules))
