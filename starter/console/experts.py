"""专家库：评委会的备案和专家人数给所有人，专家名单只给本评委会办公室、职改办和运行人员。"""

from __future__ import annotations

from starlette.responses import Response

from activities.seeing import Circle, Section
from activities.wording import label
from starter.console import looks
from starter.console.operated import carried_out, prove_for
from starter.console.operation_form import OperationForm, row
from starter.console.pages import Page, Problem, Visit
from starter.console.sections import check_section, is_seen
from starter.console.sheets import Sheet, taken, wants_sheet
from starter.desk.act_form import Widget
from starter.desk.pool_numbers import counted
from workflows.operation.messages import OperationOutcome
from workflows.rules.committee import Expert
from workflows.rules.committee_filing import FiledCommittee
from workflows.rules.message import local_date

PATH = "/zhuanjia"
COMMITTEES = ("评委会", "备案", "有效期至", "组成", "最高级别")
HEADINGS = ("编号", "姓名", "单位", "专业", "职务", "任期自", "至", "电话")
RETIRE = OperationForm(
    "专家退出专家库",
    "登记退出",
    (
        row("to", "任期的最后一日", Widget.DAY, hint="不填为当日"),
        row("reason", "理由", Widget.PROSE, required=True),
    ),
    ((PATH, "专家库"),),
    ("已抽取的评审会不受影响，须另办递补。",),
)


async def committees(visit: Visit) -> Response:
    """全部评委会：备案、有效期和组成人数。"""
    found = await visit.house.office.reading.committees(visit.me.realm.id)
    rows = [
        (
            f"{PATH}/{item.id}",
            (
                item.name,
                item.filing,
                looks.day(item.valid_until),
                f"{item.seats} 人",
                label("levels", item.max_level),
            ),
        )
        for item in found
    ]
    if wants_sheet(visit):
        return await taken(visit, Sheet("评委会", COMMITTEES, [row for _, row in rows]))
    return visit.page("committees.html", rows=rows, headings=COMMITTEES)


async def committee(visit: Visit) -> Response:
    """一个评委会及其专家库。"""
    found = await _committee(visit)
    reading, realm = visit.house.office.reading, visit.me.realm.id
    pool = await reading.pool(found.id, realm)
    seen = is_seen(visit, Section.POOL, _circle(found))
    rows = await _rows(visit, pool) if seen else []
    if wants_sheet(visit):
        check_section(visit, Section.POOL, _circle(found))
        return await taken(visit, Sheet("评审专家库", HEADINGS, [row for _, row in rows]))
    offices = await reading.organisation_names({found.office, found.city_office}, realm)
    counts = counted(pool, local_date(visit.me.at))
    return visit.page(
        "committee.html",
        found=found,
        facts=[
            ("办公室", offices.get(found.office, found.office)),
            ("备案", f"{found.filing}（{offices.get(found.city_office, found.city_office)}）"),
            ("有效期", f"{looks.day(found.filed_on)}至{looks.day(found.valid_until)}"),
            ("系列", f"{found.series}，{label('organised_by', found.organised_by)}"),
            ("最高级别", label("levels", found.max_level)),
            ("组成", f"{found.seats} 人，备选 {found.spares} 人（规定不少于 {found.minimum} 人）"),
            ("专家库", f"现任 {counts['serving']} 人，其中正副主任委员 {counts['chairs']} 人"),
        ],
        professions=[(name, count) for name, count in counts["professions"].items()],
        seen=seen,
        rows=[(f"{PATH}/{found.id}/{expert}/tuichu", row) for expert, row in rows],
        headings=HEADINGS,
    )


async def retire(visit: Visit) -> Response:
    """登记一名专家退出专家库。"""
    found = await _committee(visit)
    check_section(visit, Section.POOL, _circle(found))
    reading, realm = visit.house.office.reading, visit.me.realm.id
    expert = str(visit.request.path_params["expert"])
    pool = {item.id: item for item in await reading.pool(found.id, realm)}
    if expert not in pool:
        visit.nothing()
    prove_for(visit, "retire_expert")
    names = await reading.expert_names([expert], realm)
    facts = [
        ("评委会", found.name),
        ("专家", f"{names.get(expert, '')}（{expert}）"),
        ("任期至", looks.day(pool[expert].term_to)),
    ]

    async def form(*problems: Problem) -> Response:
        return RETIRE.page(visit, *problems, facts=facts)

    stated, problems = RETIRE.stated(visit)
    if not visit.is_stated or problems:
        return await form(*(problems if visit.is_stated else ()))

    async def told(outcome: OperationOutcome) -> str:
        changed = "任期到" if outcome.count else "任期原定到"
        return f"专家 {expert} 的{changed} {outcome.params['to']} 止。"

    return await carried_out(
        visit,
        "retire_expert",
        {"expert": expert, **stated},
        form=form,
        to=f"{PATH}/{found.id}",
        told=told,
    )


async def _rows(visit: Visit, pool: tuple[Expert, ...]) -> list[tuple[str, tuple[str, ...]]]:
    """Experts by id with what is shown of each."""
    reading, realm = visit.house.office.reading, visit.me.realm.id
    contacts = await reading.expert_contacts([item.id for item in pool], realm)
    units = await reading.organisation_names({item.unit for item in pool}, realm)
    return [
        (
            item.id,
            (
                item.id,
                contacts[item.id].name if item.id in contacts else "",
                units.get(item.unit, item.unit),
                "、".join(item.professions),
                label("chairs", item.chair) if item.chair else "",
                looks.day(item.term_from),
                looks.day(item.term_to),
                contacts[item.id].phone if item.id in contacts else "",
            ),
        )
        for item in pool
    ]


async def _committee(visit: Visit) -> FiledCommittee:
    name = str(visit.request.path_params["committee"])
    found = await visit.house.office.reading.filed_committee(name, visit.me.realm.id)
    return found or visit.nothing()


def _circle(found: FiledCommittee) -> Circle:
    return Circle(office=found.office, city_office=found.city_office)


PAGES = (
    Page(PATH, committees),
    Page(f"{PATH}/{{committee}}", committee),
    Page(f"{PATH}/{{committee}}/{{expert}}/tuichu", retire, ("GET", "POST")),
)
