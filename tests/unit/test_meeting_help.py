"""The help of a meeting's acts: held against the catalogue and the payload models."""

from __future__ import annotations

from enum import StrEnum

import pytest
from click.testing import CliRunner

from activities.wording import help_text, label
from starter import meeting_help
from starter.cli import zhiping
from starter.meetings import meeting
from workflows.meeting.catalogue import MEETING_CATALOGUE
from workflows.meeting.meeting import BatchPhase, Phase, Track
from workflows.rules.recusal import Ground


@pytest.mark.parametrize("name", list(MEETING_CATALOGUE))
def test_every_act_has_a_label_a_sentence_and_a_meaning_for_each_field(name: str) -> None:
    row = MEETING_CATALOGUE[name]

    assert label("acts", name) != name
    assert help_text("acts", name)
    assert [key for key, _, _, meaning in meeting_help.fields(row) if not meaning] == []


@pytest.mark.parametrize("name", list(meeting_help.words()["examples"]))
def test_every_example_is_one(name: str) -> None:
    example = meeting_help.words()["examples"][name]

    read = MEETING_CATALOGUE[name].payload.model_validate(example)

    assert read.model_dump(mode="json", exclude_unset=True) == example


def test_no_word_is_left_over() -> None:
    used = {
        part
        for row in MEETING_CATALOGUE.values()
        for key, *_ in meeting_help.fields(row)
        for part in (key, key.rpartition(".")[2])
    }

    assert set(meeting_help.words()["fields"]) - used == set()


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
    assert "tallies.uncast（整数）未投（含无效）" in result.output
    assert "评审中" in result.output


@pytest.mark.parametrize("stated", ["a", "a=7:x", "a=1:2:3:4:5", "=7:2"])
def test_votes_written_otherwise_are_a_wrong_call(stated: str) -> None:
    result = CliRunner().invoke(
        meeting, ["ballot", "m", "--votes", stated, "--as", "chen@bd-committee-office"]
    )

    assert result.exit_code == 2
    assert "申报=同意:反对:弃权" in result.output
