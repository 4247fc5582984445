"""Recusal that follows from the record: the same unit, the candidate in person (40号令 art 25)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.committees import names, seats
from workflows.rules.ballot import can_be_voted_on, voters_on
from workflows.rules.recusal import Ground, Judged, conflicts

units = st.sampled_from(["", "u01", "u02", "u03", "outside"])


def test_an_expert_of_the_candidates_unit_is_recused_from_that_candidate_alone() -> None:
    listed = [
        Judged(application="a1", person="x", units=("u02", "u90")),
        Judged(application="a2", person="y", units=("u91",)),
    ]

    found = conflicts(seats(11), listed)

    assert [(item.application, item.expert, item.ground) for item in found] == [
        ("a1", "e02", Ground.SAME_UNIT)
    ]


def test_the_candidate_in_person_is_told_as_that_even_in_the_same_unit() -> None:
    found = conflicts(seats(11), [Judged(application="a1", person="p03", units=("u03",))])

    assert [(item.expert, item.ground) for item in found] == [("e03", Ground.SAME_PERSON)]


def test_spares_are_looked_at_too_since_they_may_move_up() -> None:
    found = conflicts(seats(11, spares=2), [Judged(application="a1", person="x", units=("u12",))])

    assert [item.expert for item in found] == ["e12"]


def test_a_unit_nobody_stated_is_nobodys_unit() -> None:
    freed = [seat.model_copy(update={"unit": ""}) for seat in seats(11)]

    assert conflicts(freed, [Judged(application="a1", person="x", units=("",))]) == ()


def test_one_recused_of_a_bare_quorum_leaves_too_few_voters() -> None:
    """Eight of eleven present, one recused: seven voters, below the quorum (A34)."""
    found = conflicts(seats(11), [Judged(application="a1", person="x", units=("u02",))])
    recused = [item.expert for item in found]

    assert can_be_voted_on(11, voters_on(names(9), recused))
    assert not can_be_voted_on(11, voters_on(names(8), recused))


@given(st.lists(st.tuples(st.sampled_from(["p01", "p02", "x"]), st.lists(units, max_size=3))))
def test_a_conflict_is_there_if_and_only_if_unit_or_person_agree(
    listed: list[tuple[str, list[str]]],
) -> None:
    candidates = [
        Judged(application=f"a{n}", person=person, units=tuple(where))
        for n, (person, where) in enumerate(listed)
    ]
    drawn = seats(3)

    found = {(item.application, item.expert) for item in conflicts(drawn, candidates)}

    assert found == {
        (candidate.application, seat.expert)
        for candidate in candidates
        for seat in drawn
        if seat.person == candidate.person or seat.unit in candidate.units
    }
