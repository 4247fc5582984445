"""The clocks of a case: which run in which stage, what strikes next, and what striking does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from workflows.application.acts.arrivals import tell_task
from workflows.application.acts.fees import send_pay_notice_if_open
from workflows.application.acts.objections import open_confirmation
from workflows.application.acts.recheck import end_by_result
from workflows.application.case import Case
from workflows.application.move import APPLICANT, Move, holder, superior_of
from workflows.rules.deadlines import Deadline, compute, fixed, window_deadline
from workflows.rules.message import end_of, local_date, start_of
from workflows.rules.names import (
    OF_THE_MEETING,
    DeadlineKind,
    EndName,
    LetterKind,
    Party,
    RuleName,
    Stage,
)
from workflows.rules.policy import Reminder
from workflows.rules.refusals import Refused
from workflows.rules.reminders import next_reminders

UNIT_AND_CHAIN = frozenset(
    {
        Stage.UNIT_REVIEW,
        Stage.UNIT_CORRECTION,
        Stage.UNIT_PUBLICITY,
        Stage.CHAIN_REVIEW,
        Stage.CHAIN_CORRECTION,
    }
)

RUNS_IN: dict[RuleName, frozenset[Stage]] = {
    RuleName.UNIT_DUTY: frozenset({Stage.UNIT_REVIEW, Stage.UNIT_PUBLICITY}),
    RuleName.UNIT_CORRECTION: frozenset({Stage.UNIT_CORRECTION}),
    RuleName.UNIT_PUBLICITY: frozenset({Stage.UNIT_PUBLICITY}),
    RuleName.CHAIN_DUTY: frozenset({Stage.CHAIN_REVIEW}),
    RuleName.CHAIN_CORRECTION: frozenset({Stage.CHAIN_CORRECTION}),
    RuleName.CHAIN_CUTOFF: UNIT_AND_CHAIN,
    RuleName.INTAKE_DUTY: frozenset({Stage.COMMITTEE_INTAKE, Stage.COMMITTEE_CORRECTION}),
    RuleName.COMMITTEE_CORRECTION: frozenset({Stage.COMMITTEE_CORRECTION}),
    RuleName.PAYMENT_WINDOW: frozenset({Stage.AWAITING_PAYMENT}),
    RuleName.RESULT_REPORT: frozenset(
        {Stage.RESULT_RECORDED, Stage.RESULT_PUBLICITY, Stage.AWAITING_CONFIRMATION}
    ),
    RuleName.RESULT_PUBLICITY: frozenset({Stage.RESULT_PUBLICITY}),
    RuleName.CONFIRMATION: frozenset({Stage.RESULT_PUBLICITY}),
    RuleName.CONFIRMATION_REPLY: frozenset({Stage.RESULT_PUBLICITY, Stage.RESULT_RECORDED}),
    RuleName.CITY_CONFIRMATION: frozenset({Stage.AWAITING_CONFIRMATION}),
    RuleName.RECHECK: frozenset({Stage.RECHECK_WINDOW, Stage.RECHECK}),
    RuleName.FORWARDING: frozenset({Stage.RECHECK_WINDOW, Stage.RECHECK}),
    RuleName.RECHECK_DUTY: frozenset({Stage.RECHECK}),
}
"""The stages in which a clock may run; on leaving them it stops. Inquiries' clocks run anywhere."""


@dataclass(frozen=True)
class Due:
    """Something that strikes: a deadline's end, a reminder, the pay notice, the closing."""

    at: datetime
    as_of: datetime
    what: Literal["strike", "reminder", "pay_notice", "close"]
    key: str = ""
    reminder: Reminder | None = None
    reminder_id: str = ""
    order: int = 9


def settle(move: Move) -> None:
    """After an act or a strike: stop the clocks of stages that were left, start the new ones."""
    case = move.case
    if case.end is not None:
        case.deadlines = []
        case.reminded = {}
        return
    stage = case.stage
    for deadline in list(case.deadlines):
        runs_in = RUNS_IN.get(deadline.rule)
        if runs_in is not None and stage not in runs_in:
            move.close(deadline.key)
    if move.entered and stage is not None:
        _enter(move, stage)


