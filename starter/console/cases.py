"""案件查询：现在的身份可以查看的申报。姓名、证件号不进入地址，只随表单提交。"""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import Response

from activities.seeing import concerning
from activities.views import CaseFilter, CaseSummary
from activities.wording import label, labels
from starter.console.inbox import counted
from starter.console.pages import Page, Visit
from starter.desk.steps import case_standing
from workflows.rules.names import EndName, Stage

PATH = "/anjuan"
LINES = 25
CAMPAIGN, STAGE, END, OPEN, AFTER = "tongzhi", "huanjie", "jieguo", "weijie", "hou"
FILTERS = (CAMPAIGN, STAGE, END, OPEN, AFTER)
"""The words of the address."""


async def cases(visit: Visit) -> Response:
    """案件查询。"""
    me, reading = visit.me, visit.house.office.reading
    asked = {word: visit.value(word) or visit.asked(word) for word in FILTERS}
    if asked[STAGE] not in {*Stage, ""} or asked[END] not in {*EndName, ""}:
        visit.nothing()
    name, number = visit.value("xingming"), visit.value("zhengjian")
    wanted = CaseFilter(
        realm=me.realm.id,
        only_open=bool(asked[OPEN]),
        name=name,
        id_number=number,
        limit=LINES,
        after=asked[AFTER],
        whose=concerning(me.actor),
        campaign=asked[CAMPAIGN],
        stage=asked[STAGE],
        end=asked[END],
    )
    page = await reading.cases(wanted)
    campaigns = await reading.campaigns(me.realm.id)
    return visit.page(
        "cases.html",
        asked=asked,
        name=name,
        number=number,
        searched=bool(name or number),
        campaigns=[(item, item) for item in sorted({view.campaign for view in campaigns})],
        stages=list(labels("stages").items()),
        ends=list(labels("ends").items()),
        total=counted(page.total) if page.total else "",
        cases=[_line(case) for case in page.cases],
        first=_address(asked) if asked[AFTER] else "",
        following=page.following,
        next=_address(asked, page.following) if page.following else "",
    )


def _address(asked: dict[str, str], after: str = "") -> str:
    said = {**asked, AFTER: after}
    query = urlencode({word: value for word, value in said.items() if value})
    return f"{PATH}?{query}" if query else PATH


def _line(case: CaseSummary) -> dict[str, object]:
    return {
        "path": f"{PATH}/{case.application}",
        "applicant": case.applicant,
        "number": case.acceptance_number,
        "campaign": case.campaign,
        "level": label("levels", case.level) if case.level else "",
        "standing": case_standing(case),
        "holder": "申报人" if case.holder == "applicant" else case.holder_name or case.holder,
        "due": case.due_on,
    }


PAGES = (Page(PATH, cases, ("GET", "POST")),)
