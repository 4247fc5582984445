"""What a step of the record was, what is to be done, and how a case stands: in words, for every face."""

from __future__ import annotations

from typing import TYPE_CHECKING

from activities.wording import label

if TYPE_CHECKING:
    from activities.views import CaseSummary, TaskView, TimelineEntry

CLOCKS_OF_THEIR_OWN = {
    "pay_notice": "缴费期开始，发出缴费通知",
    "request_expired": "提出的办理没有另一人确认，已经过期，没有办理",
    "close": "不再等待迟到的材料，申报关闭",
}
"""Clocks that are no deadline of anybody."""


def step_name(entry: TimelineEntry) -> str:
    """What a step of the record was: an act, a clock that struck, a reminder, a refusal."""
    rule = entry.name.partition(":")[0]
    match entry.source:
        case "clock" if rule in CLOCKS_OF_THEIR_OWN:
            return CLOCKS_OF_THEIR_OWN[rule]
        case "clock":
            return f"期限届满：{label('rules', rule)}"
        case "reminder":
            return f"提醒：{label('rules', rule)}"
        case "refusal":
            codes = "、".join(refusal.code.value for refusal in entry.refusals)
            return f"未办：{label('acts', entry.name)}（{codes}）"
        case _:
            return label("acts", entry.name)


def actor_of(entry: TimelineEntry) -> str:
    """Who did a step: the organisation, else the person, else in what relation; under absence cover
    the organisation and both names."""
    if entry.principal:
        return f"{entry.organisation_name} {entry.actor_name}".strip()
    known = entry.organisation_name or entry.actor_name
    if known or not entry.actor:
        return known
    return label("relations", entry.relation) if entry.relation else entry.actor


def said_in(entry: TimelineEntry) -> list[str]:
    """What was said with a step: its reason, and the points of a return."""
    items = entry.payload.get("items") or ()
    said = [entry.reason or str(entry.payload.get("reason") or entry.payload.get("text") or "")]
    said += [str(item.get("text", "")) for item in items if isinstance(item, dict)]
    return [words for words in said if words]


def stood_after(entry: TimelineEntry) -> str:
    """Where the case stood after a step; empty where nothing changed."""
    if entry.end_after:
        return label("ends", entry.end_after)
    return label("stages", entry.stage_after) if entry.stage_after else ""


def case_standing(case: CaseSummary) -> str:
    """Where a case stands, or how it ended."""
    if case.end:
        return label("ends", case.end)
    return label("stages", case.stage) if case.stage else ""


def task_line(task: TaskView) -> str:
    """What is to be done; of what stands still also why, of a paper which and what it lacks."""
    why = label("standstills", task.params.get("why", ""), "")
    if characters := task.params.get("characters", ""):
        why = f"{label('papers', task.params.get('paper_kind', ''))}，{characters}"
    return label("tasks", task.kind) + (f"：{why}" if why else "")


def task_subject(task: TaskView) -> str:
    """What a task is on that is no case: an operation that failed, a letter of one, or a meeting."""
    if kind := task.params.get("operation_kind", ""):
        return f"{label('operations', kind)}（{task.params.get('by', '')}） {task.operation}"
    if task.operation:
        return label("letters", task.params.get("letter_kind", ""))
    return f"评审会 {task.meeting_number}"