def next_due(case: Case, settle_seconds: int) -> Due | None:
    """The earliest thing that strikes, if nobody acts."""
    dues = _dues(case, settle_seconds)
    return min(dues, key=lambda due: (due.at, due.order)) if dues else None


def strike(move: Move, due: Due) -> None:
    """Let one due thing happen to the case."""
    match due.what:
        case "reminder":
            _remind(move, due)
        case "pay_notice":
            send_pay_notice_if_open(move)
        case "strike":
            _strike(move, due.key)
        case "close":
            # What follows from now on is a filing; the record says so.
            if move.case.end is not None:
                move.case.end.closes_at = None


def open_chain_cutoff(move: Move) -> None:
    """The last day for unit and chain begins to run with the submission."""
    policy = move.case.policy
    cutoff = policy.chain_cutoff
    move.open(
        fixed(
            RuleName.CHAIN_CUTOFF,
            policy.terms(RuleName.CHAIN_CUTOFF),
            move.case.calendar,
            starts_on=move.on,
            ends_on=cutoff.ends_on,
            clause=cutoff.source,
        )
    )


def _enter(move: Move, stage: Stage) -> None:
    case = move.case
    duty = {
        Stage.UNIT_REVIEW: RuleName.UNIT_DUTY,
        Stage.CHAIN_REVIEW: RuleName.CHAIN_DUTY,
        Stage.AWAITING_CONFIRMATION: RuleName.CITY_CONFIRMATION,
        Stage.RECHECK: RuleName.RECHECK_DUTY,
    }.get(stage)
    if duty is not None:
        move.open(compute(duty, case.policy.terms(duty), case.calendar, move.on), told=False)
    if stage is Stage.COMMITTEE_INTAKE and case.deadline(RuleName.INTAKE_DUTY) is None:
        terms = case.policy.terms(RuleName.INTAKE_DUTY)
        window = case.policy.windows.review
        move.open(
            window_deadline(RuleName.INTAKE_DUTY, terms, case.calendar, window).model_copy(
                update={"starts_on": move.on}
            ),
            told=False,
        )
    if stage is Stage.UNIT_PUBLICITY:
        move.close(RuleName.UNIT_DUTY)


def _dues(case: Case, settle_seconds: int) -> list[Due]:
    if case.end is not None:
        closes_at = case.end.closes_at
        return [Due(at=closes_at, as_of=closes_at, what="close")] if closes_at else []
    dues: list[Due] = []
    for deadline in case.deadlines:
        dues += _ends(deadline, settle_seconds)
        dues += _reminders(case, deadline)
    if case.stage is Stage.AWAITING_PAYMENT and case.deadline(RuleName.PAYMENT_WINDOW) is None:
        opens = start_of(case.policy.windows.payment.starts_on)
        dues.append(Due(at=opens, as_of=opens, what="pay_notice"))
    return dues


def _ends(deadline: Deadline, settle_seconds: int) -> list[Due]:
    if deadline.struck or not _strikes(deadline):
        return []
    wait = 0 if deadline.kind is DeadlineKind.FLOOR else settle_seconds
    order = 0 if deadline.rule is RuleName.CHAIN_CUTOFF else 1
    return [
        Due(
            at=deadline.ends_at + timedelta(seconds=wait),
            as_of=deadline.ends_at,
            what="strike",
            key=deadline.key,
            order=order,
        )
    ]


def _strikes(deadline: Deadline) -> bool:
    """Whether the end of a clock does something: duties only remind, most rights only run out."""
    if deadline.kind in (DeadlineKind.LAPSE, DeadlineKind.FLOOR):
        return True
    return deadline.rule in (RuleName.CHAIN_CORRECTION, RuleName.RECHECK)


