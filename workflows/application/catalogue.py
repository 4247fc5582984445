"""The action catalogue: one row an act, from which signals, updates, commands and pages come."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from workflows.application import payloads as p
from workflows.application.act import Action, Rule
from workflows.application.acts import (
    chain,
    checks,
    fees,
    intake,
    leaving,
    meeting,
    objections,
    recheck,
    results,
    seconds,
    terms,
    undoing,
    unit,
    upkeep,
    urging,
)
from workflows.application.move import Move
from workflows.application.stages import (
    AFTER_CONFIRMATION,
    ALL_STAGES,
    EARLY_STAGES,
    RESULT_STAGES,
)
from workflows.rules.names import Relation, Stage
from workflows.writer.payloads import Amend, Nothing, Nudge, Payload, Reason

P = TypeVar("P", bound=Payload)


def _row(
    name: str,
    payload: type[P],
    by: Relation | tuple[Relation, ...],
    stages: Stage | tuple[Stage, ...],
    rule: Rule[P] | Mapping[Stage | None, Rule[P]],
    *,
    by_meeting: frozenset[Stage] = frozenset(),
    **flags: bool,
) -> Action[P]:
    rules: dict[Stage | None, Rule[P]] = {}
    if isinstance(rule, Rule):
        rules[None] = rule
    else:
        rules.update(rule)
    return Action(
        name=name,
        payload=payload,
        by=by if isinstance(by, tuple) else (by,),
        stages=stages if isinstance(stages, tuple) else (stages,),
        rules=MappingProxyType(rules),
        by_meeting=by_meeting,
        **flags,
    )


def _submit(move: Move, stated: p.Submit) -> None:
    """Decided by `submission.py`; the row is here for names, help and payload."""


EVERYWHERE = frozenset(Stage)
R, S = Relation, Stage
OFFICE = (R.OFFICE, R.OFFICE_SUPERVISOR)
OFFICE_OR_MEETING = (*OFFICE, R.MEETING)
ANYBODY = (R.ANYONE,)

ROWS: tuple[Action[Any], ...] = (
    _row("submit", p.Submit, R.APPLICANT, (), Rule(_submit)),
    _row("start_publicity", p.PostPublicity, R.UNIT, S.UNIT_REVIEW, unit.START),
    _row(
        "return_for_correction",
        p.ReturnForCorrection,
        R.HOLDER,
        (S.UNIT_REVIEW, S.UNIT_PUBLICITY, S.CHAIN_REVIEW, S.COMMITTEE_INTAKE),
        {
            S.UNIT_REVIEW: unit.RETURN,
            S.UNIT_PUBLICITY: unit.RETURN,
            S.CHAIN_REVIEW: chain.RETURN,
            S.COMMITTEE_INTAKE: intake.RETURN,
        },
        recallable=True,
    ),
    _row(
        "decline_recommendation",
        Reason,
        R.UNIT,
        (S.UNIT_REVIEW, S.UNIT_PUBLICITY),
        unit.DECLINE,
        recallable=True,
    ),
    _row(
        "resubmit",
        p.Resubmit,
        (R.APPLICANT, R.UNIT),
        (S.UNIT_CORRECTION, S.CHAIN_CORRECTION, S.CHAIN_REVIEW, S.COMMITTEE_CORRECTION),
        {
            S.UNIT_CORRECTION: unit.RESUBMIT,
            S.CHAIN_CORRECTION: chain.RESUBMIT,
            S.CHAIN_REVIEW: chain.HEARD_LATE,
            S.COMMITTEE_CORRECTION: intake.RESUBMIT,
        },
        weighty=True,
    ),
    _row(
        "finish_publicity",
        Nothing,
        R.UNIT,
        S.UNIT_PUBLICITY,
        unit.FINISH,
        recallable=True,
    ),
    _row(
        "restart_publicity",
        p.PostPublicity,
        (R.HOLDER, R.MEETING),
        (S.UNIT_PUBLICITY, S.RESULT_PUBLICITY),
        {
            S.UNIT_PUBLICITY: unit.RESTART,
            S.RESULT_PUBLICITY: results.RESTART,
        },
        by_meeting=frozenset({S.RESULT_PUBLICITY}),
    ),
    _row(
        "raise_objection",
        p.Objection,
        ANYBODY,
        ALL_STAGES,
        objections.OBJECT,
        any_time=True,
    ),
    _row("approve", Nothing, R.HOLDER, S.CHAIN_REVIEW, chain.APPROVE, recallable=True),
    _row("reject", Reason, R.HOLDER, S.CHAIN_REVIEW, chain.REJECT, recallable=True),
    _row("accept", p.Accept, OFFICE, S.COMMITTEE_INTAKE, intake.ACCEPT, recallable=True),
    _row("refuse", p.Refuse, OFFICE, S.COMMITTEE_INTAKE, intake.REFUSE, recallable=True),
    _row(
        "override_return",
        p.OverrideReturn,
        R.OFFICE_SUPERVISOR,
        S.COMMITTEE_INTAKE,
        intake.OVERRIDE,
        recallable=True,
    ),
    _row("fail_audit", Reason, OFFICE, S.COMMITTEE_INTAKE, intake.FAIL, recallable=True),
    _row(
        "declare_abandoned",
        Reason,
        OFFICE,
        S.COMMITTEE_INTAKE,
        intake.DECLARE,
        recallable=True,
    ),
    _row("send_pay_notice", p.PayNotice, OFFICE, S.AWAITING_PAYMENT, fees.NOTIFY),
    _row(
        "record_payment",
        p.RecordPayment,
        (*OFFICE, R.SYSTEM),
        (S.COMMITTEE_INTAKE, S.COMMITTEE_CORRECTION, S.AWAITING_PAYMENT, S.AWAITING_MEETING),
        fees.PAY,
        any_time=True,
        after_end=True,
    ),
    _row(
        "reinstate",
        Reason,
        OFFICE,
        (),
        undoing.REINSTATE,
        after_end=True,
        on_closed=True,
        any_time=True,
    ),
    _row(
        "assign_to_meeting",
        p.AssignToMeeting,
        OFFICE_OR_MEETING,
        S.AWAITING_MEETING,
        meeting.ASSIGN,
        by_meeting=EVERYWHERE,
    ),
    _row(
        "leave_meeting",
        Reason,
        OFFICE_OR_MEETING,
        S.AWAITING_MEETING,
        meeting.LEAVE,
        by_meeting=EVERYWHERE,
    ),
    _row(
        "open_review",
        Nothing,
        OFFICE_OR_MEETING,
        S.AWAITING_MEETING,
        meeting.OPEN,
        by_meeting=EVERYWHERE,
    ),
    _row(
        "record_result",
        p.RecordResult,
        OFFICE_OR_MEETING,
        S.IN_REVIEW,
        meeting.RECORD,
        by_meeting=EVERYWHERE,
    ),
    _row(
        "report_results",
        p.ReportResults,
        OFFICE_OR_MEETING,
        RESULT_STAGES,
        results.REPORT,
        by_meeting=EVERYWHERE,
    ),
    _row(
        "post_results",
        p.PostResults,
        OFFICE_OR_MEETING,
        S.RESULT_RECORDED,
        results.POST,
        by_meeting=EVERYWHERE,
    ),
    _row(
        "send_for_confirmation",
        p.SendForConfirmation,
        OFFICE_OR_MEETING,
        S.RESULT_PUBLICITY,
        results.SEND,
        by_meeting=EVERYWHERE,
    ),
    _row(
        "reply_to_entrusting_unit",
        p.Issue,
        OFFICE_OR_MEETING,
        RESULT_STAGES,
        results.REPLY,
        by_meeting=EVERYWHERE,
    ),
    _row(
        "file_for_record",
        p.Issue,
        OFFICE_OR_MEETING,
        RESULT_STAGES,
        results.FILE,
        by_meeting=EVERYWHERE,
    ),
    _row(
        "confirm",
        p.Issue,
        (R.CITY_OFFICE, R.MEETING),
        (S.AWAITING_CONFIRMATION, S.RESULT_RECORDED),
        results.CONFIRM,
        by_meeting=EVERYWHERE,
    ),
    _row(
        "send_back",
        Reason,
        (R.CITY_OFFICE, R.MEETING),
        S.AWAITING_CONFIRMATION,
        results.SEND_BACK,
        by_meeting=EVERYWHERE,
    ),
    _row(
        "request_recheck",
        p.RequestRecheck,
        R.APPLICANT,
        (*RESULT_STAGES, S.AWAITING_CONFIRMATION, *AFTER_CONFIRMATION),
        recheck.REQUEST,
        on_closed=True,
        any_time=True,
        weighty=True,
    ),
    _row("decide_recheck", p.DecideRecheck, OFFICE, S.RECHECK, recheck.DECIDE),
    _row(
        "forward_confirmation",
        p.Forward,
        R.FORWARDER,
        AFTER_CONFIRMATION,
        recheck.FORWARD,
        after_end=True,
        on_closed=True,
    ),
    _row(
        "confirm_printed",
        Nothing,
        R.APPLICANT,
        AFTER_CONFIRMATION,
        recheck.PRINT,
        after_end=True,
        on_closed=True,
    ),
    _row(
        "confirm_archived",
        p.ConfirmArchived,
        (R.UNIT, R.FORWARDER, R.OFFICE),
        AFTER_CONFIRMATION,
        recheck.ARCHIVE,
        after_end=True,
        on_closed=True,
    ),
    _row(
        "revoke",
        p.Revoke,
        R.CITY_OFFICE,
        # Also while a result is judged anew: the title stands until then.
        (
            S.AWAITING_MEETING,
            S.IN_REVIEW,
            *RESULT_STAGES,
            S.AWAITING_CONFIRMATION,
            *AFTER_CONFIRMATION,
        ),
        recheck.REVOKE,
        after_end=True,
        on_closed=True,
    ),
    _row(
        "withdraw",
        Reason,
        R.APPLICANT,
        (*EARLY_STAGES, S.IN_REVIEW),
        leaving.WITHDRAW,
        recallable=True,
    ),
    _row("urge", Nothing, R.APPLICANT, EARLY_STAGES, urging.URGE, any_time=True, beside=True),
    _row(
        "extend_deadline",
        p.ExtendDeadline,
        (*OFFICE, R.UNIT, R.HOLDER, R.CITY_OFFICE, R.ANYONE),
        ALL_STAGES,
        terms.EXTEND,
        any_time=True,
    ),
    _row(
        "disqualify",
        p.Disqualify,
        OFFICE,
        EARLY_STAGES,
        leaving.DISQUALIFY,
        recallable=True,
        any_time=True,
    ),
    _row(
        "set_aside",
        p.SetAside,
        (*OFFICE, R.APPLICANT, R.ANYONE),
        ALL_STAGES,
        undoing.SET_ASIDE,
        any_time=True,
        after_end=True,
    ),
    _row(
        "confirm_request",
        p.ConfirmRequest,
        OFFICE,
        ALL_STAGES,
        seconds.CONFIRM,
        any_time=True,
        after_end=True,
    ),
    _row(
        "file_complaint",
        p.Objection,
        ANYBODY,
        ALL_STAGES,
        objections.COMPLAIN,
        on_closed=True,
        after_end=True,
        any_time=True,
        beside=True,
    ),
    _row(
        "respond_to_inquiry",
        p.AboutInquiry,
        R.APPLICANT,
        ALL_STAGES,
        objections.RESPOND,
        on_closed=True,
        after_end=True,
        any_time=True,
    ),
    _row(
        "hold_review",
        p.HoldReview,
        (*OFFICE, R.CITY_OFFICE),
        EARLY_STAGES,
        objections.HOLD,
        any_time=True,
    ),
    _row(
        "conclude_inquiry",
        p.ConcludeInquiry,
        (R.UNIT, R.SUPERIOR, R.OFFICE, R.CITY_OFFICE, R.MEETING),
        ALL_STAGES,
        objections.CONCLUDE,
        on_closed=True,
        after_end=True,
        any_time=True,
    ),
    _row(
        "record_manual_check",
        p.ManualCheck,
        (R.UNIT, *OFFICE),
        EARLY_STAGES,
        checks.DECIDE,
    ),
    _row(
        "amend",
        Amend,
        (R.OPERATIONS, R.SYSTEM),
        ALL_STAGES,
        upkeep.AMEND,
        any_time=True,
        after_end=True,
    ),
    _row(
        "nudge",
        Nudge,
        (R.OPERATIONS, R.SYSTEM),
        ALL_STAGES,
        upkeep.NUDGE,
        any_time=True,
        after_end=True,
        beside=True,
    ),
    _row(
        "resume",
        Nothing,
        (R.OPERATIONS, R.SYSTEM),
        ALL_STAGES,
        upkeep.RESUME,
        any_time=True,
        after_end=True,
        beside=True,
    ),
)

CATALOGUE: Mapping[str, Action[Any]] = MappingProxyType({row.name: row for row in ROWS})
"""Every act by its name."""
