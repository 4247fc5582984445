"""A whole season of a notice: its stories woven into one scenario, and its committee's meeting.

A story (`stories/*.toml`) is one application's; what its meeting does is told once for all of them
in `stories/meetings/`. A story told by several people has as many applications; where a meeting
names a story, it means each of them.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path as FilePath
from typing import Any

from config.reading import FileError, read_table
from starter.rehearsal.happy_path import Path, path_of
from starter.rehearsal.notices import NoticeFiles, all_shipped, given, shipped
from starter.rehearsal.proofreading import NAMING
from starter.rehearsal.scenario import ApplicationPart, Scenario, scenario_of
from workflows.rules.names import Route, Stage

STORIES = FilePath(__file__).parent / "stories"
COPIES = {"bd-city-completed": 4, "lc-city-completed": 3, "bd-abandoned": 2, "lc-not-passed": 2}
"""Stories told more than once, by different people."""
LAPSED, UNPAID = "lapsed", "unpaid"
"""The applications of a season without stories that end by silence."""
MORNING, SOON = time(9), timedelta(minutes=10)
CONFIRMED = Stage.RECHECK_WINDOW
"""How far the others go."""


def season(named: str) -> Scenario:
    """A whole season of a notice, by its id or its file: its stories, else one of each route.

    Raises:
        FileError: there is no such notice, or its files are not sound.
    """
    files = given(FilePath(named).resolve()) if named.endswith(".toml") else shipped(named)
    if files is None:
        problem = f"没有这份通知：产品附带的有 {'、'.join(all_shipped())}；其他的请写文件路径"
        raise FileError(f"通知 {named}", [problem])
    if not files.given and (STORIES / "meetings" / f"{named}.toml").is_file():
        return _told(named)
    return _of_each_route(files)


def _of_each_route(files: NoticeFiles) -> Scenario:
    """One application of each route up to the confirmation, and the ends that silence brings."""
    campaign, windows = files.campaign.id, files.campaign.policy.windows
    cutoff = files.campaign.policy.chain_cutoff
    after_cutoff = datetime.combine(cutoff.ends_on, cutoff.closes_at or time(23, 59)) + SOON
    unpaid_until = datetime.combine(windows.payment.ends_on + timedelta(days=1), time(1))
    table: dict[str, Any] = {
        "title": f"演示：{campaign} 各条路线",
        "campaign": campaign,
        **({"notice": str(files.notice)} if files.given else {}),
        "application": [{"id": LAPSED, "route": "city_unit"}],
        "step": [
            _submitted(LAPSED, windows.application.starts_on),
            {"at": after_cutoff, "on": LAPSED, "expect": {"end": "lapsed"}},
        ],
    }
    probe = scenario_of(table, f"演示 {campaign}")
    ways = {route: path for route in Route if (path := _way(probe, route)) is not None}
    table["application"] += [{"id": route.value, "route": route.value} for route in ways]
    table["application"].append({"id": UNPAID, "route": next(iter(ways), Route.CITY_UNIT).value})
    table["step"] += [
        {"at": windows.payment.ends_on, "on": UNPAID, "until": "awaiting_payment"},
        {"at": unpaid_until, "on": UNPAID, "expect": {"end": "payment_missed"}},
        *(
            {
                "at": path.arrival(CONFIRMED).replace(tzinfo=None),
                "on": route.value,
                "until": CONFIRMED.value,
            }
            for route, path in ways.items()
        ),
    ]
    for step in table["step"]:
        if not isinstance(step["at"], datetime):
            step["at"] = datetime.combine(step["at"], MORNING)
    table["step"].sort(key=lambda step: step["at"])
    return scenario_of(table, f"演示 {campaign}")


def _submitted(alias: str, day: date) -> dict[str, Any]:
    return {"at": datetime.combine(day, MORNING), "on": alias, "do": "submit", "by": "applicant"}


def _way(probe: Scenario, route: Route) -> Path | None:
    """The way of this route through notice and directory, where there is one."""
    return path_of(probe, ApplicationPart(id=LAPSED, route=route))


def _told(campaign: str) -> Scenario:
    """All stories of a notice and its meeting as one scenario, in order of time."""
    prefix = campaign.partition("-")[0]
    applications: list[dict[str, Any]] = []
    steps: list[dict[str, Any]] = []
    told: dict[str, list[str]] = {}
    for path in sorted(STORIES.glob(f"{prefix}-*.toml")):
        table: dict[str, Any] = read_table(path)
        told[path.stem] = [f"{path.stem}-{n + 1}" for n in range(COPIES.get(path.stem, 1))]
        for alias in told[path.stem]:
            applications.append({**table["application"][0], "id": alias})
            steps += [{**step, "on": alias} for step in table["step"]]
    meeting = read_table(STORIES / "meetings" / f"{campaign}.toml")
    steps += [_of_each(step, told) for step in meeting["step"]]
    steps.sort(key=lambda step: step["at"])  # stable: a story's own order stays
    table = {
        "title": f"演示：{campaign} 全季",
        "campaign": campaign,
        "application": applications,
        "meeting": meeting["meeting"],
        "step": steps,
    }
    return scenario_of(table, f"演示 {campaign}")


def _of_each(step: dict[str, Any], told: dict[str, list[str]]) -> dict[str, Any]:
    """A meeting's step with every story it names as its applications."""
    stated = step.get("with")
    if not isinstance(stated, dict):
        return step
    meant = {
        key: [alias for name in value for alias in told.get(name, [name])]
        if key in NAMING and isinstance(value, list)
        else value
        for key, value in stated.items()
    }
    return {**step, "with": meant}
