"""The unit's part: publicity, returns, recommendation (BD 四(二)3(1), LC 四(二)3(1))."""

from __future__ import annotations

from datetime import datetime

from workflows.application.act import Rule
from workflows.application.acts.arrivals import (
    pass_up,
    return_to_committee,
    tell_passed_up,
    tell_task,
)
from workflows.application.acts.returning import (
    by_whom_it_was_asked,
    check_resubmission,
    give_back,
    take_corrections,
    take_down,
    tell_return,
)
from workflows.application.corrections import check_room, items_of, term
from workflows.application.move import Move
from workflows.application.parties import superior_of
from workflows.application.payloads import PostPublicity, Resubmit, ReturnForCorrection
from workflows.letter.kinds import PublicityStarted, Returned
from workflows.letter.letter import dated
from workflows.rules.deadlines import Deadline
from workflows.rules.message import end_of
from workflows.rules.names import (
    CautionCode,
    EndName,
    InquiryKind,
    Party,
    RuleName,
    Stage,
)
from workflows.rules.publicity import Publicity
from workflows.rules.refusals import Code, refuse
from workflows.writer.payloads import Nothing, Reason
from workflows.writer.stating import need_reason, posting_day


def no_unit_check_open(move: Move) -> None:
    """The unit decides its own checks before it publicises or reports up (T5).

    Raises:
        Refused: `check_open`.
    """
    for check in move.case.checks:
        if check.body == "unit":
            raise refuse(Code.CHECK_OPEN, check.clause, check=check.key)


def _posted_today(move: Move, stated: PostPublicity) -> None:
    posting_day(move, stated.posted_on, move.policy.terms(RuleName.UNIT_PUBLICITY).source)


def _posted_anew(move: Move, stated: PostPublicity) -> None:
    need_reason(stated.reason)
    _posted_today(move, stated)


def start_publicity(move: Move, stated: PostPublicity) -> None:
    """The 公示表 is posted; at least five full working days follow."""
    _post(move, stated, restarts=0)


def restart_publicity(move: Move, stated: PostPublicity) -> None:
    """The posting was changed or taken down: the floor begins anew (A31)."""
    before = move.case.unit_publicity
    _post(move, stated, restarts=before.restarts + 1 if before else 1)
    move.reason = stated.reason


def may_finish(move: Move) -> None:
    """The floor is over, nobody's objection is open, and no check of the unit.

    Raises:
        Refused: `publicity_not_over`, `inquiry_open`, `check_open`.
    """
    case = move.case
    clause = case.policy.terms(RuleName.UNIT_PUBLICITY).source
    floor, posted = move.clock(RuleName.UNIT_PUBLICITY), case.unit_publicity
    if posted is None or (floor is not None and move.at < floor.ends_at):
        ends_on = floor.ends_on if floor else "未公示"
        raise refuse(Code.PUBLICITY_NOT_OVER, clause, ends_on=ends_on)
    for inquiry in case.open_inquiries:
        if inquiry.kind is InquiryKind.OBJECTION and inquiry.raised_in is Stage.UNIT_PUBLICITY:
            raise refuse(Code.INQUIRY_OPEN, clause, inquiry=inquiry.id)
    no_unit_check_open(move)


def finish_publicity(move: Move, stated: Nothing) -> None:
    """The unit states that the publicity is over without objection, and reports up."""
    case = move.case
    floor, posted = move.clock(RuleName.UNIT_PUBLICITY), case.unit_publicity
    if posted is not None and floor is not None:
        posted.over_at = floor.ends_at
    case.publicised_achievements = tuple(item.id for item in case.facts.achievements)
    move.clause = case.policy.terms(RuleName.UNIT_PUBLICITY).source
    # What the unit itself returned meanwhile does not change whom the case goes back to.
    above = [item for item in case.returns if item.level != "unit"]
    given = above[-1] if case.going_up_again == "republicised" and above else None
    case.going_up_again = ""
    if given is not None and given.level == "committee":
        return_to_committee(move)
        tell_passed_up(move)
    else:  # back to the level of the chain that returned it, or up from the first
        pass_up(move, from_index=given.chain_index - 1 if given else -1)


