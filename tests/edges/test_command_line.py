"""The command line as a clumsy or a hostile person calls it: nothing is done by mistake.

Inputs and why they are tried: tests/edges/README.md, The command line.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO

import click
import pytest
from click.testing import CliRunner, Result

from starter import options
from starter.answers import OF_NO, Exit
from starter.cli import zhiping
from starter.desk.refusing import Door, No, Reason, told_no
from starter.doors import COMMANDS as DOORS
from starter.doors import next_step
from starter.rehearsal.by_hand import Way

ROOT = Path(__file__).resolve().parents[2]
WORDING = ROOT / "activities" / "wording"
LAST_OF_32_BITS = 2**31 - 1
FULL = Path("/dev/full")
full_disk = pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")


def commands(
    group: click.Command = zhiping, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with the words that call it."""
    if not isinstance(group, click.Group):
        yield path, group
        return
    for name, below in group.commands.items():
        yield from commands(below, (*path, name))


COMMANDS = dict(commands())
PARAMETERS = [
    (" ".join(path), parameter)
    for path, command in COMMANDS.items()
    for parameter in command.params
]
TEXT_ARGUMENTS = [
    (path, parameter)
    for path, parameter in PARAMETERS
    if isinstance(parameter, click.Argument)
    and isinstance(parameter.type, click.types.StringParamType)
]
WRITING = sorted(path for path, item in PARAMETERS if isinstance(item.type, options.Out))


def started(
    *arguments: str, stdout: int | IO[bytes], env: Mapping[str, str] | None = None
) -> tuple[int, bytes, bytes]:
    """The program itself, its output where it is told: exit code, output, errors."""
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "starter.cli", *arguments],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdout=stdout,
        stderr=subprocess.PIPE,
    )
    out, err = process.communicate()
    return process.returncode, out or b"", err


@pytest.mark.parametrize(("path", "argument"), TEXT_ARGUMENTS)
@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_reference_is_a_wrong_call(path: str, argument: click.Argument, blank: str) -> None:
    """`act "" file_complaint`, a script's variable that was never set, acted on somebody."""
    arguments = [item for at, item in PARAMETERS if at == path and isinstance(item, click.Argument)]
    given = [blank if item is argument else "1" for item in arguments]
    result = CliRunner().invoke(zhiping, [*path.split(), *given])
    assert result.exit_code == 2


@pytest.mark.parametrize(
    "call",
    [
        ["cases", "--search", ""],
        ["cases", "--holder", " "],
        ["cases", "--realm", ""],
        ["act", "x", "urge", "--as", "applicant", "--request-id", ""],
        ["integrity", "show", "--application", "", "--as", "a@b"],
    ],
)
def test_a_blank_option_is_a_wrong_call(call: list[str]) -> None:
    """Taken as "not stated" it listed everybody, and gave an act a new id each time."""
    result = CliRunner().invoke(zhiping, call)
    assert result.exit_code == 2
    assert "写了却没有内容" in result.output


def test_every_number_has_bounds_that_the_record_can_hold() -> None:
    """`--limit -1` and 10**30 came back as a database that is away."""
    without = [
        f"{path} {item.name}"
        for path, item in PARAMETERS
        if isinstance(item.type, click.types.IntParamType)
        and not (
            isinstance(item.type, click.IntRange)
            and item.type.min is not None
            and (item.type.max or LAST_OF_32_BITS + 1) <= LAST_OF_32_BITS
        )
    ]
    assert without == []


@pytest.mark.parametrize("number", ["-1", "0", "1.5", "1e3", "99999999999999999999", "五"])
def test_a_number_out_of_bounds_is_a_wrong_call(number: str) -> None:
    result = CliRunner().invoke(zhiping, ["cases", "--limit", number])
    assert result.exit_code == 2
    assert "--limit" in result.output


