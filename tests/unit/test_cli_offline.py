"""Commands that need no stack: deadlines, notices, calendars, samples, checks."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from config.campaign_files import CAMPAIGNS
from config.submission_files import from_table, sample_names
from starter.answers import answering
from starter.cli import zhiping
from starter.desk.refusing import No, NoAnswer, Reason
from starter.toml_text import written

DEADLINE_KEYS = {
    "rule", "kind", "starts_on", "ends_on", "ends_at", "counted", "skipped", "clause", "calendar",
}  # fmt: skip
IN_TIME = ("--at", "2023-10-09T10:00")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(zhiping, [*arguments])


def answer(*arguments: str, exit_code: int = 0) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == exit_code, result.output
    return json.loads(result.stdout)


@pytest.fixture
def no_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("ZHIPING_STACK", "ZHIPING_CONFIG", "ZHIPING_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def application(tmp_path: Path) -> Path:
    sample = run("schema", "application", "--sample", "city_unit", "--toml").stdout
    file = tmp_path / "application.toml"
    file.write_text(sample, encoding="utf-8")
    return file


def test_a_deadline_shows_every_day_and_why_it_was_skipped() -> None:
    found = answer(
        "deadline", "committee_correction", "--campaign", "bd-2023", "--from", "2023-09-26"
    )
    assert found.keys() == DEADLINE_KEYS
    assert found["ends_on"] == "2023-10-09"
    assert found["counted"][2:] == ["2023-10-07", "2023-10-08", "2023-10-09"]
    assert found["skipped"][0] == {"date": "2023-09-26", "why": "起始日不计"}
    assert {"date": "2023-10-06", "why": "中秋节、国庆节"} in found["skipped"]


def test_the_same_deadline_for_a_person_is_a_table() -> None:
    told = run("deadline", "unit_publicity", "--campaign", "bd-2023", "--from", "2023-09-26").stdout
    assert "期限计算书" in told
    assert "2023年10月9日（周一）24:00" in told


def test_the_length_can_be_stated() -> None:
    found = answer(
        "deadline", "unit_correction", "--campaign", "lc-2024", "--from", "2024-10-14",
        "--days", "2",
    )  # fmt: skip
    assert found["ends_on"] == "2024-10-16"


def test_a_printed_window_is_shown_as_printed() -> None:
    found = answer("deadline", "review_window", "--campaign", "bd-2023", "--from", "2023-11-01")
    assert found["ends_on"] == "2023-11-15"
    assert found["counted"] == []


def test_a_year_without_calendar_is_refused_by_name() -> None:
    found = answer(
        "deadline", "unit_publicity", "--campaign", "bd-2023", "--from", "2031-03-03",
        exit_code=3,
    )  # fmt: skip
    assert found["code"] == "calendar_missing"
    assert "2031" in found["message"]
    assert found["next"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("deadline", "lunch", "--campaign", "bd-2023", "--from", "2023-10-09"),
        ("deadline", "recheck", "--campaign", "xx-1999", "--from", "2023-10-09"),
    ],
)
def test_an_unknown_rule_or_campaign_is_not_found(arguments: tuple[str, ...]) -> None:
    assert answer(*arguments, exit_code=4)["code"] == "not_found"


@pytest.mark.parametrize("campaign", ["bd-2023", "lc-2024"])
def test_our_campaigns_are_sound(campaign: str) -> None:
    report = answer("campaign", "lint", str(CAMPAIGNS / f"{campaign}.toml"))
    assert report["sound"]
    assert report["assumed"]


def test_an_incomplete_campaign_is_refused_naming_the_key(tmp_path: Path) -> None:
    text = (CAMPAIGNS / "bd-2023.toml").read_text(encoding="utf-8")
    file = tmp_path / "bd-2023.toml"
    file.write_text(text.replace("[windows.payment]", "[windows.paymnet]"), encoding="utf-8")
    found = answer("campaign", "lint", str(file), exit_code=3)
    assert found["code"] == "malformed_file"
    assert any("windows.payment" in item["message"] for item in found.get("reasons", [found]))


def test_two_campaigns_are_compared_with_their_clauses() -> None:
    found = {item["key"]: item for item in answer("campaign", "diff", "bd-2023", "lc-2024")}
    limit = found["corrections.committee_max_submissions"]
    assert (limit["a"], limit["b"]) == (None, 3)


def test_a_calendar_year_names_its_source() -> None:
    year = answer("calendar", "show", "2023")
    assert "国务院办公厅" in year["source"]
    assert answer("calendar", "show", "2031", exit_code=3)["code"] == "calendar_missing"


def test_the_schema_is_a_json_schema() -> None:
    schema = json.loads(run("schema", "application").stdout)
    assert set(schema["required"]) == {"identity", "facts"}


@pytest.mark.parametrize("route", sample_names())
def test_a_sample_written_as_toml_is_the_sample(route: str) -> None:
    text = run("schema", "application", "--sample", route, "--toml").stdout
    plain = run("schema", "application", "--sample", route).stdout
    assert from_table(tomllib.loads(text)) == from_table(json.loads(plain))


def test_toml_text_quotes_what_it_must() -> None:
    table = {"a b": 'say "hi"', "n": 3, "yes": True, "t": [{"x": []}]}
    assert tomllib.loads(written(table)) == table


@pytest.mark.usefixtures("no_stack")
def test_a_sound_application_passes_the_check_on_paper(application: Path) -> None:
    found = answer("check", str(application), "--campaign", "bd-2023", *IN_TIME)
    assert found["sound"]
    assert found["offline"]


def test_every_reason_is_told_at_once(application: Path) -> None:
    text = application.read_text(encoding="utf-8").replace("pledged_at", "# pledged_at")
    text = text.replace('evidence = ["patent_certificate"]', "evidence = []")
    application.write_text(text.replace('files = ["a2a2a2a20001"]', "files = []"))
    found = answer(
        "check", str(application), "--campaign", "bd-2023", "--offline",
        "--at", "2023-12-01T10:00", exit_code=3,
    )  # fmt: skip
    codes = {reason["code"] for reason in found["reasons"]}
    assert found["code"] == "ineligible"
    assert {"window_closed", "pledge_missing", "evidence_missing"} <= codes
    assert all(reason["message"] and reason["next"] for reason in found["reasons"])


def test_a_single_reason_is_the_answer_and_stands_among_the_reasons(application: Path) -> None:
    found = answer(
        "check", str(application), "--campaign", "bd-2023", "--offline",
        "--at", "2023-12-01T10:00", exit_code=3,
    )  # fmt: skip
    assert found["code"] == "window_closed"
    assert [reason["code"] for reason in found["reasons"]] == ["window_closed"]


def test_a_wrong_file_never_shows_its_values(application: Path) -> None:
    text = application.read_text(encoding="utf-8")
    application.write_text(text.replace("990000198501010019", "990000198501010011"))
    found = run("check", str(application), "--campaign", "bd-2023", "--offline")
    assert found.exit_code == 3
    assert "990000198501010011" not in found.output


@pytest.mark.usefixtures("no_stack")
@pytest.mark.parametrize(
    "arguments", [("show", "x"), ("cases",), ("inbox", "x"), ("act", "x", "urge", "--as", "a@b")]
)
def test_without_a_stack_the_answer_is_unavailable(arguments: tuple[str, ...]) -> None:
    found = answer(*arguments, exit_code=5)
    assert found["code"] == "unavailable"


def test_a_broken_command_shows_no_traceback() -> None:
    import click

    @click.command()
    @answering
    def broken() -> None:
        raise KeyError("secret")

    result = CliRunner().invoke(broken)
    assert result.exit_code == 5
    assert "Traceback" not in result.output
    assert "secret" not in result.output


def test_several_reasons_are_numbered_for_a_person() -> None:
    import click

    @click.command()
    @answering
    def refusing() -> None:
        raise NoAnswer(No.REFUSED, Reason("a", "甲", "一(一)", "改甲"), Reason("b", "乙"))

    told = CliRunner().invoke(refusing).output
    assert "1. 甲" in told
    assert "依据：一(一)" in told
    assert "2. 乙" in told
