"""`zhiping cases`, `inbox`: lists of cases and of what is to be done."""

from __future__ import annotations

from typing import Any

import click

from starter import options
from starter.answers import answering, print_json
from starter.desk.refusing import not_found
from starter.later import later

with later():
    from activities import seeing, views
    from starter import session, tables
    from workflows.rules import names


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
@options.page
@options.acting_as(options.OPERATOR)
@options.realm
@options.as_json
@answering
async def cases(who: tuple[str, str], as_json: bool, **wanted: Any) -> None:
    """列出同时符合各项条件的申报，先到期的在前。只列与您有关的：本人的、本机构在申报路线上的（包括已经报出的）。

    一页列不完的，末尾给出下一页的命令。件数只数到 1000，再多写“超过 1000”。
    """
    async with session.office() as opened:
        realm = await opened.realm(wanted["realm"])
        actor = await opened.actor(who, realm.id, await opened.time_in(realm))
        page = await opened.lists.cases(views.CaseFilter(**wanted, whose=seeing.concerning(actor)))
        short = await opened.lists.short_ids(case.application for case in page.cases)
    if as_json:
        print_json(
            {**options.counted_json(page.total), "next": page.following, "cases": page.cases}
        )
    else:
        tables.show(tables.case_list(page, short), *options.next_page(page.following))


@click.command("inbox")
@click.argument("organisation", metavar="机构")
@click.option(
    "--band",
    type=click.Choice(("overdue", "today", "soon", "later")),
    help="只列逾期的、今日到期的、七日内到期的或其余的。",
)
@click.option("--kind", default="", metavar="事项", help="只列该类待办，如 unit_review。")
@options.page
@options.acting_as(options.OPERATOR)
@options.realm
@options.as_json
@answering
async def inbox(
    organisation: str, who: tuple[str, str], realm: str, as_json: bool, **wanted: Any
) -> None:
    """一个机构手上的待办事项，先到期的在前，并按逾期、今日、七日内、其余计数；申报人写人员编号@self。"""
    async with session.office() as opened:
        as_of = await opened.time_in(await opened.realm(realm))
        person, at, own = organisation.partition("@")
        circle = seeing.Circle(own=(person if own == "self" else organisation,))
        await opened.check_sees(seeing.Section.INBOX, who, realm, circle)
        if at and own == "self":
            whose, name = {"person": person}, person
        else:
            known = await opened.lists.organisation(organisation, realm)
            if known is None and organisation != "operations":
                raise not_found(f"名录中没有机构“{organisation}”。", "zhiping directory show")
            body = names.OPERATIONS_BODY if organisation == "operations" else organisation
            whose, name = {"organisation": body}, known.name if known else "运维人员"
        asked = views.InboxFilter.model_validate(wanted | whose | {"realm": realm, "as_of": as_of})
        page = await opened.lists.inbox(asked)
        short = await opened.lists.short_ids(task.application for task in page.tasks)
    if as_json:
        told = {"bands": page.bands, "next": page.following, "tasks": page.tasks}
        print_json({"organisation": organisation, "as_of": as_of, **told})
    else:
        tables.show(tables.inbox(page, f"{name}的待办", short), *options.next_page(page.following))


commands: list[click.Command] = [cases, inbox]
