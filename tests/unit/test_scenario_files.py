"""The scenario loader: what it understands, and how it says what it does not."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from config.reading import FileError
from starter.rehearsal.scenario import Scenario, load, scenario_of
from workflows.rules.message import BEIJING
from workflows.rules.names import RuleName

HEAD = 'title = "t"\ncampaign = "bd-2023"\n[[application]]\nroute = "city_unit"\n'


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "story.toml"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def test_a_time_without_seconds_is_beijing_time(tmp_path: Path) -> None:
    story = load(written(tmp_path, '[[step]]\nat = 2023-10-07T09:00\ndo = "submit"\n'))

    assert story.step[0].at.tzinfo is BEIJING
    assert story.step[0].at.isoformat() == "2023-10-07T09:00:00+08:00"


def test_a_deadline_is_a_day_false_or_a_table(tmp_path: Path) -> None:
    step = (
        "[[step]]\nat = 2023-10-07T09:00:00\n[step.expect]\n"
        "deadlines = { unit_publicity = 2023-10-12, chain_duty = false, recheck = { counted = 5 } }\n"
    )
    expect = load(written(tmp_path, step)).step[0].expect

    assert expect is not None
    assert expect.deadlines[RuleName.UNIT_PUBLICITY] == date(2023, 10, 12)
    assert expect.deadlines[RuleName.CHAIN_DUTY] is False


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (
            '[[step]]\nat = 2023-10-07T09:00\ndo = "sbmit"\n',
            "第 1 步（2023-10-07 09:00）do：没有 sbmit",
        ),
        ('[[step]]\nat = 2023-10-07T09:00\ndo = "submit"\ncolour = 1\n', "colour：没有这个键"),
        ("[[step]]\nat = 2023-10-07T09:00\n", "须有 do、operate 或 expect"),
        ('[[step]]\nat = 2023-10-07T09:00\ndo = "submit"\non = "b"\n', "on：没有申报 b"),
        (
            '[[step]]\nat = 2023-10-08T09:00\ndo = "submit"\n'
            '[[step]]\nat = 2023-10-07T09:00\ndo = "withdraw"\n',
            "第 2 步（2023-10-07 09:00）at：早于上一步",
        ),
        (
            "[[step]]\nat = 2023-10-07T09:00\n[step.expect]\nnotices = { letter = 1 }\n",
            "没有 letter 这种通知",
        ),
    ],
)
def test_what_is_wrong_is_said_with_step_and_key(tmp_path: Path, step: str, said: str) -> None:
    with pytest.raises(FileError) as refused:
        load(written(tmp_path, step))

    assert said in str(refused.value)


def test_several_applications_need_their_alias() -> None:
    table = {
        "title": "t",
        "campaign": "bd-2023",
        "application": [{"id": "a", "route": "city_unit"}, {"id": "b", "route": "city_unit"}],
        "step": [{"at": "2023-10-07T09:00", "do": "submit"}],
    }
    with pytest.raises(FileError, match="有多份申报"):
        scenario_of(table, "story")


def test_the_realm_opens_with_the_first_step() -> None:
    story = scenario_of(
        {
            "title": "t",
            "campaign": "bd-2023",
            "application": [{"route": "city_unit"}],
            "step": [{"at": "2023-10-07T09:00", "do": "submit"}],
        },
        "story",
    )

    assert isinstance(story, Scenario)
    assert story.opens_at == story.step[0].at
