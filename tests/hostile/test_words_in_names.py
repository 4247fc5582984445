"""A name of something is no place for words: they would lie in the engine in clear."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from workflows.application.payloads import ReturnForCorrection
from workflows.writer.reading import unreadable

ITEM = {"text": "text-00000000-0000-0000-0000-000000000000"}


@pytest.mark.parametrize(
    "words",
    [
        "李四的论文系抄袭",
        "achievement:李四的论文",
        "fact:profession 李四",
        "Li Si",
        "paper:",
        "person:li",
    ],
)
def test_an_item_of_a_return_is_about_something_by_its_name_alone(words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ReturnForCorrection.model_validate({"items": [ITEM | {"subject": words}]})
    refused = unreadable(caught.value)
    [reason] = refused.reasons
    assert reason.code == "malformed_payload"
    assert words not in str(reason.params)


@pytest.mark.parametrize(
    "name", ["", "achievement:a1", "paper:tax_record", "fact:profession", "profession"]
)
def test_what_the_case_has_can_be_named(name: str) -> None:
    stated = ReturnForCorrection.model_validate({"items": [ITEM | {"subject": name}]})
    assert stated.items[0].subject == name
