"""What each act on a meeting is, who may do it and when, and what it states, in Chinese."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from activities.texts import shapes
from activities.wording import help_text, label
from starter.action_help import described
from workflows.meeting.act import MeetingAction
from workflows.meeting.catalogue import MEETING_CATALOGUE
from workflows.meeting.meeting import Phase
from workflows.rules.names import Relation

WORDS = Path(__file__).with_name("meeting_actions.toml")
BY_ITSELF = "note_case"
"""What a case says by itself; no person does it."""


@cache
def words() -> dict[str, Any]:
    """The Chinese of payload fields, and the examples."""
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))


def rows() -> list[MeetingAction[Any]]:
    """The acts that people do, in the order of a meeting."""
    return [row for row in MEETING_CATALOGUE.values() if row.name != BY_ITSELF]


def who(action: MeetingAction[Any]) -> str:
    """Who may do it."""
    named = [item for item in action.by if item is not Relation.SYSTEM]
    return "、".join(label("relations", item) for item in named)


def when(action: MeetingAction[Any]) -> str:
    """In which phases it can be done."""
    if len(action.phases) == len(Phase):
        return "各环节"
    return "、".join(label("phases", phase) for phase in action.phases)


def fields(action: MeetingAction[Any]) -> list[tuple[str, str, str, str]]:
    """Each field of the payload: key, kind, whether it must be given, and its meaning."""
    return list(described(shapes(action.payload), words()["fields"]))


def example(action: MeetingAction[Any]) -> str:
    """An example of the payload as one line of JSON."""
    return json.dumps(words()["examples"].get(action.name, {}), ensure_ascii=False)


def lines(action: MeetingAction[Any]) -> list[str]:
    """Everything about one act, for a terminal."""
    told = [
        f"{action.name}  {label('acts', action.name)}",
        help_text("acts", action.name),
        f"谁可以办：{who(action)}",
        f"何时可办：{when(action)}",
    ]
    stated = fields(action)
    if stated:
        told.append("办理内容（--with 后的 JSON）：")
    told += [f"  {key}（{kind}{must}）{meaning}" for key, kind, must, meaning in stated]
    told.append("示例：")
    told.append(
        f"  zhiping meeting act 评审会 {action.name} --as 人员@机构 --with '{example(action)}'"
    )
    return told
