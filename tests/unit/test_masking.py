"""Masking of personal data on papers: the rule that is data, on common and on rare values."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from activities.papers.catalogue import PAPERS
from activities.papers.masking import FieldRule, Form, MaskingRule, masking
from workflows.rules.papers import PaperKind


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张", "*"),
        ("张三", "张*"),
        ("欧阳三", "欧*三"),
        ("欧阳三四", "欧阳**"),
        ("尼格买提某", "尼****"),
        ("阿不都·买买提", "阿**·***"),
        ("阿·买", "阿·*"),
        ("", ""),
    ],
)
def test_a_name_is_masked_by_its_length_and_keeps_its_dots(name: str, shown: str) -> None:
    assert masking().fields["name"].mask(name) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("990000198501010019", "990*************19"),
        ("99000019850101001X", "990*************1X"),
        ("990000850101001", "990**********01"),
        ("E12345678", "E******78"),
        ("EA1234567", "E******67"),
        ("H1234567890", "H********90"),
        ("8123-45", "*****45"),
        ("12", "**"),
        ("1", "*"),
    ],
)
def test_an_id_number_keeps_too_little_to_be_used(number: str, shown: str) -> None:
    rule = masking()
    applied = rule.apply(PaperKind.PUBLICITY_FORM, "id_number", number)
    assert applied == shown or rule.fields["id_number"].mask(number) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13900000000", "139******00"),
        ("023-00009001", "023*******01"),
        ("02300009001", "023******01"),
        ("00009001", "******01"),
        ("+1 5550100", "********00"),
    ],
)
def test_a_phone_keeps_its_area_and_two_digits(phone: str, shown: str) -> None:
    assert masking().fields["phone"].mask(phone) == shown


@pytest.mark.parametrize(
    "number", ["９９００００１９８５０１０１００１ｘ", " 990000 19850101 001x "]
)
def test_a_number_is_masked_however_it_was_typed(number: str) -> None:
    assert masking().apply(PaperKind.RESULT_LIST, "id_number", number) == "990*************1X"


@pytest.mark.parametrize("dot", "•・‧∙⋅·")
def test_every_middle_dot_is_the_same_dot(dot: str) -> None:
    shown = masking().apply(PaperKind.RESULT_LIST, "name", f"买买提{dot}吐尔逊")
    assert shown == "买买提·吐尔逊"


def test_something_of_every_value_is_covered() -> None:
    for rule in masking().fields.values():
        for length in range(1, 30):
            value = "9" * length
            assert rule.mark in rule.mask(value)
            assert len(rule.mask(value)) == length


def test_a_value_too_short_for_its_form_keeps_nothing() -> None:
    rule = FieldRule(forms=(Form(first=3, last=3),))
    assert rule.mask("123456") == "******"
    assert rule.mask("1234567") == "123*567"


def test_no_public_paper_shows_a_whole_number_or_a_phone() -> None:
    rule = masking()
    for kind, paper in PAPERS.items():
        if paper.public:
            assert rule.shown(kind, "id_number") != "full"
            assert rule.shown(kind, "phone") == "hidden"


def test_what_is_not_named_is_masked_in_public_and_shown_to_whom_it_concerns() -> None:
    rule = MaskingRule(fields=masking().fields)
    assert rule.shown(PaperKind.RESULT_LIST, "name") == "masked"
    assert rule.shown(PaperKind.REVIEW_FORM, "id_number") == "full"
    assert rule.apply(PaperKind.RESULT_LIST, "name", "张三") == "张*"


@pytest.mark.parametrize(
    "wrong",
    [
        {"mark": "**", "forms": [{"first": 0, "last": 0}]},
        {"mark": "*", "forms": []},
        {"mark": "*", "forms": [{"first": -1, "last": 0}]},
        {"mark": "*", "forms": [{"first": 1, "last": 0, "lenght": 3}]},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        FieldRule.model_validate(wrong)
