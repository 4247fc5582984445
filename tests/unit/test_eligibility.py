"""Submission as a whole: each reason has its code, all of them come at once, and days are exact."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from tests.builders import BD, LC, SUBMITTED, a_calendar, a_policy, facts, places
from workflows.rules.eligibility import examine, examine_exclusions
from workflows.rules.facts import Bar, Facts, Standing, YearlyUse
from workflows.rules.findings import Findings
from workflows.rules.message import BEIJING, end_of, start_of
from workflows.rules.names import Level
from workflows.rules.refusals import Code, Refusal


def examined(
    stated: Facts, campaign: str = BD, standing: Standing | None = None, at: datetime | None = None
) -> Findings:
    policy = a_policy(campaign)
    return examine(
        stated,
        standing or Standing(),
        places(stated, policy),
        policy,
        a_calendar(),
        at or SUBMITTED[campaign],
    )


def codes(found: Findings) -> list[str]:
    return [refusal.code.value for refusal in found.refusals]


@pytest.mark.parametrize("campaign", [BD, LC])
@pytest.mark.parametrize(
    "route",
    [
        "city_unit",
        "district_unit",
        "private_archive_here",
        "private_archive_elsewhere",
        "freelancer",
        "resident_branch",
        "self_evaluating",
        "entrusted",
    ],
)
def test_the_sample_of_each_route_is_sound(route: str, campaign: str) -> None:
    found = examined(facts(route, campaign), campaign)

    assert found == Findings()
    assert found.sound


USED = YearlyUse(application="a-1", campaign="other", state="used")
ALIVE = YearlyUse(application="a-2", campaign="other", state="alive")


@pytest.mark.parametrize(
    ("route", "campaign", "differences", "standing", "code", "params"),
    [
        ("city_unit", BD, {"civil_servant": True}, {}, "excluded_official", {}),
        (
            "city_unit",
            BD,
            {"retirement_approved_on": date(2023, 10, 12)},
            {},
            "excluded_retired",
            {"approved_on": "2023-10-12"},
        ),
        (
            "city_unit",
            LC,
            {},
            {"bars": (Bar(ends_on=date(2026, 12, 6)),)},
            "excluded_bar",
            {"ends_on": "2026-12-06"},
        ),
        ("city_unit", BD, {"in_service": False}, {}, "out_of_scope", {"reason": "not_in_service"}),
        (
            "city_unit",
            LC,
            {"profession_field": "电气工程类"},
            {},
            "out_of_scope",
            {"reason": "field_not_listed", "field": "电气工程类"},
        ),
        (
            "city_unit",
            LC,
            {"profession_field": ""},
            {},
            "out_of_scope",
            {"reason": "field_missing"},
        ),
        (
            "city_unit",
            BD,
            {"level": "senior"},
            {},
            "level_not_handled",
            {"level": "senior", "max_level": "deputy_senior", "next": "other_committee"},
        ),
        ("city_unit", BD, {}, {"yearly": (ALIVE,)}, "already_open", {"application": "a-2"}),
        ("city_unit", BD, {}, {"yearly": (USED,)}, "yearly_chance_used", {"application": "a-1"}),
        (
            "city_unit",
            BD,
            {"through_real_employer": False},
            {},
            "employer_mismatch",
            {"reason": "not_real_employer"},
        ),
        (
            "private_archive_elsewhere",
            BD,
            {"insured_unit": "xinghe-technology"},
            {},
            "employer_mismatch",
            {"reason": "insured_elsewhere", "insured_unit": "xinghe-technology"},
        ),
        (
            "city_unit",
            BD,
            {},
            {"admin_of": ("liangjiang-data-group",)},
            "admin_conflict",
            {"organisations": "liangjiang-data-group"},
        ),
        (
            "private_archive_here",
            BD,
            {"residency": {"insured_from": "2023-05-01"}},
            {},
            "residency_short",
            {"record": "insurance", "full_on": "2024-05-01"},
        ),
        (
            "private_archive_elsewhere",
            LC,
            {"papers": []},
            {},
            "paper_missing",
            {"paper": "archive_search_record"},
        ),
        (
            "city_unit",
            BD,
            {"achievements": {"a2": {"evidence": [], "files": []}}},
            {},
            "evidence_missing",
            {"achievement": "a2"},
        ),
        (
            "city_unit",
            LC,
            {"achievements": {"a3": {"evidence": ["cover", "paper_pages"]}}},
            {},
            "evidence_kind_missing",
            {"achievement": "a3", "kind": "paper", "document": "index_certificate"},
        ),
        (
            "city_unit",
            LC,
            {"achievements": {"a2": {"achieved_on": "2016-01-01"}}},
            {},
            "achievement_too_early",
            {"achievement": "a2", "title_obtained_on": "2017-11-20"},
        ),
        ("city_unit", BD, {"pledged_at": None}, {}, "pledge_missing", {"statement": "integrity"}),
        (
            "city_unit",
            BD,
            {"declassified": False},
            {},
            "pledge_missing",
            {"statement": "declassified"},
        ),
    ],
)
def test_each_reason_has_its_code_clause_and_values(
    route: str,
    campaign: str,
    differences: dict[str, Any],
    standing: dict[str, Any],
    code: str,
    params: dict[str, str],
) -> None:
    found = examined(facts(route, campaign, **differences), campaign, Standing(**standing))

    assert codes(found) == [code]
    assert found.refusals[0].clause
    assert params.items() <= found.refusals[0].params.items()


def test_all_reasons_come_at_once() -> None:
    stated = facts(
        "private_archive_elsewhere",
        BD,
        civil_servant=True,
        level="senior",
        insured_unit="xinghe-technology",
        papers=[],
        pledged_at=None,
        residency={"worked_from": "2023-09-01"},
        achievements={"a1": {"evidence": [], "files": []}},
    )
    standing = Standing(
        yearly=(ALIVE,), bars=(Bar(ends_on=date(2030, 1, 1)),), admin_of=("dazu-title-office",)
    )

    found = examined(stated, BD, standing, end_of(date(2023, 11, 1)))

    assert codes(found) == [
        "window_closed",
        "level_not_handled",
        "excluded_official",
        "excluded_bar",
        "already_open",
        "admin_conflict",
        "employer_mismatch",
        "residency_short",
        "paper_missing",
        "evidence_missing",
        "pledge_missing",
    ]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2023, 10, 6, 23, 59, 59, tzinfo=BEIJING), ["window_not_open"]),
        (start_of(date(2023, 10, 7)), []),
        (datetime(2023, 10, 31, 23, 59, 59, tzinfo=BEIJING), []),
        (end_of(date(2023, 10, 31)), []),
        (datetime(2023, 11, 1, 0, 0, 1, tzinfo=BEIJING), ["window_closed"]),
    ],
)
def test_the_window_opens_and_closes_to_the_second(at: datetime, expected: list[str]) -> None:
    stated = facts("city_unit", BD, pledged_at="2023-10-01T08:00:00+08:00")

    assert codes(examined(stated, BD, at=at)) == expected


def test_a_year_without_a_calendar_is_told_and_not_guessed() -> None:
    policy = a_policy(BD)
    found = examine(facts("city_unit"), Standing(), (), policy, a_calendar(2022), SUBMITTED[BD])

    assert found.refusals == (
        Refusal(code=Code.CALENDAR_MISSING, clause="办理口径1", params={"year": "2023"}),
    )


def test_outside_the_window_nobody_is_told_to_wait_for_a_calendar() -> None:
    """A notice of 2023 checked in 2026 asked operations to load the calendar of 2026."""
    late = SUBMITTED[BD].replace(year=2026)
    found = examine(facts("city_unit"), Standing(), (), a_policy(BD), a_calendar(2023), late)

    told = [item.code for item in found.refusals]
    assert Code.WINDOW_CLOSED in told
    assert Code.CALENDAR_MISSING not in told


@pytest.mark.parametrize(
    ("ends_on", "expected"),
    [(date(2026, 12, 5), []), (date(2026, 12, 6), ["excluded_bar"])],
)
def test_a_bar_holds_up_to_and_including_its_last_day(ends_on: date, expected: list[str]) -> None:
    """SC13: the bar to Sunday 2026-12-06 does not roll; the next day is free."""
    standing = Standing(bars=(Bar(ends_on=ends_on),))
    at = datetime(2026, 12, 6, 23, 59, tzinfo=BEIJING)

    found = examine_exclusions(facts("city_unit"), standing, a_policy(BD), at)

    assert codes(found) == expected


@pytest.mark.parametrize(
    ("approved_on", "expected"),
    [(date(2023, 10, 12), ["excluded_retired"]), (date(2023, 10, 13), []), (None, [])],
)
def test_retirement_counts_from_the_day_of_its_approval(
    approved_on: date | None, expected: list[str]
) -> None:
    stated = facts("city_unit").model_copy(update={"retirement_approved_on": approved_on})

    assert codes(examined(stated)) == expected


@pytest.mark.parametrize(
    ("campaign", "admin_of", "refused"),
    [
        (BD, ("liangjiang-data-group",), True),
        (BD, ("city-industry-department",), True),
        (BD, ("xinghe-technology",), False),
        (LC, ("liangjiang-data-group",), True),
        (LC, ("xinghe-technology",), True),
        (LC, (), False),
    ],
)
def test_sc25_own_route_in_bd_and_any_right_while_held_in_lc(
    campaign: str, admin_of: tuple[str, ...], refused: bool
) -> None:
    found = examined(facts("city_unit", campaign), campaign, Standing(admin_of=admin_of))

    assert codes(found) == (["admin_conflict"] if refused else [])


def test_sc18_applying_through_another_unit_is_refused_in_both_notices() -> None:
    for campaign in (BD, LC):
        stated = facts("city_unit", campaign, through_real_employer=False)

        assert codes(examined(stated, campaign)) == ["employer_mismatch"]


@pytest.mark.parametrize(
    ("route", "campaign", "differences", "keys"),
    [
        ("private_archive_elsewhere", LC, {"insured_unit": "xinghe-technology"}, ["insured_unit"]),
        ("private_archive_elsewhere", BD, {"insured_unit": ""}, ["insured_unit"]),
        ("private_archive_elsewhere", LC, {"insured_unit": ""}, []),
        ("city_unit", BD, {"post_vacancy": False}, ["post_vacancy"]),
        ("city_unit", BD, {"post_vacancy": None}, []),
        ("city_unit", LC, {"profession": "节能审计"}, ["profession"]),
        ("city_unit", BD, {"years_in_title": 3}, ["tenure"]),
    ],
)
def test_contested_points_are_left_to_a_person(
    route: str, campaign: str, differences: dict[str, Any], keys: list[str]
) -> None:
    """A27, A40, sub-professions that 五(四) ends with 等专业, and conditions not in the notice."""
    found = examined(facts(route, campaign, **differences), campaign)

    assert found.sound
    assert [check.key for check in found.checks] == keys
    assert all(check.clause for check in found.checks)


def test_the_post_is_the_units_check_and_the_rest_the_offices() -> None:
    found = examined(facts("city_unit", LC, post_vacancy=False, profession="节能审计"), LC)

    assert {check.key: check.body for check in found.checks} == {
        "profession": "office",
        "post_vacancy": "unit",
    }


def test_a_level_without_a_fee_is_not_handled() -> None:
    policy = a_policy(BD)
    policy = policy.model_copy(
        update={"fees": policy.fees.model_copy(update={"yuan": {Level.MID: 240}})}
    )

    found = examine(facts("city_unit"), Standing(), (), policy, a_calendar(), SUBMITTED[BD])

    assert [refusal.code for refusal in found.refusals] == [Code.LEVEL_NOT_HANDLED]
    assert found.refusals[0].clause == "六（三）"
