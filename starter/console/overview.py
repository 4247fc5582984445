"""计划总览：申报到了哪里，在谁手里多久，届满的期限，主管部门的期限；给评委会办公室、职改办和运行人员。"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from starlette.responses import Response

from activities.paging import STREAMED
from activities.seeing import Section
from activities.wording import label
from starter.console import looks
from starter.console.pages import Page, Visit
from starter.console.sections import is_seen, keepers
from starter.console.sheets import Sheet, taken, wants_sheet
from workflows.rules.policy import Policy
from workflows.rules.refusals import Refused

PATH = "/zonglan"
LINES = 50


class Part(NamedTuple):
    """A page of one report: its rows, with the address of each where there is one; the next page's mark."""

    rows: list[tuple[Any, ...]]
    following: str = ""


class Report(NamedTuple):
    """One report."""

    path: str
    title: str
    headings: tuple[str, ...]
    read: Callable[[Visit, str, int], Awaitable[Part]]


async def _funnel(visit: Visit, _after: str, _limit: int) -> Part:
    reading, realm = visit.house.office.reading, visit.me.realm.id
    found = await reading.funnel(realm)
    shown = {line.campaign for line in found}
    if not is_seen(visit, Section.REPORTS):
        policies = {name: await reading.policy(name, realm=realm) for name in shown}
        own = visit.me.organisation
        shown = {name for name, policy in policies.items() if policy and _is_its(policy, own)}
    notices = await reading.notice_numbers(realm)
    return Part(
        [
            (
                notices.get(line.campaign, line.campaign),
                _standing(line.stage, line.end),
                line.count,
            )
            for line in found
            if line.campaign in shown
        ]
    )


async def _waiting(visit: Visit, _after: str, limit: int) -> Part:
    found = await visit.house.office.reading.waiting(visit.me.realm.id, visit.me.at, limit=limit)
    return Part(
        [
            (
                line.holder_name or line.holder,
                line.open_now,
                line.stays,
                line.working_days,
                line.longest_working_days,
            )
            for line in found
        ]
    )


async def _duties(visit: Visit, after: str, limit: int) -> Part:
    found, following = await visit.house.office.reading.duties(
        visit.me.realm.id, visit.me.at, after=after, meetings=limit
    )
    return Part(
        [
            (
                line.number,
                line.batch or "",
                label("rules", line.rule),
                line.holder_name or line.holder,
                looks.day(line.ends_on),
                looks.day(line.done_on) if line.done_on else "",
                label("duties", line.duty),
            )
            for line in found
        ],
        following,
    )


async def _struck(visit: Visit, after: str, limit: int) -> Part:
    reading = visit.house.office.reading
    found, following = await reading.struck(visit.me.realm.id, after=after, limit=limit)
    numbers = await reading.short_ids(line.application for line in found if line.application)
    return Part(
        [
            (
                numbers.get(line.application, line.application) or line.meeting_number,
                label("rules", line.rule),
                line.holder_name or line.holder,
                looks.day(line.ends_on),
                _standing(line.stage_after or "", line.end or ""),
                line.why,
            )
            for line in found
        ],
        following,
    )


REPORTS = (
    Report(PATH, "申报的去向", ("通知", "阶段或者结果", "件数"), _funnel),
    Report(
        f"{PATH}/jiliu",
        "在谁手里多久",
        ("机构", "现在件数", "经手次数", "工作日合计", "最长一次（工作日）"),
        _waiting,
    ),
    Report(
        f"{PATH}/jieman",
        "已届满的期限",
        ("申报或者评审会", "期限", "责任机构", "最后一日", "之后", "怎样算出"),
        _struck,
    ),
    Report(
        f"{PATH}/zeren",
        "主管部门的期限",
        ("评审会", "批次", "期限", "责任机构", "最后一日", "办理日", "情况"),
        _duties,
    ),
)


def _page_of(report: Report) -> Page:
    async def show(visit: Visit) -> Response:
        reports = _shown_to(visit)
        if report not in reports:
            visit.nothing()
        try:
            if wants_sheet(visit):
                return await taken(visit, Sheet(report.title, report.headings, await _whole(visit)))
            after = visit.asked("hou")
            part = await report.read(visit, after, LINES)
        except Refused:
            visit.nothing()
        return visit.page(
            "overview.html",
            report=report,
            kinds=[(item.path, item.title, item.path == report.path) for item in reports],
            rows=part.rows,
            first=report.path if after else "",
            next=f"{report.path}?hou={part.following}" if part.following else "",
        )

    async def _whole(visit: Visit) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        part = await report.read(visit, "", STREAMED)
        rows += part.rows
        while part.following:
            part = await report.read(visit, part.following, STREAMED)
            rows += part.rows
        return rows

    return Page(report.path, show)


def _shown_to(visit: Visit) -> tuple[Report, ...]:
    """All of them to whoever sees reports; to a committee's office where its own cases stand."""
    if is_seen(visit, Section.REPORTS):
        return REPORTS
    return REPORTS[:1] if keepers(visit).office else ()


def _is_its(policy: Policy, office: str) -> bool:
    return policy.committee.office == office


def _standing(stage: str, end: str) -> str:
    if end:
        return label("ends", end)
    return label("stages", stage) if stage else ""


PAGES = tuple(map(_page_of, REPORTS))
