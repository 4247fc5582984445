"""The organisations an application goes through, found in the directory (BD 四(一), LC 四(一)).

The route is frozen at submission (A44). What the directory cannot resolve is said by name, so that
the applicant knows whom to ask to register (四(二)1).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from workflows.rules.facts import Facts, Place
from workflows.rules.findings import reason
from workflows.rules.message import Message
from workflows.rules.names import Route
from workflows.rules.policy import Policy
from workflows.rules.refusals import Code, Refusal, Refused
from workflows.rules.text import Line

OrganisationKind = Literal[
    "unit",
    "department",
    "agency",
    "district_office",
    "resident_hq",
    "entrusting_unit",
    "committee_office",
    "city_office",
    "operations",
]
Chain = tuple[str, ...]

CITY_AGENCY: Chain = ("city_agency",)


class OrganisationRef(Message):
    """What the route needs to know of one organisation of the directory."""

    id: Line
    kind: OrganisationKind
    level: Literal["city", "district", "outside"] = "city"
    district: Line = ""
    """Where it is: an agency's district office is that of its own district."""
    superior: Line = ""
    """主管部门 of a unit, 驻渝最高管理机构 of a resident branch; empty where there is none."""
    agency: Line = ""
    """The 人事代理机构 that keeps its people's archives, where it has one."""
    insured_district: Line = ""
    """参保地区 of a unit, where it is not its own district."""
    self_evaluating: bool = False
    """True for a 自主评审 unit, which reports without a 主管部门 (BD 四(二)3(2))."""


Organisations = Mapping[str, OrganisationRef]


def expected_chain(policy: Policy, facts: Facts) -> tuple[Chain, ...]:
    """The chains after the unit that the notice allows; the first is the ordinary one.

    A 自主评审 unit has none; an unknown route has no allowed chain at all.
    """
    if facts.self_evaluating:
        return ((),) if facts.route in policy.self_evaluating.routes else ()
    route = policy.routes.get(facts.route)
    return (route.chain, *route.alternatives) if route else ()


def places_of(
    facts: Facts, policy: Policy, organisations: Organisations
) -> tuple[tuple[Place, ...], tuple[Refusal, ...]]:
    """Resolve the unit and its chain; no places, and every reason, where one does not resolve."""
    unit = organisations.get(facts.employer)
    if unit is None:
        return (), (_missing(policy, "unit", facts.employer),)
    misfits = tuple(_misfits(unit, facts, policy))
    chain = _choose(unit, facts, policy, organisations)
    if misfits or chain is None:
        return (), misfits or (_wrong(policy, "no_such_route", unit.id),)
    places, problems = _resolve(chain, unit, facts, policy, organisations)
    return (places, ()) if not problems else ((), problems)


def route_problems(facts: Facts, places: tuple[Place, ...], policy: Policy) -> tuple[Refusal, ...]:
    """Refuse places that skip a level of the notice (逐级); no places were judged elsewhere."""
    if not places:
        return ()
    kinds = tuple(place.kind for place in places[1:])
    # The highest body in Chongqing applying for its own people has nobody above it here.
    own_head = facts.route is Route.RESIDENT_BRANCH and not kinds
    if own_head or kinds in expected_chain(policy, facts):
        return ()
    return (_wrong(policy, "wrong_route", places[0].organisation),)


def _misfits(unit: OrganisationRef, facts: Facts, policy: Policy) -> list[Refusal]:
    """What keeps this unit from this route: 管理权限 decides the way up, not the applicant."""
    if facts.self_evaluating and not unit.self_evaluating:
        return [_wrong(policy, "not_self_evaluating", unit.id)]
    fits = {
        Route.CITY_UNIT: unit.level == "city",
        Route.DISTRICT_UNIT: unit.level == "district",
        Route.FREELANCER: unit.kind == "agency",
    }.get(facts.route, True)
    return [] if fits else [_wrong(policy, "wrong_route", unit.id)]


def _choose(
    unit: OrganisationRef, facts: Facts, policy: Policy, organisations: Organisations
) -> Chain | None:
    allowed = expected_chain(policy, facts)
    if not allowed:
        return None
    agency = organisations.get(facts.archive_agency or unit.agency)
    # A28: a city-level agency may itself be the last stage where the notice says so (LC 3(3)).
    if agency is not None and agency.level == "city" and CITY_AGENCY in allowed:
        return CITY_AGENCY
    return allowed[0]


def _resolve(
    chain: Chain,
    unit: OrganisationRef,
    facts: Facts,
    policy: Policy,
    organisations: Organisations,
) -> tuple[tuple[Place, ...], tuple[Refusal, ...]]:
    first = "agency" if facts.route is Route.FREELANCER else "unit"
    places = [Place(organisation=unit.id, kind=first, superior=unit.superior)]
    problems: list[Refusal] = []
    for kind in chain:
        if kind == "resident_hq" and unit.kind == "resident_hq":
            continue
        try:
            found = _find(kind, unit, facts, policy, organisations)
        except Refused as err:
            # An unknown agency also leaves its district unknown: one reason, not two.
            problems += [item for item in err.reasons if item not in problems]
        else:
            places.append(Place(organisation=found.id, kind=kind, superior=found.superior))
    return tuple(places), tuple(problems)


def _find(
    kind: str, unit: OrganisationRef, facts: Facts, policy: Policy, organisations: Organisations
) -> OrganisationRef:
    """The organisation at one place of the chain.

    Raises:
        Refused: `not_found`, saying what is missing and of whom.
    """
    if kind in ("agency", "city_agency"):
        return _agency(unit, facts, policy, organisations)
    if kind == "district_office":
        return _district_office(unit, facts, policy, organisations)
    superior = organisations.get(unit.superior)
    if superior is None or superior.id == unit.id:
        raise Refused(_missing(policy, kind, unit.superior, of=unit.id))
    if kind == "resident_hq" and superior.kind != "resident_hq":
        raise Refused(_missing(policy, kind, unit.superior, of=unit.id))
    return superior


def _agency(
    unit: OrganisationRef, facts: Facts, policy: Policy, organisations: Organisations
) -> OrganisationRef:
    named = facts.archive_agency or unit.agency
    agency = organisations.get(named)
    if agency is None or agency.kind != "agency":
        raise Refused(_missing(policy, "agency", named, of=unit.id))
    return agency


def _district_office(
    unit: OrganisationRef, facts: Facts, policy: Policy, organisations: Organisations
) -> OrganisationRef:
    district = _district(unit, facts, policy, organisations)
    offices = (ref for ref in organisations.values() if ref.kind == "district_office")
    found = [ref for ref in offices if district and ref.district == district]
    if found:
        return min(found, key=lambda ref: ref.id)
    raise Refused(_missing(policy, "district_office", "", of=unit.id, district=district))


def _district(
    unit: OrganisationRef, facts: Facts, policy: Policy, organisations: Organisations
) -> str:
    if facts.route is Route.PRIVATE_ARCHIVE_ELSEWHERE:
        return facts.insured_district or unit.insured_district or unit.district
    if facts.route is Route.PRIVATE_ARCHIVE_HERE:
        return _agency(unit, facts, policy, organisations).district
    return unit.district


def _missing(policy: Policy, what: str, organisation: str, **more: str) -> Refusal:
    clause = policy.clause(Code.NOT_FOUND.value)
    return reason(Code.NOT_FOUND, clause, what=what, organisation=organisation, **more)


def _wrong(policy: Policy, why: str, organisation: str) -> Refusal:
    clause = policy.clause("wrong_route")
    return reason(Code.OUT_OF_SCOPE, clause, reason=why, organisation=organisation)
