"""期限计算书: what a deadline is, what it rests on, and every day from day 0 to the last."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from activities.wording import date_zh, ground_zh, label, last_moment_zh, length_zh
from workflows.rules.deadlines import Deadline
from workflows.rules.message import local

_WAYS = {
    "month": "至对应日；当月没有对应日的，至月末",
    "day": "起始日不计，休息日也计算在内",
}


class CountedDay(NamedTuple):
    """One day of the account: which one it is of those counted, or why it is not."""

    day: date
    number: int | None
    why: str


def account(deadline: Deadline) -> tuple[CountedDay, ...]:
    """Every day from day 0 to the last, counted or skipped and why."""
    why = {skip.date: skip.why for skip in deadline.skipped}
    number = {item: index for index, item in enumerate(deadline.counted, 1)}
    days = sorted({*why, *number})
    return tuple(CountedDay(day, number.get(day), why.get(day, "")) for day in days)


def rows(deadline: Deadline, extended: str = "") -> tuple[tuple[str, str], ...]:
    """What a deadline is and rests on; what does not apply is empty.

    Args:
        extended: who allowed a later last day, as `extended_zh` says it of a case's.
    """
    return (
        ("性质", label("deadline_kinds", deadline.kind)),
        ("起始日", date_zh(deadline.starts_on)),
        ("长度", length_zh(deadline.length, deadline.unit) or "以通知公布或核定的日期为准"),
        ("算法", _WAYS.get(deadline.unit, "")),
        ("截止", last_moment_zh(deadline.ends_on, deadline.ends_at)),
        ("顺延前", date_zh(deadline.nominal_on) if deadline.nominal_on else ""),
        ("被限于", _cap(deadline)),
        ("延长", extended),
        ("依据", ground_zh(deadline.clause)),
        ("工作日历", deadline.calendar),
    )


def _cap(deadline: Deadline) -> str:
    if deadline.capped_by is None:
        return ""
    uncapped = date_zh(deadline.uncapped_on) if deadline.uncapped_on else ""
    return f"{label('rules', deadline.capped_by)}（原应至 {uncapped}）"


def deadline_json(deadline: Deadline) -> dict[str, Any]:
    """A deadline for a program: what it is, each day counted, each skipped and why."""
    return {
        "rule": deadline.rule.value,
        "kind": deadline.kind.value,
        "starts_on": deadline.starts_on,
        "ends_on": deadline.ends_on,
        "ends_at": local(deadline.ends_at),
        "counted": list(deadline.counted),
        "skipped": [{"date": skip.date, "why": skip.why} for skip in deadline.skipped],
        "clause": deadline.clause,
        "calendar": deadline.calendar,
    }
