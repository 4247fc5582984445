"""The published readings in words: what a notice leaves open, the rule applied, and why.

Their numbers are `workflows.rules.readings.Reading`; their words stand in `readings.toml`, from
which `docs/readings.md` is made too.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import NamedTuple

from workflows.rules.readings import Reading


class Explained(NamedTuple):
    """One reading as people read it; `rule` is one sentence without its full stop."""

    reading: Reading
    title: str
    open: str
    rule: str
    why: str
    where: str

    @property
    def number(self) -> int:
        """The number it is published under."""
        return self.reading.number

    @property
    def key(self) -> str:
        """Its name in the data and in code."""
        return self.reading.name.lower()


@cache
def explained() -> dict[Reading, Explained]:
    """Every reading with its words, by number.

    Raises:
        KeyError: a reading without words; a test holds the two lists together.
    """
    text = resources.files(__package__).joinpath("readings.toml").read_text(encoding="utf-8")
    words = tomllib.loads(text)
    return {reading: Explained(reading, **words[reading.name.lower()]) for reading in Reading}


def explain(cited: str) -> Explained | None:
    """The reading that is cited (`办理口径12`); None for any other clause."""
    return explained().get(Reading(cited)) if cited in set(Reading) else None
