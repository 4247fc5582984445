"""案卷：走到哪一步、在谁手上、到哪一天、能办什么、问过什么改了什么、经过；材料、期限、通知。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from starlette.responses import Response

from activities.extensions import extended_zh
from activities.views import DeadlineEntry, TimelineEntry
from activities.wording import date_zh, ground_zh, label, labels, last_moment_zh, remedy
from starter.console import looks
from starter.console.next_task import carried, next_task
from starter.console.pages import Page, Visit
from starter.console.seen_case import seen_case
from starter.console.sheets import Sheet, taken, wants_sheet
from starter.console.typed_acts import acts_of
from starter.desk import deadline_sheet
from starter.desk.case_page import (
    APPLICANT,
    NOT_FOR_PEOPLE,
    CasePage,
    is_held_back,
)
from starter.desk.eyes import eyes_of
from starter.desk.onward import is_onward, onward_first
from starter.desk.returning import RETURNS
from starter.desk.steps import actor_of, case_standing, said_in, step_name, stood_after
from starter.desk.uploading import files_of, size_zh
from starter.desk.wording import reason_of
from workflows.application.case import Case, Return
from workflows.application.messages import ActionView
from workflows.rules.calendar import Calendar
from workflows.rules.deadlines import Deadline
from workflows.rules.message import local_date
from workflows.rules.refusals import Code, Refused

PATH = "/anjuan/{case}"
PARTS = (
    ("", "案卷"),
    ("cailiao", "材料"),
    ("qixian", "期限"),
    ("tongzhi", "通知"),
    ("wenshu", "文书"),
)
STEPS = ("时间", "事项", "由谁", "办理之后", "内容", "依据")
LETTERS = ("通知", "收件", "状态", "生成时间", "送出时间", "说明")
ACHIEVEMENTS = ("名称", "种类", "取得日期", "佐证材料", "文件")
TERMS = ("期限", "最后一刻", "结果", "由谁")
UPKEEP = frozenset({"amend", "nudge", "resume"})
"""Acts that keep the program going and are nobody's business but operations'."""


async def case(visit: Visit) -> Response:
    """案卷首页。"""
    page = await seen_case(visit, "anjuan")
    stored, today = page.stored.case if page.stored else None, local_date(visit.me.at)
    entries = list(reversed(page.entries))
    if wants_sheet(visit):
        rows = [_step_row(entry) for entry in entries]
        return await taken(visit, Sheet(f"{page.case.applicant}申报的经过", STEPS, rows))
    reading = visit.house.office.reading
    texts = (
        await reading.texts(item.text for given in stored.returns for item in given.items)
        if stored
        else {}
    )
    return visit.page(
        "case.html",
        **around(page, "", carried(visit)),
        next_task=await next_task(visit),
        heading=_heading(page, await _notice(visit, page)),
        route=_route(page),
        deadline=_clock(page, page.deadline, today) if page.deadline else None,
        others=[_clock(page, item, today) for item in page.other_deadlines],
        can=[
            (*_offer(page, view, carried(visit)), is_onward(view.action, page.done))
            for view in onward_first(_views(page), attrgetter("action"), page.done)
            if view.allowed
        ],
        cannot=[
            _held_back(page, view, carried(visit)) for view in _views(page) if _is_of_interest(view)
        ],
        asked=_asked(stored, texts) if stored else None,
        unfinished=await _unfinished(visit, page),
        steps=[_step(entry) for entry in entries if not _is_upkeep(entry)],
        folded=[_step(entry) for entry in entries if _is_upkeep(entry)],
    )


async def _unfinished(visit: Visit, page: CasePage) -> list[tuple[str, str, str]]:
    """What this person typed or sent under this hat and got no answer to."""
    me = visit.me
    found = await acts_of(visit).open_on(
        account=me.session.account,
        person=me.person,
        organisation=me.organisation,
        realm=me.realm.id,
        subject=page.case.application,
    )
    return [
        (
            f"{case_act_path(page.case.application, item.action)}/hedui/{item.id}{carried(visit)}",
            label("acts", item.action),
            "没有得到答复，可能已办" if item.state == "sent" else "已填写，还没有办理",
        )
        for item in found
    ]


async def material(visit: Visit) -> Response:
    """材料：申报内容、业绩成果、证明材料。"""
    page = await seen_case(visit, "cailiao")
    facts = page.case.facts
    titles = await visit.house.office.reading.achievement_titles(page.case.application)
    stored = page.stored.case if page.stored else None
    achievements = [
        (
            titles.get(item.id) or item.id,
            label("achievements", item.kind),
            date_zh(item.achieved_on),
            "、".join(label("documents", kind) for kind in item.evidence) or "没有",
            f"{len(item.files)} 个",
        )
        for item in (facts.achievements if facts else ())
    ]
    if wants_sheet(visit):
        named = f"{page.case.applicant}申报的业绩成果"
        return await taken(visit, Sheet(named, ACHIEVEMENTS, achievements))
    return visit.page(
        "case_material.html",
        **around(page, "cailiao", carried(visit)),
        next_task=await next_task(visit),
        facts=_facts(page),
        papers=[label("documents", kind) for kind in facts.papers] if facts else [],
        headings=ACHIEVEMENTS,
        achievements=achievements,
        checks=[label("checks", check.key) for check in page.case.checks],
        changes=_changes(stored, titles) if stored else [],
        files=[
            (
                f"{case_path(page)}/wenjian/{item.id}",
                (
                    item.title,
                    size_zh(item.size),
                    step_name(entry),
                    actor_of(entry),
                    date_zh(local_date(entry.acted_at)),
                ),
            )
            for item, entry in await files_of(visit.house.office, page)
        ],
    )


async def terms(visit: Visit) -> Response:
    """期限：现在的和以前的，每一个怎样算出来。"""
    page = await seen_case(visit, "qixian")
    today = local_date(visit.me.at)
    running = [item for item in (page.deadline, *page.other_deadlines) if item is not None]
    past = await visit.house.office.reading.deadlines(page.case.application)
    if wants_sheet(visit):
        rows = [_term_row(entry) for entry in past]
        return await taken(visit, Sheet(f"{page.case.applicant}申报的期限", TERMS, rows))
    return visit.page(
        "case_terms.html",
        **around(page, "qixian", carried(visit)),
        next_task=await next_task(visit),
        running=[_clock(page, item, today) for item in running],
        headings=TERMS,
        past=[_term_row(entry) for entry in past if entry.closed_at is not None],
    )


def _term_row(entry: DeadlineEntry) -> tuple[str, ...]:
    whose = "申报人" if entry.holder == APPLICANT else entry.holder_name or entry.holder
    return (
        label("rules", entry.deadline.rule),
        last_moment_zh(entry.deadline.ends_on, entry.deadline.ends_at),
        "正在计算" if entry.closed_at is None else _ENDED.get(entry.ended or "", ""),
        whose,
    )


_ENDED = {
    "met": "按时办理",
    "struck": "期限届满",
    "superseded": "已改为另一期限",
    "case_ended": "随申报终止",
}


async def letters(visit: Visit) -> Response:
    """通知：告知了谁、是否送达。"""
    page = await seen_case(visit, "tongzhi")
    office = visit.house.office
    eyes = await eyes_of(office, page.actor, page.case, page.stored)
    try:
        found = eyes.letters(await office.reading.letters(page.case.application))
    except Refused:
        visit.nothing()
    names = await office.reading.organisation_names(
        {letter.organisation for letter in found}, page.case.realm
    )
    rows = [
        (
            label("letters", letter.kind),
            names.get(letter.organisation, "") or label("parties", letter.party),
            label("letter_states", letter.state),
            looks.moment(letter.ordered_at),
            looks.moment(letter.settled_at) if letter.settled_at else "",
            "" if letter.state == "sent" else letter.error,
        )
        for letter in reversed(found)
    ]
    if wants_sheet(visit):
        return await taken(visit, Sheet(f"{page.case.applicant}申报的通知", LETTERS, rows))
    return visit.page(
        "case_letters.html",
        **around(page, "tongzhi", carried(visit)),
        next_task=await next_task(visit),
        headings=LETTERS,
        letters=rows,
    )


def around(page: CasePage, part: str, kept: str) -> dict[str, Any]:
    """What every page of a case has: whose it is, and the way to its other parts.

    Args:
        kept: what their addresses carry on.
    """
    return {
        "case_path": case_path(page),
        "title": f"{page.case.applicant}的申报",
        "standing": case_standing(page.case),
        "parts_of_case": [
            (
                f"{case_path(page)}/{word}{kept}" if word else f"{case_path(page)}{kept}",
                name,
                word == part,
            )
            for word, name in PARTS
        ],
    }


def case_act_path(case: str, action: str) -> str:
    """Where an act is filled in: what sends the material back has a page of its own."""
    return f"/anjuan/{case}/{'tuihui' if action in RETURNS else 'ban'}/{action}"


def case_path(page: CasePage) -> str:
    """A case's own address."""
    return f"/anjuan/{page.case.application}"


