"""Which acts carry a case or a meeting on: a page offers them first and with weight, the others after."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TypeVar

T = TypeVar("T")

ONWARD = (
    "resubmit",
    "respond_to_inquiry",
    "conclude_inquiry",
    "confirm_request",
    "start_publicity",
    "finish_publicity",
    "approve",
    "accept",
    "record_payment",
    "decide_recheck",
    "forward_confirmation",
    "confirm_printed",
    "confirm_archived",
    "commit_draw",
    "draw",
    "reveal_draw",
    "open",
    "record_opinions",
    "enter_ballots",
    "sign",
    "report_batch",
    "publish_batch",
    "draft_batch",
    "confirm_batch",
    "reply_batch",
    "file_batch",
)
"""In the order of the way; what ends, returns, takes back or is asked of a case is none of it."""


def is_onward(action: str, done: Collection[str] = ()) -> bool:
    """Whether an act carries its subject on.

    Args:
        done: acts that were done and can be done once more, which carries nothing on.
    """
    return action in ONWARD and action not in done


def onward_first(
    found: Iterable[T], action: Callable[[T], str], done: Collection[str] = ()
) -> list[T]:
    """What carries on first, in the order of the way; the rest in the order it came in."""

    def place(item: T) -> int:
        named = action(item)
        return ONWARD.index(named) if is_onward(named, done) else len(ONWARD)

    return sorted(found, key=place)
