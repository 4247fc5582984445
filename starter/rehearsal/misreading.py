"""What a scenario file has that its model has not, told with step, key and the nearest name.

A scenario holds nothing of a real person, so that, unlike in a submission, the wrong word is shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from config.reading import details_of, explain
from starter.rehearsal.vocabulary import hint

KEY = "[key]"
_CHOICES = re.compile(r"'([^']*)'")
_UNION = re.compile(r"(literal\[|function-)|^(date|int|Sheet|str|tuple)$")
"""Parts of a place that name a type tried, not a key."""

NUMBERED = (("step", "步"), ("application", "份申报"), ("meeting", "个评审会"))


def misread(
    err: ValidationError, table: Mapping[str, Any], models: Mapping[str, type[BaseModel]]
) -> list[str]:
    """Each error as a sentence that names the step as people count it, and the key.

    `models` are the parts of the file by the key under which they stand, for the keys they have.
    """
    details = details_of(err, inputs=True)
    told = []
    for detail, plain in zip(details, explain(err), strict=True):
        if _tried_in_vain(detail["loc"], details):
            continue
        key = _key(detail["loc"])
        sentence = _sentence(dict(detail), plain.partition("：")[2], models)
        told.append(_numbered(key, sentence, table))
    return list(dict.fromkeys(told))


def _tried_in_vain(location: tuple[int | str, ...], details: list[Any]) -> bool:
    """A table that is no day: only what is wrong with it as a table is worth telling."""
    for index, part in enumerate(location):
        if part in ("date", "literal[False]"):
            near = (*location[:index], "Sheet")
            return any(
                tuple(other["loc"][: index + 1]) == near and other["type"] != "model_type"
                for other in details
            )
        if part == "Sheet":
            near = (*location[: index + 1],)
            return any(
                tuple(other["loc"]) == near and other["type"] == "model_type" for other in details
            )
    return False


def _key(location: tuple[int | str, ...]) -> str:
    key = ""
    for part in location:
        if isinstance(part, int):
            key += f"[{part}]"
        elif part != KEY and not _UNION.search(part):
            key += f".{part}" if key else part
    return key or "文件"


def _sentence(detail: dict[str, Any], plain: str, models: Mapping[str, type[BaseModel]]) -> str:
    kind, given = detail["type"], detail.get("input")
    if kind in ("enum", "literal_error") and isinstance(given, str):
        known = _CHOICES.findall(str(detail["ctx"]["expected"]))
        return f"没有 {given} 这个名称{hint(given, known)}"
    if kind == "extra_forbidden":
        *above, name = (part for part in detail["loc"] if isinstance(part, str))
        model = models.get(next((p for p in reversed(above) if p in models), ""))
        return plain + (hint(name, _keys(model)) if model else "")
    return plain


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _numbered(key: str, sentence: str, table: Mapping[str, Any]) -> str:
    """`step[3].at：…` as people count: `第 4 步（2023-10-27T10:00）at：…`."""
    for name, word in NUMBERED:
        if key.startswith(f"{name}["):
            index, _, tail = key[len(name) + 1 :].partition("]")
            parts = table.get(name)
            part = parts[int(index)] if isinstance(parts, (list, tuple)) else {}
            when = f"（{part['at']}）" if isinstance(part, Mapping) and "at" in part else ""
            return f"第 {int(index) + 1} {word}{when}{tail.lstrip('.')}：{sentence}"
    return f"{key}：{sentence}"
