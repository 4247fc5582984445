"""审计：谁在什么时候查看过一件申报的哪一部分；给运行人员。"""

from __future__ import annotations

from starlette.responses import Response

from activities.accounts.viewing import viewings_of
from activities.seeing import Section
from starter.console import looks
from starter.console.operated import NO_ANSWERS
from starter.console.pages import Page, Problem, Visit
from starter.console.sections import check_section
from starter.console.seen_case import PARTS
from starter.console.sheets import Sheet, taken, wants_sheet
from starter.desk.translating import translated

PATH = "/shenji"
HEADINGS = ("查看时间", "查看人", "当时的身份", "查看的部分")
SHOWN, WHOLE = 200, 100_000


async def ask(visit: Visit) -> Response:
    """查哪一件申报。"""
    check_section(visit, Section.VIEWINGS)
    if not visit.is_stated:
        return visit.page("viewings_ask.html", number="")
    number = visit.value("number")
    if not number:
        return _asked_again(visit, "请填写申报的受理号或者编号。")
    try:
        case = await visit.house.office.case(number, visit.me.realm.id)
    except NO_ANSWERS as err:
        return _asked_again(visit, translated(err).reasons[0].message)
    return await visit.go(f"{PATH}/{case.application}")


async def viewings(visit: Visit) -> Response:
    """一件申报被谁查看过，最近的在前。"""
    check_section(visit, Section.VIEWINGS)
    office, realm = visit.house.office, visit.me.realm.id
    case = await office.reading.case(str(visit.request.path_params["case"]), realm)
    if case is None:
        visit.nothing()
    whole = wants_sheet(visit)
    found = await viewings_of(office.pool, case.application, WHOLE if whole else SHOWN)
    names = await office.reading.names_of({item.person for item in found}, realm)
    names |= await office.reading.organisation_names({item.organisation for item in found}, realm)
    rows = [
        (
            looks.moment(item.at),
            names.get(item.person, item.person),
            names.get(item.organisation, item.organisation) or "本人",
            PARTS.get(item.part, item.part),
        )
        for item in found
    ]
    if whole:
        return await taken(visit, Sheet("查看记录", HEADINGS, rows))
    numbers = await office.reading.short_ids([case.application])
    return visit.page(
        "viewings.html",
        title=case.acceptance_number or numbers.get(case.application, case.application),
        rows=rows,
        headings=HEADINGS,
        most=SHOWN if len(rows) == SHOWN else 0,
    )


def _asked_again(visit: Visit, words: str) -> Response:
    problem = Problem(words, "number")
    number = visit.value("number")
    return visit.page("viewings_ask.html", status=422, problems=(problem,), number=number)


PAGES = (Page(PATH, ask, ("GET", "POST")), Page(f"{PATH}/{{case}}", viewings))
