"""A step of the record as people read it: names beside ids, texts in place of references."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from activities.texts import filled
from workflows.application.messages import Step
from workflows.meeting.messages import MeetingStep

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
    return step.model_dump(exclude=_NOT_READ) | {
        "actor": person,
        "actor_name": people.get(person, ""),
        "organisation": organisation,
        "organisation_name": organisations.get(organisation, ""),
        "reason": filled(step.reason, texts),
        "payload": filled(step.payload, texts),
    }
