"""What was done in time and is heard late: whoever did it is treated as if it had been heard at once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.lives import (
    CITY,
    CLERK,
    COLLEAGUE,
    DEPARTMENT,
    DISTRICT,
    ITEMS,
    STRANGER,
    UNIT,
    Life,
    at_chain,
    in_review,
    moment,
    posted,
    submitted,
)
from tests.workflow.season import APPLICANT
from workflows.application.case import Inquiry
from workflows.application.decision import may
from workflows.rules.names import EndName, InquiryBody, InquiryKind, LetterKind, Party, Stage
from workflows.rules.refusals import Code
from workflows.writer.messages import Actor


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


# What was done before a clock ended, and would be taken back after it.


@pytest.mark.parametrize("by", [DISTRICT, CLERK])
def test_nobody_takes_a_report_back_after_the_cutoff_it_had_met(by: Actor) -> None:
    """The applicant, who had done everything, would lose the case in that minute."""
    life = at_chain()
    life.act("approve", DEPARTMENT, "2024-10-21T10:00")
    life.act("approve", DISTRICT, "2024-11-08T23:58")
    life.until("2024-11-09T00:03")
    stated = {"reason": "text-1", "second_person": COLLEAGUE.person}

    assert life.refused("set_aside", by, "2024-11-09T00:03", **stated) is (
        Code.NOTHING_TO_SET_ASIDE
    )
    assert life.case.stage is Stage.COMMITTEE_INTAKE


def test_before_the_cutoff_a_report_is_taken_back() -> None:
    life = at_chain()
    life.act("approve", DEPARTMENT, "2024-10-21T10:00")
    life.act("approve", DISTRICT, "2024-11-08T23:50")

    life.act("set_aside", DISTRICT, "2024-11-08T23:58", reason="text-1")

    assert life.case.stage is Stage.CHAIN_REVIEW
    assert life.case.reached_committee_at is None


def test_a_withdrawal_is_taken_back_after_a_term_too_and_ends_by_it() -> None:
    """It leaves the applicant better off: what a clock ends the office may re-open."""
    life = submitted()
    life.act("return_for_correction", UNIT, "2024-10-10T10:00", items=ITEMS, days=2)
    life.act("withdraw", APPLICANT, "2024-10-12T23:58", reason="text-1")
    life.act("set_aside", APPLICANT, "2024-10-13T00:03", reason="text-2")

    life.until("2024-10-13T00:05")

    assert life.case.end is not None
    assert (life.case.end.name, life.case.claim) == (EndName.ABANDONED, "released")


# A term of the chain that ran out while the correction was on its way.


def given_back_by_the_chain(to: str = "applicant") -> Life:
    """By the department on 2024-10-18 for two days: to the 22nd."""
    life = at_chain()
    stated: dict[str, Any] = {"items": ITEMS, "days": 2, "to": to}
    life.act("return_for_correction", DEPARTMENT, "2024-10-18T11:00", **stated)
    life.until("2024-10-23T00:05")
    assert (life.case.stage, life.case.chain_index) == (Stage.CHAIN_REVIEW, 0)
    return life


@pytest.mark.parametrize(("to", "by"), [("applicant", APPLICANT), ("unit", UNIT)])
def test_the_level_decides_on_what_was_corrected_in_time(to: str, by: Actor) -> None:
    life = given_back_by_the_chain(to)
    file = {"file": "upload-1", "kind": "contract", "achievement": "a1"}

    move = life.act("resubmit", by, "2024-10-22T23:59:50", "2024-10-23T00:05", files=[file])

    assert (life.case.stage, life.case.chain_index) == (Stage.CHAIN_REVIEW, 0)
    assert {order.organisation for order in move.letters} == {"department"}
    again = life.refused("resubmit", by, "2024-10-22T23:59:55", "2024-10-23T00:06", files=[file])
    assert again is Code.WRONG_STAGE


@pytest.mark.parametrize("at", ["2024-10-23T00:00:01", "2024-10-23T09:00"])
def test_what_was_corrected_after_the_term_comes_too_late(at: str) -> None:
    life = given_back_by_the_chain()

    assert life.refused("resubmit", APPLICANT, at, "2024-10-23T09:30") is Code.WRONG_STAGE
    assert may(life.case, "resubmit", APPLICANT, moment("2024-10-23T09:30")) is not None


def test_what_was_given_back_to_the_unit_is_corrected_by_nobody_else() -> None:
    life = given_back_by_the_chain("unit")

    no = life.refused("resubmit", APPLICANT, "2024-10-22T23:59:50", "2024-10-23T00:05")

    assert no is Code.NOT_ENTITLED


def test_once_the_level_has_decided_or_asked_again_the_term_before_is_past() -> None:
    agreed, asked = given_back_by_the_chain(), given_back_by_the_chain()
    late = {"at": "2024-10-22T23:59:50", "came": "2024-10-23T10:00"}
    agreed.act("approve", DEPARTMENT, "2024-10-23T09:00")
    asked.act("return_for_correction", DEPARTMENT, "2024-10-23T09:00", items=ITEMS, days=2)

    assert agreed.refused("resubmit", APPLICANT, **late) is Code.WRONG_STAGE
    asked.act("resubmit", APPLICANT, **late)
    assert asked.case.stage is Stage.CHAIN_REVIEW


# An objection to what hung while it was made.


def objected(life: Life, at: str, came: str) -> Inquiry:
    """The inquiry that an objection opened."""
    life.act("raise_objection", STRANGER, at, came, text="text-1")
    return life.case.inquiries[-1]


def taken_down() -> Life:
    """Posted on 2024-10-10, and given back to the applicant on the 11th at 10:00."""
    life = submitted()
    life.act("start_publicity", UNIT, "2024-10-10T10:00")
    life.act("return_for_correction", UNIT, "2024-10-11T10:00", items=ITEMS, days=2)
    return life


def test_an_objection_in_time_counts_though_the_posting_was_taken_down_before_it_came() -> None:
    life = taken_down()

    inquiry = objected(life, "2024-10-11T09:59:30", "2024-10-11T10:00:30")

    assert (inquiry.kind, inquiry.raised_in) == (InquiryKind.OBJECTION, Stage.UNIT_PUBLICITY)
    assert inquiry.body is InquiryBody.UNIT
    assert life.case.stage is Stage.UNIT_CORRECTION


def test_it_holds_the_posting_that_follows_and_ends_as_an_objection_does() -> None:
    life = taken_down()
    objected(life, "2024-10-11T09:59:30", "2024-10-11T10:00:30")
    life.act("resubmit", APPLICANT, "2024-10-11T15:00")
    life.act("start_publicity", UNIT, "2024-10-11T16:00")
    life.until("2024-10-21T09:00")

    assert life.refused("finish_publicity", UNIT, "2024-10-21T09:00") is Code.INQUIRY_OPEN
    found = {"inquiry": "1", "outcome": "substantiated", "reason": "text-2"}
    life.act("conclude_inquiry", UNIT, "2024-10-21T10:00", **found)
    assert life.case.end is not None
    assert (life.case.end.name, life.case.claim) == (EndName.NOT_RECOMMENDED, "released")


def test_what_was_said_after_it_was_taken_down_is_no_objection() -> None:
    life = taken_down()
    late = {"at": "2024-10-11T10:00:10", "came": "2024-10-11T10:00:30", "text": "text-1"}

    assert life.refused("raise_objection", STRANGER, **late) is Code.WRONG_STAGE
    assert may(life.case, "raise_objection", STRANGER, moment("2024-10-11T10:00:30")) is not None


def test_the_second_of_two_postings_taken_down_hides_no_objection_to_the_first() -> None:
    life = taken_down()
    life.act("resubmit", APPLICANT, "2024-10-11T10:10")
    life.act("start_publicity", UNIT, "2024-10-11T10:20")
    life.act("return_for_correction", UNIT, "2024-10-11T10:30", items=ITEMS, days=2)

    inquiry = objected(life, "2024-10-11T09:00", "2024-10-11T11:00")

    assert inquiry.kind is InquiryKind.OBJECTION


def test_what_hung_anew_leaves_the_objections_to_what_hung_before() -> None:
    """The correction that the chain asked for changed what was posted; the objection came after."""
    life = at_chain()
    life.until("2024-10-18T10:00")
    items = [{"id": "1", "text": "text-1", "subject": "fact:years_in_title"}]
    life.act("return_for_correction", DEPARTMENT, "2024-10-18T10:10", items=items, days=2)
    life.act("resubmit", APPLICANT, "2024-10-18T11:00", changes={"years_in_title": 9})
    assert life.case.stage is Stage.UNIT_REVIEW

    inquiry = objected(life, "2024-10-16T23:59:50", "2024-10-18T11:30")

    assert inquiry.kind is InquiryKind.OBJECTION


@pytest.mark.parametrize("came", ["2024-12-18T00:00:40", "2024-12-18T09:30"])
def test_an_objection_in_time_reaches_a_result_that_was_confirmed_meanwhile(came: str) -> None:
    """It can cancel nothing any more: found true, 市职改办 considers the title."""
    life = posted()
    life.until("2024-12-18T00:00:01")
    life.act("send_for_confirmation", CLERK, "2024-12-18T00:00:10")
    issued = {"issued_on": "2024-12-18", "number": "示例1号"}
    life.act("confirm", CITY, "2024-12-18T00:00:20", **issued)

    inquiry = objected(life, "2024-12-17T23:59:50", came)

    assert (inquiry.kind, inquiry.raised_in) == (InquiryKind.OBJECTION, Stage.RESULT_PUBLICITY)
    found = {"inquiry": "1", "outcome": "substantiated", "reason": "text-2"}
    life.act("respond_to_inquiry", APPLICANT, "2024-12-19T10:00", inquiry="1", text="text-3")
    move = life.act("conclude_inquiry", CLERK, "2024-12-19T11:00", **found)
    assert life.case.end is None
    assert Party.CITY_OFFICE in {order.to for order in move.letters}


# An answer before a hearing's end, heard after the finding.


def found_true(raised_in: str = "unit") -> Life:
    """Objected on 2024-10-11, to be answered by the 15th, and found true on the 16th at 00:00:10."""
    life = submitted()
    life.act("start_publicity", UNIT, "2024-10-10T10:00")
    word = "raise_objection" if raised_in == "unit" else "file_complaint"
    life.act(word, STRANGER, "2024-10-11T10:00", text="text-1")
    by = UNIT if raised_in == "unit" else CLERK
    found = {"inquiry": "1", "outcome": "substantiated", "reason": "text-2"}
    life.act("conclude_inquiry", by, "2024-10-16T00:00:10", **found)
    return life


ANSWER = {"inquiry": "1", "text": "text-3"}


@pytest.mark.parametrize(
    ("raised_in", "end"), [("unit", EndName.NOT_RECOMMENDED), ("office", EndName.TERMINATED)]
)
def test_who_answered_in_time_is_heard_though_the_finding_came_before_it_was_read(
    raised_in: str, end: EndName
) -> None:
    life = found_true(raised_in)
    found = life.case.end
    assert found is not None
    assert found.name is end

    move = life.act(
        "respond_to_inquiry", APPLICANT, "2024-10-15T23:59:50", "2024-10-16T00:00:40", **ANSWER
    )

    assert (life.case.stage, life.case.end) == (Stage.UNIT_PUBLICITY, None)
    assert (life.case.claim, move.claim) == ("taken", "take" if raised_in == "unit" else "keep")
    assert life.case.open_inquiries
    told = {order.to for order in move.letters if order.kind is LetterKind.DATES_CHANGED}
    assert Party.APPLICANT in told
    assert (Party.UNIT if raised_in == "unit" else Party.OFFICE) in told
    if raised_in == "unit":
        no = life.refused("finish_publicity", UNIT, "2024-10-18T09:00")
        assert no is Code.INQUIRY_OPEN


def test_who_was_heard_after_all_may_be_found_against_all_the_same() -> None:
    life = found_true()
    life.act(
        "respond_to_inquiry", APPLICANT, "2024-10-15T23:59:50", "2024-10-16T00:00:40", **ANSWER
    )
    found = {"inquiry": "1", "outcome": "substantiated", "reason": "text-2"}

    life.act("conclude_inquiry", UNIT, "2024-10-16T10:00", **found)

    assert life.case.end is not None
    late = {"at": "2024-10-15T23:59:55", "came": "2024-10-16T11:00"}
    assert life.refused("respond_to_inquiry", APPLICANT, **late, **ANSWER) is Code.NOT_FOUND


@pytest.mark.parametrize("at", ["2024-10-16T00:00:01", "2024-10-16T09:00"])
def test_an_answer_after_the_hearing_undoes_no_finding(at: str) -> None:
    life = found_true()

    no = life.refused("respond_to_inquiry", APPLICANT, at, "2024-10-16T09:30", **ANSWER)

    assert no is Code.NOT_FOUND


def test_an_answer_in_time_reopens_no_case_that_ended_otherwise() -> None:
    life = submitted()
    life.act("start_publicity", UNIT, "2024-10-10T10:00")
    life.act("raise_objection", STRANGER, "2024-10-11T10:00", text="text-1")
    life.act("withdraw", APPLICANT, "2024-10-12T10:00", reason="text-1")
    found = {"inquiry": "1", "outcome": "substantiated", "reason": "text-2"}
    life.act("conclude_inquiry", UNIT, "2024-10-16T00:00:10", **found)

    life.act(
        "respond_to_inquiry", APPLICANT, "2024-10-15T23:59:50", "2024-10-16T00:00:40", **ANSWER
    )

    assert life.case.end is not None
    assert life.case.end.name is EndName.WITHDRAWN
    assert life.case.open_inquiries


def test_a_report_that_reopened_the_case_is_not_taken_back_into_its_end() -> None:
    life = at_chain()
    life.act("approve", DEPARTMENT, "2024-10-21T10:00")
    life.until("2024-11-09T00:05")
    life.act("approve", DISTRICT, "2024-11-08T23:59", "2024-11-09T00:06")

    no = life.refused("set_aside", DISTRICT, "2024-11-09T00:08", reason="text-1")

    assert no is Code.NOTHING_TO_SET_ASIDE
    assert life.case.stage is Stage.COMMITTEE_INTAKE


# A withdrawal that was made before the meeting took the case up.


def test_who_withdrew_before_the_review_began_has_withdrawn() -> None:
    life = in_review()

    life.act("withdraw", APPLICANT, "2024-12-06T09:59:30", "2024-12-06T10:00:10", reason="text-1")

    assert life.case.end is not None
    assert (life.case.end.name, life.case.claim) == (EndName.WITHDRAWN, "taken")


def test_once_the_review_has_begun_nobody_withdraws() -> None:
    life = in_review()

    no = life.refused("withdraw", APPLICANT, "2024-12-06T10:00", reason="text-1")

    assert no is Code.WRONG_STAGE
    assert may(life.case, "withdraw", APPLICANT, moment("2024-12-06T10:00:10")) is not None
