"""Whether what a scenario expects holds: each difference as one Chinese sentence."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date

from activities.views import TaskView
from starter.rehearsal.expecting import Expect, Sheet
from starter.rehearsal.mailbox import word_problems
from starter.rehearsal.observing import Observed
from starter.rehearsal.roles import Cast
from workflows.rules.deadlines import Deadline
from workflows.rules.message import local
from workflows.rules.names import RuleName

NONE = "none"
SHEET = ("ends_on", "ends_at", "starts_on", "nominal_on", "uncapped_on", "capped_by", "kind")
"""Fields of a deadline that a scenario compares as they stand."""


@dataclass(frozen=True)
class Check:
    """One expectation against one observation."""

    expect: Expect
    seen: Observed
    cast: Cast

    async def problems(self) -> list[str]:
        """Every difference; empty where all holds."""
        found = [
            *self._standing(),
            *self._deadlines(),
            *self._letters(),
            *self._record(),
            *self._acts(),
        ]
        found += [problem async for problem in self._holders()]
        found += await word_problems(
            self.cast.world.mailbox,
            self.seen.letters,
            self.expect.letters_say,
            self.expect.letters_do_not_say,
        )
        return found

    def _standing(self) -> Iterator[str]:
        expect, case = self.expect, self.seen.case
        stage = (case.stage if case else None) or NONE
        end = (case.end if case else None) or NONE
        yield from differs("阶段", expect.stage, NONE if end != NONE else stage)
        yield from differs("结果", expect.end, end)
        yield from differs("是否办结关闭", expect.closed, bool(case and case.closed))
        yield from differs("提交评委会次数", expect.submissions, case.submissions if case else 0)
        details = case.end_details if case else None
        if expect.end_clause is not None and expect.end_clause not in (
            details.clause if details else ""
        ):
            yield f"结果依据：应含 {expect.end_clause}，实为 {details.clause if details else '无'}"
        yield from differs("年度机会", expect.claim, self.seen.claim)
        ended_at = self.seen.ended_at
        yield from differs("结束时间", expect.end_at, ended_at)
        if expect.route is not None:
            kinds = tuple(place.kind for place in case.places) if case else ()
            yield from differs("路线", expect.route, kinds)
        if expect.checks is not None:
            keys = tuple(sorted(check.key for check in case.checks)) if case else ()
            yield from differs("待核事项", tuple(sorted(expect.checks)), keys)
        if expect.inquiries is not None:
            yield from differs("未结核查", expect.inquiries, self.seen.open_inquiries)

    def _deadlines(self) -> Iterator[str]:
        expect, running = self.expect, self.seen.running
        first = self._leading()
        if expect.deadline is not None:
            yield from differs("当前期限", expect.deadline, first.ends_on if first else None)
        if expect.deadline_rule is not None:
            yield from differs("当前期限种类", expect.deadline_rule, first.rule if first else None)
        for rule, wanted in expect.deadlines.items():
            found = [item for item in running if item.rule is rule and not item.struck]
            yield from deadline_problems(rule, wanted, found)
        struck = {entry.deadline.rule for entry in self.seen.deadlines if entry.struck_at}
        struck |= {item.rule for item in running if item.struck}
        struck |= {RuleName(step.name.partition(":")[0]) for step in self.seen.timeline
                   if step.source == "clock" and step.name.partition(":")[0] in list(RuleName)}  # fmt: skip
        for rule in expect.struck:
            if rule not in struck:
                yield f"期限 {rule}：应已届满触发，实未触发"

    def _leading(self) -> Deadline | None:
        snapshot = self.seen.snapshot
        return snapshot.deadline if snapshot else None

    def _letters(self) -> Iterator[str]:
        for key, wanted in self.expect.notices.items():
            kind, _, party = key.partition(":")
            sent = self.seen.sent(kind, party)
            if not (sent > 0 if wanted == "some" else sent == wanted):
                yield f"通知 {key}：应发 {'至少 1' if wanted == 'some' else wanted} 封，实发 {sent} 封"

    def _record(self) -> Iterator[str]:
        names = {step.name for step in self.seen.timeline if step.source != "refusal"}
        for name in self.expect.done:
            if name not in names:
                yield f"记录：应有 {name}，实无"
        for name in self.expect.not_done:
            if name in names:
                yield f"记录：不应有 {name}，实有"
        codes = {item.code for step in self.seen.timeline for item in step.refusals}
        for code in self.expect.refused:
            if code not in codes:
                yield f"记录：应记有拒绝 {code}，实记 {'、'.join(sorted(codes)) or '无'}"

    def _acts(self) -> Iterator[str]:
        if not (self.expect.may or self.expect.may_not):
            return
        snapshot = self.seen.snapshot
        allowed = {view.action for view in snapshot.actions if view.allowed} if snapshot else set()
        for action in self.expect.may:
            if action not in allowed:
                yield f"操作 {action}：此时应可办，实不可办"
        for action in self.expect.may_not:
            if action in allowed:
                yield f"操作 {action}：此时应不可办，实可办"

    async def _holders(self) -> AsyncIterator[str]:
        expect, case = self.expect, self.seen.case
        if expect.holder is not None:
            wanted = await self.cast.organisation(expect.holder)
            for problem in differs("当前办理方", wanted, case.holder if case else ""):
                yield problem
        if expect.end_responsible is not None:
            wanted = await self.cast.organisation(expect.end_responsible)
            details = case.end_details if case else None
            found = details.responsible if details else ""
            for problem in differs("责任机构", wanted, found):
                yield problem
        for word, wanted_tasks in expect.tasks.items():
            holder = await self.cast.organisation(word)
            tasks = [item for item in case.tasks if _held_by(item, holder)] if case else []
            for problem in task_problems(word, wanted_tasks, [task.kind for task in tasks]):
                yield problem


def _held_by(task: TaskView, holder: str) -> bool:
    return task.organisation == holder or (holder == "applicant" and not task.organisation)


def task_problems(word: str, wanted: tuple[str, ...] | int, found: list[str]) -> Iterator[str]:
    """The open tasks of one holder against the kinds that must be there, or their number."""
    kinds = sorted(found)
    if isinstance(wanted, int):
        if len(kinds) != wanted:
            yield f"{word} 的待办：应有 {wanted} 项，实有 {len(kinds)} 项（{'、'.join(kinds) or '无'}）"
        return
    for kind in wanted:
        if kind not in kinds:
            yield f"{word} 的待办：应有 {kind}，实有 {'、'.join(kinds) or '无'}"


def deadline_problems(
    rule: str, wanted: date | bool | Sheet, found: list[Deadline]
) -> Iterator[str]:
    """A running deadline against its last day, against none at all, or against its calculation."""
    if wanted is False:
        if found:
            yield f"期限 {rule}：不应在计，实到 {found[0].ends_on}"
        return
    if not found:
        yield f"期限 {rule}：应在计，实无"
        return
    deadline = found[0]
    if isinstance(wanted, Sheet):
        yield from _sheet(rule, wanted, deadline)
    elif wanted not in {item.ends_on for item in found}:
        yield f"期限 {rule} 的最后一日：应为 {wanted}，实为 {deadline.ends_on}"


def _sheet(rule: str, wanted: Sheet, deadline: Deadline) -> Iterator[str]:
    for name in SHEET:
        value = getattr(wanted, name)
        found = getattr(deadline, name)
        found = local(found) if name == "ends_at" else found
        yield from differs(f"期限 {rule} 的 {name}", value, found)
    yield from differs(f"期限 {rule} 计入的工作日数", wanted.counted, len(deadline.counted))
    skipped = {item.date for item in deadline.skipped}
    for day in wanted.skipped or ():
        if day not in skipped:
            yield f"期限 {rule}：{day} 应不计，实计入"
    for day in wanted.includes or ():
        if day not in deadline.counted:
            yield f"期限 {rule}：{day} 应计入，实未计"
    if wanted.clause is not None and wanted.clause not in deadline.clause:
        yield f"期限 {rule} 的依据：应含 {wanted.clause}，实为 {deadline.clause}"


def differs(what: str, wanted: object, found: object) -> Iterator[str]:
    """The sentence where something is expected and another thing was found."""
    if wanted is not None and wanted != found:
        yield f"{what}：应为 {_plain(wanted)}，实为 {_plain(found)}"


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return "、".join(str(item) for item in value) or "无"
    return "无" if value is None else str(value)
