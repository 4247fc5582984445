"""Files that people write by hand: taken as editors save them; an error names line and key (point 8)."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from config.campaign_files import CAMPAIGNS
from config.committee_files import COMMITTEES
from config.committee_files import read as read_committee
from config.directory_files import DIRECTORY
from config.directory_files import read as read_directory
from config.operator_files import OPERATORS
from config.operator_files import read as read_operators
from config.places import places_of
from config.reading import FileError, read_table, read_text
from config.settings import Settings, SettingsError
from config.submission_files import SAMPLES, from_table
from config.submission_files import read as read_submission
from starter.cli import zhiping
from starter.payloads import stated_in

SAMPLE = SAMPLES / "city_unit.toml"
SHIPPED = sorted(
    path
    for folder in (SAMPLES, DIRECTORY, COMMITTEES, CAMPAIGNS, OPERATORS.parent)
    for path in folder.glob("*.toml")
)


def problems(path: Path) -> list[str]:
    with pytest.raises(FileError) as caught:
        read_submission(path, "bd-2023")
    return caught.value.problems


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("breaks", ["\n", "\r\n", "\r"])
def test_a_file_is_taken_as_an_editor_saves_it(tmp_path: Path, encoding: str, breaks: str) -> None:
    file = tmp_path / "a.toml"
    file.write_bytes(SAMPLE.read_text("utf-8").replace("\n", breaks).encode(encoding))

    assert read_submission(file, "bd-2023") == read_submission(SAMPLE, "bd-2023")


def test_json_with_a_bom_is_taken(tmp_path: Path) -> None:
    table = read_submission(SAMPLE, "bd-2023").model_dump(mode="json")
    file = tmp_path / "a.JSON"
    file.write_text(json.dumps(table, ensure_ascii=False), "utf-8-sig")

    assert read_submission(file, "bd-2023") == from_table(table)


def test_gbk_is_refused_with_its_line_and_what_to_do(tmp_path: Path) -> None:
    """A wrong guess would make other names, and nothing in the file would show it."""
    file = tmp_path / "a.toml"
    file.write_bytes(SAMPLE.read_text("utf-8").encode("gb18030"))

    (problem,) = problems(file)

    assert problem.startswith("第 1 行：")
    assert "另存为 UTF-8" in problem


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('phone = "023-00009001"', 'phone = "无"', "第 8 行 identity.phone：不是电话号码"),
        ('name = "张三（示例）"\n', "", "第 5 行 identity.name：缺少这一项"),
        ('level = "mid"', 'level = "中级"', "第 23 行 facts.current_title.level：应为"),
        (
            'kind = "patent"',
            'kind = "patent"\nproof = 1',
            "第 44 行 facts.achievements[1].proof：没有这个键",
        ),
        ("works_in_city = true", "works_in_town = true", "第 28 行 facts.residency.works_in_town"),
        ('profession = "大数据智能化"', "profession = 7", "第 61 行 facts.profession：应为文字"),
    ],
)
def test_an_error_names_line_and_key(tmp_path: Path, old: str, new: str, problem: str) -> None:
    text = SAMPLE.read_text("utf-8")
    assert text.count(old) == 1
    file = tmp_path / "a.toml"
    file.write_text(text.replace(old, new), "utf-8-sig")

    found = problems(file)

    assert len(found) == 1
    assert found[0].startswith(problem)


def test_an_error_in_json_names_its_line_too(tmp_path: Path) -> None:
    table = read_submission(SAMPLE, "bd-2023").model_dump(mode="json")
    table["identity"]["phone"] = "无"
    file = tmp_path / "a.json"
    file.write_text(json.dumps(table, ensure_ascii=False, indent=1), "utf-8")
    line = next(
        number for number, text in enumerate(file.read_text("utf-8").split("\n"), 1) if "无" in text
    )

    assert problems(file)[0].startswith(f"第 {line} 行 identity.phone：")


def test_directories_committees_and_operators_name_lines(tmp_path: Path) -> None:
    for source, read, old in (
        (DIRECTORY / "chongqing.toml", read_directory, 'level = "city"'),
        (COMMITTEES / "bd-2023.toml", read_committee, 'name = "'),
        (OPERATORS, read_operators, 'name = "'),
    ):
        text = source.read_text("utf-8")
        line = text.count("\n", 0, text.index(old)) + 1
        file = tmp_path / source.name
        file.write_text(text.replace(old, "name = 1 #" if "name" in old else "level = 1 #", 1))

        with pytest.raises(FileError) as caught:
            read(file)

        assert caught.value.problems[0].startswith(f"第 {line} 行 ")


def _keys(value: Any, way: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    inner: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    found = {way} if way else set()
    return found.union(*(_keys(part, (*way, name)) for name, part in inner))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_key_of_a_shipped_file_has_its_line(path: Path) -> None:
    text = read_text(path)
    places = places_of(text)
    lines = text.split("\n")

    keys = _keys(tomllib.loads(text))

    assert not keys - set(places)
    for key in keys:
        if isinstance(key[-1], str):
            assert key[-1] in lines[places[key] - 1]


@pytest.mark.parametrize(
    "text",
    [
        'a = "x = 1\\" # ] }"\nb = 1',
        'a = """\nx = 1\n"""\nb = 1',
        "a = '''\nb = 2\n'''\nb = 1",
        'a = { "x.y" = [1, { z = 2 }] }\nb = 1',
        "a = [ # one\n  [1, 2], # two\n  [3]\n]\nb = 1",
        '[[t]]\n[t.u]\nv = 1\n[[t]]\n[t.u]\nv = 2\n[c]\n"b c".d = 1',
        "a.b.c = 1\n[a.d]\nb = 1",
    ],
)
def test_every_key_of_any_form_has_a_line(text: str) -> None:
    table = tomllib.loads(text)

    assert not _keys(table) - set(places_of(text))
    as_json = json.dumps(table, indent=1)
    assert not _keys(table) - set(places_of(as_json))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.toml", "a = 1\nb = " + "9" * 5000, "第 2 行：数字过长"),
        ("a.json", '{\n"a": ' + "9" * 5000 + "}", "第 2 行：数字过长"),
        ("a.json", '{"a": 1, "a": 2}', "a：同一个键写了两次"),
        ("a.json", '{"a": NaN}', "NaN"),
        ("a.toml", '{"a": 1}', "后缀改为 .json"),
        ("a.toml", "a = 1\na = 2", "第 2 行"),
        ("a.toml", "a = 2023-13-45", "第 1 行"),
        ("a.toml", "\x00", "第 1 行"),
        ("a.toml", "a = " + "[" * 100_000, "层次过深"),
    ],
)
def test_what_no_reader_takes_is_told_in_chinese(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    file = tmp_path / name
    file.write_text(text, "utf-8")

    with pytest.raises(FileError, match=said):
        read_table(file)


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="文件夹"):
        read_table(tmp_path)
    with pytest.raises(FileError, match="不存在"):
        read_table(tmp_path / "none.toml")
    with pytest.raises(FileError, match="超过 20 MB"):
        read_table(Path("/dev/zero"))


def test_a_payload_on_the_command_line_is_read_the_same_way() -> None:
    for text in ('{"a": ' + "9" * 5000 + "}", '{"a": 1, "a": 2}', "[]", "[" * 100_000):
        with pytest.raises(FileError):
            stated_in(text)


def test_settings_with_a_bom_are_taken_and_an_error_names_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "settings.toml"
    monkeypatch.setenv("ZHIPING_CONFIG", str(file))
    file.write_text("x = ", "utf-8-sig")

    with pytest.raises(SettingsError, match="第 1 行"):
        Settings.load()


def test_the_command_line_names_file_line_and_key(tmp_path: Path) -> None:
    file = tmp_path / "材料.toml"
    file.write_text(SAMPLE.read_text("utf-8").replace("023-00009001", "--------"), "utf-8")

    answer = CliRunner().invoke(zhiping, ["check", str(file), "--campaign", "bd-2023", "--offline"])

    assert answer.exit_code == 3
    assert "材料.toml：第 8 行 identity.phone：不是电话号码" in answer.output


@pytest.mark.parametrize(
    ("source", "old", "new", "said"),
    [
        (
            DIRECTORY / "chongqing.toml",
            'superior = "city-industry-department"',
            'superior = "nobody"',
            "上级 nobody 不在名录中（superior）",
        ),
        (
            COMMITTEES / "bd-2023.toml",
            "term_to = 2025-06-19",
            "term_to = 2020-06-19",
            "任期的截止日早于起始日（term_to",
        ),
    ],
)
def test_what_does_not_fit_together_is_told_with_its_line(
    tmp_path: Path, source: Path, old: str, new: str, said: str
) -> None:
    text = source.read_text("utf-8")
    assert old in text
    line = text.count("\n", 0, text.index(old)) + 1
    file = tmp_path / "a.toml"
    file.write_text(text.replace(old, new, 1), "utf-8")
    what = "directory" if source.parent == DIRECTORY else "committee"

    answer = CliRunner().invoke(zhiping, [what, "lint", str(file)])

    assert answer.exit_code == 3
    assert f"a.toml：第 {line} 行 " in answer.output
    assert said in answer.output.replace("\n", "")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.toml", "a = “x”\n", '第 1 行第 5 列：“ 是中文标点，应改为英文半角的 "'),
        ("a.toml", "b = 1\na ＝ 1\n", "第 2 行第 3 列：＝ 是中文标点，应改为英文半角的 ="),
        ("a.toml", "a = [1，2]\n", "第 1 行第 7 列：， 是中文标点，应改为英文半角的 ,"),
        ("a.toml", "a = 【1】\n", "第 1 行第 5 列：【 是中文标点，应改为英文半角的 ["),
        ("a.toml", "a\u3000= 1\n", "第 1 行第 2 列：全角或者特殊的空格应改为普通空格"),
        ("a.json", '{"a"：1}', "第 1 行第 5 列：： 是中文标点，应改为英文半角的 :"),
        ("a.json", '{"a":1，"b":2}', "第 1 行第 7 列：， 是中文标点，应改为英文半角的 ,"),
    ],
)
def test_a_sign_of_a_chinese_keyboard_is_named(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    """“第 1 行第 5 列附近写法有误” said nothing to somebody who sees a quotation mark there."""
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    with pytest.raises(FileError) as refused:
        read_table(file)
    assert refused.value.problems[0].endswith(told)
