"""The page of one case at the terminal: for a person, or with `--json` for a program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from activities.views import TimelineEntry
from activities.wording import ground_zh, label, last_moment_zh, remedy
from starter import tables
from starter.answers import reason_json
from starter.desk.case_page import (
    APPLICANT,
    NOT_FOR_PEOPLE,
    CasePage,
    by_zh,
    is_held_back,
)
from starter.desk.deadline_sheet import deadline_json
from starter.desk.steps import case_standing
from starter.desk.wording import reason_of
from starter.tables import Part
from workflows.application.case import Asked
from workflows.application.messages import ActionView
from workflows.rules.message import local


def page_json(page: CasePage) -> dict[str, Any]:
    """The page for a program, with exactly these keys (design.md, Command shapes)."""
    case = page.case
    return {
        "application": case.application,
        "realm": case.realm,
        "stage": case.stage,
        "end": case.end,
        "held_by": page.held_by,
        "deadline": deadline_json(page.deadline) if page.deadline else None,
        "other_deadlines": [deadline_json(item) for item in page.other_deadlines],
        "submissions": case.submissions,
        "inquiry": page.inquiry,
        "actions": [_action_json(view, page.names) for view in page.actions],
        "timeline": [entry_json(entry) for entry in page.entries],
    } | ({"standstill": page.now.needs_operator} if page.now and page.now.needs_operator else {})


def entry_json(entry: TimelineEntry) -> dict[str, Any]:
    """A step of the record for a program, with texts put in."""
    return {
        "seq": entry.seq,
        "source": entry.source,
        "name": entry.name,
        "acted_at": local(entry.acted_at),
        "recorded_at": local(entry.recorded_at),
        "actor": entry.actor,
        "principal": entry.principal,
        "organisation": entry.organisation,
        "relation": entry.relation,
        "stage_before": entry.stage_before,
        "stage_after": entry.stage_after,
        "end": entry.end_after,
        "clause": entry.clause,
        "reason": entry.reason,
        "payload": entry.payload,
        "refusals": [reason_json(reason_of(refusal)) for refusal in entry.refusals],
        "request_id": entry.request_id,
    }


def _action_json(view: ActionView, names: Mapping[str, str]) -> dict[str, Any]:
    refusal = reason_json(reason_of(view.refusal, names)) if view.refusal else None
    return {
        "action": view.action,
        "label": label("acts", view.action),
        "by": [relation.value for relation in view.relations],
        "allowed": view.allowed,
        "refusal": refusal,
    }


def page_parts(page: CasePage) -> list[Part]:
    """The page for a person."""
    case = page.case
    parts: list[Part] = [
        tables.facts(f"申报 {case.application}", _heading(page)),
        tables.timeline(page.entries),
    ]
    if page.deadline:
        parts.append(tables.deadline_facts(page.deadline))
        if page.deadline.counted or page.deadline.skipped:
            parts.append(tables.derivation(page.deadline))
    if page.other_deadlines:
        parts.append(
            tables.facts(
                "其他期限",
                [
                    (label("rules", item.rule), last_moment_zh(item.ends_on, item.ends_at))
                    for item in page.other_deadlines
                ],
            )
        )
    return [*parts, *_next_steps(page)]


def _heading(page: CasePage) -> list[tuple[str, str]]:
    case = page.case
    end = case.end_details
    holder = page.held_by
    inquiry = page.inquiry
    return [
        ("申报人", case.applicant),
        ("通知", case.campaign),
        ("路线", f"{label('routes', case.route)}，{label('levels', case.level)}"),
        ("受理号", case.acceptance_number),
        ("域", "" if case.realm == "live" else f"{case.realm}（演练）"),
        ("现状", case_standing(case)),
        ("办结依据", ground_zh(end.clause) if end else ""),
        ("理由", page.reason),
        ("还可以", remedy(end.name) if end else ""),
        ("由谁办理", _holder_line(holder) if holder else ""),
        ("本机构可以办理的人", "；".join(page.at_hand)),
        ("已提交评委会", f"{case.submissions} 次" if case.submissions else ""),
        ("核查", _inquiry_line(inquiry) if inquiry else ""),
        *(
            ("待另一人确认", _asked_line(item, page.names))
            for item in (page.now.asked if page.now else ())
        ),
        ("待核事项", "、".join(label("checks", check.key) for check in case.checks)),
        ("需运维处理", page.standstill),
    ]


def _asked_line(asked: Asked, names: Mapping[str, str]) -> str:
    what, until = label("acts", asked.action), tables.moment(asked.until)
    by = names.get(asked.by.organisation, asked.by.organisation)
    return f"请求号{asked.id}：{what}，由{by}提出，{until}以前有效"


def _inquiry_line(inquiry: dict[str, Any]) -> str:
    kind = label("inquiries", str(inquiry["kind"]))
    return f"{kind}，未结，由{label('inquiry_bodies', str(inquiry['body']))}核查"


def _holder_line(holder: Mapping[str, str]) -> str:
    role = "申报人本人：" if holder["organisation"] == APPLICANT else ""
    phone = f"，电话 {holder['phone']}" if holder["phone"] else ""
    return f"{role}{holder['name'] or holder['organisation']}{phone}"


def _next_steps(page: CasePage) -> list[Part]:
    views = [view for view in page.actions if view.action not in NOT_FOR_PEOPLE]
    allowed = [view for view in views if view.allowed]
    held_back = [view for view in views if is_held_back(view)]
    parts: list[Part] = []
    if allowed:
        rows = ((view.action, label("acts", view.action), by_zh(view)) for view in allowed)
        parts.append(tables.listing("现在可办", ("事项", "名称", "谁"), rows))
    if held_back:
        parts.append(
            tables.listing(
                "暂不能办", ("事项", "名称", "原因"), (_held_back(view, page) for view in held_back)
            )
        )
    return parts


def _held_back(view: ActionView, page: CasePage) -> tuple[str, str, str]:
    why = reason_of(view.refusal, page.names).message if view.refusal else ""
    return view.action, label("acts", view.action), why
