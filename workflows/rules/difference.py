"""What changed between two JSON values, and the later one made again from the earlier.

A step of a case sends what changed of its state: a case with hundreds of inquiries would else carry
all of them through the engine with each of its steps.
"""

from __future__ import annotations

from typing import Any

ALL, SET, IN, GONE, LENGTH = "all", "set", "in", "gone", "length"
"""A value anew; or of a table or list: what is new, what changed inside, what is no more, how long."""


def difference(before: Any, after: Any) -> dict[str, Any]:
    """What makes `after` of `before`; empty where they are the same."""
    if isinstance(before, dict) and isinstance(after, dict):
        found = _parts(before, after)
        gone = sorted(before.keys() - after.keys())
        return found | ({GONE: gone} if gone else {})
    if isinstance(before, list) and isinstance(after, list):
        known = {str(index): item for index, item in enumerate(before)}
        found = _parts(known, {str(index): item for index, item in enumerate(after)})
        return found | ({LENGTH: len(after)} if len(after) < len(before) else {})
    return {} if before == after and type(before) is type(after) else {ALL: after}


def patched(before: Any, change: dict[str, Any]) -> Any:
    """The later value: `before` with the change.

    Raises:
        ValueError: the change is not one of this value.
    """
    if ALL in change:
        return change[ALL]
    if not change:
        return before
    if isinstance(before, dict):
        changed = {key: patched(before[key], part) for key, part in change.get(IN, {}).items()}
        kept = {key: part for key, part in before.items() if key not in change.get(GONE, ())}
        return kept | changed | change.get(SET, {})
    if isinstance(before, list):
        items = before[: change.get(LENGTH, len(before))]
        for index, part in change.get(IN, {}).items():
            items[int(index)] = patched(items[int(index)], part)
        added = change.get(SET, {})
        return items + [added[index] for index in sorted(added, key=int)]
    raise ValueError("a change of another value")


def _parts(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    new = {key: part for key, part in after.items() if key not in before}
    inside = {
        key: part
        for key in after.keys() & before.keys()
        if (part := difference(before[key], after[key]))
    }
    told = {SET: new} if new else {}
    return told | ({IN: {key: inside[key] for key in sorted(inside)}} if inside else {})
