"""The forms of all acts: each can be shown, and what is typed into it is read as what the act states."""

from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.datastructures import FormData, UploadFile

from starter.console.fields import blank, problem_of, row_numbers, stated, summary, typed_in
from starter.console.looks import looks
from starter.desk.act_form import (
    Field,
    Option,
    Source,
    Widget,
    fields_of,
    takes_files,
    with_options,
    without_files,
)
from starter.desk.refusing import Reason
from workflows.application.catalogue import CATALOGUE
from workflows.application.payloads import (
    ConfirmRequest,
    PostPublicity,
    RecordPayment,
    Resubmit,
    ReturnForCorrection,
)

LOOKS = looks()
OFFERED = {source: [Option("a1", "第一项"), Option("a2", "第二项")] for source in Source} | {
    Source.CORRIGIBLE: [
        Option("profession", "申报专业"),
        Option("in_service", "是否在职在岗"),
        Option("current_title", "现有职称"),
    ]
}


def shown(fields: tuple[Field, ...], typed: dict[str, list[str]], **more: Any) -> str:
    """An act's form as a page."""
    given: dict[str, Any] = {
        "me": None, "csrf": "c", "told": "", "here": "/", "back": "/", "large": False, "menu": (),
        "problems": (), "case_path": "/anjuan/x", "title": "某某的申报", "standing": "待单位审核",
        "parts_of_case": [], "act": "某事项", "what": "做什么", "act_path": "/anjuan/x/ban/y",
        "fields": fields, "typed": typed, "request_id": "r",
        "layout": "case_base.html", "subject_word": "案卷", "subject_path": "/anjuan/x", "provider": "", "remark": "",
        "kept": "", "looking": (), "seen": 7, "since": (), "takes_files": False,
        "rows": {field.key: [0, 1] for field in fields if field.rows},
    }  # fmt: skip
    return LOOKS.get_template("act_form.html").render(given | more)


def form(**typed: str | list[str]) -> FormData:
    """What a browser sends; `items__0__text` stands for `items.0.text`."""
    pairs: list[tuple[str, str | UploadFile]] = [
        (name.replace("__", "."), value)
        for name, values in typed.items()
        for value in (values if isinstance(values, list) else [values])
    ]
    return FormData(pairs)


@pytest.mark.parametrize("offered", [{}, OFFERED], ids=["nothing", "something"])
@pytest.mark.parametrize("name", [name for name in CATALOGUE if name != "submit"])
def test_the_form_of_every_act_has_each_of_its_fields(name: str, offered: Any) -> None:
    fields = with_options(fields_of(CATALOGUE[name].payload), offered)
    page = shown(fields, blank(fields))
    names = set(re.findall(r' name="([^"]+)"', page))
    for field in fields:
        assert any(re.split(r"[.-]", item)[0] == field.key for item in names), field.key
    labels = re.findall(r'<label for="([^"]+)"', page)
    ids = re.findall(r' id="([^"]+)"', page)
    assert set(labels) <= set(ids)
    assert len(ids) == len(set(ids)), "an id stands twice"


@pytest.mark.parametrize("name", [name for name in CATALOGUE if name != "submit"])
def test_a_form_that_is_left_as_it_is_states_nothing_that_is_wrong(name: str) -> None:
    model = CATALOGUE[name].payload
    fields = with_options(fields_of(model), OFFERED)
    said = stated(fields, blank(fields))
    missing = {field.name for field in fields if field.required} - said.keys()
    if not missing:
        model.model_validate(said)


def test_a_day_is_three_fields_in_whatever_digits() -> None:
    fields = fields_of(PostPublicity)
    day = {"posted_on-year": ["２０２３"], "posted_on-month": ["9"], "posted_on-day": ["27"]}
    assert stated(fields, day) == {"posted_on": "2023-09-27"}
    assert stated(fields, {**day, "posted_on-month": ["13"]}) == {"posted_on": "2023-13-27"}
    assert stated(fields, {"posted_on-year": [" "]}) == {}


