"""What was done in time and is heard late: whoever did it is treated as if it had been heard at once."""

from __future__ import annotations

import pytest

from tests.unit.lives import (
    CLERK,
    ITEMS,
    UNIT,
    Life,
    moment,
    submitted,
)
from tests.workflow.season import APPLICANT
from workflows.rules.names import Stage
from workflows.rules.refusals import Code


def abandoned() -> Life:
    """Given back by the unit for two days, and not answered: listens to 24:00 of 2024-10-16."""
    life = submitted()
    life.act("return_for_correction", UNIT, "2024-10-10T10:00", items=ITEMS, days=2)
    life.until("2024-10-13T00:05")
    assert life.case.end is not None
    assert life.case.end.closes_at == moment("2024-10-17T00:00")
    return life


# Until when an ended case listens.


@pytest.mark.parametrize("came", ["2024-10-17T00:00:20", "2024-10-18T09:00"])
def test_who_reinstates_in_the_last_second_is_heard_later(came: str) -> None:
    """The letter says to 24:00 of the 16th; by then the case had closed."""
    life = abandoned()
    life.until(came)
    assert life.case.end is not None
    assert life.case.end.closes_at is None

    life.act("reinstate", CLERK, "2024-10-16T23:59:58", came, reason="text-1")

    assert (life.case.stage, life.case.claim) == (Stage.UNIT_CORRECTION, "taken")


def test_a_second_after_the_letters_day_nothing_is_reinstated() -> None:
    life = abandoned()
    life.until("2024-10-17T00:00:20")
    late = {"at": "2024-10-17T00:00:01", "came": "2024-10-17T00:00:20", "reason": "text-1"}

    assert life.refused("reinstate", CLERK, **late) is Code.ALREADY_DECIDED


def test_what_its_applicant_ended_is_reinstated_by_nobody() -> None:
    life = submitted()
    life.act("withdraw", APPLICANT, "2024-10-10T10:00", reason="text-1")
    life.until("2024-10-10T11:00")

    no = life.refused("reinstate", CLERK, "2024-10-10T10:09", "2024-10-10T11:00", reason="text-1")

    assert no is Code.ALREADY_DECIDED
