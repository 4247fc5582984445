"""Reading the files people write (TOML or JSON), with errors that name the key, in Chinese.

A wrong value is never repeated in an error: a submission holds ID numbers.
"""

from __future__ import annotations

import codecs
import difflib
import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.file_kinds import is_workbook
from config.places import Key, places_of
from workflows.rules import people
from workflows.rules.addresses import ADDRESS_UNUSABLE, WORDS, AddressFault
from workflows.rules.days import BARE_NUMBER, OUTSIDE_CALENDARS, WRONG_WEEKDAY
from workflows.rules.refusals import MOST_REASONS
from workflows.rules.text import PRIVATE_CHARACTER, UNSAFE_NUMBER, UNSAFE_TEXT, shown

M = TypeVar("M", bound=BaseModel)

MOST_BYTES = 20 * 1024 * 1024
"""More than any file that people write by hand or a bank exports."""

_LONG_NUMBER = re.compile(r"\d{1000,}")
_TOML_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")


class FileError(Exception):
    """A file cannot be used; `problems` are Chinese sentences, each naming line and key.

    As many as somebody mends at once, and how many more there are: a file of another kind is wrong on
    every line. `where` is the file, or what was read in its place (`--with`).
    """

    code = "malformed_file"
    """What a program reads; of what is stated otherwise than in a file, another."""

    def __init__(self, path: Path | str, problems: list[str]) -> None:
        self.where = str(path)
        self.problems = problems[:MOST_REASONS]
        if more := len(problems[MOST_REASONS:]):
            self.problems.append(f"另有 {more} 处问题没有列出，请先改正以上各处")
        super().__init__(f"{path}：" + "；".join(self.problems))


class FileTable(dict[str, Any]):
    """The top-level table of a file, which knows where in the file each key stands."""

    def __init__(self, table: Mapping[str, Any], text: str) -> None:
        super().__init__(table)
        self._text = text
        self._places: dict[Key, int] | None = None

    def line_of(self, key: Sequence[str | int], over: Key = ()) -> int | None:
        """The line of a key, or of the table it is missing from; None where there is none.

        Args:
            over: a table of the file that was laid over the rest, so that its keys come first.
        """
        if self._places is None:
            self._places = places_of(self._text)
        for length in range(len(key), 0, -1):
            for way in {(*over, *key[:length]): None, tuple(key[:length]): None}:
                if way in self._places:
                    return self._places[way]
        return None


LineOf = Callable[[Sequence[str | int]], int | None]


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """The content of a file that somebody hands in; a device or an endless pipe ends at `most`.

    Raises:
        FileError: it is missing, cannot be read, or is larger.
    """
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except FileNotFoundError:
        raise FileError(path, ["文件不存在"]) from None
    except IsADirectoryError:
        raise FileError(path, ["是一个文件夹，应为文件"]) from None
    except OSError:
        raise FileError(path, ["文件无法读取，请核对读取权限"]) from None
    if len(content) > most:
        raise FileError(path, [f"文件超过 {most // 1024 // 1024} MB"])
    return content


def read_text(path: Path) -> str:
    """A text file as editors save it: UTF-8 with or without a BOM, or UTF-16 with one.

    GBK is refused here, not guessed: of a table the heading shows whether the guess was right, of
    other texts nothing does, and a wrong guess makes other names.

    Raises:
        FileError: as `read_bytes`, or it is none of these.
    """
    content = read_bytes(path)
    if is_workbook(content):
        raise FileError(
            path, ["是表格文件（工作簿），这里应为文本文件（TOML 或者 JSON），请核对文件名"]
        )
    encoding = (
        "utf-16" if content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"
    )
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as err:
        line = content.count(b"\n", 0, err.start) + 1
        told = f"第 {line} 行：不是 UTF-8 文本（可能是 GBK），请用编辑器另存为 UTF-8 编码"
        raise FileError(path, [told]) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_table(path: Path) -> FileTable:
    """The top-level table of a TOML or JSON file (by its suffix).

    Raises:
        FileError: as `read_text`, or the file is not in its format.
    """
    text = read_text(path)
    if path.suffix.lower() == ".json":
        return FileTable(json_table(text, path), text)
    try:
        return FileTable(tomllib.loads(text), text)
    except RecursionError:
        raise FileError(path, ["层次过深"]) from None
    except tomllib.TOMLDecodeError as err:
        told = f"不是正确的 TOML：{_place_in_toml(str(err), text)}"
        if text.lstrip().startswith("{"):
            told += "；内容像是 JSON，请把文件名的后缀改为 .json"
        raise FileError(path, [told]) from None
    except ValueError:
        raise FileError(path, [_number_too_long(text)]) from None


