"""Workers run workflows without a sandbox: what would differ in a replay is refused as it is written."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILTINS = {"open", "print", "input", "hash", "id", "eval", "exec", "breakpoint", "__import__"}
"""Touch the outside, or differ from process to process."""


@pytest.mark.parametrize(
    "line",
    [
        "import time",
        "import random",
        "import os.path",
        "from uuid import uuid4",
        "from secrets import token_hex",
        "from pathlib import Path",
        "from concurrent.futures import ThreadPoolExecutor",
        "import datetime; datetime.datetime.now(datetime.UTC)",
        "from datetime import date; date.today()",
        "import asyncio; asyncio.to_thread(None)",
        "from asyncio import wait",
        "import logging",
    ],
)
def test_lint_refuses_in_a_workflow_what_differs_in_a_replay(line: str) -> None:
    assert "TID251" in linted(line, "workflows/rules/anything.py")


def test_lint_lets_activities_do_it() -> None:
    assert "TID251" not in linted("import time", "activities/anything.py")


@pytest.mark.parametrize(
    "path", sorted((ROOT / "workflows").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_no_workflow_calls_a_builtin_that_differs_in_a_replay(path: Path) -> None:
    called = {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }

    assert called & BUILTINS == set()


def linted(line: str, as_file: str) -> str:
    """What the project's lint says of a file with this one line."""
    ruff = Path(sys.executable).with_name("ruff")
    rule = ["--select", "TID251", "--no-cache", "--stdin-filename", as_file]
    found = subprocess.run(  # noqa: S603 (the project's own linter)
        [str(ruff), "check", *rule, "-"],
        input=line + "\n",
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return str(found.stdout)
