"""What sends material back: the pieces of the case it can be about, and the usual defects of each.

The catalogue of defects is data: the notice's own rows with their clauses (`[[notice.defects]]`), the
general ones in `config/defects.toml`; a notice's row stands in the place of the general one of its key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from activities.material import clauses_of
from activities.views import CaseView, TimelineEntry
from activities.wording import date_zh, ground_zh, label, labels
from config.defects import UsualDefect, general_defects
from starter.desk.case_page import CasePage
from starter.desk.office import Office
from starter.desk.stating import StatedError
from workflows.application.case import Case, Item, Return
from workflows.application.catalogue import CATALOGUE
from workflows.application.corrections import (
    FROZEN,
    NEW_MATERIAL,
    OF_ACHIEVEMENT,
    OF_FACT,
    OF_FILE,
    OF_PAPER,
    returns_of,
)
from workflows.application.payloads import ReturnForCorrection
from workflows.rules.facts import Achievement
from workflows.rules.message import local_date
from workflows.rules.names import Stage

RETURNS = frozenset(
    row.name for row in CATALOGUE.values() if issubclass(row.payload, ReturnForCorrection)
)
"""Every act that sends material back with items."""
LEVELS = {
    Stage.UNIT_REVIEW: "unit",
    Stage.UNIT_PUBLICITY: "unit",
    Stage.CHAIN_REVIEW: "chain",
    Stage.COMMITTEE_INTAKE: "committee",
}
ASKED_BEFORE, CAME_IN_SINCE = "此前告知的各项", "补正中新提交的材料"
_NAMED = re.compile(r"[A-Za-z0-9_.-]+")


@dataclass(frozen=True)
class Defect:
    """A usual defect: its words, and the clause of the notice where it has one."""

    key: str
    text: str
    about: tuple[str, ...] = ()
    clause: str = ""
    document: str = ""
    """The notice's, which people read before the clause."""

    @property
    def ground(self) -> str:
        """The clause as people read it."""
        return ground_zh(self.clause, self.document) if self.clause else ""


@dataclass(frozen=True)
class Piece:
    """One thing of the material that an item of a return can be about.

    Attributes:
        group: the section it stands in.
        detail: what was stated of it.
        subject: how an item names it; empty for the application as a whole.
        refers_to: the earlier item or the new material that an item about it answers to.
        defects: what is usual of such a thing.
    """

    group: str
    name: str
    detail: str = ""
    subject: str = ""
    refers_to: str = ""
    defects: tuple[Defect, ...] = ()


async def defects_of(office: Office, case: CaseView) -> Mapping[str, Defect]:
    """The usual defects of a case's notice and in general, by key; the notice's own first."""
    content = await office.reading.campaign_content(
        case.campaign, case.policy_version or None, case.realm
    )
    notice = (content or {}).get("notice", {})
    document, clauses = notice.get("document", ""), clauses_of(notice)
    found = {
        row["key"]: Defect(
            row["key"], row["text"], tuple(row["about"]), clauses[row["key"]], document
        )
        for row in notice.get("defects", ())
    }
    general = {row.key: _general(row) for row in general_defects().values()}
    return found | {key: row for key, row in general.items() if key not in found}


async def material_of(office: Office, page: CasePage) -> tuple[Piece, ...]:
    """Every piece of a case's material, in the order of the application; nothing without its state."""
    if page.stored is None:
        return ()
    case = page.stored.case
    defects = tuple((await defects_of(office, page.case)).values())
    titles = await office.reading.achievement_titles(case.application)
    earlier = earlier_returns(case)
    texts = await office.reading.texts(item.text for given in earlier for item in given.items)
    items = [item for given in earlier for item in given.items]
    found = [
        Piece("整份申报", "整份申报", defects=_usual(defects, "")),
        *_stated(case, defects),
        *_papers(case, defects),
        *(
            piece
            for item in case.facts.achievements
            for piece in _achievement(item, titles.get(item.id) or item.id, defects)
        ),
    ]
    return (
        *(_bound(piece, items) for piece in found),
        *_answered(items, texts, page.entries),
        *_came_in(page.entries, defects),
    )


def earlier_returns(case: Case) -> tuple[Return, ...]:
    """What the level that has the case now returned before."""
    level = LEVELS.get(case.stage) if case.stage else None
    return returns_of(case, level) if level else ()


async def worded(office: Office, case: CaseView, stated: Mapping[str, Any]) -> dict[str, Any]:
    """What is stated, an item that only names a usual defect with the catalogue's words.

    Raises:
        StatedError: an item names a defect that the catalogue does not have.
    """
    rows = stated.get("items")
    if not isinstance(rows, list | tuple) or not any(
        isinstance(row, Mapping) and row.get("defect") for row in rows
    ):
        return dict(stated)
    known = await defects_of(office, case)
    return dict(stated) | {"items": list(_worded(rows, known))}


