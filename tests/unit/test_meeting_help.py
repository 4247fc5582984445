"""The help of a meeting's acts: held against the catalogue and the payload models."""

from __future__ import annotations

from enum import StrEnum

import pytest
from click.testing import CliRunner

from activities.wording import help_text, label
from starter.cli import zhiping
from starter.desk.act_form import MEETING_ACTS, Field, fields_of, flat, words
from starter.meetings import meeting
from workflows.meeting.catalogue import MEETING_CATALOGUE
from workflows.meeting.meeting import BatchPhase, Phase, Track
from workflows.rules.recusal import Ground


def fields(name: str) -> list[Field]:
    """Every field of an act on a meeting."""
    return list(flat(fields_of(MEETING_CATALOGUE[name].payload, MEETING_ACTS)))


@pytest.mark.parametrize("name", list(MEETING_CATALOGUE))
def test_every_act_has_a_label_a_sentence_and_a_meaning_for_each_field(name: str) -> None:
    assert label("acts", name) != name
    assert help_text("acts", name)
    assert [item.key for item in fields(name) if not item.label] == []


@pytest.mark.parametrize("name", list(words(MEETING_ACTS)["examples"]))
def test_every_example_is_one(name: str) -> None:
    example = words(MEETING_ACTS)["examples"][name]

    read = MEETING_CATALOGUE[name].payload.model_validate(example)

    assert read.model_dump(mode="json", exclude_unset=True) == example


def test_no_word_is_left_over() -> None:
    used = {
        part
        for name in MEETING_CATALOGUE
        for item in fields(name)
        for part in (item.key, item.name)
    }

    assert set(words(MEETING_ACTS)["fields"]) - used == set()


@pytest.mark.parametrize(
    ("group", "names"),
    [
        ("phases", Phase),
        ("batch_phases", BatchPhase),
        ("tracks", Track),
        ("recusal_grounds", Ground),
    ],
)
def test_every_name_of_a_meeting_is_told_in_chinese(group: str, names: type[StrEnum]) -> None:
    assert [name for name in names if label(group, name.value) == name.value] == []


def test_an_act_is_explained() -> None:
    result = CliRunner().invoke(zhiping, ["meeting", "acts", "enter_ballots"])

    assert result.exit_code == 0
    assert "tallies.uncast（整数）未投，含无效" in result.output
    assert "评审中" in result.output


@pytest.mark.parametrize("stated", ["a", "a=7:x", "a=1:2:3:4:5", "=7:2"])
def test_votes_written_otherwise_are_a_wrong_call(stated: str) -> None:
    result = CliRunner().invoke(
        meeting, ["ballot", "m", "--votes", stated, "--as", "chen@bd-committee-office"]
    )

    assert result.exit_code == 2
    assert "申报=同意:反对:弃权" in result.output
