"""What the core promises about its own shape: every clock a row, every strike handled, may looks only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import workflows
from tests.unit.lives import Life, at_chain, sample, submitted
from tests.unit.test_deadlines import BD, LC
from tests.workflow.season import the_policy
from workflows.application import strikes
from workflows.application.catalogue import CATALOGUE
from workflows.application.clocks import CLOCKS, ROWS, By, Clock, Striking, clocks_of
from workflows.application.decision import may, may_anybody
from workflows.application.move import Move
from workflows.application.parties import stands_for
from workflows.meeting.clocks import EFFECT_RULES
from workflows.meeting.clocks import ROWS as BATCH_ROWS
from workflows.rules.message import end_of
from workflows.rules.names import OF_THE_MEETING, DeadlineKind, RuleName, Stage
from workflows.rules.policy import Policy

GATES = frozenset({RuleName.APPLICATION_WINDOW, RuleName.REVIEW_WINDOW, RuleName.BAR})
"""Rules without a clock of their own: what opens, what the intake duty is printed by, the 影响期."""
CORE = Path(workflows.__file__).parent
CASES = sample()


def test_every_rule_that_is_a_clock_has_a_row_and_only_one() -> None:
    assert [row.rule for row in ROWS] == list(CLOCKS)
    assert set(CLOCKS) == set(RuleName) - GATES


@pytest.mark.parametrize("policy", [BD, LC], ids=["BD", "LC"])
@pytest.mark.parametrize("row", ROWS, ids=[row.rule.value for row in ROWS])
def test_a_clock_is_of_the_kind_that_the_notice_has(policy: Policy, row: Clock) -> None:
    assert row.kind is policy.terms(row.rule).kind


def test_the_clocks_of_a_batch_are_those_a_case_has_of_the_meeting() -> None:
    assert {row.rule for row in ROWS if row.of_meeting} == OF_THE_MEETING
    assert {row.rule for row in BATCH_ROWS} == OF_THE_MEETING
    assert set(EFFECT_RULES.values()) == {RuleName.CONFIRMATION, RuleName.CONFIRMATION_REPLY}


def test_what_strikes_and_what_only_reminds() -> None:
    """A duty reminds (decision 0005), but that a chain's correction goes back to its level (A47);
    the end of a hearing only lets a finding follow."""
    quiet = {row.rule for row in ROWS if row.strikes is Striking.NOTHING}
    duties = {row.rule for row in ROWS if row.kind is DeadlineKind.DUTY}
    back = {row.rule for row in ROWS if row.strikes is Striking.BACK_TO_LEVEL}

    assert back == {RuleName.CHAIN_CORRECTION}
    assert quiet == duties - back | {RuleName.INQUIRY_RESPONSE}


def test_what_ends_a_case_has_its_clause_in_both_notices() -> None:
    ending = {Striking.ABANDONED, Striking.PAYMENT_MISSED, Striking.CUTOFF}
    for row in ROWS:
        assert bool(row.ends_under) is (row.strikes in ending)
        for campaign in ("bd-2023", "lc-2024"):
            assert not row.ends_under or the_policy(campaign).clause(row.ends_under)


def test_a_right_is_nobodys_to_extend() -> None:
    rights = {row.rule for row in ROWS if row.kind is DeadlineKind.RIGHT}

    assert {row.rule for row in ROWS if row.extended_by is By.NOBODY} == rights


@pytest.mark.parametrize("striking", list(Striking), ids=lambda item: item.value)
def test_every_striking_is_handled(striking: Striking, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each does something sensible to a case that has the clock; none falls through."""
    life = returned()
    clock = clocks_of(life.case)[0]
    row = CLOCKS[clock.rule]
    changed = {**CLOCKS, clock.rule: type(row)(**{**vars(row), "strikes": striking})}
    monkeypatch.setattr(strikes, "CLOCKS", changed)
    move = Move(case=life.case.copied(), action=clock.key, at=clock.ends_at, now=clock.ends_at)
    due = strikes.Due(at=clock.ends_at, as_of=clock.ends_at, what="strike", key=clock.key)
    if striking is Striking.RIGHT_OVER:
        move.case.stage = Stage.RECHECK  # without a result there is no end by it
        monkeypatch.setattr(Move, "clock", lambda self, key: clock)

    strikes.strike(move, due)

    assert move.letters or move.case.model_dump() != life.case.model_dump()


def returned() -> Life:
    """At the unit's correction."""
    life = submitted()
    items = [{"text": "text-1"}]
    actor = stands_for(life.case, CATALOGUE["start_publicity"].by[0])
    life.act("return_for_correction", actor, "2024-10-10T10:00", items=items, days=2)
    return life


@pytest.mark.parametrize("name", list(CASES))
def test_asking_whether_one_may_changes_nothing(name: str) -> None:
    case = CASES[name]
    before = case.model_dump()
    now = max(step for step in (case.arrived_at, case.end.at if case.end else None) if step)
    for act, action in CATALOGUE.items():
        for hours in (0, 24 * 30):
            at = now + timedelta(hours=hours)
            for relation in action.by:
                may(case, act, stands_for(case, relation), at)
            may_anybody(case, act, at)

            assert case.model_dump() == before, act


def test_the_sample_has_cases_in_every_kind_of_stage() -> None:
    """The property above would hold of cases nobody ever sees."""
    found = {case.stage.value for name, case in CASES.items() if case.stage and not case.end}

    assert found >= set(CASES) - {"abandoned", "withdrawn", "completed", "with_an_inquiry"}
    assert {case.end.name.value for case in CASES.values() if case.end} == {
        "abandoned",
        "withdrawn",
        "completed",
    }


@pytest.mark.parametrize("name", list(CASES))
def test_every_clock_is_told_as_it_runs(name: str) -> None:
    """`settle` promises what `clocks_of` finds: no clock of a case is without its promise."""
    case = CASES[name]
    for clock in clocks_of(case):
        promised = [item for key, item in case.promised.items() if key.startswith(clock.key)]

        assert clock.told_at is not None, clock.key
        assert clock.ends_on in {item.ends_on for item in promised}
        assert clock.ends_at == end_of(clock.ends_on) or clock.unit == "fixed"


def imports_of(path: Path) -> Iterator[str]:
    """The modules a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


@pytest.mark.parametrize(
    ("package", "never"),
    [
        ("rules", ("writer", "application", "meeting", "letter", "operation", "calls", "ports")),
        ("writer", ("application", "meeting")),
        ("application", ("meeting.acts", "meeting.decision", "meeting.workflow")),
    ],
)
def test_a_package_imports_only_what_lies_below_it(package: str, never: tuple[str, ...]) -> None:
    files = sorted((CORE / package).rglob("*.py"))
    found = {
        f"{path.relative_to(CORE)}: {name}"
        for path in files
        for name in imports_of(path)
        for other in never
        if name == f"workflows.{other}" or name.startswith(f"workflows.{other}.")
    }

    assert files
    assert found == set()


def test_nothing_of_a_case_but_the_clock_that_struck_is_struck() -> None:
    """A cutoff that lapses strikes once; the case's other clocks are not touched."""
    life = at_chain()
    life.until("2024-11-09T00:05")

    assert life.case.end is not None
    assert [item.partition("@")[0] for item in life.case.struck] == ["chain_cutoff"]
