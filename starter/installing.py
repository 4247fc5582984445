"""`zhiping install`: the first operators of an installation."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from starter import options
from starter.answers import answering, print_json
from starter.later import later

with later():
    from activities import installation
    from config import operator_files
    from starter import session


@click.command("install")
@options.file_argument
@options.as_json
@answering
async def install(file: Path, as_json: bool) -> None:
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


commands: list[click.Command] = [install]
