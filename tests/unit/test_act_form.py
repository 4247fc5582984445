"""The one account of what acts state: held against the models, the labels and the refusals."""

from __future__ import annotations

import pytest

from activities.texts import shapes
from activities.wording import labels
from starter.desk.act_form import (
    ACTS,
    MEETING_ACTS,
    Field,
    Option,
    Source,
    Widget,
    about,
    fields_of,
    flat,
    with_options,
    words,
)
from starter.desk.refusing import Reason
from workflows.application.catalogue import CATALOGUE
from workflows.application.corrections import FROZEN
from workflows.application.payloads import (
    ConfirmRequest,
    ExtendDeadline,
    OverrideReturn,
    PostPublicity,
    RecordPayment,
    Refuse,
    Resubmit,
    ReturnForCorrection,
    SetAside,
)
from workflows.meeting.catalogue import MEETING_CATALOGUE
from workflows.rules.facts import Facts
from workflows.rules.refusals import Code

ROWS = [(ACTS, row) for row in CATALOGUE.values()]
ROWS += [(MEETING_ACTS, row) for row in MEETING_CATALOGUE.values()]  # type: ignore[misc]
FIELDS = [
    (f"{row.name}.{field.key}", field)
    for which, row in ROWS
    for field in flat(fields_of(row.payload, which))
]


def field_of(model: type, key: str) -> Field:
    return next(field for field in flat(fields_of(model)) if field.key == key)


@pytest.mark.parametrize("field", [item for _, item in FIELDS], ids=[name for name, _ in FIELDS])
def test_every_value_to_choose_has_a_name_of_its_own(field: Field) -> None:
    assert [option.value for option in field.options if option.label == option.value] == []
    assert len({option.label for option in field.options}) == len(field.options)


@pytest.mark.parametrize("field", [item for _, item in FIELDS], ids=[name for name, _ in FIELDS])
def test_no_label_tells_how_something_is_typed(field: Field) -> None:
    """A form says it with its widget; what only a typing person needs stands apart."""
    assert not any(
        letter.isascii() and letter.isalpha() for letter in field.label.replace("SHA-256", "")
    )
    assert not any(letter.isascii() and letter.isalpha() for letter in field.hint)


@pytest.mark.parametrize("which", [ACTS, MEETING_ACTS])
@pytest.mark.parametrize("group", ["fields", "hints", "typed", "choices", "sources"])
def test_no_word_is_left_over(which: str, group: str) -> None:
    used = {
        part
        for told, row in ROWS
        if told == which
        for field in flat(fields_of(row.payload, told))
        for part in (field.key, field.name)
    }
    assert set(words(which)[group]) - used == set()


@pytest.mark.parametrize("which", [ACTS, MEETING_ACTS])
def test_what_a_refusal_is_about_is_a_field_and_its_code_is_one(which: str) -> None:
    keys = {
        field.key
        for told, row in ROWS
        if told == which
        for field in flat(fields_of(row.payload, told))
    }
    for code, fields in words(which)["about"].items():
        assert Code(code)
        assert set(fields) <= keys, code


@pytest.mark.parametrize(
    ("model", "key", "widget"),
    [
        (PostPublicity, "posted_on", Widget.DAY),
        (PostPublicity, "contacts", Widget.LINES),
        (PostPublicity, "channels", Widget.MANY),
        (PostPublicity, "originals_checked", Widget.TICK),
        (PostPublicity, "merits", Widget.PROSE),
        (RecordPayment, "yuan", Widget.NUMBER),
        (RecordPayment, "paid_at", Widget.MOMENT),
        (RecordPayment, "transaction", Widget.LINE),
        (Refuse, "ground", Widget.ONE),
        (ConfirmRequest, "agree", Widget.YES_NO),
        (ReturnForCorrection, "items", Widget.ROWS),
        (ReturnForCorrection, "items.subject", Widget.ONE),
        (Resubmit, "changes", Widget.VALUES),
        (SetAside, "second_person", Widget.ONE),
    ],
)
def test_a_field_is_filled_in_as_what_it_takes(model: type, key: str, widget: Widget) -> None:
    assert field_of(model, key).widget is widget


def test_fields_keep_the_order_of_the_payload() -> None:
    keys = [field.key for field in fields_of(ReturnForCorrection)]
    assert keys == list(shapes(ReturnForCorrection)["properties"])


def test_a_choice_without_anything_to_choose_is_typed_and_says_how() -> None:
    [field] = with_options([field_of(ExtendDeadline, "rule")], {})
    assert (field.widget, field.typed) == (Widget.LINE, "如 committee_correction")
    assert with_options([field_of(SetAside, "second_person")], {}) == ()
    offered = {Source.COLLEAGUES: [Option("qian", "钱某（负责人）")]}
    [field] = with_options([field_of(SetAside, "second_person")], offered)
    assert (field.widget, field.typed) == (Widget.ONE, "")
    assert [option.value for option in field.options] == ["qian"]


def test_what_is_filled_in_by_itself_is_in_no_form() -> None:
    assert field_of(ReturnForCorrection, "items.id").by_itself
    [items] = with_options([field_of(ReturnForCorrection, "items")], {})
    assert [row.name for row in items.rows] == ["text"]


def test_a_row_gets_its_options_too() -> None:
    offered = {Source.SUBJECTS: [Option("paper:contract", "材料：合同")]}
    [items] = with_options([field_of(ReturnForCorrection, "items")], offered)
    assert [row.options for row in items.rows if row.name == "subject"] == [
        tuple(offered[Source.SUBJECTS])
    ]


@pytest.mark.parametrize(
    ("reason", "model", "expected"),
    [
        (Reason("reason_required", "须写明理由。"), OverrideReturn, ("reason",)),
        (Reason("items_required", "须列明各项。"), ReturnForCorrection, ("items",)),
        (Reason("malformed_payload", "缺少。", fields=("items.0.text",)), ReturnForCorrection, ("items.text",)),
        (Reason("date_not_allowed", "不能采用。"), PostPublicity, ("posted_on",)),
        (Reason("wrong_stage", "不在此环节。"), Refuse, ()),
        (Reason("reason_required", "须写明理由。"), RecordPayment, ()),
    ],
)  # fmt: skip
def test_a_refusal_says_which_field_it_is_about(
    reason: Reason, model: type, expected: tuple[str, ...]
) -> None:
    assert about(reason, fields_of(model)) == expected


def test_every_fact_that_may_be_corrected_has_a_name() -> None:
    assert set(labels("facts")) == set(Facts.model_fields) - FROZEN - {"achievements"}
