"""The papers a season leaves: made from the record, each once, and put into one folder."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from activities.papers.store import PaperReading
from config.gateway.errors import GatewayError
from starter.desk.papers import file_name
from starter.private_files import PRIVATE_FOLDER, write_private
from starter.rehearsal.conductor import ScenarioReport
from starter.rehearsal.season import LAPSED, UNPAID
from starter.rehearsal.staging import Stage
from starter.rehearsal.world import World
from workflows.rules.names import Route
from workflows.rules.papers import PaperKind
from workflows.writer.messages import Actor

SHOWN = {
    PaperKind.PUBLICITY_FORM: "bd-city-completed-1",
    PaperKind.RETURN_NOTICE: "bd-abandoned-1",
    PaperKind.ONE_OFF_NOTICE: "lc-corrected-once-1",
    PaperKind.NOT_ACCEPTED_NOTICE: "lc-not-accepted-1",
    PaperKind.PAYMENT_NOTICE: "bd-city-completed-1",
    PaperKind.REVIEW_FORM: "bd-city-completed-1",
    PaperKind.CERTIFICATE: "bd-city-completed-1",
    PaperKind.RECHECK_ANSWER: "bd-not-passed-recheck-1",
    PaperKind.DEADLINE_SHEET: "bd-city-completed-1",
}
"""The papers of one application, each by the story it is shown of."""
OF_A_BATCH = (
    PaperKind.RESULT_LIST,
    PaperKind.REVIEW_REPORT,
    PaperKind.DRAFT_CONFIRMATION,
    PaperKind.CONFIRMATION,
    PaperKind.REPLY,
)
PLAIN = (
    PaperKind.PUBLICITY_FORM,
    PaperKind.PAYMENT_NOTICE,
    PaperKind.REVIEW_FORM,
    PaperKind.DEADLINE_SHEET,
)
"""The papers of a season without stories, shown of its first application that got so far."""


@dataclass(frozen=True)
class Made:
    """The papers that lie in the folder, and why any does not."""

    files: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


async def leave_papers(world: World, report: ScenarioReport, folder: Path) -> Made:
    """Make the papers of a season and put them into a folder."""
    await asyncio.to_thread(folder.mkdir, PRIVATE_FOLDER, parents=True, exist_ok=True)
    last = report.scenario.step[-1].at
    files: list[str] = []
    problems: list[str] = []
    for stated in _wanted(report):
        actor = await _reader(world, report, last)
        try:
            outcome = await Stage(world).operate(
                "render_paper", stated, last, realm=report.realm, actor=actor
            )
        except GatewayError as err:
            problems.append(f"{stated['kind']}：{err}")
            continue
        made = await PaperReading(world.pool).paper(outcome.params["paper"])
        if made is not None:
            name = file_name(made)
            content = await world.intake.documents.content(made.sha256)
            await asyncio.to_thread(write_private, folder / name, content)
            files.append(name)
    return Made(tuple(files), tuple(problems))


def _wanted(report: ScenarioReport) -> Iterator[dict[str, str]]:
    stories = any(alias in report.applications for alias in SHOWN.values())
    shown = SHOWN if stories else dict.fromkeys(PLAIN, _furthest(report))
    for kind, alias in shown.items():
        application = report.applications.get(alias)
        if application is not None:
            yield {"kind": kind, "application": application}
    # A reply goes to a unit of another province that entrusted somebody.
    entrusted = any(part.route is Route.RESIDENT_BRANCH for part in report.scenario.application)
    for meeting in report.meetings.values():
        for kind in OF_A_BATCH:
            if kind is not PaperKind.REPLY or entrusted:
                yield {"kind": kind, "meeting": meeting, "batch": "1"}


def _furthest(report: ScenarioReport) -> str:
    """The first application that is led to the end of its way."""
    return next((alias for alias in report.applications if alias not in (LAPSED, UNPAID)), LAPSED)


async def _reader(world: World, report: ScenarioReport, at: datetime) -> Actor:
    """A person of the committee's office, who may have each of them made."""
    policy = await world.reading.policy(report.scenario.campaign, realm=report.realm)
    office = policy.committee.office if policy else ""
    people = await world.reading.people_of(office, at, report.realm)
    return Actor(person=people[0].person, organisation=office, role=people[0].role)
