"""The accused does not judge himself: against whom an objection is decides who inquires."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.unit.lives import (
    CITY,
    CLERK,
    DEPARTMENT,
    STRANGER,
    SUPERVISOR,
    UNIT,
    Life,
    submitted,
)
from tests.workflow.season import APPLICANT, CITY_OFFICE, member
from workflows.application.clocks import clock_of
from workflows.application.decision import may, may_anybody
from workflows.application.inquiring import body_for
from workflows.application.projection import project
from workflows.rules.names import (
    CautionCode,
    EndName,
    InquiryBody,
    InquiryOutcome,
    LetterKind,
    Party,
    RuleName,
    Stage,
)
from workflows.rules.refusals import Code, Refused
from workflows.writer.messages import Actor

SAID = {"text": "text-1"}
UNFOUNDED = {"outcome": "unfounded", "reason": "text-2"}
ABOVE = {
    "district_unit": "department",
    "private_archive_here": "agency",
    "freelancer": "district",
    "resident_branch": "headquarters",
}


def publicised(route: str = "district_unit") -> Life:
    life = submitted(route)
    life.act("start_publicity", UNIT, "2024-10-10T10:00")
    return life


def objected(route: str = "district_unit", by: Actor = STRANGER, **against: Any) -> Life:
    life = publicised(route)
    life.act("raise_objection", by, "2024-10-11T10:00", **SAID, **against)
    return life


def told(life: Life, kind: LetterKind) -> dict[Party, dict[str, Any]]:
    """What the last step's letters of a kind say, by whom they go to."""
    return {
        order.to: order.params
        for order in (item.order for item in life.moves[-1].told)
        if order.kind is kind
    }


@pytest.mark.parametrize(("route", "superior"), ABOVE.items())
def test_a_unit_concludes_nothing_that_is_against_itself(route: str, superior: str) -> None:
    life = objected(route, against_unit=True)

    assert life.refused("conclude_inquiry", UNIT, "2024-10-11T10:01", **UNFOUNDED) is (
        Code.NOT_ENTITLED
    )
    assert life.refused("finish_publicity", UNIT, "2024-10-18T09:00") is Code.INQUIRY_OPEN
    life.act("conclude_inquiry", member(superior), "2024-10-14T10:00", **UNFOUNDED)
    assert not life.case.open_inquiries


def test_an_objection_that_is_not_against_the_unit_stays_the_units() -> None:
    life = objected()

    life.act("conclude_inquiry", UNIT, "2024-10-14T10:00", **UNFOUNDED)

    assert life.case.inquiries[0].body is InquiryBody.UNIT


def test_page_and_task_name_the_body_that_inquires() -> None:
    life = objected(against_unit=True)
    at = life.moves[-1].at

    tasks = {item.key: item.organisation for item in project(life.case).tasks}
    no = may(life.case, "conclude_inquiry", UNIT, at)

    assert tasks["inquiry:1"] == "department"
    assert no is not None
    assert (no.code, no.params["needed"]) == (Code.NOT_ENTITLED, "superior")
    assert may(life.case, "conclude_inquiry", DEPARTMENT, at) is None
    assert may_anybody(life.case, "conclude_inquiry", at) is None


def test_the_superior_has_the_units_days() -> None:
    life = objected(against_unit=True)

    duty = clock_of(life.case, f"{RuleName.INQUIRY_DUTY.value}:1")

    assert duty is not None
    assert duty.ends_on == date(2024, 10, 17)  # 10-12 is a make-up Saturday


def test_the_accused_learns_that_others_inquire_and_not_what_was_said() -> None:
    life = objected(against_unit=True)

    letters = told(life, LetterKind.OBJECTION_RECEIVED)

    assert letters[Party.SUPERIOR]["text"] == "text-1"
    assert letters[Party.UNIT]["accused"]
    assert "text" not in letters[Party.UNIT]
    life.act("conclude_inquiry", DEPARTMENT, "2024-10-14T10:00", **UNFOUNDED)
    assert Party.UNIT in told(life, LetterKind.INQUIRY_CONCLUDED)


def test_an_office_concludes_no_complaint_against_itself_nor_says_it_does_not_hold() -> None:
    life = publicised()
    life.act("file_complaint", STRANGER, "2024-10-11T10:00", **SAID, against_office=True)

    for member_of_the_office in (CLERK, SUPERVISOR):
        for act in ("conclude_inquiry", "hold_review"):
            stated = UNFOUNDED if act == "conclude_inquiry" else {"hold": False}
            assert life.refused(act, member_of_the_office, "2024-10-12T10:00", **stated) is (
                Code.NOT_ENTITLED
            )

    assert {item.organisation for item in project(life.case).tasks if item.kind == "inquiry"} == {
        CITY_OFFICE
    }
    life.act("hold_review", CITY, "2024-10-12T10:00", hold=True)
    life.act("conclude_inquiry", CITY, "2024-10-12T10:00", **UNFOUNDED)
    assert not life.case.open_inquiries


