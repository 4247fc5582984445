"""What can be chosen when a stack starts."""

from __future__ import annotations

import secrets
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
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


@contextmanager
def reserved_ports(fixed: Mapping[str, int], before: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """A port per part, ours until the block ends.

    A part starts seconds or minutes after the choice, and whoever else asks for a port meanwhile
    (another stack, an outgoing connection) must not get the same one: a start died of it. So each
    number stays bound by us, without listening; Linux lets the part listen beside that, and nobody
    else. Elsewhere the ports are only chosen.

    Raises:
        StackRefusedError: ``port_taken``, a fixed one in use.
    """
    chosen: dict[str, int] = {}
    with ExitStack() as held:  # all are held until all are chosen, so no number comes twice
        for part in PARTS:
            if part in fixed:
                taken = _again(fixed[part], held)
                if taken is None:
                    raise StackRefusedError(
                        "port_taken",
                        f"端口 {fixed[part]}（{part}）已被占用。请换一个端口，或停止占用它的程序。",
                    )
                chosen[part] = taken
                continue
            port = _again(before.get(part, 0), held) or _any(held)
            if port is None:
                raise StackRefusedError("port_taken", "系统中没有空闲端口。")
            chosen[part] = port
        if sys.platform != "linux":
            held.close()
        yield chosen


def _again(port: int, held: ExitStack) -> int | None:
    """A port that may have been ours a moment ago: what it leaves for a minute counts as free."""
    return _bound(port, held, even_if_just_left=True) if port else None


def _any(held: ExitStack) -> int | None:
    """A free port, none of those that the system gives to whoever asks for any."""
    for _ in range(_TRIES):
        if port := _bound(_FIRST + secrets.randbelow(_LAST - _FIRST), held):
            return port
    return _bound(0, held)


def _bound(port: int, held: ExitStack, *, even_if_just_left: bool = False) -> int | None:
    holder = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, even_if_just_left)
    try:
        holder.bind(("127.0.0.1", port))
    except OSError:
        return None
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # the part may listen beside us
    return int(holder.getsockname()[1])