def test_every_command_that_writes_a_file_looks_first_whether_it_can() -> None:
    assert WRITING == [
        "audit export", "certificate revoked", "meeting commit-draw", "meeting draw-record",
        "paper open", "paper render",
    ]  # fmt: skip


@pytest.mark.parametrize("path", WRITING)
@pytest.mark.parametrize("where", ["", "no-such-folder/a.pdf", "file/a.pdf"])
def test_a_place_that_cannot_be_written_is_told_before_anything_is_done(
    path: str, where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A certificate was made and counted, and nobody got it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    monkeypatch.setenv("ZHIPING_STACK", str(tmp_path / "none"))  # going on would be 5
    own = [item for at, item in PARAMETERS if at == path]
    out = next(item for item in own if isinstance(item.type, options.Out))
    given = ["x" for item in own if isinstance(item, click.Argument) and item.required]
    call = [*path.split(), *given, out.opts[0], where, "--as", "anyone"]
    result = CliRunner().invoke(zhiping, call)
    assert result.exit_code == 2, result.output
    assert out.opts[0] in result.output


def test_looking_whether_a_file_can_be_written_leaves_it_as_it_is(tmp_path: Path) -> None:
    kept, fresh = tmp_path / "kept.pdf", tmp_path / "fresh.pdf"
    kept.write_bytes(b"before")
    for path in (kept, fresh):
        assert options.Out().convert(str(path), None, None) == path
    assert kept.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [kept]


def test_one_table_says_the_exit_code_whoever_said_no() -> None:
    """`not_found` was 3 where an operation said it and 4 where the command line did."""
    assert OF_NO[told_no([Reason("not_found", "没有")]).kind] == 4
    assert OF_NO[told_no([Reason("wrong_stage", "不在")]).kind] == 3
    assert OF_NO.keys() == set(No)


def test_every_next_step_names_a_command_that_there_is() -> None:
    """A door that the command line does not know would end a refusal in a fault of ours."""
    assert DOORS.keys() == set(Door)
    for said in DOORS.values():
        for typed in re.findall(r"zhiping ((?:[a-z]+(?:-[a-z]+)* ?)+)", said):
            words = typed.split()
            assert any(tuple(words[:size]) in COMMANDS for size in (1, 2)), said


def test_no_sentence_under_the_faces_names_a_command() -> None:
    """People read the same sentences in a letter, a paper and a browser, where nobody types."""
    rooms = (ROOT / "activities" / "wording", ROOT / "activities" / "templates")
    told = [
        f"{file.name}: {line}"
        for room in rooms
        for file in sorted(room.rglob("*"))
        if file.suffix in (".toml", ".typ", ".j2", ".html", ".txt")
        for line in file.read_text(encoding="utf-8").splitlines()
        if not line.startswith("#") and re.search(r"zhiping [a-z]|(?<![-\w])--[a-z]", line)
    ]
    assert told == []
    for file in [*(ROOT / "workflows").rglob("*.py"), *(ROOT / "starter" / "desk").rglob("*.py")]:
        assert not re.search(r"zhiping [a-z]", file.read_text(encoding="utf-8")), file


def test_every_door_of_a_refusal_is_one() -> None:
    entries = tomllib.loads((WORDING / "refusals.toml").read_text(encoding="utf-8"))
    said = [
        part["door"]
        for entry in entries.values()
        for part in (entry, *(one for by in entry.get("by", {}).values() for one in by.values()))
        if "door" in part
    ]
    assert said
    assert set(said) <= {door.value for door in Door}


def test_a_next_step_names_its_command_within_the_sentence() -> None:
    reason = Reason(
        "not_entitled", "没有权限。", next="请核对授权。", door=Door.DIRECTORY, subject="甲单位"
    )
    assert next_step(reason) == "请核对授权（zhiping directory show 甲单位）。"
    assert next_step(Reason("wrong_stage", "不在。", next="请等待。")) == "请等待。"


@pytest.mark.parametrize("call", [("acts",), ("meeting", "acts")])
def test_acts_of_cases_and_of_meetings_have_one_shape(call: tuple[str, ...]) -> None:
    listed = json.loads(CliRunner().invoke(zhiping, [*call, "--json"]).stdout)
    one = json.loads(CliRunner().invoke(zhiping, [*call, listed[1]["action"], "--json"]).stdout)
    assert one == listed[1]
    assert {frozenset(item) for item in listed} == {
        frozenset({"action", "label", "help", "by", "stages", "fields", "example"})
    }


# Where the output goes.


@pytest.mark.parametrize("call", [("acts",), ("acts", "--json"), ("--help",), ("act", "--help")])
def test_a_reader_who_has_enough_is_no_failure(call: tuple[str, ...]) -> None:
    """`| true` and `| head` were told that the database is away."""
    reader, writer = os.pipe()
    os.close(reader)
    code, _, said = started(*call, stdout=writer)
    os.close(writer)
    assert (code, said) == (0, b"")


@full_disk
@pytest.mark.parametrize("call", [("acts",), ("acts", "--json"), ("--version",)])
def test_a_full_disk_is_said_and_what_was_done_is_done(call: tuple[str, ...]) -> None:
    with FULL.open("wb") as full:
        code, _, said = started(*call, stdout=full)
    assert code == 6
    assert "命令已经执行，只是结果没有写出来（磁盘已满）" in said.decode()
    assert "Traceback" not in said.decode()


@full_disk
def test_a_no_keeps_its_code_where_it_cannot_be_printed() -> None:
    call = ("deadline", "lunch", "--campaign", "bd-2023", "--from", "2023-10-09", "--json")
    with FULL.open("wb") as full:
        code, _, said = started(*call, stdout=full)
    assert (code, said) == (4, b"")


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "ascii", "latin-1", "utf-8", "utf-16"])
@pytest.mark.parametrize("call", [("acts", "approve"), ("acts", "approve", "--json"), ("--help",)])
def test_a_console_of_any_encoding_is_written_to(encoding: str, call: tuple[str, ...]) -> None:
    environment = {"PYTHONIOENCODING": encoding}
    code, out, said = started(*call, stdout=subprocess.PIPE, env=environment)
    assert (code, said) == (0, b"")
    # What cannot show Chinese at all is a locale that nobody set: it gets UTF-8.
    told = out.decode("utf-8" if encoding in ("ascii", "latin-1") else encoding)
    if "--json" in call:
        assert json.loads(told)["action"] == "approve"
    else:
        assert "办" in told