def _reminders(case: Case, deadline: Deadline) -> list[Due]:
    if case.stage is Stage.COMMITTEE_CORRECTION and deadline.rule is RuleName.INTAKE_DUTY:
        return []
    if case.in_meeting and deadline.rule in OF_THE_MEETING:
        return []  # the meeting reminds once for all of its batch (design.md 15)
    terms = case.policy.terms(deadline.rule)
    struck = case.reminded.get(deadline.key, [])
    return [
        Due(
            at=item.at,
            as_of=item.at,
            what="reminder",
            key=deadline.key,
            reminder=item.reminder,
            reminder_id=item.id,
        )
        for item in next_reminders(deadline, terms, case.calendar, struck)
    ]


def _remind(move: Move, due: Due) -> None:
    """Tell once; of several missed while the fleet was away only the latest is told."""
    case = move.case
    deadline = case.deadline(due.key)
    if deadline is None or due.reminder is None:
        return
    struck = case.reminded.setdefault(due.key, [])
    latest = due
    while True:
        struck.append(latest.reminder_id)
        missed = [item for item in _reminders(case, deadline) if item.at <= move.now]
        if not missed:
            break
        latest = max(missed, key=lambda item: item.at)
    move.at = latest.as_of
    reminder = latest.reminder or due.reminder
    for name in reminder.to:
        _tell_reminder(move, deadline, Party(name), overdue=latest.at >= deadline.ends_at)


def _tell_reminder(move: Move, deadline: Deadline, party: Party, *, overdue: bool) -> None:
    case = move.case
    applicant_holds = holder(case) == APPLICANT
    if party is Party.HOLDER and applicant_holds:
        party = Party.APPLICANT
    organisation = ""
    if deadline.rule in (RuleName.INQUIRY_DUTY,):
        inquiry = next(
            (item for item in case.inquiries if deadline.key.endswith(f":{item.id}")), None
        )
        if inquiry is not None and party is Party.HOLDER:
            organisation = case.unit if inquiry.body == "unit" else case.office
    if deadline.rule is RuleName.INQUIRY_RESPONSE:
        party = Party.APPLICANT
    move.tell(
        LetterKind.REMINDER,
        party,
        organisation=organisation,
        deadline_on=deadline.ends_on,
        deadline_at=deadline.ends_at.isoformat(),
        deadline_key=deadline.key,
        rule=deadline.rule.value,
        clause=deadline.clause,
        stage=case.stage.value if case.stage else "",
        overdue="1" if overdue else "",
    )


def _strike(move: Move, key: str) -> None:
    case = move.case
    deadline = case.deadline(key)
    if deadline is None:
        return
    move.clause = deadline.clause
    match deadline.rule:
        case RuleName.UNIT_PUBLICITY:
            _unit_floor_over(move, deadline)
        case RuleName.RESULT_PUBLICITY:
            _result_floor_over(move, deadline)
        case RuleName.UNIT_CORRECTION:
            _abandon(move, deadline, "abandoned:unit")
        case RuleName.COMMITTEE_CORRECTION:
            _abandon(move, deadline, "abandoned:committee")
        case RuleName.CHAIN_CORRECTION:
            move.close(key)
            move.go(Stage.CHAIN_REVIEW)
            move.tell(
                LetterKind.DATES_CHANGED,
                Party.APPLICANT,
                action="correction_over",
                stage=Stage.CHAIN_REVIEW.value,
                clause=deadline.clause,
            )
            tell_task(move)
        case RuleName.CHAIN_CUTOFF:
            _cutoff(move, deadline)
        case RuleName.PAYMENT_WINDOW:
            _payment_missed(move, deadline)
        case RuleName.RECHECK:
            _right_over(move, deadline)
        case _:
            _mark(case, deadline)


def _unit_floor_over(move: Move, deadline: Deadline) -> None:
    case = move.case
    if case.unit_publicity is not None:
        case.unit_publicity.over = True
    move.close(deadline.key)
    terms = case.policy.terms(RuleName.UNIT_DUTY)
    move.open(compute(RuleName.UNIT_DUTY, terms, case.calendar, move.on), told=False)
    tell_task(move, "may_finish_publicity")


