"""Whether a duty of an authority was kept: by when the act that met it was done (A8, A46)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from asyncpg import Record

from activities.meeting_views import Duty
from workflows.rules.names import RuleName

DUTIES = (
    RuleName.RESULT_REPORT,
    RuleName.CONFIRMATION,
    RuleName.CONFIRMATION_REPLY,
    RuleName.CITY_CONFIRMATION,
)
"""The clocks over a batch of results that bind an authority."""

MET_BY: Mapping[str, tuple[str, ...]] = {
    RuleName.RESULT_REPORT: ("report_batch", "publish_batch"),
    RuleName.CONFIRMATION: ("draft_batch",),
    RuleName.CONFIRMATION_REPLY: ("reply_batch", "file_batch"),
    RuleName.CITY_CONFIRMATION: ("confirm_batch",),
}
"""Duty → the acts that meet it; the last of them closes the meeting, and with it the clock."""

RESTART = "restart_batch_publicity"
"""The act that stops a duty without meeting it: its days begin when the publicity is over again."""


def batch_of(key: str) -> int | None:
    """The batch a clock is of: `confirmation:2`; None where it is of the whole meeting."""
    number = key.partition(":")[2]
    return int(number) if number.isdigit() else None


def kept(row: Record) -> bool | None:
    """Whether a clock's duty was kept; None while it runs in time, and where it fell away."""
    if row["struck_at"] is not None:
        return False
    if row["closed_at"] is None or row["ended"] == "superseded" or row["done_by"] == RESTART:
        return None
    if row["ended"] == "case_ended" and row["done_by"] not in MET_BY.get(row["rule"], ()):
        return None
    # It may have been met late before the clock had struck, so the act's own time decides.
    return bool(row["done_at"] is None or row["done_at"] < row["ends_at"])


def standing_of(row: Record, as_of: datetime | None) -> Duty:
    """How a duty stands at an instant."""
    if row["closed_at"] is None:
        late = row["struck_at"] is not None or (as_of is not None and row["ends_at"] <= as_of)
        return "overdue" if late else "running"
    answer = kept(row)
    if answer is None:
        return "dropped"
    return "kept" if answer else "missed"
