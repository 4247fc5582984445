"""``python -m workers.stack up|down|status``: how `starter` and a shell run the stack."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from config.logging import configure_logging
from config.settings import DEFAULT_STACK
from workers.stack import RunningStack, StackOptions, StackRefusedError, down, status, up
from workers.stack.options import PARTS

STAGES = {
    "stopped": "未运行",
    "starting": "正在启动",
    "ready": "运行中",
    "killed": "上次被强行结束，再次启动即可恢复，数据不会丢失",
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m workers.stack", description="职评内置环境")
    parser.add_argument("command", choices=("up", "down", "status"))
    parser.add_argument("--folder", type=Path, default=Path(DEFAULT_STACK), help="数据文件夹")
    parser.add_argument("--json", action="store_true", help="以 JSON 输出（up：就绪后输出一行）")
    parser.add_argument("--no-workers", action="store_true", help="不启动工作进程")
    parser.add_argument("--no-interface", action="store_true", help="不启动 Temporal 网页")
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
            case _:
                _print_status(given)
    except StackRefusedError as err:
        if given.json:
            print(json.dumps({"code": err.code, "message": str(err)}, ensure_ascii=False))
        else:
            sys.stderr.write(f"{err}\n")
        return err.exit_code
    return 0


def _options(given: argparse.Namespace, parser: argparse.ArgumentParser) -> StackOptions:
    ports: dict[str, int] = {}
    for pair in given.port:
        part, _, port = pair.partition("=")
        if part not in PARTS or not port.isdigit():
            parser.error(f"--port {pair}：应为 部件=端口")
        ports[part] = int(port)
    return StackOptions(
        ports=ports,
        with_interface=not given.no_interface,
        with_workers=not given.no_workers,
        history_suggest=given.history_suggest,
        settings=dict(pair.partition("=")[::2] for pair in given.set),
    )


async def _up(given: argparse.Namespace, options: StackOptions) -> None:
    await up(given.folder, options, on_ready=lambda stack: _print_ready(stack, given.json))
    await asyncio.sleep(0.05)  # see workers.__main__


def _print_ready(stack: RunningStack, as_json: bool) -> None:
    if as_json:
        ready = {"ready": True, "folder": str(stack.folder.root), "ports": stack.ports}
        print(json.dumps(ready, ensure_ascii=False), flush=True)
        return
    print(
        f"内置环境已就绪（{stack.started_seconds:.1f} 秒），数据在 {stack.folder.root}\n"
        f"  Temporal  127.0.0.1:{stack.ports['temporal']}  网页 http://127.0.0.1:{stack.ports['ui']}\n"
        f"  邮件存放  {stack.folder.mail}\n"
        "按 Ctrl-C 停止。",
        flush=True,
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
