"""Rules and calendars reach a case or a meeting as published versions alone, never in a message."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

from activities.database import Pool
from activities.intake import Intake
from activities.submissions import Submissions
from tests.builders import BD, a_policy
from tests.fixtures.record import OPENED, Office
from tests.integration.test_operations import amended, submission
from tests.unit.lives import OPERATIONS, submitted
from workflows.application.catalogue import CATALOGUE
from workflows.application.decision import decide
from workflows.application.recording import commit
from workflows.meeting.catalogue import MEETING_CATALOGUE
from workflows.operation.messages import OperationRequest
from workflows.rules.calendar import Calendar
from workflows.rules.names import RuleName
from workflows.rules.policy import Policy
from workflows.rules.refusals import Code, Refused
from workflows.writer.messages import Act

LAW = ("workflows.rules.policy", "workflows.rules.calendar")
PAYLOADS: dict[str, type[BaseModel]] = {
    **{f"case:{row.name}": row.payload for row in CATALOGUE.values()},
    **{f"meeting:{row.name}": row.payload for row in MEETING_CATALOGUE.values()},
    "operation": OperationRequest,
    "act": Act,
}


def models_in(model: type[BaseModel], seen: set[type[BaseModel]] | None = None) -> set[type]:
    """Every model that a message of this type can carry."""
    found = seen if seen is not None else set()
    if model in found:
        return set(found)
    found.add(model)
    for field in model.model_fields.values():
        for part in parts_of(field.annotation):
            if isinstance(part, type) and issubclass(part, BaseModel):
                models_in(part, found)
    return set(found)


def parts_of(annotation: Any) -> Iterator[Any]:
    """The types an annotation is made of."""
    if get_origin(annotation) in (Union, types.UnionType) or get_args(annotation):
        for part in get_args(annotation):
            yield from parts_of(part)
    yield annotation


@pytest.mark.parametrize("name", PAYLOADS)
def test_no_message_has_room_for_rules_or_a_calendar(name: str) -> None:
    carried = {model.__name__ for model in models_in(PAYLOADS[name]) if model.__module__ in LAW}

    assert not carried


@pytest.mark.parametrize("key", ["policy", "calendar", "rules", "published", "version"])
def test_an_amendment_that_brings_rules_of_its_own_is_refused(key: str) -> None:
    case = submitted().case
    assert case.submitted_at is not None
    one_day = {RuleName.UNIT_PUBLICITY.value: {"length": 1}}
    act = Act(request_id="r", actor=OPERATIONS, payload={"reason": "text-1", key: one_day})

    with pytest.raises(Refused) as error:
        decide(case, "amend", act, case.submitted_at)

    assert error.value.first.code is Code.MALFORMED_PAYLOAD


@pytest.mark.integration
async def test_a_rehearsals_own_notice_and_calendar_stay_in_the_rehearsal(
    published: Office, submissions: Submissions, intake: Intake
) -> None:
    await intake.open_realm("r1", OPENED)
    await published("amend_campaign", amended(), realm="r1")
    await published(
        "amend_calendar",
        {"year": 2023, "holidays": {"2023-10-10": "自定"}, "reason": "text-1"},
        realm="r1",
    )

    live = await submission(submissions, intake)
    own = await submission(submissions, intake, realm="r1")

    assert (live.policy.version, own.policy.version) == (1, 2)
    assert live.policy.document != own.policy.document
    assert live.calendar.digest != own.calendar.digest


def known(published: Policy | Calendar) -> dict[str, Any]:
    """Under which version something was published, and its digest."""
    return {"version": published.version, "digest": published.digest}


@pytest.mark.integration
@pytest.mark.usefixtures("published")
async def test_every_step_keeps_number_and_digest_of_what_was_applied(
    submissions: Submissions, intake: Intake, pool: Pool
) -> None:
    found = await submission(submissions, intake)
    case = submitted().case
    case.policy = case.policy.model_copy(update=known(found.policy))
    case.calendar = case.calendar.model_copy(update=known(found.calendar))
    at = case.submitted_at
    assert at is not None
    act = Act(request_id="r", actor=OPERATIONS, acted_at=at, payload={"reason": "text-1"})
    step = commit(decide(case, "amend", act, at), case.seq + 1).step

    row = await pool.fetchrow(
        "SELECT version, content_hash FROM campaign_version WHERE campaign = $1 AND realm = ''", BD
    )
    calendar = await pool.fetchrow("SELECT version, content_hash FROM calendar_version")
    assert row is not None
    assert calendar is not None
    assert (step.policy_version, step.policy_digest) == tuple(row)
    assert (step.calendar_version, step.calendar_digest) == tuple(calendar)


@pytest.mark.integration
async def test_a_digest_that_a_file_states_is_not_believed(published: Office, pool: Pool) -> None:
    stated = a_policy(BD).model_dump(mode="json") | {"document": "自定", "digest": "0" * 64}
    await published("amend_campaign", {"policy": stated, "reason": "text-1"})

    hashes = await pool.fetch("SELECT content_hash FROM campaign_version WHERE campaign = $1", BD)
    kept = await pool.fetchval(
        "SELECT policy ->> 'digest' FROM campaign_version WHERE campaign = $1 AND version = 2", BD
    )
    assert len({row["content_hash"] for row in hashes}) == 2
    assert kept == ""
