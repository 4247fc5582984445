"""Files a command writes for whoever calls it, and for nobody else on the machine."""

from __future__ import annotations

import os
from pathlib import Path

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700


def private_opener(path: str, flags: int) -> int:
    """For `open`: a new file is its owner's alone."""
    return os.open(path, flags, PRIVATE_FILE)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that its owner alone may read, also where one was there. Raises `OSError`."""
    with open(path, "wb", opener=private_opener) as file:
        os.fchmod(file.fileno(), PRIVATE_FILE)
        file.write(content)
