"""Builders of steps as the writer sends them, so that a test states only what it is about."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from config.submission_files import ApplicationFile, sample
from tests.builders import BD, SUBMITTED
from workflows.application.messages import Projection, RecordStep, Step
from workflows.rules.deadlines import Deadline
from workflows.rules.message import end_of
from workflows.rules.names import DeadlineKind, LetterKind, Party, RuleName, Stage
from workflows.writer.messages import Actor, LetterOrder, TaskItem

APPLICATION = "application-018bcfe5-0000-7000-8000-00000000cafe"
UNIT = "liangjiang-data-group"
AT = SUBMITTED[BD]
PLACES = ({"organisation": UNIT, "kind": "unit", "superior": "city-industry-department"},)


def an_application(
    route: str = "city_unit", campaign: str = BD, **differences: Any
) -> dict[str, Any]:
    """A submission document as JSON."""
    file: ApplicationFile = sample(route, campaign, **differences)
    return file.model_dump(mode="json")


def a_deadline(key: str = "unit_duty", ends_on: date = date(2023, 10, 17), **more: Any) -> Deadline:
    """A deadline that started on the day of submission."""
    values: dict[str, Any] = {
        "rule": RuleName(key.split(":", maxsplit=1)[0]),
        "key": key,
        "kind": DeadlineKind.DUTY,
        "starts_on": date(2023, 10, 12),
        "length": 3,
        "ends_on": ends_on,
        "ends_at": end_of(ends_on),
        "clause": "四（二）3（1）",
        "calendar": "test",
        "opened_at": AT,
    }
    return Deadline.model_validate(values | more)


def a_task(key: str = "unit_review", **more: Any) -> TaskItem:
    """A task of the unit."""
    return TaskItem.model_validate(
        {"key": key, "kind": key, "organisation": UNIT, "due_on": date(2023, 10, 17)} | more
    )


def a_letter(identifier: str = "n-1", **more: Any) -> LetterOrder:
    """A letter to the applicant."""
    values = {"id": identifier, "kind": LetterKind.RECEIVED, "to": Party.APPLICANT}
    return LetterOrder.model_validate(values | more)


def a_step(seq: int = 1, *, realm: str = "live", at: datetime = AT, **more: Any) -> Step:
    """The submission, or a later act of the unit."""
    first = seq == 1
    values: dict[str, Any] = {
        "application": APPLICATION,
        "realm": realm,
        "seq": seq,
        "source": "act",
        "name": "submit" if first else "start_publicity",
        "request_id": f"request-{seq}",
        "actor": Actor(person="someone") if first else Actor(person="liu", organisation=UNIT),
        "acted_at": at,
        "recorded_at": at,
        "stage_before": None if first else Stage.UNIT_REVIEW,
        "stage_after": Stage.UNIT_REVIEW if first else Stage.UNIT_PUBLICITY,
        "policy_version": 1,
    }
    return Step.model_validate(values | more)


def a_projection(**more: Any) -> Projection:
    """A case with its unit."""
    values: dict[str, Any] = {
        "stage": Stage.UNIT_REVIEW,
        "campaign": BD,
        "route": "city_unit",
        "level": "deputy_senior",
        "holder": UNIT,
        "submitted_at": AT,
        "due_on": date(2023, 10, 17),
        "due_rule": "unit_duty",
        "places": PLACES,
        "tasks": (a_task(),),
        "deadlines": (a_deadline(),),
    }
    return Projection.model_validate(values | more)


def opening(
    draft: str, *, application: str = APPLICATION, realm: str = "live", **more: Any
) -> RecordStep:
    """The first step of a case: a claim taken, a letter ordered."""
    values: dict[str, Any] = {
        "step": a_step(realm=realm, application=application),
        "projection": a_projection(),
        "letters": (a_letter(f"n-{application[-4:]}-{realm}"),),
        "claim": "take",
        "claim_year": 2023,
        "draft": draft,
    }
    return RecordStep.model_validate(values | more)


def following(seq: int = 2, /, **more: Any) -> RecordStep:
    """A later step that changes nothing but what is stated."""
    values: dict[str, Any] = {"step": a_step(seq), "projection": a_projection()}
    return RecordStep.model_validate(values | more)
