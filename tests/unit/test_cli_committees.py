"""`zhiping committee` without a stack: lint, and a draw repeated from its seed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from config.committee_files import COMMITTEES, read_pool
from starter.cli import zhiping

BD = COMMITTEES / "bd-2023.toml"
EXPIRED = Path(__file__).parents[1] / "committees" / "bd-expired.toml"
DRAW = ("committee", "verify-draw", "--pool", str(BD), "--on", "2023-12-08", "--seed", "2023-BD-01")


@pytest.fixture(autouse=True)
def _no_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("ZHIPING_STACK", "ZHIPING_CONFIG", "ZHIPING_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(zhiping, [*arguments])


def answer(*arguments: str, exit_code: int = 0) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == exit_code, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize("name", ["bd-2023", "lc-2024"])
def test_our_committees_are_sound(name: str) -> None:
    assert answer("committee", "lint", str(COMMITTEES / f"{name}.toml")) == {"sound": True}


def test_an_expired_filing_is_refused_for_the_day_alone() -> None:
    assert answer("committee", "lint", str(EXPIRED)) == {"sound": True}
    found = answer("committee", "lint", str(EXPIRED), "--on", "2023-12-08", exit_code=3)
    assert "不含 2023-12-08" in found["message"]


def test_an_unsound_file_is_not_imported(tmp_path: Path) -> None:
    file = tmp_path / "even.toml"
    text = BD.read_text(encoding="utf-8").replace("seats = 11", "seats = 12")
    file.write_text(text, encoding="utf-8")

    found = answer("committee", "import", str(file), exit_code=3)

    assert "不是单数" in found["message"]


def test_a_draw_is_repeated_from_its_seed() -> None:
    first, again = answer(*DRAW), answer(*DRAW)

    assert first == again
    assert [item["spare"] for item in first["seats"]] == [False] * 11 + [True] * 4
    assert first != answer(*DRAW[:-1], "2023-BD-02")


def test_a_draw_that_agrees_and_one_that_does_not() -> None:
    drawn = [item["expert"] for item in answer(*DRAW)["seats"]]

    assert answer(*DRAW, "--drawn", ",".join(drawn))["agrees"] is True
    swapped = [drawn[1], drawn[0], *drawn[2:]]
    found = answer(*DRAW, "--drawn", "，".join(swapped), exit_code=3)
    assert found["code"] == "draw_disagrees"
    assert "、".join(drawn) in found["message"]


def test_a_bar_and_a_profession_change_the_draw() -> None:
    drawn = [item["expert"] for item in answer(*DRAW)["seats"]]

    without = answer(*DRAW, "--barred", drawn[0])
    assert drawn[0] not in {item["expert"] for item in without["seats"]}
    assert without["pool"] != answer(*DRAW)["pool"]
    balanced = answer(*DRAW, "--profession", "人工智能")
    pool = {item.id: item for item in read_pool(BD).experts}
    assert "人工智能" in pool[balanced["seats"][0]["expert"]].professions


def test_too_many_seats_for_the_pool_are_refused_with_the_numbers() -> None:
    found = answer(*DRAW, "--seats", "21", exit_code=3)

    assert found["code"] == "pool_too_small"
    assert "需要25人，可抽取23人" in found["message"]


def test_a_pool_as_exported_is_enough(tmp_path: Path) -> None:
    """No name, no ID number, no unit: what `committee show --pool --json` holds and a draw needs."""
    kept = ("id", "professions", "chair", "term_from", "term_to")
    stated = read_pool(BD).model_dump(mode="json")
    stated["experts"] = [{key: item[key] for key in kept} for item in stated["experts"]]
    file = tmp_path / "pool.json"
    file.write_text(json.dumps(stated), encoding="utf-8")

    arguments = [str(file) if item == str(BD) else item for item in DRAW]
    exported, original = answer(*arguments), answer(*DRAW)

    ids = [item["expert"] for item in exported["seats"]]
    assert ids == [item["expert"] for item in original["seats"]]
    assert exported["pool"] == original["pool"]


def test_no_name_is_shown() -> None:
    result = run(*DRAW)

    assert result.exit_code == 0, result.output
    assert "示例）" not in result.output
    assert "主任委员" in result.output
