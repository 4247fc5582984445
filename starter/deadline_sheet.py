"""期限计算书 for a program; `tables` has it for a person."""

from __future__ import annotations

from typing import Any

from workflows.rules.deadlines import Deadline
from workflows.rules.message import local


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
