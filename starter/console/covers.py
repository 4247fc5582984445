"""名录：负责人不在岗时的代理——指定、终止，以及现在的和以往的。"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from starlette.responses import Response

from activities.covers import CoverView, covers_of
from activities.paging import STREAMED
from activities.seeing import Section
from activities.views import OrganisationView
from activities.wording.covers import lent_zh
from starter.console.directory import PATH, circle_of, organisation_of
from starter.console.operated import carried_out, new_request, prove_for
from starter.console.operation_form import OperationForm, row
from starter.console.pages import Page, Problem, Visit
from starter.console.sections import check_section
from starter.console.sheets import Sheet, taken, wants_sheet, whole
from starter.desk import standing_in
from starter.desk.act_form import Widget
from starter.desk.translating import translated
from workflows.rules.covering import LENDABLE, MOST_DAYS
from workflows.rules.refusals import Refused

LINES = 25
HEADINGS = ("负责人", "代理人", "日期", "事项", "现状")


async def _asked(visit: Visit, path: str, one: OrganisationView) -> OperationForm:
    """With those who may be chosen by name: who leads now, and who acts for the organisation."""
    me = visit.me
    people = await visit.house.office.reading.people_of(one.id, me.at, me.realm.id)
    leading = {item.person: item.name for item in people if item.role == "supervisor"}
    members = {item.person: item.name for item in people if item.person not in leading}
    return _form(path, one.name, leading, members)


def _form(
    path: str, name: str, leading: Mapping[str, str], members: Mapping[str, str]
) -> OperationForm:
    return OperationForm(
        "指定代理人",
        "提出",
        (
            row(
                "principal",
                "负责人",
                Widget.ONE,
                hint="不选为您本人",
                options=leading.items(),
            ),
            row(
                "deputy",
                "代理人",
                Widget.ONE,
                hint="本机构的经办人；没有可选的，请先授予权限",
                options=members.items(),
                required=True,
            ),
            row("from", "起始日", Widget.DAY, required=True),
            row("to", "最后一日", Widget.DAY, hint=f"最长 {MOST_DAYS} 日", required=True),
            row(
                "acts",
                "代理事项",
                Widget.MANY,
                hint="都不选为负责人的全部事项",
                options=((act, lent_zh(act)) for act in LENDABLE),
            ),
            row("reason", "理由", Widget.PROSE, hint="为何不在岗；加密保存", required=True),
        ),
        ((PATH, "名录"), (path, name), (f"{path}/daili", "代理")),
        (
            "由负责人本人、上级或者运行人员提出，另一人在“待确认”中核对无误、确认后生效；代理人不得提出也不得确认。",
            "代理人以自己的名义办理，记录、通知和文书同时写明两人；两人按一人计，不得互为复核；涉及其中一人的申报不得代理；"
            "一方失去权限的，代理自行终止。",
        ),
        weighty=True,
    )


async def covers(visit: Visit) -> Response:
    """一个机构的代理，后指定的在前。"""
    return await _list(visit)


async def name(visit: Visit) -> Response:
    """指定代理人。"""
    one = await organisation_of(visit)
    check_section(visit, Section.GRANTS, await circle_of(visit, one))
    prove_for(visit, "name_deputy")
    path = f"{PATH}/{one.id}"
    asked = await _asked(visit, path, one)

    async def form(*problems: Problem) -> Response:
        return asked.page(visit, *problems, facts=[("机构", one.name)])

    stated, problems = asked.stated(visit)
    if not visit.is_stated or problems:
        return await form(*(problems if visit.is_stated else ()))
    return await carried_out(
        visit,
        "name_deputy",
        {"organisation": one.id, **stated},
        form=form,
        to=f"{path}/daili",
        told="已指定代理人。",
    )


async def end(visit: Visit) -> Response:
    """终止一个代理，即时生效。"""
    one = await organisation_of(visit)
    check_section(visit, Section.GRANTS, await circle_of(visit, one))

    async def again(*problems: Problem) -> Response:
        return await _list(visit, *problems)

    return await carried_out(
        visit,
        "end_deputy",
        {"cover": visit.value("cover")},
        form=again,
        to=f"{PATH}/{one.id}/daili",
        told="代理已终止。",
    )


async def _list(visit: Visit, *problems: Problem) -> Response:
    one = await organisation_of(visit)
    check_section(visit, Section.GRANTS, await circle_of(visit, one))
    office, me = visit.house.office, visit.me

    async def lines(after: str, limit: int = LINES) -> tuple[tuple[CoverView, ...], str]:
        try:
            found, following = await covers_of(
                office.pool, one.id, me.at, me.realm.id, limit=limit, after=after
            )
        except Refused as err:
            raise translated(err) from None
        names = await office.reading.names_of(standing_in.people_in(found), me.realm.id)
        return standing_in.named(found, names), following

    if wants_sheet(visit) and not problems:
        every = await whole(lambda after: lines(after, STREAMED))
        rows = [_row(item, me.at) for item in every]
        return await taken(visit, Sheet(f"{one.name}的代理", HEADINGS, rows))
    found, following = await lines(visit.asked("after"))
    path = f"{PATH}/{one.id}/daili"
    return visit.page(
        "covers.html",
        status=422 if problems else 200,
        problems=problems,
        one=one,
        path=path,
        covers=[
            {
                "id": item.id,
                "row": _row(item, me.at),
                "may_end": standing_in.may_be_ended(item, me.at),
                "request": new_request(),
            }
            for item in found
        ],
        headings=HEADINGS,
        next=f"{path}?after={following}" if following else "",
    )


def _row(item: CoverView, at: datetime) -> tuple[str, ...]:
    return (item.principal_name, item.deputy_name, *standing_in.told(item, at))


PAGES = (
    Page(f"{PATH}/{{organisation}}/daili", covers),
    Page(f"{PATH}/{{organisation}}/daili/zhiding", name, ("GET", "POST")),
    Page(f"{PATH}/{{organisation}}/daili/zhongzhi", end, ("POST",)),
)
