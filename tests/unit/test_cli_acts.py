"""The catalogue told at the command line: help, fields, examples, and free text put aside."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from activities.wording import help_text
from config.reading import FileError
from starter.action_help import explained, what, who
from starter.cli import zhiping
from starter.desk.act_form import ACTS, fields_of, flat, words
from starter.desk.stating import StatedError, checked, with_texts_stored
from starter.payloads import stated_in
from workflows.application.catalogue import CATALOGUE
from workflows.application.payloads import ConcludeInquiry, PostPublicity, ReturnForCorrection
from workflows.rules.refusals import Code, Refused

ACTIONS = sorted(CATALOGUE)


async def store(text: str) -> str:
    return f"text-{text}"


@pytest.mark.parametrize("action", ACTIONS)
def test_every_act_says_what_it_is(action: str) -> None:
    assert help_text("acts", action)
    assert who(CATALOGUE[action])


@pytest.mark.parametrize("action", ACTIONS)
def test_every_field_of_every_act_has_its_words(action: str) -> None:
    assert [
        field.key for field in flat(fields_of(CATALOGUE[action].payload)) if not field.label
    ] == []


@pytest.mark.parametrize("action", [name for name in ACTIONS if name != "submit"])
def test_every_example_can_be_sent_as_it_stands(action: str) -> None:
    row = CATALOGUE[action]
    checked(row.payload, json.loads(json.dumps(explained(row).example)))


def test_no_example_is_of_an_act_that_is_not_there() -> None:
    assert set(words(ACTS)["examples"]) <= set(ACTIONS)


def test_the_help_of_act_lists_every_act() -> None:
    listed = CliRunner().invoke(zhiping, ["act", "--help"]).output
    assert [action for action in ACTIONS if action not in listed] == []


@pytest.mark.parametrize("action", ACTIONS)
def test_the_help_of_one_act_explains_it(action: str) -> None:
    told = CliRunner().invoke(zhiping, ["act", "x", action, "--help"])
    assert told.exit_code == 0
    assert what(action) in told.output
    assert "谁可以办" in told.output


def test_acts_as_json_has_all_of_them() -> None:
    listed = json.loads(CliRunner().invoke(zhiping, ["acts", "--json"]).output)
    assert [item["action"] for item in listed] == list(CATALOGUE)


def test_an_unknown_act_is_refused_with_a_suggestion() -> None:
    result = CliRunner().invoke(zhiping, ["acts", "aprove"])
    assert result.exit_code == 3
    assert "approve" in result.output


async def test_free_text_is_replaced_wherever_it_lies() -> None:
    stated = {"items": [{"subject": "paper:contract", "text": "缺公章"}], "days": 3}
    assert await with_texts_stored(ReturnForCorrection, stated, store) == {
        "items": [{"subject": "paper:contract", "text": "text-缺公章"}],
        "days": 3,
    }


async def test_free_text_in_a_list_is_replaced() -> None:
    stated = {"contacts": ["023-1", "023-2"], "channels": ["public_place"]}
    assert await with_texts_stored(PostPublicity, stated, store) == {
        "contacts": ["text-023-1", "text-023-2"],
        "channels": ["public_place"],
    }


async def test_an_empty_text_stays_and_words_that_look_like_a_reference_are_stored() -> None:
    stated = {"reason": "text-1", "place": ""}
    kept = await with_texts_stored(PostPublicity, stated, store)
    assert kept == {"reason": await store("text-1"), "place": ""}
    assert kept["reason"] != "text-1"


def test_what_is_not_stated_is_not_sent() -> None:
    assert checked(ReturnForCorrection, {"days": 3}) == {"days": 3}


def test_an_unknown_field_is_refused_by_name() -> None:
    with pytest.raises(FileError, match="resaon"):
        checked(ConcludeInquiry, {"outcome": "unfounded", "resaon": "x"})


@pytest.mark.parametrize("text", ["[1]", "{", "reason=x"])
def test_what_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(FileError):
        stated_in(text)


async def test_what_is_too_long_is_refused_before_any_text_of_it_is_stored() -> None:
    stored: list[str] = []

    async def keep(text: str) -> str:
        stored.append(text)
        return await store(text)

    many = {"contacts": [f"023-{number}" for number in range(2000)]}
    with pytest.raises(Refused) as refused:
        await with_texts_stored(PostPublicity, many, keep)
    assert [item.code for item in refused.value.reasons] == [Code.PAYLOAD_TOO_LARGE]
    assert stored == []


@pytest.mark.parametrize("text", ['{"a": 1, "a": 2}', '{"n": ' + "1" * 5000 + "}", "[" * 100_000])
def test_json_that_is_taken_otherwise_than_it_is_written_is_refused(text: str) -> None:
    with pytest.raises(StatedError):
        stated_in(text)