async def _notice(visit: Visit, page: CasePage) -> str:
    """The notice as it calls itself; its key where it says nothing."""
    found = page.case
    content = await visit.house.office.reading.campaign_content(
        found.campaign, found.policy_version or None, found.realm
    )
    notice = (content or {}).get("notice", {})
    subject, document = notice.get("subject", ""), notice.get("document", "")
    if subject and document:
        return f"{subject}（{document}）"
    numbers = await visit.house.office.reading.notice_numbers(found.realm)
    return subject or numbers.get(found.campaign, found.campaign)


def _heading(page: CasePage, notice: str) -> list[tuple[str, str]]:
    found, end = page.case, page.case.end_details
    held = page.held_by or {}
    who = held.get("name") or held.get("organisation", "")
    rows = (
        ("现状", case_standing(found)),
        ("由谁办理", "申报人本人" if held.get("organisation") == APPLICANT else who),
        ("联系电话", held.get("phone", "")),
        ("本机构可以办理的人", "；".join(page.at_hand)),
        ("办结依据", ground_zh(end.clause) if end else ""),
        ("理由", page.reason),
        ("还可以", remedy(end.name) if end else ""),
        ("申报人", found.applicant),
        ("通知", notice),
        ("路线", f"{label('routes', found.route)}，{label('levels', found.level)}"),
        ("受理号", found.acceptance_number),
        ("已提交评委会", f"{found.submissions} 次" if found.submissions else ""),
        ("待核事项", "、".join(label("checks", check.key) for check in found.checks)),
        ("需运维处理", page.standstill),
    )
    return [(name, value) for name, value in rows if value]


