"""What waits for a second person, as that person reads it: names for ids, and no whole ID number.

Who confirms must know of whom it is; for that the end of an ID number is enough beside the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from activities.second_person import EXPIRED, Answer, RequestForSecond
from activities.wording import date_zh, datetime_zh, label
from activities.wording.covers import lent_zh

LONGEST = 300
SHOWN_DIGITS = 4
UNSHOWN = frozenset({"token_hash", "digest"})
"""What says nothing to a person."""
WORDS = {
    "conduct": "conducts",
    "subject": "subjects",
    "rhythm": "rhythms",
    "role": "roles",
    "action": "acts",
}
"""Fields whose values have words of their own, by their group."""
DAYS = frozenset({"from", "from_", "to"})
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
PEOPLE = ("person", "principal", "deputy")
"""Fields that name somebody."""


SAID = {
    Answer.CONFIRMED.value: "确认，已办理",
    Answer.DECLINED.value: "不同意，没有办理",
    Answer.WITHDRAWN.value: "收回，没有办理",
}


def ended_zh(item: RequestForSecond, by: str, reason: str) -> str:
    """What became of a request, in one sentence: by whom, when and why; or that its time is over.

    Args:
        by: who answered, by name.
        reason: why not, opened.
    """
    at = datetime_zh(item.answered_at or item.expires_at)
    if item.answer == EXPIRED:
        return f"到 {at} 没有另一人确认，已经过期，没有办理；仍要办理的，请重新提出"
    return f"{by} 于 {at} {SAID[item.answer]}" + (f"；理由：{reason}" if reason else "")


def without_numbers(stated: Any) -> Any:
    """The same with all ID numbers but their ends left out."""
    if isinstance(stated, Mapping):
        return {
            key: _end_of(part) if key == "id_number" else without_numbers(part)
            for key, part in stated.items()
        }
    if isinstance(stated, list | tuple):
        return [without_numbers(part) for part in stated]
    return stated


def people_in(stated: Any) -> set[str]:
    """The ids of people that are named, at whatever depth."""
    if isinstance(stated, Mapping):
        own = {stated.get(key) for key in PEOPLE}
        below = set().union(*map(people_in, stated.values())) if stated else set()
        return below | {item for item in own if isinstance(item, str) and item}
    if isinstance(stated, list | tuple):
        return set().union(*map(people_in, stated)) if stated else set()
    return set()


def facts_of(stated: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What is stated, a line each: what it is called, and its value in words.

    Args:
        names: of the people that are named, by id.
    """
    for key, value in without_numbers(stated).items():
        if key in UNSHOWN or value in ("", None, [], {}):
            continue
        told = _told(key, value, names)
        yield label("stated", key), told if len(told) <= LONGEST else f"{told[:LONGEST]}……"


def _told(key: str, value: Any, names: Mapping[str, str]) -> str:
    """A value in one line; of a long list how many."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        parts = (
            f"{label('stated', name)}：{_told(name, part, names)}" for name, part in value.items()
        )
        return "；".join(parts)
    if isinstance(value, list | tuple):
        return f"{len(value)} 项：" + "、".join(_told(key, part, names) for part in value)
    return _one(key, str(value), names)


def _one(key: str, value: str, names: Mapping[str, str]) -> str:
    """A single value: an act, a day, somebody, or a word of ours."""
    if key == "acts":
        return lent_zh(value)
    if key in DAYS and _DAY.fullmatch(value):
        return date_zh(date.fromisoformat(value))
    if key in PEOPLE and value in names:
        return f"{names[value]}（{value}）"
    return label(WORDS[key], value) if key in WORDS else value


def _end_of(number: object) -> str:
    text = str(number)
    return f"…{text[-SHOWN_DIGITS:]}" if text else ""
