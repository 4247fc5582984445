"""235号's three cases, to the day, and what A25 and A26 leave to a person or put out of scope."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.builders import BD, LC, a_policy, facts
from workflows.rules.findings import Findings
from workflows.rules.message import BEIJING
from workflows.rules.residency import examine_residency

SUBMITTED_AT = datetime(2023, 10, 12, 9, 0, tzinfo=BEIJING)

HERE = {"works_in_city": True, "archive_in_city": True}
ARCHIVE_ELSEWHERE = {"works_in_city": True, "archive_in_city": False, "insured_from": None}
WORK_ELSEWHERE = {"works_in_city": False, "archive_in_city": True}
NOWHERE = {"works_in_city": False, "archive_in_city": False}


def examined(route: str, residency: dict[str, Any], at: datetime = SUBMITTED_AT) -> Findings:
    return examine_residency(facts(route, BD, residency=residency), a_policy(BD), at)


def outcome(found: Findings) -> str:
    marks = [refusal.code.value for refusal in found.refusals] + [c.key for c in found.checks]
    return " ".join(marks)


@pytest.mark.parametrize(
    ("route", "residency", "expected"),
    [
        # SC21, case i: insured for a year on the day of submission.
        ("freelancer", HERE | {"insured_from": "2022-10-12"}, ""),
        ("freelancer", HERE | {"insured_from": "2022-10-13"}, "residency_short"),
        ("freelancer", HERE | {"insured_from": None}, "residency_short"),
        ("private_archive_here", HERE | {"insured_from": "2022-10-12"}, ""),
        ("private_archive_here", HERE | {"insured_from": "2022-10-13"}, "residency_short"),
        ("private_archive_here", HERE | {"insured_gap": True}, "residency_gap"),
        (
            "private_archive_here",
            HERE | {"insured_from": "2023-01-01", "insured_gap": True},
            "residency_short",
        ),
        # Case ii: work time counts to 12-31, so a person decides between submission and cutoff.
        ("private_archive_elsewhere", ARCHIVE_ELSEWHERE | {"worked_from": "2022-10-12"}, ""),
        (
            "private_archive_elsewhere",
            ARCHIVE_ELSEWHERE | {"worked_from": "2022-10-13"},
            "residency_by_cutoff",
        ),
        (
            "private_archive_elsewhere",
            ARCHIVE_ELSEWHERE | {"worked_from": "2022-12-31"},
            "residency_by_cutoff",
        ),
        (
            "private_archive_elsewhere",
            ARCHIVE_ELSEWHERE | {"worked_from": "2023-01-01"},
            "residency_short",
        ),
        (
            "private_archive_elsewhere",
            ARCHIVE_ELSEWHERE | {"worked_from": "2015-01-01", "insured_from": "2023-05-01"},
            "residency_short",
        ),
        ("freelancer", ARCHIVE_ELSEWHERE | {"worked_from": "2022-10-13"}, "residency_by_cutoff"),
        # Case iii: works elsewhere, archive here for a year (A26: the outside unit is registered).
        ("private_archive_here", WORK_ELSEWHERE | {"archived_from": "2022-10-12"}, ""),
        (
            "private_archive_here",
            WORK_ELSEWHERE | {"archived_from": "2022-10-13"},
            "residency_short",
        ),
        ("private_archive_here", WORK_ELSEWHERE | {"insured_gap": True}, ""),
        # A26: both elsewhere is for route 5 only.
        ("private_archive_here", NOWHERE, "out_of_scope"),
        ("private_archive_elsewhere", NOWHERE, "out_of_scope"),
        ("freelancer", NOWHERE, "out_of_scope"),
        ("city_unit", NOWHERE, "out_of_scope"),
        ("resident_branch", NOWHERE, ""),
        # Whose archive is where decides between 3(1) and 3(2).
        ("private_archive_here", ARCHIVE_ELSEWHERE, "out_of_scope"),
        ("private_archive_elsewhere", HERE, "out_of_scope"),
        # Routes with an employer of their own ask for no year.
        ("city_unit", HERE | {"insured_from": None}, ""),
        ("district_unit", HERE | {"insured_from": "2023-10-01"}, ""),
    ],
)
def test_where_and_how_long(route: str, residency: dict[str, Any], expected: str) -> None:
    assert outcome(examined(route, residency)) == expected


def test_a_leap_day_is_full_on_the_last_of_february() -> None:
    since = HERE | {"insured_from": "2020-02-29"}

    assert outcome(examined("freelancer", since, datetime(2021, 2, 27, tzinfo=BEIJING)))
    assert not outcome(examined("freelancer", since, datetime(2021, 2, 28, tzinfo=BEIJING)))


def test_the_refusal_says_when_the_year_is_full() -> None:
    found = examined("freelancer", HERE | {"insured_from": "2022-10-13"})

    assert found.refusals[0].params == {
        "record": "insurance",
        "since": "2022-10-13",
        "months": "12",
        "full_on": "2023-10-13",
        "measured_on": "2023-10-12",
    }


def test_the_day_of_measure_is_data() -> None:
    policy = a_policy(LC)
    policy = policy.model_copy(
        update={"residency": policy.residency.model_copy(update={"as_of": "cutoff"})}
    )
    stated = facts("freelancer", LC, residency={"insured_from": "2023-12-31"})

    found = examine_residency(stated, policy, datetime(2024, 10, 15, tzinfo=BEIJING))

    assert found == Findings()
