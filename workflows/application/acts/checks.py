"""Open checks: a point that a person decides (T5)."""

from __future__ import annotations

from workflows.application.act import Rule
from workflows.application.acts.exclusions import clear, is_exclusion
from workflows.application.move import Move
from workflows.application.payloads import ManualCheck
from workflows.rules.facts import OpenCheck
from workflows.rules.names import Relation
from workflows.rules.refusals import Code, Refused
from workflows.writer.stating import need_reason


def may_decide(move: Move) -> None:
    """There is an open check that this person may decide: the unit its own, the office any.

    Raises:
        Refused: `not_found` where none is open, `not_entitled` where all are the office's.
    """
    checks = move.case.checks
    if not checks:
        raise _unknown(move)
    if not any(_is_entitled(move, check) for check in checks):
        raise _of_the_office(move)


def _decides_one(move: Move, stated: ManualCheck) -> None:
    check = _check(move, stated)
    if check is None:
        raise _unknown(move)
    if not _is_entitled(move, check):
        raise _of_the_office(move)
    if not stated.satisfied or is_exclusion(check.key):
        need_reason(stated.note, check.clause)


def record_manual_check(move: Move, stated: ManualCheck) -> None:
    """A person decides an open check; one that is not satisfied stays open, and says so."""
    case = move.case
    check = _check(move, stated)
    if check is None:
        return
    move.clause, move.reason = check.clause, stated.note
    if stated.satisfied:
        clear(case, check)
        case.checks = [item for item in case.checks if item.key != stated.check]
        return
    case.checks = [
        item.model_copy(update={"note": "not_satisfied"}) if item.key == stated.check else item
        for item in case.checks
    ]


def _goes_on_in_spite(_move: Move, stated: ManualCheck) -> bool:
    """Going on in spite of a 影响期 or a retirement takes two."""
    return stated.satisfied and is_exclusion(stated.check)


DECIDE = Rule(record_manual_check, may_decide, _decides_one, second=_goes_on_in_spite)


def _check(move: Move, stated: ManualCheck) -> OpenCheck | None:
    return next((item for item in move.case.checks if item.key == stated.check), None)


def _is_entitled(move: Move, check: OpenCheck) -> bool:
    """The office decides all, the unit its own; one with its own committee is both (A54)."""
    return check.body == "unit" or bool(
        move.relations & {Relation.OFFICE, Relation.OFFICE_SUPERVISOR}
    )


def _unknown(move: Move) -> Refused:
    known = "、".join(item.key for item in move.case.checks) or "无"
    return move.refusal(Code.NOT_FOUND, "check", what="check", known=known)


def _of_the_office(move: Move) -> Refused:
    return move.refusal(Code.NOT_ENTITLED, "check", needed=Relation.OFFICE.value)