def _route(page: CasePage) -> list[dict[str, Any]]:
    """The organisations on the way, and which of them has it."""
    holder = page.case.held_by.organisation if page.case.held_by else ""
    return [
        {"name": place.name or place.organisation, "has_it": place.organisation == holder}
        for place in page.case.places
    ]


def _clock(page: CasePage, clock: Deadline, today: date) -> dict[str, Any]:
    calendar = page.stored.case.calendar if page.stored else None
    told = deadline_sheet.rows(clock, extended_zh(clock, page.entries))
    return {
        "name": label("rules", clock.rule),
        "ends": last_moment_zh(clock.ends_on, clock.ends_at),
        "left": _left(clock, calendar, today),
        "rows": [(name, value) for name, value in told if value],
        "days": [
            (date_zh(item), str(number or ""), why)
            for item, number, why in deadline_sheet.account(clock)
        ],
    }


def _left(clock: Deadline, calendar: Calendar | None, today: date) -> str:
    """How long still, in working days where a calendar says which these are."""
    if clock.ends_on < today:
        return "已过"
    if clock.ends_on == today:
        return "今天到期"
    try:
        days = calendar.working_days_between(today, clock.ends_on) if calendar else 0
    except Refused:
        days = 0
    return f"还有 {days} 个工作日" if days else f"还有 {(clock.ends_on - today).days} 天"


def _views(page: CasePage) -> list[ActionView]:
    operates = page.actor.role == "operations"
    hidden = NOT_FOR_PEOPLE - UPKEEP if operates else NOT_FOR_PEOPLE
    return [view for view in page.actions if view.action not in hidden]


