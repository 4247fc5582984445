"""`zhiping batch`: the results of a meeting on their way to the confirmation, batch by batch."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from starter import options
from starter.answers import answering, print_json
from starter.desk.refusing import not_found
from starter.later import later
from starter.meeting_desk import batch, meeting_act, reason

with later():
    from activities import seeing
    from starter import meeting_pages, session, tables
    from starter.desk import acting, meeting_words

if TYPE_CHECKING:
    from starter.desk.acting import Stated

number = click.option("--number", default="", metavar="文号", help="文号。")
issued_on = click.option("--on", "issued_on", type=options.DAY, metavar="日期", help="发文日期。")


@click.group("batch")
def batches() -> None:
    """签字以后的评审结果，一批一批办到确认；评审会写编号或者 id 的一部分。"""


@meeting_act(batches, "report", "report_batch", "向职改办报送评审情况。")
@batch
@click.option("--on", "reported_on", type=options.DAY, metavar="日期", help="报送日期。")
def batch_report(batch: int, reported_on: date | None) -> Stated:
    """五个工作日的义务由报送和公示两项完成。"""
    return {"batch": batch, "reported_on": reported_on}


@meeting_act(batches, "publish", "publish_batch", "公示通过人员，告知未通过人员。")
@batch
@click.option("--on", "posted_on", type=options.DAY, metavar="日期", help="公示日期，须为当日。")
def batch_publish(batch: int, posted_on: date | None) -> Stated:
    """公示不少于五个工作日，自次日起算。"""
    return {"batch": batch, "posted_on": posted_on}


@meeting_act(batches, "restart", "restart_batch_publicity", "更正以后重新公示。")
@batch
@click.option("--on", "posted_on", type=options.DAY, metavar="日期", help="公示日期，须为当日。")
@reason
def batch_restart(batch: int, posted_on: date | None, reason: str) -> Stated:
    """写明理由；整批的公示期重新计算。"""
    return {"batch": batch, "posted_on": posted_on, "reason": reason}


@meeting_act(batches, "draft", "draft_batch", "报送代拟的职称资格确认通知。")
@batch
@click.option("--note", default="", metavar="备注", help="备注。")
def batch_draft(batch: int, note: str) -> Stated:
    """公示期满后报送；正在核查的人员不列入，其余照报。"""
    return {"batch": batch, "note": note}


@meeting_act(batches, "send-back", "send_back_batch", "职改办退回代拟通知。")
@batch
@reason
def batch_send_back(batch: int, reason: str) -> Stated:
    """写明理由；公示期不重新计算。"""
    return {"batch": batch, "reason": reason}


@meeting_act(batches, "confirm", "confirm_batch", "职改办印发确认通知。")
@batch
@issued_on
@number
def batch_confirm(batch: int, issued_on: date | None, number: str) -> Stated:
    """登记文号和日期；申报人自该日起两个月内可以申请复查。"""
    return {"batch": batch, "issued_on": issued_on, "number": number}


@meeting_act(batches, "reply", "reply_batch", "函复委托单位。")
@batch
@issued_on
@number
@click.option("--entrusting", default="", metavar="机构", help="只函复这一委托单位；不写则全部。")
def batch_reply(batch: int, issued_on: date | None, number: str, entrusting: str) -> Stated:
    """委托评审的结果，通过和未通过一并函复，不列入代拟通知。"""
    return {"batch": batch, "issued_on": issued_on, "number": number, "entrusting": entrusting}


@meeting_act(batches, "file", "file_batch", "自主评审结果备案。")
@batch
@issued_on
@number
def batch_file(batch: int, issued_on: date | None, number: str) -> Stated:
    """自主评审单位自己的评委会：结果备案，不报确认。"""
    return {"batch": batch, "issued_on": issued_on, "number": number}


@meeting_act(batches, "supplement", "open_supplement", "为核查已结束的人员开出补充批次。")
def batch_supplement() -> Stated:
    """补充批次的十五个工作日自核查结束之日起另算。"""
    return {}


@batches.command("show", short_help="各批次的名单、现状和期限。")
@click.argument("meeting", metavar="评审会")
@click.option("--batch", type=options.NUMBER, metavar="批次", help="只看这一批。")
@options.page
@options.acting_as(options.OPERATOR)
@options.as_json
@answering
async def batch_show(
    meeting: str, batch: int | None, limit: int, after: str, who: tuple[str, str], as_json: bool
) -> None:
    """每一批走到哪里，各申报人在何处，各项义务是否按时办理；只给本评委会办公室、职改办和运维看。"""
    async with session.office() as opened:
        found = await acting.meeting_of(opened, meeting)
        circle = seeing.Circle(office=found.office, city_office=found.city_office)
        await opened.check_sees(seeing.Section.BATCHES, who, found.realm, circle)
        shown = [item for item in found.batches if batch in (None, item.batch.number)]
        if batch is not None and not shown:
            raise not_found(f"评审会 {found.number} 没有第 {batch} 批。")
        rows, following = await opened.reading.candidates(
            found.meeting, batch=batch, in_batches=True, limit=limit, after=after
        )
        short = await opened.reading.short_ids(row.application for row in rows)
    clocks = [item for item in found.deadlines if batch in (None, item.batch)]
    if as_json:
        listed = {"candidates": rows, "next": following}
        print_json({"meeting": found.meeting, "batches": shown, "deadlines": clocks, **listed})
        return
    tables.show(
        meeting_pages.batch_table(shown),
        meeting_pages.candidate_table(rows, short),
        *options.next_page(following),
        meeting_pages.deadline_table(clocks),
        meeting_words.telling_line(found),
    )


commands: list[click.Command] = [batches]
