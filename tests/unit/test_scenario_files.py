"""The scenario loader: what it understands, and how it says what it does not."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from config.reading import FileError
from starter.rehearsal.scenario import Scenario, load, scenario_of
from starter.rehearsal.season import season
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


TWO = (
    'title = "t"\ncampaign = "bd-2023"\n'
    '[[application]]\nid = "a"\nroute = "city_unit"\n'
    '[[application]]\nid = "b"\nroute = "city_unit"\n'
    '[[meeting]]\nid = "m"\nnumber = "2023-BD-01"\n'
)


def with_meeting(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "meeting.toml"
    path.write_text(TWO + text, encoding="utf-8")
    return path


def test_a_step_of_a_meeting_has_acts_and_expectations_of_its_own(tmp_path: Path) -> None:
    story = load(
        with_meeting(
            tmp_path,
            '[[step]]\nat = 2023-12-08T16:00\nmeeting = "m"\ndo = "enter_ballots"\nby = "office[1]"\n'
            "with = { votes = { a = [6, 3] } }\n[step.expect_meeting]\n"
            'batches = { 1 = "posted" }\nvotes = { a = [6, 3] }\n'
            'deadlines = { "result_report:1" = 2023-12-15, "confirmation:2" = false }\n',
        )
    )
    expect = story.step[0].expect_meeting

    assert expect is not None
    assert expect.batches == {1: "posted"}
    assert expect.votes == {"a": (6, 3)}
    assert story.meeting_of(story.step[0]) == story.meeting[0]


def test_one_step_for_several_applications_is_one_for_each(tmp_path: Path) -> None:
    story = load(
        with_meeting(
            tmp_path,
            '[[step]]\nat = 2023-11-16T10:00\non = "all"\ndo = "record_payment"\n'
            'with = { transaction = "BD-{on}", yuan = 420, paid_at = 2023-11-16T09:30:00 }\n'
            '[[step]]\nat = 2023-11-17T10:00\non = ["b"]\ndo = "withdraw"\n',
        )
    )

    steps = [(number, step.on, step.payload.get("transaction")) for number, step in story.steps]
    assert steps == [(1, "a", "BD-a"), (1, "b", "BD-b"), (2, "b", None)]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ('meeting = "m"\ndo = "approve"\n', "没有 approve 这个操作"),
        ('on = "a"\ndo = "enter_ballots"\n', "没有 enter_ballots 这个操作"),
        ('meeting = "x"\ndo = "draw"\n', "没有评审会 x"),
        ('meeting = "m"\ndo = "plan"\nwith = { applications = ["c"] }\n', "没有申报 c"),
        ('meeting = "m"\ndo = "enter_ballots"\nwith = { votes = { c = [1, 0] } }\n', "没有申报 c"),
        ('meeting = "m"\n[step.expect_meeting]\ncandidates = { c = "listed" }\n', "没有申报 c"),
        ('meeting = "m"\n[step.expect_meeting]\ndeadlines = { result_report = false }\n', "批次"),
        ('meeting = "m"\n[step.expect]\nstage = "in_review"\n', "须写明是哪一份"),
        ('meeting = "m"\non = "a"\ndo = "draw"\n', "才写 on"),
        ('on = "a"\ndo = "submit"\n[step.expect_meeting]\nphase = "planned"\n', "须写明 meeting"),
        ('on = ["a", "c"]\ndo = "submit"\n', "没有申报 c"),
    ],
)
def test_what_cannot_be_meant_of_a_meeting_is_told_by_step(
    tmp_path: Path, step: str, said: str
) -> None:
    with pytest.raises(FileError, match=said):
        load(with_meeting(tmp_path, f"[[step]]\nat = 2023-12-08T09:00\n{step}"))


@pytest.mark.parametrize("campaign", ["bd-2023", "lc-2024"])
def test_a_season_has_its_committees_meeting(campaign: str) -> None:
    story = season(campaign)
    ballots = [step for step in story.step if step.do == "enter_ballots"]
    aliases = {part.id for part in story.application}

    assert [part.id for part in story.meeting] == ["meeting"]
    assert {step.by for step in ballots} == {"office", "office[1]"}
    assert all(set(step.payload["failed"]) <= aliases for step in ballots)
    alone = {"open_review", "record_result", "post_results", "send_for_confirmation", "confirm"}
    assert not alone & {step.do for step in story.step}
