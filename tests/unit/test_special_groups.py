"""Special groups are looked at by a person (BD 二(六)-(七), LC 二(五)); contacts on the 公示表."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from tests.workflow.season import PLACES, beijing, the_calendar, the_policy
from workflows.application.case import Case
from workflows.application.decision import decide
from workflows.application.recording import commit
from workflows.rules.facts import Facts, Relaxation
from workflows.rules.names import Level, Route, Stage
from workflows.rules.tenure import examine_tenure
from workflows.writer.messages import Act, Actor

SERVED = Relaxation(kind="tibet", served_from=date(2021, 1, 1), served_to=date(2022, 6, 30))


def some_facts(*claims: Relaxation) -> Facts:
    return Facts(
        route=Route.CITY_UNIT, level=Level.DEPUTY_SENIOR, employer="unit", relaxations=claims
    )


@pytest.mark.parametrize(
    ("campaign", "clause"), [("bd-2023", "BD 二(六)a"), ("lc-2024", "LC 二(五)")]
)
def test_a_claim_to_a_special_group_is_left_to_the_office(campaign: str, clause: str) -> None:
    found = examine_tenure(some_facts(SERVED), the_policy(campaign))

    assert [(check.key, check.body, check.clause) for check in found.checks] == [
        ("special_group:tibet", "office", clause)
    ]


def test_service_of_less_than_a_year_is_noted() -> None:
    short = SERVED.model_copy(update={"served_to": date(2021, 6, 30)})

    found = examine_tenure(some_facts(short), the_policy("bd-2023"))

    assert found.checks[0].note == "service_short"


def test_nobody_else_is_asked() -> None:
    assert examine_tenure(some_facts(), the_policy("bd-2023")).checks == ()


@pytest.mark.parametrize(
    ("campaign", "contacts"), [("bd-2023", ["unit", "department"]), ("lc-2024", None)]
)
def test_the_posting_records_the_contacts_the_notice_asks_for(
    campaign: str, contacts: list[str] | None
) -> None:
    at = beijing("2023-10-09T09:00:00") if campaign == "bd-2023" else beijing("2024-10-14T09:00:00")

    move = decide(_at_unit(campaign, at), "start_publicity", _posting(), at)

    assert move.payload.get("complaint_contacts") == contacts


def test_what_the_unit_checked_goes_into_the_record_with_the_posting() -> None:
    """BD 二(二), 四(二)3(1)a, e, g; LC 五(三)0."""
    at = beijing("2023-10-09T09:00:00")
    stated = {
        "originals_checked": True,
        "merits": "text-1",
        "unit_rules": "text-2",
        "relevant": ["a1"],
        "channels": ["public_place", "office_platform"],
    }

    move = decide(_at_unit("bd-2023", at), "start_publicity", _posting(**stated), at)

    recorded = commit(move, 2).step.payload
    assert {key: recorded[key] for key in stated} == stated


def _posting(**stated: Any) -> Act:
    clerk = Actor(person="clerk", organisation="unit", role="member")
    return Act(request_id="r", actor=clerk, payload=stated)


def _at_unit(campaign: str, at: datetime) -> Case:
    return Case(
        application="application-1",
        person="person-1",
        policy=the_policy(campaign),
        calendar=the_calendar(),
        route=Route.CITY_UNIT,
        level=Level.DEPUTY_SENIOR,
        facts=some_facts(),
        places=PLACES["city_unit"],
        stage=Stage.UNIT_REVIEW,
        submitted_at=at,
        seq=1,
    )
