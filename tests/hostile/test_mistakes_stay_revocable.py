"""A stranger makes nobody's mistake irrevocable: only what follows from an act clears its undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.lives import (
    CLERK,
    COLLEAGUE,
    DEPARTMENT,
    ITEMS,
    OPERATIONS,
    STRANGER,
    UNIT,
    Life,
    at_chain,
    at_committee,
    submitted,
)
from tests.workflow.season import APPLICANT
from workflows.application.acts.undoing import STAYS
from workflows.application.case import Case
from workflows.rules.refusals import Code
from workflows.writer.messages import Actor

RETURN: dict[str, Any] = {"items": ITEMS, "days": 2}
NAMED = {"reason": "text-8", "second_person": "another"}


def _accepted() -> Life:
    life = at_committee()
    life.act("accept", CLERK, "2024-10-22T11:00")
    return life


def _refused() -> Life:
    life = at_committee()
    life.act("refuse", CLERK, "2024-10-22T11:00", ground="out_of_scope", reason="text-1")
    return life


def _returned() -> Life:
    life = submitted()
    life.act("return_for_correction", UNIT, "2024-10-22T11:00", **RETURN)
    return life


def _approved() -> Life:
    life = at_chain()
    life.act("approve", DEPARTMENT, "2024-10-22T11:00")
    return life


def _withdrawn() -> Life:
    life = at_committee()
    life.act("withdraw", APPLICANT, "2024-10-22T11:00", reason="text-1")
    return life


MISTAKES = [_accepted, _refused, _returned, _approved, _withdrawn]


def _facts(case: Case, *but: str) -> dict[str, Any]:
    return case.model_dump(exclude=set(STAYS) | set(but))


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_complaint_leaves_a_mistake_revocable_and_is_itself_not_lost(
    mistake: Callable[[], Life],
) -> None:
    plain, troubled = mistake(), mistake()
    troubled.act("file_complaint", STRANGER, "2024-10-22T11:01", text="text-2")

    for life in (plain, troubled):
        life.both("set_aside", COLLEAGUE, "2024-10-22T11:05", second=CLERK, **NAMED)

    assert _facts(troubled.case, "inquiries") == _facts(plain.case, "inquiries")
    assert [item.text for item in troubled.case.inquiries] == ["text-2"]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_any_number_of_strangers_and_operations_make_no_mistake_irrevocable(
    mistake: Callable[[], Life],
) -> None:
    life = mistake()
    for minute in range(1, 9):
        stranger = Actor(person=f"visitor-{minute}")
        life.act("file_complaint", stranger, f"2024-10-22T11:0{minute}", text=f"text-{minute}")
    life.act("nudge", OPERATIONS, "2024-10-22T11:09")
    life.act("resume", OPERATIONS, "2024-10-22T11:09")

    life.both("set_aside", COLLEAGUE, "2024-10-22T11:09", second=CLERK, **NAMED)

    assert len(life.case.inquiries) == 8


def test_being_urged_is_no_legal_effect_of_an_approval() -> None:
    life = _approved()
    life.act("urge", APPLICANT, "2024-10-22T11:02")

    life.act("set_aside", DEPARTMENT, "2024-10-22T11:05", reason="text-8")

    assert life.case.chain_index == 0
    assert life.case.urged


def test_an_act_that_rests_on_the_mistake_stands_against_taking_it_back() -> None:
    """Who was asked for money because of an acceptance has been told so."""
    life = _accepted()
    life.until("2024-11-12T00:05")

    assert life.refused("set_aside", CLERK, "2024-11-12T09:00", **NAMED) is (
        Code.NOTHING_TO_SET_ASIDE
    )


def test_a_later_day_for_the_very_term_that_a_return_set_rests_on_the_return() -> None:
    life = _returned()
    later = {"rule": "unit_correction", "ends_on": "2024-10-30", "reason": "text-3"}
    life.act("extend_deadline", UNIT, "2024-10-22T11:03", **later)

    assert life.refused("set_aside", UNIT, "2024-10-22T11:05", reason="text-8") is (
        Code.NOTHING_TO_SET_ASIDE
    )


def test_a_clock_that_runs_by_the_mistake_alone_stands_against_taking_it_back() -> None:
    life = _returned()
    life.until("2024-10-25T00:05")

    assert life.case.end is not None
    assert life.refused("set_aside", CLERK, "2024-10-25T09:00", **NAMED) is (
        Code.NOTHING_TO_SET_ASIDE
    )
