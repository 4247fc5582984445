"""Any notice is rehearsed from its files, without the product knowing it by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.calendar_files import published_calendar
from config.campaign_files import load as load_notice
from config.reading import FileError
from starter.rehearsal import notices
from starter.rehearsal.applying import file_of
from starter.rehearsal.happy_path import path_of
from starter.rehearsal.scenario import Scenario, scenario_of
from starter.rehearsal.season import LAPSED, NOT_PASSED, UNPAID, season
from workflows.rules.eligibility import examine
from workflows.rules.facts import Standing
from workflows.rules.names import Level, Route
from workflows.rules.routes import places_of

THIRD = Path(__file__).parents[1] / "notices" / "jz-2024.toml"


def a_scenario(**more: object) -> Scenario:
    table: dict[str, object] = {
        "title": "第三份通知",
        "campaign": "jz-2024",
        "notice": str(THIRD),
        "application": [{"route": "district_unit"}],
        "step": [{"at": "2024-07-02T09:00:00", "do": "submit", "by": "applicant"}],
    }
    return scenario_of(table | more, THIRD)


@pytest.mark.parametrize("route", list(Route))
def test_the_sample_of_each_route_fits_a_notice_it_does_not_know(route: Route) -> None:
    """People of its directory, of its level, with its pledge and its evidence: nothing is refused."""
    scenario = a_scenario(application=[{"route": route.value}])
    part = scenario.application[0]
    files = notices.files_of(scenario, "jz-2024")
    assert files is not None
    facts = file_of(scenario, part).facts
    policy, organisations = files.campaign.policy, files.organisations.references()
    places, problems = places_of(facts, policy, organisations)
    found = examine(
        facts, Standing(), places, policy, published_calendar(), scenario.steps[0][1].at
    )

    assert problems == ()
    assert found.refusals == ()
    assert facts.level is Level.MID
    assert facts.pledge_version == "jz-2024/1"
    assert facts.employer in organisations
    assert path_of(scenario, part) is not None


@pytest.mark.parametrize("notice", [str(THIRD), ""])
def test_what_a_scenario_takes_away_is_away(notice: str) -> None:
    campaign = "jz-2024" if notice else "bd-2023"
    application = [{"route": "city_unit", "facts": {"pledged_at": "absent"}}]
    scenario = a_scenario(notice=notice, campaign=campaign, application=application)

    assert file_of(scenario, scenario.application[0]).facts.pledged_at is None


def test_its_rules_can_be_changed_and_a_wrong_change_names_its_key() -> None:
    scenario = a_scenario(changes={"fees": {"yuan": {"mid": 300}}})
    path = path_of(scenario, scenario.application[0])

    assert path is not None
    assert path.level_fee == 300
    with pytest.raises(FileError, match=r"changes\.fees\.yuan\.mid"):
        a_scenario(changes={"fees": {"yuan": {"mid": "三百"}}})


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"notice": "none.toml"}, "notice：文件：文件不存在"),
        ({"campaign": "jz-2025"}, "campaign：应与 notice 中的编号 jz-2024 相同"),
        ({"directory": "none.toml"}, "notice：文件不存在"),
        (
            {"notice": "", "campaign": "bd-2023", "committee": "x.toml"},
            "committee：只能与 notice 同写",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_told_by_its_key(more: dict[str, object], told: str) -> None:
    with pytest.raises(FileError) as refused:
        a_scenario(**more)

    assert any(told in problem for problem in refused.value.problems), refused.value.problems


def test_a_notice_without_a_directory_says_where_to_put_one(tmp_path: Path) -> None:
    notice = copied(tmp_path, "jz-2024.directory.toml", "jz-2024.committee.toml")
    with pytest.raises(FileError, match=r"jz-2024\.directory\.toml"):
        notices.given(notice)


def copied(folder: Path, *without: str) -> Path:
    """The third notice in a folder of its own, without some of its files."""
    for path in THIRD.parent.glob("jz-2024*"):
        if path.name not in without:
            (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    return folder / THIRD.name


def ends(played: Scenario) -> set[str]:
    """The ends that a season expects."""
    return {step.expect.end for _, step in played.steps if step.expect and step.expect.end}


BY_THE_MEETING = {"open_review", "record_result", "post_results", "confirm"}
"""What the office says of an application alone where no meeting does."""


def acts_on(played: Scenario, alias: str) -> set[str]:
    """What is done to one application itself."""
    return {step.do for _, step in played.steps if step.on == alias}


def test_a_season_of_any_notice_has_its_meeting_every_route_and_the_ends_of_silence() -> None:
    played = season(str(THIRD))
    aliases = {part.id for part in played.application}
    told = [step.do for _, step in played.steps if step.meeting]

    assert aliases == {LAPSED, UNPAID, NOT_PASSED, *(route.value for route in Route)}
    assert ends(played) == {"lapsed", "payment_missed"}
    assert [part.committee for part in played.meeting] == ["jz-2024"]
    assert told == [
        *("plan", "draw", "open", "record_opinions", "enter_ballots", "enter_ballots", "sign"),
        *("report_batch", "publish_batch", "draft_batch", "confirm_batch", "reply_batch"),
    ]
    assert acts_on(played, "freelancer") & BY_THE_MEETING == set()


def test_a_season_without_a_committees_file_is_told_by_the_office_alone(tmp_path: Path) -> None:
    played = season(str(copied(tmp_path, "jz-2024.committee.toml")))

    assert played.meeting == ()
    assert ends(played) == {"lapsed", "payment_missed"}
    assert NOT_PASSED not in {part.id for part in played.application}
    assert acts_on(played, "freelancer") >= BY_THE_MEETING


@pytest.mark.parametrize("campaign", notices.all_shipped())
def test_every_shipped_notice_has_a_season(campaign: str) -> None:
    assert season(campaign).campaign == campaign
    assert load_notice(notices.shipped(campaign).notice).id == campaign  # type: ignore[union-attr]


def test_an_unknown_notice_is_told_with_those_there_are() -> None:
    with pytest.raises(FileError, match="bd-2023、lc-2024"):
        season("none-2030")
