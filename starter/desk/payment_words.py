"""What is the matter with a bank's line, in one clause, as every face says it."""

from __future__ import annotations

from datetime import timedelta

from activities.payments import BankLineView
from activities.wording import last_moment_zh
from workflows.rules.message import local_date


def why(line: BankLineView) -> str:
    """One clause on what is the matter with a line."""
    if line.dismissed_by:
        return f"已处理：{line.dismissed_why}"
    sums = f"已缴 {line.paid_in_time} 元，应缴 {line.fee} 元"
    return {
        "part": sums,
        "over": f"{sums}，多出部分须处理",
        "double": f"{sums}，多出部分须处理",
        "late": f"缴费截止 {_last_moment(line)}",
        "unknown": f"附言：{line.remark}" if line.remark else "、".join(line.numbers),
        "refused": f"申报未接受（{line.code}）",
        "open": "还没有答复，可以再问",
    }.get(line.outcome, "")


def _last_moment(line: BankLineView) -> str:
    ends_at = line.last_day_ends_at
    if ends_at is None:
        return ""
    return last_moment_zh(local_date(ends_at - timedelta(microseconds=1)), ends_at)
