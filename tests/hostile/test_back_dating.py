"""When an act was done is the gateway's to say: nobody states a time of his own in the live office."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from activities.views import RealmView
from starter.desk.office import Office
from starter.desk.refusing import NoAnswer
from tests.integration.command_line import CommandLine

NOW = datetime.now(UTC)
LIVE = RealmView(id="live", kind="live", opens_at=NOW)


def office(*, allow_shift: bool) -> Office:
    """An office whose settings allow shifts, or do not; the live clock needs nothing of it."""
    settings = cast("Any", SimpleNamespace(allow_shift=allow_shift))
    nothing = cast("Any", None)
    return Office(settings, nothing, nothing, nothing, nothing)


@pytest.mark.parametrize("allow_shift", [True, False])
@pytest.mark.parametrize("back", [timedelta(seconds=90), timedelta(hours=3), timedelta(days=2)])
async def test_no_setting_lets_a_live_act_state_its_time(
    allow_shift: bool, back: timedelta
) -> None:
    with pytest.raises(NoAnswer) as error:
        await office(allow_shift=allow_shift).stamp(LIVE, NOW - back)

    assert error.value.reasons[0].code == "shift_forbidden"


async def test_a_live_act_is_stamped_by_the_offices_own_clock() -> None:
    stamped = await office(allow_shift=True).stamp(LIVE, None)

    assert abs(stamped - datetime.now(UTC)) < timedelta(seconds=30)


@pytest.mark.integration
async def test_the_embedded_stack_takes_no_stated_time_for_its_live_office(
    zhiping: CommandLine, material: str
) -> None:
    an_hour_ago = (datetime.now(UTC) + timedelta(hours=7)).strftime("%Y-%m-%dT%H:%M")

    said = await zhiping.json(
        "submit", material, "--campaign", "bd-2023", "--at", an_hour_ago, code=3
    )

    assert said["code"] == "shift_forbidden"
