"""`zhiping show`, `watch`: one case, apart from the lists, which need nothing of its rules."""

from __future__ import annotations

import asyncio

import click

from starter import options
from starter.answers import answering, print_json
from starter.later import later

with later():
    from starter import case_page, session, tables
    from starter.desk import case_page as desk_page
    from starter.desk import eyes as desk_eyes

WATCH_SECONDS = 2.0


@click.command("show")
@click.argument("application", metavar="申报")
@options.acting_as(options.OPERATOR)
@options.as_json
@answering
async def show(application: str, who: tuple[str, str], as_json: bool) -> None:
    """谁在办、电话、期限及其计算、经过、现在可办什么、暂不能办什么及原因。

    申报写编号、编号的一部分或受理号。异议、投诉的内容和提出人只给负责核查的机构看。
    """
    async with session.office() as opened:
        page = await desk_page.page_of(opened, await opened.case(application), who)
    if as_json:
        print_json(case_page.page_json(page))
    else:
        tables.show(*case_page.page_parts(page))


@click.command("watch")
@click.argument("application", metavar="申报")
@click.option("--once", is_flag=True, help="显示一次即结束。")
@options.acting_as(options.OPERATOR)
@options.as_json
@answering
async def watch(application: str, once: bool, who: tuple[str, str], as_json: bool) -> None:
    """逐步显示一件申报的经过，直到办结或按 Ctrl-C。"""
    shown: int = 0
    async with session.office() as opened:
        case = await opened.case(application)
        while True:
            eyes = await desk_eyes.eyes_of(opened, who, case)
            entries = eyes.trail(await opened.reading.timeline(case.application))
            for entry in entries[shown:]:
                if as_json:
                    print_json(case_page.entry_json(entry))
                else:
                    click.echo(tables.step_line(entry))
            shown = len(entries)
            if once or await opened.is_closed(await opened.case(case.application)):
                return
            await asyncio.sleep(WATCH_SECONDS)


commands: list[click.Command] = [show, watch]
