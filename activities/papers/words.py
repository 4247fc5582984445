"""Small words that papers share: days, spans, numbers, who signs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from activities.wording import label
from workflows.rules.papers import PaperKind, SealOf


def day_zh(day: date | None) -> str:
    """`2023年12月22日`, as papers write a day; empty for none."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def days_zh(days: tuple[date, ...]) -> str:
    """One day, or the days of a meeting: `2023年12月8日至9日`, `2023年12月8日、11日`."""
    if not days:
        return ""
    ordered = sorted(set(days))
    if len(ordered) == 1:
        return day_zh(ordered[0])
    whole = (ordered[-1] - ordered[0]).days == len(ordered) - 1
    if whole:
        return f"{day_zh(ordered[0])}至{_rest(ordered[0], ordered[-1])}"
    parts = [day_zh(ordered[0])]
    parts += [_rest(before, day) for before, day in pairwise(ordered)]
    return "、".join(parts)


def span_zh(first: date, last: date) -> str:
    """`2023年12月15日至2023年12月22日`: both in full, since people object by them."""
    return f"{day_zh(first)}至{day_zh(last)}"


def signed(name: str, day: date, seal: SealOf | None = None) -> dict[str, Any]:
    """Who signs a paper and on which day, and whose electronic seal goes over it."""
    return {"name": name, "day": day_zh(day), "seal": seal.value if seal else None}


def envelope(
    kind: PaperKind, *, document: str, reference: str, issuer: str, rehearsal: bool
) -> dict[str, Any]:
    """What `_paper.typ` needs of every paper."""
    return {
        "title": label("papers", kind),
        "document": document,
        "reference": reference,
        "issuer": issuer,
        "rehearsal": rehearsal,
    }


def channels_zh(keys: tuple[str, ...], labels: Mapping[str, str]) -> str:
    """Posting channels as the notice names them."""
    return "、".join(labels.get(key, key) for key in keys)


def _rest(before: date, day: date) -> str:
    """A later day without what it shares with the one before."""
    if day.year != before.year:
        return day_zh(day)
    return f"{day.day}日" if day.month == before.month else f"{day.month}月{day.day}日"
