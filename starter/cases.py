"""`zhiping cases`, `inbox`: lists of cases and of what is to be done."""

from __future__ import annotations

from typing import Any

import click

from activities.seeing import Circle, Section, concerning
from activities.views import CaseFilter
from starter import options, tables
from starter.answers import answering, not_found, print_json
from starter.session import office
from workflows.rules.names import OPERATIONS_BODY


@click.command("cases")
@click.option("--campaign", default="", metavar="通知", help="只列该通知的。")
@click.option("--stage", default="", metavar="环节", help="只列处于该环节的，如 unit_review。")
@click.option("--end", default="", metavar="结果", help="只列该结果的，如 abandoned。")
@click.option(
    "--holder", default="", metavar="机构", help="只列由该机构办理的；申报人写 applicant。"
)
@click.option("--meeting", default="", metavar="评审会", help="只列该评审会的。")
@click.option("--batch", default="", metavar="批次", help="只列该批次的。")
@click.option(
    "--due-before", "due_by", type=options.DAY, metavar="日期", help="只列在该日及以前到期的。"
)
@click.option("--open", "only_open", is_flag=True, help="只列未办结的。")
@click.option("--search", "name", default="", metavar="姓名", help="只列该申报人的，写全名。")
@click.option("--id-number", default="", metavar="证件号", help="只列该证件号的申报人的。")
@click.option(
    "--limit",
    type=options.COUNT,
    default=50,
    show_default=True,
    metavar="条数",
    help="最多列几件。",
)
@click.option("--offset", type=options.OFFSET, default=0, metavar="条数", help="跳过前几件。")
@options.acting_as(options.OPERATOR)
@options.realm
@options.as_json
@answering
async def cases(who: tuple[str, str], as_json: bool, **wanted: Any) -> None:
    """列出同时符合各项条件的申报，先到期的在前。只列与您有关的：本人的、本机构在申报路线上的。"""
    async with office() as opened:
        realm = await opened.realm(wanted["realm"])
        actor = await opened.actor(who, realm.id, await opened.time_in(realm))
        page = await opened.reading.cases(CaseFilter(**wanted, whose=concerning(actor)))
        short = await opened.reading.short_ids(case.application for case in page.cases)
    if as_json:
        print_json({"total": page.total, "cases": page.cases})
    else:
        tables.show(tables.case_list(page, short))


@click.command("inbox")
@click.argument("organisation", metavar="机构")
@options.acting_as(options.OPERATOR)
@options.realm
@options.as_json
@answering
async def inbox(organisation: str, who: tuple[str, str], realm: str, as_json: bool) -> None:
    """一个机构手上的待办事项，先到期的在前；申报人写人员编号@self。"""
    async with office() as opened:
        as_of = await opened.time_in(await opened.realm(realm))
        person, at, own = organisation.partition("@")
        circle = Circle(own=(person if own == "self" else organisation,))
        await opened.check_sees(Section.INBOX, who, realm, circle)
        if at and own == "self":
            tasks = await opened.reading.inbox_of_person(person, realm, as_of)
            name = person
        else:
            known = await opened.reading.organisation(organisation, realm)
            if known is None and organisation != "operations":
                raise not_found(f"名录中没有机构“{organisation}”。", "zhiping directory show")
            body = OPERATIONS_BODY if organisation == "operations" else organisation
            tasks = await opened.reading.inbox(body, realm, as_of)
            name = known.name if known else "运维人员"
        short = await opened.reading.short_ids(task.application for task in tasks)
    if as_json:
        print_json({"organisation": organisation, "as_of": as_of, "tasks": tasks})
    else:
        tables.show(tables.inbox(tasks, f"{name}的待办（{len(tasks)} 件）", short))


commands: list[click.Command] = [cases, inbox]
