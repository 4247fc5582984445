"""Acts that end a case for somebody else or take a title away: whatever face, they are thought over twice."""

from __future__ import annotations

from workflows.application.messages import Preview

WEIGHTY = frozenset({"revoke", "disqualify", "refuse", "fail_audit", "declare_abandoned"})
"""Whatever comes of it; what ends a case besides is known from its preview."""


def is_weighty(action: str, shown: Preview) -> bool:
    """Whether an act is weighty, as its preview shows it."""
    return action in WEIGHTY or shown.end is not None
