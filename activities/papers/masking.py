"""Masking of personal data on papers, by a rule that is data (`templates/papers/masking.toml`)."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from activities.papers.catalogue import PAPERS
from workflows.rules.papers import PaperKind
from workflows.rules.people import normal_id_number, written_name

FILE = Path(__file__).parent.parent / "templates" / "papers" / "masking.toml"
PersonalField = Literal["name", "id_number", "phone"]
Shown = Literal["full", "masked", "hidden"]


class Form(BaseModel):
    """How values of one shape are masked; without length and pattern it fits everything."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    length: int | None = None
    pattern: str = ""
    first: int = Field(ge=0)
    last: int = Field(ge=0)
    keep: str = ""
    """Characters that stay wherever they are."""

    def fits(self, value: str) -> bool:
        """Whether a value has this shape."""
        if self.length is not None and len(value) != self.length:
            return False
        return not self.pattern or re.fullmatch(self.pattern, value) is not None


class FieldRule(BaseModel):
    """The forms of one kind of value, the first that fits counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mark: str = Field(default="*", min_length=1, max_length=1)
    forms: tuple[Form, ...] = Field(min_length=1)

    def mask(self, value: str) -> str:
        """Mask a value.

        At least one character is always covered: a value too short for its form keeps nothing.
        """
        form = next((item for item in self.forms if item.fits(value)), self.forms[-1])
        first, last = form.first, form.last
        if first + last >= len(value):
            first = last = 0
        end = len(value) - last
        return "".join(
            char if index < first or index >= end or char in form.keep else self.mark
            for index, char in enumerate(value)
        )


class MaskingRule(BaseModel):
    """The whole rule: fields by name, and what each paper shows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fields: dict[PersonalField, FieldRule]
    papers: dict[PaperKind, dict[PersonalField, Shown]] = {}

    def shown(self, paper: PaperKind, field: PersonalField) -> Shown:
        """How a paper shows a field; unnamed: masked where the paper is public, else full."""
        default: Shown = "masked" if PAPERS[paper].public else "full"
        return self.papers.get(paper, {}).get(field, default)

    def apply(self, paper: PaperKind, field: PersonalField, value: str) -> str:
        """The value as this paper shows it; empty where it is hidden or absent."""
        value = _normal(field, value)
        match self.shown(paper, field):
            case "full":
                return value
            case "hidden":
                return ""
            case _:
                return self.fields[field].mask(value) if value else ""


def _normal(field: PersonalField, value: str) -> str:
    """One writing of each value, so that a form fits however it was typed in."""
    if field == "id_number":
        return normal_id_number(value)
    return written_name(value) if field == "name" else " ".join(value.split())


@cache
def masking() -> MaskingRule:
    """The rule of this installation.

    Raises:
        pydantic.ValidationError: the file is wrong; the office must not print with half a rule.
    """
    return MaskingRule.model_validate(tomllib.loads(FILE.read_text(encoding="utf-8")))
