"""The ballot in totals: two thirds by integers, quorum, voters, groups (40号令 art 19-21, A34, A35)."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.unit.committees import names, seats
from workflows.rules.ballot import (
    Totals,
    can_be_voted_on,
    check_group,
    check_quorum,
    check_totals,
    needed_yes,
    quorum,
    result_of,
    two_thirds,
    voters_on,
)
from workflows.rules.names import Result
from workflows.rules.refusals import Code, Refused

ONE_TO_A_THOUSAND = range(1, 1001)
votes = st.integers(0, 40)


def code_of(caught: pytest.ExceptionInfo[Refused]) -> Code:
    return caught.value.first.code


def test_two_thirds_is_the_exact_fraction_rounded_up() -> None:
    for number in ONE_TO_A_THOUSAND:
        found = two_thirds(number)
        assert type(found) is int
        assert found == ceil(Fraction(2, 3) * number)
        assert Fraction(found, number) >= Fraction(2, 3) > Fraction(found - 1, number)


@pytest.mark.parametrize(("voters", "yes"), [(11, 8), (10, 7), (9, 6), (8, 6), (25, 17)])
def test_the_ballot_table_of_the_law(voters: int, yes: int) -> None:
    assert needed_yes(voters) == yes
    assert result_of(Totals(yes=yes, no=voters - yes), voters) is Result.PASSED
    assert result_of(Totals(yes=yes - 1, no=voters - yes + 1), voters) is Result.NOT_PASSED


def test_a_float_would_be_wrong_somewhere_and_ours_is_not() -> None:
    """What `ceil(n * 2 / 3)` and `yes / n >= 0.667` get wrong is why nothing here divides."""
    rounded = [n for n in ONE_TO_A_THOUSAND for yes in (two_thirds(n),) if yes / n < 0.667]

    assert 9 in rounded
    assert result_of(Totals(yes=6, no=3), 9) is Result.PASSED


@pytest.mark.parametrize("number", ["6.5", 6.5, -1, 1000])
def test_a_vote_is_a_whole_number(number: object) -> None:
    with pytest.raises(ValidationError):
        Totals.model_validate({"yes": number})


def test_eleven_drawn_need_eight() -> None:
    drawn = seats(11, spares=2)

    check_quorum(drawn, names(8))
    with pytest.raises(Refused) as caught:
        check_quorum(drawn, names(7))
    assert code_of(caught) == Code.QUORUM_SHORT
    assert caught.value.first.params == {"present": "7", "needed": "8", "drawn": "11"}


def test_somebody_named_twice_is_there_once() -> None:
    with pytest.raises(Refused) as caught:
        check_quorum(seats(11), [*names(7), "e01"])
    assert code_of(caught) == Code.QUORUM_SHORT


@pytest.mark.parametrize("stranger", ["e12", "nobody"])
def test_neither_a_waiting_spare_nor_a_stranger_is_a_member(stranger: str) -> None:
    with pytest.raises(Refused) as caught:
        check_quorum(seats(11, spares=1), [*names(9), stranger])
    assert code_of(caught) == Code.NOT_A_MEMBER


def test_who_declined_is_no_member_and_who_moved_up_is() -> None:
    drawn = seats(11, spares=1)
    drawn[4] = drawn[4].model_copy(update={"standing": "declined"})
    drawn[11] = drawn[11].model_copy(update={"spare": False})

    check_quorum(drawn, [*names(4), "e06", "e07", "e08", "e12"])
    with pytest.raises(Refused) as caught:
        check_quorum(drawn, names(8))
    assert code_of(caught) == Code.NOT_A_MEMBER


def test_a_meeting_without_its_chair_does_not_open() -> None:
    with pytest.raises(Refused) as caught:
        check_quorum(seats(11, chairs=(11,)), names(10))
    assert code_of(caught) == Code.CHAIR_MISSING


def test_nobody_drawn_opens_nothing() -> None:
    with pytest.raises(Refused) as caught:
        check_quorum([], [])
    assert code_of(caught) == Code.CHAIR_MISSING


def test_the_recused_leave_one_candidates_denominator_and_stay_in_the_quorum() -> None:
    """A34: ten present of eleven, one recused: nine vote, six pass; the quorum was ten's."""
    present = names(10)

    voters = voters_on(present, ["e02", "not there"])

    assert voters == 9
    assert can_be_voted_on(11, voters)
    assert result_of(Totals(yes=6, no=3), voters) is Result.PASSED
    assert result_of(Totals(yes=6, no=4), voters_on(present, [])) is Result.NOT_PASSED


