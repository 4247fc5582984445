"""An act on a meeting: who may do it, in which phases, what stands against it, what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from workflows.meeting.meeting import Phase
from workflows.meeting.move import MeetingMove
from workflows.rules.names import Relation
from workflows.writer.payloads import Payload

P = TypeVar("P", bound=Payload)


def _nothing(move: MeetingMove) -> None:
    """Nothing stands against it."""


def _anything(move: MeetingMove, stated: Any) -> None:
    """Whatever is stated will do."""


@dataclass(frozen=True)
class MeetingRule(Generic[P]):
    """What an act asks and does, as `application.act.Rule` does for a case.

    What concerns rows is decided in the step's own transaction, after `do`.
    """

    do: Callable[[MeetingMove, P], None]
    may: Callable[[MeetingMove], None] = _nothing
    check: Callable[[MeetingMove, P], None] = _anything


@dataclass(frozen=True)
class MeetingAction(Generic[P]):
    """One act on a meeting: payload, who may, in which phases, and its rule."""

    name: str
    payload: type[P]
    by: tuple[Relation, ...]
    phases: tuple[Phase, ...]
    rule: MeetingRule[P]
