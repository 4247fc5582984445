"""Which seal may certify the titles of which committees: data, asked when sealing and verifying.

A root says whose a seal is, not what it may say: without this any seal under the root, a shop's too,
would make professors.
"""

from __future__ import annotations

import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from activities.papers.typesetting import TEMPLATES

FILE = TEMPLATES / "seals.toml"


class Authority(BaseModel):
    """One seal, by the common name of its certificate, and the committees it may certify for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    holder: str = Field(min_length=1)
    committees: tuple[str, ...] = ()
    """Names, `*` standing for any letters; empty for a seal of other papers only."""


class SealRegister(BaseModel):
    """The seals of the issuing authorities (`templates/papers/seals.toml`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seals: tuple[Authority, ...] = Field(min_length=1)

    def knows(self, holder: str) -> bool:
        """Whether this is a seal of an issuing authority at all."""
        return any(item.holder == holder for item in self.seals)

    def may_certify(self, holder: str, committee: str) -> bool:
        """Whether this seal may certify a title of this committee."""
        return any(
            fnmatchcase(committee, pattern)
            for item in self.seals
            if item.holder == holder
            for pattern in item.committees
        )


def seal_register(file: Path | None = None) -> SealRegister:
    """The register in a file; the one that is shipped where none is named.

    Raises:
        OSError, ValueError: the file cannot be read, or is no register.
    """
    text = (file or FILE).read_text(encoding="utf-8")
    return SealRegister.model_validate(tomllib.loads(text))
