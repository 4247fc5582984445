"""A whole season of a notice: its stories woven into one scenario, and its committee's meeting.

A story (`stories/*.toml`) is one application's; what its meeting does is told once for all of them
in `stories/meetings/`. A story told by several people has as many applications; where a meeting
names a story, it means each of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from config.reading import read_table
from starter.rehearsal.proofreading import NAMING
from starter.rehearsal.scenario import Scenario, scenario_of

STORIES = Path(__file__).parent / "stories"
COPIES = {"bd-city-completed": 4, "lc-city-completed": 3, "bd-abandoned": 2, "lc-not-passed": 2}
"""Stories told more than once, by different people."""


def season(campaign: str) -> Scenario:
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
