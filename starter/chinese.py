"""Click's own words in Chinese: headings of the help, and what it says of a wrong call.

Click asks `gettext`, whose catalogue depends on the machine's locale; a clerk's terminal must be
Chinese on any. So its lookups are answered from the table here. A test compares the table with the
messages in click's sources, so that a new version cannot bring an English sentence unseen.
"""

from __future__ import annotations

import unicodedata

import click
from click import (
    _textwrap,
    core,
    decorators,
    exceptions,
    formatting,
    parser,
    termui,
    types,
    utils,
)

from starter.lazy import below

SENTENCES = {
    "Usage:": "用法：",
    "Options": "选项",
    "Commands": "命令",
    "Positional arguments": "参数",
    "Show this message and exit.": "显示本说明。",
    "Show the version and exit.": "显示版本。",
    "%(prog)s, version %(version)s": "%(prog)s，版本 %(version)s",
    "required": "必填",
    "default: {default}": "默认：{default}",
    "env var: {var}": "环境变量：{var}",
    "(dynamic)": "（按情况）",
    "deprecated": "已停用",
    "Aborted!": "已中止。",
    "Error: {message}": "错误：{message}",
    "Try '{command} {option}' for help.": "说明见：{command} {option}",
    "Got unexpected extra argument ({args})": "多出的参数：{args}",
    "Got unexpected extra arguments ({args})": "多出的参数：{args}",
    "DeprecationWarning: The command {name!r} is deprecated.{extra_message}": (
        "提示：命令 {name} 已停用。{extra_message}"
    ),
    "DeprecationWarning: The {param_type} {name!r} is deprecated.{extra_message}": (
        "提示：{name} 已停用。{extra_message}"
    ),
    "Missing command.": "缺少命令。",
    "Missing argument": "缺少参数",
    "Missing option": "缺少选项",
    "Missing parameter": "缺少参数",
    "Missing parameter: {param_name}": "缺少参数：{param_name}",
    "Missing {param_type}": "缺少 {param_type}",
    "Invalid value: {message}": "值不正确：{message}",
    "Invalid value for {param_hint}: {message}": "{param_hint} 的值不正确：{message}",
    "Did you mean {possibility}?": "是否应为 {possibility}？",
    "(Did you mean one of: {possibilities}?)": "（是否应为 {possibilities} 之一？）",
    "No such option {name!r}.": "没有选项 {name}。",
    "No such command {name!r}.": "没有命令 {name}。",
    "Option {name!r} does not take a value.": "选项 {name} 后不跟值。",
    "Option {name!r} requires an argument.": "选项 {name} 后应有一个值。",
    "Option {name!r} requires {nargs} arguments.": "选项 {name} 后应有 {nargs} 个值。",
    "Argument {name!r} takes {nargs} values.": "参数 {name} 应有 {nargs} 个值。",
    "Takes {nargs} values but 1 was given.": "应有 {nargs} 个值，只有 1 个。",
    "Takes {nargs} values but {len} were given.": "应有 {nargs} 个值，却有 {len} 个。",
    "{len_type} values are required, but {len_value} was given.": (
        "应有 {len_type} 个值，只有 {len_value} 个。"
    ),
    "{len_type} values are required, but {len_value} were given.": (
        "应有 {len_type} 个值，却有 {len_value} 个。"
    ),
    "Value must be an iterable.": "应为列表。",
    "Invalid start character for option ({option})": "选项写法不正确：{option}",
    "Could not open file {filename!r}: {message}": "文件 {filename} 打不开：{message}",
    "unknown error": "原因不明",
    "Choose from:\n\t{choices}": "可选：\n\t{choices}",
    "Choice({choices})": "可选 {choices}",
    "{value!r} is not {choice}.": "应为 {choice}，不是 {value}。",
    "{value!r} is not one of {choices}.": "{value} 不在可选之列：{choices}。",
    "{value!r} does not match the format {format}.": "{value} 不合格式 {format}。",
    "{value!r} does not match the formats {formats}.": "{value} 不合格式 {formats}。",
    "{value!r} is not a valid {number_type}.": "{value} 不是数字。",
    "{value} is not in the range {range}.": "{value} 不在范围 {range} 内。",
    "{value!r} is not a valid boolean. Recognized values: {states}": (
        "{value} 不是是非值，可写 {states}"
    ),
    "{value!r} is not a valid UUID.": "{value} 不是 UUID。",
    "file": "文件",
    "directory": "文件夹",
    "path": "路径",
    "{name} {filename!r} does not exist.": "{name} {filename} 不存在。",
    "{name} {filename!r} is a file.": "{name} {filename} 是文件，应为文件夹。",
    "{name} {filename!r} is a directory.": "{name} {filename} 是文件夹，应为文件。",
    "{name} {filename!r} is not readable.": "{name} {filename} 无权读取。",
    "{name} {filename!r} is not writable.": "{name} {filename} 无权写入。",
    "{name} {filename!r} is not executable.": "{name} {filename} 无权执行。",
    "Do you want to continue?": "继续吗？",
    "Confirm the action without prompting.": "不再询问，直接执行。",
    "Repeat for confirmation": "再输入一次",
    "Error: The two entered values do not match.": "错误：两次输入不一致。",
    "Error: invalid input": "错误：输入不正确。",
    "Press any key to continue...": "按任意键继续……",
}

