"""Imports that are made when what they name is first used.

A command line imports a command's module to print its help, and what carries the command out costs
ten times as much: the database's driver, models, tables, the engine's library. Such modules are
imported ``with later():`` at the top of the module that uses them, where a reader, the type checker
and import-linter look for imports; Python's own `LazyLoader` runs them at the first attribute asked
of them. Hence they are imported as modules (``from starter import session``) and used by their names
(``session.office()``).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType
from typing import Any

_OURS = ("activities.", "config.", "starter.", "workflows.")


class _Later:
    """Finds a module of ours such that it is run when it is first used."""

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a module that waits; of anything else nothing, so that others find it."""
        if not fullname.startswith(_OURS):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return None
        waiting: Any = LazyLoader(spec.loader)
        spec.loader = waiting
        return spec


@contextmanager
def later() -> Iterator[None]:
    """What is imported within it is run when it is first used."""
    sys.meta_path.insert(0, _Later)
    try:
        yield
    finally:
        sys.meta_path.remove(_Later)


def waits(module: ModuleType) -> bool:
    """Whether a module was imported and has not been run yet."""
    return type(module) is not ModuleType and type(module).__module__ == LazyLoader.__module__


def run_what_waits() -> None:
    """Run every module that waits, and what those import in turn."""
    while waiting := [module for module in list(sys.modules.values()) if waits(module)]:
        for module in waiting:
            module.__doc__  # noqa: B018 - whatever is asked of it runs it
