"""Who a notice and a committee say carries them out, against the directory and each other.

A notice whose office nobody can act for would take applications and strand them there.
"""

from __future__ import annotations

from collections.abc import Iterator

from activities.operating import Operating
from activities.statements import statements
from workflows.rules.committee_filing import FiledCommittee
from workflows.rules.names import Level
from workflows.rules.policy import Policy
from workflows.rules.refusals import Code, Refusal

REGISTER = statements("operations")
COMMITTEES = statements("committees")
DISTRICT_LEVELS = (Level.JUNIOR, Level.MID)
"""What a district's 职改部门 may confirm; above it is the city's."""


Wanted = tuple[tuple[str, tuple[str, ...]], ...]
"""Organisation ids, each with the kinds of which it must be one, the usual one first."""


def office_kinds(office: str, city_office: str, max_level: Level) -> Wanted:
    """What a committee's office and its confirming office must be.

    A unit that evaluates its own people is its committee's office itself (A54).
    """
    confirming = ("city_office", "district_office")
    return (
        (office, ("committee_office", "unit")),
        (city_office, confirming if max_level in DISTRICT_LEVELS else confirming[:1]),
    )


async def missing(work: Operating, wanted: Wanted) -> list[Refusal]:
    """Organisations that the directory does not have, or has as something else; no kind: as any."""
    found = []
    for organisation, kinds in sorted(wanted):
        kind = await work.connection.fetchval(
            REGISTER["organisation_kind"], organisation, work.kept_under
        )
        if kind is None or (kinds and kind not in kinds):
            what = kinds[0] if kinds else "unit"
            found.append(
                Refusal(code=Code.NOT_FOUND, params={"what": what, "organisation": organisation})
            )
    return found


async def stranding(work: Operating, policy: Policy) -> list[Refusal]:
    """Why a notice cannot be published: it names whom nobody knows, nobody acts for, or another
    committee than the one that is filed."""
    stated = policy.committee
    wanted = office_kinds(stated.office, stated.city_office, stated.max_level)
    problems = await missing(work, wanted)
    if problems:
        return problems
    for organisation, _ in wanted:
        if not await work.connection.fetchval(
            REGISTER["is_attended"], organisation, work.kept_under, work.at
        ):
            problems.append(
                Refusal(
                    code=Code.NOT_FOUND, params={"what": "attendant", "organisation": organisation}
                )
            )
    return problems + await _other_than_filed(work, policy)


async def _other_than_filed(work: Operating, policy: Policy) -> list[Refusal]:
    """What a notice says otherwise than its office's filed committee; before one is filed, nothing."""
    rows = await work.connection.fetch(COMMITTEES["committees"], work.kept_under)
    filed = [FiledCommittee.model_validate_json(row["content"]) for row in rows]
    own = [item for item in filed if item.office == policy.committee.office]
    if not own:
        return []
    named = next((item for item in own if item.name == policy.committee.name), own[0])
    return [
        Refusal(
            code=Code.COMMITTEE_DIFFERS,
            clause=policy.committee.source,
            params={"committee": named.id, "field": field, "stated": ours, "filed": theirs},
        )
        for field, ours, theirs in _differences(policy, named)
    ]


def _differences(policy: Policy, filed: FiledCommittee) -> Iterator[tuple[str, str, str]]:
    stated = policy.committee
    if stated.name != filed.name:
        yield "name", stated.name, filed.name
    if stated.city_office != filed.city_office:
        yield "city_office", stated.city_office, filed.city_office
    ladder = list(Level)
    if ladder.index(stated.max_level) > ladder.index(filed.max_level):
        yield "max_level", stated.max_level.value, filed.max_level.value
