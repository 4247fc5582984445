"""The names a scenario file may use, and the nearest of them where one is mistyped.

An expectation that names nothing there is would hold for ever (`may_not = ["withdrw"]`): so every
name in a file is looked up here before the story is played.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from functools import cache
from typing import get_args

from activities import wording
from starter.rehearsal.notices import all_organisations
from workflows.application.catalogue import CATALOGUE
from workflows.meeting.catalogue import MEETING_CATALOGUE
from workflows.rules.names import EndName, LetterKind, Party, RuleName, Stage
from workflows.rules.refusals import Code
from workflows.rules.routes import CITY_AGENCY, OrganisationKind

BODIES = (
    "applicant",
    "unit",
    "chain[0]",
    "holder",
    "forwarder",
    "office",
    "office_supervisor",
    "city_office",
    "operations",
)
"""Words for who holds something (`docs/scenarios.md`, Who); `chain[…]` stands for its kind."""

SECOND_PERSON = ("office[1]", "city_office[1]")
"""Another person of the same office, as the second entry of a ballot asks for."""

PEOPLE = (*BODIES, *SECOND_PERSON, "meeting", "anyone")
"""Words for who acts."""

CLOCKS_OF_A_CASE = ("pay_notice", "request_expired", "close")
CLOCKS_OF_A_MEETING = ("clocks", "redraw_expired", "close")
"""What happens by itself under a name of its own; the others bear their rule's name."""

WHY = ("cancelled", "quorum", "inquiry")
"""Why a candidate is where it is, besides ends and refusal codes."""

MANY = 12
"""More names than these are not listed in an error."""

_INDEXED = re.compile(r"chain\[\d\]")
_CLOSE = 0.85
"""How near an organisation's id must be to a known one to be taken for a mistyped one."""


def hint(word: str, known: Collection[str]) -> str:
    """The end of a sentence about an unknown name: the nearest names, else all where few."""
    if near := difflib.get_close_matches(word, list(known), n=3):
        return f"，是否应为 {' 或 '.join(near)}"
    return f"，可用 {'、'.join(known)}" if len(known) <= MANY else ""


def unknown_name(key: str, word: str, what: str, known: Collection[str]) -> str:
    """The sentence for a name that is none."""
    return f"{key}：没有 {word} 这个{what}{hint(word, known)}"


@cache
def acts() -> tuple[str, ...]:
    """Acts on an application."""
    return tuple(CATALOGUE)


@cache
def meeting_acts() -> tuple[str, ...]:
    """Acts on a meeting."""
    return tuple(MEETING_CATALOGUE)


@cache
def steps(*, of_meeting: bool) -> tuple[str, ...]:
    """Names of steps in a record: acts and clocks; a meeting's also what it told its cases."""
    rules = tuple(rule.value for rule in RuleName)
    if of_meeting:
        return (*meeting_acts(), *acts(), *CLOCKS_OF_A_MEETING, *rules)
    return (*acts(), *CLOCKS_OF_A_CASE, *rules)


def is_step(name: str, *, of_meeting: bool) -> bool:
    """True for the name of a step; a clock's may carry its batch or inquiry: `recheck_duty:1`."""
    known = steps(of_meeting=of_meeting)
    head, colon, _ = name.partition(":")
    return name in known or (bool(colon) and head in list(RuleName))


def task_kinds() -> tuple[str, ...]:
    """Kinds of open tasks."""
    return tuple(wording.labels("tasks"))


def is_check(key: str) -> bool:
    """True for the key of a check: `profession`, `bar:1`, `verify:degree`, `special_group:tibet`."""
    head, _, tail = key.partition(":")
    return head in checks() or tail in checks()


def checks() -> tuple[str, ...]:
    """Names of checks a person has to make."""
    return tuple(wording.labels("checks"))


def place_kinds() -> tuple[str, ...]:
    """Kinds of the places of a route."""
    return (*get_args(OrganisationKind), *CITY_AGENCY)


def candidate_words() -> tuple[str, ...]:
    """Every word that may say where a candidate stands: state, outcome, standing, and why."""
    told = (*wording.labels("candidate_states"), *wording.labels("results"))
    told += tuple(wording.labels("standings"))
    return (*dict.fromkeys((*told, *WHY, "none", *EndName, *Code)),)


def places_of_a_case() -> tuple[str, ...]:
    """Stages and ends, and `none` for neither."""
    return ("none", *Stage, *EndName)


def letter_problem(key: str) -> str | None:
    """What is wrong with `kind` or `kind:party`; None where it is a letter there is."""
    kind, _, party = key.partition(":")
    if kind not in list(LetterKind):
        return f"没有 {kind} 这种通知{hint(kind, [item.value for item in LetterKind])}"
    if party and party not in list(Party):
        return f"没有 {party} 这种对象{hint(party, [item.value for item in Party])}"
    return None


def who_problem(key: str, word: str, *, acts: bool) -> str | None:
    """What is wrong with a word for a person or body; None where it can be somebody.

    Organisations may come from a directory of somebody's own: only a word that looks like a role,
    or nearly like an organisation of ours, is taken for a mistyped one.
    """
    known = PEOPLE if acts else BODIES
    if word in ("", *known) or _INDEXED.fullmatch(word):
        return None
    head, dot, kind = word.partition(".")
    if head == "chain" and dot:
        return None if kind in place_kinds() else unknown_name(key, kind, "机构类别", place_kinds())
    person, at_sign, organisation = word.partition("@")
    if at_sign:
        return (
            _organisation_problem(key, organisation) if acts and person else f"{key}：{word} 不完整"
        )
    if "-" not in word and word not in organisations():
        return f"{key}：没有 {word} 这个角色或机构{hint(word, (*known, *organisations()))}"
    return _organisation_problem(key, word)


def _organisation_problem(key: str, word: str) -> str | None:
    if word in organisations():
        return None
    near = difflib.get_close_matches(word, organisations(), n=1, cutoff=_CLOSE)
    return f"{key}：没有 {word} 这个机构，是否应为 {near[0]}" if near else None


@cache
def organisations() -> tuple[str, ...]:
    """Ids of the organisations of our own directories."""
    return tuple(all_organisations())
