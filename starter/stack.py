"""`zhiping stack`: the embedded stack, run as a program of its own (starter holds no worker)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import click

from starter import options
from starter.answers import Exit, answering, unavailable
from starter.private_files import PRIVATE_FOLDER, private_opener

DEFAULT = ".zhiping"
START_SECONDS = 300.0
_LOOK_AGAIN = 0.3

FOLDER = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(DEFAULT),
    envvar="ZHIPING_STACK",
    show_default=True,
    metavar="文件夹",
    help="数据所在的文件夹；此外不改动任何文件。",
)


@click.group("stack", short_help="内置环境：启动、停止、查看。")
def stack() -> None:
    """自带的 Temporal、PostgreSQL、邮件存放处、数据共享接口和工作进程，全部在一个文件夹里。"""


@stack.command("up", short_help="启动。")
@FOLDER
@click.option("--detach", is_flag=True, help="在后台运行，就绪后返回。")
@click.option(
    "--port",
    "--ports",
    "ports",
    multiple=True,
    metavar="部件=端口",
    help="固定一个部件的端口，可写多次；如 temporal=7233、ui=8233。",
)
@click.option("--no-workers", is_flag=True, help="不启动工作进程。")
@click.option("--no-interface", is_flag=True, help="不启动 Temporal 网页。")
@click.option("--set", "settings", multiple=True, metavar="设置=值", help="其他设置，可写多次。")
@options.as_json
@answering
def stack_up(
    folder: Path,
    detach: bool,
    ports: tuple[str, ...],
    no_workers: bool,
    no_interface: bool,
    settings: tuple[str, ...],
    as_json: bool,
) -> None:
    """启动内置环境，直到 Ctrl-C；被强行结束后再次启动即可恢复，数据不丢。"""
    arguments = ["up", "--folder", str(folder)]
    arguments += [word for pair in ports for word in ("--port", pair)]
    arguments += [word for pair in settings for word in ("--set", pair)]
    arguments += ["--no-workers"] if no_workers else []
    arguments += ["--no-interface"] if no_interface else []
    arguments += ["--json"] if as_json else []
    if detach:
        _start_in_background(folder, arguments)
    else:
        command = _command(arguments)
        os.execv(command[0], command)  # noqa: S606 - the stack takes this process's place


@stack.command("down", short_help="停止。")
@FOLDER
@answering
def stack_down(folder: Path) -> None:
    """停止内置环境；数据留在文件夹中。"""
    _leave_with(_run(["down", "--folder", str(folder)]))


@stack.command("status", short_help="查看。")
@FOLDER
@options.as_json
@answering
def stack_status(folder: Path, as_json: bool) -> None:
    """内置环境是否在运行，各部件的地址。"""
    _leave_with(_run(["status", "--folder", str(folder), *(["--json"] if as_json else [])]))


def _command(arguments: list[str]) -> list[str]:
    return [sys.executable, "-m", "workers.stack", *arguments]


def _run(arguments: list[str]) -> int:
    return subprocess.run(_command(arguments), check=False).returncode  # noqa: S603 - our own program


def _leave_with(code: int) -> None:
    if code:
        raise click.exceptions.Exit(code)


def _start_in_background(folder: Path, arguments: list[str]) -> None:
    """Start it in a session of its own and wait until it is ready, or say why it is not."""
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    log = folder / "stack-up.log"
    with open(log, "w", encoding="utf-8", opener=private_opener) as output:
        process = subprocess.Popen(  # noqa: S603 - our own program
            _command(arguments), stdout=output, stderr=output, start_new_session=True
        )
    give_up_at = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up_at:
        code = process.poll()
        if code is not None:
            click.echo(log.read_text(encoding="utf-8"), err=True, nl=False)
            raise click.exceptions.Exit(code or int(Exit.UNAVAILABLE))
        if _stage(folder) == "ready":
            click.echo(log.read_text(encoding="utf-8"), nl=False)
            return
        time.sleep(_LOOK_AGAIN)
    raise unavailable(f"内置环境在 {START_SECONDS:.0f} 秒内没有就绪。", f"请看 {log}。")


def _stage(folder: Path) -> str:
    try:
        state = json.loads((folder / "stack.json").read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):
        return ""
    return str(state.get("stage", "")) if isinstance(state, dict) else ""


commands: list[click.Command] = [stack]