@pytest.mark.parametrize("locale", ["C", "POSIX", "zh_CN.GBK", "no_SUCH.locale"])
def test_any_locale_and_time_zone_are_taken(locale: str) -> None:
    environment = {"LANG": locale, "LC_ALL": locale, "TZ": "America/New_York"}
    call = ("deadline", "unit_publicity", "--campaign", "bd-2023", "--from", "2023-09-26")
    code, out, said = started(*call, stdout=subprocess.PIPE, env=environment)
    assert (code, said) == (0, b"")
    assert "2023年10月9日（周一）24:00" in out.decode()


def test_closed_output_receives_nothing_and_breaks_nothing() -> None:
    """A closed number would be the next connection's: what is printed would go to the database."""
    closed = f"exec '{sys.executable}' -m starter.cli acts >&- 2>&-"
    process = subprocess.run(["/bin/sh", "-c", closed], cwd=ROOT, check=False)  # noqa: S603 - the same
    assert process.returncode == 0


# Days.


def deadline(*arguments: str) -> Result:
    return CliRunner().invoke(zhiping, ["deadline", *arguments, "--campaign", "bd-2023"])


@pytest.mark.parametrize("rule", ["unit_publicity", "recheck", "application_window"])
@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2023-02-30", "2023-10-09T09:00", "x"])
def test_a_day_that_no_calendar_has_is_a_wrong_call(rule: str, day: str) -> None:
    """Counting from 9999-12-31 was an error within the program."""
    result = deadline(rule, "--from", day)
    assert result.exit_code == 2
    assert "--from" in result.output


