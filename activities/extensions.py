"""A last day that somebody allowed to be later, as a 期限计算书 says it: when, by whom, in whose place."""

from __future__ import annotations

from collections.abc import Iterable

from activities.views import TimelineEntry
from activities.wording import date_zh
from workflows.rules.deadlines import Deadline
from workflows.rules.message import local_date


def extended_zh(deadline: Deadline, entries: Iterable[TimelineEntry]) -> str:
    """Who allowed it: the organisation, and under absence cover both names; empty where the last day
    stands as it is computed, or the steps at hand do not have it.

    Args:
        entries: the steps of its case, the oldest first.
    """
    if not deadline.extended:
        return ""
    since = deadline.opened_at
    allowed = [
        entry
        for entry in entries
        if (entry.source, entry.name) == ("act", "extend_deadline")
        and entry.payload.get("rule") == deadline.rule
        and (since is None or entry.acted_at >= since)
    ]
    if not allowed:
        return ""
    last = allowed[-1]
    handled = f"（经办：{last.actor_name}）" if last.principal else ""
    return f"{date_zh(local_date(last.acted_at))}由{last.organisation_name}延长{handled}"
