"""Whole numbers as we take them in: what can be counted with, and what a column can hold."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from workflows.rules.days import FIRST_YEAR, LAST_YEAR

MOST = 2**31 - 1
LONGEST = 10_000
DEAREST = 10**13
"""A hundred thousand million yuan in fen: beyond it nobody paid."""

Year = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]
"""A year about which anything can be said."""

Whole = Annotated[int, Field(ge=0, le=MOST)]
"""A number of an entry, a batch, a step, or so many of something."""

Span = Annotated[int, Field(ge=0, le=LONGEST)]
"""So many days, months, hours or minutes of a rule: no clock that counts from a day of ours overflows."""

Shift = Annotated[int, Field(ge=-LONGEST, le=LONGEST)]
"""So many days before a day; below zero after it."""

Fen = Annotated[int, Field(gt=0, le=DEAREST)]
"""Money, in hundredths of a yuan."""
