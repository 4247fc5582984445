"""How people read what an item of a return is about: an achievement, one of its files, a paper, a fact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from activities.wording import label
from workflows.application.corrections import (
    NEW_MATERIAL,
    OF_ACHIEVEMENT,
    OF_FACT,
    OF_FILE,
    OF_PAPER,
)
from workflows.rules.facts import Facts

CAME_IN = "新提交的材料"
"""What came in with a correction."""


def subjects_of(facts: Facts, titles: Mapping[str, str]) -> dict[str, str]:
    """Every achievement of an application and every file of one, as an item names it → its name.

    Args:
        titles: an achievement's title by its id; one without has the name of its kind.
    """
    found: dict[str, str] = {}
    for item in facts.achievements:
        name = f"业绩成果“{titles.get(item.id) or label('achievements', item.kind)}”"
        found[f"{OF_ACHIEVEMENT}{item.id}"] = name
        for number, file in enumerate(item.files, start=1):
            found[f"{OF_FILE}{file}"] = f"{name}的文件 {number}"
    return found


def subject_zh(subject: str, refers_to: str, known: Mapping[str, str]) -> str:
    """What an item is about; empty where it is about the application as a whole.

    Args:
        refers_to: what the item answers to: new material has no other name.
        known: `subjects_of` the application.
    """
    if subject in known:
        return known[subject]
    if subject.startswith(OF_FILE) or (not subject and refers_to.startswith(NEW_MATERIAL)):
        return CAME_IN
    if subject.startswith(OF_ACHIEVEMENT):
        return "业绩成果"
    if subject.startswith(OF_PAPER):
        return label("documents", subject.removeprefix(OF_PAPER))
    return label("facts", subject.removeprefix(OF_FACT))


def clauses_of(notice: Mapping[str, Any]) -> dict[str, str]:
    """The clause or reading of each usual defect that a published notice speaks of, by key."""
    return {
        row["key"]: row.get("clause") or row.get("assumed", "") for row in notice.get("defects", ())
    }


def earlier_zh(refers_to: str) -> str:
    """The number of the earlier item that one answers to; new material has none."""
    return "" if refers_to.startswith(NEW_MATERIAL) else refers_to
