"""``python -m workers.stack up|down|status``: how `starter` and a shell run the stack."""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import json
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from shlex import quote
from typing import NoReturn

from config.logging import configure_logging
from config.settings import DEFAULT_STACK, Settings, SettingsError
from workers.stack import RunningStack, StackOptions, StackRefusedError, down, status, up
from workers.stack.backup import backup, restore, told
from workers.stack.folder import StackFolder
from workers.stack.launch import die_with_parent
from workers.stack.options import PARTS
from workers.stack.refusals import EXIT_UNAVAILABLE

EXIT_USAGE = 2
LAST_PORT = 65535

STAGES = {
    "stopped": "未运行",
    "starting": "正在启动",
    "ready": "运行中",
    "killed": "上次被强行结束，再次启动即可恢复，数据不会丢失",
}


class _Parser(argparse.ArgumentParser):
    """A parser that says what is wrong and no more: whoever reads it called `zhiping stack`."""

    def error(self, message: str) -> NoReturn:
        """Leave with the code of a wrong call."""
        self.exit(EXIT_USAGE, f"错误：{message}\n")


def _parser() -> _Parser:
    parser = _Parser(prog="python -m workers.stack", description="职评内置环境")
    parser.add_argument("command", choices=("up", "down", "status", "backup", "restore"))
    parser.add_argument("--file", type=Path, help="备份文件")
    parser.add_argument("--key", type=Path, help="备份密钥的文件")
    parser.add_argument("--folder", type=Path, default=Path(DEFAULT_STACK), help="数据文件夹")
    parser.add_argument("--json", action="store_true", help="以 JSON 输出（up：就绪后输出一行）")
    parser.add_argument("--detached", action="store_true", help="在后台运行，没有人按 Ctrl-C")
    parser.add_argument("--no-workers", action="store_true", help="不启动工作进程")
    parser.add_argument("--no-interface", action="store_true", help="不启动 Temporal 网页")
    parser.add_argument("--no-console", action="store_true", help="不启动办理网页")
    parser.add_argument("--history-suggest", type=int, help="仅供测试：建议续接的事件数")
    parser.add_argument(
        "--port", action="append", default=[], metavar="部件=端口", help="、".join(PARTS)
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="设置=值",
        help="其他设置，如 settle_seconds=1",
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code: 0, 2 usage, 3 refused, 5 a part failed."""
    parser = _parser()
    given = parser.parse_args(arguments)
    configure_logging("console", "WARNING", role="stack")
    try:
        match given.command:
            case "up":
                asyncio.run(_up(given, _options(given, parser)))
            case "down":
                stopped = asyncio.run(down(given.folder))
                print("已停止。" if stopped else "没有运行中的内置环境。")
            case "backup" | "restore" if given.file is None or given.key is None:
                parser.error("须写明 --file 和 --key。")
            case "backup":
                done = asyncio.run(backup(given.folder, given.file, given.key))
                print(told(done, as_json=given.json))
            case "restore":
                done = asyncio.run(restore(given.file, given.folder, given.key))
                print(told(done, as_json=given.json, restored=given.folder.absolute()))
            case _:
                _print_status(given)
    except StackRefusedError as err:
        if given.json:
            print(json.dumps({"code": err.code, "message": str(err)}, ensure_ascii=False))
        else:
            sys.stderr.write(f"{err}\n")
        return err.exit_code
    except SettingsError as err:
        parser.error(f"--set 不正确：{err}")
    except Exception as err:
        sys.stderr.write(_unforeseen(given.folder, err))
        return EXIT_UNAVAILABLE
    return 0


def _unforeseen(folder: Path, err: Exception) -> str:
    """What is said of a fault of ours; the traceback goes where whoever is asked will look."""
    log = StackFolder.at(folder).logs / "stack.log"
    with suppress(OSError), log.open("a", encoding="utf-8") as file:
        file.write("".join(traceback.format_exception(err)))
    return f"内置环境出错（{type(err).__name__}），没有启动。请把 {log} 交给运维人员。\n"


def _options(given: argparse.Namespace, parser: _Parser) -> StackOptions:
    ports: dict[str, int] = {}
    for pair in given.port:
        part, _, port = pair.partition("=")
        if part not in PARTS or not (port.isascii() and port.isdigit()):
            parser.error(f"--port {pair} 应写作 部件=端口，部件为 {'、'.join(PARTS)}。")
        if not 0 < int(port) <= LAST_PORT or int(port) in ports.values():
            parser.error(f"--port {pair}：端口应为 1 至 {LAST_PORT}，各部件不同。")
        ports[part] = int(port)
    for pair in given.set:
        name, equals, _ = pair.partition("=")
        if not equals or name not in Settings.model_fields:
            parser.error(f"--set {pair}：没有这个设置，应写作 设置=值，如 settle_seconds=1。")
    return StackOptions(
        ports=ports,
        with_interface=not given.no_interface,
        with_workers=not given.no_workers,
        with_console=not given.no_console,
        history_suggest=given.history_suggest,
        settings=dict(pair.partition("=")[::2] for pair in given.set),
    )


async def _up(given: argparse.Namespace, options: StackOptions) -> None:
    if not given.detached and sys.platform == "linux":
        # Whoever started it and was killed stops nothing any more; who wants it to stay says so.
        die_with_parent(ctypes.CDLL(None, use_errno=True), os.getppid())
    await up(given.folder, options, on_ready=lambda stack: _print_ready(stack, given))
    await asyncio.sleep(0.05)  # see workers.__main__


def _print_ready(stack: RunningStack, given: argparse.Namespace) -> None:
    with suppress(OSError):  # whoever read it has read enough; the stack runs on
        print(_ready(stack, given), flush=True)


def _ready(stack: RunningStack, given: argparse.Namespace) -> str:
    if given.json:
        ready = {"ready": True, "folder": str(stack.folder.root), "ports": stack.ports}
        return json.dumps(ready, ensure_ascii=False)
    pages = "" if given.no_interface else f"  网页 http://127.0.0.1:{stack.ports['ui']}"
    console = "" if given.no_console else f"  办理网页  http://127.0.0.1:{stack.ports['console']}\n"
    stop = (
        f"zhiping stack down --folder {quote(str(stack.folder.root))}"
        if given.detached
        else "按 Ctrl-C"
    )
    return (
        f"内置环境已就绪（{stack.started_seconds:.1f} 秒），数据在 {stack.folder.root}\n"
        f"{console}"
        f"  Temporal  127.0.0.1:{stack.ports['temporal']}{pages}\n"
        f"  邮件存放  {stack.folder.mail}\n"
        f"  停止      {stop}"
    )


def _print_status(given: argparse.Namespace) -> None:
    found = status(given.folder)
    if given.json:
        print(json.dumps(asdict(found), ensure_ascii=False, default=str))
        return
    print(f"{found.folder}：{STAGES.get(found.stage, found.stage)}")
    for name, address in found.addresses.items() if found.stage == "ready" else ():
        print(f"  {name}  {address}")


if __name__ == "__main__":
    sys.exit(main())
