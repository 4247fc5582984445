"""Why a case or a meeting does not move, as operations' task of the record says.

What the engine does not run any more, the workers find and write there; a page does not ask it.
"""

from __future__ import annotations

from collections.abc import Iterable

from activities.views import TaskView
from activities.wording import label

KINDS = ("operator", "engine")
"""Operations' tasks that say that nothing moves, and why."""


def standstill_of(tasks: Iterable[TaskView]) -> str:
    """`kind:why` of the task that says so; empty where it moves."""
    for task in tasks:
        if task.kind in KINDS:
            return f"{task.kind}:{task.params.get('why', '')}"
    return ""


def standstill_zh(standing: str) -> str:
    """The same in words, empty where it moves."""
    kind, _, why = standing.partition(":")
    reason = label("standstills", why, "") if why else ""
    return label("tasks", kind) + (f"：{reason}" if reason else "") if standing else ""
