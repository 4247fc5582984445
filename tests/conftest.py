"""The order of the whole run, and what stays together on one worker of xdist."""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).parent
LAST = ("unit",)
"""The folders of quick tests: they fill up whichever worker is done first."""


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's tests share what they start, so they stay together; stories are dealt by share."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            group = item.path.relative_to(TESTS).with_suffix("").as_posix()
            item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    """The longest first, so that no worker is left with it at the end: stories, then processes."""
    if item.get_closest_marker("e2e") is not None:
        return 0
    return 2 if item.path.relative_to(TESTS).parts[0] in LAST else 1
