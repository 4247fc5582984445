"""The secret ballot in totals: quorum, voters, and who has passed (40号令 art 19-21, A34, A35).

All by integers: two thirds of n, rounded up, is `(2n + 2) // 3`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from pydantic import Field

from workflows.rules.committee import ART_19, ART_20, ART_21, Seat
from workflows.rules.message import Message
from workflows.rules.names import Result
from workflows.rules.readings import Reading
from workflows.rules.refusals import Code, refuse

Votes = Annotated[int, Field(ge=0, le=999)]
GROUP_AT_LEAST = 3


class Totals(Message):
    """The votes on one candidate, in totals only."""

    yes: Votes
    no: Votes = 0
    abstain: Votes = 0
    uncast: Votes = 0
    """Voters who handed in no vote, or one that is void: present, and never a consent (art 20)."""

    @property
    def cast(self) -> int:
        """All votes counted."""
        return self.yes + self.no + self.abstain

    @property
    def accounted(self) -> int:
        """The voters of whom the sheet says what became of their vote."""
        return self.cast + self.uncast


def two_thirds(number: int) -> int:
    """⌈2n/3⌉."""
    return (2 * number + 2) // 3


def quorum(seats: int) -> int:
    """How many of the members drawn for the meeting must be there (art 19, A35): of 11, 8."""
    return two_thirds(seats)


def needed_yes(voters: int) -> int:
    """How many of the voters must agree (art 20): of 9, 6."""
    return two_thirds(voters)


def check_quorum(seats: Collection[Seat], present: Collection[str]) -> None:
    """A meeting opens with two thirds of its members, its chair among them.

    Raises:
        Refused: `not_a_member`, `quorum_short` with the numbers, `chair_missing`.
    """
    members = {seat.expert: seat for seat in seats if seat.sits}
    for expert in present:
        if expert not in members:
            raise refuse(Code.NOT_A_MEMBER, ART_19, expert=expert)
    drawn = len(members)
    if len(set(present)) < quorum(drawn):
        raise refuse(
            Code.QUORUM_SHORT, ART_19, present=len(set(present)), needed=quorum(drawn), drawn=drawn
        )
    if not any(members[expert].chair for expert in present):
        raise refuse(Code.CHAIR_MISSING, ART_19)


def voters_on(present: Collection[str], recused: Collection[str]) -> int:
    """Who may vote on a candidate: those present without those recused (A34)."""
    return len(set(present) - set(recused))


def can_be_voted_on(drawn: int, voters: int) -> bool:
    """Whether enough voters are left for a candidate; else he or she is moved (A34)."""
    return 0 < quorum(drawn) <= voters


def check_totals(totals: Totals, voters: int, drawn: int) -> None:
    """Totals that can be: every vote cast by a voter, every voter's vote accounted for.

    Who hands in no vote is stated as `uncast`: fewer votes than voters are never passed over,
    since a vote that was lost in counting would look the same.

    Raises:
        Refused: `quorum_short` where too many are recused, `ballot_out_of_range` where more or
            fewer votes were accounted for than voters were there.
    """
    if not can_be_voted_on(drawn, voters):
        raise refuse(
            Code.QUORUM_SHORT,
            Reading.RECUSAL,
            reason="recusal",
            present=voters,
            needed=quorum(drawn),
            drawn=drawn,
        )
    if totals.accounted != voters:
        raise refuse(Code.BALLOT_OUT_OF_RANGE, ART_20, cast=totals.accounted, voters=voters)


def result_of(totals: Totals, voters: int) -> Result:
    """Passed with two thirds of the voters' consent, by integers (art 20); by nobody, never."""
    passed = 0 < needed_yes(voters) <= totals.yes
    return Result.PASSED if passed else Result.NOT_PASSED


def check_group(
    experts: Collection[str], present: Collection[str], recused: Collection[str]
) -> None:
    """A written opinion is three experts' or more, all present, none recused (art 21).

    Raises:
        Refused: `group_too_small`, `not_a_member`, `recused`.
    """
    if len(set(experts)) < GROUP_AT_LEAST:
        raise refuse(Code.GROUP_TOO_SMALL, ART_21, number=len(set(experts)), needed=GROUP_AT_LEAST)
    for expert in experts:
        if expert not in present:
            raise refuse(Code.NOT_A_MEMBER, ART_21, expert=expert)
        if expert in recused:
            raise refuse(Code.RECUSED, ART_21, expert=expert)
