"""缴费：银行收款逐笔是什么结果，处理一笔，导入银行的文件。"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import cache
from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import Response

from activities.paging import STREAMED
from activities.payments import BankLineView, PaymentReading
from activities.seeing import Section
from activities.wording import label
from config.payment_files import understand
from config.payment_profiles import Profile, read_profile
from config.reading import FileError
from config.tables_in import MEGABYTE
from starter.console import looks
from starter.console.jobs import Progress
from starter.console.operated import (
    NO_ANSWERS,
    REQUEST,
    carried_out,
    problems_of,
    prove_for,
    request_of,
)
from starter.console.pages import Page, Problem, Visit
from starter.console.sections import check_section
from starter.console.sheets import Sheet, taken, wants_sheet
from starter.desk.payment_words import why
from starter.desk.payments_import import (
    Desk,
    ImportReport,
    desk_of,
    import_lines,
    resume,
    resume_one,
)
from starter.desk.translating import translated
from workflows.operation.messages import OperationOutcome
from workflows.rules.refusals import Refused
from workflows.rules.text import shown_line

PATH, UPLOAD = "/jiaofei", "/jiaofei/daoru"
WHOLE_FILE = 20 * MEGABYTE + MEGABYTE
"""Bytes that may come at once: the largest file that any profile takes, and its form."""
HEADINGS = ("流水号", "金额（元）", "缴费时间", "申报", "结果", "说明")
LINES = 25
LOOK_AGAIN = {"refresh": "2"}


async def payments(visit: Visit) -> Response:
    """本评委会办公室的收款：须人工处理的，或者全部。"""
    check_section(visit, Section.MONEY)
    me, reading = visit.me, _reading(visit)
    every = visit.asked("kan") == "quanbu"
    if wants_sheet(visit):
        rows = [row async for row in _whole(visit, every=every)]
        return await taken(visit, Sheet("收款", (*HEADINGS, "缴费人"), rows))
    after = visit.asked("hou")
    try:
        found, following = await reading.page(
            me.realm.id, office=me.organisation, open_only=not every, limit=LINES, after=after
        )
    except Refused:
        visit.nothing()
    kept = "kan=quanbu&" if every else ""
    return visit.page(
        "payments.html",
        rows=[(f"{PATH}/{line.id}", _row(line)) for line in found],
        headings=HEADINGS,
        every=every,
        kept=kept,
        first=f"{PATH}?{kept}" if after else "",
        next=f"{PATH}?{kept}hou={following}" if following else "",
    )


async def payment(visit: Visit) -> Response:
    """一笔收款，以及怎样处理。"""
    return await _payment(visit, await _line(visit))


async def resolve(visit: Visit) -> Response:
    """Say whose money a line is, or that it is dealt with otherwise; then its case is told."""
    line = await _line(visit)
    me, office = visit.me, visit.house.office
    here = f"{PATH}/{line.id}"

    async def form(*problems: Problem) -> Response:
        return await _payment(visit, line, *problems)

    what, reason = visit.value("what"), visit.value("reason")
    stated: dict[str, Any] = {"transaction": line.transaction, "account": line.account}
    stated["reason"] = reason
    if what == "case":
        if not visit.value("application"):
            return await form(Problem("请填写这笔钱属于哪件申报的受理号。", "application"))
        try:
            case = await office.case(visit.value("application"), me.realm.id)
        except NO_ANSWERS as err:
            return await form(Problem(translated(err).reasons[0].message, "application"))
        stated["application"] = case.application
    elif what == "dismiss":
        stated["dismiss"] = True
    else:
        return await form(Problem("请选择怎样处理。", "what"))
    if not reason:
        return await form(Problem("请写明理由。", "reason"))

    async def told(_outcome: OperationOutcome) -> str:
        try:
            desk = await desk_of(office, me.who, me.realm.id)
            now = await resume_one(desk, line.transaction, line.account)
        except NO_ANSWERS:
            return "已登记处理结果，申报还没有答复，稍后在“缴费”中再问。"
        return f"已处理，现在的结果：{label('payment_outcomes', now.outcome)}。"

    return await carried_out(visit, "resolve_payment", stated, form=form, to=here, told=told)


async def upload(visit: Visit) -> Response:
    """导入银行导出的收款文件。"""
    check_section(visit, Section.MONEY)
    return await _upload(visit)


async def bring(visit: Visit) -> Response:
    """Read the bank's file, whole or not at all, and begin to store its lines and tell their cases."""
    check_section(visit, Section.MONEY)
    came = visit.form.get("file")
    if not isinstance(came, UploadFile) or not came.filename:
        return await _upload(visit, Problem("请选择银行导出的收款文件。", "file"))
    profile = _profile()
    content = await came.read()
    if len(content) > profile.lines.most_bytes:
        most = profile.lines.most_bytes // MEGABYTE
        return await _upload(
            visit, Problem(f"文件超过 {most} 兆，请按日期分开导出后再导入。", "file")
        )
    try:
        stated = await asyncio.to_thread(understand, content, came.filename, profile)
    except FileError as err:
        return await _upload(
            visit, *(Problem(item.words, "file") for item in problems_of(translated(err)))
        )
    campaign = visit.value("campaign")
    lines = [line.model_dump(mode="json") for line in stated.lines]

    async def work(progress: Progress) -> dict[str, Any]:
        report = await import_lines(await _desk(visit, progress), lines, campaign=campaign)
        report.passed_over, report.warnings = stated.passed_over, stated.warnings
        return _told_of(report)

    await visit.house.jobs.start(*_subject(visit), work=work, about=shown_line(came.filename))
    return await visit.go(UPLOAD)