def test_a_complaint_against_the_applicant_is_no_matter_of_the_city_office() -> None:
    life = publicised()
    life.act("file_complaint", STRANGER, "2024-10-11T10:00", **SAID, against_unit=True)

    assert life.case.inquiries[0].body is InquiryBody.OFFICE
    for act, stated in (("hold_review", {"hold": True}), ("conclude_inquiry", UNFOUNDED)):
        assert life.refused(act, CITY, "2024-10-12T10:00", **stated) is Code.NOT_ENTITLED


def test_a_unit_that_is_the_committees_office_too_leaves_it_to_the_city_office() -> None:
    case = publicised().case
    own = case.policy.self_evaluating.model_copy(update={"destination": "own"})
    case.policy = case.policy.model_copy(update={"self_evaluating": own})
    case.facts = case.facts.model_copy(update={"self_evaluating": True})
    assert case.office == case.unit

    for near in (True, False):
        assert body_for(case, near=near, against_unit=True, against_office=False) == (
            InquiryBody.CITY_OFFICE,
            case.unit,
        )


def test_who_raised_it_does_not_decide_it() -> None:
    colleague = Actor(person="colleague", organisation="unit", role="member")
    life = objected(by=colleague)

    assert life.refused("conclude_inquiry", colleague, "2024-10-11T10:01", **UNFOUNDED) is (
        Code.NOT_ENTITLED
    )
    life.act("conclude_inquiry", UNIT, "2024-10-14T10:00", **UNFOUNDED)


def test_what_is_true_still_ends_the_case_whoever_found_it() -> None:
    life = objected(against_unit=True)
    found = {"outcome": "substantiated", "reason": "text-2"}

    with pytest.raises(Refused) as no:
        life.act("conclude_inquiry", DEPARTMENT, "2024-10-14T10:00", **found)
    assert no.value.first.code is Code.NOT_HEARD
    life.act("conclude_inquiry", DEPARTMENT, "2024-10-17T10:00", **found)

    assert life.case.end is not None
    assert life.case.end.name is EndName.NOT_RECOMMENDED


ALONE: dict[str, Any] = {"outcome": "substantiated", "reason": "text-2", "not_of_applicant": True}


def test_what_is_true_of_the_unit_alone_ends_no_application_and_what_hung_hangs_anew() -> None:
    """经查实无问题的申报材料 goes up; but five days that nobody could read are no publicity."""
    life = objected(against_unit=True)

    move = life.act("conclude_inquiry", DEPARTMENT, "2024-10-14T10:00", **ALONE)

    assert (life.case.stage, life.case.end) == (Stage.UNIT_REVIEW, None)
    assert life.case.claim == "taken"
    assert not move.warnings
    letters = told(life, LetterKind.INQUIRY_CONCLUDED)
    assert letters[Party.APPLICANT]["not_of_applicant"]
    life.act("start_publicity", UNIT, "2024-10-14T11:00")
    life.until("2024-10-21T09:00")
    life.act("finish_publicity", UNIT, "2024-10-22T09:00")


def test_a_finding_against_an_organisation_that_would_end_the_application_says_so() -> None:
    life = objected(against_unit=True)
    found = {"outcome": "substantiated", "reason": "text-2"}

    move = life.act("conclude_inquiry", DEPARTMENT, "2024-10-17T10:00", **found)

    assert [item.code for item in move.warnings] == [CautionCode.ENDS_THE_APPLICATION]


def test_a_complaint_that_is_true_of_the_office_alone_terminates_nobody() -> None:
    life = publicised()
    life.act("file_complaint", STRANGER, "2024-10-11T10:00", **SAID, against_office=True)

    life.act("conclude_inquiry", CITY, "2024-10-12T10:00", **ALONE)

    assert (life.case.stage, life.case.end) == (Stage.UNIT_PUBLICITY, None)
    life.act("finish_publicity", UNIT, "2024-10-18T09:00")


def test_an_answer_that_comes_after_such_a_finding_undoes_nothing() -> None:
    life = objected(against_unit=True)
    life.act("conclude_inquiry", DEPARTMENT, "2024-10-14T10:00", **ALONE)

    no = life.refused("respond_to_inquiry", APPLICANT, "2024-10-14T11:00", text="text-3")

    assert no is Code.NOT_FOUND
    assert life.case.inquiries[0].outcome is InquiryOutcome.SUBSTANTIATED
