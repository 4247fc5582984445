"""`zhiping committee show` and `list` on a real database: who sees the experts' names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.committee_files import COMMITTEES, read
from tests.fixtures.record import SECRET, Office
from tests.integration.command_line import without_engine

pytestmark = pytest.mark.integration


async def zhiping(database_url: str, folder: Path, *arguments: str, code: int = 0) -> str:
    """What one command says."""
    said = await without_engine(database_url, SECRET, folder, *arguments, code=code)
    return said.out + said.err


@pytest.fixture
async def committee(published: Office) -> list[str]:
    """The BD committee, imported; its experts' names."""
    stated = read(COMMITTEES / "bd-2023.toml")
    await published("import_committee", stated.model_dump(mode="json"))
    return [item.name for item in stated.experts]


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("chen@bd-committee-office", True),
        ("qian@city-title-office", True),
        ("ops@zhiping", True),
        ("gao@zhiping", True),
        ("yang@lc-committee-office", False),
        ("liu@liangjiang-data-group", False),
        ("applicant", False),
        ("anyone", False),
    ],
)
async def test_names_are_shown_to_those_who_must_know_them(
    committee: list[str], database_url: str, tmp_path: Path, who: str, sees: bool
) -> None:
    arguments = ("committee", "show", "bd-2023", "--pool", "--as", who)
    said = await zhiping(database_url, tmp_path, *arguments)
    plain = json.loads(await zhiping(database_url, tmp_path, *arguments, "--json"))

    assert [name in said for name in committee] == [sees] * 24
    assert ("experts" in plain) is sees
    assert ("专家名单不对外公布" in said) is not sees
    assert "渝职改备〔2022〕示例012号" in said
    assert set(plain["pool"]) == {"as_of", "serving", "chairs", "professions"}
    if sees:
        assert [item["name"] for item in plain["experts"]] == committee
        assert "person" not in plain["experts"][0]


async def test_without_the_pool_nobody_is_named(
    committee: list[str], database_url: str, tmp_path: Path
) -> None:
    arguments = ("committee", "show", "bd-2023", "--as", "chen@bd-committee-office")
    said = await zhiping(database_url, tmp_path, *arguments)

    assert not any(name in said for name in committee)
    assert "工程技术大数据智能化副高级评委会" in said


async def test_somebody_without_a_right_in_the_office_is_refused(
    committee: list[str], database_url: str, tmp_path: Path
) -> None:
    arguments = ("committee", "show", "bd-2023", "--pool", "--as", "liu@bd-committee-office")
    said = await zhiping(database_url, tmp_path, *arguments, "--json", code=3)

    assert json.loads(said)["code"] == "not_entitled"
    assert not any(name in said for name in committee)


async def test_an_exported_pool_repeats_a_draw(
    committee: list[str], database_url: str, tmp_path: Path
) -> None:
    shown = await zhiping(
        database_url, tmp_path,
        "committee", "show", "bd-2023", "--pool", "--as", "chen@bd-committee-office", "--json",
    )  # fmt: skip
    exported = tmp_path / "pool.json"
    exported.write_text(shown, encoding="utf-8")
    ours = COMMITTEES / "bd-2023.toml"
    found = [
        await zhiping(
            database_url, tmp_path,
            "committee", "verify-draw", "--seed", "s", "--on", "2023-12-08",
            "--pool", str(file), "--json",
        )
        for file in (exported, ours)
    ]  # fmt: skip

    assert json.loads(found[0])["seats"] == json.loads(found[1])["seats"]
    assert json.loads(found[0])["pool"] == json.loads(found[1])["pool"]
    assert not any(name in found[0] for name in committee)


async def test_committees_are_listed_and_an_unknown_one_is_not_found(
    committee: list[str], database_url: str, tmp_path: Path
) -> None:
    said = await zhiping(database_url, tmp_path, "committee", "list", "--json")
    missing = await zhiping(database_url, tmp_path, "committee", "show", "xx", "--json", code=4)

    assert [item["id"] for item in json.loads(said)] == ["bd-2023"]
    assert json.loads(missing)["code"] == "not_found"
