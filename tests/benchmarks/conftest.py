"""The figures of a run as its last lines."""

from __future__ import annotations

from tests.benchmarks.figures import FOUND


def pytest_unconfigure() -> None:
    """After pytest's own last words: ``figure NAME VALUE UNIT``, one a line."""
    for found in FOUND:
        print(found.line())
