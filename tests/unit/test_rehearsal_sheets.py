"""What a scenario's words for a meeting mean: experts by place, sheets written short."""

from __future__ import annotations

import pytest

from starter.rehearsal.roles import UnknownRoleError
from starter.rehearsal.sheets import Sheets
from workflows.rules.committee import Chair, Seat


def seat(number: int, chair: Chair = "", *, spare: bool = False) -> Seat:
    return Seat(
        expert=f"e{number}",
        person=f"p{number}",
        unit="u",
        chair=chair,
        rank=20 - number,
        spare=spare,
    )


SEATS = (*(seat(n) for n in (3, 1, 2, 5)), seat(4, "director"), seat(9, spare=True))
SHEETS = Sheets(
    applications={"a": "application-a", "b": "application-b"},
    seats=SEATS,
    present=("e1", "e2", "e3", "e4"),
    ballot=("application-a", "application-b"),
    recused={"application-b": ("e1",)},
)


def test_experts_are_named_by_their_place_chairs_first() -> None:
    meant = SHEETS.payload(
        "recuse", {"expert": "expert[1]", "applications": ["a"], "reason": "合作者"}
    )

    assert meant == {"expert": "e1", "applications": ["application-a"], "reason": "合作者"}
    assert SHEETS.payload("replace_expert", {"expert": "spare[0]"}) == {"expert": "e9"}
    assert SHEETS.payload("sign", {"chair": "chair"}) == {"chair": "e4"}


@pytest.mark.parametrize(
    ("stated", "meant"),
    [("all", ["e4", "e1", "e2", "e3", "e5"]), (2, ["e4", "e1"]), (["expert[4]"], ["e5"])],
)
def test_who_is_there(stated: object, meant: list[str]) -> None:
    assert SHEETS.payload("open", {"present": stated}) == {"present": meant}


def test_a_place_nobody_has_is_said() -> None:
    with pytest.raises(UnknownRoleError, match=r"expert\[7\]"):
        SHEETS.payload("replace_expert", {"expert": "expert[7]"})


def test_a_sheet_by_outcome_counts_every_voter_of_each_candidate() -> None:
    meant = SHEETS.payload("enter_ballots", {"passed": "all", "failed": ["b"]})

    assert meant == {
        "tallies": [
            {"application": "application-a", "yes": 3, "no": 1},
            {"application": "application-b", "yes": 1, "no": 2},
        ]
    }


def test_votes_are_yes_no_abstain_and_uncast_as_they_stand() -> None:
    meant = SHEETS.payload("enter_ballots", {"votes": {"a": [2, 1], "b": [1, 1, 0, 1]}})

    assert meant == {
        "tallies": [
            {"application": "application-a", "yes": 2, "no": 1},
            {"application": "application-b", "yes": 1, "no": 1, "abstain": 0, "uncast": 1},
        ]
    }


def test_opinions_are_given_by_three_who_may_judge() -> None:
    meant = SHEETS.payload("record_opinions", {"opinions": {"b": "建议通过"}})

    assert meant == {
        "opinions": [
            {"application": "application-b", "text": "建议通过", "experts": ["e4", "e2", "e3"]}
        ]
    }


def test_an_opinion_of_named_experts_is_theirs() -> None:
    meant = SHEETS.payload(
        "record_opinions",
        {"experts": ["expert[0]", "expert[1]"], "opinions": "all", "text": "同意"},
    )

    assert meant["experts"] == ["e4", "e1"]
    assert [item["application"] for item in meant["opinions"]] == list(SHEETS.ballot)
