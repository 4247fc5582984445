"""What a command imports is what it needs: counted, since seconds say as much about the machine."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from starter.cli import SECTIONS, zhiping

ROOT = Path(__file__).resolve().parents[2]
DEADLINE = ("deadline", "unit_publicity", "--campaign", "bd-2023", "--from", "2023-09-27")
ENGINE = {"temporalio", "google"}
OFFICE = {"asyncpg", "pydantic_settings", "cryptography", "asyncio"}
PAPERS = {"openpyxl", "typst", "pyhanko", "fontTools", "segno", "aiohttp", "aiosmtplib", "jinja2"}

CASES = {"workflows.application", "workflows.meeting", "activities.reading", "activities.eyes"}
"""What cases and meetings are made of: who lists them needs none of it."""

WHAT_RUNS = """
import sys
from starter.cli import zhiping
try:
    zhiping(sys.argv[1:], prog_name="zhiping")
finally:
    sys.stderr.write("\\n".join(sys.modules))
"""


def imported(*arguments: str) -> set[str]:
    """The modules a fresh process has after one command."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", WHAT_RUNS, *arguments],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


@pytest.mark.parametrize(
    ("arguments", "needless", "most"),
    [
        (("--help",), ENGINE | OFFICE | PAPERS | {"pydantic", "rich"}, 250),
        (("--version",), ENGINE | OFFICE | PAPERS | {"pydantic", "rich"}, 250),
        (("deadline", "--help"), ENGINE | OFFICE | PAPERS, 550),
        (DEADLINE, ENGINE | OFFICE | PAPERS, 550),
        (("readings", "12"), ENGINE | OFFICE | PAPERS, 550),
        (("cases", "--help"), ENGINE | PAPERS | CASES, 560),
        (("inbox", "--help"), ENGINE | PAPERS | CASES, 560),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, tuple) else "",
)
def test_a_command_imports_what_it_needs(
    arguments: tuple[str, ...], needless: set[str], most: int
) -> None:
    modules = imported(*arguments)

    assert needless & (modules | {name.partition(".")[0] for name in modules}) == set()
    assert len(modules) < most


def test_the_help_lists_what_there_is() -> None:
    listed = {
        (item.module, name) for section in SECTIONS.values() for name, item in section.items()
    }
    there = {
        (module, command.name)
        for module in modules_with_commands()
        for command in import_module(module).commands
    }
    assert listed == there
    assert list(zhiping.commands) == [name for section in SECTIONS.values() for name in section]


def modules_with_commands() -> set[str]:
    """The modules of `starter` that have ``commands`` of their own at their top."""
    found = set()
    for file in (ROOT / "starter").rglob("*.py"):
        targets = [
            node.target
            for node in ast.parse(file.read_text(encoding="utf-8")).body
            if isinstance(node, ast.AnnAssign)
        ]
        if any(isinstance(target, ast.Name) and target.id == "commands" for target in targets):
            found.add(".".join(file.relative_to(ROOT).with_suffix("").parts))
    return found


def test_a_command_that_is_not_asked_for_is_not_imported() -> None:
    assert "starter.deadlines" not in imported("--help")


def test_nothing_outside_the_console_imports_it() -> None:
    """It is started as a program of its own; what both faces need stands in `starter/desk`."""
    console = ROOT / "starter" / "console"
    files = [file for file in (ROOT / "starter").rglob("*.py") if console not in file.parents]
    assert files
    for file in files:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        named = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        named += [
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        ]
        assert not [name for name in named if name.startswith("starter.console")], file
