"""The supervising office's secret value of a draw, in a file that only its owner may read."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from starter.desk.refusing import refused

VALUE = re.compile(r"[0-9a-f]{64}")


def kept_value(path: Path, *, new: bool = False) -> str:
    """The value in a file; a fresh one is written to it where `new` and there is none.

    Raises:
        NoAnswer: `value_unreadable` where the file holds something else.
    """
    if new and not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32) + "\n")
    stored = path.read_bytes().decode("utf-8-sig", errors="replace").strip()
    if not VALUE.fullmatch(stored):
        raise refused(
            "value_unreadable",
            f"文件“{path.name}”中不是随机值（64 位小写十六进制）。",
            next_step="请写明承诺时保存的文件。",
        )
    return stored
