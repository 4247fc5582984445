"""`zhiping rehearse`, `zhiping demo`, `zhiping clock`: trying cases on a clock of their own."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from starter import answers
from starter.answers import Exit, answering
from starter.desk.refusing import refused
from starter.later import later
from starter.options import FOLDER, MOMENT, NUMBER, as_json

with later():
    from config import settings as config_settings
    from starter import demo as starter_demo
    from starter import tables
    from starter.rehearsal import by_hand, conductor, embedded, scenario, staging, telling
    from starter.rehearsal import world as rehearsal_world

if TYPE_CHECKING:
    from starter.rehearsal.by_hand import Way
    from starter.rehearsal.scenario import Scenario


@click.command("rehearse")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="文件…",
    type=click.Path(exists=True, path_type=Path),
)
@click.option("--stack", "folder", type=FOLDER, metavar="文件夹", help="用这个文件夹中的内置环境。")
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=16,
    show_default=True,
    metavar="数",
    help="同时进行几个演练。",
)
@click.option("--keep", is_flag=True, help="保留临时启动的内置环境的数据。")
@click.option("--steps", is_flag=True, help="只列出各步（until 展开为逐步），不办理。")
@as_json
@answering
async def rehearse(
    files: tuple[Path, ...],
    folder: Path | None,
    jobs: int,
    keep: bool,
    steps: bool,
    as_json: bool,
) -> None:
    """按演练文件办理，核对每一步的预期。

    文件的写法见 docs/scenarios.md；给出文件夹则取其中全部 .toml 文件。没有内置环境在运行时临时启动一个。
    """
    paths = [
        found
        for path in files
        for found in (staging.scenario_files(path) if path.is_dir() else [path])
    ]
    if not paths:
        raise refused(
            "no_scenarios",
            f"{files[0]} 中没有演练文件（.toml）。",
            next_step="写法见 docs/scenarios.md。",
        )
    scenarios = scenario.load_all(paths)
    if steps:
        _print_steps(scenarios, as_json=as_json)
        return
    async with (
        embedded.stack_for_rehearsal(folder, keep=keep) as settings,
        rehearsal_world.entered(settings) as world,
    ):
        reports = await conductor.play_all(world, scenarios, jobs=jobs)
    if as_json:
        answers.print_json(telling.as_json(reports))
    else:
        telling.told(reports)
    if not all(report.good for report in reports):
        raise click.exceptions.Exit(int(Exit.REFUSED))


def _print_steps(scenarios: Sequence[Scenario], *, as_json: bool) -> None:
    if as_json:
        answers.print_json(telling.steps_as_json(scenarios))
    else:
        telling.steps_told(scenarios)


@click.command("demo")
@click.option(
    "--folder",
    type=FOLDER,
    default=Path(".zhiping-demo"),
    show_default=True,
    metavar="文件夹",
    help="演示用内置环境的文件夹，每次重新建立。",
)
@click.option(
    "--campaign", "campaigns", multiple=True, metavar="通知",
    help="演示哪份通知：编号，或者通知文件（名录、评委会文件放在一起）；可写几次。不写为产品附带的全部。",
)  # fmt: skip
@click.option(
    "--keep",
    is_flag=True,
    help="演示完不停止：打开办理网页，给出可以登录的账户和待办的申报，按 Ctrl-C 停止。",
)
@answering
async def demo(folder: Path, campaigns: tuple[str, ...], keep: bool) -> None:
    """两份通知、约四十份申报，从申报走到办结，三分钟内看完；也可演示其他通知。"""
    if not await starter_demo.run(folder, campaigns, keep=keep):
        raise click.exceptions.Exit(int(Exit.REFUSED))


@click.group("clock")
def clock() -> None:
    """查看、拨动一个演练的时钟。"""


@clock.command("show")
@click.option("--realm", required=True, metavar="域", help="演练的名称。")
@as_json
@answering
async def clock_show(realm: str, as_json: bool) -> None:
    """演练的时钟走到哪里，各申报、各评审会各走到哪里。"""
    standing = await by_hand.show(config_settings.Settings.load(), realm)
    _print_clock(standing, as_json)


@clock.command("advance")
@click.option("--realm", required=True, metavar="域", help="演练的名称。")
@click.option("--to", "to", type=MOMENT, metavar="时间", help="拨到这个时间（北京时间）。")
@click.option("--days", type=NUMBER, metavar="天", help="或往后拨这么多天。")
@click.option("--yes", is_flag=True, help="拨得很远时不再询问。")
@as_json
@answering
async def clock_advance(
    realm: str, to: datetime | None, days: int | None, yes: bool, as_json: bool
) -> None:
    """把演练中全部在办申报和评审会的时钟拨到同一时间；其间的期限和提醒照常发生。"""
    if (to is None) == (days is None):
        raise click.UsageError("--to 与 --days 须给出其中一个。")
    standing = await by_hand.advance(
        config_settings.Settings.load(),
        realm,
        to=to,
        days=days,
        sure=_sure if not yes else _certain,
    )
    _print_clock(standing, as_json)


def _certain(_way: Way) -> None:
    """`--yes`."""


def _sure(way: Way) -> None:
    """Ask whoever sits there; raises where the answer is no, or nobody is there to give one."""
    told = way.words()
    if not sys.stdin.isatty():
        raise click.UsageError(f"{told}确实要拨的，请加 --yes。")
    click.confirm(f"{told}继续吗？", abort=True, err=True)


def _print_clock(standing: dict[str, Any], as_json: bool) -> None:
    if as_json:
        answers.print_json(standing)
        return
    click.echo(f"演练 {standing['realm']}：{tables.moment(standing['now_at'])}")
    for workflow_id, at in {**standing["applications"], **standing["meetings"]}.items():
        click.echo(f"  {workflow_id}  {tables.moment(at)}")


commands: list[click.Command] = [rehearse, demo, clock]
