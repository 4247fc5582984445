"""SQL kept beside the code: files of statements, each after a line `-- name: what_it_does`."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent / "sql"
_HEAD = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


def statements(name: str) -> dict[str, str]:
    """Return the statements of `sql/<name>.sql` by name.

    Raises:
        ValueError: two statements share a name.
    """
    parts = _HEAD.split((FOLDER / f"{name}.sql").read_text(encoding="utf-8"))
    names, bodies = parts[1::2], parts[2::2]
    if len(set(names)) != len(names):
        raise ValueError(f"{name}.sql names a statement twice")
    return {key: body.strip() for key, body in zip(names, bodies, strict=True)}
