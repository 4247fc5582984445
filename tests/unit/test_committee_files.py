"""Committee files: ours are sound, and every defect of a filing or a pool is said in Chinese."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import campaign_files, directory_files
from config.committee_files import COMMITTEES, CommitteeFile, lint, read, read_pool
from config.reading import FileError
from config.submission_files import IMPOSSIBLE_REGION, SAMPLES, made_up_person
from tests.unit.committees import a_committee, a_pool, an_expert
from workflows.rules.committee import Committee
from workflows.rules.committee_filing import Defect, findings, longest_end
from workflows.rules.draw import draw
from workflows.rules.people import check_digit

OURS = {"bd-2023": date(2023, 12, 8), "lc-2024": date(2024, 12, 12)}
EXPIRED = Path(__file__).parents[1] / "committees" / "bd-expired.toml"
DIRECTORY = directory_files.read(directory_files.DIRECTORY / "chongqing.toml")


def stated(experts: dict[str, Any] | None = None, **committee: Any) -> CommitteeFile:
    """Our BD file with differences in the committee and in its third expert."""
    table = read(COMMITTEES / "bd-2023.toml").model_dump(mode="json")
    table["committee"] |= committee
    table["experts"][2] |= experts or {}
    return CommitteeFile.model_validate(table)


def defects(**differences: Any) -> list[Defect]:
    return [found.defect for found in findings(a_committee(**differences), a_pool())]


@pytest.mark.parametrize(("name", "meets_on"), OURS.items())
def test_our_committees_are_sound_on_the_day_they_meet(name: str, meets_on: date) -> None:
    found = read(COMMITTEES / f"{name}.toml")

    assert found.committee.id == name
    assert lint(found, DIRECTORY) == []
    assert lint(found, DIRECTORY, meets_on) == []


@pytest.mark.parametrize("name", OURS)
def test_our_committees_are_those_of_their_notices(name: str) -> None:
    committee = read(COMMITTEES / f"{name}.toml").committee
    policy = campaign_files.load(campaign_files.CAMPAIGNS / f"{name}.toml").policy

    assert committee.office == policy.committee.office
    assert committee.city_office == policy.committee.city_office
    assert committee.name == policy.committee.name
    assert committee.max_level == policy.committee.max_level
    listed = {item for field in policy.professions.fields.items() for item in (field[0], *field[1])}
    assert listed <= set(committee.professions)


@pytest.mark.parametrize("name", OURS)
def test_some_of_our_experts_have_colleagues_who_apply(name: str) -> None:
    """So that recusal really happens (SC29)."""
    samples = [path.read_text(encoding="utf-8") for path in SAMPLES.glob("*.toml")]
    units = [item.unit for item in read(COMMITTEES / f"{name}.toml").experts]

    assert sum(any(f'employer = "{unit}"' in text for text in samples) for unit in units) == 2


def test_nobody_in_our_pools_exists() -> None:
    experts = [item for name in OURS for item in read(COMMITTEES / f"{name}.toml").experts]
    numbers = {item.id_number for item in experts}

    assert all(number.startswith(IMPOSSIBLE_REGION) for number in numbers)
    assert all(check_digit(number[:17]) == number[17] for number in numbers)
    assert all(item.name.endswith("（示例）") for item in experts)
    assert not numbers & {made_up_person(number).id_number for number in range(1, 1000)}
    # One serves in both committees, and is one person.
    assert len(experts) - len(numbers) == 1


def test_an_expired_filing_is_told_for_the_day_of_the_meeting() -> None:
    found = read(EXPIRED)

    assert lint(found, DIRECTORY, date(2023, 10, 31)) == []
    assert lint(found, DIRECTORY, date(2023, 11, 1)) == [
        "评委会：备案有效期为 2020-11-01 至 2023-10-31，不含 2023-11-01（valid_until，40号令 第8条）"
    ]


@pytest.mark.parametrize(
    ("committee", "problem"),
    [
        ({"seats": 12}, "评委会：组成人数 12 不是单数（seats，40号令 第9条）"),
        ({"seats": 9}, "评委会：组成人数 9 少于规定的 11 人（seats，40号令 第9条）"),
        (
            {"minimum": 9, "seats": 9},
            "评委会：规定人数 9 少于 11 人，又未写明同意减少的文号（minimum、consent，40号令 第9条）",
        ),
        (
            {"valid_until": "2022-06-19"},
            "评委会：备案有效期的截止日早于备案日（valid_until，40号令 第8条）",
        ),
        (
            {"valid_until": "2025-06-21"},
            "评委会：备案有效期超过3年，最晚到 2025-06-20（valid_until，40号令 第8条）",
        ),
        (
            {"spares": 14},
            "评委会：专家库可抽取 24 人，正选加备选需要 25 人（experts，40号令 第11条）",
        ),
        (
            {"office": "city-title-office"},
            "评委会：city-title-office 不是名录中的评委会办公室（office）",
        ),
        (
            {"city_office": "nobody"},
            "评委会：nobody 不是名录中的职改办或者区县职改部门（city_office）",
        ),
        (
            {"city_office": "yubei-title-office"},
            "评委会：yubei-title-office 是区县职改部门，只能确认中级、初级，高级职称由职改办确认（city_office）",
        ),
    ],
)
def test_a_defect_of_the_committee(committee: dict[str, Any], problem: str) -> None:
    found = lint(stated(**committee), DIRECTORY)

    assert [item for item in found if "专家库中没有" not in item and "可抽取 0" not in item] == [
        problem
    ]


@pytest.mark.parametrize(
    ("expert", "problem"),
    [
        ({"term_to": "2022-06-30"}, "任期的截止日早于起始日（term_to，40号令 第10条）"),
        (
            {"term_to": "2025-07-02"},
            "任期超过3年，最晚到 2025-07-01（term_to，40号令 第10条）",
        ),
        (
            {"professions": ["大数据工程", "桥梁工程"]},
            "专业 桥梁工程 不在本评委会的专业范围内（professions，40号令 第6条）",
        ),
        ({"unit": "nobody"}, "所在单位 nobody 不在名录中（unit）"),
        (
            {"id_number": " 990000196602085010"},
            "与专家 bd-expert-01 是同一人，任期重叠（id_number，40号令 第11条）",
        ),
        (
            {"chair": "director"},
            "与专家 bd-expert-01 同时任主任委员（chair，40号令 第9条）",
        ),
    ],
)
def test_a_defect_of_an_expert(expert: dict[str, Any], problem: str) -> None:
    assert lint(stated(expert), DIRECTORY) == [f"专家 bd-expert-03：{problem}"]


def test_an_id_twice_is_told() -> None:
    found = lint(stated({"id": "bd-expert-02"}), DIRECTORY)

    assert found == ["专家 bd-expert-02：id 重复（experts，40号令 第11条）"]


def test_no_problem_shows_a_name_or_an_id_number() -> None:
    told = "".join(lint(stated({"id_number": "990000196602085010"}), DIRECTORY))

    assert "990000196602085010" not in told
    assert "严评丙" not in told


def test_a_wrong_file_never_shows_its_values(tmp_path: Path) -> None:
    file = tmp_path / "committee.toml"
    text = (COMMITTEES / "bd-2023.toml").read_text(encoding="utf-8")
    file.write_text(text.replace('unit = "jialing-university"', "unit = 5"), encoding="utf-8")

    with pytest.raises(FileError) as refused:
        read(file)
    assert refused.value.problems[0] == "第 28 行 experts[0].unit：应为文字，格式见说明"
    assert IMPOSSIBLE_REGION not in str(refused.value)


def test_an_unknown_key_is_told(tmp_path: Path) -> None:
    file = tmp_path / "committee.toml"
    text = (COMMITTEES / "bd-2023.toml").read_text(encoding="utf-8")
    file.write_text(text.replace("valid_until", "valid_untill", 1), encoding="utf-8")

    with pytest.raises(FileError) as refused:
        read(file)
    assert refused.value.problems == ["第 6 行 committee.valid_until：缺少这一项"]


def test_fewer_members_need_the_provinces_consent() -> None:
    assert defects(minimum=9) == [Defect.BELOW_MINIMUM]
    assert defects(minimum=9, consent="渝人社函〔2022〕示例1号") == []
    assert defects(minimum=9, max_level="mid") == []
    assert defects(organised_by="series") == [Defect.BELOW_MINIMUM]


def test_a_later_term_of_the_same_person_is_no_double() -> None:
    pool = a_pool(16)
    ended = pool[15].model_copy(update={"term_to": date(2023, 6, 30)})
    again = an_expert(17, person="p16", term_from=date(2023, 7, 1))

    assert findings(a_committee(), [*pool[:15], ended, again]) == ()
    overlapping = again.model_copy(update={"term_from": date(2023, 6, 30)})
    for pair in ([ended, overlapping], [overlapping, ended]):
        found = findings(a_committee(), [*pool[:15], *pair])
        assert [(item.defect, item.expert) for item in found] == [(Defect.PERSON_TWICE, pair[1].id)]


def test_a_pool_without_a_chair_is_told_for_the_day_asked() -> None:
    pool = [
        item.model_copy(update={"term_to": date(2023, 1, 1)}) if item.chair else item
        for item in a_pool(24)
    ]

    assert findings(a_committee(), pool) == ()
    found = findings(a_committee(), pool, date(2023, 12, 8))
    assert [item.defect for item in found] == [Defect.NO_CHAIR]


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(-3, 3))
def test_three_years_end_on_the_corresponding_day(starts_on: date, days: int) -> None:
    end = longest_end(starts_on)

    assert end.year == starts_on.year + 3
    assert (end.month, end.day) == (
        (2, 28) if (starts_on.month, starts_on.day) == (2, 29) else (starts_on.month, starts_on.day)
    )
    last = end + timedelta(days=days)
    too_long = Defect.FILING_TOO_LONG in defects(filed_on=starts_on, valid_until=last)
    assert too_long is (days > 0)
    expert = an_expert(1, term_from=starts_on, term_to=last)
    found = {item.defect for item in findings(a_committee(), [expert])}
    assert (Defect.TERM_TOO_LONG in found) is (days > 0)


def test_a_filing_covers_both_its_days() -> None:
    committee = a_committee()

    covered = [committee.filed_on, committee.valid_until]
    assert all(committee.is_filed_on(day) for day in covered)
    assert not committee.is_filed_on(date(2022, 6, 19))
    assert not committee.is_filed_on(date(2025, 6, 20))


def test_a_meeting_travels_with_the_plain_committee() -> None:
    plain = a_committee().plain()

    assert type(plain) is Committee
    assert "name" not in plain.model_dump()


def test_a_draw_is_repeated_on_the_file_without_names() -> None:
    found = read_pool(COMMITTEES / "bd-2023.toml")
    pool = found.pool()

    drawn = draw(
        pool, seed="s", seats=found.committee.seats, spares=found.committee.spares,
        on=OURS["bd-2023"],
    )  # fmt: skip

    assert len(drawn) == 15
    assert "bd-expert-24" not in {seat.expert for seat in drawn}
    assert "id_number" not in found.model_dump_json()
