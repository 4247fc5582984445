"""诚信：影响期和诚信档案记录；只给评委会办公室、职改办和运行人员。"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from activities.integrity import BarView, IntegrityReading, RecordView
from activities.paging import STREAMED
from activities.seeing import Section
from activities.wording import label
from starter.console import looks
from starter.console.pages import Page, Visit
from starter.console.sections import check_section
from starter.console.sheets import Sheet, taken, wants_sheet
from workflows.rules.message import local_date
from workflows.rules.refusals import Refused

PATH, BARS, RECORDS = "/chengxin", "/chengxin/yingxiangqi", "/chengxin/jilu"
BAR_HEADINGS = ("编号", "姓名", "起", "止", "文号", "决定机构", "现状")
RECORD_HEADINGS = ("编号", "姓名", "类别", "行为", "文号", "决定机构", "决定日期", "保存到", "现状")
SHEET_HEADINGS = (
    "种类",
    "编号",
    "姓名",
    "起（决定日期）",
    "止（保存到）",
    "文号",
    "决定机构",
    "理由",
    "现状",
)
LINES = 25


async def register(visit: Visit) -> Response:
    """影响期和记录：仍有效的，或者全部。"""
    check_section(visit, Section.REGISTER)
    every = visit.asked("kan") == "quanbu"
    if wants_sheet(visit):
        return await taken(
            visit, Sheet("诚信登记", SHEET_HEADINGS, await _whole(visit, every=every))
        )
    today = None if every else local_date(visit.me.at)
    after = visit.asked("hou")
    try:
        found = await _reading(visit).page(visit.me.realm.id, on=today, limit=LINES, after=after)
    except Refused:
        visit.nothing()
    kept = "kan=quanbu&" if every else ""
    return visit.page(
        "integrity.html",
        bars=[(f"{BARS}/{item.number}", _bar_row(item)) for item in found.bars],
        records=[(f"{RECORDS}/{item.number}", _record_row(item)) for item in found.records],
        bar_headings=BAR_HEADINGS,
        record_headings=RECORD_HEADINGS,
        every=every,
        kept=kept,
        first=f"{PATH}?{kept}" if after else "",
        next=f"{PATH}?{kept}hou={found.following}" if found.following else "",
    )


async def bar(visit: Visit) -> Response:
    """一项影响期。"""
    found = await bar_of(visit)
    facts = [
        ("姓名", found.name),
        ("期间", f"{looks.day(found.starts_on)}至{looks.day(found.ends_on)}"),
        ("文号", found.document),
        ("决定机构", found.decided_by),
        ("理由", found.reason),
        ("登记", await _entered_by(visit, found.entered_by)),
        ("更正", f"取代第 {found.replaces} 号" if found.replaces else ""),
        ("现状", bar_standing(found)),
    ]
    return visit.page(
        "integrity_one.html",
        title=f"影响期第 {found.number} 号",
        facts=[(name, value) for name, value in facts if value],
        path=f"{BARS}/{found.number}",
        can_lift=not found.lifted,
        can_correct=not found.lifted,
    )


async def record(visit: Visit) -> Response:
    """一条诚信档案记录。"""
    found = await record_of(visit)
    facts = [
        ("姓名", found.name),
        ("类别", label("subjects", found.subject)),
        ("行为", label("conducts", found.conduct)),
        ("机构", found.organisation),
        ("文号", found.document),
        ("决定机构", found.decided_by),
        ("决定日期", looks.day(found.decided_on)),
        ("保存到", looks.day(found.keep_until)),
        ("理由", found.reason),
        ("登记", await _entered_by(visit, found.entered_by)),
        ("更正", f"取代第 {found.replaces} 号" if found.replaces else ""),
        ("现状", record_standing(found)),
    ]
    return visit.page(
        "integrity_one.html",
        title=f"诚信档案第 {found.number} 号",
        facts=[(name, value) for name, value in facts if value],
        path=f"{RECORDS}/{found.number}",
        can_lift=False,
        can_correct=not found.ended,
    )


async def _entered_by(visit: Visit, stated: str) -> str:
    named = await visit.house.office.reading.called([stated], visit.me.realm.id)
    return named.get(stated, stated)


async def bar_of(visit: Visit) -> BarView:
    """The 影响期 of the address, for whoever keeps the register."""
    check_section(visit, Section.REGISTER)
    number = int(visit.request.path_params["number"])
    return await _reading(visit).bar(number, visit.me.realm.id) or visit.nothing()


async def record_of(visit: Visit) -> RecordView:
    """The record of the address, for whoever keeps the register."""
    check_section(visit, Section.REGISTER)
    number = int(visit.request.path_params["number"])
    return await _reading(visit).record(number, visit.me.realm.id) or visit.nothing()


def bar_standing(found: BarView) -> str:
    """What became of a 影响期, where something did."""
    return f"已解除：{found.lifted_why}" if found.lifted else ""


def record_standing(found: RecordView) -> str:
    """What became of a record, where something did."""
    if not found.ended:
        return ""
    if found.replaced_by:
        return f"已更正为第 {found.replaced_by} 号：{found.ended_why}"
    return f"已撤回：{found.ended_why}"


async def _whole(visit: Visit, *, every: bool) -> list[tuple[Any, ...]]:
    """Both lists with their reasons, some hundred entries at a time."""
    today = None if every else local_date(visit.me.at)
    rows: list[tuple[Any, ...]] = []
    after = ""
    while True:
        found = await _reading(visit).page(visit.me.realm.id, on=today, limit=STREAMED, after=after)
        for item in found.bars:
            told = (item.document, item.decided_by, item.reason, bar_standing(item))
            rows.append(("影响期", item.number, item.name, item.starts_on, item.ends_on, *told))
        for one in found.records:
            told = (one.document, one.decided_by, one.reason, record_standing(one))
            rows.append(("记录", one.number, one.name, one.decided_on, one.keep_until, *told))
        after = found.following
        if not after:
            return rows


def _bar_row(found: BarView) -> tuple[Any, ...]:
    return (
        found.number,
        found.name,
        looks.day(found.starts_on),
        looks.day(found.ends_on),
        found.document,
        found.decided_by,
        bar_standing(found),
    )


def _record_row(found: RecordView) -> tuple[Any, ...]:
    return (
        found.number,
        found.name,
        label("subjects", found.subject),
        label("conducts", found.conduct),
        found.document,
        found.decided_by,
        looks.day(found.decided_on),
        looks.day(found.keep_until),
        record_standing(found),
    )


def _reading(visit: Visit) -> IntegrityReading:
    return IntegrityReading(visit.house.office.pool, visit.house.office.identity)


PAGES = (
    Page(PATH, register),
    Page(f"{BARS}/{{number:number}}", bar),
    Page(f"{RECORDS}/{{number:number}}", record),
)
