"""What each value of a notice rests on: its clauses, and their words.

A table has one `clause`. Where a value in it rests on another, `[notice.cites]` says so by its
dotted key (`"tenure.relaxations.tibet" = ["BD 二(六)d"]`); the longest key that fits is meant.
"""

from __future__ import annotations

import difflib
from typing import NamedTuple

from config.campaign_findings import Finding
from config.campaign_model import Campaign
from config.notice_text import NoticeText
from workflows.rules.policy import Sourced

ENOUGH = 0.6
LEAST = 4
"""So much of a Chinese name, and so many characters, must stand in one piece in the words."""


class Ground(NamedTuple):
    """The clauses of one value and their words; both empty where a reading stands in."""

    key: str
    clause: str
    words: str

    def __bool__(self) -> bool:
        return bool(self.words)

    def says(self, name: str) -> bool:
        """True where the words name this, at least in its greater part."""
        plain = "".join(self.words.split())
        if name in plain:
            return True
        matcher = difflib.SequenceMatcher(None, name, plain, autojunk=False)
        longest = matcher.find_longest_match(0, len(name), 0, len(plain)).size
        return longest >= max(LEAST, ENOUGH * len(name))

    def against(self, reason: str, todo: str = "") -> Finding:
        """A finding that shows the words."""
        return Finding(self.key, reason, self.clause, self.words, todo)


class Grounds(NamedTuple):
    """A campaign with its text: where the words of a value are found."""

    campaign: Campaign
    text: NoticeText

    def of(self, table: str, sourced: Sourced, name: str = "") -> Ground:
        """The ground of a table, or of the value `name` in it."""
        key = f"{table}.{name}" if name else table
        notice = self.campaign.notice
        clauses: tuple[str, ...] = (sourced.clause,) if sourced.clause else ()
        parts = key.split(".")
        for length in range(len(parts), 0, -1):
            above = ".".join(parts[:length])
            if above in notice.cites:
                further = notice.cites[above]
                clauses = further if above != table else (*clauses, *further)
                break
        quotes = (self.campaign.quote(clause) for clause in clauses)
        words = "\n".join(quote for quote in quotes if quote)
        return Ground(key, "、".join(clauses), words)

    def family(self, table: str, sourced: Sourced) -> Ground:
        """The ground of a table with every clause of its paragraph: `LC 五(三)0` and `…1` to `…7`."""
        stem = sourced.clause.rstrip("0123456789abcdefghijklmnopqrstuvwxyz-")
        quotes = self.campaign.notice.quotes
        clauses = [name for name in quotes if stem and name.startswith(stem)]
        words = "\n".join(quotes[name] for name in clauses)
        return Ground(table, sourced.clause, words or quotes.get(sourced.clause, ""))
