"""A case of the workflow tests, at the hand of whoever attacks it."""

from __future__ import annotations

from tests.workflow.conftest import records, season

__all__ = ["records", "season"]
