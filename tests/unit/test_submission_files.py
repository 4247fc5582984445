"""Submission documents: read in both forms, refused by key in Chinese, never repeating a value."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.directory_files import DIRECTORY
from config.directory_files import read as read_directory
from config.reading import FileError
from config.submission_files import (
    IMPOSSIBLE_REGION,
    SAMPLES,
    from_table,
    json_schema,
    made_up_person,
    read,
    sample,
    sample_names,
    sample_table,
)
from workflows.rules.people import is_id_card

keys = st.sampled_from(
    [
        "identity",
        "facts",
        "achievement_titles",
        "achievements",
        "a1",
        "id",
        "residency",
        "insured_from",
        "pledged_at",
        "current_title",
        "level",
        "papers",
        "name",
        "else",
    ]
)
CAMPAIGNS = ("bd-2023", "lc-2024")


def problems(route: str = "city_unit", **differences: Any) -> list[str]:
    with pytest.raises(FileError) as refused:
        sample(route, "bd-2023", **differences)
    return refused.value.problems


def test_there_is_a_sample_file_for_each_name_and_no_other() -> None:
    assert {path.stem for path in SAMPLES.glob("*.toml")} == set(sample_names())


@pytest.mark.parametrize("campaign", CAMPAIGNS)
@pytest.mark.parametrize("name", sample_names())
def test_a_sample_is_nobody_and_its_organisations_exist(name: str, campaign: str) -> None:
    known = read_directory(DIRECTORY / "chongqing.toml").references()

    application = sample(name, campaign)

    assert application.identity.id_number.startswith(IMPOSSIBLE_REGION[:2])
    assert application.identity.email.endswith(".test")
    stated = application.facts
    named = {stated.employer, stated.archive_agency, stated.entrusting_unit, stated.insured_unit}
    assert named - {"", "self"} <= set(known)
    assert application.facts.pledge_version.startswith(campaign)


@pytest.mark.parametrize("name", sample_names())
def test_a_sample_can_be_read_as_a_file(name: str) -> None:
    path = SAMPLES / f"{name}.toml"

    assert read(path, "lc-2024") == sample(name, "lc-2024")
    assert read(path).facts.route == sample(name, "bd-2023").facts.route


def test_samples_are_different_people() -> None:
    numbers = [sample(name, "bd-2023").identity.id_number for name in sample_names()]

    assert len(set(numbers)) == len(numbers)


def test_json_and_toml_read_the_same(tmp_path: Path) -> None:
    application = sample("freelancer", "lc-2024")
    path = tmp_path / "application.json"
    path.write_text(application.model_dump_json(), encoding="utf-8")

    assert read(path) == application


def test_the_schema_accepts_a_sample_and_refuses_an_unknown_key() -> None:
    schema = json_schema()
    document = json.loads(sample("city_unit", "bd-2023").model_dump_json())

    jsonschema.validate(document, schema)
    document["facts"]["rout"] = "x"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema)


def test_differences_merge_and_lists_are_replaced_or_merged_by_id() -> None:
    application = sample(
        "city_unit",
        "lc-2024",
        identity={"name": "李某"},
        facts={
            "residency": {"insured_from": "2022-10-13"},
            "papers": ["a"],
            "achievements": {
                "a1": {"evidence": []},
                "a9": {"kind": "paper", "achieved_on": "2020-01-01"},
            },
        },
    )

    assert application.identity.name == "李某"
    assert str(application.facts.residency.insured_from) == "2022-10-13"
    assert application.facts.residency.works_in_city
    assert application.facts.papers == ("a",)
    by_id = {achievement.id: achievement for achievement in application.facts.achievements}
    assert sorted(by_id) == ["a1", "a2", "a3", "a9"]
    assert by_id["a1"].evidence == ()
    assert by_id["a1"].kind == "work"


def test_replaced_achievements_leave_no_titles_behind() -> None:
    assert not sample("city_unit", "lc-2024", facts={"achievements": []}).achievement_titles


def test_absent_takes_a_key_away() -> None:
    application = sample(
        "city_unit",
        "bd-2023",
        facts={
            "pledged_at": "absent",
            "residency": {"insured_from": "absent"},
            "achievements": {"a1": "absent"},
        },
    )

    assert application.facts.pledged_at is None
    assert application.facts.residency.insured_from is None
    assert [achievement.id for achievement in application.facts.achievements] == ["a2", "a3"]
    assert set(application.achievement_titles) == {"a2", "a3"}


def test_a_difference_does_not_touch_the_sample() -> None:
    sample("city_unit", "bd-2023", facts={"residency": {"insured_gap": True}})

    assert not sample("city_unit", "bd-2023").facts.residency.insured_gap


@pytest.mark.parametrize(
    ("route", "flag", "employer"),
    [
        ("city_unit", "self_evaluating", "chongqing-example-institute"),
        ("resident_branch", "entrusted", "jiangnan-chongqing-plant"),
    ],
)
def test_a_variant_by_difference_takes_the_variants_unit(
    route: str, flag: str, employer: str
) -> None:
    assert sample(route, "bd-2023", facts={flag: True}).facts.employer == employer


def test_a_variant_with_its_own_employer_is_left_alone() -> None:
    table = sample_table(
        "city_unit", "bd-2023", {"facts": {"self_evaluating": True, "employer": "x"}}
    )

    assert table["facts"]["employer"] == "x"


@pytest.mark.parametrize(
    ("differences", "expected"),
    [
        ({"facts": {"rout": 1}}, ["facts.rout：没有这个键，是否应为 route"]),
        (
            {"facts": {"residency": {"insured": True}}},
            ["facts.residency.insured：没有这个键，是否应为 insured_gap"],
        ),
        (
            {"facts": {"achievements": {"a2": {"proof": []}}}},
            ["facts.achievements[1].proof：没有这个键"],
        ),
        (
            {"facts": {"level": "高级"}},
            ["facts.level：应为 junior、mid、deputy_senior、senior 之一"],
        ),
        (
            {"facts": {"current_title": {"obtained_on": "去年"}}},
            ["facts.current_title.obtained_on：不是日期，应写作 2023-10-07"],
        ),
        (
            {"facts": {"pledged_at": "昨天"}},
            ["facts.pledged_at：不是日期时间，应写作 2023-10-07T09:00:00+08:00"],
        ),
        ({"facts": {"in_service": "也许"}}, ["facts.in_service：应为 true 或 false"]),
        ({"facts": {"papers": "信"}}, ["facts.papers：应为列表"]),
        ({"identity": {"nick": "x"}}, ["identity.nick：没有这个键"]),
        (
            {"identity": {"phone": "无"}},
            [
                "identity.phone：不是电话号码，应写作 023-60332622、13800000000，分机写作 023-60332622转8012，几个号码之间用顿号"
            ],
        ),
        ({"identity": {"email": "无"}}, ["identity.email：电子邮箱不能使用：缺少“@”"]),
        ({"identity": {"name": ""}}, ["identity.name：不能为空"]),
        (
            {"achievement_titles": {"b1": "x"}},
            ["文件：achievement_titles 中没有对应的业绩成果：b1"],
        ),
    ],
)
def test_bad_input_names_its_key_in_chinese(
    differences: dict[str, Any], expected: list[str]
) -> None:
    assert problems(**differences) == expected


def test_a_wrong_id_number_is_refused_and_not_repeated() -> None:
    number = "990000198501010018"

    found = problems(identity={"id_number": number})

    assert found == ["identity.id_number：身份证号码应为 18 位且校验码正确"]
    assert number not in "".join(found)


def test_a_foreigner_has_no_id_card() -> None:
    identity = {"id_kind": "foreigner_permit", "id_number": "EXA990000000000"}

    assert sample("city_unit", "bd-2023", identity=identity).identity.id_number == "EXA990000000000"


def test_missing_keys_are_all_named() -> None:
    with pytest.raises(FileError) as refused:
        from_table({"identity": {"name": "张三"}, "facts": {"route": "city_unit"}})

    assert refused.value.problems == [
        "identity.id_number：缺少这一项",
        "identity.phone：缺少这一项",
        "identity.email：缺少这一项",
        "facts.level：缺少这一项",
        "facts.employer：缺少这一项",
    ]


def test_two_achievements_with_one_id_are_refused() -> None:
    achievement = {"id": "a1", "kind": "work", "achieved_on": "2020-01-01"}

    assert problems(facts={"achievements": [achievement, achievement]}, achievement_titles={}) == [
        "文件：业绩成果（facts.achievements）的 id 有重复"
    ]


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.toml", "a = ", "不是正确的 TOML"),
        ("a.json", "{", "不是正确的 JSON"),
        ("a.json", "[]", "最外层应为一个表"),
        ("a.json", "[" * 100_000, "层次过深"),
    ],
)
def test_a_file_in_no_known_form_is_refused(
    tmp_path: Path, name: str, text: str, problem: str
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")

    with pytest.raises(FileError, match=problem):
        read(path)


def test_a_missing_or_foreign_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="文件不存在"):
        read(tmp_path / "none.toml")
    binary = tmp_path / "a.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FileError, match="UTF-8"):
        read(binary)


def test_an_unknown_sample_names_the_known_ones() -> None:
    with pytest.raises(FileError, match="没有这个示例，可用：city_unit"):
        sample("../../etc/passwd", "bd-2023")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200)
@given(st.dictionaries(keys, json_values, max_size=3), st.dictionaries(keys, json_values))
def test_whatever_is_written_only_a_file_error_comes_back(
    differences: dict[str, Any], facts: dict[str, Any]
) -> None:
    for given_differences in (differences, differences | {"facts": facts}):
        with suppress(FileError):
            sample("city_unit", "bd-2023", **given_differences)


def test_made_up_people_are_distinct_and_valid() -> None:
    people = [made_up_person(number) for number in range(1, 1000)]

    assert len({person.id_number for person in people}) == 999
    assert all(is_id_card(person.id_number) for person in people)
    assert not is_id_card("99000019850101001")
    assert not is_id_card("9900001985010100１9")  # a full-width digit
