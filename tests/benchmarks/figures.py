"""What a benchmark found: printed where it is found, and once more as the run's last lines.

`make bench` prints ``figure NAME VALUE UNIT`` for each at the very end (`conftest.py`), so that a
reader or a script compares two runs without reading what is between. Nothing is asserted about time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from time import monotonic

import psutil


@dataclass(frozen=True)
class Figure:
    """One number with its name (no blanks; ``part.what``) and unit (``ms``, ``1/s``, ``events``…)."""

    name: str
    value: float
    unit: str

    def line(self) -> str:
        """As the run ends with it."""
        return f"figure {self.name} {_plain(self.value)} {self.unit}"


FOUND: list[Figure] = []
"""Of this run, in the order found."""


def figure(name: str, value: float, unit: str, *, beside: str = "") -> None:
    """Print a figure and keep it for the end; ``beside`` says what it has to be read with."""
    if not name or not unit or any(char.isspace() for char in name + unit):
        raise ValueError(f"a figure's name and unit have no blanks: {name!r} {unit!r}")
    found = Figure(name, value, unit)
    FOUND.append(found)
    print(f"  {name} = {_plain(value)} {unit}{f'  ({beside})' if beside else ''}", flush=True)


def _plain(value: float) -> str:
    """Four figures at the most: what follows is the machine's mood."""
    if value == int(value):
        return str(int(value))
    return f"{value:.4g}" if abs(value) < 1_000 else f"{value:.0f}"


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of all do not exceed; of nothing it is 0."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, ceil(share * len(ordered)) - 1))]


def spread(name: str, seconds: Sequence[float], *, beside: str = "") -> None:
    """Print p50, p95 and p99 of times given in seconds, as milliseconds."""
    for share in (0.50, 0.95, 0.99):
        figure(f"{name}.p{share * 100:.0f}", 1000 * percentile(seconds, share), "ms", beside=beside)


@contextmanager
def under_load(title: str) -> Iterator[None]:
    """Print a title, and at the end how long it took and what else the machine did meanwhile.

    What others did is all the processors' work less that of this process and its children that
    are still there, so a benchmark's own servers have to be its children to be told apart.
    """
    print(f"\n{title}", flush=True)
    began, ours, all_of_it = monotonic(), _ours(), _everybody()
    try:
        yield
    finally:
        seconds = monotonic() - began
        others = max(0.0, _everybody() - all_of_it - (_ours() - ours))
        cores = os.cpu_count() or 1
        one, five, _ = os.getloadavg()
        print(
            f"  {seconds:.1f} s on {cores} cores; load {one:.2f} (1 min), {five:.2f} (5 min);"
            f" others kept {others / max(seconds, 0.001):.2f} of {cores} cores busy",
            flush=True,
        )


def _everybody() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system)


def _ours() -> float:
    """Processor seconds of this process, its children now, and those it has waited for."""
    me = psutil.Process()
    own = me.cpu_times()
    total = own.user + own.system + own.children_user + own.children_system
    for child in me.children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return float(total)
