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
ALL = ENGINE | OFFICE - {"asyncio"} | PAPERS | {"pydantic_core", "rich"}
EXPLAINED = {"act", "readings"}
"""Their help lists what there is: the acts, and how a reading is named."""

WHAT_RUNS = """
import sys
from starter.cli import main
from starter.later import waits
try:
    main()
finally:
    sys.stderr.write("\\n".join(name for name, it in sys.modules.items() if not waits(it)))
"""


ALL_HELP = """
import sys
from starter.cli import zhiping
from starter.later import waits
for name in {names}:
    try:
        zhiping([name, "--help"], prog_name="zhiping")
    except SystemExit as left:
        assert not left.code
sys.stderr.write("\\n".join(name for name, it in sys.modules.items() if not waits(it)))
"""


def imported(*arguments: str, code: str = WHAT_RUNS) -> set[str]:
    """The modules a fresh process has run after one command."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", code, *arguments],
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
        (("--help",), ALL, 190),
        (("--version",), ALL, 210),
        (("cases", "--help"), ALL, 190),
        (("deadline", "--help"), ALL, 190),
        (("act", "--help"), ENGINE | OFFICE | PAPERS, 420),
        (DEADLINE, ENGINE | OFFICE | PAPERS, 380),
        (("readings", "12"), ENGINE | OFFICE | PAPERS, 380),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, tuple) else "",
)
def test_a_command_imports_what_it_needs(
    arguments: tuple[str, ...], needless: set[str], most: int
) -> None:
    modules = imported(*arguments)

    assert needless & (modules | {name.partition(".")[0] for name in modules}) == set()
    assert len(modules) < most


def test_no_help_imports_what_carries_a_command_out() -> None:
    """Of all commands in one process: what one imported for its help, the next ones have too."""
    asked = [name for section in SECTIONS.values() for name in section if name not in EXPLAINED]
    modules = imported(code=ALL_HELP.format(names=asked))

    assert ALL & (modules | {name.partition(".")[0] for name in modules}) == set()
    assert len(modules) < 280


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