async def ask_again(visit: Visit) -> Response:
    """Ask the cases of lines without an answer again; each hears the same act as the first time."""
    check_section(visit, Section.MONEY)

    async def work(progress: Progress) -> dict[str, Any]:
        return _told_of(await resume(await _desk(visit, progress)))

    await visit.house.jobs.start(*_subject(visit), work=work)
    return await visit.go(UPLOAD)


async def _upload(visit: Visit, *problems: Problem) -> Response:
    me = visit.me
    documents = await visit.house.office.reading.notice_numbers(me.realm.id)
    job = await visit.house.jobs.last(*_subject(visit))
    running = job is not None and not job.is_over
    return visit.page(
        "payments_file.html",
        status=422 if problems else 200,
        headers=LOOK_AGAIN if running else None,
        problems=problems,
        campaigns=sorted(documents.items()),
        chosen=visit.value("campaign"),
        job=job,
        running=running,
        report=job.result if job is not None else None,
        headings=HEADINGS,
    )


def _told_of(report: ImportReport) -> dict[str, Any]:
    """What the page shows of an import."""
    return {
        "new": report.new,
        "known": report.known,
        "told": report.told,
        "warnings": list(report.warnings),
        "passed_over": [item.sentence() for item in report.passed_over],
        "outcomes": [
            (label("payment_outcomes", name), count) for name, count in report.outcomes.items()
        ],
        "rows": [(f"{PATH}/{line.id}", _row(line)) for line in report.for_a_person],
    }


async def _payment(visit: Visit, line: BankLineView, *problems: Problem) -> Response:
    if line.needs_person:
        prove_for(visit, "resolve_payment")
    facts = [
        ("流水号", line.transaction),
        ("账号", line.account),
        ("金额", f"{line.yuan} 元"),
        ("缴费时间", looks.moment(line.paid_at)),
        ("缴费人", line.payer),
        ("附言", line.remark),
        ("申报", line.acceptance_number or line.application),
        ("结果", label("payment_outcomes", line.outcome)),
        ("说明", why(line)),
        ("归到这件申报的理由", line.assigned_why),
        ("导入", f"{looks.moment(line.imported_at)}"),
    ]
    return visit.page(
        "payment.html",
        status=422 if problems else 200,
        problems=problems,
        line=line,
        facts=[(name, value) for name, value in facts if value],
        request=request_of(visit),
        field=REQUEST,
        stated={name: visit.value(name) for name in ("what", "application", "reason")},
    )


async def _line(visit: Visit) -> BankLineView:
    """The line of the address, where it is of the visitor's office."""
    check_section(visit, Section.MONEY)
    me = visit.me
    found = await _reading(visit).line(
        visit.request.path_params["line"], me.realm.id, me.organisation
    )
    return found or visit.nothing()


async def _desk(visit: Visit, progress: Progress) -> Desk:
    """The desk at which lines are imported; it says how far it is."""
    found = await desk_of(visit.house.office, visit.me.who, visit.me.realm.id)

    def told(whole: int, done: int) -> None:
        progress.whole, progress.done = whole, done

    return replace(found, told=told)


def _subject(visit: Visit) -> tuple[str, ...]:
    return "payments", visit.me.realm.id, visit.me.organisation


def _reading(visit: Visit) -> PaymentReading:
    return PaymentReading(visit.house.office.pool, visit.house.office.identity)


def _row(line: BankLineView) -> tuple[str, ...]:
    return (
        line.transaction,
        line.yuan,
        looks.moment(line.paid_at),
        line.acceptance_number or line.application,
        label("payment_outcomes", line.outcome),
        why(line),
    )


async def _whole(visit: Visit, *, every: bool) -> AsyncIterator[tuple[str, ...]]:
    """All lines with who paid, some hundred at a time."""
    me, after = visit.me, ""
    while True:
        lines, after = await _reading(visit).page(
            me.realm.id, office=me.organisation, open_only=not every, limit=STREAMED, after=after
        )
        for line in lines:
            yield (*_row(line), line.payer)
        if not after:
            return


@cache
def _profile() -> Profile:
    return read_profile()


PAGES = (
    Page(PATH, payments),
    Page(UPLOAD, upload),
    Page(UPLOAD, bring, ("POST",), most=WHOLE_FILE, files=1),
    Page("/jiaofei/zaiwen", ask_again, ("POST",)),
    Page("/jiaofei/{line:number}", payment),
    Page("/jiaofei/{line:number}", resolve, ("POST",)),
)
