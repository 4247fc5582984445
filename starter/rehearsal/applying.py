"""Who applies in a scenario and with what: the sound sample of the route, and what differs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from config.submission_files import ApplicationFile, made_up_person, sample
from starter.rehearsal.answering import jsonable
from starter.rehearsal.fitting import fitted
from starter.rehearsal.notices import files_of
from workflows.rules.names import Route

if TYPE_CHECKING:
    from starter.rehearsal.scenario import ApplicationPart, Scenario


def file_of(scenario: Scenario, part: ApplicationPart) -> ApplicationFile:
    """The application document of one application.

    Raises:
        FileError: a difference that does not fit the sample, naming its key.
    """
    campaign = scenario.campaign_of(part)
    level = part.level if "level" in part.model_fields_set else None
    name = part.variant or part.route.value
    more: dict[str, Any] = {}
    if part.variant == "self_evaluating" and part.route is Route.DISTRICT_UNIT:
        name, more = part.route.value, {"self_evaluating": True}
    files = files_of(scenario, campaign)
    own = fitted(name, part.route, files, level) if files else {}
    stated = {"level": part.level.value, **own, "channel": part.channel, **more}
    facts = _over(stated, jsonable(part.facts))
    return sample(
        name,
        campaign,
        facts=facts,
        identity=identity_of(scenario, part.id),
    )


def _over(own: Mapping[str, Any], stated: Mapping[str, Any]) -> dict[str, Any]:
    """Both as one difference: `"absent"` still takes a key of the sample away."""
    both = {
        key: _over(own[key], value)
        if isinstance(value, Mapping) and isinstance(own.get(key), Mapping)
        else value
        for key, value in stated.items()
    }
    return {**own, **both}


def identity_of(scenario: Scenario, alias: str) -> dict[str, Any]:
    """A made-up person per application, the same for `person = "…"`."""
    parts = list(scenario.application)
    index = next((i for i, part in enumerate(parts) if part.id == alias), None)
    if index is None:
        return {"id_number": alias}
    part = parts[index]
    if part.person and not part.identity:
        return identity_of(scenario, part.person)
    return {**made_up_person(index + 1).model_dump(mode="json"), **jsonable(part.identity)}
