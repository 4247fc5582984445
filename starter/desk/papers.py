"""Papers that were made: who may open them, and what they hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cryptography.exceptions import InvalidTag

from activities.papers.catalogue import PAPERS, Paper
from activities.papers.store import PaperReading, PaperView
from activities.seeing import Circle, check_reader, circle_of_case
from activities.views import CaseView, TimelineEntry
from activities.wording import label
from starter.desk.case_page import CasePage
from starter.desk.office import Office, Who
from starter.desk.refusing import refused
from workflows.rules.papers import PaperKind, Subject
from workflows.rules.policy import Policy
from workflows.rules.refusals import Refused


async def check_opens(office: Office, papers: PaperReading, found: PaperView, who: Who) -> None:
    """Refuse a paper to whoever it is not for.

    Raises:
        NoAnswer, Refused: `not_entitled`.
    """
    at = await office.time_in(await office.realm(found.realm))
    case = await office.case(found.application) if found.application else None
    actor = await office.actor(who, found.realm, at, case)
    circle = await papers.circle(found, office.reading)
    check_reader(PAPERS[found.kind], actor, circle, await papers.public_until(found), at)


async def may_open(office: Office, papers: PaperReading, found: PaperView, who: Who) -> bool:
    """Whether a paper is for somebody."""
    try:
        await check_opens(office, papers, found, who)
    except Refused:
        return False
    return True


async def of_case(office: Office, case: CaseView, who: Who) -> tuple[PaperView, ...]:
    """The papers of a case that are for somebody, in the order of their steps."""
    papers = PaperReading(office.pool)
    found = await papers.of_application(case.application)
    return tuple([item for item in found if await may_open(office, papers, item, who)])


def due_to(page: CasePage, made: Iterable[PaperView], policy: Policy | None) -> list[PaperKind]:
    """The papers of a case that are due and not made yet, and are for who looks at it; a sheet of its
    deadlines is due at any time."""
    circle = circle_of_case(page.case, policy) if policy else Circle(applicants=(page.case.person,))
    readers = circle.readers(page.actor)
    latest = {(item.kind, item.seq) for item in made}
    found = []
    for kind, row in PAPERS.items():
        whose = row.afterwards if row.public else row.readers
        if row.subject is not Subject.APPLICATION or not whose & readers:
            continue
        step = _due_step(row, page.entries)
        if not row.steps or (step is not None and (kind, step.seq) not in latest):
            found.append(kind)
    return found


def _due_step(row: Paper, entries: Sequence[TimelineEntry]) -> TimelineEntry | None:
    """The last step after which a paper is due."""
    return next(
        (
            entry
            for entry in reversed(entries)
            if entry.source in ("act", "clock")
            and entry.name.partition(":")[0] in row.steps
            and (not row.stages or entry.stage_after in row.stages)
        ),
        None,
    )


async def stored_content(office: Office, sha256: str) -> bytes:
    """What a stored file holds.

    Raises:
        NoAnswer: `file_unavailable`.
    """
    try:
        return await office.intake.documents.content(sha256)
    except (OSError, ValueError, InvalidTag) as err:
        raise refused(
            "file_unavailable",
            f"存放的文件读不出来（{type(err).__name__}）：{sha256}",
            next_step="请联系运维人员核对文件存放位置。",
        ) from None


def file_name(found: PaperView) -> str:
    """A name people recognise: the kind, and the end of what it is of."""
    of = (found.application or found.meeting)[-12:]
    batch = f"-第{found.batch}批" if found.batch is not None else ""
    return f"{label('papers', found.kind)}-{of}{batch}-{found.id[6:14]}.pdf"