def test_a_candidate_with_fewer_voters_than_the_quorum_is_moved() -> None:
    voters = voters_on(names(8), ["e03"])

    assert not can_be_voted_on(11, voters)
    with pytest.raises(Refused) as caught:
        check_totals(Totals(yes=7), voters, 11)
    assert code_of(caught) == Code.QUORUM_SHORT
    assert caught.value.first.params["reason"] == "recusal"


@pytest.mark.parametrize("voters", [0, 7])
def test_nobody_is_judged_by_nobody(voters: int) -> None:
    assert not can_be_voted_on(0, voters)
    assert result_of(Totals(yes=0), 0) is Result.NOT_PASSED


@pytest.mark.parametrize("yes", [8, 10])
def test_totals_that_exceed_or_fall_short_are_refused(yes: int) -> None:
    with pytest.raises(Refused) as caught:
        check_totals(Totals(yes=yes), 9, 11)
    assert code_of(caught) == Code.BALLOT_OUT_OF_RANGE
    assert caught.value.first.params == {"cast": str(yes), "voters": "9"}


def test_a_vote_that_was_not_handed_in_is_stated_and_is_no_consent() -> None:
    """Art 20 counts those who attend: nine voters and three votes not handed in need six."""
    short = Totals(yes=5, no=1, uncast=3)

    check_totals(short, 9, 11)
    assert (short.cast, short.accounted) == (6, 9)
    assert result_of(short, 9) is Result.NOT_PASSED
    assert result_of(Totals(yes=6, uncast=3), 9) is Result.PASSED


@given(votes, votes, votes, votes, st.integers(1, 25))
def test_totals_are_taken_if_and_only_if_every_voter_is_accounted_for(
    yes: int, no: int, abstain: int, uncast: int, voters: int
) -> None:
    totals = Totals(yes=yes, no=no, abstain=abstain, uncast=uncast)
    drawn = 11
    expected = yes + no + abstain + uncast == voters and 3 * voters >= 2 * drawn

    try:
        check_totals(totals, voters, drawn)
        taken = True
    except Refused:
        taken = False

    assert taken is expected


@given(st.integers(1, 999), st.data())
def test_passed_is_exactly_two_thirds_of_the_voters(voters: int, data: st.DataObject) -> None:
    yes = data.draw(st.integers(0, voters))

    passed = result_of(Totals(yes=yes, no=voters - yes), voters) is Result.PASSED

    assert passed is (Fraction(yes, voters) >= Fraction(2, 3))


@given(st.integers(1, 99).filter(lambda n: n % 2), st.data())
def test_a_recusal_never_helps_a_meeting_below_its_quorum(drawn: int, data: st.DataObject) -> None:
    here = data.draw(st.integers(0, drawn))
    recused = data.draw(st.integers(0, here))
    present = names(here)

    voters = voters_on(present, present[:recused])

    assert voters == here - recused
    assert can_be_voted_on(drawn, voters) is (Fraction(voters, drawn) >= Fraction(2, 3))


def test_a_group_is_three_experts_who_are_there() -> None:
    check_group(["e01", "e02", "e03"], names(8), [])


@pytest.mark.parametrize(
    ("group", "recused", "code"),
    [
        (["e01", "e02"], [], Code.GROUP_TOO_SMALL),
        (["e01", "e02", "e02"], [], Code.GROUP_TOO_SMALL),
        (["e01", "e02", "e11"], [], Code.NOT_A_MEMBER),
        (["e01", "e02", "e03"], ["e03"], Code.RECUSED),
    ],
)
def test_a_group_that_may_not_judge(group: list[str], recused: list[str], code: Code) -> None:
    with pytest.raises(Refused) as caught:
        check_group(group, names(8), recused)
    assert code_of(caught) == code


def test_a_committee_of_25_has_its_quorum_at_17() -> None:
    assert quorum(25) == 17
    check_quorum(seats(25), names(17))
