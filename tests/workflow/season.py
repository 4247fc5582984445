"""A case driven through its season on the real engine, with records kept in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from temporalio import activity

from config import calendar_files, campaign_files, submission_files
from workflows.messages import (
    ClosedCase,
    ClosedCaseQuery,
    Published,
    PublishedQuery,
    RecordStep,
    StepRecorded,
    Submission,
    SubmissionQuery,
    VerificationAnswer,
    VerificationRequest,
)
from workflows.rules.calendar import Calendar
from workflows.rules.case import Case, Place
from workflows.rules.facts import CheckResult, Facts, Standing
from workflows.rules.policy import Policy

CONFIG = Path(campaign_files.__file__).parent


def the_calendar() -> Calendar:
    """The published years, as shipped."""
    return calendar_files.published_calendar(sorted((CONFIG / "calendars").glob("*.toml")))


def the_policy(campaign: str) -> Policy:
    """A shipped campaign's rules."""
    return campaign_files.load(CONFIG / "campaigns" / f"{campaign}.toml").policy


PLACES: dict[str, tuple[Place, ...]] = {
    "district_unit": (
        Place(organisation="unit", kind="unit", superior="department"),
        Place(organisation="department", kind="department", superior="district"),
        Place(organisation="district", kind="district_office"),
    ),
    "city_unit": (
        Place(organisation="unit", kind="unit", superior="department"),
        Place(organisation="department", kind="department"),
    ),
}


@dataclass
class MemoryRecords:
    """The record's promises kept in memory: one step per number, one claim per year and slot."""

    campaign: str = "lc-2024"
    route: str = "district_unit"
    facts: dict[str, Any] = field(default_factory=dict)
    steps: list[RecordStep] = field(default_factory=list)
    claimed: set[tuple[int, str]] = field(default_factory=set)
    broken: int = 0

    @activity.defn(name="load_submission")
    async def load_submission(self, query: SubmissionQuery) -> Submission:
        """A sound sample of the route."""
        policy = the_policy(self.campaign)
        facts = submission_files.sample(self.route, self.campaign, facts=self.facts).facts
        facts = Facts.model_validate(facts.model_dump() | {"employer": "unit"})
        return Submission(
            person="person-1",
            facts=facts.model_copy(update={"insured_unit": "unit"}),
            standing=Standing(),
            places=PLACES[self.route],
            policy=policy.for_case(facts.route, facts.level),
            calendar=the_calendar(),
        )

    @activity.defn(name="verify_submission")
    async def verify_submission(self, request: VerificationRequest) -> VerificationAnswer:
        """Everything verified."""
        return VerificationAnswer(
            results=tuple(CheckResult(check=name, result="verified") for name in request.checks)
        )

    @activity.defn(name="record_step")
    async def record_step(self, command: RecordStep) -> StepRecorded:
        """Keep the step once."""
        if self.broken:
            self.broken -= 1
            raise OSError("the database is away")
        if command.claim == "take":
            key = (command.claim_year, command.claim_slot)
            if key in self.claimed:
                return StepRecorded(seq=0, claim_refused=True, held_by_application="other")
            self.claimed.add(key)
        if command.claim == "release":
            self.claimed.discard((command.claim_year, command.claim_slot))
        if not any(step.step.seq == command.step.seq for step in self.steps):
            self.steps.append(command)
        return StepRecorded(seq=command.step.seq)

    @activity.defn(name="load_published")
    async def load_published(self, query: PublishedQuery) -> Published:
        """The shipped rules."""
        policy = the_policy(query.campaign).for_case(query.route, query.level)
        return Published(policy=policy, calendar=the_calendar())

    @activity.defn(name="load_closed_case")
    async def load_closed_case(self, query: ClosedCaseQuery) -> ClosedCase:
        """The state the last step left."""
        state = next(step.state for step in reversed(self.steps) if step.state)
        return ClosedCase(case=Case.model_validate_json(state))

    @property
    def activities(self) -> list[Any]:
        """What a worker registers."""
        return [
            self.load_submission,
            self.verify_submission,
            self.record_step,
            self.load_published,
            self.load_closed_case,
        ]

    def names(self) -> list[str]:
        """The recorded steps by name."""
        return [command.step.name for command in self.steps]


def beijing(text: str) -> datetime:
    """A local date-time."""
    return datetime.fromisoformat(text + "+08:00")
