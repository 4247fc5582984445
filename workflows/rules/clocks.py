"""From facts to a running clock: what started it, what was allowed later, what was ever told.

A clock is never opened, moved or cut by hand. Its end follows from its start, the rules and the
calendar it travels with, the extensions that were allowed and the latest day that was ever told;
whatever changes one of these, an amendment, a reopening, an act taken back, the end follows again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from workflows.rules.calendar import Calendar
from workflows.rules.deadlines import (
    Deadline,
    as_told,
    at_least,
    capped,
    compute,
    decided,
    fixed,
    no_earlier,
)
from workflows.rules.message import Message, State
from workflows.rules.names import DeadlineKind, RuleName
from workflows.rules.policy import Measure, Policy, RuleTerms

NEVER_EARLIER = frozenset({DeadlineKind.LAPSE, DeadlineKind.RIGHT, DeadlineKind.FLOOR})
"""Kinds whose last day people rely on: never earlier than told (A59). A duty is the authority's."""


class Extension(Message):
    """A later last day that somebody allowed, for one clock from one start."""

    clock: str
    """`identity` of the clock it was allowed for."""
    ends_on: date
    closes_at: time | None = None
    """The hour, where the clock past which nobody is promised anything closes at one that day."""
    by: str = ""
    reason: str = ""
    at: datetime


class Promise(State):
    """The last day that was told for one clock from one start, and its reminders so far."""

    ends_on: date
    ends_at: datetime
    at: datetime
    """Since when this day is told; a reminder that lies before it is none of this day's."""
    reminded: list[str] = []


class Clocked(State):
    """What a case or a meeting keeps about its clocks beside the facts that start them."""

    extensions: list[Extension] = []
    promised: dict[str, Promise] = {}
    """Identity of a clock → what was told of it."""
    struck: list[str] = []
    """Identities of clocks that struck; one that goes on living strikes no second time."""


@dataclass(frozen=True)
class Start:
    """What started a clock: when, on which day, and what was stated of its length."""

    at: datetime
    on: date
    """Day 0."""
    by: str = ""
    """The act or clock it began with."""
    detail: str = ""
    """Which of several that run side by side: an inquiry's id, a batch's number."""
    length: int | None = None
    unit: Measure | None = None
    """Another unit than the rule's: a case's own pay term counts working days (A18)."""
    ends_on: date | None = None
    """A printed or decided last day instead of a length."""
    closes_at: time | None = None
    at_least: datetime | None = None
    """What it never ends before: a printed end beside a term of its own."""
    clause: str = ""


def key_of(rule: RuleName, detail: str = "") -> str:
    """A clock's key: the rule's name, or `rule:detail` of several that run side by side."""
    return f"{rule.value}:{detail}" if detail else rule.value


def identity(key: str, at: datetime | None) -> str:
    """What tells one clock of a key from the next: the instant at which it was started."""
    return f"{key}@{at.isoformat() if at else ''}"


def identity_of(deadline: Deadline) -> str:
    """The identity of a running clock."""
    return identity(deadline.key, deadline.opened_at)


def running(
    kept: Clocked,
    rule: RuleName,
    start: Start,
    policy: Policy,
    calendar: Calendar,
    *,
    cap: Deadline | None = None,
    cap_name: RuleName | None = None,
) -> Deadline:
    """The clock of a rule from one start, with its end as the facts have it now.

    A cap cuts what is computed and never what was allowed; the later of both counts; nothing ends
    before a day that was told, and what has struck moves no more (A57).

    Raises:
        Refused: `calendar_missing` naming the year that is not published.
    """
    name = identity(key_of(rule, start.detail), start.at)
    found = _computed(rule, start, policy, calendar)
    if cap is not None:
        found = capped(found, cap_name or cap.rule, cap.ends_on, cap.ends_at)
    promise = kept.promised.get(name)
    allowed = [item for item in kept.extensions if item.clock == name]
    if allowed:
        last = max(allowed, key=lambda item: item.ends_on)
        found = decided(found, last.ends_on, last.by, last.closes_at)
    if promise is not None and name in kept.struck:
        found = as_told(found, promise.ends_on, promise.ends_at)
    elif promise is not None and found.kind in NEVER_EARLIER:
        found = no_earlier(found, promise.ends_on, promise.ends_at)
    stands = promise is not None and promise.ends_on == found.ends_on
    return found.model_copy(
        update={
            "opened_at": start.at,
            "started_by": start.by,
            "told_at": promise.at if promise is not None and stands else None,
            "policy": policy.version,
            "struck": name in kept.struck,
        }
    )


def promise(kept: Clocked, clocks: Iterable[Deadline], at: datetime) -> None:
    """Remember what is told from now on: each clock's last day, with no reminder of it yet.

    Args:
        at: when a day that moved is told; a clock's first day is told as it starts.
    """
    for clock in clocks:
        name = identity_of(clock)
        before = kept.promised.get(name)
        if before is None or before.ends_on != clock.ends_on:
            since = at if before is not None else clock.opened_at or at
            kept.promised[name] = Promise(ends_on=clock.ends_on, ends_at=clock.ends_at, at=since)
        elif before.ends_at != clock.ends_at:
            # Another hour of the same day: no reminder is told anew.
            kept.promised[name] = before.model_copy(update={"ends_at": clock.ends_at})


def reminded(kept: Clocked, clock: Deadline) -> list[str]:
    """The reminders of a clock's present last day that have struck."""
    told = kept.promised.get(identity_of(clock))
    return told.reminded if told is not None else []


def strike_off(kept: Clocked, clock: Deadline) -> Deadline:
    """Note that a clock struck: it does so once, whatever becomes of the case (A16)."""
    name = identity_of(clock)
    if name not in kept.struck:
        kept.struck.append(name)
    return clock.model_copy(update={"struck": True})


def extend(kept: Clocked, clock: Deadline, extension: Extension) -> None:
    """Allow a later last day; a clock that had struck runs again."""
    kept.extensions.append(extension)
    take_up(kept, clock)


def take_up(kept: Clocked, clock: Deadline) -> None:
    """A clock that had struck runs again."""
    name = identity_of(clock)
    kept.struck = [item for item in kept.struck if item != name]


def _computed(rule: RuleName, start: Start, policy: Policy, calendar: Calendar) -> Deadline:
    terms = policy.terms(rule)
    printed = start.ends_on is not None
    found = (_printed if printed else _counted)(rule, start, terms, calendar)
    return at_least(found, start.at_least) if start.at_least is not None else found


def _printed(rule: RuleName, start: Start, terms: RuleTerms, calendar: Calendar) -> Deadline:
    return fixed(
        rule,
        terms,
        calendar,
        starts_on=start.on,
        ends_on=start.ends_on or start.on,
        closes_at=start.closes_at,
        clause=start.clause or None,
        key=key_of(rule, start.detail),
    )


def _counted(rule: RuleName, start: Start, terms: RuleTerms, calendar: Calendar) -> Deadline:
    if start.length is not None:  # its range was looked at when it was stated, not again since
        terms = terms.model_copy(update={"minimum": None, "maximum": None})
    if start.unit is not None:
        terms = terms.model_copy(update={"unit": start.unit, "length": start.length})
    key = key_of(rule, start.detail)
    found = compute(rule, terms, calendar, start.on, length=start.length, key=key)
    return found.model_copy(update={"clause": start.clause}) if start.clause else found
