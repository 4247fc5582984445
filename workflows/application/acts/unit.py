"""The unit's part: publicity, returns, recommendation (BD 四(二)3(1), LC 四(二)3(1))."""

from __future__ import annotations

import json

from workflows.application.acts.arrivals import pass_up, tell_task
from workflows.application.case import Item, Return
from workflows.application.corrections import items_of, term
from workflows.application.move import Move, superior_of
from workflows.application.payloads import PostPublicity, Resubmit, ReturnForCorrection
from workflows.rules.deadlines import Deadline, compute
from workflows.rules.names import EndName, InquiryKind, LetterKind, Party, RuleName, Stage
from workflows.rules.publicity import Publicity
from workflows.rules.refusals import Code, refuse
from workflows.writer.payloads import Nothing, Reason
from workflows.writer.stating import need_reason, posting_day


def start_publicity(move: Move, stated: PostPublicity) -> None:
    """The 公示表 is posted; at least five full working days follow.

    Raises:
        Refused: `check_open` while a check of the unit is open; `date_not_allowed` for a posting
            day other than today.
    """
    _no_open_unit_check(move)
    _post(move, stated, restarts=0)
    move.go(Stage.UNIT_PUBLICITY)


def restart_publicity(move: Move, stated: PostPublicity) -> None:
    """The posting was changed or taken down: the floor begins anew (A31).

    Raises:
        Refused: `reason_required`, `date_not_allowed`.
    """
    need_reason(stated.reason)
    before = move.case.unit_publicity
    _post(move, stated, restarts=before.restarts + 1 if before else 1)
    move.reason = stated.reason


def finish_publicity(move: Move, stated: Nothing) -> None:
    """The unit states that the publicity is over without objection, and reports up.

    Raises:
        Refused: `publicity_not_over`, `inquiry_open`, `check_open`.
    """
    case = move.case
    clause = case.policy.terms(RuleName.UNIT_PUBLICITY).source
    floor = case.unit_publicity
    running = case.deadline(RuleName.UNIT_PUBLICITY)
    if floor is None or (running is not None and move.at < running.ends_at):
        raise refuse(Code.PUBLICITY_NOT_OVER, clause, ends_on=floor.ends_on if floor else "未公示")
    for inquiry in case.open_inquiries:
        if inquiry.kind is InquiryKind.OBJECTION and inquiry.raised_in is Stage.UNIT_PUBLICITY:
            raise refuse(Code.INQUIRY_OPEN, clause, inquiry=inquiry.id)
    _no_open_unit_check(move)
    floor.over = True
    case.publicised_achievements = tuple(item.id for item in case.facts.achievements)
    move.clause = clause
    pass_up(move, from_index=-1)


def decline_recommendation(move: Move, stated: Reason) -> None:
    """不予推荐: does not meet the conditions, or was not chosen (BD 3(1)d, LC 3(1)c).

    Raises:
        Refused: `reason_required`.
    """
    clause = move.case.policy.clause("not_recommended")
    need_reason(stated.reason, clause)
    move.finish(EndName.NOT_RECOMMENDED, clause, reason=stated.reason)


def return_for_correction(move: Move, stated: ReturnForCorrection) -> None:
    """The unit gives the application back with items and a term of 1 to 5 working days.

    Raises:
        Refused: `items_required`, `term_out_of_range`, `term_too_short`.
    """
    case = move.case
    items = items_of(len(case.returns) + 1, stated.items, case.policy.clause("return:unit"))
    deadline = term(case, RuleName.UNIT_CORRECTION, stated.days, move.at)
    note_return(move, "unit", items, deadline)
    case.unit_publicity = None
    move.go(Stage.UNIT_CORRECTION)
    move.open(deadline)
    tell_return(move, LetterKind.RETURNED, Party.APPLICANT, items, deadline)


def resubmit(move: Move, stated: Resubmit) -> None:
    """The corrected application is back at the unit; the applicant's term is met."""
    if move.case.last_return:
        move.case.last_return.resubmitted_at = move.at
    move.go(Stage.UNIT_REVIEW)
    tell_task(move)


def note_return(
    move: Move,
    level: str,
    items: tuple[Item, ...],
    deadline: Deadline,
    *,
    to: str = "applicant",
    overridden: bool = False,
) -> None:
    """Enter a return into the case's ledger."""
    case = move.case
    case.returns.append(
        Return.model_validate(
            {
                "number": len(case.returns) + 1,
                "level": level,
                "chain_index": case.chain_index,
                "to": to,
                "on": move.on,
                "items": items,
                "ends_on": deadline.ends_on,
                "overridden": overridden,
            }
        )
    )


def tell_return(
    move: Move, kind: LetterKind, to: Party, items: tuple[Item, ...], deadline: Deadline
) -> None:
    """Tell what is to be corrected and by when; a term that was not told cannot lapse (A13)."""
    move.tell(
        kind,
        to,
        items=json.dumps([item.model_dump() for item in items], ensure_ascii=False),
        number=len(move.case.returns),
        deadline_on=deadline.ends_on,
        deadline_at=deadline.ends_at.isoformat(),
        rule=deadline.rule.value,
        clause=deadline.clause,
        stage=move.stage_before.value if move.stage_before else "",
    )


def _post(move: Move, stated: PostPublicity, *, restarts: int) -> None:
    case = move.case
    terms = case.policy.terms(RuleName.UNIT_PUBLICITY)
    day = posting_day(move, stated.posted_on, terms.source)
    floor = compute(RuleName.UNIT_PUBLICITY, terms, case.calendar, day)
    case.unit_publicity = Publicity(posted_on=day, ends_on=floor.ends_on, restarts=restarts)
    case.publicised_files = tuple(
        file for achievement in case.facts.achievements for file in achievement.files
    )
    case.publicised_achievements = tuple(item.id for item in case.facts.achievements)
    contacts = _complaint_contacts(move)
    move.open(floor)
    move.clause = terms.source
    cutoff = case.deadline(RuleName.CHAIN_CUTOFF)
    late = cutoff is not None and floor.ends_on >= cutoff.ends_on
    for party in (Party.APPLICANT, Party.SUPERIOR):
        move.tell(
            LetterKind.PUBLICITY_STARTED,
            party,
            posted_on=day,
            deadline_on=floor.ends_on,
            rule=floor.rule.value,
            clause=floor.clause,
            cutoff_on=cutoff.ends_on if late and cutoff else "",
            contacts=contacts,
        )


def _complaint_contacts(move: Move) -> str:
    """Whose contacts the 公示表 must show: the unit and its superior, where the notice says so
    (BD 四(二)3(1)h, A55). They go into the record with the posting."""
    case = move.case
    who = {"unit": case.unit, "superior": superior_of(case, case.unit)}
    required = [who[name] for name in case.policy.publicity.required_contacts if who.get(name)]
    if required:
        move.payload = move.payload | {"complaint_contacts": required}
    return ",".join(required)


def _no_open_unit_check(move: Move) -> None:
    for check in move.case.checks:
        if check.body == "unit":
            raise refuse(Code.CHECK_OPEN, check.clause, check=check.key)
