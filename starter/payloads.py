"""What an act states, from the command line to the wire: read, checked, free text put aside."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from activities.texts import PREFIX
from config.reading import FileError, explain, read_table
from workflows.writer.payloads import FREE_TEXT, Payload

Store = Callable[[str], Awaitable[str]]


def stated_in(text: str) -> dict[str, Any]:
    """The payload given to `--with`: JSON, or `@file` (JSON or TOML).

    Raises:
        FileError: it is neither, or no table.
    """
    if text.startswith("@"):
        return read_table(Path(text[1:]))
    try:
        value = json.loads(text)
    except json.JSONDecodeError as err:
        raise FileError("--with", [f"不是正确的 JSON：第 {err.colno} 列"]) from None
    if not isinstance(value, dict):
        raise FileError("--with", ['应为对象，如 {"reason": "……"}'])
    return value


def plain(model: type[Payload], stated: Mapping[str, Any]) -> dict[str, Any]:
    """The stated payload as JSON values, checked against its model; what is not stated is left out.

    Raises:
        FileError: naming each field that is missing, unknown or wrong.
    """
    try:
        checked = model.model_validate(dict(stated))
    except ValidationError as err:
        raise FileError("--with", explain(err)) from None
    return checked.model_dump(mode="json", exclude_unset=True)


async def with_texts_stored(
    model: type[BaseModel], stated: Mapping[str, Any], store: Store
) -> dict[str, Any]:
    """The payload with each free text replaced by the reference under which it was stored."""
    return {
        name: await _stored(part, stated[name], store)
        for name, part in _aligned(shapes(model), stated)
    }


def shapes(model: type[BaseModel]) -> dict[str, Any]:
    """The model's JSON Schema with references put in and optional fields made plain."""
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


def _aligned(
    shape: Mapping[str, Any], stated: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    properties = shape.get("properties", {})
    for name in stated:
        yield name, properties.get(name, {})


async def _stored(shape: Mapping[str, Any], value: Any, store: Store) -> Any:
    if isinstance(value, str):
        is_text = shape.get(FREE_TEXT) and value.strip() and not value.startswith(PREFIX)
        return await store(value) if is_text else value
    if isinstance(value, list):
        return [await _stored(shape.get("items", {}), item, store) for item in value]
    if isinstance(value, dict):
        return {
            name: await _stored(part, value[name], store) for name, part in _aligned(shape, value)
        }
    return value
