"""The scenario loader: what it understands, and how it says what it does not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import pytest
from click.testing import CliRunner
from pydantic import BaseModel

from activities.views import LetterView
from config.reading import FileError
from starter.answers import Exit
from starter.rehearsal.answering import Answer, done
from starter.rehearsal.commands import rehearse
from starter.rehearsal.conductor import unlike
from starter.rehearsal.expecting import Expect, ExpectMeeting, Sheet
from starter.rehearsal.leading import SPECIAL
from starter.rehearsal.mailbox import Mailbox, word_problems
from starter.rehearsal.racing import races, verdicts
from starter.rehearsal.scenario import (
    ApplicationPart,
    MeetingPart,
    Operation,
    Scenario,
    ScenarioFilesError,
    Step,
    load,
    load_all,
    scenario_of,
)
from starter.rehearsal.season import season
from workflows.application.case import Caution
from workflows.rules.message import BEIJING
from workflows.rules.names import CautionCode, RuleName, Stage
from workflows.rules.refusals import Code, Refusal

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


PLANNED = (
    '[[step]]\nat = 2023-10-09T09:00\non = "all"\ndo = "submit"\n'
    '[[step]]\nat = 2023-11-27T10:00\nmeeting = "m"\ndo = "plan"\nby = "office"\n'
    "with = { days = [2023-12-08] }\n"
)


def with_meeting(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "meeting.toml"
    path.write_text(TWO + text, encoding="utf-8")
    return path


def test_a_step_of_a_meeting_has_acts_and_expectations_of_its_own(tmp_path: Path) -> None:
    story = load(
        with_meeting(
            tmp_path,
            PLANNED + '[[step]]\nat = 2023-12-08T16:00\nmeeting = "m"\ndo = "enter_ballots"\n'
            'by = "office[1]"\n'
            "with = { votes = { a = [6, 3] } }\n[step.expect_meeting]\n"
            'batches = { 1 = "posted" }\nvotes = { a = [6, 3] }\n'
            'deadlines = { "result_report:1" = 2023-12-15, "confirmation:2" = false }\n',
        )
    )
    expect = story.step[-1].expect_meeting

    assert expect is not None
    assert expect.batches == {1: "posted"}
    assert expect.votes == {"a": (6, 3)}
    assert story.meeting_of(story.step[-1]) == story.meeting[0]


def test_one_step_for_several_applications_is_one_for_each(tmp_path: Path) -> None:
    story = load(
        with_meeting(
            tmp_path,
            '[[step]]\nat = 2023-10-16T10:00\non = "all"\ndo = "submit"\n'
            '[[step]]\nat = 2023-11-16T10:00\non = "all"\ndo = "record_payment"\nby = "office"\n'
            'with = { transaction = "BD-{on}", yuan = 420, paid_at = 2023-11-16T09:30:00 }\n'
            '[[step]]\nat = 2023-11-17T10:00\non = ["b"]\ndo = "withdraw"\nby = "applicant"\n',
        )
    )

    steps = [(number, step.on, step.payload.get("transaction")) for number, step in story.steps]
    assert steps[2:] == [(2, "a", "BD-a"), (2, "b", "BD-b"), (3, "b", None)]


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


SUBMITTED = '[[step]]\nat = 2023-10-09T09:00\ndo = "submit"\n'


def refused(read: Callable[[], object]) -> str:
    """What a reader of the file is told."""
    with pytest.raises(FileError) as error:
        read()
    return str(error.value)


# ---- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ('may = ["withdrw"]', "expect.may：没有 withdrw 这个操作，是否应为 withdraw"),
        ('may_not = ["aprove"]', "expect.may_not：没有 aprove 这个操作，是否应为 approve"),
        ('done = ["raise_objectoin"]', "没有 raise_objectoin 这个步骤，是否应为 raise_objection"),
        ('not_done = ["unit_publicty"]', "没有 unit_publicty 这个步骤，是否应为 unit_publicity"),
        ('struck = ["unit_corection"]', "没有 unit_corection 这个名称，是否应为 unit_correction"),
        (
            "deadlines = { recheck_dutty = false }",
            "没有 recheck_dutty 这个名称，是否应为 recheck_duty",
        ),
        ('deadlines = { recheck = { kind = "dutty" } }', "没有 dutty 这个名称，是否应为 duty"),
        ("deadlines = { recheck = { nominl_on = 2024-03-12 } }", "没有这个键，是否应为 nominal_on"),
        ('deadline_rule = "chain_cutof"', "没有 chain_cutof 这个名称，是否应为 chain_cutoff"),
        ("notices = { recieved = 0 }", "没有 recieved 这种通知，是否应为 received"),
        ('notices = { "received:aplicant" = 0 }', "没有 aplicant 这种对象，是否应为 applicant"),
        ("tasks = { offce = 0 }", "expect.tasks：没有 offce 这个角色或机构，是否应为 office"),
        (
            'tasks = { office = ["chek"] }',
            "expect.tasks.office：没有 chek 这个待办，是否应为 check",
        ),
        ('checks = ["proffession"]', "没有 proffession 这个待核事项，是否应为 profession"),
        ('route = ["unit", "departement"]', "没有 departement 这个机构类别，是否应为 department"),
        ('stage = "unit_reviw"', "没有 unit_reviw 这个名称，是否应为 unit_review"),
        ('end = "abandonned"', "没有 abandonned 这个名称，是否应为 abandoned"),
        ('claim = "takn"', "没有 takn 这个名称，是否应为 taken"),
        ('holder = "chain.departmnt"', "没有 departmnt 这个机构类别，是否应为 department"),
        ('end_responsible = "unti"', "没有 unti 这个角色或机构，是否应为 unit"),
        ('refused = ["windw_closed"]', "没有 windw_closed 这个名称，是否应为 window_closed"),
        ('letters_say = { "lapsd:applicant" = ["x"] }', "没有 lapsd 这种通知，是否应为 lapsed"),
        ('letters_say = { lapsed = ["x"] }', "lapsed 须写明对象，如 lapsed:applicant"),
        ('letters_say = { "lapsed:applicant" = [] }', "须写明至少一个词句"),
        ('letters_do_not_say = { "lapsed:applicant" = " " }', "不能为空"),
        ('may_nott = ["withdraw"]', "may_nott：没有这个键，是否应为 may_not"),
    ],
)
def test_a_name_that_is_none_is_told_with_the_nearest(
    tmp_path: Path, expected: str, said: str
) -> None:
    text = f"{SUBMITTED}[[step]]\nat = 2023-10-09T10:00\n[step.expect]\n{expected}\n"

    told = refused(lambda: load(written(tmp_path, text)))

    assert said in told
    assert told.startswith(f"{tmp_path / 'story.toml'}：第 2 步（2023-10-09")


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ('phase = "opend"', "没有 opend 这个名称，是否应为 opened"),
        ('candidates = { a = "lised" }', "没有 lised 这个状态，是否应为 listed"),
        ("counts = { balloted = 0, pased = 0 }", "没有 pased 这个状态，是否应为 passed"),
        ('cases = { a = "in_reveiw" }', "没有 in_reveiw 这个阶段或结果，是否应为 in_review"),
        ('batches = { 1 = "postd" }', "没有 postd 这个名称，是否应为 posted"),
        ('deadlines = { "recheck:1" = false }', "recheck:1 的期限由申报自己计算，评审会没有"),
        (
            'tasks = { office = ["draw_expert"] }',
            "没有 draw_expert 这个待办，是否应为 draw_experts",
        ),
        ('not_done = ["opn"]', "没有 opn 这个步骤，是否应为 open"),
        ('letters_say = { "confirmd:applicant" = "x" }', "没有 confirmd 这种通知"),
    ],
)
def test_a_name_that_a_meeting_has_not_is_told_with_the_nearest(
    tmp_path: Path, expected: str, said: str
) -> None:
    step = '[[step]]\nat = 2023-12-08T09:00\nmeeting = "m"\n[step.expect_meeting]\n'

    assert said in refused(lambda: load(with_meeting(tmp_path, f"{PLANNED}{step}{expected}\n")))


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (
            'do = "withdraw"\nby = "aplicant"',
            "by：没有 aplicant 这个角色或机构，是否应为 applicant",
        ),
        ('do = "withdraw"\nby = "chain.agncy"', "没有 agncy 这个机构类别，是否应为 agency"),
        ('do = "withdraw"\nby = "yubei-water-centre"', "是否应为 yubei-water-center"),
        ('do = "withdraw"\nby = "liu@liangjiang-data-grop"', "是否应为 liangjiang-data-group"),
        ('do = "withdraw"', "by：须写明由谁办理"),
        ('do = "withdrw"\nby = "applicant"', "do：没有 withdrw 这个操作，是否应为 withdraw"),
        ('operate = "enter_barr"', "没有 enter_barr 这个名称，是否应为 enter_bar"),
        (
            'operate = "enter_bar"\nwith = { person = "mian" }',
            "with.person：没有申报 mian，是否应为 main",
        ),
        (
            'operate = "import_committee"\nwith = { file = "none.toml" }',
            "with.file：没有文件 none.toml",
        ),
        (
            'operate = "amend_campaign"\nwith = { changes = { windws = {} } }',
            "with.changes.windws：没有这个键",
        ),
        ('do = "withdraw"\nby = "applicant"\nrefused = "wrong_stge"', "是否应为 wrong_stage"),
        ('untill = "chain_review"', "untill：没有这个键，是否应为 until"),
    ],
)
def test_a_name_in_a_step_that_is_none_is_told(tmp_path: Path, step: str, said: str) -> None:
    text = f"{SUBMITTED}[[step]]\nat = 2023-10-09T10:00\n{step}\n"

    assert said in refused(lambda: load(written(tmp_path, text)))


def test_names_with_a_part_of_their_own_are_known(tmp_path: Path) -> None:
    expect = (
        '[step.expect]\nchecks = ["bar:1", "verify:degree", "special_group:tibet"]\n'
        'not_done = ["recheck_duty:1", "set_aside"]\nholder = "chain[0]"\n'
        'tasks = { "dazu-title-office" = 0, "an-office-of-their-own" = 0 }\n'
    )

    story = load(written(tmp_path, f"{SUBMITTED}[[step]]\nat = 2023-10-09T10:00\n{expect}"))

    assert len(story.step) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[application.facts]\nlevle = 1\n", "申报 main 的 facts.levle：没有这个键"),
        ("[changes.windows.aplication]\nx = 1\n", "changes.windows.aplication：没有这个键"),
    ],
)
def test_a_difference_that_means_nothing_is_told_at_loading(
    tmp_path: Path, text: str, said: str
) -> None:
    told = refused(lambda: load(written(tmp_path, f"{text}{SUBMITTED}")))

    assert said in told
    assert str(tmp_path / "story.toml") in told


# ---- files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "文件是空的"),
        (b"# nothing but words\n", "文件是空的"),
        (b"title = '\xff\xfe'\n", "不是 UTF-8 文本"),
        (b"title = \n", "不是正确的 TOML：第 1 行第 9 列"),
        (b'title = "t', "不是正确的 TOML：第 1 行（文件末尾）不完整"),
        (b'title = "t"\ncampaign = "bd-2023"\n', "application：缺少这一项"),
        (b'title = "t"\nstep = 3\n', "step：应为列表"),
        (b'title = "t"\nstep = [3]\n', "第 1 步"),
        (b'title = "t"\nfile = "x"\n', "file：没有这个键"),
        (b"a = " + b"[" * 5000, "层次过深"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "broken.toml"
    path.write_bytes(content)

    told = refused(lambda: load(path))

    assert told.startswith(f"{path}：")
    assert said in told


def test_several_files_are_told_at_once_and_each_by_its_name(tmp_path: Path) -> None:
    good = written(tmp_path, SUBMITTED)
    empty, missing = tmp_path / "empty.toml", tmp_path / "missing.toml"
    empty.write_text("", encoding="utf-8")

    with pytest.raises(ScenarioFilesError) as error:
        load_all([good, empty, missing])

    assert [problem.partition("：")[0] for problem in error.value.problems] == [
        str(empty),
        str(missing),
    ]
    assert [story.title for story in load_all([good])] == ["t"]


def test_the_command_names_the_file_of_every_problem(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.toml").write_text("", encoding="utf-8")

    answer = CliRunner().invoke(rehearse, [str(tmp_path)])

    assert answer.exit_code == Exit.REFUSED
    assert f"{tmp_path / 'one.toml'}：文件是空的" in answer.stderr
    assert f"{tmp_path / 'two.toml'}：文件是空的" in answer.stderr


# ---- before its time ------------------------------------------------------------------------------


def test_an_act_before_its_submission_is_the_files_error(tmp_path: Path) -> None:
    text = '[[step]]\nat = 2023-10-09T10:00\ndo = "withdraw"\nby = "applicant"\n'

    assert "第 1 步（2023-10-09 10:00）do：申报 main 还没有 submit，不能办 withdraw" in refused(
        lambda: load(written(tmp_path, text))
    )


@pytest.mark.parametrize(
    "plan", ["", PLANNED.replace('by = "office"', 'by = "office"\nrefused = "not_found"')]
)
def test_an_act_of_a_meeting_before_its_plan_is_the_files_error(tmp_path: Path, plan: str) -> None:
    text = f'{plan}[[step]]\nat = 2023-12-06T15:00\nmeeting = "m"\ndo = "draw"\nby = "office"\n'

    assert "do：评审会 m 还没有 plan，不能办 draw" in refused(
        lambda: load(with_meeting(tmp_path, text))
    )


# ---- until ----------------------------------------------------------------------------------------


def led_to(
    stage: str, at: str, *, route: str = "city_unit", campaign: str = "bd-2023", **more: Any
) -> Scenario:
    """A story of one application that is led to a stage."""
    return scenario_of(
        {
            "title": "t",
            "campaign": campaign,
            "application": [{"route": route, **more}],
            "step": [{"at": at, "until": stage}],
        },
        "story",
    )


def acts(story: Scenario) -> list[tuple[str, str]]:
    """Day and act of every step that acts."""
    return [(f"{step.at:%m-%d %H:%M}", step.do) for _, step in story.steps if step.do]


def test_until_is_the_happy_path_by_the_notices_own_windows() -> None:
    story = led_to("recheck_window", "2023-12-31T10:00")

    assert acts(story) == [
        ("10-07 09:00", "submit"),
        ("10-07 10:00", "start_publicity"),
        ("10-13 09:00", "finish_publicity"),
        ("10-16 09:00", "approve"),
        ("11-01 10:00", "accept"),
        ("11-16 10:00", "record_payment"),
        ("11-21 10:00", "assign_to_meeting"),
        ("12-04 09:00", "open_review"),
        ("12-04 18:00", "record_result"),
        ("12-05 10:00", "report_results"),
        ("12-05 11:00", "post_results"),
        ("12-13 10:00", "send_for_confirmation"),
        ("12-14 10:00", "confirm"),
    ]
    assert {number for number, _ in story.steps} == {1}
    _, last = story.steps[-1]
    assert last.at == story.step[0].at
    assert last.expect is not None
    assert last.expect.stage is Stage.RECHECK_WINDOW
    assert story.opens_at == story.steps[0][1].at


@pytest.mark.parametrize("campaign", ["bd-2023", "lc-2024"])
@pytest.mark.parametrize("stage", [stage for stage in Stage if stage not in SPECIAL])
def test_every_stage_of_the_happy_path_is_reached(campaign: str, stage: Stage) -> None:
    story = led_to(stage.value, "2025-01-31T10:00", campaign=campaign)
    instants = [step.at for _, step in story.steps]

    assert instants == sorted(instants)
    assert story.steps[-1][1].expect == Expect(stage=stage)


@pytest.mark.parametrize("stage", SPECIAL)
def test_a_stage_that_needs_an_act_of_its_own_says_which(stage: Stage) -> None:
    before, act = SPECIAL[stage]

    told = refused(lambda: led_to(stage.value, "2024-01-31T10:00"))

    assert f"须由 {act} 才能到达" in told
    assert f'until = "{before}"' in told


@pytest.mark.parametrize(
    ("application", "chain", "last"),
    [
        ({"route": "district_unit"}, ["chain[0]", "chain[1]"], "confirm"),
        ({"route": "city_unit", "variant": "self_evaluating"}, [], "confirm"),
        (
            {"route": "resident_branch", "variant": "entrusted"},
            ["chain[0]"],
            "reply_to_entrusting_unit",
        ),
    ],
)
def test_until_goes_the_way_of_its_route(
    application: dict[str, str], chain: list[str], last: str
) -> None:
    story = led_to("recheck_window", "2024-01-31T10:00", **application)
    done = [(step.do, step.by) for _, step in story.steps if step.do]

    assert [by for do, by in done if do == "approve"] == chain
    assert done[-1][0] == last


def test_a_stage_that_is_not_on_the_route_is_told() -> None:
    told = refused(
        lambda: led_to(
            "awaiting_confirmation",
            "2024-01-31T10:00",
            route="resident_branch",
            variant="entrusted",
        )
    )

    assert "路线不经过 awaiting_confirmation" in told


def test_until_says_when_it_could_be_there() -> None:
    told = refused(lambda: led_to("awaiting_payment", "2023-10-31T10:00"))

    assert "accept 最早为 2023-11-01 10:00" in told
    assert "请把 at 改到 2023-11-01T10:00 或以后" in told


def test_until_goes_on_from_what_the_file_did_itself_and_never_before_it(tmp_path: Path) -> None:
    story = load(
        written(
            tmp_path,
            '[[step]]\nat = 2023-10-16T09:00\ndo = "submit"\n'
            '[[step]]\nat = 2023-10-17T14:00\ndo = "start_publicity"\nby = "unit"\n'
            '[[step]]\nat = 2023-10-18T14:00\ndo = "urge"\nby = "applicant"\n'
            '[[step]]\nat = 2023-10-26T10:00\nuntil = "chain_review"\n'
            '[[step]]\nat = 2023-11-02T10:00\n[step.expect]\nstage = "chain_review"\n'
            '[[step]]\nat = 2023-11-10T10:00\nuntil = "awaiting_payment"\n',
        )
    )

    assert acts(story)[3:] == [
        ("10-25 09:00", "finish_publicity"),
        ("11-03 09:00", "approve"),
        ("11-06 10:00", "accept"),
    ]


def test_until_after_an_act_off_the_path_is_told(tmp_path: Path) -> None:
    text = (
        f'{SUBMITTED}[[step]]\nat = 2023-10-10T09:00\ndo = "return_for_correction"\nby = "unit"\n'
        '[[step]]\nat = 2023-11-10T10:00\nuntil = "awaiting_payment"\n'
    )

    assert "申报 main 办过 return_for_correction" in refused(lambda: load(written(tmp_path, text)))


def test_the_rehearsals_own_rules_date_until() -> None:
    story = scenario_of(
        {
            "title": "t",
            "campaign": "bd-2023",
            "changes": {"windows": {"application": {"starts_on": date(2023, 9, 20)}}},
            "application": [{"route": "city_unit"}],
            "step": [{"at": "2023-10-01T10:00", "until": "unit_publicity"}],
        },
        "story",
    )

    assert acts(story)[0] == ("09-20 09:00", "submit")


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ('until = "unit_review"\nby = "applicant"', "until 的一步只能另有 at、on、say、expect"),
        ('until = "unit_review"\ndo = "submit"', "一步只能有 do、operate、until 之一"),
    ],
)
def test_until_stands_alone(tmp_path: Path, step: str, said: str) -> None:
    text = f"[[step]]\nat = 2023-10-09T10:00\n{step}\n"

    assert said in refused(lambda: load(written(tmp_path, text)))


# ---- races and warnings ---------------------------------------------------------------------------

RACER = '[[step]]\nat = 2023-10-09T09:00\non = "{on}"\ndo = "submit"\none_of = "{name}"\nrefused = "already_open"\n'


def test_a_race_is_read_in_its_order_with_both_racers(tmp_path: Path) -> None:
    text = RACER.format(on="a", name="r") + RACER.format(on="b", name="r")

    story = load(with_meeting(tmp_path, text))

    [(name, together)] = list(races(story.steps))
    assert name == "r"
    assert [step.on for _, step in together] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (RACER.format(on="a", name="r") + RACER.format(on="b", name="q"), "one_of：r 只有一步"),
        (
            RACER.format(on="a", name="r")
            + RACER.format(on="b", name="r").replace("09:00", "09:01"),
            "one_of：r 的各步须是同一时间",
        ),
        (
            RACER.format(on="a", name="r").replace('refused = "already_open"\n', ""),
            "以 refused 列明未办成时可能的拒绝",
        ),
        (
            RACER.format(on="a", name="r") + '[step.expect]\nstage = "unit_review"\n',
            "请在其后另写一步核对",
        ),
        (
            '[[step]]\nat = 2023-10-09T09:00\non = "a"\ndo = "submit"\nwarns = []\nrefused = "already_open"\n',
            "warns 只能与 do 同用",
        ),
    ],
)
def test_what_is_no_race_is_told(tmp_path: Path, text: str, said: str) -> None:
    assert said in refused(lambda: load(with_meeting(tmp_path, text)))


def racer() -> Step:
    return Step.model_validate(
        {"at": "2023-10-09T09:00", "do": "submit", "one_of": "r", "refused": ["already_open"]}
    )


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        ([None, Code.ALREADY_OPEN], []),
        ([Code.ALREADY_OPEN, None], []),
        ([None, None], ["one_of r：2 步中应恰有 1 步办成，实有 2 步"]),
        ([Code.ALREADY_OPEN, Code.ALREADY_OPEN], ["one_of r：2 步中应恰有 1 步办成，实有 0 步"]),
        ([None, Code.WRONG_STAGE], ["submit 可以 already_open 拒绝，实为 wrong_stage"]),
    ],
)
def test_exactly_one_of_a_race_is_done(codes: list[Code | None], said: list[str]) -> None:
    answers = [Answer((Refusal(code=code),) if code else ()) for code in codes]

    found = verdicts([racer(), racer()], answers)

    assert [problem for part in found for problem in part] == said


@pytest.mark.parametrize(
    ("warns", "said"),
    [
        (["term_cut", "rest_day"], []),
        (["term_cut"], ["withdraw 的提示：应为 term_cut，实为 rest_day、term_cut"]),
        ([], ["withdraw 的提示：应为 无，实为 rest_day、term_cut"]),
        (None, []),
    ],
)
def test_the_warnings_of_an_answer_are_exactly_those_expected(
    warns: list[str] | None, said: list[str]
) -> None:
    warnings = [Caution(code=CautionCode.TERM_CUT), Caution(code=CautionCode.REST_DAY)]
    receipt: Any = SimpleNamespace(warnings=warnings, repeated=False)
    step = Step.model_validate({"at": "2023-10-09T09:00", "do": "withdraw", "warns": warns})

    assert unlike(step, done(receipt)) == said


# ---- letters --------------------------------------------------------------------------------------


def sent(folder: Path, message_id: str, subject: str, text: str) -> None:
    message = EmailMessage()
    message["Subject"], message["Message-ID"] = subject, message_id
    message.set_content(text)
    (folder / f"{message_id.strip('<>')}.eml").write_bytes(message.as_bytes())


def letter(message_id: str, hour: int, **more: Any) -> LetterView:
    return LetterView(
        id=message_id,
        kind="lapsed",
        party="applicant",
        state="sent",
        message_id=message_id,
        ordered_at=datetime(2023, 11, 21, hour, tzinfo=BEIJING),
    ).model_copy(update=more)


async def test_the_words_are_those_of_the_last_letter_that_was_sent(tmp_path: Path) -> None:
    sent(tmp_path, "<1@test>", "逾期失效", "截止2023年11月15日")
    sent(tmp_path, "<2@test>", "申报逾期失效", "截止2023年11月\n21日，责任在单位")
    letters = [
        letter("<2@test>", 9),
        letter("<1@test>", 8),
        letter("<3@test>", 10, state="bounced"),
    ]
    box = Mailbox(tmp_path)
    key = "lapsed:applicant"

    async def told(say: str = "", do_not_say: str = "") -> list[str]:
        wanted = {key: (say,)} if say else {}
        return await word_problems(box, letters, wanted, {key: (do_not_say,)} if do_not_say else {})

    assert await told(say="2023年11月21日") == []
    assert await told(say="申报逾期 失效") == []
    assert await told(say="11月15日") == ["通知 lapsed:applicant：应写有“11月15日”，实无"]
    assert await told(do_not_say="责任") == ["通知 lapsed:applicant：不应写有“责任”，实有"]
    assert await told(do_not_say="11月15日") == []


async def test_a_letter_that_was_not_sent_says_nothing(tmp_path: Path) -> None:
    wanted = {"lapsed:unit": ("单位",)}

    assert await word_problems(Mailbox(tmp_path), [], {}, wanted) == [
        "通知 lapsed:unit：应已发出，实未发出"
    ]
    lost = await word_problems(
        Mailbox(None), [letter("<1@test>", 9)], {"lapsed:applicant": ("x",)}, {}
    )
    assert "无法核对词句" in lost[0]


# ---- the page about it ----------------------------------------------------------------------------

PAGE = Path(__file__).parents[2] / "docs" / "scenarios.md"
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: str(text).splitlines()[0])
def test_every_example_of_the_page_can_be_read(example: str, tmp_path: Path) -> None:
    path = tmp_path / "example.toml"
    path.write_text(example, encoding="utf-8")

    assert load(path).step


@pytest.mark.parametrize("part", [Step, Expect, ExpectMeeting, Sheet, ApplicationPart, MeetingPart])
def test_every_key_is_on_the_page(part: type[BaseModel]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    keys = {field.alias or name for name, field in part.model_fields.items()}

    assert {key for key in keys if f"`{key}`" not in page and f"[step.{key}]" not in page} == set()


def test_every_operation_is_explained_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    explained = page[page.index("**Operations**") :]

    assert {name for name in get_args(Operation) if f"`{name}`" not in explained} == set()
