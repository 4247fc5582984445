"""What every life stands on: the shipped notices, calendar, directory and samples, each read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from config import calendar_files, campaign_files, directory_files, submission_files
from config.submission_files import VARIANTS, merged
from workflows.rules.calendar import Calendar
from workflows.rules.facts import Facts, Place
from workflows.rules.names import DeadlineKind, Level, Route
from workflows.rules.policy import Policy
from workflows.rules.routes import OrganisationRef, places_of

CAMPAIGNS = ("bd-2023", "lc-2024")
WAYS = (*(route.value for route in Route), *VARIANTS)
"""The samples: the six routes, 自主评审 and 委托."""

CHANGES: tuple[dict[str, Any], ...] = (
    {},
    {"corrections": {"correction_path": "chain_confirm"}},
    {"self_evaluating": {"destination": "own"}},
    {"limits": {"lapse_on_chain_delay": False}},
    {"limits": {"complaint_terminates": False}},
    {"corrections": {"allow_second_return": False}},
    {"corrections": {"committee_max_submissions": 2}},
    {"windows": {"review": {"closes_at": "18:00:00"}}},
    {"windows": {"payment": {"closes_at": "17:00:00"}}},
    {"chain_cutoff": {"closes_at": "17:00:00"}},
)
"""Rules that the two notices leave as data, each turned the other way."""


@dataclass(frozen=True)
class Applying:
    """One application of the person, as a scenario file says it."""

    alias: str
    campaign: str
    way: str
    level: Level


@dataclass(frozen=True)
class Ground:
    """What is settled before the first step."""

    starts: datetime
    applying: tuple[Applying, ...]
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Differences of the first application's notice."""
    without: tuple[int, ...] = ()
    """Calendar years that are not published."""
    fleet_sleeps: bool = False
    """Whether the workers may be away over a due time, so that several strike late."""


@cache
def shipped_calendar() -> Calendar:
    """The published years 2021 to 2026."""
    return calendar_files.published_calendar()


@cache
def notice(campaign: str) -> Policy:
    """A shipped notice's rules."""
    return campaign_files.load(campaign_files.CAMPAIGNS / f"{campaign}.toml").policy


def terms_in_days(policy: Policy) -> dict[str, Any]:
    """The changes that make every term of working days one of as many days of the calendar, as a
    notice does that says 日; a publicity's stays (不少于 5 个工作日)."""
    counted = {
        rule.value: {"unit": "day", "rolls": True}
        for rule, terms in policy.rules.items()
        if terms.unit == "wd" and terms.kind is not DeadlineKind.FLOOR
    }
    return {"rules": counted}


@cache
def directory() -> Mapping[str, OrganisationRef]:
    """The shipped directory, by organisation id."""
    return directory_files.read(directory_files.DIRECTORY / "chongqing.toml").references()


def changed(policy: Policy, changes: Mapping[str, Any]) -> Policy:
    """A notice with differences laid over it."""
    if not changes:
        return policy
    return Policy.model_validate(merged(policy.model_dump(mode="json"), changes))


@cache
def facts_of(way: str, campaign: str, level: Level) -> Facts:
    """The sound sample of a way."""
    return submission_files.sample(way, campaign, facts={"level": level.value}).facts


@cache
def places(way: str, campaign: str) -> tuple[Place, ...]:
    """The organisations on the way up."""
    found, problems = places_of(
        facts_of(way, campaign, Level.DEPUTY_SENIOR), notice(campaign), directory()
    )
    assert not problems
    return found
