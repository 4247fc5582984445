"""What the record shows of a case: holder, tasks, dates — a pure function of its state."""

from __future__ import annotations

from datetime import datetime

from workflows.application.acts.recheck import BOTH_COPIES
from workflows.application.case import Case
from workflows.application.catalogue import CATALOGUE, Action
from workflows.application.corrections import uncured
from workflows.application.messages import ActionView, Projection, Snapshot
from workflows.application.move import APPLICANT, holder
from workflows.rules.deadlines import Deadline
from workflows.rules.names import OPERATIONS_BODY, DeadlineKind, EndName, Result, RuleName, Stage
from workflows.rules.refusals import Code, Refusal
from workflows.writer.messages import TaskItem

LEADING = (
    RuleName.UNIT_CORRECTION,
    RuleName.CHAIN_CORRECTION,
    RuleName.COMMITTEE_CORRECTION,
    RuleName.PAYMENT_WINDOW,
    RuleName.UNIT_PUBLICITY,
    RuleName.RESULT_PUBLICITY,
    RuleName.RESULT_REPORT,
    RuleName.CONFIRMATION,
    RuleName.CONFIRMATION_REPLY,
    RuleName.CITY_CONFIRMATION,
    RuleName.UNIT_DUTY,
    RuleName.CHAIN_DUTY,
    RuleName.INTAKE_DUTY,
    RuleName.RECHECK_DUTY,
    RuleName.RECHECK,
    RuleName.CHAIN_CUTOFF,
)
"""Which of several running clocks is *the* deadline of a stage, first match."""


OF_THE_MEETING = frozenset(
    {
        Stage.AWAITING_MEETING,
        Stage.IN_REVIEW,
        Stage.RESULT_RECORDED,
        Stage.RESULT_PUBLICITY,
        Stage.AWAITING_CONFIRMATION,
    }
)
"""Stages whose work is the meeting's, one task for all of its batch (design.md 15)."""

LAST_SUBMISSION_ACTS = frozenset({"return_for_correction", "override_return", "fail_audit"})


def leading_deadline(case: Case) -> Deadline | None:
    """The deadline a person looks at first."""
    for rule in LEADING:
        found = case.deadline(rule)
        if found is not None and not found.struck:
            return found
    return None


def project(case: Case) -> Projection:
    """The projection of a case, replacing what stood in the record before."""
    leading = leading_deadline(case)
    end = case.end
    return Projection(
        stage=case.stage if end is None else None,
        end=end.name if end else None,
        end_clause=end.clause if end else "",
        end_reason=end.reason if end else "",
        end_remedy=end.remedy if end else "",
        end_responsible=end.responsible if end else "",
        campaign=case.policy.campaign,
        route=case.route.value,
        level=case.level.value,
        person=case.person,
        holder="" if end else holder(case),
        submissions=case.submissions,
        due_on=leading.ends_on if leading else None,
        due_rule=leading.rule.value if leading else "",
        deadlines=tuple(case.deadlines),
        tasks=tuple(tasks(case)),
        places=case.places,
        submitted_at=case.submitted_at,
        closed=end is not None and end.closes_at is None,
        version=case.version,
    )


def tasks(case: Case) -> list[TaskItem]:
    """The work that is open, by holder; each live case is in at least one inbox."""
    found = _archive_tasks(case)
    if case.needs_operator:
        found.append(TaskItem(key="operator", kind="operator", organisation=OPERATIONS_BODY))
    if case.end is not None or case.stage is None:
        return found
    found += _stage_task(case)
    found += [
        TaskItem(
            key=f"check:{check.key}",
            kind="check",
            organisation=case.unit if check.body == "unit" else case.office,
            params={"check": check.key},
        )
        for check in case.checks
    ]
    for inquiry in case.open_inquiries:
        duty = case.deadline(f"{RuleName.INQUIRY_DUTY}:{inquiry.id}")
        found.append(
            TaskItem(
                key=f"inquiry:{inquiry.id}",
                kind="inquiry",
                organisation=case.unit if inquiry.body == "unit" else case.office,
                due_on=duty.ends_on if duty else None,
                params={"inquiry": inquiry.id},
            )
        )
        if not inquiry.answered:
            found.append(
                TaskItem(
                    key=f"answer:{inquiry.id}",
                    kind="answer_inquiry",
                    person=case.person,
                    due_on=inquiry.heard_until,
                    params={"inquiry": inquiry.id},
                )
            )
    return found


def snapshot(case: Case, as_of: datetime | None, wake_at: datetime | None) -> Snapshot:
    """One case's live state, with what can be done next and what cannot, and why."""
    leading = leading_deadline(case)
    return Snapshot(
        projection=project(case),
        deadline=leading,
        other_deadlines=tuple(
            item for item in case.deadlines if leading is None or item.key != leading.key
        ),
        actions=tuple(_view(case, action, as_of) for action in CATALOGUE.values()),
        inquiries=tuple(
            {
                "id": item.id,
                "kind": item.kind.value,
                "raised_in": item.raised_in.value if item.raised_in else "",
                "raised_at": item.raised_at.isoformat(),
                "body": item.body,
                "open": item.open,
                "outcome": item.outcome.value if item.outcome else "",
            }
            for item in case.inquiries
        ),
        checks=tuple(case.checks),
        needs_operator=case.needs_operator,
        seq=case.seq,
        shift_seconds=case.shift_seconds,
        wake_at=wake_at,
        requests=len(case.requests),
    )


def _view(case: Case, action: Action, as_of: datetime | None) -> ActionView:
    refusal = _nothing_to_act_on(case, action) or _why_not(case, action, as_of)
    return ActionView(
        action=action.name, relations=action.by, allowed=refusal is None, refusal=refusal
    )


