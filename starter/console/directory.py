"""名录：机构和联系人；谁可以代表它，授予和收回权限，更改联系方式。"""

from __future__ import annotations

from starlette.responses import Response

from activities.paging import STREAMED
from activities.seeing import Circle, Section
from activities.views import OrganisationView
from activities.wording import label
from starter.console import looks
from starter.console.operated import carried_out, prove_for
from starter.console.operation_form import OperationForm, row
from starter.console.pages import Page, Problem, Visit
from starter.console.sections import check_section, is_seen, keepers
from starter.console.sheets import Sheet, taken, wants_sheet
from starter.desk.act_form import Widget
from workflows.operation.messages import OperationOutcome

PATH = "/minglu"
HEADINGS = ("名称", "编号", "类别", "上级", "联系人", "电话")
PEOPLE = ("姓名", "编号", "身份", "自", "至")
LINES = 25
BACK = ((PATH, "名录"),)
GRANT = OperationForm(
    "授予权限",
    "授予权限",
    (
        row(
            "person",
            "人员编号",
            hint="名录中的人员；与其本人在办申报相冲突的不能授予",
            required=True,
        ),
        row("supervisor", "作为负责人：可特批退回，可作第二经办人", Widget.TICK),
        row("from", "自", Widget.DAY, hint="不填即时生效"),
        row("to", "至", Widget.DAY, hint="最后一日；不填为长期"),
    ),
    BACK,
    ("授予负责人的权限，须另一人确认后生效。",),
)
REVOKE = OperationForm(
    "收回权限",
    "收回权限",
    (
        row("person", "人员编号", required=True),
        row("to", "最后一日", Widget.DAY, hint="不填即时收回"),
    ),
    BACK,
    ("过往的权限仍可查。收回负责人的权限，须另一人确认后生效。",),
    weighty=True,
)
CONTACT = OperationForm(
    "更改联系方式",
    "更改联系方式",
    (
        row("contact", "联系人"),
        row("phone", "电话"),
        row("email", "邮箱"),
        row("address", "地址"),
        row("source", "依据", Widget.PROSE, hint="不是本机构自己更改的，写明从何得知"),
    ),
    BACK,
    ("不更改的照旧。不是本机构自己更改的，须另一人确认后生效。",),
)


async def organisations(visit: Visit) -> Response:
    """全部机构，按编号。"""
    reading, realm = visit.house.office.reading, visit.me.realm.id
    if wants_sheet(visit):
        every: list[OrganisationView] = []
        while more := await reading.organisations(
            realm, after=every[-1].id if every else "", limit=STREAMED
        ):
            every += more
        return await taken(visit, Sheet("名录", HEADINGS, await _rows(visit, every)))
    after = visit.asked("hou")
    known = await reading.organisations(realm, after=after, limit=LINES + 1)
    shown = known[:LINES]
    return visit.page(
        "directory.html",
        rows=[
            (f"{PATH}/{one.id}", row)
            for one, row in zip(shown, await _rows(visit, shown), strict=True)
        ],
        headings=HEADINGS,
        first=PATH if after else "",
        next=f"{PATH}?hou={shown[-1].id}" if len(known) > LINES else "",
    )


async def organisation(visit: Visit) -> Response:
    """一个机构，以及现在可以代表它的人。"""
    one = await organisation_of(visit)
    reading, me = visit.house.office.reading, visit.me
    seen = is_seen(visit, Section.GRANTS, await circle_of(visit, one))
    people = await reading.people_of(one.id, me.at, me.realm.id) if seen else ()
    rows = [
        (
            grant.name,
            grant.person,
            label("roles", grant.role),
            looks.day(grant.starts_at),
            looks.moment(grant.ends_at) if grant.ends_at else "长期",
        )
        for grant in people
    ]
    if wants_sheet(visit):
        check_section(visit, Section.GRANTS, await circle_of(visit, one))
        return await taken(visit, Sheet(f"{one.name}的人员", PEOPLE, rows))
    names = await reading.organisation_names({one.superior, one.agency}, me.realm.id)
    facts = [
        ("编号", one.id),
        ("类别", label("organisations", one.kind)),
        ("区县", one.district),
        ("上级", names.get(one.superior, one.superior)),
        ("人事代理机构", names.get(one.agency, one.agency)),
        ("联系人", one.contact),
        ("电话", one.phone),
        ("邮箱", one.email),
        ("地址", one.address),
    ]
    return visit.page(
        "organisation.html",
        one=one,
        facts=[(name, value) for name, value in facts if value],
        seen=seen,
        people=rows,
        headings=PEOPLE,
        path=f"{PATH}/{one.id}",
    )


