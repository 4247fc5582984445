"""A committee's pool of experts in numbers, which anybody may see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from workflows.rules.committee import Expert


def counted(pool: Iterable[Expert], today: date) -> dict[str, Any]:
    """How many serve on a day, how many of them may preside, and how many of each profession."""
    serving = [item for item in pool if item.serves_on(today)]
    by_profession = Counter(name for item in serving for name in item.professions)
    return {
        "as_of": today,
        "serving": len(serving),
        "chairs": sum(1 for item in serving if item.chair),
        "professions": dict(sorted(by_profession.items())),
    }