def test_an_instant_is_beijings() -> None:
    fields = fields_of(RecordPayment)
    typed = {
        "paid_at-year": ["2023"], "paid_at-month": ["12"], "paid_at-day": ["1"],
        "paid_at-time": ["9：05"], "yuan": ["４２０"], "transaction": [" T-1 "],
    }  # fmt: skip
    said = stated(fields, typed)
    assert said == {"transaction": "T-1", "yuan": 420, "paid_at": "2023-12-01T09:05:00+08:00"}
    assert RecordPayment.model_validate(said).yuan == 420


def test_lines_and_ticks_and_choices() -> None:
    fields = fields_of(PostPublicity)
    typed = typed_in(
        form(
            contacts="023-1\n\n 023-2 ", originals_checked="1", channels=["public_place"], csrf="x"
        ),
        fields,
    )
    assert stated(fields, typed) == {
        "channels": ["public_place"],
        "contacts": ["023-1", "023-2"],
        "originals_checked": True,
    }


def test_a_decision_is_never_taken_by_leaving_it() -> None:
    fields = fields_of(ConfirmRequest)
    assert "checked" not in shown(fields, blank(fields))
    assert stated(fields, {"agree": ["false"]}) == {"agree": False}


def test_blank_rows_are_none_and_the_others_keep_their_order() -> None:
    fields = with_options(fields_of(ReturnForCorrection), OFFERED)
    typed = typed_in(
        form(items__0__text="", items__2__text="甲", items__2__subject="a1", items__7__text="乙"),
        fields,
    )
    assert row_numbers(fields[0], typed) == [0, 1]
    assert stated(fields, typed)["items"] == [{"subject": "a1", "text": "甲"}, {"text": "乙"}]
    assert summary(fields, typed)[0] == ("须补正的各项（1）", "涉及的内容：第一项\n问题与要求：甲")


def test_only_facts_of_one_value_are_corrected_in_a_form() -> None:
    fields = with_options(fields_of(Resubmit), OFFERED)
    typed = typed_in(form(changes__profession="大数据", changes__in_service="false"), fields)
    assert stated(fields, typed) == {"changes": {"profession": "大数据", "in_service": False}}
    assert "changes.current_title" not in shown(fields, blank(fields))


def test_what_somebody_types_is_shown_as_text() -> None:
    fields = fields_of(ReturnForCorrection)
    page = shown(fields, {"note": ['"><script>alert(1)</script>'], "days": ['"autofocus x="']})
    assert "<script>" not in page
    assert '"autofocus' not in page


@pytest.mark.parametrize(
    ("reason", "field"),
    [
        (Reason("malformed_payload", "缺少。", fields=("items.1.text",)), "items.1.text"),
        (Reason("items_required", "须列明。"), "items"),
        (Reason("new_defect", "新问题。"), "items"),
        (Reason("wrong_stage", "不在此环节。"), ""),
    ],
)
def test_a_problem_stands_at_its_field(reason: Reason, field: str) -> None:
    fields = fields_of(ReturnForCorrection)
    problem = problem_of(reason, fields)
    assert problem.field == field
    page = shown(fields, {"items.1.text": ["x"]}, problems=[problem])
    assert not field or f'id="{field}"' in page
    assert page.count(reason.message) == (2 if field else 1)


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_what_is_stated_of_many_at_once_takes_no_file(name: str) -> None:
    every = fields_of(CATALOGUE[name].payload)
    left = without_files(every)
    assert not takes_files(left)
    gone = {field.key for field in every} - {field.key for field in left}
    assert gone <= {"files", "attachments"}


def test_days_of_several_lines_are_taken_as_people_write_them() -> None:
    days = Field("days", "评审会日期", "", "", "", Widget.LINES, required=True)
    typed = {"days": ["2023年12月8日\n2023-12-09\n第三天"]}

    assert stated([days], typed) == {"days": ["2023-12-08", "2023-12-09", "第三天"]}
