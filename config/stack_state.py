"""What an embedded stack says of itself in its folder, for whoever runs it and whoever uses it."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any, Literal

STATE_FILE, LOCK_FILE = "stack.json", "stack.lock"

Stage = Literal["stopped", "starting", "ready", "killed"]
"""``killed``: its supervisor died without stopping; the next start puts things in order."""


def read_state(folder: Path) -> dict[str, Any]:
    """What the last supervisor wrote; empty where there was none, or where it cannot be read."""
    try:
        state = json.loads((folder / STATE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def is_locked(folder: Path) -> bool:
    """Whether a supervisor lives: the kernel lets go of its lock even after kill -9."""
    try:
        descriptor = os.open(folder / LOCK_FILE, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def stage_of(folder: Path) -> Stage:
    """How the stack of a folder stands; changes nothing."""
    locked, stage = is_locked(folder), read_state(folder).get("stage")
    if locked:
        return "ready" if stage == "ready" else "starting"
    return "stopped" if stage in (None, "stopped") else "killed"
