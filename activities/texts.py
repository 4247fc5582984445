"""Free text by reference: which fields of a payload are free text, and putting the texts in.

What is free text is told by the type of its field (`writer.payloads.Text`). A reference has a form of
its own besides, so that a text which only begins like one is not taken for one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from pydantic import BaseModel

from workflows.writer.payloads import FREE_TEXT

PREFIX = "text-"
USE = "free_text.body"

_REFERENCE = re.compile(PREFIX + r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def new_reference() -> str:
    """A reference for a text about to be stored."""
    return f"{PREFIX}{uuid4()}"


def reference_of(keyed_hash: bytes) -> str:
    """The reference of a text by its keyed hash: it tells repeats without telling the text."""
    return f"{PREFIX}{UUID(bytes=keyed_hash[:16])}"


def is_reference(value: str) -> bool:
    """True for what has the form of a reference, whole."""
    return _REFERENCE.fullmatch(value) is not None


def references(value: Any) -> Iterator[str]:
    """Every reference in a value of our own making (a letter, a row), however deep."""
    if isinstance(value, str):
        if is_reference(value):
            yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from references(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from references(part)


def free_texts(model: type[BaseModel], stated: Mapping[str, Any]) -> tuple[str, ...]:
    """What stands in the free-text fields of a payload, blank ones left out."""
    return marked(model, stated, FREE_TEXT)


def with_free_texts(
    model: type[BaseModel], stated: Mapping[str, Any], put: Callable[[str], str]
) -> dict[str, Any]:
    """The payload with what `put` makes of each free text; every other field stays as it is."""
    return _laid_out(shapes(model), stated, put, FREE_TEXT)


def marked(model: type[BaseModel], stated: Mapping[str, Any], mark: str) -> tuple[str, ...]:
    """What stands in the fields of a payload that bear a mark, blank ones left out."""
    found: list[str] = []

    def noted(value: str) -> str:
        found.append(value)
        return value

    _laid_out(shapes(model), stated, noted, mark)
    return tuple(found)


def shapes(model: type[BaseModel]) -> dict[str, Any]:
    """The model's JSON Schema with references put in and optional fields made plain."""
    return _shapes(model)


@cache
def _shapes(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema()
    defined = schema.get("$defs", {})
    return {
        "required": schema.get("required", []),
        "properties": {
            name: _resolved(part, defined) for name, part in schema.get("properties", {}).items()
        },
    }


def _resolved(part: Mapping[str, Any], defined: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" in part:
        return _resolved(defined[str(part["$ref"]).rpartition("/")[2]], defined)
    if "anyOf" in part:
        given = next(item for item in part["anyOf"] if item.get("type") != "null")
        return _resolved(given, defined)
    result = dict(part)
    if "items" in part:
        result["items"] = _resolved(part["items"], defined)
    if "properties" in part:
        result["properties"] = {
            name: _resolved(below, defined) for name, below in part["properties"].items()
        }
    return result


def _laid_out(
    shape: Mapping[str, Any], stated: Mapping[str, Any], put: Callable[[str], str], mark: str
) -> dict[str, Any]:
    known = shape.get("properties", {})
    return {name: _put(known.get(name, {}), part, put, mark) for name, part in stated.items()}


def _put(shape: Mapping[str, Any], value: Any, put: Callable[[str], str], mark: str) -> Any:
    if isinstance(value, str):
        return put(value) if shape.get(mark) and value.strip() else value
    if isinstance(value, (list, tuple)):
        return [_put(shape.get("items", {}), item, put, mark) for item in value]
    if isinstance(value, Mapping):
        return _laid_out(shape, value, put, mark)
    return value
