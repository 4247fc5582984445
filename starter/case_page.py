"""The page of one case: who holds it, until when and why, what can be done next and what not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from activities.views import CaseView, TimelineEntry
from activities.wording import ground_zh, label, last_moment_zh, remedy
from starter import tables
from starter.answers import reason_json
from starter.deadline_sheet import deadline_json
from starter.desk.wording import reason_of
from starter.tables import Part
from workflows.application.case import Asked
from workflows.application.catalogue import CATALOGUE
from workflows.application.messages import ActionView, Snapshot, StoredCase
from workflows.application.projection import snapshot
from workflows.rules.deadlines import Deadline
from workflows.rules.message import local
from workflows.rules.names import Relation
from workflows.rules.refusals import Code, Refusal

if TYPE_CHECKING:
    from starter.desk.office import Office, Who

APPLICANT = "applicant"
NOT_FOR_PEOPLE = frozenset({"submit", "amend", "nudge", "resume"})

STANDSTILLS = ("operator", "engine")
"""Operations' tasks that say that nothing moves, and why."""


@dataclass(frozen=True)
class CasePage:
    """What is shown of a case: all of it from the record, which every step leaves up to date."""

    case: CaseView
    closed: bool
    held_by: dict[str, str] | None
    now: Snapshot | None
    """The case as of now; None where it left no state."""
    entries: Sequence[TimelineEntry]
    reason: str
    names: Mapping[str, str]

    @property
    def deadline(self) -> Deadline | None:
        """The deadline to look at first."""
        if self.now is not None:
            return self.now.deadline
        return next((item for item in self.case.deadlines if item.rule == self.case.due_rule), None)

    @property
    def other_deadlines(self) -> tuple[Deadline, ...]:
        """The other running ones."""
        if self.now is not None:
            return self.now.other_deadlines
        first = self.deadline
        return tuple(item for item in self.case.deadlines if item is not first)

    @property
    def actions(self) -> tuple[ActionView, ...]:
        """What can be done and what not; a closed case takes the few acts that reach it."""
        found = self.now.actions if self.now else ()
        return tuple(_on_closed(view, self.case) for view in found) if self.closed else found

    @property
    def inquiry(self) -> dict[str, Any] | None:
        """The inquiry that is open, the first of several."""
        inquiries = self.now.inquiries if self.now else ()
        return next((dict(item) for item in inquiries if item.get("open")), None)


def _on_closed(view: ActionView, case: CaseView) -> ActionView:
    if CATALOGUE[view.action].on_closed:
        return view
    refusal = Refusal(
        code=Code.ALREADY_DECIDED,
        clause=case.end_details.clause if case.end_details else "",
        params={"action": view.action, "end": case.end.value if case.end else ""},
    )
    return view.model_copy(update={"allowed": False, "refusal": refusal})


async def page_of(office: Office, case: CaseView, who: Who) -> CasePage:
    """Gather the page of a case from the record, as somebody may see it.

    Raises:
        NoAnswer, Refused: `not_entitled`.
    """
    realm = await office.realm(case.realm)
    # Read once: what may be seen of the case and how it stands now come from the same state.
    stored = await office.reading.stored(case.application)
    eyes = await office.eyes(who, case, stored)
    entries = eyes.trail(await office.reading.timeline(case.application))
    now = _now(stored, case, await office.time_in(realm))
    return CasePage(
        case=case,
        closed=await office.is_closed(case),
        held_by=await _holder(office, case),
        now=now,
        entries=entries,
        reason=await _reason(office, case),
        names=await _names(office, case.realm, now),
    )


def _now(stored: StoredCase | None, case: CaseView, as_of: datetime) -> Snapshot | None:
    if stored is None:
        return None
    return snapshot(stored.case, local(as_of), parked=_standstill(case))


def _standstill(case: CaseView) -> str:
    """Why nothing moves: operations' task of the record. What the engine does not run any more, the
    workers find and write there; a page does not ask it."""
    for task in case.tasks:
        if task.kind in STANDSTILLS:
            return f"{task.kind}:{task.params.get('why', '')}"
    return ""