def json_table(text: str, where: Path | str) -> dict[str, Any]:
    """A JSON object; a key written twice, NaN and a number of thousands of digits are refused.

    Raises:
        FileError: it is none.
    """
    try:
        table = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except RecursionError:
        raise FileError(where, ["层次过深"]) from None
    except json.JSONDecodeError as err:
        problem = f"不是正确的 JSON：第 {err.lineno} 行第 {err.colno} 列"
        raise FileError(where, [problem + _because(text, err.lineno, err.colno)]) from None
    except _TwiceError as err:
        raise FileError(where, [f"{shown(str(err))}：同一个键写了两次"]) from None
    except _NoNumberError:
        raise FileError(where, ["不是正确的 JSON：NaN、Infinity 不是数字"]) from None
    except ValueError:
        raise FileError(where, [_number_too_long(text)]) from None
    if not isinstance(table, dict):
        raise FileError(where, ["最外层应为一个表（对象）"])
    return table


class _TwiceError(ValueError):
    """A key stands twice in one object; the last would win unseen."""


class _NoNumberError(ValueError):
    """NaN or an infinity, which JSON does not have."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        counted = Counter(name for name, _ in pairs)
        raise _TwiceError(next(name for name, count in counted.items() if count > 1))
    return table


def _no_constant(name: str) -> float:
    raise _NoNumberError(name)


def _number_too_long(text: str) -> str:
    """The readers refuse numbers of thousands of digits without saying where they stand."""
    if found := _LONG_NUMBER.search(text):
        return f"第 {text.count(chr(10), 0, found.start()) + 1} 行：数字过长"
    return "有一个数值不能采用"


def _place_in_toml(told: str, text: str) -> str:
    """Where the reader stopped; what it says besides is English and about its own grammar."""
    if found := _TOML_PLACE.search(told):
        place = f"第 {found[1]} 行第 {found[2]} 列"
        if because := _because(text, int(found[1]), int(found[2])):
            return place + because
        return f"{place}附近写法有误，请核对引号、括号、等号，以及同一个键是否写了两次"
    last = text.rstrip("\n").count("\n") + 1
    return f"第 {last} 行（文件末尾）不完整或者写法有误，请核对引号、括号是否成对，以及同一个键是否写了两次"


def _because(text: str, line: int, column: int) -> str:
    """Where the reader stopped at a sign that a Chinese keyboard writes: which, and the right one."""
    before = text.split("\n")[line - 1][max(column - 2, 0) : column]
    for char in reversed(before):
        if char in _OF_A_CHINESE_KEYBOARD:
            meant = _OF_A_CHINESE_KEYBOARD[char]
            return f"：{char} 是中文标点，应改为英文半角的 {meant}"
        if char.isspace() and char not in " \t":
            return "：全角或者特殊的空格应改为普通空格"
    return ""


_OF_A_CHINESE_KEYBOARD = {
    **dict.fromkeys("“”＂„", '"'),
    **dict.fromkeys("‘’＇", "'"),
    "，": ",", "、": ",", "：": ":", "；": ";", "＝": "=", "｛": "{", "｝": "}",
    "［": "[", "］": "]", "【": "[", "】": "]", "＃": "#", "。": ".", "．": ".",
}  # fmt: skip
"""Signs that look like those of TOML and JSON."""


def parse(
    model: type[M], table: Mapping[str, Any], path: Path | str, lines: LineOf | None = None
) -> M:
    """Build a model from a table; unknown keys are refused at every depth, with a suggestion.

    Args:
        lines: where the keys stand, for a table that was made from a file's.

    Raises:
        FileError: naming each key that is missing, unknown or wrong, and its line in a file.
    """
    if lines is None and isinstance(table, FileTable):
        lines = table.line_of
    try:
        value = model.model_validate(dict(table))
    except ValidationError as err:
        raise FileError(path, explain(err, lines)) from None
    unknown = _unknown(table, value.model_dump(mode="json", by_alias=True), ())
    if unknown:
        raise FileError(path, [_at(key, sentence, lines) for key, sentence in unknown])
    return value


def explain(err: ValidationError, lines: LineOf | None = None) -> list[str]:
    """Each error of a model as `key：what is wrong`, without the value; with lines where known."""
    return [
        _at(detail["loc"], _sentence(str(detail["type"]), detail.get("ctx", {})), lines)
        for detail in details_of(err)
    ]


def details_of(err: ValidationError, *, inputs: bool = False) -> list[ErrorDetails]:
    """The errors of a model that `explain` tells, one for each of its sentences.

    Args:
        inputs: with the values, where they may be shown.
    """
    details = err.errors(include_input=inputs, include_url=False)
    return [detail for detail in details if not _only_for_its_parts(detail, details)]


def _only_for_its_parts(detail: ErrorDetails, details: Sequence[ErrorDetails]) -> bool:
    """A list counted short because those of its parts that are wrong were not counted."""
    at = detail["loc"]
    inside = (other["loc"] for other in details if len(other["loc"]) > len(at))
    return detail["type"] == "too_short" and any(place[: len(at)] == at for place in inside)


class Problem(NamedTuple):
    """What is wrong with a file that can be read, and the key it is about."""

    key: Key
    sentence: str

    def placed(self, lines: LineOf) -> str:
        """The sentence with its line."""
        line = lines(self.key)
        return f"第 {line} 行 {self.sentence}" if line is not None else self.sentence


def _at(key: Sequence[str | int], sentence: str, lines: LineOf | None) -> str:
    line = lines(key) if lines is not None else None
    where = f"第 {line} 行 " if line is not None else ""
    return f"{where}{_written(key)}：{sentence}"


def _written(location: Sequence[str | int]) -> str:
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
    WRONG_WEEKDAY: "日期与所写的星期不符，请核对其中哪一个写错了",
    people.BAD_NAME: "不是一个人的姓名：应至少有一个文字，一栏只写一人，不知道的留空",
    people.BAD_ID_CARD: "身份证号码应为 18 位且校验码正确",
    people.OLD_ID_CARD: "15 位的身份证号码已经停用，应写现在的 18 位号码",
    people.BAD_BIRTH: "身份证号码中的出生日期不存在",
    people.BAD_PERMIT: "不是证件号码，应由字母和数字组成，至少 5 位、其中数字至少 4 位",
    people.BAD_PHONE: "不是电话号码，应写作 023-60332622、13800000000，分机写作 023-60332622转8012，几个号码之间用顿号",
    people.BORN_TOO_LATE: "出生日期晚于可能的日期：取得现职称和签署承诺时须年满 16 周岁",
    "greater_than": "数值过小",
    "less_than": "数值过大",
    "finite_number": "应为有限的数",
    "string_pattern_mismatch": "写法不符合要求，只能用规定的字符",
    "missing": "缺少这一项",
    "extra_forbidden": "没有这个键",
    "datetime": "不是日期时间，应写作 2023-10-07T09:00:00+08:00",
    "date": "不是日期，应写作 2023-10-07",
    "bool": "应为 true 或 false",
    "int": "应为整数",
    "float": "应为数字",
    "string_too_short": "不能为空",
    "too_short": "不能为空",
    "too_long": "过长",
    "string": "应为文字，格式见说明",
    "tuple": "应为列表",
    "list": "应为列表",
    "dict": "应为表",
    "model": "应为表",
}


def _unknown(given: Any, understood: Any, key: Key) -> list[tuple[Key, str]]:
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
            for problem in _unknown(left, right, (*key, index))
        ]
    return []


def _unknown_key(
    name: str, value: Any, understood: dict[str, Any], key: Key
) -> list[tuple[Key, str]]:
    full = (*key, name)
    if name in understood:
        return _unknown(value, understood[name], full)
    near = difflib.get_close_matches(name, understood, n=1)
    return [(full, "没有这个键" + (f"，是否应为 {near[0]}" if near else ""))]
