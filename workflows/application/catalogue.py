"""The action catalogue: one row an act, from which signals, updates, commands and pages come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from workflows.application import payloads as p
from workflows.application.acts import anytime, chain, fees, intake, meeting, recheck, results, unit
from workflows.application.acts import objections as inquiries
from workflows.application.acts.meeting import EARLY_STAGES
from workflows.application.move import Move
from workflows.rules.names import EndName, Relation, Stage
from workflows.writer.payloads import Amend, Nothing, Nudge, Payload, Reason

Rule = Callable[[Move, Any], None]

ALL_STAGES = tuple(Stage)
RESULT_STAGES = (Stage.RESULT_RECORDED, Stage.RESULT_PUBLICITY)
AFTER_CONFIRMATION = (Stage.RECHECK_WINDOW, Stage.RECHECK)


@dataclass(frozen=True)
class Action:
    """One act: payload, who may, where, and the pure rule for each stage.

    `recallable`: `set_aside` may take it back. `after_end`: also on a case a clock ended and
    that still listens. `on_closed`: reaches a closed case through `Filing`. `any_time`: not
    stopped by a deadline that is over. `weighty`: its refusal is always recorded (design.md 8).
    `by_meeting`: once a `Meeting` has the case, that meeting alone may (design.md 15).
    """

    name: str
    payload: type[Payload]
    by: tuple[Relation, ...]
    stages: tuple[Stage, ...]
    rules: Mapping[Stage | None, Rule]
    recallable: bool = False
    after_end: bool = False
    on_closed: bool = False
    any_time: bool = False
    weighty: bool = False
    by_meeting: bool = False

    def rule(self, stage: Stage | None) -> Rule:
        """The rule in this stage; `None` is the rule of every stage without one of its own."""
        return self.rules.get(stage) or self.rules[None]


def _row(
    name: str,
    payload: type[Payload],
    by: Relation | tuple[Relation, ...],
    stages: Stage | tuple[Stage, ...],
    rule: Rule | Mapping[Stage | None, Rule],
    **flags: bool,
) -> Action:
    rules: Mapping[Stage | None, Rule] = rule if isinstance(rule, Mapping) else {None: rule}
    return Action(
        name=name,
        payload=payload,
        by=by if isinstance(by, tuple) else (by,),
        stages=stages if isinstance(stages, tuple) else (stages,),
        rules=MappingProxyType(dict(rules)),
        **flags,
    )


def _submit(move: Move, stated: p.Submit) -> None:
    """Decided by `workflows.submission`; the row is here for names, help and payload."""


R, S = Relation, Stage
OFFICE = (R.OFFICE, R.OFFICE_SUPERVISOR)
OFFICE_OR_MEETING = (*OFFICE, R.MEETING)
ANYBODY = (R.ANYONE,)

ROWS: tuple[Action, ...] = (
    _row("submit", p.Submit, R.APPLICANT, (), _submit),
    _row("start_publicity", p.PostPublicity, R.UNIT, S.UNIT_REVIEW, unit.start_publicity),
    _row(
        "return_for_correction",
        p.ReturnForCorrection,
        R.HOLDER,
        (S.UNIT_REVIEW, S.UNIT_PUBLICITY, S.CHAIN_REVIEW, S.COMMITTEE_INTAKE),
        {
            S.UNIT_REVIEW: unit.return_for_correction,
            S.UNIT_PUBLICITY: unit.return_for_correction,
            S.CHAIN_REVIEW: chain.return_for_correction,
            S.COMMITTEE_INTAKE: intake.return_for_correction,
        },
        recallable=True,
    ),
    _row(
        "decline_recommendation",
        Reason,
        R.UNIT,
        (S.UNIT_REVIEW, S.UNIT_PUBLICITY),
        unit.decline_recommendation,
        recallable=True,
    ),
    _row(
        "resubmit",
        p.Resubmit,
        (R.APPLICANT, R.UNIT),
        (S.UNIT_CORRECTION, S.CHAIN_CORRECTION, S.COMMITTEE_CORRECTION),
        {
            S.UNIT_CORRECTION: unit.resubmit,
            S.CHAIN_CORRECTION: chain.resubmit,
            S.COMMITTEE_CORRECTION: intake.resubmit,
        },
        weighty=True,
    ),
    _row(
        "finish_publicity",
        Nothing,
        R.UNIT,
        S.UNIT_PUBLICITY,
        unit.finish_publicity,
        recallable=True,
    ),
    _row(
        "restart_publicity",
        p.PostPublicity,
        (R.HOLDER, R.MEETING),
        (S.UNIT_PUBLICITY, S.RESULT_PUBLICITY),
        {
            S.UNIT_PUBLICITY: unit.restart_publicity,
            S.RESULT_PUBLICITY: results.restart_publicity,
        },
    ),
    _row(
        "raise_objection",
        p.Objection,
        ANYBODY,
        # The last two: made in time and delivered when the case had moved on (A30).
        (S.UNIT_PUBLICITY, S.RESULT_PUBLICITY, S.CHAIN_REVIEW, S.AWAITING_CONFIRMATION),
        inquiries.raise_objection,
        any_time=True,
    ),
    _row("approve", Nothing, R.HOLDER, S.CHAIN_REVIEW, chain.approve, recallable=True),
    _row("reject", Reason, R.HOLDER, S.CHAIN_REVIEW, chain.reject, recallable=True),
    _row("accept", p.Accept, OFFICE, S.COMMITTEE_INTAKE, intake.accept, recallable=True),
    _row(
        "refuse", p.Refuse, OFFICE, S.COMMITTEE_INTAKE, intake.refuse_application, recallable=True
    ),
    _row(
        "override_return",
        p.OverrideReturn,
        R.OFFICE_SUPERVISOR,
        S.COMMITTEE_INTAKE,
        intake.override_return,
        recallable=True,
    ),
    _row("fail_audit", Reason, OFFICE, S.COMMITTEE_INTAKE, intake.fail_audit, recallable=True),
    _row(
        "declare_abandoned",
        Reason,
        OFFICE,
        S.COMMITTEE_INTAKE,
        intake.declare_abandoned,
        recallable=True,
    ),
    _row("send_pay_notice", p.PayNotice, OFFICE, S.AWAITING_PAYMENT, fees.send_pay_notice),
    _row(
        "record_payment",
        p.RecordPayment,
        (*OFFICE, R.SYSTEM),
        (S.COMMITTEE_INTAKE, S.COMMITTEE_CORRECTION, S.AWAITING_PAYMENT, S.AWAITING_MEETING),
        fees.record_payment,
        any_time=True,
        after_end=True,
    ),
    _row("reinstate", Reason, OFFICE, (), anytime.reinstate, after_end=True, any_time=True),
    _row(
        "assign_to_meeting",
        p.AssignToMeeting,
        OFFICE_OR_MEETING,
        S.AWAITING_MEETING,
        meeting.assign_to_meeting,
        by_meeting=True,
    ),
    _row(
        "leave_meeting",
        Reason,
        OFFICE_OR_MEETING,
        S.AWAITING_MEETING,
        meeting.leave_meeting,
        by_meeting=True,
    ),
    _row(
        "open_review",
        Nothing,
        OFFICE_OR_MEETING,
        S.AWAITING_MEETING,
        meeting.open_review,
        by_meeting=True,
    ),
    _row(
        "record_result",
        p.RecordResult,
        OFFICE_OR_MEETING,
        S.IN_REVIEW,
        meeting.record_result,
        by_meeting=True,
    ),
    _row(
        "report_results",
        p.ReportResults,
        OFFICE_OR_MEETING,
        RESULT_STAGES,
        results.report_results,
        by_meeting=True,
    ),
    _row(
        "post_results",
        p.PostResults,
        OFFICE_OR_MEETING,
        S.RESULT_RECORDED,
        results.post_results,
        by_meeting=True,
    ),
    _row(
        "send_for_confirmation",
        p.SendForConfirmation,
        OFFICE_OR_MEETING,
        S.RESULT_PUBLICITY,
        results.send_for_confirmation,
        by_meeting=True,
    ),
    _row(
        "reply_to_entrusting_unit",
        p.Issue,
        OFFICE_OR_MEETING,
        RESULT_STAGES,
        results.reply_to_entrusting_unit,
        by_meeting=True,
    ),
    _row(
        "file_for_record",
        p.Issue,
        OFFICE_OR_MEETING,
        RESULT_STAGES,
        results.file_for_record,
        by_meeting=True,
    ),
    _row(
        "confirm",
        p.Issue,
        (R.CITY_OFFICE, R.MEETING),
        (S.AWAITING_CONFIRMATION, S.RESULT_RECORDED),
        results.confirm,
        by_meeting=True,
    ),
    _row(
        "send_back",
        Reason,
        (R.CITY_OFFICE, R.MEETING),
        S.AWAITING_CONFIRMATION,
        results.send_back,
        by_meeting=True,
    ),
    _row(
        "request_recheck",
        p.RequestRecheck,
        R.APPLICANT,
        (*RESULT_STAGES, S.AWAITING_CONFIRMATION, *AFTER_CONFIRMATION),
        recheck.request_recheck,
        on_closed=True,
        any_time=True,
        weighty=True,
    ),
    _row("decide_recheck", p.DecideRecheck, OFFICE, S.RECHECK, recheck.decide_recheck),
    _row(
        "forward_confirmation",
        p.Forward,
        R.FORWARDER,
        AFTER_CONFIRMATION,
        recheck.forward_confirmation,
        after_end=True,
        on_closed=True,
    ),
    _row(
        "confirm_printed",
        Nothing,
        R.APPLICANT,
        AFTER_CONFIRMATION,
        recheck.confirm_printed,
        after_end=True,
        on_closed=True,
    ),
    _row(
        "confirm_archived",
        p.ConfirmArchived,
        (R.UNIT, R.FORWARDER, R.OFFICE),
        AFTER_CONFIRMATION,
        recheck.confirm_archived,
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
        recheck.revoke,
        after_end=True,
        on_closed=True,
    ),
    _row("withdraw", Reason, R.APPLICANT, EARLY_STAGES, anytime.withdraw, recallable=True),
    _row("urge", Nothing, R.APPLICANT, EARLY_STAGES, anytime.urge, any_time=True),
    _row(
        "extend_deadline",
        p.ExtendDeadline,
        (*OFFICE, R.UNIT, R.HOLDER, R.ANYONE),
        ALL_STAGES,
        anytime.extend_deadline,
        any_time=True,
    ),
    _row(
        "disqualify",
        p.Disqualify,
        OFFICE,
        EARLY_STAGES,
        anytime.disqualify,
        recallable=True,
        any_time=True,
    ),
    _row(
        "set_aside",
        p.SetAside,
        (*OFFICE, R.APPLICANT, R.ANYONE),
        ALL_STAGES,
        anytime.set_aside,
        any_time=True,
        after_end=True,
    ),
    _row(
        "file_complaint",
        p.Objection,
        ANYBODY,
        ALL_STAGES,
        inquiries.file_complaint,
        on_closed=True,
        after_end=True,
        any_time=True,
    ),
    _row(
        "respond_to_inquiry",
        p.AboutInquiry,
        R.APPLICANT,
        ALL_STAGES,
        inquiries.respond_to_inquiry,
        on_closed=True,
        after_end=True,
        any_time=True,
    ),
    _row("hold_review", p.HoldReview, OFFICE, EARLY_STAGES, inquiries.hold_review, any_time=True),
    _row(
        "conclude_inquiry",
        p.ConcludeInquiry,
        (R.UNIT, R.SUPERIOR, R.OFFICE, R.MEETING),
        ALL_STAGES,
        inquiries.conclude_inquiry,
        on_closed=True,
        after_end=True,
        any_time=True,
    ),
    _row(
        "record_manual_check",
        p.ManualCheck,
        (R.UNIT, *OFFICE),
        EARLY_STAGES,
        anytime.record_manual_check,
    ),
    _row("amend", Amend, (R.OPERATIONS, R.SYSTEM), ALL_STAGES, anytime.amend, any_time=True),
    _row(
        "nudge",
        Nudge,
        (R.OPERATIONS, R.SYSTEM),
        ALL_STAGES,
        anytime.nudge,
        any_time=True,
        after_end=True,
    ),
    _row(
        "resume",
        Nothing,
        (R.OPERATIONS, R.SYSTEM),
        ALL_STAGES,
        anytime.resume,
        any_time=True,
        after_end=True,
    ),
)

CATALOGUE: Mapping[str, Action] = MappingProxyType({row.name: row for row in ROWS})
"""Every act by its name."""

REOPENABLE = frozenset(
    {
        EndName.ABANDONED,
        EndName.LAPSED,
        EndName.PAYMENT_MISSED,
        EndName.COMPLETED,
        EndName.NOT_PASSED,
    }
)
"""Ends a clock brings; proof that an act was in time re-opens them."""
