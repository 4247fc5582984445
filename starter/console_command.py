"""`zhiping console`: the web pages, run as a program of their own."""

from __future__ import annotations

import os
import sys

import click

from starter.answers import answering
from starter.output import of_a_child


@click.group("console")
def console() -> None:
    """网页：评审、单位、主管部门和职改办在浏览器中办理。"""


@console.command("serve", short_help="运行网页。")
@answering
def serve() -> None:
    """运行网页，直到 Ctrl-C。

    地址由设置 ZHIPING_CONSOLE_HOST、ZHIPING_CONSOLE_PORT 决定；内置环境的网页随 zhiping stack up 运行，不必另外启动。
    """
    command = [sys.executable, "-m", "starter.console"]
    environment = of_a_child(sys.stdout.encoding)
    os.execve(command[0], command, environment)  # noqa: S606 - it takes this process's place


commands: list[click.Command] = [console]
