"""`zhiping stack`: the embedded stack, run as a program of its own (starter holds no worker)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import click

from config.stack_state import read_state, stage_of
from starter import options
from starter.answers import Exit, answering
from starter.desk.refusing import unavailable
from starter.output import of_a_child
from starter.private_files import PRIVATE_FOLDER, private_opener

DEFAULT = ".zhiping"
START_SECONDS = 300.0
_LOOK_AGAIN = 0.3
_READY = re.compile(r"内置环境已就绪|\"ready\": true")
"""What the stack says once it is up; a moment before, its folder says so."""

FOLDER = click.option(
    "--folder",
    type=options.FOLDER,
    default=Path(DEFAULT),
    envvar="ZHIPING_STACK",
    show_default=True,
    metavar="文件夹",
    help="数据所在的文件夹；此外不改动任何文件。",
)

KEY = click.option(
    "--key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    metavar="文件",
    help="备份的密钥（zhiping keys new 生成）。",
)


@click.group("stack")
def stack() -> None:
    """自带的 Temporal、PostgreSQL、邮件存放处、数据共享接口、工作进程和办理网页，全部在一个文件夹里。"""


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
@click.option("--no-console", is_flag=True, help="不启动办理网页。")
@click.option("--set", "settings", multiple=True, metavar="设置=值", help="其他设置，可写多次。")
@options.as_json
@answering
def stack_up(
    folder: Path,
    detach: bool,
    ports: tuple[str, ...],
    no_workers: bool,
    no_interface: bool,
    no_console: bool,
    settings: tuple[str, ...],
    as_json: bool,
) -> None:
    """启动内置环境，直到 Ctrl-C；被强行结束后再次启动即可恢复，数据不丢。"""
    arguments = ["up", "--folder", str(folder)]
    arguments += [word for pair in ports for word in ("--port", pair)]
    arguments += [word for pair in settings for word in ("--set", pair)]
    arguments += ["--no-workers"] if no_workers else []
    arguments += ["--no-interface"] if no_interface else []
    arguments += ["--no-console"] if no_console else []
    arguments += ["--json"] if as_json else []
    if detach:
        _start_in_background(folder, arguments)
    else:
        command = _command(arguments)
        environment = of_a_child(sys.stdout.encoding)
        os.execve(command[0], command, environment)  # noqa: S606 - it takes this process's place


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


@click.command("backup", short_help="把内置环境的全部数据备份为一个加密文件。")
@click.option("--to", "file", type=click.Path(path_type=Path), required=True, metavar="文件")
@KEY
@FOLDER
@options.as_json
@answering
def backup(file: Path, key: Path, folder: Path, as_json: bool) -> None:
    """在运行中备份：记录和 Temporal 取自同一时刻，已经答复办成的都在其中，各人照常办理。

    写完后在另一处恢复一遍，行数、凭据链逐条核对相符才算办成。备份文件以 --key 的密钥加密，其中也有内置环境
    自己的各把密钥：备份与 --key 须分开保管。
    """
    _leave_with(_run(_backing_up("backup", file, key, folder, as_json)))


@click.command("restore", short_help="把备份恢复到一个新的文件夹。")
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="备份文件"
)
@KEY
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    required=True,
    metavar="文件夹",
    help="恢复到哪里；须不存在或者是空的，已有的数据不会覆盖。",
)
@options.as_json
@answering
def restore(file: Path, key: Path, folder: Path, as_json: bool) -> None:
    """恢复并核对，列出 Temporal 中没有在运行的在办事项，说明怎样接着办；然后用 zhiping stack up 启动。"""
    _leave_with(_run(_backing_up("restore", file, key, folder, as_json)))


def _backing_up(command: str, file: Path, key: Path, folder: Path, as_json: bool) -> list[str]:
    words = [command, "--file", str(file), "--key", str(key), "--folder", str(folder)]
    return [*words, "--json"] if as_json else words


def _command(arguments: list[str]) -> list[str]:
    return [sys.executable, "-m", "workers.stack", *arguments]


def _run(arguments: list[str]) -> int:
    """Run it to its end and pass on what it says, so that there is one way of printing."""
    done = subprocess.run(  # noqa: S603 - our own program
        _command(arguments), check=False, capture_output=True, encoding="utf-8", env=of_a_child()
    )
    click.echo(done.stderr, err=True, nl=False)
    click.echo(done.stdout, nl=False)
    return done.returncode


def _leave_with(code: int) -> None:
    if code:
        raise click.exceptions.Exit(code)


def _start_in_background(folder: Path, arguments: list[str]) -> None:
    """Start it in a session of its own and wait until it is ready, or say why it is not."""
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    log = folder / "stack-up.log"
    with open(log, "w", encoding="utf-8", opener=private_opener) as output:
        process = subprocess.Popen(  # noqa: S603 - our own program
            _command([*arguments, "--detached"]),
            stdout=output,
            stderr=output,
            env=of_a_child(),
            start_new_session=True,
        )
    give_up_at = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up_at:
        code = process.poll()
        if code is not None:
            click.echo(log.read_text(encoding="utf-8"), err=True, nl=False)
            raise click.exceptions.Exit(code or int(Exit.UNAVAILABLE))
        # A stack that was killed left word of its own; only this process's counts.
        ours = read_state(folder).get("pid") == process.pid
        told = log.read_text(encoding="utf-8")
        if ours and stage_of(folder) == "ready" and _READY.search(told):
            click.echo(told, nl=False)
            return
        time.sleep(_LOOK_AGAIN)
    raise unavailable(f"内置环境在 {START_SECONDS:.0f} 秒内没有就绪。", f"请看 {log}。")


commands: list[click.Command] = [stack, backup, restore]
