"""A step of the record as people read it: names beside ids, texts in place of references."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from activities.covers import both_names
from activities.texts import free_texts, with_free_texts
from workflows.application.catalogue import CATALOGUE
from workflows.application.messages import Step
from workflows.meeting.catalogue import MEETING_CATALOGUE
from workflows.meeting.messages import MeetingStep
from workflows.writer.payloads import Payload

_NOT_READ = {"actor", "reason", "payload", "application", "meeting", "realm"}
"""Put in below in words, or said once for the whole page."""


def entry(
    step: Step | MeetingStep,
    people: Mapping[str, str],
    organisations: Mapping[str, str],
    texts: Mapping[str, str],
) -> dict[str, Any]:
    """What an entry of a case or of a meeting has in common; unknown names stay empty."""
    actor = step.actor
    person = actor.person if actor else ""
    organisation = actor.organisation if actor else ""
    principal = actor.principal if actor else ""
    return step.model_dump(exclude=_NOT_READ) | {
        "actor": person,
        "actor_name": both_names(
            people.get(person, ""), people.get(principal, principal) if principal else ""
        ),
        "principal": principal,
        "organisation": organisation,
        "organisation_name": organisations.get(organisation, ""),
        "reason": texts.get(step.reason, step.reason),
        "payload": with_free_texts(
            _stated_as(step), step.payload, lambda text: texts.get(text, text)
        ),
    }


def people_in(steps: Iterable[Step | MeetingStep]) -> set[str]:
    """Whose names these steps need: who acted, and in whose place."""
    actors = [step.actor for step in steps if step.actor is not None]
    return {name for actor in actors for name in (actor.person, actor.principal)} - {""}


def texts_of(steps: Iterable[Step | MeetingStep]) -> set[str]:
    """What may be the reference of a text in these steps: their reasons and free-text fields."""
    found: set[str] = set()
    for step in steps:
        found |= {step.reason, *free_texts(_stated_as(step), step.payload)}
    return found - {""}


def _stated_as(step: Step | MeetingStep) -> type[Payload]:
    """The payload's model; a refused act that nobody knows states nothing that is read."""
    row = CATALOGUE.get(step.name) if isinstance(step, Step) else MEETING_CATALOGUE.get(step.name)
    return row.payload if row is not None else Payload