def _why_not(case: Case, action: Action, as_of: datetime | None) -> Refusal | None:
    if case.end is not None:
        if action.after_end or action.on_closed:
            return None
        params = {"end": case.end.name.value}
        return Refusal(code=Code.ALREADY_DECIDED, clause=case.end.clause, params=params)
    if case.stage not in action.stages:
        stage = case.stage.value if case.stage else ""
        return Refusal(code=Code.WRONG_STAGE, params={"stage": stage})
    at_intake = _by_meeting(case, action) or _intake_refusal(case, action, as_of)
    if at_intake is not None:
        return at_intake
    floors = {
        "finish_publicity": case.deadline(RuleName.UNIT_PUBLICITY),
        "send_for_confirmation": case.deadline(RuleName.RESULT_PUBLICITY),
    }
    floor = floors.get(action.name)
    if floor is not None and as_of is not None and as_of < floor.ends_at:
        params = {"ends_on": str(floor.ends_on)}
        return Refusal(code=Code.PUBLICITY_NOT_OVER, clause=floor.clause, params=params)
    return None


def _nothing_to_act_on(case: Case, action: Action) -> Refusal | None:
    """Acts about an inquiry, a check, money or a title that is not there are not offered."""
    end = case.end
    result = case.result
    missed = end is not None and end.name is EndName.PAYMENT_MISSED
    reopenable = end is not None and end.deadline is not None and end.closes_at is not None
    titled = result is not None and result.result is Result.PASSED and result.effective_on
    there = {
        "respond_to_inquiry": bool(case.open_inquiries),
        "conclude_inquiry": bool(case.open_inquiries),
        "hold_review": bool(case.open_inquiries),
        "record_manual_check": bool(case.checks),
        "set_aside": case.undo is not None,
        "reinstate": reopenable,
        "record_payment": end is None or missed,
        "revoke": bool(titled),
        "forward_confirmation": bool(titled) and case.forwarded_on is None,
        "confirm_printed": bool(titled) and case.printed_on is None,
        "confirm_archived": bool(titled) and len(case.archived) < len(BOTH_COPIES),
    }
    if there.get(action.name, True):
        return None
    if end is not None:
        params = {"end": end.name.value}
        return Refusal(code=Code.ALREADY_DECIDED, clause=end.clause, params=params)
    stage = case.stage.value if case.stage else ""
    return Refusal(code=Code.WRONG_STAGE, params={"stage": stage, "reason": "nothing_there"})


def _by_meeting(case: Case, action: Action) -> Refusal | None:
    """What the meeting that has the case does for all of its batch is not offered beside it."""
    if not (action.by_meeting and case.in_meeting):
        return None
    return Refusal(code=Code.BY_MEETING, clause="design 15", params={"meeting": case.meeting})


def _intake_refusal(case: Case, action: Action, as_of: datetime | None) -> Refusal | None:
    """At the last submission there is no return, before it no 审核不通过 (A1, A45)."""
    last = case.policy.corrections.committee_max_submissions
    if case.stage is Stage.COMMITTEE_INTAKE and action.name in LAST_SUBMISSION_ACTS:
        at_last = last is not None and case.submissions >= last
        if at_last is not (action.name == "fail_audit"):
            code = Code.NO_RETURN_LEFT if at_last else Code.WRONG_STAGE
            params = {"submissions": str(case.submissions), "reason": "submissions_left"}
            params["maximum"] = str(last or "不限")
            return Refusal(code=code, clause=case.policy.corrections.source, params=params)
    if action.name == "declare_abandoned" and (last is not None or not _overdue(case, as_of)):
        params = {"ends_on": str(case.last_return.ends_on) if case.last_return else "无"}
        return Refusal(code=Code.NOT_LATE, clause=case.policy.corrections.source, params=params)
    return None


def _overdue(case: Case, as_of: datetime | None) -> bool:
    return as_of is not None and uncured(case, as_of) is not None


def _stage_task(case: Case) -> list[TaskItem]:
    held_by = holder(case)
    leading = leading_deadline(case)
    stage = case.stage
    if stage is Stage.RECHECK_WINDOW or (case.in_meeting and stage in OF_THE_MEETING):
        return []
    kind = stage.value if stage else ""
    if stage is Stage.UNIT_PUBLICITY and case.unit_publicity and case.unit_publicity.over:
        kind = "may_finish_publicity"
    if stage is Stage.RESULT_PUBLICITY and case.result_publicity and case.result_publicity.over:
        kind = "may_send_for_confirmation"
    floor = leading is not None and leading.kind is DeadlineKind.FLOOR
    return [
        TaskItem(
            key=f"stage:{kind}",
            kind=kind,
            organisation="" if held_by == APPLICANT else held_by,
            person=case.person if held_by == APPLICANT else "",
            due_on=leading.ends_on if leading and not floor else None,
        )
    ]


def _archive_tasks(case: Case) -> list[TaskItem]:
    """Forwarding, printing and the two archive copies: they hold no end (A53)."""
    result = case.result
    if result is None or result.result is not Result.PASSED or not result.effective_on:
        return []
    if case.own_committee or case.entrusted:
        return []
    found = []
    if case.forwarded_on is None:
        duty = case.deadline(RuleName.FORWARDING)
        found.append(
            TaskItem(
                key="forward",
                kind="forward_confirmation",
                organisation=case.forwarder,
                due_on=duty.ends_on if duty else None,
            )
        )
    if case.printed_on is None:
        found.append(TaskItem(key="print", kind="confirm_printed", person=case.person))
    found += [
        TaskItem(
            key=f"archive:{copy}",
            kind="confirm_archived",
            organisation=case.unit,
            params={"copy": copy},
        )
        for copy in BOTH_COPIES
        if copy not in case.archived
    ]
    return found
