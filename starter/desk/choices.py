"""Values to choose from on a case: what an act can be about, as the case stands now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from activities.views import TimelineEntry
from activities.wording import date_zh, label, labels, last_moment_zh
from starter.desk.act_form import Option, Source
from starter.desk.case_page import CasePage
from starter.desk.office import Office
from workflows.application.case import Case, Item
from workflows.application.corrections import (
    FROZEN,
    NEW_MATERIAL,
    OF_ACHIEVEMENT,
    OF_PAPER,
)
from workflows.rules.evidence import ANY_OF
from workflows.rules.message import local, local_date

OF_FACT = "fact:"
LONGEST = 60
"""Characters of a text that a choice shows."""

Choices = Mapping[Source, Sequence[Option]]


async def choices(office: Office, page: CasePage, as_of: datetime) -> Choices:
    """What can be chosen on a case; nothing where it left no state.

    Args:
        as_of: the realm's time: who acts for an organisation is asked as of it.
    """
    if page.stored is None or page.now is None:
        return {}
    case = page.stored.case
    titles = await office.reading.achievement_titles(case.application)
    texts = await office.reading.texts(item.text for given in case.returns for item in given.items)
    achievements = _achievements(case, titles)
    clocks = [item for item in (page.now.deadline, *page.now.other_deadlines) if item is not None]
    return {
        Source.ACHIEVEMENTS: achievements,
        Source.PROVEN: [*achievements, *_papers(case)],
        Source.EVIDENCE: [Option(kind, label("documents", kind)) for kind in _kinds(case)],
        Source.SUBJECTS: _subjects(case, achievements),
        Source.EARLIER_ITEMS: [*_items(case, texts, last=False), *_new_material(page.entries)],
        Source.ITEMS: _items(case, texts, last=True),
        Source.CORRIGIBLE: _corrigible(case),
        Source.DEADLINES: [
            Option(
                clock.key,
                f"{label('rules', clock.rule)}（至 {last_moment_zh(clock.ends_on, clock.ends_at)}）",
            )
            for clock in clocks
        ],
        Source.INQUIRIES: [
            Option(item.id, f"{label('inquiries', item.kind)}，{date_zh(item.day)}收到")
            for item in case.open_inquiries
        ],
        Source.REQUESTS: [
            Option(
                item.id,
                f"{label('acts', item.action)}，{page.names.get(item.by.organisation, '')}提出，"
                f"{last_moment_zh(local_date(item.until), item.until)}以前有效",
            )
            for item in page.now.asked
        ],
        Source.CHECKS: [Option(item.key, label("checks", item.key)) for item in case.checks],
        Source.COLLEAGUES: await _colleagues(office, page, as_of),
    }


def _achievements(case: Case, titles: Mapping[str, str]) -> list[Option]:
    return [
        Option(
            item.id,
            f"{titles.get(item.id) or item.id}"
            f"（{label('achievements', item.kind)}，{date_zh(item.achieved_on)}）",
        )
        for item in case.facts.achievements
    ]


def _subjects(case: Case, achievements: Iterable[Option]) -> list[Option]:
    """What an item of a return can name: an achievement, a paper, a fact that may be corrected."""
    return [
        *(
            Option(f"{OF_ACHIEVEMENT}{item.value}", f"业绩成果：{item.label}")
            for item in achievements
        ),
        *_papers(case),
        *(
            Option(f"{OF_FACT}{name}", f"申报内容：{told}")
            for name, told in labels("facts").items()
            if name not in FROZEN
        ),
    ]


def _papers(case: Case) -> list[Option]:
    """The papers that were handed in, and what proves an achievement."""
    evidence = {kind for item in case.facts.achievements for kind in item.evidence}
    kinds = dict.fromkeys([*case.facts.papers, *sorted(evidence)])
    return [Option(f"{OF_PAPER}{kind}", f"材料：{label('documents', kind)}") for kind in kinds]


def _kinds(case: Case) -> list[str]:
    """Kinds of documents that the notice asks for, or that were handed in."""
    asked = [
        kind
        for kinds in case.policy.achievements.kinds.values()
        for each in kinds
        for kind in each.split(ANY_OF)
    ]
    handed_in = [kind for item in case.facts.achievements for kind in item.evidence]
    return [*dict.fromkeys([*asked, *case.facts.papers, *handed_in])]


def _items(case: Case, texts: Mapping[str, str], *, last: bool) -> list[Option]:
    """Items of the open return, or of all returns of the committee."""
    given = case.returns[-1:] if last else [one for one in case.returns if one.level == "committee"]
    return [Option(item.id, _item_zh(item, texts)) for one in given for item in one.items]


def _item_zh(item: Item, texts: Mapping[str, str]) -> str:
    text = " ".join(texts.get(item.text, "").split())
    return f"{item.id}　{text[:LONGEST]}{'…' if len(text) > LONGEST else ''}"


def _new_material(entries: Sequence[TimelineEntry]) -> list[Option]:
    """Files that came in with corrections: what is new may have defects of its own."""
    return [
        Option(f"{NEW_MATERIAL}{file['file']}", f"新提交的材料：{_file_zh(file, entry)}")
        for entry in entries
        if entry.source == "act" and entry.name == "resubmit"
        for file in entry.payload.get("files", ())
    ]


def _file_zh(file: Mapping[str, str], entry: TimelineEntry) -> str:
    kind = label("documents", file.get("kind") or "file")
    return f"{kind}（{date_zh(local(entry.acted_at).date())}）"


def _corrigible(case: Case) -> list[Option]:
    """Facts that the last return names; all that may be changed where an item names nothing."""
    given = case.last_return
    if given is None:
        return []
    subjects = {item.subject for item in given.items}
    return [
        Option(name, told)
        for name, told in labels("facts").items()
        if name not in FROZEN and ("" in subjects or subjects & {name, f"{OF_FACT}{name}"})
    ]


async def _colleagues(office: Office, page: CasePage, as_of: datetime) -> list[Option]:
    """Others who act for the organisation, each once."""
    organisation, own = page.actor.organisation, page.actor.person
    if not organisation:
        return []
    people = await office.reading.people_of(organisation, as_of, page.case.realm)
    names = {item.person: f"{item.name}（{label('roles', item.role)}）" for item in people}
    return [Option(person, told) for person, told in names.items() if person != own]