def _is_of_interest(view: ActionView) -> bool:
    """Something of this person's stands against it, and not merely that it is another's to do."""
    return (
        is_held_back(view)
        and view.refusal is not None
        and view.refusal.code is not Code.NOT_ENTITLED
    )


def _offer(page: CasePage, view: ActionView, kept: str) -> tuple[str, str]:
    return f"{case_act_path(page.case.application, view.action)}{kept}", label("acts", view.action)


def _held_back(page: CasePage, view: ActionView, kept: str) -> tuple[str, str, str]:
    reason = reason_of(view.refusal, page.names) if view.refusal else None
    why = f"{reason.message}{reason.next}" if reason else ""
    path = f"{case_act_path(page.case.application, view.action)}{kept}"
    return path, label("acts", view.action), why


def _asked(case: Case, texts: Mapping[str, str]) -> dict[str, Any] | None:
    """The last return: what was asked, what was changed for it, and what was left untouched."""
    given = case.last_return
    if given is None:
        return None
    changed = {change.field for change in given.changes}
    return {
        "on": date_zh(given.on),
        "days": given.days,
        "items": [
            (item.id, texts.get(item.text, ""), _touched(item.subject, changed, given))
            for item in given.items
        ],
        "changed": [_field_zh(change.field) for change in given.changes],
    }


def _touched(subject: str, changed: set[str], given: Return) -> str:
    if not given.changes:
        return ""
    field = subject.removeprefix("fact:")
    if not field:
        return ""
    return "已更正" if field in changed else "未更改"


def _field_zh(field: str, titles: Mapping[str, str] | None = None) -> str:
    kind, _, name = field.partition(":")
    if kind == "achievement":
        return f"业绩成果 {(titles or {}).get(name, name)}"
    return labels("facts").get(field, field)


def _changes(case: Case, titles: Mapping[str, str]) -> list[tuple[str, str]]:
    """What corrections changed, return by return."""
    return [
        (date_zh(given.on), "、".join(_field_zh(change.field, titles) for change in given.changes))
        for given in case.returns
        if given.changes
    ]


def _facts(page: CasePage) -> list[tuple[str, str]]:
    """What was stated and is one value; the case's own page has route, level and unit."""
    if page.case.facts is None:
        return []
    stated = page.case.facts.model_dump()
    told = ((name, _value_zh(stated.get(key))) for key, name in labels("facts").items())
    return [(name, value) for name, value in told if value]


def _value_zh(value: object) -> str:
    match value:
        case bool():
            return "是" if value else "否"
        case datetime():
            return date_zh(local_date(value))
        case date():
            return date_zh(value)
        case int() | str():
            return str(value)
        case _:
            return ""


def _step(entry: TimelineEntry) -> dict[str, Any]:
    return {
        "what": step_name(entry),
        "who": actor_of(entry),
        "at": entry.acted_at,
        "said": said_in(entry),
        "after": stood_after(entry) if entry.stage_before != entry.stage_after else "",
        "ground": ground_zh(entry.clause),
    }


def _step_row(entry: TimelineEntry) -> tuple[str, ...]:
    step = _step(entry)
    said = "；".join(step["said"])
    at = looks.moment(entry.acted_at)
    return at, step["what"], step["who"] or "系统", step["after"], said, step["ground"]


def _is_upkeep(entry: TimelineEntry) -> bool:
    """What happened without changing anything for anybody."""
    return entry.source in ("reminder", "refusal") or entry.name in UPKEEP


def steps_since(page: CasePage, seq: int) -> Sequence[str]:
    """Who did what since the record was so far: told to whoever acts on what is gone."""
    return [
        f"{_who_did(page, entry)}办理了“{step_name(entry)}”"
        for entry in page.entries
        if entry.seq > seq and not _is_upkeep(entry)
    ]


def _who_did(page: CasePage, entry: TimelineEntry) -> str:
    """Who did a step: a colleague by name, others by their organisation."""
    if entry.actor_name and entry.organisation == page.actor.organisation:
        return entry.actor_name
    return actor_of(entry) or "系统"


PAGES = (
    Page(PATH, case),
    Page(f"{PATH}/cailiao", material),
    Page(f"{PATH}/qixian", terms),
    Page(f"{PATH}/tongzhi", letters),
)
