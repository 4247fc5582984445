"""What can be chosen when a stack starts."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field

from workers.stack.refusals import StackRefusedError

_FIRST, _LAST = 15_000, 32_000
"""Below what systems give to outgoing connections (32768 on Linux, 49152 elsewhere)."""
_TRIES = 50

PARTS = ("temporal", "ui", "console", "postgres", "smtp", "data_sharing", "health", "metrics")


@dataclass(frozen=True)
class StackOptions:
    """Choices for one start.

    Attributes:
        ports: fixed ports by part (see `PARTS`); a part not named gets the port it had before if
            that is free, else any free one.
        with_interface: Temporal's web pages.
        with_workers: the worker fleet; without it a test runs its own.
        with_console: the console's web pages.
        history_suggest: events after which Temporal suggests continue-as-new; only for tests.
        settings: further settings by field name, e.g. ``{"settle_seconds": "1"}``.
    """

    ports: Mapping[str, int] = field(default_factory=dict)
    with_interface: bool = True
    with_workers: bool = True
    with_console: bool = False
    history_suggest: int | None = None
    settings: Mapping[str, str] = field(default_factory=dict)


def choose_ports(fixed: Mapping[str, int], before: Mapping[str, int]) -> dict[str, int]:
    """Return a port per part. Raises `StackRefusedError` ``port_taken`` for a fixed one in use."""
    chosen: dict[str, int] = {}
    with ExitStack() as held:  # all are held open until all are chosen, so no number comes twice
        for part in PARTS:
            if part in fixed:
                taken = _try(fixed[part], held)
                if taken is None:
                    raise StackRefusedError(
                        "port_taken",
                        f"端口 {fixed[part]}（{part}）已被占用。请换一个端口，或停止占用它的程序。",
                    )
                chosen[part] = taken
                continue
            port = _as_before(before.get(part, 0), held) or _any(held)
            if port is None:
                raise StackRefusedError("port_taken", "系统中没有空闲端口。")
            chosen[part] = port
    return chosen


def _as_before(port: int, held: ExitStack) -> int | None:
    return _try(port, held) if port else None


def _any(held: ExitStack) -> int | None:
    """A free port that no outgoing connection of the machine will take before our part listens on it.

    The numbers that the system itself gives away are those it gives to such connections too: beside
    others who were busy, a start lost its port that way, and a part died of it.
    """
    for _ in range(_TRIES):
        if port := _try(_FIRST + secrets.randbelow(_LAST - _FIRST), held):
            return port
    return _try(0, held)


def _try(port: int, held: ExitStack) -> int | None:
    listener = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
    # Without it the port of a stack stopped a moment ago counts as taken for a minute.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(1)
    except OSError:
        return None
    return int(listener.getsockname()[1])
