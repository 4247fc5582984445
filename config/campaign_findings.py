"""What `campaign lint` finds: the key, what is wrong, the clause and its words, and what to do."""

from __future__ import annotations

from typing import NamedTuple

SHOWN = 140
"""Characters of a quote that a finding repeats."""
CORRECT_IT = "请对照通知原文改正后再核对一遍。"


class Finding(NamedTuple):
    """One thing wrong or doubtful: the dotted key, why in Chinese, and the clause it is about."""

    key: str
    reason: str
    clause: str = ""
    quote: str = ""
    """The words of the clause, where the value was compared with them."""
    todo: str = ""
    """What its author is to do, a whole sentence, where it is more than to correct the value."""

    def __str__(self) -> str:
        return f"{self.told}。{self.todo or CORRECT_IT}"

    @property
    def told(self) -> str:
        """The finding without what to do."""
        ground = self.clause + (f"“{shortened(self.quote)}”" if self.quote else "")
        return f"{self.key}：{self.reason}" + (f"（{ground}）" if ground else "")


def shortened(words: str) -> str:
    """Words as far as a finding repeats them."""
    plain = " ".join(words.split())
    return plain if len(plain) <= SHOWN else f"{plain[:SHOWN]}…"
