"""`zhiping dismiss`: operations close the task of an operation that failed and that nobody asks again."""

from __future__ import annotations

from typing import Any

import click

from starter import options
from starter.answers import answering
from starter.operating import operated, operation


@click.command("dismiss", short_help="写明理由，注销一项没有办成的操作。")
@click.argument("failed", metavar="操作编号")
@click.option("--reason", required=True, metavar="理由", help="为什么不必重新提出，加密保存。")
@operation(options.OPERATOR)
@answering
async def dismiss(failed: str, reason: str, **call: Any) -> None:
    """程序出错、没有办成，而又不必重新提出的操作，由运维人员写明理由后不再列为待办；由谁、何时、为何注销，记录在案。

    编号见 zhiping inbox operations。仍然要办的，请让经办人按原内容重新提出，得到答复后自动消除。
    """
    await operated(
        "dismiss_failed_operation", {"operation": failed, "reason": reason}, "已注销。", **call
    )


commands: list[click.Command] = [dismiss]