def _worded(rows: Iterable[Any], known: Mapping[str, Defect]) -> Iterator[Any]:
    for number, row in enumerate(rows):
        key = str(row.get("defect") or "") if isinstance(row, Mapping) else ""
        if key and key not in known:
            place = f"items[{number}].defect"
            problem = f"{place}：没有“{key}”这一常见问题，可以选用的：{'、'.join(known)}"
            raise StatedError([problem], fields=(f"items.{number}.defect",))
        blank = key and not str(row.get("text") or "").strip()
        yield dict(row) | {"text": known[key].text} if blank else row


def _general(row: UsualDefect) -> Defect:
    return Defect(row.key, row.text, row.about)


def _usual(defects: Iterable[Defect], *kinds: str) -> tuple[Defect, ...]:
    """The defects of a thing of these kinds, from its narrowest; "" is the whole application."""
    return tuple(
        row for row in defects if (not row.about if "" in kinds else set(row.about) & set(kinds))
    )


def _stated(case: Case, defects: tuple[Defect, ...]) -> Iterator[Piece]:
    facts = case.facts.model_dump(mode="json")
    for name, told in labels("facts").items():
        if name in FROZEN:
            continue
        value = facts.get(name)
        detail = value if isinstance(value, str) else ""
        usual = _usual(defects, "fact", f"fact:{name}")
        yield Piece("申报内容", told, detail, f"{OF_FACT}{name}", defects=usual)


def _papers(case: Case, defects: tuple[Defect, ...]) -> Iterator[Piece]:
    """The papers that were handed in, and those of the way that can be missing."""
    route = case.policy.routes.get(case.facts.route)
    wanted = route.papers if route else ()
    evidence = {kind for item in case.facts.achievements for kind in item.evidence}
    for kind in dict.fromkeys([*case.facts.papers, *wanted, *sorted(evidence)]):
        handed_in = kind in case.facts.papers or kind in evidence
        detail = "已提交" if handed_in else "没有提交"
        usual = _usual(defects, "paper", f"paper:{kind}")
        yield Piece(
            "证明材料", label("documents", kind), detail, f"{OF_PAPER}{kind}", defects=usual
        )


def _achievement(item: Achievement, title: str, defects: tuple[Defect, ...]) -> Iterator[Piece]:
    group = "业绩成果"
    evidence = "、".join(label("documents", kind) for kind in item.evidence) or "没有佐证材料"
    told = f"{label('achievements', item.kind)}，{date_zh(item.achieved_on)}，{evidence}"
    usual = _usual(defects, "achievement", f"achievement:{item.kind}")
    yield Piece(group, title, told, f"{OF_ACHIEVEMENT}{item.id}", defects=usual)
    for number, file in enumerate(item.files, start=1):
        if _NAMED.fullmatch(file):
            name = f"文件 {number}"
            usual = _usual(defects, "file")
            yield Piece(group, f"{title}，{name}", "", f"{OF_FILE}{file}", defects=usual)


def _bound(piece: Piece, items: Iterable[Item]) -> Piece:
    """A thing that was returned before answers to that item."""
    earlier = [item for item in items if item.subject == piece.subject]
    if not earlier:
        return piece
    return Piece(
        piece.group, piece.name, piece.detail, piece.subject, earlier[-1].id, piece.defects
    )


def _answered(
    items: Iterable[Item], texts: Mapping[str, str], entries: Iterable[TimelineEntry]
) -> Iterator[Piece]:
    """What was asked before, with what was answered to it."""
    answers: dict[str, str] = {}
    for entry in entries:
        if entry.source == "act" and entry.name == "resubmit":
            answers |= {
                row["item"]: row.get("text", "") for row in entry.payload.get("answers", ())
            }
    for item in items:
        asked = " ".join(texts.get(item.text, "").split())
        told = f"补正说明：{answers[item.id]}" if answers.get(item.id) else "没有补正说明"
        yield Piece(ASKED_BEFORE, f"第 {item.id} 项　{asked}", told, item.subject, item.id)


def _came_in(entries: Iterable[TimelineEntry], defects: tuple[Defect, ...]) -> Iterator[Piece]:
    """Files that came in with corrections: what is new may have defects of its own."""
    for entry in entries:
        if entry.source != "act" or entry.name != "resubmit":
            continue
        for file in entry.payload.get("files", ()):
            name = str(file["file"])
            kind = label("documents", file.get("kind") or "file")
            subject = f"{OF_FILE}{name}" if _NAMED.fullmatch(name) else ""
            usual = _usual(defects, "file", f"paper:{file.get('kind', '')}")
            told = f"{date_zh(local_date(entry.acted_at))}补正时提交"
            yield Piece(CAME_IN_SINCE, kind, told, subject, f"{NEW_MATERIAL}{name}", usual)
