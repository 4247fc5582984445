"""What can be chosen when a stack starts."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field

from workers.stack.refusals import StackRefusedError

PARTS = ("temporal", "ui", "postgres", "smtp", "data_sharing", "health", "metrics")


@dataclass(frozen=True)
class StackOptions:
    """Choices for one start.

    Attributes:
        ports: fixed ports by part (see `PARTS`); a part not named gets the port it had before if
            that is free, else any free one.
        with_interface: Temporal's web pages.
        with_workers: the worker fleet; without it a test runs its own.
        history_suggest: events after which Temporal suggests continue-as-new; only for tests.
        settings: further settings by field name, e.g. ``{"settle_seconds": "1"}``.
    """

    ports: Mapping[str, int] = field(default_factory=dict)
    with_interface: bool = True
    with_workers: bool = True
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
            port = _try(before.get(part, 0), held) or _try(0, held)
            if port is None:
                raise StackRefusedError("port_taken", "系统中没有空闲端口。")
            chosen[part] = port
    return chosen


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
