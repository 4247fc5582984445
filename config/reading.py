"""Reading the files people write (TOML or JSON), with errors that name the key, in Chinese.

A wrong value is never repeated in an error: a submission holds ID numbers.
"""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from workflows.rules import people
from workflows.rules.addresses import ADDRESS_UNUSABLE, WORDS, AddressFault
from workflows.rules.days import BARE_NUMBER, OUTSIDE_CALENDARS
from workflows.rules.text import PRIVATE_CHARACTER, UNSAFE_NUMBER, UNSAFE_TEXT

M = TypeVar("M", bound=BaseModel)

_TOML_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")


class FileError(Exception):
    """A file cannot be used; `problems` are Chinese sentences, each naming the key it is about."""

    def __init__(self, path: Path | str, problems: list[str]) -> None:
        super().__init__(f"{path}：" + "；".join(problems))
        self.problems = problems


def read_table(path: Path) -> dict[str, Any]:
    """The top-level table of a TOML or JSON file (by its suffix).

    Raises:
        FileError: the file is missing, not UTF-8, or not in its format.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FileError(path, ["文件不存在"]) from None
    except (OSError, UnicodeDecodeError):
        raise FileError(path, ["文件无法读取，应为 UTF-8 文本"]) from None
    try:
        table = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except RecursionError:
        raise FileError(path, ["层次过深"]) from None
    except json.JSONDecodeError as err:
        problem = f"不是正确的 JSON：第 {err.lineno} 行第 {err.colno} 列"
        raise FileError(path, [problem]) from None
    except tomllib.TOMLDecodeError as err:
        raise FileError(path, [f"不是正确的 TOML：{_place_in_toml(str(err))}"]) from None
    if not isinstance(table, dict):
        raise FileError(path, ["最外层应为一个表（对象）"])
    return table


def _place_in_toml(told: str) -> str:
    """Where the reader stopped; what it says besides is English and about its own grammar."""
    if found := _TOML_PLACE.search(told):
        return f"第 {found[1]} 行第 {found[2]} 列附近写法有误，请核对引号、括号、等号，以及同一个键是否写了两次"
    return "文件末尾不完整，请核对引号和括号是否成对"


def parse(model: type[M], table: Mapping[str, Any], path: Path | str) -> M:
    """Build a model from a table; unknown keys are refused at every depth, with a suggestion.

    Raises:
        FileError: naming each key that is missing, unknown or wrong.
    """
    try:
        value = model.model_validate(dict(table))
    except ValidationError as err:
        raise FileError(path, explain(err)) from None
    unknown = _unknown(table, value.model_dump(mode="json", by_alias=True), "")
    if unknown:
        raise FileError(path, unknown)
    return value


def explain(err: ValidationError) -> list[str]:
    """Each error of a model as `key：what is wrong`, without the value."""
    return [
        f"{_key(detail['loc'])}：{_sentence(str(detail['type']), detail.get('ctx', {}))}"
        for detail in err.errors(include_input=False, include_url=False)
    ]


def _key(location: tuple[int | str, ...]) -> str:
    key = ""
    for part in location:
        key += f"[{part}]" if isinstance(part, int) else f".{part}" if key else part
    return key or "文件"


def _sentence(kind: str, context: Mapping[str, Any]) -> str:
    if kind in ("enum", "literal_error"):
        choices = str(context["expected"]).replace("'", "").replace(" or ", ", ")
        return "应为 " + choices.replace(", ", "、") + " 之一"
    if kind == ADDRESS_UNUSABLE:
        return f"电子邮箱不能使用：{WORDS[AddressFault(context['fault'])]}"
    if kind == PRIVATE_CHARACTER:
        return (
            f"含有自造字或者私用区的字符：{context['characters']}；"
            "请改用标准字，或者用支持 GB 18030—2022 的输入法重新输入"
        )
    if kind == "value_error":
        return str(context["error"])
    for prefix, sentence in _SENTENCES.items():
        if kind.startswith(prefix):
            return sentence
    return "值不正确"


_SENTENCES = {
    UNSAFE_TEXT: "含有不能采用的字符（控制字符、改变书写方向的字符或者残缺的字符）",
    UNSAFE_NUMBER: "数字过大或者不是有限的数",
    OUTSIDE_CALENDARS: "日期的年份不能采用",
    BARE_NUMBER: "不能只写数字，日期应写作 2023-10-07，日期时间应写作 2023-10-07T09:00:00+08:00",
    people.BAD_NAME: "不是姓名，应至少有一个文字",
    people.BAD_ID_CARD: "身份证号码应为 18 位且校验码正确",
    people.BAD_BIRTH: "身份证号码中的出生日期不存在",
    people.BAD_PERMIT: "不是证件号码，应由字母和数字组成，至少 5 位、其中数字至少 4 位",
    people.BAD_PHONE: "不是电话号码，应写作 023-60332622、13800000000，分机写作 023-60332622转8012，几个号码之间用顿号",
    people.BORN_TOO_LATE: "出生日期晚于可能的日期：取得现职称和签署承诺时须年满 16 周岁",
    "missing": "缺少这一项",
    "extra_forbidden": "没有这个键",
    "datetime": "不是日期时间，应写作 2023-10-07T09:00:00+08:00",
    "date": "不是日期，应写作 2023-10-07",
    "bool": "应为 true 或 false",
    "int": "应为整数",
    "string_too_short": "不能为空",
    "too_short": "不能为空",
    "too_long": "过长",
    "string": "应为文字，格式见说明",
    "tuple": "应为列表",
    "list": "应为列表",
    "dict": "应为表",
    "model": "应为表",
}


def _unknown(given: Any, understood: Any, key: str) -> list[str]:
    """Keys that were given and not understood: the models of the core pass over unknown fields."""
    if isinstance(given, Mapping) and isinstance(understood, dict):
        return [
            problem
            for name, value in given.items()
            for problem in _unknown_key(str(name), value, understood, key)
        ]
    if isinstance(given, (list, tuple)) and isinstance(understood, list):
        return [
            problem
            for index, (left, right) in enumerate(zip(given, understood, strict=False))
            for problem in _unknown(left, right, f"{key}[{index}]")
        ]
    return []


def _unknown_key(name: str, value: Any, understood: dict[str, Any], key: str) -> list[str]:
    full = f"{key}.{name}" if key else name
    if name in understood:
        return _unknown(value, understood[name], full)
    near = difflib.get_close_matches(name, understood, n=1)
    return [f"{full}：没有这个键" + (f"，是否应为 {near[0]}" if near else "")]
