"""The lines of an export: what is in the record's chains, as anybody can verify it again."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from workflows.rules.message import Message

FORMAT = 1


class Header(Message):
    """The first line: whose record this is, and which tables are kept how."""

    line: Literal["header"] = "header"
    format: int = FORMAT
    made_at: datetime
    owner: str
    """The database's owner, who migrates and writes nothing: what it wrote is a finding."""
    public_key: str
    """Of the anchors' signatures, hex. A verifier has it from elsewhere, or says so."""
    modes: dict[str, str]
    """Table → `final`, `copied` or `latest` (migration 0011)."""


class Row(Message):
    """A row of a kept table as it is now; `text` is what is hashed."""

    line: Literal["row"] = "row"
    source: str
    key: str
    text: str


class Entry(Message):
    """One entry of one chain; the hashes are hex."""

    line: Literal["entry"] = "entry"
    subject: str
    position: int
    source: str
    key: str
    what: Literal["found", "added", "changed", "removed"]
    content: str | None = None
    row_hash: str
    written_at: str
    written_by: str
    previous: str
    hash: str

    def computed(self) -> str:
        """The hash this entry must have."""
        return digest(
            as_jsonb(
                [
                    *(self.previous, self.subject, self.position, self.source, self.key),
                    *(self.what, self.written_at, self.written_by, self.row_hash),
                ]
            )
        )


class Head(Message):
    """How far a chain has come."""

    line: Literal["head"] = "head"
    subject: str
    position: int


class AnchorLine(Message):
    """One anchor with the ends of the chains that had moved since the one before."""

    line: Literal["anchor"] = "anchor"
    number: int
    made_at: str
    previous: str
    root: str
    signature: str
    heads: tuple[tuple[str, int, str], ...]

    def computed(self) -> str:
        """The root this anchor must have."""
        heads = [list(head) for head in sorted(self.heads)]
        return digest(as_jsonb([self.previous, self.number, self.made_at, heads]))


class End(Message):
    """The last line: how many there were before it, so that a cut-off file is no whole one."""

    line: Literal["end"] = "end"
    lines: int


Line = Annotated[Header | Row | Entry | Head | AnchorLine | End, Field(discriminator="line")]
LINE: TypeAdapter[Header | Row | Entry | Head | AnchorLine | End] = TypeAdapter(Line)


def as_jsonb(value: list[object]) -> str:
    """A JSON array as PostgreSQL writes it (`jsonb::text`), which is what is hashed."""
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def digest(text: str) -> str:
    """SHA-256, hex."""
    return hashlib.sha256(text.encode()).hexdigest()
