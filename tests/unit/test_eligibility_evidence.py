"""Papers, proofs, evidence, statements and years: each missing thing is named."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.builders import BD, LC, SUBMITTED, a_policy, facts
from workflows.rules.evidence import examine_achievements, examine_papers, examine_statements
from workflows.rules.findings import Findings
from workflows.rules.message import BEIJING
from workflows.rules.tenure import best_relaxation, examine_tenure, years_counted


def named(found: Findings, param: str) -> list[str]:
    return [refusal.params.get(param, "") for refusal in found.refusals]


@pytest.mark.parametrize(
    ("campaign", "differences", "codes", "papers"),
    [
        (BD, {}, [], []),
        (BD, {"tax_record": False}, ["paper_missing"], ["tax_record"]),
        (BD, {"self_insured": False}, ["paper_missing"], ["self_insured"]),
        (BD, {"restricted_industry": True}, ["out_of_scope"], [""]),
        (
            BD,
            {"tax_record": False, "self_insured": False, "restricted_industry": True},
            ["paper_missing", "paper_missing", "out_of_scope"],
            ["self_insured", "tax_record", ""],
        ),
        (LC, {"tax_record": False, "restricted_industry": True}, [], []),
    ],
)
def test_sc21_a_freelancer_brings_three_proofs_in_bd_and_none_in_lc(
    campaign: str, differences: dict[str, Any], codes: list[str], papers: list[str]
) -> None:
    found = examine_papers(facts("freelancer", campaign, **differences), a_policy(campaign))

    assert [refusal.code.value for refusal in found.refusals] == codes
    assert named(found, "paper") == papers


@pytest.mark.parametrize(
    ("route", "differences", "papers"),
    [
        ("private_archive_elsewhere", {"papers": []}, ["archive_search_record"]),
        ("resident_branch", {"papers": []}, ["entrustment_letter"]),
        ("resident_branch", {"papers": ["entrustment_letter", "other"]}, []),
        ("city_unit", {"entrusted": True}, ["entrustment_letter"]),
        (
            "city_unit",
            {"applicant_kind": "foreigner"},
            ["permanent_residence_permit|talent_residence_permit"],
        ),
        (
            "city_unit",
            {"applicant_kind": "foreigner", "papers": ["talent_residence_permit"]},
            [],
        ),
        (
            "private_archive_elsewhere",
            {"papers": [], "entrusted": True},
            ["archive_search_record", "entrustment_letter"],
        ),
    ],
)
def test_every_missing_paper_is_named(
    route: str, differences: dict[str, Any], papers: list[str]
) -> None:
    found = examine_papers(facts(route, BD, **differences), a_policy(BD))

    assert named(found, "paper") == papers


def test_every_missing_document_is_named() -> None:
    stated = facts(
        "city_unit",
        LC,
        achievements={
            "a1": {"evidence": ["agreement"]},
            "a2": {"evidence": ["cover"]},
            "a3": {"evidence": [], "files": []},
        },
    )

    found = examine_achievements(stated, a_policy(LC))

    assert [
        (r.code.value, r.params["achievement"], r.params.get("document", ""))
        for r in found.refusals
    ] == [
        ("evidence_kind_missing", "a2", "patent_certificate"),
        ("evidence_missing", "a3", ""),
        ("evidence_kind_missing", "a3", "cover"),
        ("evidence_kind_missing", "a3", "paper_pages"),
        ("evidence_kind_missing", "a3", "index_certificate"),
    ]


def test_bd_asks_for_evidence_but_for_no_kind() -> None:
    stated = facts("city_unit", BD, achievements={"a3": {"evidence": [], "files": ["f"]}})

    assert examine_achievements(stated, a_policy(BD)) == Findings()


@pytest.mark.parametrize(
    ("achieved_on", "too_early"),
    [("2017-11-19", True), ("2017-11-20", True), ("2017-11-21", False)],
)
def test_sc29_an_achievement_counts_from_the_day_after_the_title(
    achieved_on: str, too_early: bool
) -> None:
    differences = {"achievements": {"a1": {"achieved_on": achieved_on}}}

    lc = examine_achievements(facts("city_unit", LC, **differences), a_policy(LC))
    bd = examine_achievements(facts("city_unit", BD, **differences), a_policy(BD))

    assert [r.code.value for r in lc.refusals] == ["achievement_too_early"] * too_early
    assert bd == Findings()


def test_without_a_title_no_achievement_is_too_early() -> None:
    """渝职改〔1998〕50号: a direct application has no title to come after."""
    stated = facts(
        "city_unit",
        LC,
        current_title=None,
        achievements={"a1": {"achieved_on": "2001-01-01"}},
    )

    assert examine_achievements(stated, a_policy(LC)) == Findings()


def test_a_pledge_signed_after_submission_does_not_count() -> None:
    stated = facts("city_unit", BD, pledged_at="2023-10-12T10:00:01+08:00")

    assert named(examine_statements(stated, a_policy(BD), SUBMITTED[BD]), "statement") == [
        "integrity"
    ]
    later = datetime(2023, 10, 12, 10, 0, 1, tzinfo=BEIJING)
    assert examine_statements(stated, a_policy(BD), later) == Findings()


TIBET = {"kind": "tibet", "served_from": "2020-01-01", "served_to": "2021-12-31"}
RURAL = {"kind": "rural", "served_from": "2022-03-01", "served_to": "2023-02-28"}


@pytest.mark.parametrize(
    ("relaxations", "level", "years"),
    [
        ([], "deputy_senior", 0),
        ([RURAL], "deputy_senior", 1),
        ([TIBET, RURAL], "deputy_senior", 2),
        ([RURAL, TIBET], "senior", 1),
        ([TIBET], "mid", 0),
        ([RURAL | {"served_to": "2023-02-27"}], "deputy_senior", 0),
        ([RURAL | {"served_to": None}], "deputy_senior", 1),
        ([{"kind": "rural"}], "deputy_senior", 0),
        ([RURAL | {"kind": "unknown"}], "deputy_senior", 0),
    ],
)
def test_the_best_relaxation_counts_and_none_is_added(
    relaxations: list[dict[str, Any]], level: str, years: int
) -> None:
    """A39: 援藏 (-2) and 乡村振兴 (-1) make 2, not 3; each needs its full year of service."""
    stated = facts("city_unit", BD, relaxations=relaxations, level=level)

    assert best_relaxation(stated, a_policy(BD)) == years


@pytest.mark.parametrize(
    ("years", "relaxations", "open_checks"),
    [
        (5, [], []),
        (4, [], ["tenure"]),
        (3, [TIBET], ["special_group:tibet"]),
        (2, [TIBET, RURAL], ["special_group:tibet", "special_group:rural", "tenure"]),
    ],
)
def test_a_short_tenure_goes_to_a_person(
    years: int, relaxations: list[dict[str, Any]], open_checks: list[str]
) -> None:
    stated = facts("city_unit", BD, years_in_title=years, relaxations=relaxations)

    found = examine_tenure(stated, a_policy(BD))

    assert [check.key for check in found.checks] == open_checks
    assert not found.refusals


@pytest.mark.parametrize(
    ("obtained_on", "stated_years", "years"),
    [
        ("2018-12-31", None, 5),
        ("2019-01-01", None, 4),
        ("2018-12-31", 9, 5),
        ("2010-01-01", 3, 3),
        ("2024-06-01", None, 0),
    ],
)
def test_years_are_counted_to_the_cutoff_day(
    obtained_on: str, stated_years: int | None, years: int
) -> None:
    stated = facts(
        "city_unit", BD, years_in_title=stated_years, current_title={"obtained_on": obtained_on}
    )

    assert years_counted(stated, a_policy(BD)) == years
