"""A return for correction and its answer: what unit, chain and committee office do alike."""

from __future__ import annotations

from typing import Literal

from workflows.application.acts.arrivals import tell_task
from workflows.application.case import FactChange, Item, Return
from workflows.application.corrections import (
    changes_what_hung,
    check_publicised,
    corrected,
    examined,
    raised_late,
    returns_of,
)
from workflows.application.move import Move
from workflows.application.payloads import Resubmit, ReturnForCorrection
from workflows.letter.kinds import GivenBack, Task
from workflows.letter.letter import dated
from workflows.rules.deadlines import Deadline
from workflows.rules.facts import OpenCheck
from workflows.rules.message import local_date
from workflows.rules.names import CautionCode, Party, Relation, RuleName, Stage
from workflows.rules.refusals import Code, Refused

FOUND_AT_SUBMISSION = frozenset(
    {
        "residency_by_cutoff",
        "residency_gap",
        "insured_unit",
        "post_vacancy",
        "profession",
        "tenure",
        "annual_reason",
    }
)
"""Checks that rest on what was stated, and are found anew when that is corrected."""


def give_back(
    move: Move,
    stated: ReturnForCorrection,
    items: tuple[Item, ...],
    level: Literal["unit", "chain", "committee"],
    stage: Stage,
    *,
    overridden: bool = False,
) -> Deadline:
    """Enter the return and its term, which runs from when the return can be read (A13): a word that
    was long on its way takes nothing of the time to correct."""
    case = move.case
    _warn_of_what_comes_late(move, level, items)
    case.returns.append(
        Return(
            number=len(case.returns) + 1,
            level=level,
            chain_index=case.chain_index,
            to=stated.to if level == "chain" else "applicant",
            on=local_date(move.now),
            at=move.now,
            days=stated.days,
            items=items,
            overridden=overridden,
        )
    )
    move.go(stage)
    rule = {
        "unit": RuleName.UNIT_CORRECTION,
        "chain": RuleName.CHAIN_CORRECTION,
        "committee": RuleName.COMMITTEE_CORRECTION,
    }[level]
    clock = move.started(rule)
    if clock.capped_by is not None:
        move.warn(
            CautionCode.TERM_CUT,
            clock.clause,
            ends_on=clock.ends_on,
            uncapped_on=clock.uncapped_on,
            rule=clock.capped_by.value,
        )
    return clock


def tell_return(move: Move, model: type[GivenBack], *to: Party, clock: Deadline) -> None:
    """Tell what is to be corrected and by when; a term that was not told cannot lapse (A13)."""
    given = move.case.last_return
    letter = model(
        items=given.items if given else (),
        number=len(move.case.returns),
        stage=move.stage_before,
        uncapped_on=clock.uncapped_on if clock.capped_by else None,
        capped_by=clock.capped_by,
        **dated(clock),
    )
    for party in to:
        move.tell(letter, party)


def by_whom_it_was_asked(move: Move) -> None:
    """A return to the unit is answered by the unit, any other by the applicant (A47).

    Raises:
        Refused: `not_entitled`.
    """
    case = move.case
    to_unit = (
        case.stage in (Stage.CHAIN_CORRECTION, Stage.CHAIN_REVIEW)
        and case.last_return is not None
        and case.last_return.to == "unit"
    )
    wanted = Relation.UNIT if to_unit else Relation.APPLICANT
    if move.relation is not wanted:
        raise move.refusal(Code.NOT_ENTITLED, "chain_return", needed=wanted.value)


def check_resubmission(move: Move, stated: Resubmit) -> None:
    """What is added and changed must be allowed, and sound as a submission must be.

    Raises:
        Refused: `unpublicised_file`, `correction_not_asked`, `malformed_payload`, or every reason
            that the rules of submission find against the facts as they were corrected.
    """
    case = move.case
    check_publicised(case, stated.files)
    new, changes = corrected(case, stated)
    if changes:
        found = examined(case, new, case.submitted_at or move.at)
        if found.refusals:
            raise Refused(*found.refusals)


def take_corrections(move: Move, stated: Resubmit) -> bool:
    """Put the corrected facts in the place of the old ones; True where what hung has changed.

    The open checks that rest on the facts are found anew; those of persons and gateways stay.
    """
    case = move.case
    new, changes = corrected(case, stated)
    given = case.last_return
    if given is None or not changes:
        return False
    given.changes = changes
    move.payload = move.payload | {"corrected": [_change(item) for item in changes]}
    kept = [check for check in case.checks if check.key not in FOUND_AT_SUBMISSION]
    found = examined(case, new, case.submitted_at or move.at).checks
    known = {check.key for check in case.checks}
    judged_before = {
        check.key for check in examined(case, case.facts, case.submitted_at or move.at).checks
    } - known
    case.checks = [*kept, *(check for check in found if check.key not in judged_before)]
    case.facts = new
    return changes_what_hung(case, changes)


def take_down(move: Move) -> None:
    """The unit's posting hangs no more; what was objected until then is still on its way (A30)."""
    case, posted = move.case, move.case.unit_publicity
    if posted is None:
        return
    posted.over_at = min(posted.over_at or move.at, move.at)
    case.taken_down.append(posted)
    case.unit_publicity = None


def hang_anew(move: Move) -> None:
    """What was publicised has changed in substance: the unit posts it again, then it goes on (A31)."""
    case = move.case
    take_down(move)
    case.going_up_again = "republicised"
    move.warn(CautionCode.REPUBLICISED, move.clause_of("correction_changes"))
    move.go(Stage.UNIT_REVIEW)
    tell_task(move)


def attest(move: Move, stated: Resubmit) -> None:
    """The unit attests files that come in after its publicity (A33)."""
    case = move.case
    if not stated.files:
        return
    key = f"attestation:{len(case.returns)}"
    case.checks.append(OpenCheck(key=key, body="unit", clause=move.clause_of("attestation")))
    move.tell(Task(task="attestation", check=key), Party.UNIT)


def _warn_of_what_comes_late(
    move: Move, level: Literal["unit", "chain", "committee"], items: tuple[Item, ...]
) -> None:
    """Say that a later return raises what the first one could have (一次性告知, A3)."""
    late = raised_late(move.case, level, items)
    if late:
        move.warn(
            CautionCode.RAISED_LATE,
            move.clause_of(f"return:{level}"),
            items="、".join(late),
            first_on=returns_of(move.case, level)[0].on,
        )


def _change(item: FactChange) -> dict[str, object]:
    return item.model_dump(mode="json")
