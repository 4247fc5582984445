"""A life as a scenario file, which `zhiping rehearse` plays on the real engine (docs/scenarios.md).

What a file cannot say stands in comments: what the data-sharing gateways could not verify, workers
that were away, and a meeting that speaks to one case (a file lets a whole `[[meeting]]` sit).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any

from tests.lives.ground import Applying, Ground, places
from tests.lives.people import superior_of
from tests.lives.world import Line, World
from workflows.rules.message import local

APPLICANTS = ("applicant_at_unit", "applicant_at_office")
MEETINGS = ("meeting", "other_meeting")


def scenario_of(world: World, title: str) -> str:
    """The life up to now as the text of a scenario file."""
    ground = world.ground
    parts = [*_head(ground, title)]
    submitted = {line.on for line in world.lines if line.do == "submit"}
    told = [made for made in ground.applying if made.alias in submitted]
    for made in told:
        parts += _application(world, made, told[0])
    for line in world.lines:
        parts += _step(world, line)
    for life in world.lives:
        parts += _last(world, life.alias)
    return "\n".join(parts) + "\n"


def _head(ground: Ground, title: str) -> Iterator[str]:
    yield f"# {title}".replace("\n", " ")
    if ground.fleet_sleeps:
        yield "# 这一份里处理端曾停过一段时间，几个到期一并补上；演练不会停，日子会逐个到。"
    yield f"title = {_value('随机一生：' + title[:80])}"
    yield f"campaign = {_value(ground.applying[0].campaign)}"
    yield f"starts = {_value(ground.starts)}"
    if ground.without:
        yield f"without_calendar = {_value(list(ground.without))}"
    if ground.changes:
        yield "changes = " + _value(ground.changes)


def _application(world: World, made: Applying, first: Applying) -> Iterator[str]:
    life = world.life_of(made.alias)
    yield ""
    yield "[[application]]"
    yield f"id = {_value(made.alias)}"
    variant = made.way in ("self_evaluating", "entrusted")
    yield f"route = {_value(life.case.route.value)}"
    if variant:
        yield f"variant = {_value(made.way)}"
    yield f"level = {_value(made.level.value)}"
    if made.campaign != world.ground.applying[0].campaign:
        yield f"campaign = {_value(made.campaign)}"
    if made is not first:
        yield f"person = {_value(first.alias)}"
    if life.differences:
        yield f"facts = {_value(life.differences)}"
    unverified = [item.check for item in life.verified.results if item.result != "verified"]
    if unverified:
        yield f"# 数据共享未能核验：{'、'.join(unverified)}（演练里各项都会核验通过）"


def _step(world: World, line: Line) -> Iterator[str]:
    yield ""
    yield "[[step]]"
    yield f"at = {_value(line.at)}"
    if line.on:
        yield f"on = {_value(line.on)}"
    if line.operate:
        yield f"operate = {_value(line.operate)}"
    if line.do:
        yield f"do = {_value(line.do)}"
    yield f"by = {_value(_by(world, line))}"
    if line.by in MEETINGS:
        yield "# 由评审会办理；演练里须由一个 [[meeting]] 来办"
    if line.payload:
        flawed = "malformed_payload" in line.refused
        yield f"{'raw' if flawed else 'with'} = {_value(line.payload)}"
    if line.acted_at is not None:
        yield f"acted_at = {_value(line.acted_at)}"
    if line.request_id:
        yield f"request_id = {_value(line.request_id)}"
    if line.refused:
        yield f"refused = {_value(list(line.refused))}"


def _by(world: World, line: Line) -> str:
    if not line.on:
        return line.by
    life = world.life_of(line.on)
    chain = [place.organisation for place in places(life.made.way, life.made.campaign)][1:]
    if line.by.startswith("chain["):
        index = min(int(line.by[6:-1]), len(chain) - 1)
        return f"chain[{index}]" if chain else "unit"
    if line.by in APPLICANTS:
        return "applicant"
    if line.by == "system":
        return "operations"
    if line.by == "other_meeting":
        return "meeting"
    if line.by == "superior":
        return superior_of(life.case, life.case.places[0].organisation)
    return line.by


def _last(world: World, alias: str) -> Iterator[str]:
    """Where the life stands at last; a case that stands still for want of a year has no more to say."""
    life = world.life_of(alias)
    if not life.opened or life.parked:
        return
    yield ""
    yield "[[step]]"
    yield f"at = {_value(world.now)}"
    yield f"on = {_value(alias)}"
    yield "[step.expect]"
    case = life.case
    if case.end is not None:
        yield f"end = {_value(case.end.name.value)}"
    elif case.stage is not None:
        yield f"stage = {_value(case.stage.value)}"


def _value(value: Any) -> str:
    """A value as TOML writes it; times are Beijing's."""
    if isinstance(value, Enum):
        return _value(value.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, datetime):
        return local(value).replace(tzinfo=None).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        pairs = (
            f"{json.dumps(str(key), ensure_ascii=False)} = {_value(item)}"
            for key, item in value.items()
            if item is not None
        )
        return "{ " + ", ".join(pairs) + " }"
    return "[" + ", ".join(_value(item) for item in value if item is not None) + "]"
