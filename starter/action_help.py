"""What each act is, who may do it and when, and what it states: the catalogue told in Chinese."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from activities.texts import shapes
from activities.wording import help_text, label
from workflows.application.act import Action
from workflows.application.catalogue import CATALOGUE
from workflows.meeting.meeting import Phase
from workflows.rules.names import Relation, Stage

WORDS = Path(__file__).with_name("actions.toml")

_KINDS = {"string": "文字", "integer": "整数", "number": "数", "boolean": "是非", "object": "表"}
_FORMATS = {"date": "日期", "date-time": "时间"}


@cache
def words() -> dict[str, Any]:
    """The Chinese of payload fields, and the examples."""
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))


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


def fields(action: Action[Any]) -> list[tuple[str, str, str, str]]:
    """Each field of the payload: key, kind, whether it must be given, and its meaning."""
    return list(described(shapes(action.payload), words()["fields"]))


def explained(action: Action[Any]) -> Explained:
    """An act on a case."""
    return Explained(
        name=action.name,
        by=tuple(action.by),
        who=who(action),
        stages=tuple(action.stages),
        when=when(action),
        fields=tuple(fields(action)),
        example=words()["examples"].get(action.name, {}),
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
    fields: tuple[tuple[str, str, str, str], ...]
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
        told += [f"  {key}（{kind}{must}）{meaning}" for key, kind, must, meaning in self.fields]
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
                {"key": key, "type": kind, "required": bool(must), "help": meaning}
                for key, kind, must, meaning in self.fields
            ],
            "example": self.example,
        }

    def row(self) -> tuple[str, str, str, str]:
        """For the list of all acts."""
        return self.name, title(self.name), self.who, self.when


def overview() -> list[tuple[str, str, str]]:
    """Every act: name, Chinese name, what it does."""
    return [(name, title(name), what(name)) for name in CATALOGUE]


def described(
    shape: dict[str, Any], known: Mapping[str, str], prefix: str = ""
) -> Iterator[tuple[str, str, str, str]]:
    """Each field of a payload with its meaning, those of its rows after it."""
    required = shape.get("required", ())
    for name, part in shape.get("properties", {}).items():
        key = f"{prefix}{name}"
        kind = _kind(part)
        must = "，必填" if name in required else ""
        yield key, kind, must, known.get(key, known.get(name, ""))
        below = part.get("items", {})
        if "properties" in below:
            yield from described(below, known, f"{key}.")


def _kind(part: dict[str, Any]) -> str:
    if "enum" in part:
        return "、".join(str(value) for value in part["enum"])
    if part.get("type") == "array":
        return "列表"
    return _FORMATS.get(part.get("format", "")) or _KINDS.get(part.get("type", "object"), "")
