"""How a bank's file is read, as data: one profile a bank (`config/payments/*.toml`)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from config.reading import FileError, parse, read_table
from workflows.rules.text import Line

PROFILES = Path(__file__).parent / "payments"
DEFAULT = PROFILES / "default.toml"

Column = Literal[
    "transaction",
    "account",
    "amount",
    "credit",
    "debit",
    "paid_at",
    "paid_on",
    "number",
    "remark",
    "payer",
    "direction",
]


class Part(BaseModel):
    """Base of a profile's parts: an unknown key is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ColumnsNeeded(Part):
    """Which columns a file must have: each of `all`, and one at least of each group."""

    all: tuple[Column, ...]
    one_of: tuple[tuple[Column, ...], ...]


class PaidAt(Part):
    """How the bank writes when it was paid, in Beijing time."""

    formats: tuple[Line, ...] = Field(min_length=1)
    """A day, or a day and a time."""
    times: tuple[Line, ...] = Field(min_length=1)
    """A time alone, where the day has a column of its own."""


class Lines(Part):
    """Which lines count, and how many there may be."""

    incoming: tuple[Line, ...]
    outgoing: tuple[Line, ...]
    returned: tuple[Line, ...]
    """Words of a remark by which money came back to us that nobody paid as a fee."""
    footers: tuple[Line, ...]
    most: int = Field(gt=0)
    most_bytes: int = Field(gt=0)


class Numbers(Part):
    """How an application's number looks in a remark."""

    patterns: tuple[Line, ...]


class Profile(Part):
    """How one bank's file is read."""

    header_within: int = Field(gt=0)
    columns: dict[Column, tuple[Line, ...]]
    columns_needed: ColumnsNeeded
    paid_at: PaidAt
    lines: Lines
    numbers: Numbers


def read_profile(path: Path = DEFAULT) -> Profile:
    """A bank's profile.

    Raises:
        FileError: it is incomplete, or a pattern of it is none.
    """
    profile = parse(Profile, read_table(path), path)
    for pattern in profile.numbers.patterns:
        try:
            re.compile(pattern)
        except re.error:
            raise FileError(path, [f"numbers.patterns：{pattern} 不是正确的正则表达式"]) from None
    return profile
