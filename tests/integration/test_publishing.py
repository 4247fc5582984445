"""Publishing a notice against the directory and the committees: no case strands with nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from config import committee_files, directory_files
from config.campaign_files import load
from tests.builders import BD, a_policy
from tests.fixtures.record import Office

NOTICES = Path(__file__).parents[1] / "notices"


def a_notice(**committee: str) -> dict[str, Any]:
    """The rules of a known notice with another committee table."""
    stated: dict[str, Any] = a_policy(BD).model_dump(mode="json")
    return {**stated, "committee": {**stated["committee"], **committee}}


def third(**committee: str) -> dict[str, Any]:
    """The third notice, as the command line publishes it."""
    loaded = load(NOTICES / "jz-2024.toml")
    policy = loaded.policy.model_dump(mode="json")
    policy["committee"] |= committee
    return {"policy": policy, "content": loaded.model_dump(mode="json", exclude={"policy"})}


@pytest.fixture
async def district(office: Office) -> Office:
    """The office of the district of the third notice, with its directory."""
    directory = directory_files.read(NOTICES / "jz-2024.directory.toml")
    outcome = await office("import_directory", directory.model_dump(mode="json"))
    assert outcome.done, outcome.refusals
    return office


def told(outcome: Any) -> list[tuple[str, dict[str, str]]]:
    return [(refusal.code.value, refusal.params) for refusal in outcome.refusals]


async def test_a_notice_before_its_directory_is_refused(office: Office) -> None:
    outcome = await office("publish_campaign", a_policy(BD).model_dump(mode="json"))

    assert {params["organisation"] for _, params in told(outcome)} == {
        "bd-committee-office",
        "city-title-office",
    }


@pytest.mark.parametrize(
    ("committee", "what"),
    [
        ({"office": "nobody-at-all"}, "committee_office"),
        ({"office": "city-title-office"}, "committee_office"),
        ({"city_office": "nobody-at-all"}, "city_office"),
        ({"city_office": "bd-committee-office"}, "city_office"),
        # A 副高级 committee is not confirmed by a district.
        ({"city_office": "yubei-title-office"}, "city_office"),
    ],
)
async def test_an_office_that_the_directory_does_not_have_is_refused(
    published: Office, committee: dict[str, str], what: str
) -> None:
    outcome = await published("publish_campaign", a_notice(**committee) | {"campaign": "next"})

    assert told(outcome) == [
        ("not_found", {"what": what, "organisation": next(iter(committee.values()))})
    ]


async def test_an_amendment_to_an_office_that_nobody_has_is_refused(published: Office) -> None:
    stated = a_notice(office="nobody-at-all") | {"document": "更正"}
    outcome = await published("amend_campaign", {"policy": stated, "reason": "更正"})

    assert [code for code, _ in told(outcome)] == ["not_found"]


async def test_an_office_for_which_nobody_may_act_is_refused(office: Office) -> None:
    directory = directory_files.read(NOTICES / "jz-2024.directory.toml").model_dump(mode="json")
    directory["members"] = [
        member
        for member in directory["members"]
        if member["organisation"] != "yunling-committee-office"
    ]
    await office("import_directory", directory)
    outcome = await office("publish_campaign", third())

    assert told(outcome) == [
        ("not_found", {"what": "attendant", "organisation": "yunling-committee-office"})
    ]


async def test_a_district_confirms_its_committees_middle_level(district: Office) -> None:
    """Within a city districts confirm 中级 and 初级: the confirming office is data."""
    committee = committee_files.read(NOTICES / "jz-2024.committee.toml")
    imported = await district("import_committee", committee.model_dump(mode="json"))
    published = await district("publish_campaign", third())

    assert imported.done, imported.refusals
    assert published.done, published.refusals


async def test_a_district_does_not_confirm_a_high_level(district: Office) -> None:
    stated = committee_files.read(NOTICES / "jz-2024.committee.toml").model_dump(mode="json")
    stated["committee"] |= {"max_level": "deputy_senior", "consent": "江职改〔2023〕1号"}
    outcome = await district("import_committee", stated)

    assert ("not_found", {"what": "city_office", "organisation": "yunling-title-office"}) in told(
        outcome
    )


@pytest.mark.parametrize(
    ("committee", "field"),
    [
        ({"name": "云岭区市政工程专业中级评委会"}, "name"),
        ({"city_office": "jiangzhou-title-office"}, "city_office"),
    ],
)
async def test_a_notice_of_another_committee_than_the_filed_one_is_refused(
    district: Office, committee: dict[str, str], field: str
) -> None:
    filed = committee_files.read(NOTICES / "jz-2024.committee.toml")
    await district("import_committee", filed.model_dump(mode="json"))
    outcome = await district("publish_campaign", third(**committee))

    assert [(code, params["field"]) for code, params in told(outcome)] == [
        ("committee_differs", field)
    ]


async def test_a_notice_above_the_level_of_the_filed_committee_is_refused(
    district: Office,
) -> None:
    filed = committee_files.read(NOTICES / "jz-2024.committee.toml").model_dump(mode="json")
    filed["committee"]["max_level"] = "junior"
    await district("import_committee", filed)
    outcome = await district("publish_campaign", third())

    assert [(code, params["field"]) for code, params in told(outcome)] == [
        ("committee_differs", "max_level")
    ]
