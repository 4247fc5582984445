"""登记、解除、更正影响期和诚信档案记录。"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.responses import Response

from activities.integrity import BarView, RecordView
from activities.seeing import Section
from activities.wording import labels
from config.integrity_terms import read_terms
from starter.console import looks
from starter.console.integrity import BARS, PATH, RECORDS, bar_of, record_of
from starter.console.operated import NO_ANSWERS, carried_out, prove_for
from starter.console.operation_form import OperationForm, row
from starter.console.pages import Page, Problem, Visit
from starter.console.sections import check_section
from starter.desk.act_form import Widget
from starter.desk.translating import translated
from starter.desk.whom import person_meant
from workflows.operation.messages import OperationOutcome

BACK = ((PATH, "诚信"),)
TO_SECOND = "提出后还没有生效：须由另一人确认。原来的登记仍可查。"
SUBJECTS, CONDUCTS = (tuple(labels(group).items()) for group in ("subjects", "conducts"))
CHANNELS, OUTSIDE_STATES = (
    tuple(labels(group).items()) for group in ("channels", "outside_states")
)
WHOM = (
    row(
        "by",
        "用什么指明本人",
        Widget.ONE,
        options=(
            ("application", "申报的受理号"),
            ("person", "名录中的人员编号"),
            ("id_number", "身份证件号"),
        ),
        required=True,
    ),
    row(
        "whom",
        "受理号、人员编号或者身份证件号",
        hint="身份证件号只用来比对，不显示、不记入日志",
        required=True,
    ),
)
DOCUMENT = row("document", "决定书的文号", required=True)
REASON = row("reason", "理由", Widget.PROSE, hint="事实和理由；加密保存", required=True)
STARTS = row("starts_on", "起始日", Widget.DAY, hint="不填为当日")
ORGANISATION = row("organisation", "行为发生时所在的机构", hint="名录中的机构编号，可以不填")
WITHDRAWN = row("withdrawn", "这项登记有误，整项撤回，不另登记", Widget.TICK)

NEW_BAR = OperationForm(
    "登记影响期",
    "登记影响期",
    (
        *WHOM,
        STARTS,
        row("ends_on", "最后一日", Widget.DAY, hint="不顺延，次日起可以申报；不填的，写几年"),
        row("years", "几年", Widget.NUMBER, hint="不写最后一日时填写，1 至 30"),
        DOCUMENT,
        row("decided_by", "作出决定的机构", hint="不填为本机构"),
        REASON,
    ),
    BACK,
    ("影响期内不得申报。在办的申报受理前、评审前会查到，由评委会办公室写明理由作出决定。",),
    secret=frozenset({"whom"}),
)
NEW_RECORD = OperationForm(
    "登记诚信档案记录",
    "登记记录",
    (
        *WHOM,
        row("subject", "哪一类人员", Widget.ONE, options=SUBJECTS, required=True),
        row("conduct", "行为", Widget.ONE, options=CONDUCTS, required=True),
        ORGANISATION,
        DOCUMENT,
        row("decided_by", "作出决定的机构", required=True),
        row("decided_on", "决定日期", Widget.DAY, required=True),
        row("keep_until", "保存到", Widget.DAY, hint="不填的，按规定的年数保存"),
        REASON,
    ),
    BACK,
    ("记录本身不限制申报，在保存期内供作出决定的人查看；要限制申报，另行登记影响期。",),
    secret=frozenset({"whom"}),
)
OUTSIDE = OperationForm(
    "登记系统外的申报",
    "登记",
    (
        *WHOM,
        row("year", "年度", Widget.NUMBER, hint="申报的年度，如 2023", required=True),
        row("campaign", "申报的通知或者评审", hint="名称或者文号，可以不填"),
        row("channel", "渠道", Widget.ONE, options=CHANNELS, required=True),
        row("state", "结果", Widget.ONE, options=OUTSIDE_STATES, required=True),
    ),
    BACK,
    (
        "本年度在别处（其他评委会、其他系统）的申报，登记后计入本人一年一次的申报机会，特殊和绿色通道的同样计入。",
        "同一人同一年度再次登记的，以后一次为准。",
    ),
    secret=frozenset({"whom"}),
)
LIFT = OperationForm("解除影响期", "提出解除", (REASON,), BACK, (TO_SECOND,), weighty=True)
CORRECT_BAR = OperationForm(
    "更正影响期",
    "提出更正",
    (
        STARTS,
        row("ends_on", "最后一日", Widget.DAY),
        row("document", "决定书的文号"),
        row("decided_by", "作出决定的机构"),
        WITHDRAWN,
        REASON,
    ),
    BACK,
    ("请改动有误的各项，并写明更正的理由。", TO_SECOND),
)
CORRECT_RECORD = OperationForm(
    "更正诚信档案记录",
    "提出更正",
    (
        row("subject", "哪一类人员", Widget.ONE, options=SUBJECTS),
        row("conduct", "行为", Widget.ONE, options=CONDUCTS),
        ORGANISATION,
        row("document", "决定书的文号"),
        row("decided_by", "作出决定的机构"),
        row("decided_on", "决定日期", Widget.DAY),
        row("keep_until", "保存到", Widget.DAY),
        WITHDRAWN,
        REASON,
    ),
    BACK,
    CORRECT_BAR.intro,
)


async def new_bar(visit: Visit) -> Response:
    """登记影响期。"""
    check_section(visit, Section.REGISTER)
    prove_for(visit, "enter_bar")
    if not visit.is_stated:
        return NEW_BAR.page(visit)
    stated, problems = NEW_BAR.stated(visit)
    if ("ends_on" in stated) is ("years" in stated) and not problems:
        problems.append(Problem("最后一日和几年，请填写其中一个。", "ends_on"))
    if isinstance(stated.get("years"), str):
        problems.append(Problem("几年请填数字。", "years"))
    return await _entered(visit, "enter_bar", NEW_BAR, stated, problems)


async def new_record(visit: Visit) -> Response:
    """登记诚信档案记录。"""
    check_section(visit, Section.REGISTER)
    prove_for(visit, "record_integrity")
    if not visit.is_stated:
        return NEW_RECORD.page(visit)
    stated, problems = NEW_RECORD.stated(visit)
    if "keep_until" not in stated:
        stated["years"] = read_terms().record.years
    return await _entered(visit, "record_integrity", NEW_RECORD, stated, problems)


async def outside(visit: Visit) -> Response:
    """登记系统外的申报。"""
    check_section(visit, Section.REGISTER)
    prove_for(visit, "record_outside_application")
    if not visit.is_stated:
        return OUTSIDE.page(visit)
    stated, problems = OUTSIDE.stated(visit)
    if isinstance(stated.get("year"), str):
        problems.append(Problem("年度请填数字。", "year"))
    return await _entered(visit, "record_outside_application", OUTSIDE, stated, problems)


async def lift(visit: Visit) -> Response:
    """提出解除一项影响期，由另一人确认。"""
    found = await bar_of(visit)
    prove_for(visit, "lift_bar")
    facts = [("姓名", found.name), ("最后一日", looks.day(found.ends_on))]

    async def form(*problems: Problem) -> Response:
        return LIFT.page(visit, *problems, facts=facts)

    stated, problems = LIFT.stated(visit)
    if not visit.is_stated or problems:
        return await form(*(problems if visit.is_stated else ()))
    return await carried_out(
        visit,
        "lift_bar",
        {"number": found.number, **stated},
        form=form,
        to=f"{BARS}/{found.number}",
        told="影响期已解除。",
    )


async def correct_bar(visit: Visit) -> Response:
    """提出更正一项影响期，由另一人确认。"""
    return await _corrected(visit, "bar", await bar_of(visit), CORRECT_BAR, BARS)


async def correct_record(visit: Visit) -> Response:
    """提出更正一条记录，由另一人确认。"""
    return await _corrected(visit, "record", await record_of(visit), CORRECT_RECORD, RECORDS)


async def _corrected(
    visit: Visit, what: str, found: BarView | RecordView, asked: OperationForm, path: str
) -> Response:
    """The form has what is registered in it; only what was changed is stated."""
    prove_for(visit, "correct_integrity")
    known = found.model_dump(exclude={"reason"})

    async def form(*problems: Problem) -> Response:
        return asked.page(visit, *problems, given=known, facts=[("姓名", found.name)])

    if not visit.is_stated:
        return await form()
    stated, problems = asked.stated(visit)
    if problems:
        return await form(*problems)
    plain = found.model_dump(mode="json", exclude={"reason"})
    changed = {key: value for key, value in stated.items() if value != plain.get(key)}
    if changed.keys() == {"reason"}:
        return await form(Problem("还没有改动任何一项。请改动有误的，或者选整项撤回。"))
    return await carried_out(
        visit,
        "correct_integrity",
        {"what": what, "number": found.number, **changed},
        form=form,
        to=f"{path}/{found.number}",
        told="已更正。",
    )


async def _entered(
    visit: Visit, kind: str, asked: OperationForm, stated: dict[str, Any], problems: list[Problem]
) -> Response:
    """A new entry, once it is known whom it means."""

    async def form(*wrong: Problem) -> Response:
        return asked.page(visit, *wrong)

    if problems:
        return await form(*problems)
    by, whom = stated.pop("by"), stated.pop("whom")
    office, realm = visit.house.office, visit.me.realm.id
    try:
        meant = await person_meant(office, realm, **{by: whom})
        if kind == "record_integrity" and by == "application":
            meant["application"] = (await office.case(whom, realm)).application
    except NO_ANSWERS as err:
        return await form(*(Problem(no.message, "whom") for no in translated(err).reasons))

    async def told(outcome: OperationOutcome) -> str:
        if kind == "record_outside_application":
            return "已登记系统外的申报。"
        called, key = ("影响期", "bar") if kind == "enter_bar" else ("诚信档案", "record")
        return f"已登记{called}第 {outcome.params[key]} 号。"

    return await carried_out(visit, kind, {**stated, **meant}, form=form, to=PATH, told=told)


Show = Callable[[Visit], Awaitable[Response]]
_FORMS: tuple[tuple[str, Show], ...] = (
    (f"{BARS}/xin", new_bar),
    (f"{RECORDS}/xin", new_record),
    (f"{PATH}/xiwai/xin", outside),
    (f"{BARS}/{{number:number}}/jiechu", lift),
    (f"{BARS}/{{number:number}}/gengzheng", correct_bar),
    (f"{RECORDS}/{{number:number}}/gengzheng", correct_record),
)
PAGES = tuple(Page(path, show, ("GET", "POST")) for path, show in _FORMS)
