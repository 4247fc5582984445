"""``python -m tests.cluster``: install, play stories, replace a version; print what came of it, and end.

Everything an operator types stands in docs/production.md, in this order.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.campaign_files import CAMPAIGNS
from config.committee_files import COMMITTEES
from config.directory_files import DIRECTORY
from config.operator_files import OPERATORS
from starter.installation.keys import fresh
from tests.cluster.compose import ComposeError
from tests.cluster.images import ROOT, MissingError
from tests.cluster.processes import ServiceError
from tests.cluster.restoring import Drill, LostError
from tests.cluster.running import Cluster, Said, running

OLD, NEW = "one", "two"
STORIES = ROOT / "tests" / "scenarios"
FEW = 22
"""Stories that are played where nobody says which."""
ON_THE_WAY = "2023-10-09T10:00"
OPERATOR = "operations@zhiping"
MOVE = ("move", "--as", OPERATOR)
REALMS = ("moving-a", "moving-b", "moving-c")


class WrongError(Exception):
    """The cluster does not do what the page promises."""


@dataclass
class Report:
    """What was done, one line each."""

    lines: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        """Note and print it."""
        self.lines.append(line)
        print(line, flush=True)


async def drill(stories: Sequence[Path], report: Report, *, keep: bool = False) -> None:
    """The whole of it, on a cluster of its own."""
    began = time.monotonic()
    variables = _variables()
    async with running(variables, [OLD, NEW], rehearsing=True, keep=keep) as cluster:
        if keep:
            report.say(f"folder: {cluster.folder}")
        report.say(f"up: {len(cluster.took)} services well in {time.monotonic() - began:.0f} s")
        _bad(await cluster.zhiping("install", "check", "--json"), "before there are workers", 3)
        await cluster.workers_up(OLD)
        report.say(f"workers {OLD}: ready, made current by first-version")
        await _install(cluster, report)
        await _rehearse(cluster, stories, report)
        await _replace(cluster, report)
        await Drill(cluster, NEW, report).run()
        restarts = {name: item.restarts for name, item in cluster.running.items() if item.restarts}
        report.say(f"restarts: {restarts or 'none'}")


async def _install(cluster: Cluster, report: Report) -> None:
    _good(await cluster.zhiping("install", "operators", str(OPERATORS)), "operators")
    files = ["--directory", str(DIRECTORY / "chongqing.toml")]
    files += [
        part for file in sorted(COMMITTEES.glob("*.toml")) for part in ("--committee", str(file))
    ]
    files += [
        part for file in sorted(CAMPAIGNS.glob("*.toml")) for part in ("--campaign", str(file))
    ]
    publish = ("install", "publish", *files, "--as", OPERATOR)
    said = await cluster.zhiping(*publish)
    while said.code == 0 and "pending confirm" in said.out + said.err:
        request = (said.out + said.err).partition("pending confirm ")[2].split()[0]
        confirm = ("pending", "confirm", request, "--as", "operations-er@zhiping")
        _good(await cluster.zhiping(*confirm), "confirming")
        said = await cluster.zhiping(*publish)
    _good(said, "publishing")
    checked = await cluster.zhiping("install", "check", "--json")
    lines = json.loads(checked.out)["lines"]
    wrong = [line for line in lines if line["state"] != "fine"]
    report.say(f"install check: {len(lines) - len(wrong)} of {len(lines)} lines fine")
    for line in wrong:
        report.say(f"  {line['about']}: {line['told']}")


async def _rehearse(cluster: Cluster, stories: Sequence[Path], report: Report) -> None:
    began = time.monotonic()
    said = await cluster.zhiping(
        *("rehearse", *map(str, stories), "--jobs", "4", "--json"),
        mail_dir=str(cluster.mail),
        allow_shift="true",
    )
    if said.code not in (0, 3):
        raise WrongError(f"rehearse left with {said.code}:\n{said.err[-2000:]}")
    played: list[dict[str, Any]] = json.loads(said.out)["scenarios"]
    good = sum(bool(item["good"]) for item in played)
    report.say(f"stories: {good} of {len(played)} good in {time.monotonic() - began:.0f} s")
    if good != len(played):
        raise WrongError(said.out[-4000:])


async def _replace(cluster: Cluster, report: Report) -> None:
    """A rolling deploy with cases open in several realms, there and back."""
    cases = [await _submitted(cluster, realm) for realm in REALMS]
    began = time.monotonic()
    await cluster.workers_up(NEW)
    for words in (("start",), ("ramp", "10"), ("ramp", "100"), MOVE, ("finish", OLD)):
        _good(await cluster.zhiping("deploy", *words), f"deploy {' '.join(words)}")
    report.say(f"deploy: {OLD} empty after {time.monotonic() - began:.0f} s, {NEW} current")
    await cluster.workers_down(OLD)
    for case in cases:
        said = await cluster.zhiping("nudge", case, "--as", OPERATOR)
        _good(said, f"an act on {case}, {OLD}'s workers being gone")
    report.say(f"acts on {len(cases)} open cases after that: all done")


async def _submitted(cluster: Cluster, realm: str) -> str:
    material = cluster.folder / "home" / "application.toml"
    if not material.exists():
        said = await cluster.zhiping("schema", "application", "--sample", "city_unit", "--toml")
        material.write_text(said.out, encoding="utf-8")
    said = await cluster.zhiping(
        *("submit", str(material), "--campaign", "bd-2023", "--realm", realm, "--at", ON_THE_WAY),
        "--json",
        allow_shift="true",
    )
    _good(said, "submit")
    return str(json.loads(said.out)["application"])


def _variables() -> dict[str, str]:
    """An `.env` as an operator has it: made by `zhiping install keys`, its open lines filled in."""
    pairs = (line.partition("=") for line in fresh().splitlines() if not line.startswith("#"))
    made = {name: value for name, sign, value in pairs if sign}
    return made | {
        "ZHIPING_CONSOLE_URL": "https://zc.example.test",
        "ZHIPING_SMTP_SENDER": "zhiping@localhost",
    }


def _good(said: Said, what: str) -> None:
    _bad(said, what, 0)


def _bad(said: Said, what: str, code: int) -> None:
    if said.code != code:
        raise WrongError(f"{what}: exit code {said.code}\n{said.out[-2000:]}\n{said.err[-2000:]}")


def main(arguments: Sequence[str]) -> int:
    """Return 0 where everything went as the page says."""
    parser = argparse.ArgumentParser(prog="python -m tests.cluster")
    parser.add_argument("stories", nargs="*", type=Path, help="story files; else the first few")
    parser.add_argument("--keep", action="store_true", help="leave the folder with its logs")
    given = parser.parse_args(arguments)
    stories = given.stories or sorted(STORIES.glob("sc*.toml"))[:FEW]
    try:
        asyncio.run(drill([item.resolve() for item in stories], Report(), keep=given.keep))
    except (ComposeError, LostError, MissingError, ServiceError, WrongError) as err:
        print(err, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