async def _names(office: Office, realm: str, now: Snapshot | None) -> dict[str, str]:
    """Names of the organisations that the page's sentences name."""
    if now is None:
        return {}
    refusals = (view.refusal for view in now.actions if view.refusal)
    names = await office.names_in(refusals, realm)
    asking = {asked.by.organisation for asked in now.asked}
    return names | await office.reading.organisation_names(asking, realm) if asking else names


async def _reason(office: Office, case: CaseView) -> str:
    """Why it ended: a text of the record, or the codes of an ineligible submission."""
    stated = case.end_details.reason if case.end_details else ""
    return await office.reading.text(stated) or stated


async def _holder(office: Office, case: CaseView) -> dict[str, str] | None:
    held = case.held_by
    if held is None:
        return None
    if held.organisation != APPLICANT:
        return {"organisation": held.organisation, "name": held.name, "phone": held.phone}
    contact = await office.reading.applicant_contact(case.application)
    phone = contact.phone if contact else ""
    return {"organisation": APPLICANT, "name": case.applicant, "phone": phone}


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
        ("现状", tables.case_standing(case)),
        ("办结依据", ground_zh(end.clause) if end else ""),
        ("理由", page.reason),
        ("还可以", remedy(end.name) if end else ""),
        ("由谁办理", _holder_line(holder) if holder else ""),
        ("已提交评委会", f"{case.submissions} 次" if case.submissions else ""),
        ("核查", _inquiry_line(inquiry) if inquiry else ""),
        *(
            ("待另一人确认", _asked_line(item, page.names))
            for item in (page.now.asked if page.now else ())
        ),
        ("待核事项", "、".join(label("checks", check.key) for check in case.checks)),
        ("需运维处理", _parked(page)),
    ]


def _asked_line(asked: Asked, names: Mapping[str, str]) -> str:
    what, until = label("acts", asked.action), tables.moment(asked.until)
    by = names.get(asked.by.organisation, asked.by.organisation)
    return f"请求号{asked.id}：{what}，由{by}提出，{until}以前有效"


def _inquiry_line(inquiry: dict[str, Any]) -> str:
    kind = label("inquiries", str(inquiry["kind"]))
    return f"{kind}，未结，由{label('inquiry_bodies', str(inquiry['body']))}核查"


def _parked(page: CasePage) -> str:
    standing = page.now.needs_operator if page.now else ""
    kind, _, why = standing.partition(":")
    reason = label("standstills", why, "") if why else ""
    return label("tasks", kind) + (f"：{reason}" if reason else "") if standing else ""


def _holder_line(holder: Mapping[str, str]) -> str:
    role = "申报人本人：" if holder["organisation"] == APPLICANT else ""
    phone = f"，电话 {holder['phone']}" if holder["phone"] else ""
    return f"{role}{holder['name'] or holder['organisation']}{phone}"


def _next_steps(page: CasePage) -> list[Part]:
    views = [view for view in page.actions if view.action not in NOT_FOR_PEOPLE]
    allowed = [view for view in views if view.allowed]
    held_back = [
        view for view in views if view.refusal and view.refusal.code not in _OF_OTHER_STAGES
    ]
    parts: list[Part] = []
    if allowed:
        rows = ((view.action, label("acts", view.action), _by(view)) for view in allowed)
        parts.append(tables.listing("现在可办", ("事项", "名称", "谁"), rows))
    if held_back:
        parts.append(
            tables.listing(
                "暂不能办", ("事项", "名称", "原因"), (_held_back(view, page) for view in held_back)
            )
        )
    return parts


_OF_OTHER_STAGES = frozenset({"wrong_stage", "already_decided"})
"""Reasons that say no more than "not now": `--json` has them all."""


def _by(view: ActionView) -> str:
    # "Anyone" beside others means whom the rule itself knows: who set the date, who acted last.
    named = [relation for relation in view.relations if relation is not Relation.ANYONE]
    return "、".join(label("relations", relation) for relation in named or view.relations)


def _held_back(view: ActionView, page: CasePage) -> tuple[str, str, str]:
    why = reason_of(view.refusal, page.names).message if view.refusal else ""
    return view.action, label("acts", view.action), why
