"""The way up: each route's places, the alternatives a notice allows, and what is missing by name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import BD, LC, SUBMITTED, a_calendar, a_policy, facts, organisations
from workflows.rules.eligibility import examine
from workflows.rules.facts import Place, Standing
from workflows.rules.names import Route
from workflows.rules.routes import OrganisationRef, expected_chain, places_of, route_problems


def way(places: tuple[Place, ...]) -> list[tuple[str, str]]:
    return [(place.organisation, place.kind) for place in places]


@pytest.mark.parametrize("campaign", [BD, LC])
@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        (
            "city_unit",
            [("liangjiang-data-group", "unit"), ("city-industry-department", "department")],
        ),
        (
            "district_unit",
            [
                ("yubei-water-center", "unit"),
                ("yubei-water-bureau", "department"),
                ("yubei-title-office", "district_office"),
            ],
        ),
        (
            "private_archive_here",
            [
                ("xinghe-technology", "unit"),
                ("yubei-talent-agency", "agency"),
                ("yubei-title-office", "district_office"),
            ],
        ),
        (
            "private_archive_elsewhere",
            [("dazu-hardware", "unit"), ("dazu-title-office", "district_office")],
        ),
        (
            "freelancer",
            [("yubei-talent-agency", "agency"), ("yubei-title-office", "district_office")],
        ),
        (
            "resident_branch",
            [("jiangnan-chongqing-plant", "unit"), ("jiangnan-chongqing-hq", "resident_hq")],
        ),
        ("self_evaluating", [("chongqing-example-institute", "unit")]),
    ],
)
def test_each_route_goes_its_way(
    sample: str, expected: list[tuple[str, str]], campaign: str
) -> None:
    places, problems = places_of(facts(sample, campaign), a_policy(campaign), organisations())

    assert way(places) == expected
    assert problems == ()


def test_each_place_knows_its_superior() -> None:
    places, _ = places_of(facts("district_unit"), a_policy(BD), organisations())

    assert [place.superior for place in places] == [
        "yubei-water-bureau",
        "yubei-title-office",
        "city-title-office",
    ]


@pytest.mark.parametrize(
    ("campaign", "expected"),
    [
        (BD, ["xinghe-technology", "city-talent-agency", "yubei-title-office"]),
        (LC, ["xinghe-technology", "city-talent-agency"]),
    ],
)
def test_a28_a_city_agency_is_the_last_stage_in_lc_only(campaign: str, expected: list[str]) -> None:
    stated = facts("private_archive_here", campaign, archive_agency="city-talent-agency")
    policy = a_policy(campaign)

    places, problems = places_of(stated, policy, organisations())

    assert [place.organisation for place in places] == expected
    assert problems == ()
    assert places[1].kind == ("city_agency" if campaign == LC else "agency")
    assert examine(stated, Standing(), places, policy, a_calendar(), SUBMITTED[campaign]).sound


def test_the_agency_decides_the_district_not_the_unit() -> None:
    stated = facts("private_archive_here", BD, archive_agency="dazu-talent-agency")

    places, _ = places_of(stated, a_policy(BD), organisations())

    assert places[-1].organisation == "dazu-title-office"


@pytest.mark.parametrize(
    ("differences", "expected"),
    [
        ({"insured_district": "yubei"}, "yubei-title-office"),
        ({"insured_district": ""}, "dazu-title-office"),
    ],
)
def test_an_archive_elsewhere_goes_to_where_the_insurance_is(
    differences: dict[str, Any], expected: str
) -> None:
    stated = facts("private_archive_elsewhere", BD, **differences)

    places, _ = places_of(stated, a_policy(BD), organisations())

    assert places[-1].organisation == expected


def test_the_units_own_agency_stands_in_for_one_not_named() -> None:
    stated = facts("private_archive_here", BD, archive_agency="")

    places, _ = places_of(stated, a_policy(BD), organisations())

    assert places[1].organisation == "yubei-talent-agency"


def test_the_highest_body_here_has_nobody_above_it() -> None:
    stated = facts("resident_branch", BD, employer="jiangnan-chongqing-hq")
    policy = a_policy(BD)

    places, problems = places_of(stated, policy, organisations())

    assert way(places) == [("jiangnan-chongqing-hq", "unit")]
    assert problems == ()
    assert route_problems(stated, places, policy) == ()


@pytest.mark.parametrize(
    ("sample", "differences", "code", "params"),
    [
        ("city_unit", {"employer": "nobody"}, "not_found", {"what": "unit"}),
        (
            "private_archive_here",
            {"archive_agency": "nobody"},
            "not_found",
            {"what": "agency", "organisation": "nobody", "of": "xinghe-technology"},
        ),
        (
            "private_archive_here",
            {"archive_agency": "liangjiang-data-group"},
            "not_found",
            {"what": "agency"},
        ),
        (
            "private_archive_elsewhere",
            {"insured_district": "wushan"},
            "not_found",
            {"what": "district_office", "district": "wushan"},
        ),
        (
            "resident_branch",
            {"employer": "yubei-water-center"},
            "not_found",
            {"what": "resident_hq"},
        ),
        ("city_unit", {"employer": "jiangnan-group"}, "out_of_scope", {"reason": "wrong_route"}),
        (
            "district_unit",
            {"employer": "liangjiang-data-group"},
            "out_of_scope",
            {"reason": "wrong_route"},
        ),
        (
            "freelancer",
            {"employer": "xinghe-technology"},
            "out_of_scope",
            {"reason": "wrong_route"},
        ),
        (
            "city_unit",
            {"employer": "liangjiang-data-group", "self_evaluating": True},
            "out_of_scope",
            {"reason": "not_self_evaluating"},
        ),
    ],
)
def test_what_does_not_resolve_is_named(
    sample: str, differences: dict[str, Any], code: str, params: dict[str, str]
) -> None:
    places, problems = places_of(facts(sample, BD, **differences), a_policy(BD), organisations())

    assert places == ()
    assert problems[0].code.value == code
    assert problems[0].clause
    assert params.items() <= problems[0].params.items()


def test_every_missing_place_is_named_at_once() -> None:
    known = {"u": OrganisationRef(id="u", kind="unit", level="district", district="wushan")}
    stated = facts("district_unit", BD, employer="u")

    places, problems = places_of(stated, a_policy(BD), known)

    assert places == ()
    assert [problem.params["what"] for problem in problems] == ["department", "district_office"]


def test_a_unit_is_not_its_own_superior() -> None:
    """Nobody reviews the own earlier step, whatever the directory says."""
    known = {"u": OrganisationRef(id="u", kind="unit", superior="u")}

    places, problems = places_of(facts("city_unit", BD, employer="u"), a_policy(BD), known)

    assert places == ()
    assert [problem.params["what"] for problem in problems] == ["department"]


def test_a_missing_agency_is_named_once() -> None:
    """Its district cannot be known without it; that is not a second reason."""
    stated = facts("private_archive_here", BD, archive_agency="nobody")

    _, problems = places_of(stated, a_policy(BD), organisations())

    assert [problem.params["what"] for problem in problems] == ["agency"]


@pytest.mark.parametrize(
    ("kinds", "sound"),
    [
        (("unit", "department", "district_office"), True),
        (("unit", "department"), False),
        (("unit", "district_office"), False),
        (("unit",), False),
    ],
)
def test_no_level_may_be_skipped(kinds: tuple[str, ...], sound: bool) -> None:
    places = tuple(Place(organisation=kind, kind=kind) for kind in kinds)

    assert (route_problems(facts("district_unit"), places, a_policy(BD)) == ()) is sound


def test_a_route_the_notice_does_not_know_has_no_chain() -> None:
    policy = a_policy(BD)
    stated = facts("city_unit")
    without = policy.model_copy(update={"routes": {}})

    assert expected_chain(without, stated) == ()
    assert places_of(stated, without, organisations())[1][0].params["reason"] == "no_such_route"


def test_self_evaluation_is_for_the_first_two_routes() -> None:
    policy = a_policy(BD)
    stated = facts("self_evaluating")
    elsewhere = stated.model_copy(update={"route": Route.RESIDENT_BRANCH})

    assert expected_chain(policy, stated) == ((),)
    assert expected_chain(policy, elsewhere) == ()


def test_a_trimmed_policy_resolves_the_same() -> None:
    stated = facts("district_unit")
    policy = a_policy(BD)
    trimmed = policy.for_case(stated.route, stated.level)

    assert places_of(stated, trimmed, organisations()) == places_of(stated, policy, organisations())
