"""Returns for correction: what a later one raises that the first could have, and the usual defects."""

from __future__ import annotations

from typing import Any

import pytest

from config.campaign_files import CAMPAIGNS, load
from config.defects import general_defects
from tests.unit.lives import (
    CLERK,
    DEPARTMENT,
    DISTRICT,
    SUPERVISOR,
    UNIT,
    Life,
    at_chain,
    at_committee,
    submitted,
)
from tests.workflow.season import APPLICANT
from workflows.application.move import Move
from workflows.application.preview import preview
from workflows.rules.names import CautionCode, Stage
from workflows.rules.refusals import Code
from workflows.writer.messages import Act

LATE = CautionCode.RAISED_LATE
COVER: dict[str, Any] = {"subject": "achievement:a1", "defect": "evidence_missing", "text": "t"}


def late(move: Move) -> str:
    """The items that are said to come late; empty where nothing is said."""
    return next((item.params["items"] for item in move.warnings if item.code is LATE), "")


def returned_by_unit(*second: dict[str, Any]) -> Move:
    """A unit's second return, after a first one about the evidence of a1."""
    life = submitted()
    life.act("return_for_correction", UNIT, "2024-10-10T11:00", items=[COVER], days=3)
    life.act("resubmit", APPLICANT, "2024-10-10T15:00")
    return life.act("return_for_correction", UNIT, "2024-10-10T16:00", items=list(second), days=3)


def test_a_first_return_raises_nothing_late() -> None:
    life = submitted()
    move = life.act("return_for_correction", UNIT, "2024-10-10T11:00", items=[COVER], days=3)
    assert late(move) == ""


@pytest.mark.parametrize(
    ("item", "told"),
    [
        (COVER, ""),
        (COVER | {"defect": ""}, ""),
        ({"subject": "paper:contract", "text": "t", "refers_to": "new_material:f1"}, ""),
        ({"text": "t", "refers_to": "1.1"}, ""),
        (COVER | {"defect": "day_unclear"}, "2.1"),
        ({"subject": "achievement:a2", "text": "t"}, "2.1"),
        ({"subject": "achievement:a2", "text": "t", "refers_to": "1.1"}, "2.1"),
        ({"text": "t", "refers_to": "1.9"}, "2.1"),
        ({"text": "t"}, "2.1"),
    ],
)
def test_a_second_return_says_what_the_first_did_not_raise(item: dict[str, Any], told: str) -> None:
    assert late(returned_by_unit(item)) == told


def test_each_place_has_a_first_return_of_its_own() -> None:
    life = at_chain()
    life.act("return_for_correction", DEPARTMENT, "2024-10-18T11:00", items=[COVER], days=3)
    life.act("resubmit", APPLICANT, "2024-10-18T12:00")
    life.act("approve", DEPARTMENT, "2024-10-18T13:00")
    other = COVER | {"subject": "achievement:a2"}
    move = life.act("return_for_correction", DISTRICT, "2024-10-18T14:00", items=[other], days=3)
    assert late(move) == ""


def returned_by_office() -> Life:
    """At the committee's office again, after one return."""
    life = at_committee()
    life.act("return_for_correction", CLERK, "2024-10-22T11:00", items=[COVER], days=3)
    life.act("resubmit", APPLICANT, "2024-10-22T14:00")
    for place in (DEPARTMENT, DISTRICT):
        if life.case.stage == "chain_review":
            life.act("approve", place, "2024-10-22T15:00")
    return life


def test_an_office_may_not_raise_what_is_bound_to_another_thing_without_being_told() -> None:
    """It names an earlier item, and is about something else: passed by the rule, and said."""
    life = returned_by_office()
    other = COVER | {"subject": "achievement:a2", "refers_to": "1.1"}
    move = life.act("return_for_correction", CLERK, "2024-10-22T16:00", items=[other], days=3)
    assert late(move) == "2.1"


def test_a_supervisors_preview_says_what_follows_when_it_is_confirmed() -> None:
    life = returned_by_office()
    other: dict[str, Any] = {"subject": "achievement:a2", "text": "t"}
    assert (
        life.refused("return_for_correction", CLERK, "2024-10-22T16:00", items=[other], days=3)
        is Code.NEW_DEFECT
    )
    at = life.moves[-1].now
    stated = {"items": [other], "days": 3, "reason": "text-1"}
    act = Act(request_id="r", actor=SUPERVISOR, acted_at=at, payload=stated)
    shown = preview(life.case, "override_return", act, at)
    assert shown.action == "ask_second_person"
    assert shown.confirmed is not None
    assert shown.confirmed.action == "override_return"
    assert [item.code for item in shown.confirmed.warnings] == [LATE]


def test_a_file_that_is_named_lets_its_achievement_be_corrected_and_no_other() -> None:
    life = submitted()
    mine, other = life.case.facts.achievements[:2]
    named = {"subject": f"file:{mine.files[0]}", "text": "t"}
    life.act("return_for_correction", UNIT, "2024-10-10T11:00", items=[named], days=3)
    stated = other.model_dump(mode="json") | {"achieved_on": "2021-03-16"}
    refused = life.refused("resubmit", APPLICANT, "2024-10-10T15:00", achievements=[stated])
    assert refused is Code.CORRECTION_NOT_ASKED
    stated = mine.model_dump(mode="json") | {"achieved_on": "2020-06-29"}
    move = life.act("resubmit", APPLICANT, "2024-10-10T15:00", achievements=[stated])
    assert move.case.facts.achievements[0].achieved_on.isoformat() == "2020-06-29"


def test_every_usual_defect_of_a_notice_rests_on_its_clause() -> None:
    for name in ("bd-2023", "lc-2024"):
        notice = load(CAMPAIGNS / f"{name}.toml").notice
        assert notice.defects
        assert all(notice.quotes.get(item.clause) for item in notice.defects)
        keys = [item.key for item in notice.defects]
        assert len(keys) == len(set(keys))


def test_the_general_defects_are_words_of_no_city() -> None:
    told = "".join(item.text for item in general_defects().values())
    assert "重庆" not in told
    assert "渝" not in told


def test_what_hung_anew_is_confirmed_by_the_chain_where_the_notice_asks_it() -> None:
    """A32: `chain_confirm` is not passed by because the posting had to be changed, too."""
    life = at_committee()
    corrections = life.case.policy.corrections.model_copy(
        update={"correction_path": "chain_confirm"}
    )
    life.case.policy = life.case.policy.model_copy(update={"corrections": corrections})
    items = [{"id": "1", "text": "text-1", "subject": "fact:years_in_title"}]
    life.act("return_for_correction", CLERK, "2024-10-22T11:00", items=items, days=3)
    life.act("resubmit", APPLICANT, "2024-10-23T11:00", changes={"years_in_title": 9})
    life.act("start_publicity", UNIT, "2024-10-23T12:00")

    life.act("finish_publicity", UNIT, "2024-10-31T09:00")

    assert (life.case.stage, life.case.chain_index) == (Stage.CHAIN_REVIEW, 0)
    assert life.case.submissions == 1
    stated: dict[str, Any] = {"items": items, "days": 1}
    assert life.refused("return_for_correction", DEPARTMENT, "2024-10-31T10:00", **stated) is (
        Code.WRONG_STAGE
    )
    life.act("approve", DEPARTMENT, "2024-10-31T10:00")
    life.act("approve", DISTRICT, "2024-10-31T11:00")
    assert (life.case.stage, life.case.submissions) == (Stage.COMMITTEE_INTAKE, 2)
