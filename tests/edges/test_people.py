"""People as they are stated: one writing at every door, and nobody who cannot be (issue 9, point 9)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from activities.intake import StatedApplication, StatedIdentity
from activities.wording import sentence
from config.committee_files import ExpertEntry
from config.directory_files import Member
from config.reading import FileError, explain
from config.submission_files import from_table, made_up_person, sample, sample_table
from tests.builders import BD, a_policy
from workflows.operation.payloads import (
    FirstOperator,
    StatedAddress,
    StatedExpert,
    StatedMember,
    StatedPerson,
)
from workflows.rules import people
from workflows.rules.days import BARE_NUMBER, WRONG_WEEKDAY, Day
from workflows.rules.facts import Facts
from workflows.rules.people import check_digit, normal_name, written_name, written_phone
from workflows.rules.stated_days import examine_days
from workflows.writer.reading import unreadable


def numbered(digits: str) -> str:
    return digits + check_digit(digits)


# A number of ours that ends in X: its region is impossible.
X = next(
    number for tail in range(999) if (number := numbered(f"99000019850101{tail:03d}"))[-1] == "X"
)
TERM = {"unit": "u", "professions": ["大数据"], "term_from": "2023-01-01", "term_to": "2023-12-31"}

DOORS: list[tuple[type[BaseModel], dict[str, Any]]] = [
    (StatedIdentity, {"name": "张三", "phone": "023-00009001"}),
    (StatedMember, {"id": "a", "name": "张三", "organisation": "o"}),
    (StatedExpert, {"id": "a", "name": "张三", **TERM}),
    (StatedPerson, {}),
    (FirstOperator, {"id": "aa", "name": "张三"}),
    (Member, {"id": "aa", "name": "张三", "organisation": "o"}),
    (ExpertEntry, {"id": "aa", "name": "张三", **TERM}),
]


def types_of(error: ValidationError) -> set[str]:
    return {item["type"] for item in error.errors(include_input=False)}


@pytest.mark.parametrize(("door", "rest"), DOORS, ids=lambda part: getattr(part, "__name__", ""))
@pytest.mark.parametrize(
    "written",
    [
        X,
        X.lower(),
        X.translate(str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")),
        f" {X[:6]} {X[6:14]} {X[14:]} ",
        f"{X[:6]}-{X[6:14]}—{X[14:]}",
        f"{X[:6]}·{X[6:14]}·{X[14:]}",
    ],
)
def test_an_id_number_is_one_at_every_door(
    door: type[BaseModel], rest: dict[str, Any], written: str
) -> None:
    stated = door.model_validate({**rest, "id_number": written})

    assert getattr(stated, "id_number") == X  # noqa: B009 - the field of any of the models


@pytest.mark.parametrize(("door", "rest"), DOORS, ids=lambda part: getattr(part, "__name__", ""))
@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("-----", people.BAD_PERMIT),
        ("_____", people.BAD_PERMIT),
        ("     ", people.BAD_PERMIT),
        ("00000", people.BAD_PERMIT),
        ("ABCDE", people.BAD_PERMIT),
        ("护照12345", people.BAD_PERMIT),
        (X[:-1] + "1", people.BAD_ID_CARD),
        (numbered("99000019851301001"), people.BAD_BIRTH),
        (numbered("99000019850230001"), people.BAD_BIRTH),
        (numbered("99000010000101001"), people.BAD_BIRTH),
        (X.replace("1", "I"), people.BAD_ID_CARD),
        (X.replace("1", "l"), people.BAD_ID_CARD),
        (X.replace("0", "O"), people.BAD_ID_CARD),
        ("990000850101901", people.OLD_ID_CARD),
    ],
)
def test_what_is_nobodys_number_passes_no_door(
    door: type[BaseModel], rest: dict[str, Any], written: str, kind: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        door.model_validate({**rest, "id_number": written})

    assert types_of(caught.value) == {kind}
    said = sentence(unreadable(caught.value).first)
    assert "证" in said.message
    assert written not in said.message


@pytest.mark.parametrize(
    "written", ["H12345678", "ea 1234567", "EXA990000000000", "810000199901010011"[:8]]
)
def test_a_permit_has_letters_and_digits(written: str) -> None:
    assert StatedPerson(id_number=written).id_number == written.replace(" ", "").upper()


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽．买买提", "阿依古丽·买买提"),
        ("阿依古丽.买买提", "阿依古丽·买买提"),
        ("阿依古丽 · 买买提", "阿依古丽·买买提"),
        ("张 三", "张三"),
        ("张　三（示例）", "张三（示例）"),
        (" Ｊohn  Smith ", "John Smith"),
        ("J. Smith", "J. Smith"),
        ("𠮷田", "𠮷田"),
        ("\u2f45正", "方正"),
        ("葛\U000e0100城", "葛城"),
        ("Jose\u0301 A\u0308", "José Ä"),
        ("﨑山", "﨑山"),
        ("·阿依古丽·买买提·", "阿依古丽·买买提"),
        ("吴有无", "吴有无"),
    ],
)
def test_a_name_is_kept_in_one_writing(stated: str, kept: str) -> None:
    assert written_name(stated) == kept
    assert normal_name(stated) == normal_name(kept)
    assert StatedMember(id="a", name=stated, organisation="o").name == kept


@pytest.mark.parametrize(
    "stated",
    [
        "---",
        "···",
        "123",
        " ",
        "（）",
        "无",
        " 暂无 ",
        "N/A",
        "Null",
        "张三、李四",
        "张三/李四",
        "张三 ； 李四",
    ],
)
def test_what_is_nobodys_name_or_that_of_several_is_none(stated: str) -> None:
    with pytest.raises(ValidationError) as caught:
        StatedMember(id="a", name=stated, organisation="o")

    assert types_of(caught.value) == {people.BAD_NAME}


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        ("023-00009001转8012", "023-00009001转8012"),
        ("023-00009001 转 8012", "023-00009001转8012"),
        ("023-00009001分机8012", "023-00009001转8012"),
        ("023-00009001 ext. 8012", "023-00009001转8012"),
        ("023-00009001、13800000000", "023-00009001、13800000000"),
        ("023-00009001/138-0000-0000", "023-00009001、13800000000"),
        ("023-00009001，13800000000", "023-00009001、13800000000"),
        ("(023)00009001", "023-00009001"),
        ("０２３－００００９００１", "023-00009001"),
        ("023—00009001", "023-00009001"),
        ("+86 138 0000 0000", "+86-13800000000"),
        ("12333", "12333"),
        ("023-00009001#8012", "023-00009001转8012"),
        ("13800000000 13900000000", "13800000000、13900000000"),
        ("138 0000 0000", "13800000000"),
    ],
)
def test_a_phone_is_kept_in_one_writing(stated: str, kept: str) -> None:
    assert written_phone(stated) == kept
    assert StatedAddress(person="p", phone=stated).phone == kept


@pytest.mark.parametrize(
    "stated",
    [
        *(
            "--------",
            "00000000",
            "（）（）（）（）",
            "转8012",
            "无",
            "1234567转",
            "、",
            "9" * 40,
            " ",
        ),
        *("1380000000", "138000000000", "023-00009001、138-0000-000"),
    ],
)
def test_what_rings_nowhere_is_no_phone(stated: str) -> None:
    with pytest.raises(ValidationError) as caught:
        StatedAddress(person="p", phone=stated)

    assert types_of(caught.value) == {people.BAD_PHONE}
    assert "电话" in sentence(unreadable(caught.value).first).message


def test_a_file_and_a_program_state_the_same_person() -> None:
    """What a file says and what is handed to the intake directly is kept alike."""
    table = sample_table("city_unit", BD, {})
    table["identity"] |= {
        "name": "阿依古丽•买买提",
        "id_number": X.lower(),
        "phone": "023—00009001 转 8012",
    }

    from_file = from_table(table).identity
    direct = StatedApplication.model_validate(table).identity

    assert (direct.name, direct.id_number, direct.phone) == (
        from_file.name,
        from_file.id_number,
        from_file.phone,
    )


def test_an_identity_card_is_asked_for_where_it_is_stated() -> None:
    with pytest.raises(FileError) as caught:
        sample("city_unit", BD, identity={"id_number": "H12345678"})

    assert caught.value.problems == ["identity.id_number：身份证号码应为 18 位且校验码正确"]


@pytest.mark.parametrize("years", [-3, 61, 10**30])
def test_impossible_years_in_a_title(years: int) -> None:
    with pytest.raises(FileError, match="years_in_title"):
        sample("city_unit", BD, facts={"years_in_title": years})


def test_whoever_was_a_child_holds_no_title() -> None:
    """A birth after the title, by a slip of one digit, is told at both doors."""
    born_late = numbered("99000020110101001")
    table = sample_table("city_unit", BD, {"identity": {"id_number": born_late}})

    with pytest.raises(FileError, match="16 周岁"):
        from_table(table)
    with pytest.raises(ValidationError) as caught:
        StatedApplication.model_validate(table)
    assert types_of(caught.value) == {people.BORN_TOO_LATE}


def facts(**differences: Any) -> Facts:
    return sample("city_unit", BD, facts=differences).facts


AT = sample("city_unit", BD).facts.pledged_at


@pytest.mark.parametrize(
    ("differences", "named"),
    [
        ({"current_title": {"obtained_on": "2031-11-20"}}, "取得现职称"),
        ({"achievements": {"a1": {"achieved_on": "2031-01-01"}}}, "业绩成果（a1）"),
        ({"residency": {"insured_from": "2031-01-01"}}, "参保"),
        (
            {"relaxations": [{"kind": "tibet", "served_from": "2031-01-01"}]},
            "特殊岗位服务开始",
        ),
        (
            {
                "relaxations": [
                    {"kind": "tibet", "served_from": "2021-01-01", "served_to": "2020-01-01"}
                ]
            },
            "结束日期",
        ),
    ],
)
def test_what_has_not_happened_is_not_stated(differences: dict[str, Any], named: str) -> None:
    assert AT is not None
    found = examine_days(facts(**differences), a_policy(BD), AT).refusals

    assert len(found) == 1
    assert named in sentence(found[0]).message


def test_what_has_happened_is() -> None:
    assert AT is not None
    assert not examine_days(facts(), a_policy(BD), AT).refusals


@pytest.mark.parametrize(
    "written",
    [
        "2017-11-20",
        "2017-11-20 ",
        "2017/11/20",
        "2017.11.20",
        "2017年11月20日",
        "20171120",
        "２０１７－１１－２０",
    ],
)
def test_a_day_is_one_however_written(written: str) -> None:
    title = facts(current_title={"obtained_on": written}).current_title

    assert title is not None
    assert title.obtained_on == date(2017, 11, 20)


@pytest.mark.parametrize("number", ["0", "86400", "-86400", "46086", "46086.395833", "８６４００"])
def test_a_number_written_as_a_text_is_no_day(number: str) -> None:
    """86400 was 2 January 1970; a spreadsheet's day without its format is 46086."""
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(Day).validate_python(number)
    assert refused.value.errors()[0]["type"] == BARE_NUMBER


