"""Once a year (A20-A22): both green wordings, 211号's exceptions, and the slot of the claim."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import BD, LC, a_policy, facts
from workflows.rules.annual_limit import claim_slot, examine_year
from workflows.rules.facts import Standing, YearlyUse


def use(**more: Any) -> YearlyUse:
    return YearlyUse(**{"application": "a-1", "campaign": "other", "state": "used"} | more)


AUX = {"annual_reason": "aux_to_main_series"}
SPECIAL = {"channel": "special"}
GREEN = {"channel": "green"}


@pytest.mark.parametrize(
    ("campaign", "differences", "other", "expected"),
    [
        # SC23: one alive, one used up.
        (BD, {}, {"state": "alive"}, ["already_open"]),
        (LC, {}, {"state": "alive"}, ["already_open"]),
        (BD, {}, {"state": "used"}, ["yearly_chance_used"]),
        (LC, {}, {"state": "used"}, ["yearly_chance_used"]),
        # A21: BD ignores every green result, LC leaves out only a failed one.
        (BD, {}, {"channel": "green", "state": "green_passed"}, []),
        (BD, {}, {"channel": "green", "state": "green_pending"}, []),
        (BD, {}, {"channel": "green", "state": "alive"}, []),
        (LC, {}, {"channel": "green", "state": "green_passed"}, ["yearly_chance_used"]),
        (LC, {}, {"channel": "green", "state": "green_pending"}, ["already_open"]),
        (LC, {}, {"channel": "green", "state": "alive"}, ["already_open"]),
        (LC, {}, {"channel": "green", "state": "green_failed"}, []),
        # 211号: the auxiliary series, reviewed or not, leaves the main series open. LC: no such word.
        (BD, AUX, {"state": "used"}, []),
        (BD, AUX, {"state": "alive"}, []),
        (BD, AUX, {"channel": "special", "state": "used"}, []),
        (BD, AUX, {"slot": "aux_to_main_series"}, ["yearly_chance_used"]),
        (BD, {}, {"slot": "aux_to_main_series"}, []),
        (LC, AUX, {"state": "used"}, ["yearly_chance_used"]),
        # 贯通: 专项 or normal, not both.
        (BD, {}, {"channel": "special", "state": "special_used"}, ["yearly_chance_used"]),
        (BD, {}, {"channel": "special", "state": "alive"}, ["already_open"]),
        (BD, AUX, {"channel": "special", "state": "special_used"}, ["yearly_chance_used"]),
        (BD, SPECIAL, {"state": "used"}, ["yearly_chance_used"]),
        (LC, {}, {"channel": "special", "state": "special_used"}, []),
        # A green application is limited by neither notice.
        (BD, GREEN, {"state": "used"}, []),
        (LC, GREEN, {"channel": "green", "state": "green_passed"}, []),
    ],
)
def test_sc23_what_blocks_another_application_of_the_year(
    campaign: str, differences: dict[str, Any], other: dict[str, Any], expected: list[str]
) -> None:
    standing = Standing(yearly=(use(**other),))

    found = examine_year(facts("city_unit", campaign, **differences), standing, a_policy(campaign))

    assert [refusal.code.value for refusal in found.refusals] == expected


def test_each_blocking_application_is_named() -> None:
    standing = Standing(yearly=(use(), use(application="a-2", state="alive")))

    found = examine_year(facts("city_unit"), standing, a_policy(BD))

    assert [refusal.params["application"] for refusal in found.refusals] == ["a-1", "a-2"]


def test_a_person_looks_whether_the_other_series_was_auxiliary() -> None:
    stated, policy = facts("city_unit", BD, **AUX), a_policy(BD)

    after_normal = examine_year(stated, Standing(yearly=(use(),)), policy)
    after_special = examine_year(stated, Standing(yearly=(use(channel="special"),)), policy)

    assert [check.key for check in after_normal.checks] == ["annual_reason"]
    assert after_special.checks == ()


@pytest.mark.parametrize(
    ("campaign", "differences", "slot"),
    [
        (BD, {}, "normal"),
        (BD, AUX, "aux_to_main_series"),
        (LC, AUX, "normal"),
        (BD, GREEN, ""),
        (BD, SPECIAL, ""),
        (LC, GREEN | AUX, ""),
    ],
)
def test_the_slot_of_the_claim(campaign: str, differences: dict[str, Any], slot: str) -> None:
    assert claim_slot(facts("city_unit", campaign, **differences), a_policy(campaign)) == slot
