"""An act of the catalogue: who may do it, where, what stands against it, and what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from workflows.application.move import Move
from workflows.rules.names import Relation, Stage
from workflows.writer.payloads import Payload

P = TypeVar("P", bound=Payload)


def _nothing(move: Move) -> None:
    """Nothing stands against it."""


def _anything(move: Move, stated: Any) -> None:
    """Whatever is stated will do."""


def _alone(_move: Move, _stated: Any) -> bool:
    """One person is enough."""
    return False


@dataclass(frozen=True)
class Rule(Generic[P]):
    """What an act asks and does; typed by its payload, so that no act is handed another's.

    `may` raises `Refused` for what stands against the act whatever is stated: the page, the early
    answer, the preview and the writer ask it alike. `check` raises `Refused` for what is stated.
    Both look and change nothing. `second` says whether what is stated waits for a second person
    (`acts/seconds.py`). `do` changes the move, and refuses nothing any more but a date
    that falls into a year without calendar.
    """

    do: Callable[[Move, P], None]
    may: Callable[[Move], None] = _nothing
    check: Callable[[Move, P], None] = _anything
    second: Callable[[Move, P], bool] = _alone


@dataclass(frozen=True)
class Action(Generic[P]):
    """One act: payload, who may, in which stages, and its rule in each.

    `recallable`: `set_aside` may take it back. `after_end`: also on a case that ended and still
    listens. `on_closed`: reaches a closed case too. `any_time`: not stopped by a deadline that is
    over. `weighty`: its refusal is always recorded (design.md 8). `by_meeting`: in these stages,
    once a `Meeting` has the case, that meeting alone may (design.md 15). `beside`: has no legal
    effect for what others did, so that it makes none of it irrevocable.
    """

    name: str
    payload: type[P]
    by: tuple[Relation, ...]
    stages: tuple[Stage, ...]
    rules: Mapping[Stage | None, Rule[P]]
    recallable: bool = False
    after_end: bool = False
    on_closed: bool = False
    any_time: bool = False
    weighty: bool = False
    beside: bool = False
    by_meeting: frozenset[Stage] = field(default_factory=frozenset)

    def rule(self, stage: Stage | None) -> Rule[P]:
        """The rule in this stage; `None` is the rule of every stage without one of its own."""
        return self.rules.get(stage) or self.rules[None]
