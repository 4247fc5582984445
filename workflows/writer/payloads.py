"""What all payloads share: the base, the kinds of text, and the acts that every subject knows.

A `Text` is free text, told by its field's type and by nothing else: the gateway stores it first and
sends its reference, so that no free text lies in the engine (design.md 11). Every other text is one
line. Dates are Beijing calendar days.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field, StringConstraints

from workflows.rules.message import Message
from workflows.rules.text import Line, Prose

FREE_TEXT = "free_text"
"""Marks a field whose value the gateway keeps in Postgres and replaces by a reference."""


Text = Annotated[
    Prose,
    StringConstraints(strip_whitespace=True, max_length=4000),
    Field(json_schema_extra={FREE_TEXT: True}),
]


Name = Annotated[Line, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


Key = Annotated[Line, StringConstraints(strip_whitespace=True, max_length=200)]


UPLOAD = "upload"
"""Marks a field whose value is a file that was handed in, by its own id; never its bytes or its name."""


Upload = Annotated[Key, Field(json_schema_extra={UPLOAD: True})]


class Payload(Message):
    """Base of all payloads; an unknown field is refused, because a typo must not be silent."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sheet(Payload):
    """An act that states a row for each candidate: in itself, or, where a meeting has more candidates
    than a message has room for, kept in the database before and named by its reference.

    Either way it is one act, taken whole or not at all.
    """

    ROWS: ClassVar[str]
    """The field whose rows a sheet may hold."""

    sheet: Key = ""
    """The reference of the kept rows, a JSON list of what the field itself would state."""


class Nothing(Payload):
    """An act that needs no more than who and when; a remark may be left."""

    note: Text = ""


class Reason(Payload):
    """An act that must give its reason."""

    reason: Text = ""


class Amend(Payload):
    """The rules and calendar now published are to be travelled with (design.md 2).

    Which ones is not stated: the writer loads what is published, by its version.
    """

    reason: Text = ""


class Nudge(Payload):
    """Wakes a case so that it may move to the present version (design.md 17)."""

    version: Key = ""