FOR_PROGRAMMERS = frozenset(
    {
        "Name '{name}' defined twice",
        "Boolean option {decl!r} cannot use the same flag for true/false.",
        "Could not determine name for option with declarations {decls!r}",
        "No options defined but a name was passed ({name})."
        " Did you mean to declare an argument instead? Did"
        " you mean to pass '--{name}'?",
        "Arguments take exactly one parameter declaration, got {length}: {decls}.",
        "Unknown color {colour!r}",
        "Unknown standard stream '{name}'",
    }
)
"""Messages about a wrongly written program; no user can bring them about."""

_METAVARS = {
    "text": "文字",
    "integer": "整数",
    "float": "数",
    "boolean": "是非",
    "uuid": "编号",
    "filename": "文件",
    "integer range": "整数",
    "float range": "数",
    "datetime": "时间",
}

_MODULES = (core, decorators, exceptions, formatting, parser, termui, types, utils)


def _one(message: str) -> str:
    return SENTENCES.get(message, message)


def _one_or_many(one: str, many: str, count: int) -> str:
    return _one(one if count == 1 else many)


def width(text: str) -> int:
    """How many columns a text takes: a Chinese character takes two."""
    plain = click.unstyle(text)
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in plain)


class ChineseHelp(click.HelpFormatter):
    """Help with a full-width colon after each heading."""

    def write_heading(self, heading: str) -> None:
        """Write a heading."""
        self.write(f"{'':>{self.current_indent}}{heading}：\n")


def speak_chinese() -> None:
    """Answer click's lookups from the table, from now on in this process."""
    click.Context.formatter_class = ChineseHelp
    for module in (formatting, _textwrap):
        # Click counts characters; columns of Chinese would not stand under one another.
        setattr(module, "term_len", width)  # noqa: B010 - a module's own name is replaced
    for module in _MODULES:
        for name, answer in (("_", _one), ("ngettext", _one_or_many)):
            if hasattr(module, name):
                setattr(module, name, answer)


def dressed(command: click.Command) -> click.Command:
    """Give a command and all below it Chinese placeholders where their writer set none."""
    if command.options_metavar == "[OPTIONS]":
        command.options_metavar = "[选项]"
    for parameter in command.params:
        if isinstance(parameter.type, click.Path):
            # Click looked it up when the type was made, which may be before it spoke Chinese.
            parameter.type.name = SENTENCES.get(parameter.type.name, parameter.type.name)
        if parameter.metavar is None and isinstance(parameter, click.Option):
            _name_the_value(parameter)
    if isinstance(command, click.Group):
        command.subcommand_metavar = "命令 [参数]…"
    for each in below(command):
        dressed(each)
    return command


def _name_the_value(option: click.Option) -> None:
    if option.is_flag or option.count or isinstance(option.type, click.Choice):
        return
    option.metavar = _METAVARS.get(option.type.name, option.type.name)
