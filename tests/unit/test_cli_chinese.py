"""Everything the command line says is Chinese: click's own words and every command's help."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from starter.chinese import FOR_PROGRAMMERS, SENTENCES, width
from starter.cli import zhiping

CLICK = Path(click.__file__).parent
NOT_SHOWN = {"_termui_impl.py", "_winconsole.py", "shell_completion.py"}
"""Editors, the Windows console and the completion scripts: nothing of ours reaches them."""

ENGLISH = re.compile(
    r"\b(usage|options|commands?|arguments?|text|integer|path|filename|error|missing|required"
    r"|default|show this|try|invalid|did you mean)\b",
    re.IGNORECASE,
)
OUR_NAMES = re.compile(r"--[\w-]+|\{[^}]*\}|zhiping[ \w-]*|\b[a-z]+_[a-z_]+\b|config/\S*")


def messages_of_click() -> set[str]:
    found: set[str] = set()
    for file in CLICK.glob("*.py"):
        if file.name in NOT_SHOWN:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                count = {"_": 1, "ngettext": 2}.get(node.func.id, 0)
                found |= {
                    part.value
                    for part in node.args[:count]
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                }
    return found


def all_commands(
    command: click.Command = zhiping, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from all_commands(below, (*path, name))


def test_every_message_of_click_has_its_chinese() -> None:
    assert messages_of_click() - SENTENCES.keys() - FOR_PROGRAMMERS == set()


def test_no_translation_loses_a_value() -> None:
    for english, chinese in SENTENCES.items():
        told = set(re.findall(r"\{(\w+)", chinese))
        assert told <= set(re.findall(r"\{(\w+)", english)), english


@pytest.mark.parametrize("path", list(all_commands()), ids=" ".join)
def test_help_is_chinese(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(zhiping, [*path, "--help"])
    assert result.exit_code == 0, result.output
    said = OUR_NAMES.sub("", result.output)
    assert not ENGLISH.findall(said), result.output
    assert result.output.startswith("用法：")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing"], "没有命令 nothing"),
        (["show"], "缺少参数"),
        (["show", "x", "--colour"], "没有选项 --colour"),
        (["deadline", "recheck", "--campaign", "bd-2023", "--from", "soon"], "不是日期"),
        (["act", "x", "approve"], "缺少选项 '--as'"),
        (["act", "x", "approve", "--as", "liu"], "写法不正确"),
        (["act", "x", "approve", "--as", "a@b", "--at", "2023-10-12"], "不是时间"),
        (["submit", "/nowhere.toml", "--campaign", "bd-2023"], "不存在"),
        (["cases", "--limit", "many"], "不是数字"),
    ],
)
def test_a_wrong_call_is_told_in_chinese_and_leaves_with_2(
    arguments: list[str], words: str
) -> None:
    result = CliRunner().invoke(zhiping, arguments)
    assert result.exit_code == 2
    assert words in result.output
    assert "Error" not in result.output


def test_the_version_is_told_even_from_a_checkout() -> None:
    result = CliRunner().invoke(zhiping, ["--version"])
    assert result.exit_code == 0
    assert result.output.startswith("职评，版本")


def test_chinese_characters_take_two_columns() -> None:
    assert width("--as 人员") == len("--as ") + 4
