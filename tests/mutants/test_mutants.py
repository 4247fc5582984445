"""The list of seeded faults does not rot: each still fits the core, and changes it."""

from __future__ import annotations

import ast

import pytest

from tests.mutants.run import ROOT, Mutant, mutants

ALL = mutants()


def test_there_are_enough_of_them_each_with_its_own_name() -> None:
    assert len(ALL) >= 30
    assert len({item.name for item in ALL}) == len(ALL)
    assert all(item.why for item in ALL)


def test_every_story_that_a_fault_names_is_a_test() -> None:
    for story in (story for item in ALL for story in item.stories):
        file, _, name = story.partition("::")
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), story


@pytest.mark.parametrize("mutant", ALL, ids=lambda item: item.name)
def test_a_fault_fits_the_core_and_changes_it(mutant: Mutant) -> None:
    text = (ROOT / mutant.file).read_text(encoding="utf-8")

    changed = mutant.applied(text)

    assert changed != text
    assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(text))