def _decline_reason(move: Move, stated: Reason) -> None:
    need_reason(stated.reason, move.clause_of("not_recommended"))


def decline_recommendation(move: Move, stated: Reason) -> None:
    """不予推荐: does not meet the conditions, or was not chosen (BD 3(1)d, LC 3(1)c)."""
    move.finish(EndName.NOT_RECOMMENDED, move.clause_of("not_recommended"), reason=stated.reason)


def _room_for_a_term(move: Move) -> None:
    check_room(move.case, RuleName.UNIT_CORRECTION, move.at)


def _sound_return(move: Move, stated: ReturnForCorrection) -> None:
    items_of(len(move.case.returns) + 1, stated.items, move.clause_of("return:unit"))
    term(move.case, RuleName.UNIT_CORRECTION, stated.days, move.now)


def return_for_correction(move: Move, stated: ReturnForCorrection) -> None:
    """The unit gives the application back with items and a term of 1 to 5 working days."""
    case = move.case
    items = items_of(len(case.returns) + 1, stated.items, move.clause_of("return:unit"))
    take_down(move)
    clock = give_back(move, stated, items, "unit", Stage.UNIT_CORRECTION)
    tell_return(move, Returned, Party.APPLICANT, clock=clock)


def resubmit(move: Move, stated: Resubmit) -> None:
    """The corrected application is back at the unit; the applicant's term is met."""
    take_corrections(move, stated)
    move.go(Stage.UNIT_REVIEW)
    tell_task(move)


START = Rule(start_publicity, no_unit_check_open, _posted_today)
RESTART = Rule(restart_publicity, check=_posted_anew)
FINISH = Rule(finish_publicity, may_finish)
DECLINE = Rule(decline_recommendation, check=_decline_reason)
RETURN = Rule(return_for_correction, _room_for_a_term, _sound_return)
RESUBMIT = Rule(resubmit, by_whom_it_was_asked, check_resubmission)


def _post(move: Move, stated: PostPublicity, *, restarts: int) -> None:
    case = move.case
    day = stated.posted_on or move.on
    case.unit_publicity = Publicity(
        posted_on=day, posted_at=move.at, ends_on=day, restarts=restarts
    )
    case.publicised_achievements = tuple(item.id for item in case.facts.achievements)
    contacts = _complaint_contacts(move)
    move.go(Stage.UNIT_PUBLICITY)
    floor, cutoff = move.started(RuleName.UNIT_PUBLICITY), move.clock(RuleName.CHAIN_CUTOFF)
    move.clause = case.policy.terms(RuleName.UNIT_PUBLICITY).source
    started = PublicityStarted(
        posted_on=day,
        cutoff_on=cutoff.ends_on if cutoff else None,
        cutoff_at=_hour_of(cutoff) if cutoff else None,
        contacts=contacts,
        **dated(floor),
    )
    parties = [Party.APPLICANT, Party.SUPERIOR]
    if started.too_late and cutoff is not None:
        move.warn(
            CautionCode.PUBLICITY_TOO_LATE,
            cutoff.clause,
            ends_on=floor.ends_on,
            cutoff_on=cutoff.ends_on,
        )
        # Whoever posts knows that it is posted; that it is too late he reads like the others.
        parties.append(Party.UNIT)
    for party in parties:
        move.tell(started, party)


def _hour_of(clock: Deadline) -> datetime | None:
    """The hour at which a last day closes; None where all of it counts."""
    return None if clock.ends_at == end_of(clock.ends_on) else clock.ends_at


def _complaint_contacts(move: Move) -> str:
    """Whose contacts the 公示表 must show: the unit and its superior, where the notice says so
    (BD 四(二)3(1)h, A55). They go into the record with the posting."""
    case = move.case
    who = {"unit": case.unit, "superior": superior_of(case, case.unit)}
    required = [who[name] for name in case.policy.publicity.required_contacts if who.get(name)]
    if required:
        move.payload = move.payload | {"complaint_contacts": required}
    return ",".join(required)
