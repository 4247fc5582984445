"""A refusal with thousands of reasons tells the first, and how many more there are."""

from __future__ import annotations

from workflows.rules.refusals import MOST_REASONS, Code, Refusal, Refused


def so_many(number: int) -> tuple[Refusal, ...]:
    return tuple(
        Refusal(code=Code.NOT_ON_LIST, params={"application": str(item)}) for item in range(number)
    )


def test_what_has_room_is_told_whole() -> None:
    reasons = so_many(MOST_REASONS)

    assert Refused(*reasons).reasons == reasons


def test_of_more_the_first_are_told_and_the_number_of_the_rest() -> None:
    reasons = so_many(MOST_REASONS + 1_500)
    told = Refused(*reasons).reasons

    assert told[:-1] == reasons[:MOST_REASONS]
    assert told[-1] == Refusal(code=Code.MORE_REASONS, params={"number": "1500"})


def test_who_passes_on_what_was_refused_loses_no_count() -> None:
    first = Refused(*so_many(MOST_REASONS + 7))
    again = Refused(*first.reasons)
    joined = Refused(*first.reasons, *so_many(2))

    assert again.reasons == first.reasons
    assert joined.reasons[-1].params == {"number": "9"}