async def grant(visit: Visit) -> Response:
    """授予一人代表一个机构的权限。"""
    return await _changed(visit, "grant", GRANT)


async def revoke(visit: Visit) -> Response:
    """收回一人代表一个机构的权限。"""
    return await _changed(visit, "revoke_grant", REVOKE)


async def contact(visit: Visit) -> Response:
    """更改一个机构的联系方式。"""
    return await _changed(visit, "change_address", CONTACT)


async def _changed(visit: Visit, kind: str, asked: OperationForm) -> Response:
    """Whoever sees who acts for an organisation may ask; who may do it is asked in the operation."""
    one = await organisation_of(visit)
    check_section(visit, Section.GRANTS, await circle_of(visit, one))
    prove_for(visit, kind)
    given = one.model_dump(include={"contact", "phone", "email", "address"})

    async def form(*problems: Problem) -> Response:
        known = given if kind == "change_address" else None
        return asked.page(visit, *problems, given=known, facts=[("机构", one.name)])

    stated, problems = asked.stated(visit)
    if not visit.is_stated or problems:
        return await form(*(problems if visit.is_stated else ()))
    if kind == "change_address":
        stated = {key: value for key, value in stated.items() if value != given.get(key)}
        if not stated.keys() - {"source"}:
            return await form(Problem("还没有改动任何一项。"))

    async def told(outcome: OperationOutcome) -> str:
        if kind == "grant":
            return "已授权。" if outcome.count else "已有同样的授权，未重复。"
        return f"已收回 {outcome.count} 项权限。" if kind == "revoke_grant" else "联系方式已更改。"

    return await carried_out(
        visit,
        kind,
        {"organisation": one.id, **stated},
        form=form,
        to=f"{PATH}/{one.id}",
        told=told,
    )


async def _rows(
    visit: Visit, found: list[OrganisationView] | tuple[OrganisationView, ...]
) -> list[tuple[str, ...]]:
    reading = visit.house.office.reading
    above = await reading.organisation_names({one.superior for one in found}, visit.me.realm.id)
    return [
        (
            one.name,
            one.id,
            label("organisations", one.kind),
            above.get(one.superior, one.superior),
            one.contact,
            one.phone,
        )
        for one in found
    ]


async def organisation_of(visit: Visit) -> OrganisationView:
    """The organisation of an address; nothing where there is none."""
    name = str(visit.request.path_params["organisation"])
    found = await visit.house.office.reading.organisation(name, visit.me.realm.id)
    return found or visit.nothing()


async def circle_of(visit: Visit, one: OrganisationView) -> Circle:
    """Whom an organisation's rights concern: itself, and who is above it."""
    reading = visit.house.office.reading
    above = await reading.above((one.superior, one.agency), visit.me.realm.id)
    return Circle(own=(one.id,), chain=above, city_office=keepers(visit).city_office)


PAGES = (
    Page(PATH, organisations),
    Page(f"{PATH}/{{organisation}}", organisation),
    Page(f"{PATH}/{{organisation}}/shouquan", grant, ("GET", "POST")),
    Page(f"{PATH}/{{organisation}}/shouhui", revoke, ("GET", "POST")),
    Page(f"{PATH}/{{organisation}}/lianxi", contact, ("GET", "POST")),
)
