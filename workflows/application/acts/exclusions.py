"""Exclusions looked at again at 受理 and before the ballot: a hit goes to the office (A24, A58).

Retirement is in the facts and decided here. A 影响期 is in the integrity register, so the record
looks in the step's own transaction (`RecordStep.guard`): no case asks for it by an activity of
its own. Either way the act is refused and an open check is left; the office clears it with its
reason (`record_manual_check`) or ends the case (`disqualify`).
"""

from __future__ import annotations

from workflows.application.case import Case
from workflows.application.move import Move
from workflows.rules.eligibility import examine_exclusions, excluded_by
from workflows.rules.facts import Bar, OpenCheck, Standing
from workflows.rules.refusals import Code, Refusal, Refused, refuse

BAR = "bar:"
RETIRED = "retired"


def may_go_on(move: Move) -> None:
    """Ask the exclusions anew; an act that goes on sets its `guard` to "bars" besides.

    Raises:
        Refused: `check_open` while an exclusion found before is undecided; `excluded_retired`
            where retirement was approved meanwhile and the office did not clear it.
    """
    case = move.case
    for check in case.checks:
        if is_exclusion(check.key):
            raise refuse(Code.CHECK_OPEN, check.clause, check=check.key)
    found = examine_exclusions(case.facts, Standing(), case.policy, move.at).refusals
    for refusal in found:
        if refusal.code is Code.EXCLUDED_RETIRED and RETIRED not in case.bars_cleared:
            raise Refused(refusal)


def barred(case: Case, bars: tuple[Bar, ...]) -> tuple[Refusal, ...]:
    """The refusals for the 影响期 that the record found."""
    return tuple(excluded_by(bar, case.policy) for bar in bars)


def left_to_office(case: Case, refusals: tuple[Refusal, ...]) -> list[OpenCheck]:
    """The checks that a refusal for an exclusion leaves for the office; none on an ended case."""
    if case.end is not None:
        return []
    known = {check.key for check in case.checks}
    found = [
        OpenCheck(
            key=f"{BAR}{refusal.params['bar']}",
            body="office",
            clause=refusal.clause,
            note=refusal.params["ends_on"],
        )
        for refusal in refusals
        if refusal.code is Code.EXCLUDED_BAR and "bar" in refusal.params
    ]
    found += [
        OpenCheck(
            key=RETIRED,
            body="office",
            clause=refusal.clause,
            note=refusal.params["approved_on"],
        )
        for refusal in refusals
        if refusal.code is Code.EXCLUDED_RETIRED
    ]
    return [check for check in found if check.key not in known]


def clear(case: Case, check: OpenCheck) -> None:
    """The office goes on in spite of an exclusion: remembered, so that it is not asked again."""
    if is_exclusion(check.key):
        case.bars_cleared.append(check.key.removeprefix(BAR))


def is_exclusion(key: str) -> bool:
    """Whether an open check is a 影响期 or a retirement found on the way."""
    return key == RETIRED or key.startswith(BAR)
