"""文书：一件申报已经出具、可以取用的，和按记录可以出具的。"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from activities.papers.store import PaperReading, PaperView
from activities.wording import label
from starter.console.case import PATH, around, case_path
from starter.console.next_task import carried, next_task
from starter.console.operated import REQUEST, carried_out, new_request
from starter.console.pages import Page, Problem, Visit
from starter.console.seen_case import seen_case
from starter.desk.case_page import CasePage
from starter.desk.papers import check_opens, due_to, file_name, of_case, stored_content
from starter.desk.refusing import NoAnswer
from workflows.rules.papers import PaperKind
from workflows.rules.refusals import Refused


async def papers(visit: Visit) -> Response:
    """文书：已经出具、可以取用的。"""
    return await _papers(visit, await seen_case(visit, "wenshu"))


async def make_paper(visit: Visit) -> Response:
    """出具一份：按记录出具一次，再要即取回原件。"""
    page = await seen_case(visit, "wenshu")
    kind = visit.value("wenshu")
    due = await _due(visit, page, await of_case(visit.house.office, page.case, visit.me.who))
    if kind not in due:
        visit.nothing()

    async def form(*problems: Problem) -> Response:
        return await _papers(visit, page, *problems)

    return await carried_out(
        visit,
        "render_paper",
        {},
        form=form,
        to=f"{case_path(page)}/wenshu",
        told=f"已出具：{label('papers', kind)}。",
        params={"kind": kind, "application": page.case.application, "detail": ""},
    )


async def _due(visit: Visit, page: CasePage, made: Sequence[PaperView]) -> list[PaperKind]:
    case = page.case
    reading = visit.house.office.reading
    policy = await reading.policy(case.campaign, case.policy_version, case.realm)
    return due_to(page, made, policy)


async def _papers(visit: Visit, page: CasePage, *problems: Problem) -> Response:
    found = await of_case(visit.house.office, page.case, visit.me.who)
    return visit.page(
        "case_papers.html",
        status=422 if problems else 200,
        problems=problems,
        due=[
            (kind.value, label("papers", kind), new_request())
            for kind in await _due(visit, page, found)
        ],
        request_field=REQUEST,
        **around(page, "wenshu", carried(visit)),
        next_task=await next_task(visit),
        papers=[
            {
                "path": f"{case_path(page)}/wenshu/{item.id}",
                "name": label("papers", item.kind),
                "seals": "、".join(item.seals),
                "made_at": item.made_at,
                "size": f"{max(1, item.size // 1024)} KB",
            }
            for item in reversed(found)
        ],
    )


async def paper(visit: Visit) -> Response:
    """One paper as a file; nothing for whoever it is not for."""
    page = await seen_case(visit, "wenshu")
    office = visit.house.office
    reading = PaperReading(office.pool)
    found = await reading.paper(str(visit.request.path_params["paper"]))
    if found is None or found.application != page.case.application:
        visit.nothing()
    try:
        await check_opens(office, reading, found, visit.me.who)
    except (Refused, NoAnswer):
        visit.nothing()
    return visit.file(
        await stored_content(office, found.sha256), file_name(found), "application/pdf"
    )


PAGES = (
    Page(f"{PATH}/wenshu", papers),
    Page(f"{PATH}/wenshu", make_paper, ("POST",)),
    Page(f"{PATH}/wenshu/{{paper}}", paper),
)
