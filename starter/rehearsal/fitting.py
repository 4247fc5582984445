"""The sound sample of a route made to fit a notice that it does not know: whose people, which level.

The samples of `config/samples` are people of the product's own directory and notices. For another
notice everything that names an organisation, a level, a field or the pledge comes from its files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from config.reading import FileError
from config.submission_files import knows, merged, sample
from starter.rehearsal.notices import NoticeFiles
from workflows.rules.message import BEIJING
from workflows.rules.names import Level, Route
from workflows.rules.policy import Policy
from workflows.rules.routes import OrganisationRef, places_of

EVENING = time(20)
MOST_ACHIEVEMENTS = 3
"""The sample has titles for so many."""
UNITS = ("unit", "resident_hq")


def fitted(name: str, route: Route, files: NoticeFiles, level: Level | None) -> dict[str, Any]:
    """What of the facts of a sample differs for this notice; nothing where the sample knows it."""
    policy = files.campaign.policy
    if knows(name, policy.campaign):
        return {}
    wanted = level or policy.committee.max_level
    stated: dict[str, Any] = {
        "level": wanted.value,
        "pledge_version": f"{policy.campaign}/{policy.version}",
        "pledged_at": datetime.combine(
            policy.windows.application.starts_on - timedelta(days=1), EVENING, BEIJING
        ).isoformat(),
        **_profession(files),
        **_achievements(policy),
    }
    ladder = list(Level)
    below = ladder.index(wanted) - 1
    stated["current_title"] = {"level": ladder[max(below, 0)].value}
    for employed in _employers(route, files.organisations.references()):
        facts = merged(stated, employed)
        try:
            found = sample(name, policy.campaign, facts=facts).facts
        except FileError:
            continue
        places, _ = places_of(found, policy, files.organisations.references())
        if places:
            return facts
    return stated


def _profession(files: NoticeFiles) -> dict[str, str]:
    for field, professions in files.campaign.policy.professions.fields.items():
        return {"profession_field": field, "profession": professions[0] if professions else field}
    filed = files.filed
    names = filed.committee.professions if filed else ()
    return {"profession": names[0]} if names else {"profession": "工程技术"}


def _achievements(policy: Policy) -> dict[str, Any]:
    """One achievement of each of the first kinds, with all its papers."""
    kinds = list(policy.achievements.kinds.items())[:MOST_ACHIEVEMENTS]
    if not kinds:
        return {}
    return {
        "achievements": [
            {
                "id": f"a{number}",
                "kind": kind,
                "achieved_on": f"{policy.year - 3}-05-10",
                "evidence": [paper.split("|")[0] for paper in papers],
                "files": [f"a{number}f100000001"],
            }
            for number, (kind, papers) in enumerate(kinds, start=1)
        ]
    }


def _employers(
    route: Route, organisations: Mapping[str, OrganisationRef]
) -> Iterator[dict[str, str]]:
    """Every organisation of the directory that may employ, as the facts of a route say it."""
    for name, one in sorted(organisations.items()):
        if route is Route.FREELANCER:
            if one.kind == "agency":
                yield {"employer": name, "archive_agency": name, "insured_unit": "self"}
        elif one.kind in UNITS:
            facts = {"employer": name, "insured_unit": name}
            if route is Route.PRIVATE_ARCHIVE_HERE and one.agency:
                facts["archive_agency"] = one.agency
            if route is Route.PRIVATE_ARCHIVE_ELSEWHERE:
                facts["insured_district"] = one.district
            if route is Route.RESIDENT_BRANCH:
                above = organisations.get(one.superior)
                facts["entrusting_unit"] = above.superior if above else ""
            yield facts
