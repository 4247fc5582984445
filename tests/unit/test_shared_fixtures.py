"""What is started once in a process stays one: nobody imports it."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest
from _pytest.fixtures import FixtureFunctionDefinition

TESTS = Path(__file__).resolve().parents[1]
SHARED = sorted(
    f"tests.fixtures.{file.stem}"
    for file in (TESTS / "fixtures").glob("*.py")
    if file.stem != "__init__"
)


def fixtures_of(module: str) -> set[str]:
    """The names of a module that are fixtures."""
    found = vars(importlib.import_module(module))
    return {name for name, item in found.items() if isinstance(item, FixtureFunctionDefinition)}


@pytest.mark.parametrize("module", SHARED)
def test_every_shared_module_has_fixtures_and_is_a_plugin(
    module: str, pytestconfig: pytest.Config
) -> None:
    assert fixtures_of(module)
    assert pytestconfig.pluginmanager.has_plugin(module)


def test_nobody_imports_a_shared_fixture() -> None:
    """Eight files had, and a process of the whole run kept four stacks and as many databases."""
    shared = {module: fixtures_of(module) for module in SHARED}
    imported = [
        f"{file.relative_to(TESTS)}: {name.name}"
        for file in TESTS.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        for name in node.names
        if name.name in shared.get(node.module or "", ())
    ]

    assert imported == []
