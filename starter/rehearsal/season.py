"""A whole season of a notice: its stories woven into one scenario, and its committee's meeting.

A story (`stories/*.toml`) is one application's; what its meeting does is told once for all of them
in `stories/meetings/`. A story told by several people has as many applications; where a meeting
names a story, it means each of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path as FilePath
from typing import Any

from config.reading import FileError, read_table
from starter.rehearsal.happy_path import Path, path_of
from starter.rehearsal.notices import NoticeFiles, all_shipped, given, shipped
from starter.rehearsal.proofreading import NAMING
from starter.rehearsal.scenario import ApplicationPart, Scenario, scenario_of
from starter.rehearsal.usual_meeting import UsualMeeting
from workflows.rules.names import Route, Stage

STORIES = FilePath(__file__).parent / "stories"
COPIES = {"bd-city-completed": 4, "lc-city-completed": 3, "bd-abandoned": 2, "lc-not-passed": 2}
"""Stories told more than once, by different people."""
LAPSED, UNPAID = "lapsed", "unpaid"
"""The applications of a season without stories that end by silence."""
NOT_PASSED = "not_passed"
"""The one that its committee does not pass."""
MORNING, AFTERNOON, SOON = time(9), time(15), timedelta(minutes=10)
WAITING, CONFIRMED = Stage.AWAITING_MEETING, Stage.RECHECK_WINDOW
"""How far the others go by themselves, and by their results."""


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
    """One application of each route up to its result, one that does not pass, and the ends that
    silence brings. With a committee's file its meeting is held; without one the office says of each
    application alone what a meeting would."""
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
    ways = {route.value: path for route in Route if (path := _way(probe, route)) is not None}
    parts = [{"id": alias, "route": alias} for alias in ways]
    usual = next(iter(ways), Route.CITY_UNIT.value)
    parts.append({"id": UNPAID, "route": usual})
    meeting = _meeting(files, ways)
    if meeting is not None:
        parts.append({"id": NOT_PASSED, "route": usual})
        ways[NOT_PASSED] = ways[usual]
        table["meeting"] = [meeting.part]
        table["step"] += meeting.steps()
    table["application"] += parts
    table["step"] += [
        {"at": windows.payment.ends_on, "on": UNPAID, "until": "awaiting_payment"},
        {"at": unpaid_until, "on": UNPAID, "expect": {"end": "payment_missed"}},
        *(step for alias, path in ways.items() for step in _to_its_result(alias, path, meeting)),
    ]
    for step in table["step"]:
        if not isinstance(step["at"], datetime):
            step["at"] = datetime.combine(step["at"], MORNING)
    table["step"].sort(key=lambda step: step["at"])
    return scenario_of(table, f"演示 {campaign}")


def _meeting(files: NoticeFiles, ways: Mapping[str, Path]) -> UsualMeeting | None:
    """The meeting of the notice's own committee, where there is a file of it and somebody to judge."""
    judged = [path for path in ways.values() if path.is_judged_here]
    if files.filed is None or not judged:
        return None
    return UsualMeeting(
        files.campaign.policy,
        judged[0].calendar,
        files.filed.committee.id,
        judged,
        max(path.arrival(WAITING) for path in judged).date(),
        (NOT_PASSED,),
    )


def _to_its_result(
    alias: str, path: Path, meeting: UsualMeeting | None
) -> Iterator[dict[str, Any]]:
    """Up to the meeting and what it brings, or the whole way by the office's own word."""
    held = meeting is not None and path.is_judged_here
    goal = WAITING if held else CONFIRMED
    arrival = path.arrival(goal).replace(tzinfo=None)
    yield {"at": arrival, "on": alias, "until": goal.value}
    if meeting is not None and held:
        effect = datetime.combine(meeting.issued_on, AFTERNOON)
        yield {"at": effect, "on": alias, "expect": {"stage": CONFIRMED.value}}


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
