"""What an act states, from a face to the wire: checked, its free text put aside."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError

from activities.texts import free_texts, with_free_texts
from config.reading import FileError, details_of, explain
from workflows.rules.refusals import Code, refuse
from workflows.writer.messages import MAX_PAYLOAD_BYTES
from workflows.writer.payloads import Payload, Sheet

Store = Callable[[str], Awaitable[str]]

REFERENCE = f"text-{UUID(int=0)}"
"""As long as the reference of any stored text."""


class StatedError(FileError):
    """What is stated is not what the act takes; `fields` are the keys, one a problem."""

    code = "malformed_payload"

    def __init__(
        self,
        problems: list[str],
        where: str = "",
        *,
        fields: tuple[str, ...] = (),
        missing: tuple[str, ...] = (),
    ) -> None:
        super().__init__(where, problems)
        self.fields = fields
        self.missing = missing
        """The top-level fields of those that were left out."""


def checked(model: type[Payload], stated: Mapping[str, Any]) -> dict[str, Any]:
    """The stated payload as JSON values, checked against its model; what is not stated is left out.

    Raises:
        StatedError: naming each field that is missing, unknown or wrong.
    """
    try:
        found = model.model_validate(dict(stated))
    except ValidationError as err:
        details = details_of(err)
        raise StatedError(
            explain(err),
            fields=tuple(".".join(map(str, item["loc"])) for item in details),
            missing=tuple(str(item["loc"][0]) for item in details if item["type"] == "missing"),
        ) from None
    return found.model_dump(mode="json", exclude_unset=True)


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
