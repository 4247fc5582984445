"""Absence cover in words, for letters and every face: what is lent, and on which days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from activities.wording import date_zh, label
from workflows.rules.covering import LENDABLE


def lent_zh(act: str) -> str:
    """What one act that is lent is called, be it on a case, in a meeting, or an operation."""
    return label("acts", act, "") or label("operations", act)


def acts_zh(acts: Sequence[str]) -> str:
    """What is lent, in words; all of it in one."""
    if set(acts) >= set(LENDABLE):
        return "负责人的全部事项"
    return "、".join(lent_zh(act) for act in acts)


def days_zh(starts_on: date, ends_on: date) -> str:
    """From which day to which."""
    if starts_on == ends_on:
        return date_zh(starts_on)
    return f"{date_zh(starts_on)}至{date_zh(ends_on)}"