def test_a_day_before_the_first_calendar_is_not_waited_for() -> None:
    result = deadline("unit_publicity", "--from", "1970-01-01")
    assert result.exit_code == 3
    assert "自 2021 年起" in result.output
    assert "公布后" not in result.output.rpartition("下一步")[2]


@pytest.mark.parametrize("day", ["2023-9-26", "2023/9/26", "２０２３年９月２６日", "20230926"])
def test_a_day_is_read_as_people_write_it(day: str) -> None:
    result = deadline("unit_publicity", "--from", day)
    assert "2023年10月9日（周一）24:00" in result.output


@pytest.mark.parametrize("days", ["0", "-1", "1001", "五"])
def test_a_length_that_no_term_has_is_a_wrong_call(days: str) -> None:
    result = deadline("unit_correction", "--from", "2023-10-09", "--days", days)
    assert result.exit_code == 2
    assert "--days" in result.output


@pytest.mark.parametrize(
    ("to", "calendar", "asked"),
    [("2024-10-01", True, False), ("2198-01-01", True, True), ("2023-12-01", False, True)],
)
def test_a_clock_that_goes_far_is_asked_about(to: str, calendar: bool, asked: bool) -> None:
    """`clock advance --to 9999-12-31` went there, and no clock goes back."""
    now, goal = (datetime.fromisoformat(f"{day}T09:00+08:00") for day in ("2023-10-12", to))
    assert Way("try", now, goal, without_calendar=not calendar).is_long is asked


@pytest.mark.parametrize(
    "call",
    [
        ("deadline", "recheck", "--from", "2023-10-09", "--campaign"),
        ("campaign", "diff", "bd-2023"),
    ],
)
def test_what_is_longer_than_any_name_is_no_file(call: tuple[str, ...]) -> None:
    result = CliRunner().invoke(zhiping, [*call, "x" * 300])
    assert result.exit_code == 4
    assert "没有" in result.output


# ---- thousands of reasons ------------------------------------------------------------------------


def of_wrong_rows(folder: Path, many: int) -> Path:
    """A bank's file that is wrong on every line."""
    file = folder / "收款.csv"
    rows = [f"TX{number:05},abc,2023-11-16 09:30,张三" for number in range(many)]
    file.write_text("\n".join(["流水号,金额,交易时间,摘要", *rows, ""]), encoding="utf-8")
    return file


def on_a_screen(*arguments: str) -> str:
    """What somebody sees of the errors who sits before a terminal."""
    ours, theirs = os.openpty()
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "starter.cli", *arguments],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""
    try:
        while part := os.read(ours, 65536):
            seen += part
    except OSError:  # how Linux tells the end of a terminal
        pass
    os.close(ours)
    process.wait()
    return seen.decode()


def test_a_screen_shows_the_first_of_many_reasons_and_a_file_takes_all(tmp_path: Path) -> None:
    """Of thousands of bad lines the first had scrolled away when the last were printed."""
    call = ("payments", "import", str(of_wrong_rows(tmp_path, 700)), "--as", "a@b")
    seen = on_a_screen(*call)
    code, _, told = started(*call, stdout=subprocess.DEVNULL)
    _, answer, _ = started(*call, "--json", stdout=subprocess.PIPE)

    assert "共 501 条原因" in seen
    assert seen.count("依据：") == 0
    assert "20. 收款.csv：第 21 行" in seen
    assert "21. " not in seen
    assert "还有 481 条没有显示" in seen
    assert "2>原因.txt" in seen
    assert code == Exit.REFUSED
    assert "501. 收款.csv：另有 200 处问题没有列出" in told.decode()
    assert len(json.loads(answer)["reasons"]) == 501
