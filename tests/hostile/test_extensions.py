"""Who may allow a later last day, and how far: nobody bends a clock for himself (办理口径8)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest

from tests.unit.lives import (
    CITY,
    CLERK,
    DEPARTMENT,
    DISTRICT,
    ITEMS,
    SUPERVISOR,
    UNIT,
    Life,
    at_chain,
    at_committee,
    confirmed,
    paying,
    posted,
    submitted,
)
from tests.workflow.season import APPLICANT
from workflows.application.clocks import ROWS, By, clock_of, clocks_of, own_end
from workflows.rules.names import DeadlineKind, RuleName
from workflows.rules.refusals import Code, Refused

RETURN: dict[str, Any] = {"items": ITEMS, "days": 2}
EVERYBODY = {
    "unit": UNIT,
    "department": DEPARTMENT,
    "district": DISTRICT,
    "office": CLERK,
    "supervisor": SUPERVISOR,
    "city": CITY,
}


def _publicised() -> Life:
    life = submitted()
    life.act("start_publicity", UNIT, "2024-10-10T10:00")
    return life


def _returned_by_unit() -> Life:
    life = submitted()
    life.act("return_for_correction", UNIT, "2024-10-10T10:00", **RETURN)
    return life


def _returned_by_district() -> Life:
    life = at_chain()
    life.act("approve", DEPARTMENT, "2024-10-18T11:00")
    life.act("return_for_correction", DISTRICT, "2024-10-21T11:00", **RETURN)
    return life


def _returned_by_office() -> Life:
    life = at_committee()
    life.act("return_for_correction", CLERK, "2024-10-22T11:00", **RETURN)
    return life


def _rechecked() -> Life:
    life = confirmed()
    life.act("request_recheck", APPLICANT, "2025-01-06T10:00", text="text-1")
    return life


# Clock, a case on which it runs, when somebody tries, and who alone may.
TABLE: list[tuple[RuleName, Callable[[], Life], str, set[str]]] = [
    (RuleName.UNIT_DUTY, submitted, "2024-10-10T10:00", {"office", "supervisor"}),
    (RuleName.UNIT_CORRECTION, _returned_by_unit, "2024-10-10T11:00", {"unit"}),
    (RuleName.UNIT_PUBLICITY, _publicised, "2024-10-10T11:00", {"office", "supervisor"}),
    (RuleName.CHAIN_CUTOFF, submitted, "2024-10-10T10:00", {"supervisor"}),
    (RuleName.CHAIN_DUTY, at_chain, "2024-10-18T11:00", {"office", "supervisor"}),
    (RuleName.CHAIN_CORRECTION, _returned_by_district, "2024-10-21T12:00", {"district"}),
    (RuleName.INTAKE_DUTY, at_committee, "2024-10-22T11:00", {"supervisor"}),
    (
        RuleName.COMMITTEE_CORRECTION,
        _returned_by_office,
        "2024-10-22T12:00",
        {"office", "supervisor"},
    ),
    (RuleName.PAYMENT_WINDOW, paying, "2024-11-13T11:00", {"supervisor"}),
    (RuleName.RESULT_PUBLICITY, posted, "2024-12-10T11:00", {"office", "supervisor"}),
    (RuleName.RECHECK, confirmed, "2025-01-02T10:00", set()),
    (RuleName.FORWARDING, confirmed, "2025-01-02T10:00", {"office", "supervisor"}),
    (RuleName.RECHECK_DUTY, _rechecked, "2025-01-06T11:00", {"city"}),
]
EXTENDED = [row for row in TABLE if row[3]]


def _later(life: Life, rule: RuleName, days: int = 1) -> dict[str, Any]:
    found = clock_of(life.case, rule)
    assert found is not None
    last = found.ends_on + timedelta(days=days)
    return {"rule": rule.value, "ends_on": str(last), "reason": "text-9"}


@pytest.mark.parametrize(("rule", "life", "at", "who"), TABLE, ids=[row[0].value for row in TABLE])
def test_a_clock_is_extended_by_who_set_it_or_stands_above_and_by_nobody_else(
    rule: RuleName, life: Callable[[], Life], at: str, who: set[str]
) -> None:
    allowed = set()
    for name, actor in EVERYBODY.items():
        tried = life()
        with suppress(Refused):
            tried.act("extend_deadline", actor, at, **_later(tried, rule))
            allowed.add(name)

    assert allowed == who


def test_nobody_at_all_extends_a_duty_of_his_own() -> None:
    """Whatever row is added: a duty is never the holder's to extend."""
    own = [row.rule for row in ROWS if row.kind is DeadlineKind.DUTY]
    set_by_somebody = {RuleName.CHAIN_CORRECTION, RuleName.INTAKE_DUTY}

    for row in ROWS:
        if row.rule in own and row.rule not in set_by_somebody:
            assert row.extended_by in (By.ABOVE, By.NOBODY), row.rule


