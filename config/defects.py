"""Usual defects of material, as data: the general ones, beside those a notice states itself."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Annotated

from pydantic import Field, TypeAdapter

from workflows.rules.message import Message
from workflows.rules.text import Prose

DefectKey = Annotated[Prose, Field(pattern=r"^[a-z0-9_]{1,40}$")]
DefectAbout = Annotated[
    Prose, Field(pattern=r"^(achievement(:[a-z_]+)?|file|paper(:[a-z_]+)?|fact(:[a-z_]+)?)$")
]
"""What of the material can have a defect: `achievement` or one kind of it, `file`, `paper` or one kind
of it, `fact` or one of them."""


class UsualDefect(Message):
    """One row: its key, what can have it (nothing: the application as a whole), and its words."""

    key: DefectKey
    about: tuple[DefectAbout, ...] = ()
    text: Annotated[Prose, Field(min_length=1)]


@cache
def general_defects() -> Mapping[str, UsualDefect]:
    """The defects that any notice's material can have, by key; they rest on no notice's clause."""
    text = resources.files("config").joinpath("defects.toml").read_text(encoding="utf-8")
    rows = TypeAdapter(tuple[UsualDefect, ...]).validate_python(tomllib.loads(text)["defects"])
    return {row.key: row for row in rows}
