"""How long a record of the integrity register is kept (40号令 art 39, A56), as data."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from config.reading import parse, read_table
from workflows.rules.text import Line

TERMS = Path(__file__).parent / "registers" / "integrity.toml"


class RecordTerm(BaseModel):
    """Years from the day of the decision, and what says so."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    years: int = Field(gt=0)
    source: Line = Field(min_length=1)


class IntegrityTerms(BaseModel):
    """The terms of the register."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    record: RecordTerm


def read_terms(path: Path = TERMS) -> IntegrityTerms:
    """The terms.

    Raises:
        FileError: the file is incomplete.
    """
    return parse(IntegrityTerms, read_table(path), path)
