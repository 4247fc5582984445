"""How often the desk itself said no, by code: before anything was sent, so that no workflow counts it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from workflows.rules.refusals import Refusal
from workflows.writer.refused import codes_of

REFUSED: Counter[str] = Counter()
"""Of this process, since it began."""


def tally(refusals: Iterable[Refusal]) -> None:
    """Count one no."""
    REFUSED.update(codes_of(refusals))
