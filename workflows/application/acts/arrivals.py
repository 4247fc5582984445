"""Going up the route: from the unit through the chain to the committee, and what arrives tells."""

from __future__ import annotations

from workflows.application.move import Move
from workflows.application.parties import holder
from workflows.letter.kinds import PassedUp, Task, Work
from workflows.letter.letter import dated
from workflows.rules.deadlines import Deadline
from workflows.rules.names import Party, Stage


def pass_up(move: Move, *, from_index: int) -> None:
    """Move to the next place of the chain, or to the committee after the last (T1)."""
    following = from_index + 1
    if following < len(move.case.chain):
        move.go(Stage.CHAIN_REVIEW, chain_index=following)
    else:
        arrive_at_committee(move)
    tell_passed_up(move)


def arrive_at_committee(move: Move) -> None:
    """A submission to the committee is counted on arrival (A1); what follows a supervisor's return
    for new defects is not (A3)."""
    case = move.case
    given = [item for item in case.returns if item.level == "committee"]
    if not (given and given[-1].overridden):
        case.submissions += 1
    case.reached_committee_at = case.reached_committee_at or move.at
    case.going_up_again = ""
    move.go(Stage.COMMITTEE_INTAKE)


def return_to_committee(move: Move) -> None:
    """What the committee had returned goes back to it: at once, or confirmed by the chain first,
    also where it hung anew on the way (A32)."""
    case = move.case
    if case.policy.corrections.correction_path == "chain_confirm" and case.chain:
        case.going_up_again = "confirming"
        move.go(Stage.CHAIN_REVIEW, chain_index=0)
    else:
        arrive_at_committee(move)


def tell_passed_up(move: Move) -> None:
    """The applicant learns who holds it now; the new holder gets the work."""
    case = move.case
    if case.stage is not None:
        move.tell(PassedUp(stage=case.stage, number=case.submissions), Party.APPLICANT)
    tell_task(move)


def tell_office_in_time(move: Move, cutoff: Deadline) -> None:
    """An objection keeps the unit from reporting up, and printed cutoffs do not move: the office learns
    of it while it can still extend this one (T3)."""
    move.tell(Task(task="consider_extension", **dated(cutoff)), Party.OFFICE)


def tell_task(move: Move, task: Work | None = None) -> None:
    """Tell the organisation that now holds the case what it is asked to do."""
    case = move.case
    work = task or case.stage
    if work is not None:
        letter = Task(task=work, stage=case.stage, number=case.submissions)
        move.tell(letter, Party.HOLDER, organisation=holder(case))