@pytest.mark.parametrize(
    ("stated", "day"),
    [
        ("二〇二六年三月五日", "2026-03-05"),
        ("二零二六年十月三十一日", "2026-10-31"),
        ("二○二六年十二月二十日", "2026-12-20"),
        ("二〇二六年十月十日", "2026-10-10"),
        ("二〇二六年二月三十日", ""),
        ("二〇二六年十十月五日", ""),
        ("二〇二六年三月五十五日", ""),
    ],
)
def test_a_day_in_chinese_numerals(stated: str, day: str) -> None:
    """As notices and old papers write it."""
    read = TypeAdapter(Day).validate_python
    if day:
        assert read(stated) == date.fromisoformat(day)
    else:
        with pytest.raises(ValidationError):
            read(stated)


@pytest.mark.parametrize("number", [20171120, 0, 1511107200, 1.5, True])
def test_a_bare_number_is_no_day(number: float) -> None:
    """pydantic would read 20171120 as seconds, and August 1970."""
    with pytest.raises(ValidationError) as caught:
        Facts.model_validate(
            facts().model_dump() | {"retirement_approved_on": number, "pledged_at": number}
        )

    assert types_of(caught.value) == {BARE_NUMBER}


def test_made_up_people_pass_their_own_doors() -> None:
    for number in range(1, 1000):
        person = made_up_person(number)
        assert StatedIdentity.model_validate(person.model_dump()).phone == person.phone


@pytest.mark.parametrize(
    "written",
    [
        *("2023年11月1日（周三）", "2023年11月1日 星期三", "2023-11-01(周三)"),
        *("2023年11月1号", "2023–11–01", "二〇二三年十一月一日（星期三）"),
    ],
)
def test_a_day_as_our_own_letters_write_it_is_taken_back(written: str) -> None:
    assert TypeAdapter(Day).validate_python(written) == date(2023, 11, 1)


@pytest.mark.parametrize("written", ["2023年11月1日（周四）", "2023-11-01 星期天"])
def test_a_day_with_another_weekday_is_one_slip_or_the_other(written: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(Day).validate_python(written)
    assert refused.value.errors()[0]["type"] == WRONG_WEEKDAY
    assert explain(refused.value) == ["文件：日期与所写的星期不符，请核对其中哪一个写错了"]
