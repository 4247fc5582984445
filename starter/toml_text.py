"""A table written as TOML, for samples that people edit: plain values first, then the tables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?")


def written(table: Mapping[str, Any]) -> str:
    """The table as TOML text; dates in ISO form become TOML dates, empty values are left out."""
    return "\n".join(_lines(table, "")).lstrip("\n") + "\n"


def _lines(table: Mapping[str, Any], path: str) -> Iterator[str]:
    for key, value in table.items():
        if not _is_table(value) and not _are_tables(value) and value is not None:
            yield f"{_key(key)} = {_value(value)}"
    for key, value in table.items():
        full = f"{path}.{_key(key)}" if path else _key(key)
        if _is_table(value):
            yield f"\n[{full}]"
            yield from _lines(value, full)
        elif _are_tables(value):
            for item in value:
                yield f"\n[[{full}]]"
                yield from _lines(item, full)


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping)


def _are_tables(value: Any) -> bool:
    return (
        isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) for item in value)
    )


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        is_date = _DAY.fullmatch(value) or _MOMENT.fullmatch(value)
        return value if is_date else json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return str(value)
