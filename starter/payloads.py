"""What an act states, from the command line to the wire: read, checked, free text put aside."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from pydantic import BaseModel, ValidationError

from activities.texts import free_texts, with_free_texts
from config.reading import FileError, explain, json_table, read_table
from workflows.rules.refusals import Code, refuse
from workflows.writer.messages import MAX_PAYLOAD_BYTES
from workflows.writer.payloads import Payload, Sheet

Store = Callable[[str], Awaitable[str]]

REFERENCE = f"text-{UUID(int=0)}"
"""As long as the reference of any stored text."""


class StatedError(FileError):
    """What `--with` or the options state is not what the act takes."""

    code = "malformed_payload"

    def __init__(self, problems: list[str], where: str = "") -> None:
        super().__init__(where, problems)


def stated_in(text: str) -> dict[str, Any]:
    """The payload given to `--with`: JSON, or `@file` (JSON or TOML).

    Raises:
        FileError: the file is neither, or no table. `StatedError`: the JSON is none.
    """
    if text.startswith("@"):
        return read_table(Path(text[1:]))
    try:
        return json_table(text, "--with")
    except FileError as err:
        raise StatedError(err.problems, "--with") from None


def plain(
    model: type[Payload], stated: Mapping[str, Any], options: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The stated payload as JSON values, checked against its model; what is not stated is left out.

    Args:
        options: field → how the command line has it, where it has an option of its own.

    Raises:
        StatedError: naming each field that is missing, unknown or wrong.
        click.UsageError: options that are missing.
    """
    known = options or {}
    try:
        checked = model.model_validate(dict(stated))
    except ValidationError as err:
        missing = [item["loc"][0] for item in err.errors() if item["type"] == "missing"]
        if named := [known[str(key)] for key in missing if key in known]:
            raise click.UsageError(f"还须写明：{'、'.join(named)}。") from None
        raise StatedError([_by_option(problem, known) for problem in explain(err)]) from None
    return checked.model_dump(mode="json", exclude_unset=True)


def _by_option(problem: str, options: Mapping[str, str]) -> str:
    key, colon, what = problem.partition("：")
    return f"{options.get(key, key)}{colon}{what}"


async def with_texts_stored(
    model: type[BaseModel], stated: Mapping[str, Any], store: Store
) -> dict[str, Any]:
    """The payload with each free text replaced by the reference under which it was stored.

    Rows that are too many for a message are kept as a sheet and named by theirs.

    Raises:
        Refused: `payload_too_large`, before anything is stored.
    """
    as_sent = with_free_texts(model, stated, lambda _: REFERENCE)
    size = _size(as_sent)
    rows = model.ROWS if issubclass(model, Sheet) and size > MAX_PAYLOAD_BYTES else ""
    if rows and as_sent.get(rows):
        size = _size({**as_sent, rows: [], "sheet": REFERENCE})
    if size > MAX_PAYLOAD_BYTES:
        raise refuse(Code.PAYLOAD_TOO_LARGE, "", size=size, maximum=MAX_PAYLOAD_BYTES)
    texts = {text: await store(text) for text in dict.fromkeys(free_texts(model, stated))}
    kept = with_free_texts(model, stated, texts.__getitem__)
    if rows:
        kept["sheet"] = await store(json.dumps(kept.pop(rows), ensure_ascii=False))
    return kept


def _size(value: Mapping[str, Any]) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode())
