"""Values that nobody honest states, and payloads bent by them: the material of the fuzzer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

TEXTS = (
    "",
    " ",
    "text-1",
    "text-mining 的研究",
    "张三\x00李四",
    "\u202e张三",
    "\u2066张三\u2069",
    "\ud800",
    "\ufffe\uffff",
    "\x1b[31m红",
    "a\rb\nc\td",
    "'; DROP TABLE step; --",
    "{{ 7*7 }} {% raw %}",
    "../../etc/passwd",
    "=HYPERLINK(1)",
    "０１２３",
    "𠮷" * 200,
    "长" * 5000,
    "%s %d {0} {name}",
    "null",
    "meeting-0001/0/open_review/2:application-1",
)
DATES = (
    "0001-01-01",
    "9999-12-31",
    "2024-02-30",
    "1899-12-31",
    "2024-10-10",
    "2024-11-08",
    "2024-12-31",
    "2025-06-30",
    "2099-01-01",
    "-4713-11-24",
    "2024-W41-4",
    1728523800,
    253402300799,
    -62135596800,
)
MOMENTS = (
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "9999-12-31T23:59:59.999999Z",
    "2024-10-10T24:00:00+08:00",
    "2024-10-10T10:00:00",
    "2024-10-10T10:00:00+08:00",
    "2024-10-10T10:00:00.0000001+08:00",
    "2024-11-08T23:59:59+08:00",
    "2024-10-10T10:00:00+23:59",
    "2024-10-10T23:59:60+08:00",
    1e308,
    -1e308,
)
NUMBERS = (0, -1, 1, 2, 3, 5, 420, 2**31, 2**63, 2**64, -(2**63), 10**400, 0.1, 1e308, -0.0)
ODD: tuple[Any, ...] = (None, True, False, [], {}, [[]], [None], {"": ""}, {"a": {"b": {"c": []}}})
KEYS = ("", "nobody_knows", "__class__", "model_config", "\x00", "constructor")
POOL: tuple[Any, ...] = TEXTS + DATES + MOMENTS + NUMBERS + ODD
DEEP = 200


def bent(rng: Random, model: type[BaseModel], honest: dict[str, Any]) -> dict[str, Any]:
    """A payload of this model with one to three faults; now and then with none."""
    stated: dict[str, Any] = json.loads(json.dumps(honest))
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3))):
        _bend(rng, model, stated)
    return stated


def _bend(rng: Random, model: type[BaseModel], stated: dict[str, Any]) -> None:
    fields = list(model.model_fields.items())
    picked = rng.random()
    if picked < 0.05 or not fields:
        stated[rng.choice(KEYS)] = rng.choice(POOL)
        return
    name, field = rng.choice(fields)
    if picked < 0.12:
        stated.pop(name, None)
    elif picked < 0.6:
        stated[name] = _of_its_kind(rng, field)
    elif picked < 0.66:
        stated[name] = _nested(rng.choice(POOL), rng.choice((1, 2, DEEP)))
    else:
        stated[name] = rng.choice(POOL)


def _of_its_kind(rng: Random, field: FieldInfo) -> Any:
    """A value near what the field is for, so that it gets past the first look."""
    return _near(rng, field.annotation, 0)


def _near(rng: Random, kind: Any, depth: int) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel) and depth < 3:
        return {
            name: _near(rng, field.annotation, depth + 1)
            for name, field in kind.model_fields.items()
            if rng.random() < 0.7
        }
    if origin in (tuple, list, set, frozenset):
        return [_near(rng, inner[0], depth + 1) for _ in range(rng.choice((0, 1, 2, 40)))]
    if origin is dict:
        return {str(_near(rng, str, 3)): _near(rng, inner[1], depth + 1) for _ in range(2)}
    if inner and origin is not None:  # Literal, Union, Annotated
        found = rng.choice(inner)
        plain = isinstance(found, str | int | bool) or found is None
        return found if plain else _near(rng, found, depth)
    return rng.choice(_pool_of(getattr(kind, "__name__", "")))


def _pool_of(kind: str) -> tuple[Any, ...]:
    match kind:
        case "date":
            return DATES
        case "datetime":
            return MOMENTS
        case "int" | "float" | "Decimal":
            return NUMBERS
        case "bool":
            return (True, False)
        case "NoneType":
            return (None,)
        case _:
            return TEXTS


def _nested(value: Any, depth: int) -> Any:
    for _ in range(depth):
        value = [value]
    return value


def bent_somewhere(rng: Random, honest: Any) -> Any:
    """The same value with one thing in it, however deep, replaced, left out or added to."""
    stated = json.loads(json.dumps(honest))
    places = list(_places(stated)) if isinstance(stated, dict | list) else []
    for _ in range(rng.choice((0, 1, 1, 2))):
        if not places:
            return rng.choice(POOL)
        within, key = rng.choice(places)
        if isinstance(within, list) and key >= len(within):
            continue
        picked = rng.random()
        if picked < 0.1:
            if isinstance(within, dict):
                within.pop(key, None)
            else:
                del within[key]
        elif picked < 0.2 and isinstance(within, list):
            within.append(within[key])
        elif picked < 0.25 and isinstance(within, dict):
            within[rng.choice(KEYS)] = rng.choice(POOL)
        else:
            within[key] = rng.choice(POOL)
    return stated


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a value: what holds it, and its key there."""
    for key, part in value.items() if isinstance(value, dict) else enumerate(value):
        yield value, key
        if isinstance(part, dict | list):
            yield from _places(part)