def test_a_publicity_is_not_extended_to_where_it_cannot_be_finished() -> None:
    life = submitted(at="2024-10-28T09:00")
    life.act("start_publicity", UNIT, "2024-10-28T10:00")
    cutoff = clock_of(life.case, RuleName.CHAIN_CUTOFF)
    assert cutoff is not None
    on_it = {"rule": "unit_publicity", "ends_on": str(cutoff.ends_on), "reason": "text-9"}
    before = on_it | {"ends_on": str(cutoff.ends_on - timedelta(days=1))}

    assert life.refused("extend_deadline", CLERK, "2024-10-29T10:00", **on_it) is (
        Code.DATE_NOT_ALLOWED
    )
    life.act("extend_deadline", CLERK, "2024-10-29T10:00", **before)
    life.until(f"{cutoff.ends_on}T09:00")
    life.act("finish_publicity", UNIT, f"{cutoff.ends_on}T10:00")
    assert life.case.end is None


@pytest.mark.parametrize(
    ("rule", "life", "at", "who"), EXTENDED, ids=[row[0].value for row in EXTENDED]
)
@pytest.mark.parametrize("day", ["9999-12-31", "2099-01-01", "2026-06-01"])
def test_no_clock_is_extended_for_ever(
    rule: RuleName, life: Callable[[], Life], at: str, who: set[str], day: str
) -> None:
    tried = life()
    stated = _later(tried, rule) | {"ends_on": day}

    assert tried.refused("extend_deadline", EVERYBODY[min(who)], at, **stated) is (
        Code.DATE_NOT_ALLOWED
    )


def test_many_small_extensions_reach_no_further_than_one() -> None:
    life = posted()
    reached = clock_of(life.case, RuleName.RESULT_PUBLICITY)
    assert reached is not None
    first = reached.ends_on
    with suppress(Refused):
        for _ in range(40):
            stated = _later(life, RuleName.RESULT_PUBLICITY)
            life.act("extend_deadline", CLERK, "2024-12-10T11:00", **stated)
    reached = clock_of(life.case, RuleName.RESULT_PUBLICITY)
    assert reached is not None
    assert life.case.calendar.working_days_between(first, reached.ends_on) == 10
    assert own_end(life.case, reached) == first


def test_a_printed_window_is_not_extended_by_a_pay_notice_either() -> None:
    life = at_committee()
    life.act("accept", CLERK, "2024-10-22T11:00")
    # Noticed by hand after the window's own notice was taken away with a reinstatement.
    life.until("2024-11-12T00:05")
    life.until("2024-11-16T00:05")
    life.act("reinstate", CLERK, "2024-11-18T09:00", reason="text-1")

    late: dict[str, Any] = {"ends_on": "2024-12-02"}
    assert life.refused("send_pay_notice", CLERK, "2024-11-18T10:00", **late) is (Code.NOT_ENTITLED)
    far = {"ends_on": "2025-12-02"}
    assert life.refused("send_pay_notice", SUPERVISOR, "2024-11-18T10:00", **far) is (
        Code.DATE_NOT_ALLOWED
    )
    life.both("send_pay_notice", SUPERVISOR, "2024-11-18T10:00", **late)
    assert [item.ends_on for item in clocks_of(life.case)] == [date(2024, 12, 2)]
