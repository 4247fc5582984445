"""`zhiping install`: keys, the first operators, what is published first, and whether all is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from starter import options
from starter.answers import Exit, answering, print_json
from starter.desk.refusing import WaitsForSecond, refused
from starter.later import later
from starter.private_files import write_private

with later():
    from activities import installation
    from config import operator_files
    from starter import session
    from starter.installation import check as checking
    from starter.installation import keys as key_file
    from starter.installation import publishing

if TYPE_CHECKING:
    from starter.installation.publishing import Step
    from workflows.operation.messages import OperationOutcome

FILES = click.Path(exists=True, dir_okay=False, path_type=Path)
WORDS: Mapping[str, str] = {"fine": "好", "wrong": "不对", "unseen": "未查"}


@click.group("install")
def install() -> None:
    """安装：生成密钥，登记最初的运行人员，公布日历、名录、评委会和通知，逐项查看是否齐备。"""


@install.command("keys", short_help="生成全部密钥和口令。")
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path),
    metavar="文件",
    help="写入一个新文件，仅本人可读；不写则输出。",
)
@answering
def keys(target: Path | None) -> None:
    """生成一套新的密钥和口令，即 .env；已有的文件不会覆盖：换密钥的办法见 docs/production.md。"""
    text = key_file.fresh()
    if target is None:
        click.echo(text, nl=False)
        return
    if target.exists():
        raise refused(
            "already_there",
            f"{target} 已经存在，没有改动：覆盖会使已封存的内容不能再读出。",
            next_step="请另写一个文件名；更换个别密钥的办法见 docs/production.md。",
        )
    write_private(target, text.encode())
    click.echo(f"已写入 {target}，仅本人可读。请填写其中空着的各项，并另存一份于安全处。")


@install.command("operators", short_help="登记最初的运行人员（只能一次）。")
@options.file_argument
@options.as_json
@answering
async def operators(file: Path, as_json: bool) -> None:
    """按文件登记最初的运行人员，至少两人；此后的授权都由运行人员在系统内办理、由另一人确认。

    文件写法见 config/installation/operators.toml；内置环境启动时已按该文件登记。
    """
    stated = operator_files.read(file)
    async with session.office() as opened:
        await installation.install(opened.pool, opened.identity, stated, datetime.now(UTC))
    if as_json:
        print_json({"operators": [item.id for item in stated]})
    else:
        click.echo(f"已登记运行人员 {len(stated)} 人。")


@install.command("publish", short_help="依次公布日历、名录、评委会和通知。")
@click.option(
    "--calendar",
    "calendars",
    type=FILES,
    multiple=True,
    metavar="文件",
    help="工作日历，一年一个文件；不写则用产品附带的各年。",
)
@click.option(
    "--directory",
    "directories",
    type=FILES,
    multiple=True,
    required=True,
    metavar="文件",
    help="名录。",
)
@click.option(
    "--committee", "committees", type=FILES, multiple=True, metavar="文件", help="评委会和专家库。"
)
@click.option(
    "--campaign",
    "campaigns",
    type=FILES,
    multiple=True,
    required=True,
    metavar="文件",
    help="通知。",
)
@options.acting_as(options.OPERATOR)
@options.as_json
@answering
async def publish(
    calendars: tuple[Path, ...],
    directories: tuple[Path, ...],
    committees: tuple[Path, ...],
    campaigns: tuple[Path, ...],
    who: tuple[str, str],
    as_json: bool,
) -> None:
    """按先后次序公布：每一样都要用到前一样。各文件先全部核对；已公布过的相同内容不会重复。

    须另一人确认的，到此为止，确认后再执行一次本命令即接着办。
    """
    planned = list(
        publishing.steps(
            calendars=calendars,
            directories=directories,
            committees=committees,
            campaigns=campaigns,
        )
    )
    done: list[dict[str, object]] = []
    async with session.office() as opened:
        for step in planned:
            try:
                outcome = await opened.operate(step.kind, who, step.stated, "live", "")
            except WaitsForSecond:
                _told(done, as_json)
                click.echo(f"{step.name}：等待另一人确认，其后的尚未办理。", err=True)
                raise
            done.append(_done(step, outcome))
            if not as_json:
                click.echo(f"{step.name}：已办。")
    _told(done, as_json)


def _done(step: Step, outcome: OperationOutcome) -> dict[str, object]:
    return {"step": step.name, "kind": step.kind, "version": outcome.version}


def _told(done: list[dict[str, object]], as_json: bool) -> None:
    if as_json:
        print_json({"done": done})


@install.command("check", short_help="逐项查看是否齐备。")
@options.as_json
@answering
async def check(as_json: bool) -> None:
    """设置、密钥、印章、磁盘、数据库、连接数、时钟、Temporal、现行版本、邮件：哪里不对，用哪个命令改正。

    什么都没有启动时也能用；有一项不对，退出码为 3。
    """
    found = []
    async for line in checking.look():
        found.append(line)
        if not as_json:
            click.echo(f"{WORDS[line.state]}  {line.about}：{line.told}。")
            if line.mend:
                click.echo(f"      请执行：{line.mend}")
    if as_json:
        print_json({"lines": [asdict(line) for line in found]})
    bad = [line for line in found if line.state != "fine"]
    if bad:
        raise click.exceptions.Exit(int(Exit.REFUSED))


commands: list[click.Command] = [install]
