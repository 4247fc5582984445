"""What each act is, who may do it and when, and what it states: the catalogue told in Chinese."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from activities.wording import help_text, label
from starter.desk.act_form import ACTS, Field, fields_of, flat, words
from workflows.application.act import Action
from workflows.application.catalogue import CATALOGUE
from workflows.meeting.meeting import Phase
from workflows.rules.names import Relation, Stage


def title(action: str) -> str:
    """The act's Chinese name."""
    return label("acts", action)


def what(action: str) -> str:
    """One plain sentence: what the act is."""
    return help_text("acts", action)


def who(action: Action[Any]) -> str:
    """Who may do it; "anyone" beside others means whom the rule itself knows (who set it)."""
    named = [relation for relation in action.by if relation is not Relation.ANYONE]
    return "、".join(label("relations", relation) for relation in named or action.by)


def when(action: Action[Any]) -> str:
    """In which stages it can be done."""
    if action.name == "submit":
        return "申报时间内"
    every = len(action.stages) == len(Stage)
    stages = ["各环节"] if every else [label("stages", stage) for stage in action.stages]
    extra = ["期限届满而结束后、案件关闭前"] if action.after_end else []
    extra += ["办结关闭后"] if action.on_closed else []
    return "；".join(["、".join(stages)] * bool(stages) + extra)


def explained(action: Action[Any]) -> Explained:
    """An act on a case."""
    return Explained(
        name=action.name,
        by=tuple(action.by),
        who=who(action),
        stages=tuple(action.stages),
        when=when(action),
        fields=tuple(flat(fields_of(action.payload))),
        example=words(ACTS)["examples"].get(action.name, {}),
        command=f"act 申报编号 {action.name}",
    )


@dataclass(frozen=True)
class Explained:
    """Everything about one act on a case or a meeting, in the same words and the same shape."""

    name: str
    by: tuple[Relation, ...]
    who: str
    stages: tuple[Stage, ...] | tuple[Phase, ...]
    when: str
    fields: tuple[Field, ...]
    example: Mapping[str, Any]
    command: str

    def lines(self) -> list[str]:
        """For a terminal."""
        told = [
            f"{self.name}  {title(self.name)}",
            what(self.name),
            f"谁可以办：{self.who}",
            f"何时可办：{self.when}",
        ]
        if self.fields:
            told.append("办理内容（--with 后的 JSON）：")
        told += [f"  {field.key}（{_taken(field)}）{field.meaning}" for field in self.fields]
        example = json.dumps(self.example, ensure_ascii=False)
        return [*told, "示例：", f"  zhiping {self.command} --as 人员@机构 --with '{example}'"]

    def as_json(self) -> dict[str, Any]:
        """For a program: `{action, label, help, by, stages, fields, example}`."""
        return {
            "action": self.name,
            "label": title(self.name),
            "help": what(self.name),
            "by": [relation.value for relation in self.by],
            "stages": [stage.value for stage in self.stages],
            "fields": [
                {
                    "key": field.key,
                    "type": field.kind,
                    "required": field.required,
                    "help": field.meaning,
                }
                for field in self.fields
            ],
            "example": self.example,
        }

    def row(self) -> tuple[str, str, str, str]:
        """For the list of all acts."""
        return self.name, title(self.name), self.who, self.when


def overview() -> list[tuple[str, str, str]]:
    """Every act: name, Chinese name, what it does."""
    return [(name, title(name), what(name)) for name in CATALOGUE]


def _taken(field: Field) -> str:
    return field.kind + ("，必填" if field.required else "")
