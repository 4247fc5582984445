"""The engine of the workflow tests, at the hand of whoever attacks a case on it."""

from __future__ import annotations

from tests.workflow.conftest import engine, fleet, hasty_engine, house, records, season

__all__ = ["engine", "fleet", "hasty_engine", "house", "records", "season"]