def _result_floor_over(move: Move, deadline: Deadline) -> None:
    case = move.case
    if case.result_publicity is not None:
        case.result_publicity.over = True
    move.close(deadline.key)
    if not case.open_inquiries:
        open_confirmation(move)
    if not case.in_meeting:
        tell_task(move, "may_send_for_confirmation")


def _cutoff(move: Move, deadline: Deadline) -> None:
    case = move.case
    held_by = holder(case)
    if held_by == APPLICANT:
        _abandon(move, deadline, "abandoned:chain")
        return
    if not case.policy.limits.lapse_on_chain_delay:
        _mark(case, deadline)
        return
    clause = case.policy.clause("lapsed", deadline.clause)
    superior = superior_of(case, held_by)
    move.finish(
        EndName.LAPSED,
        clause,
        clock=deadline.key,
        responsible=held_by,
        deadline=_mark(case, deadline),
        closes_at=late_until(case, deadline.ends_at),
    )
    told = _end_params(move, deadline) | {"responsible": held_by}
    move.tell(LetterKind.LAPSED, Party.APPLICANT, **told)
    move.tell(LetterKind.LAPSED, Party.HOLDER, organisation=held_by, **told)
    if superior:
        move.tell(LetterKind.LAPSED, Party.SUPERIOR, organisation=superior, **told)


def _abandon(move: Move, deadline: Deadline, key: str) -> None:
    case = move.case
    clause = case.policy.clause(key, deadline.clause)
    move.finish(
        EndName.ABANDONED,
        clause,
        clock=deadline.key,
        deadline=_mark(case, deadline),
        closes_at=late_until(case, deadline.ends_at),
    )
    told = _end_params(move, deadline)
    move.tell(LetterKind.ABANDONED, Party.APPLICANT, **told)
    move.tell(LetterKind.ABANDONED, Party.UNIT, **told)
    if key == "abandoned:committee":
        move.tell(LetterKind.ABANDONED, Party.OFFICE, **told)


def _payment_missed(move: Move, deadline: Deadline) -> None:
    case = move.case
    closes_at = deadline.ends_at + timedelta(days=case.policy.payment.reopen_days)
    move.finish(
        EndName.PAYMENT_MISSED,
        case.policy.clause("payment_missed", deadline.clause),
        clock=deadline.key,
        deadline=_mark(case, deadline),
        closes_at=closes_at,
    )
    told = _end_params(move, deadline)
    move.tell(LetterKind.PAYMENT_MISSED, Party.APPLICANT, fee=case.fee, **told)


def _right_over(move: Move, deadline: Deadline) -> None:
    case = move.case
    marked = _mark(case, deadline)
    if case.stage is Stage.RECHECK:
        return
    end_by_result(move, clock=deadline.key)
    if case.end is not None:
        case.end.deadline = marked
        case.end.closes_at = late_until(case, deadline.ends_at)
    move.tell(LetterKind.ENDED, Party.APPLICANT, **_end_params(move, deadline))


def _mark(case: Case, deadline: Deadline) -> Deadline:
    struck = deadline.model_copy(update={"struck": True})
    case.deadlines = [struck if item.key == deadline.key else item for item in case.deadlines]
    return struck


def _end_params(move: Move, deadline: Deadline) -> dict[str, str]:
    end = move.case.end
    return {
        "deadline_on": str(deadline.ends_on),
        "rule": deadline.rule.value,
        "clause": end.clause if end else deadline.clause,
        "end": end.name.value if end else "",
        "stage": end.left_stage.value if end and end.left_stage else "",
        "closes_on": str(local_date(end.closes_at)) if end and end.closes_at else "",
    }


def late_until(case: Case, at: datetime) -> datetime:
    """How long an ended case still listens for an act that was made in time."""
    days = case.policy.limits.late_delivery_working_days
    try:
        return end_of(case.calendar.add_working_days(local_date(at), days))
    except Refused:
        # The year is not published yet: listen twice as many calendar days instead.
        return end_of(local_date(at) + timedelta(days=2 * days))
