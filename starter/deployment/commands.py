"""`zhiping deploy start|ramp|move|status|finish|back`, and `first` for the very first version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from starter import options
from starter.answers import Exit, answering, print_json
from starter.later import later

with later():
    from starter import tables
    from starter.deployment import deploying
    from starter.desk import fleet

if TYPE_CHECKING:
    from config.deployments import Left
    from starter.deployment.moving import Moved

NAMED = 20
ALL_OF_IT = 100

build_option = click.option(
    "--build", metavar="版本", help="工作进程的版本（BUILD_ID）；不写则为本程序自己的。"
)


@click.group("deploy")
def deploy() -> None:
    """换用新版程序：新旧两版的工作进程并行，在办事项逐步移到新版，旧版清空后再停。

    次序：start（核对，不改变任何事项）、ramp 1、ramp 10、ramp 100、move、finish；出了问题用 back。
    办法见 docs/production.md。
    """


@deploy.command("first", short_help="首次安装：把第一版设为现行版本。")
@build_option
@answering
async def first(build: str | None) -> None:
    """等三种角色的工作进程都报到，把这一版设为现行版本；已有现行版本的不作改变。"""
    current, new = await deploying.made_first(build)
    click.echo(f"{current} 已是现行版本。" if new else f"现行版本是 {current}，未作改变。")


@deploy.command("start", short_help="核对新版能否接办全部在办事项。")
@build_option
@options.as_json
@answering
async def start(build: str | None, as_json: bool) -> None:
    """在新版的镜像中执行：数据库结构是否相符，新的工作进程是否报到，每一件在办事项能否由新版接着办，

    哪些期限会变。只核对，不改变任何事项。
    """
    found = await deploying.looked_at(build)
    if as_json:
        print_json(found)
        return
    changes = found.deadlines
    cases = len({change.application for change in changes})
    click.echo(f"{found.replayed} 件在办事项都能由 {found.build} 接着办。")
    click.echo(f"会改变期限的申报 {cases} 件。")
    for change in changes[:NAMED]:
        click.echo(f"  {change.application} {change.key}：{change.before} → {change.after}")
    if len(changes) > NAMED:
        click.echo(f"  等 {len(changes)} 项；--json 全部列出。")
    click.echo("   下一步：zhiping deploy ramp 1")


@deploy.command("ramp", short_help="把一部分新的事项交给新版。")
@click.argument("percent", type=click.IntRange(0, ALL_OF_IT), metavar="百分比")
@build_option
@options.as_json
@answering
async def ramp(percent: int, build: str | None, as_json: bool) -> None:
    """百分之几的新事项由新版办理；100 即成为现行版本，0 即收回。在办的不移动。"""
    new, after = await deploying.ramped(percent, build)
    if as_json:
        print_json(after)
    elif percent == ALL_OF_IT:
        click.echo(f"{new} 已是现行版本。\n   下一步：zhiping deploy move")
    else:
        click.echo(f"{percent}% 的新事项由 {new} 办理，其余由 {after.current} 办理。")


@deploy.command("move", short_help="把在办事项移到现行版本。")
@options.acting_as(options.OPERATOR)
@options.as_json
@answering
async def move(who: tuple[str, str], as_json: bool) -> None:
    """每个域一次批量唤醒（zhiping bulk list），使全部申报、评审会和邮件室由现行版本接着办；不改变任何事项。

    随时可以中断，由工作进程继续；用 zhiping bulk 查看进度、暂停、只重试没有应答的。再执行一次即接着办。
    """
    current, done = await deploying.moved(who)
    _tell_moved(done, current, as_json)


@deploy.command("status", short_help="各版本还有多少在办事项。")
@options.as_json
@answering
async def status(as_json: bool) -> None:
    """各版本何时报到，哪一版现行，各有多少新事项，各还有多少在办事项；各队列由谁办理，积压多少。"""
    found = await deploying.standing()
    known = found.deployment
    if as_json:
        versions = [
            {**item.model_dump(mode="json"), "running": found.left[item.build].kinds}
            for item in known.versions
        ]
        queues = [item.model_dump(mode="json") for item in found.queues]
        print_json(
            {
                "current": known.current,
                "ramping": known.ramping,
                "versions": versions,
                "queues": queues,
            }
        )
        return
    tables.show(
        tables.listing("工作进程的版本", fleet.VERSIONS, found.version_rows(tables.moment)),
        tables.listing("队列", fleet.QUEUES, found.queue_rows(tables.moment)),
    )


@deploy.command("finish", short_help="旧版是否已清空，可以停止。")
@click.argument("old", metavar="旧版")
@options.as_json
@answering
async def finish(old: str, as_json: bool) -> None:
    """旧版没有在办事项了，即给出停止其工作进程的命令；还有的，列出是哪些。"""
    stop = await deploying.finished(old)
    if as_json:
        print_json({"build": old, "running": 0, "stop": stop})
    else:
        click.echo(f"{old} 已没有在办事项，可以停止：{stop}")


@deploy.command("back", short_help="换回旧版。")
@click.argument("old", metavar="旧版")
@options.acting_as(options.OPERATOR)
@options.as_json
@answering
async def back(old: str, who: tuple[str, str], as_json: bool) -> None:
    """旧版重新成为现行版本，已移到新版的在办事项移回旧版；旧版的工作进程须在运行。"""
    _tell_moved(await deploying.put_back(old, who), old, as_json)


def _tell_moved(done: Moved, current: str, as_json: bool) -> None:
    if as_json:
        print_json(done)
    else:
        click.echo(f"在办事项已移到 {current}。" if not done.left else "有一些没有移动：")
        for bulk in done.bulks:
            click.echo(f"  每一件的结果：zhiping bulk show {bulk}")
        for left in done.left:
            _tell_left(left)
    if done.left:
        raise click.exceptions.Exit(int(Exit.REFUSED))


def _tell_left(left: Left) -> None:
    click.echo(f"  {left.build}：{left.count} 件，如 {'、'.join(left.named[:3])}")
    click.echo(
        f"   下一步：该版的工作进程须在运行（docker compose -p zhiping-{left.build} "
        "-f docker-compose.workers.yml up -d），停住待运维的先 zhiping resume，再执行一次。"
    )


commands: list[click.Command] = [deploy]
