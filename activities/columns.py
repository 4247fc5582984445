"""A row's columns for a view."""

from __future__ import annotations

from typing import Any

from asyncpg import Record

from workflows.rules.message import Message


def present(view: type[Message], row: Record) -> dict[str, Any]:
    """The row's columns that the view has; an empty column takes the view's default."""
    known = view.model_fields
    return {key: value for key, value in row.items() if key in known and value is not None}
