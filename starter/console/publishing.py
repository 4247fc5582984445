"""上传公布：通知、工作日历、名录。读懂文件，逐句说明改了什么、在办的申报会怎样，核对后办理；给运行人员。

What was read is kept under the request id of the form, sealed, as a typed act is: what is confirmed is
what was looked at, and it is one operation however often it is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from starlette.datastructures import UploadFile
from starlette.responses import Response

from activities.pending_acts import PendingAct
from config.tables_in import MEGABYTE
from starter.console.jobs import DIED, Job, Progress
from starter.console.operated import (
    NO_ANSWERS,
    REQUEST,
    carried_out,
    problems_of,
    prove_for,
)
from starter.console.pages import Page, Problem, Visit
from starter.console.typed_acts import acts_of, own_act, typed_act
from starter.desk.amendments import LETTERS, MOVED, Amendment
from starter.desk.bulk_words import why_not
from starter.desk.office import Office
from starter.desk.publishing import Publication, What, rehearsed, understood
from starter.desk.translating import translated
from workflows.operation.catalogue import OPERATION_CATALOGUE
from workflows.operation.messages import OperationOutcome

PATH = "/daoru"
SUBJECT = "publishing"
FILES, MOST = 8, 4 * MEGABYTE
LOOK_AGAIN = {"refresh": "2"}
REFUSED_SHOWN = 20


@dataclass(frozen=True)
class Form:
    """What one of the forms is called, takes, and leads to."""

    what: What
    title: str
    back: tuple[str, str]
    takes: str
    accept: str
    says: str
    first: str
    """The operation of something new; it says who may come."""


FORMS: Mapping[str, Form] = {
    "tongzhi": Form(
        What.NOTICE,
        "公布或者修改通知",
        ("/tongzhi", "通知版本"),
        "通知文件（.toml）和通知原文（.txt），一起选择",
        ".toml,.txt",
        "新的通知成为第 1 版；已公布的成为新的一版，在办的申报随即重新计算期限：只会不变或者推后。",
        "publish_campaign",
    ),
    "rili": Form(
        What.CALENDAR,
        "公布或者修改工作日历",
        ("/rili", "工作日历"),
        "一年一个文件（.toml）",
        ".toml",
        "以国务院办公厅公布的节假日安排为准。改动已公布的年份，在办的申报随即重新计算期限：只会不变或者推后。",
        "load_calendar",
    ),
    "minglu": Form(
        What.DIRECTORY,
        "导入名录",
        ("/minglu", "名录"),
        "名录文件（.toml 或者 .json）",
        ".toml,.json",
        "新增或者更新机构和人员，文件中没有的不会删除。违反管理员规定的授权整体不予导入；改动已有的人员，须另一人确认。",
        "import_directory",
    ),
}


async def upload(visit: Visit) -> Response:
    """选择文件。"""
    return _form(visit, _asked(visit))


async def bring(visit: Visit) -> Response:
    """Understand the files; what they say is kept, and looked at before anything is asked."""
    form = _asked(visit)
    came = [item for item in visit.form.getlist("file") if isinstance(item, UploadFile)]
    files = {item.filename: await item.read() for item in came if item.filename}
    if not files:
        return _form(visit, form, Problem("请选择文件。", "file"))
    office, realm = visit.house.office, visit.me.realm.id
    try:
        found = await understood(office, realm, form.what, files)
    except NO_ANSWERS as err:
        return _form(
            visit, form, *(Problem(item.words, "file") for item in problems_of(translated(err)))
        )
    reason = visit.value("reason")
    if not found.says:
        return _form(visit, form, Problem("与已经公布的完全相同，不必再公布。", "file"))
    if found.amends and not reason:
        return _form(visit, form, Problem("修改已经公布的，请写明理由。", "reason"))
    request = visit.value(REQUEST)
    typed = {
        "publication": [json.dumps(_kept(found), ensure_ascii=False)],
        "reason": [reason],
    }
    await acts_of(visit).state(typed_act(visit, _request(request), SUBJECT, form.first, typed))
    return await visit.go(f"{visit.request.url.path}/{request}")


async def check(visit: Visit) -> Response:
    """核对：改了什么，在办的会怎样；尚未公布。"""
    form = _asked(visit)
    pending, found = await _kept_here(visit, form)
    prove_for(visit, found.kind)
    return await _check(visit, form, pending, found)


async def publish(visit: Visit) -> Response:
    """Ask for the operation; another person confirms it where it weighs."""
    form = _asked(visit)
    pending, found = await _kept_here(visit, form)

    async def again(*problems: Problem) -> Response:
        return await _check(visit, form, pending, found, *problems)

    async def told(outcome: OperationOutcome) -> str:
        version = f"，第 {outcome.version} 版" if outcome.version else ""
        count = outcome.affected.count if outcome.affected else 0
        reached = f"，涉及在办 {count} 件" if count else ""
        return f"已办理：{found.title}{version}{reached}。"

    reason = pending.typed["reason"][0]
    stated = dict(found.stated) | ({"reason": reason} if found.amends else {})
    return await carried_out(visit, found.kind, stated, form=again, to=form.back[0], told=told)


async def _check(
    visit: Visit, form: Form, pending: PendingAct, found: Publication, *problems: Problem
) -> Response:
    job = await _rehearsal(visit, pending, found)
    running = job is not None and not job.is_over
    return visit.page(
        "publish_check.html",
        status=422 if problems else 200,
        headers=LOOK_AGAIN if running else None,
        problems=problems,
        form=form,
        found=found,
        reason=pending.typed["reason"][0],
        running=running,
        no=job.no if job is not None else (),
        amendment=job.result if job is not None else None,
        moved_heads=MOVED,
        letter_heads=LETTERS,
        request=pending.id,
        field=REQUEST,
        second=OPERATION_CATALOGUE[found.kind].second != "never",
        back=visit.request.url.path.rpartition("/")[0],
    )


async def _rehearsal(visit: Visit, pending: PendingAct, found: Publication) -> Job | None:
    """What it would do to whatever is open, begun once; it may take longer than a page."""
    if not found.amends:
        return None
    office, me, jobs = visit.house.office, visit.me, visit.house.jobs

    async def work(_progress: Progress) -> dict[str, Any]:
        return await _told_of(office, me.realm.id, await rehearsed(office, me.realm, me.who, found))

    last = await jobs.last(SUBJECT, pending.id)
    if last is None or last.no == (DIED,):
        await jobs.start(SUBJECT, pending.id, work=work)
    return await jobs.last(SUBJECT, pending.id)


async def _told_of(office: Office, realm: str, found: Amendment | None) -> dict[str, Any]:
    """What the page shows of a rehearsed amendment."""
    amendment = found or Amendment()
    refused = amendment.refused[:REFUSED_SHOWN]
    numbers = await office.lists.short_ids(item.application for item in refused)
    return {
        "open": amendment.open,
        "followed": len(amendment.followed),
        "moved": amendment.moved_rows,
        "letters": amendment.letter_rows,
        "refused": [
            (
                numbers.get(item.application, item.application),
                await why_not(office, item.refusals, realm),
            )
            for item in refused
        ],
    }


def _form(visit: Visit, form: Form, *problems: Problem) -> Response:
    return visit.page(
        "publish_form.html",
        status=422 if problems else 200,
        problems=problems,
        form=form,
        reason=visit.value("reason"),
        request=str(uuid4()),
        field=REQUEST,
    )


def _asked(visit: Visit) -> Form:
    """The form of the address, for operations; it is weighty before anything is chosen.

    Raises:
        HTTPException: 404. ProveAgain: the password was stated too long ago.
    """
    form = FORMS.get(str(visit.request.path_params["what"]))
    hat = visit.me.hat
    if form is None or hat is None or hat.role != "operations":
        visit.nothing()
    prove_for(visit, form.first)
    return form


async def _kept_here(visit: Visit, form: Form) -> tuple[PendingAct, Publication]:
    """What this very person brought under this request id.

    Raises:
        HTTPException: 404.
    """
    request = str(visit.request.path_params["request"])
    found = await own_act(visit, request, SUBJECT, form.first)
    return found, Publication(**json.loads(found.typed["publication"][0]))


def _kept(found: Publication) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "stated": found.stated,
        "title": found.title,
        "says": found.says,
        "warnings": found.warnings,
    }


def _request(stated: str) -> str:
    return str(UUID(stated))


PAGES = (
    Page(f"{PATH}/{{what}}", upload),
    Page(f"{PATH}/{{what}}", bring, ("POST",), most=MOST, files=FILES),
    Page(f"{PATH}/{{what}}/{{request}}", check),
    Page(f"{PATH}/{{what}}/{{request}}", publish, ("POST",)),
)
