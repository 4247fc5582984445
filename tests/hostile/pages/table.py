"""The table of who may come, and addresses with something in the place of their parts."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

COME: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("who_may_come.toml").read_text(encoding="utf-8")
)
SUBJECTS = ("nobody", "own", "case", "meeting", "register")
PART = re.compile(r"\{(\w+)(?::\w+)?\}")


def plain(path: str, **parts: object) -> str:
    """An address with its parts filled in."""
    return PART.sub(lambda part: str(parts[part.group(1)]), path)


def told(differences: Sequence[object]) -> str:
    """Every difference on a line of its own."""
    return "\n".join(
        [f"{len(differences)} differences:", *(str(item)[:400] for item in differences)]
    )
