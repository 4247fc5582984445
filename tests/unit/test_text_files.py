"""Every text file is read and written as UTF-8, whatever the machine's locale would take it for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("workflows", "activities", "workers", "starter", "config")
TEXT_METHODS = {"read_text": 0, "write_text": 1}
"""Path's methods for text, with the place of the encoding among their arguments."""


def unspecified(tree: ast.AST) -> Iterator[int]:
    """Lines of calls that would take the locale's encoding."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or any(item.arg == "encoding" for item in call.keywords):
            continue
        match call.func:
            case ast.Attribute(attr=name) if name in TEXT_METHODS:
                if len(call.args) <= TEXT_METHODS[name]:
                    yield call.lineno
            case ast.Attribute(value=ast.Name(id="os"), attr="fdopen") | ast.Name(id="open"):
                if "b" not in mode_of(call, 1):
                    yield call.lineno
            case ast.Attribute(value=owner, attr="open") if not _is_other(owner):
                if "b" not in mode_of(call, 0):
                    yield call.lineno


def mode_of(call: ast.Call, place: int) -> str:
    stated = [item.value for item in call.keywords if item.arg == "mode"] + call.args[place:][:1]
    return str(stated[0].value) if stated and isinstance(stated[0], ast.Constant) else ""


def _is_other(owner: ast.expr) -> bool:
    """`open` of something that is no path: a seal, an archive, a connection, the operating system."""
    words = ast.unparse(owner)
    return (
        words in ("os", "self", "carrier", "house.sessions", "tarfile")
        or "identity" in words.lower()
        or "Image" in words
    )


def test_no_text_file_is_read_as_the_locale_has_it() -> None:
    """In a GBK or POSIX locale the stack did not start: its settings are in UTF-8."""
    found = [
        f"{file.relative_to(ROOT)}:{line}"
        for room in ROOMS
        for file in sorted((ROOT / room).rglob("*.py"))
        for line in unspecified(ast.parse(file.read_text(encoding="utf-8")))
    ]
    assert found == []


def test_the_look_finds_what_it_looks_for() -> None:
    source = "p.read_text()\np.open()\nopen(p)\np.write_text('x')\np.open('rb')\nopen(p, 'wb')\n"
    assert list(unspecified(ast.parse(source))) == [1, 2, 3, 4]
