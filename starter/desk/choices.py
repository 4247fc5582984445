"""Values to choose from on a case: what an act can be about, as the case stands now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from activities.wording import date_zh, label, labels, last_moment_zh
from starter.desk.act_form import Option, Source
from starter.desk.case_page import CasePage
from starter.desk.office import Office
from starter.desk.returning import (
    ASKED_BEFORE,
    CAME_IN_SINCE,
    Defect,
    Piece,
    defects_of,
    material_of,
)
from workflows.application.case import Case, Item
from workflows.application.corrections import (
    FROZEN,
    OF_FACT,
    OF_PAPER,
)
from workflows.rules.evidence import ANY_OF
from workflows.rules.message import local_date

LONGEST = 60
"""Characters of a text that a choice shows."""

Choices = Mapping[Source, Sequence[Option]]


async def choices(
    office: Office, page: CasePage, as_of: datetime, sources: Collection[Source]
) -> Choices:
    """What can be chosen on a case; nothing where it left no state.

    Args:
        as_of: the realm's time: who acts for an organisation is asked as of it.
        sources: those that are needed; the record is not asked for what only others would show.
    """
    if page.stored is None or page.now is None:
        return {}
    case, needed, reading = page.stored.case, frozenset(sources), office.reading
    titles: Mapping[str, str] = {}
    if needed & {Source.ACHIEVEMENTS, Source.PROVEN}:
        titles = await reading.achievement_titles(case.application)
    texts: Mapping[str, str] = {}
    if Source.ITEMS in needed:
        given = case.last_return
        texts = await reading.texts(item.text for item in (given.items if given else ()))
    pieces: Sequence[Piece] = ()
    if needed & {Source.SUBJECTS, Source.EARLIER_ITEMS}:
        pieces = await material_of(office, page)
    defects: Mapping[str, Defect] = {}
    if Source.DEFECTS in needed:
        defects = await defects_of(office, page.case)
    achievements = _achievements(case, titles)
    clocks = [item for item in (page.now.deadline, *page.now.other_deadlines) if item is not None]
    return {
        Source.ACHIEVEMENTS: achievements,
        Source.PROVEN: [*achievements, *_papers(case)],
        Source.EVIDENCE: [Option(kind, label("documents", kind)) for kind in _kinds(case)],
        Source.SUBJECTS: _subjects(pieces),
        Source.DEFECTS: [Option(item.key, item.text) for item in defects.values()],
        Source.EARLIER_ITEMS: _earlier(pieces),
        Source.ITEMS: _items(case, texts),
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
        Source.COLLEAGUES: await _colleagues(office, page, as_of)
        if Source.COLLEAGUES in needed
        else (),
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


def _subjects(pieces: Iterable[Piece]) -> list[Option]:
    """What an item of a return can name, each once: a fact, a paper, an achievement, a file."""
    named = {
        piece.subject: f"{piece.group}：{piece.name}" for piece in pieces if not piece.refers_to
    }
    named |= {
        piece.subject: f"{piece.group}：{piece.name}"
        for piece in pieces
        if piece.subject not in named
    }
    return [Option(subject, told) for subject, told in named.items() if subject]


def _earlier(pieces: Iterable[Piece]) -> list[Option]:
    """What was asked for before, and what came in since."""
    return [
        Option(piece.refers_to, _short(piece.name))
        for piece in pieces
        if piece.group in (ASKED_BEFORE, CAME_IN_SINCE)
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


def _items(case: Case, texts: Mapping[str, str]) -> list[Option]:
    """Items of the open return."""
    given = case.last_return
    return [Option(item.id, _item_zh(item, texts)) for item in (given.items if given else ())]


def _item_zh(item: Item, texts: Mapping[str, str]) -> str:
    return f"{item.id}　{_short(' '.join(texts.get(item.text, '').split()))}"


def _short(text: str) -> str:
    return f"{text[:LONGEST]}{'…' if len(text) > LONGEST else ''}"


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
