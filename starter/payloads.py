"""What an act states, from the command line to the wire: read, checked, free text put aside."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from activities.texts import free_texts, with_free_texts
from config.reading import FileError, explain, json_table, read_table
from workflows.writer.payloads import Payload

Store = Callable[[str], Awaitable[str]]


def stated_in(text: str) -> dict[str, Any]:
    """The payload given to `--with`: JSON, or `@file` (JSON or TOML).

    Raises:
        FileError: it is neither, or no table.
    """
    if text.startswith("@"):
        return read_table(Path(text[1:]))
    return json_table(text, "--with")


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
    kept = {text: await store(text) for text in dict.fromkeys(free_texts(model, stated))}
    return with_free_texts(model, stated, kept.__getitem__)
