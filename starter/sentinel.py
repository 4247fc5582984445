"""`zhiping sentinel`: whether record and engine agree, when that was proved last, and a round now."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from starter import options
from starter.answers import answering, print_json
from starter.desk.refusing import refused
from starter.later import later

with later():
    from activities import wording
    from activities.sentinel import rounds
    from starter import session, tables
    from starter.desk import proving

if TYPE_CHECKING:
    from activities.sentinel.rounds import FindingView, RoundView
    from starter.desk.office import Who
    from starter.tables import Part

LOOK_AGAIN = 1.0
SHOWN = 50
ONLY_OPERATIONS = "核验只由运维人员查看和发起。"


@click.group("sentinel")
def sentinel() -> None:
    """逐件核对记录与流程引擎是否一致：步骤、环节、期限和定时、待办、通知、统计数、批量办理和操作；能安全修复的自动修复，其余交运维。

    每天三时三十分自动核验一轮；只核对，不办理任何事项。
    """


@sentinel.command("run", short_help="现在核验一轮。")
@click.option("--wait", is_flag=True, help="等到核验完再显示结果。")
@options.acting_as(options.OPERATOR)
@options.as_json
@answering
async def run(wait: bool, who: Who, as_json: bool) -> None:
    """现在开始一轮；已有一轮在进行的，不另开始。"""
    async with session.office() as opened:
        await opened.check_operates(who, ONLY_OPERATIONS)
        kept = rounds.Rounds(opened.pool)
        before = await kept.latest(1)
        await proving.triggered(opened)
        last = await _ended(kept, before[0] if before else None) if wait else None
        if last is None:
            click.echo("已开始核验。进度和结果：zhiping sentinel show")
            return
        await _show(kept, (last,), last, as_json=as_json, limit=SHOWN)


@sentinel.command("show", short_help="最近几轮核验，以及最近一轮发现的问题。")
@options.page
@options.acting_as(options.OPERATOR)
@options.as_json
@answering
async def show(limit: int, after: str, who: Who, as_json: bool) -> None:
    """何时核验过什么，发现了什么，各是怎样处理的。"""
    async with session.office() as opened:
        await opened.check_operates(who, ONLY_OPERATIONS)
        kept = rounds.Rounds(opened.pool)
        latest, last = await kept.latest(5), await kept.last_proof()
        await _show(kept, latest, last, as_json=as_json, limit=limit, after=after)


async def _ended(kept: rounds.Rounds, before: RoundView | None) -> RoundView:
    """The round that was begun or was under way, once it has seen everything."""
    wanted = before.id if before is not None and before.ended_at is None else None
    while True:
        for one in await kept.latest(2):
            newer = before is None or one.id > before.id
            if one.ended_at is not None and (one.id == wanted or (wanted is None and newer)):
                return one
        await asyncio.sleep(LOOK_AGAIN)


async def _show(
    kept: rounds.Rounds,
    latest: tuple[RoundView, ...],
    last: RoundView | None,
    *,
    as_json: bool,
    limit: int,
    after: str = "",
) -> None:
    found, following = (
        await kept.findings(last.id, limit=limit, after=after) if last is not None else ((), "")
    )
    if as_json:
        print_json({"last": last, "rounds": latest, "findings": found, "next": following})
        return
    if last is None:
        raise refused(
            "not_found",
            "还没有核验完过一轮。",
            next_step="zhiping sentinel run --wait 现在核验一轮；工作进程须在运行。",
        )
    parts: list[Part] = [
        tables.listing(
            "核验", ("编号", "开始", "结束", "件数", "未应答", "发现"), map(_row, latest)
        )
    ]
    if found:
        rows = (_finding(item) for item in found)
        parts.append(
            tables.listing(f"第 {last.id} 轮发现的问题", ("事项", "问题", "详情", "处理"), rows)
        )
    tables.show(*parts, *options.next_page(following))
    if not found and not after:
        click.echo("没有发现不一致。")


def _row(one: RoundView) -> tuple[str, ...]:
    found = sum(number for many in one.found.values() for number in many.values())
    ended = tables.moment(one.ended_at) if one.ended_at else "进行中"
    seen = f"{one.subjects} 件、通知 {one.letters} 封"
    return (
        str(one.id),
        tables.moment(one.begun_at),
        ended,
        seen,
        str(one.unanswered),
        str(found),
    )


def _finding(item: FindingView) -> tuple[str, ...]:
    return (
        item.subject,
        wording.label("disagreements", item.kind),
        item.what,
        wording.label("disagreement_outcomes", item.outcome),
    )


commands: list[click.Command] = [sentinel]
