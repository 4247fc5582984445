"""The directory file: the one we ship is sound, and each defect is said in Chinese."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from config.directory_files import DIRECTORY, DirectoryFile, lint, read
from config.reading import FileError
from config.submission_files import IMPOSSIBLE_REGION, SAMPLES

OURS = DIRECTORY / "chongqing.toml"


def organisation(name: str, **differences: Any) -> dict[str, Any]:
    return {
        "id": name,
        "name": name,
        "kind": "unit",
        "level": "city",
        "contact": "某某",
        "phone": "023-00000000",
        "email": f"{name}@example.test",
    } | differences


def member(name: str, unit: str, **differences: Any) -> dict[str, Any]:
    grants = [{"from": "2020-01-01"}]
    return {"id": name, "name": name, "organisation": unit, "grants": grants} | differences


def linted(organisations: list[dict[str, Any]], members: list[dict[str, Any]]) -> list[str]:
    return lint(
        DirectoryFile.model_validate(
            {"source": "测试", "organisations": organisations, "members": members}
        )
    )


def test_our_directory_is_sound() -> None:
    assert lint(read(OURS)) == []


def test_our_directory_has_what_the_campaigns_name() -> None:
    directory = read(OURS)
    kinds = {entry.id: entry.kind for entry in directory.organisations}

    assert kinds["bd-committee-office"] == kinds["lc-committee-office"] == "committee_office"
    assert kinds["city-title-office"] == "city_office"
    offices = [m for m in directory.members if m.organisation == "bd-committee-office"]
    assert {m.supervisor for m in offices} == {True, False}


def test_only_the_printed_contact_is_real() -> None:
    """LC 五(六) prints one telephone number; every other is invented, and every address is dead."""
    directory = read(OURS)

    real = {e.id: e.phone for e in directory.organisations if not e.phone.startswith("023-0000")}
    assert real == {"lc-committee-office": "023-60332622"}
    assert all(entry.email.endswith("@example.test") for entry in directory.organisations)
    assert all(m.id_number[:2] in ("", IMPOSSIBLE_REGION[:2]) for m in directory.members)


def test_applicants_of_the_samples_hold_no_right() -> None:
    samples = "".join(path.read_text(encoding="utf-8") for path in SAMPLES.glob("*.toml"))

    assert not [m.id for m in read(OURS).members if m.id_number and m.id_number in samples]


@pytest.mark.parametrize(
    ("differences", "problem"),
    [
        ({"superior": "nobody"}, "机构 a1：上级 nobody 不在名录中（superior）"),
        ({"agency": "nobody"}, "机构 a1：nobody 不是名录中的人事代理机构（agency）"),
        ({"agency": "a1"}, "机构 a1：a1 不是名录中的人事代理机构（agency）"),
        ({"phone": ""}, "机构 a1：缺少联系电话（phone），申报人须能查到当前审核单位的电话"),
        ({"contact": ""}, "机构 a1：缺少联系人（contact）"),
        ({"email": ""}, "机构 a1：缺少电子邮箱（email），通知无法送达"),
        (
            {"kind": "district_office"},
            "机构 a1：缺少所在区县（district），无法确定区县职改部门",
        ),
        ({"kind": "agency", "district": "wushan"}, "机构 a1：所在区县 wushan 没有职改办"),
        ({"superior": "a1"}, "上级关系成环：a1 → a1"),
    ],
)
def test_a_defect_of_an_organisation(differences: dict[str, Any], problem: str) -> None:
    assert linted([organisation("a1", **differences)], [member("m1", "a1")]) == [problem]


@pytest.mark.parametrize(
    ("differences", "problem"),
    [
        ({"organisation": "nobody"}, "人员 m1：所在机构 nobody 不在名录中（organisation）"),
        ({"organisation": ""}, "人员 m1：所在机构 （空） 不在名录中（organisation）"),
        (
            {"grants": [{"from": "2020-01-01", "organisation": "nobody"}]},
            "人员 m1：授权机构 nobody 不在名录中（grants）",
        ),
        (
            {"grants": [{"from": "2020-01-02", "to": "2020-01-01"}]},
            "人员 m1：授权的截止日早于起始日（grants）",
        ),
        ({"supervisor": True}, "人员 m1：负责人和运行人员须有身份证号码（id_number）"),
    ],
)
def test_a_defect_of_a_member(differences: dict[str, Any], problem: str) -> None:
    found = linted([organisation("a1")], [member("m1", "a1", **differences), member("m2", "a1")])

    assert found == [problem]


def test_a_cycle_is_told_once() -> None:
    cycle = [
        organisation("a1", superior="b1"),
        organisation("b1", superior="c1"),
        organisation("c1", superior="a1"),
        organisation("d1", superior="a1"),
    ]

    found = linted(cycle, [member(f"m{o['id']}", o["id"]) for o in cycle])

    assert found == ["上级关系成环：a1 → b1 → c1 → a1"]


def test_doubles_are_told() -> None:
    office = {"kind": "district_office", "district": "yubei"}
    found = linted(
        [
            organisation("a1", **office),
            organisation("a1", **office),
        ],
        [member("m1", "a1"), member("m1", "a1")],
    )

    assert found == [
        "机构 a1：id 重复",
        "人员 m1：id 重复",
        "区县 yubei：职改办有 2 个，应只有一个",
    ]


def test_an_organisation_nobody_acts_for_is_told() -> None:
    found = linted([organisation("a1"), organisation("b1", kind="entrusting_unit")], [])

    assert found == ["机构 a1：没有任何人员获得授权（grants）"]


def test_reading_names_the_key(tmp_path: Path) -> None:
    path = tmp_path / "directory.toml"
    path.write_text(
        'source = "x"\n[[organisations]]\nid = "A 1"\nname = "x"\nkind = "firm"\nlevel = "city"\n',
        encoding="utf-8",
    )

    with pytest.raises(FileError) as refused:
        read(path)

    assert (
        refused.value.problems[0] == "第 3 行 organisations[0].id：写法不符合要求，只能用规定的字符"
    )
    assert refused.value.problems[1].startswith("第 5 行 organisations[0].kind：应为 unit、")


def test_an_unknown_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "directory.toml"
    text = OURS.read_text(encoding="utf-8").replace("supervisor = true", "superviser = true", 1)
    path.write_text(text, encoding="utf-8")

    with pytest.raises(FileError, match=r"members\[0\].superviser：没有这个键"):
        read(path)
