"""Free text by reference: finding the references in a payload, and putting the texts in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID, uuid4

PREFIX = "text-"
USE = "free_text.body"


def new_reference() -> str:
    """A reference for a text about to be stored."""
    return f"{PREFIX}{uuid4()}"


def reference_of(keyed_hash: bytes) -> str:
    """The reference of a text by its keyed hash: it tells repeats without telling the text."""
    return f"{PREFIX}{UUID(bytes=keyed_hash[:16])}"


def references(value: Any) -> Iterator[str]:
    """Every reference in a value, however deep."""
    if isinstance(value, str):
        if value.startswith(PREFIX):
            yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from references(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from references(part)


def filled(value: Any, texts: Mapping[str, str]) -> Any:
    """The value with each known reference replaced by its text; unknown ones stay."""
    if isinstance(value, str):
        return texts.get(value, value)
    if isinstance(value, Mapping):
        return {key: filled(part, texts) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [filled(part, texts) for part in value]
    return value
