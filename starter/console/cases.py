"""案件查询：现在的身份可以查看的申报。姓名、证件号不进入地址，只随表单提交。"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from activities.paging import STREAMED
from activities.references import AmbiguousReferenceError
from activities.seeing import concerning
from activities.views import CaseFilter, CaseSummary
from activities.wording import label, labels
from starter.console import looks
from starter.console.inbox import counted
from starter.console.pages import Page, Visit
from starter.console.sheets import Sheet, taken, wants_sheet, whole
from starter.desk.steps import case_standing
from workflows.rules.names import EndName, Stage

PATH = "/anjuan"
HEADINGS = ("申报人", "现状", "办理单位", "截止", "通知", "级别", "受理号")
LINES = 25
NO_CASE = "application-none"
"""No case is called so."""
CAMPAIGN, STAGE, END, OPEN, AFTER = "tongzhi", "huanjie", "jieguo", "weijie", "hou"
FILTERS = (CAMPAIGN, STAGE, END, OPEN, AFTER)
"""The words of the address."""


async def cases(visit: Visit) -> Response:
    """案件查询。"""
    reading = visit.house.office.reading
    asked = asked_of(visit)
    if wants_sheet(visit):
        return await _taken(visit, asked)
    name, number = visit.value("xingming"), visit.value("zhengjian")
    called = visit.value("bianhao")
    wanted = wanted_of(visit, asked, LINES).model_copy(
        update={
            "name": name,
            "id_number": number,
            "applications": await _called(visit, called) if called else (),
        }
    )
    page, offers = await reading.cases(wanted), await offered(visit)
    return visit.page(
        "cases.html",
        asked=asked,
        name=name,
        number=number,
        called=called,
        searched=bool(name or number or called),
        **offers,
        total=counted(page.total) if page.total else "",
        cases=[_line(case, dict(offers["campaigns"])) for case in page.cases],
        first=_address(asked) if asked[AFTER] else "",
        following=page.following,
        next=_address(asked, page.following) if page.following else "",
    )


async def _called(visit: Visit, stated: str) -> tuple[str, ...]:
    """The cases that a number means, also its end alone; which of them a visitor may see is the list's."""
    try:
        found = await visit.house.office.reading.resolve(stated, visit.me.realm.id)
    except AmbiguousReferenceError as err:
        return err.candidates
    return (found or NO_CASE,)


async def _taken(visit: Visit, asked: Mapping[str, str]) -> Response:
    wanted = wanted_of(visit, asked, STREAMED)

    async def lines(after: str) -> tuple[tuple[CaseSummary, ...], str]:
        found = await visit.house.office.reading.cases(wanted.model_copy(update={"after": after}))
        return found.cases, found.following

    notices = await visit.house.office.reading.notice_numbers(visit.me.realm.id)
    rows = [_row(case, notices) for case in await whole(lines)]
    return await taken(visit, Sheet("申报", HEADINGS, rows))


def asked_of(visit: Visit) -> dict[str, str]:
    """What of the list is asked for, by the words of the address.

    Raises:
        HTTPException: 404 for a stage or an end that there is not.
    """
    asked = {word: visit.value(word) or visit.asked(word) for word in FILTERS}
    if asked[STAGE] not in {*Stage, ""} or asked[END] not in {*EndName, ""}:
        visit.nothing()
    return asked


def wanted_of(visit: Visit, asked: Mapping[str, str], lines: int) -> CaseFilter:
    """The same as a list of what the visitor may see."""
    return CaseFilter(
        realm=visit.me.realm.id,
        only_open=bool(asked[OPEN]),
        limit=lines,
        after=asked[AFTER],
        whose=concerning(visit.me.actor),
        campaign=asked[CAMPAIGN],
        stage=asked[STAGE],
        end=asked[END],
    )


async def offered(visit: Visit) -> dict[str, Any]:
    """What the fields of the filter offer."""
    documents = await visit.house.office.reading.notice_numbers(visit.me.realm.id)
    return {
        "campaigns": sorted(documents.items()),
        "stages": list(labels("stages").items()),
        "ends": list(labels("ends").items()),
    }


def _address(asked: dict[str, str], after: str = "") -> str:
    said = {**asked, AFTER: after}
    query = urlencode({word: value for word, value in said.items() if value})
    return f"{PATH}?{query}" if query else PATH


def _row(case: CaseSummary, notices: Mapping[str, str]) -> tuple[str, ...]:
    line = _line(case, notices)
    told = ("applicant", "standing", "holder", "due", "campaign", "level", "number")
    shown = line | {"due": looks.day(case.due_on) if case.due_on else ""}
    return tuple(str(shown[name]) for name in told)


def _line(case: CaseSummary, notices: Mapping[str, str]) -> dict[str, object]:
    return {
        "path": f"{PATH}/{case.application}",
        "applicant": case.applicant,
        "number": case.acceptance_number,
        "campaign": notices.get(case.campaign, case.campaign),
        "level": label("levels", case.level) if case.level else "",
        "standing": case_standing(case),
        "holder": "申报人" if case.holder == "applicant" else case.holder_name or case.holder,
        "due": case.due_on,
    }


PAGES = (Page(PATH, cases, ("GET", "POST")),)
