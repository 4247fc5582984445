"""Exclusions found on the way: refused, left to the office once, and remembered when cleared."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from tests.builders import BD, a_calendar, facts
from tests.workflow.season import the_policy
from workflows.application.acts.exclusions import barred, left_to_office
from workflows.application.case import Case, End
from workflows.application.decision import decide
from workflows.application.move import Move
from workflows.application.recording import refusal_step
from workflows.rules.facts import Bar, OpenCheck
from workflows.rules.message import BEIJING
from workflows.rules.names import EndName, LetterKind, Party, Stage
from workflows.rules.refusals import Code, Refused
from workflows.writer.messages import Act, Actor

AT = datetime(2023, 11, 6, 10, 0, tzinfo=BEIJING)
FOUND = (Bar(id="3", ends_on=date(2024, 11, 6), reason="text-1"),)


def a_case(**differences: object) -> Case:
    stated = facts("city_unit", BD, **differences)
    return Case(
        application="application-1",
        policy=the_policy(BD),
        calendar=a_calendar(),
        route=stated.route,
        level=stated.level,
        facts=stated,
        stage=Stage.COMMITTEE_INTAKE,
    )


def looked(case: Case) -> Move:
    act = Act(request_id="r", actor=Actor(person="clerk", organisation=case.office))
    return decide(case, "accept", act, AT)


def decided(case: Case, check: str, *, note: str) -> Case:
    """The case after the office was satisfied with a check."""
    stated = {"check": check, "satisfied": True, "note": note}
    act = Act(request_id="r", actor=clerk("1"), payload=stated)
    return decide(case, "record_manual_check", act, AT).case


def clerk(human: str) -> Actor:
    """Somebody of the office, known by the ID number."""
    office = the_policy(BD).committee.office
    return Actor(person=f"clerk-{human}", organisation=office, human=f"human-{human}")


def test_a_sound_case_passes_and_lets_the_record_look() -> None:
    assert looked(a_case()).guard == "bars"


@pytest.mark.parametrize(("approved_on", "refused"), [("2023-11-06", True), ("2023-11-07", False)])
def test_retirement_counts_from_the_day_of_its_approval(approved_on: str, refused: bool) -> None:
    case = a_case(retirement_approved_on=approved_on)
    if not refused:
        assert looked(case).guard == "bars"
        return
    with pytest.raises(Refused) as caught:
        looked(case)
    assert caught.value.first.code is Code.EXCLUDED_RETIRED
    case.bars_cleared.append("retired")
    assert looked(case).guard == "bars"


def test_a_bar_is_refused_with_its_number_and_left_to_the_office_once() -> None:
    case = a_case()
    refusals = barred(case, FOUND)
    assert refusals[0].params == {"ends_on": "2024-11-06", "bar": "3"}

    step = refusal_step(case, "accept", None, refusals, AT)

    assert [(check.key, check.body) for check in case.checks] == [("bar:3", "office")]
    assert step.checks == tuple(case.checks)
    assert [task.key for task in step.projection.tasks if task.kind == "check"] == ["check:bar:3"]
    assert [(order.kind, order.to) for order in step.letters] == [(LetterKind.TASK, Party.OFFICE)]
    assert left_to_office(case, refusals) == []
    with pytest.raises(Refused) as caught:
        looked(case)
    assert caught.value.first.code is Code.CHECK_OPEN


def test_an_ended_case_is_left_to_nobody() -> None:
    case = a_case()
    case.end = End(name=EndName.WITHDRAWN, at=AT)
    assert left_to_office(case, barred(case, FOUND)) == []


def test_going_on_needs_a_reason_and_is_remembered() -> None:
    case, check = a_case(), OpenCheck(key="bar:3", body="office")
    case.checks = [check, OpenCheck(key="tenure", body="office")]
    with pytest.raises(Refused) as caught:
        decided(case, "bar:3", note=" ")
    assert caught.value.first.code is Code.REASON_REQUIRED

    asked = decided(case, "bar:3", note="text-1")
    assert asked.bars_cleared == []  # to go on in spite of a bar takes another human
    confirming = Act(request_id="r-2", actor=clerk("2"))
    case = decide(asked, "confirm_request", confirming, AT).case
    case = decided(case, "tenure", note="")

    assert (case.bars_cleared, case.checks) == (["3"], [])
