"""A last day that was set later: 期限计算书 as a page and as a paper say when, by whom, in whose place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from activities.extensions import extended_zh
from activities.papers.case_facts import CaseFacts, Clock
from activities.papers.making import CASE_DATA
from activities.views import TimelineEntry
from starter.desk import deadline_sheet
from tests.paper_samples import OFFICE, at, case_of
from workflows.rules.deadlines import decided
from workflows.rules.names import RuleName, Stage
from workflows.rules.papers import PaperKind

RULE = RuleName.COMMITTEE_CORRECTION
NAME = "评委会办公室（示例）"


def allowed(on: str = "2023-11-06", *, principal: str = "", name: str = "李某") -> TimelineEntry:
    """The step that allows a later day."""
    return TimelineEntry(
        seq=6,
        source="act",
        name="extend_deadline",
        organisation=OFFICE,
        organisation_name=NAME,
        actor="li",
        actor_name=f"{name}（代王某）" if principal else name,
        principal=principal,
        acted_at=at(on),
        recorded_at=at(on),
        stage_after=Stage.COMMITTEE_CORRECTION,
        payload={"rule": RULE.value, "ends_on": "2023-11-15"},
    )


def extended(entry: TimelineEntry) -> tuple[CaseFacts, Clock]:
    """A case whose correction has more time, and that clock."""
    facts = case_of(PaperKind.DEADLINE_SHEET)
    [before] = [clock for clock in facts.clocks if clock.deadline.rule is RULE]
    later = decided(before.deadline, at("2023-11-15").date(), "li")
    clock = replace(before, deadline=later.model_copy(update={"opened_at": at("2023-11-02")}))
    clocks = tuple(clock if item is before else item for item in facts.clocks)
    return replace(facts, clocks=clocks, entries=(*facts.entries[:5], entry)), clock


@pytest.mark.parametrize(
    ("principal", "said"),
    [
        ("", f"2023年11月6日（周一）由{NAME}延长"),
        ("wang", f"2023年11月6日（周一）由{NAME}延长（经办：李某（代王某））"),
    ],
)
def test_page_and_paper_say_who_allowed_it_and_in_whose_place(principal: str, said: str) -> None:
    facts, clock = extended(allowed(principal=principal))

    paper = CASE_DATA[PaperKind.DEADLINE_SHEET](facts)
    told = {item["name"]: item["extended"] for item in paper["deadlines"]}
    assert [words for words in told.values() if words] == [said]

    shown = dict(deadline_sheet.rows(clock.deadline, extended_zh(clock.deadline, facts.entries)))
    assert shown["延长"] == said


def test_what_stands_as_computed_or_was_allowed_for_an_earlier_one_says_nothing() -> None:
    facts, clock = extended(allowed("2023-11-01"))
    assert extended_zh(clock.deadline, facts.entries) == ""
    other = allowed().model_copy(update={"payload": {"rule": "unit_correction"}})
    assert extended_zh(clock.deadline, (other,)) == ""
    as_computed = clock.deadline.model_copy(update={"extended": False})
    assert extended_zh(as_computed, (allowed(),)) == ""
