"""退回：从申报的材料里逐项选出问题，选用常见问题或者自己填写；告知书先看再办。"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, ClassVar, NamedTuple

from starlette.responses import Response

from activities.wording import help_text, label
from starter.console.acting import flow
from starter.console.case import around, case_act_path
from starter.console.case_acts import CaseAct
from starter.console.fields import Typed, row_numbers
from starter.console.next_task import carried
from starter.console.pages import Page, Visit
from starter.console.seen_case import seen_case
from starter.desk.returning import RETURNS, Defect, Piece, defects_of, material_of
from starter.desk.wording import reason_of
from workflows.application.catalogue import CATALOGUE

PATH = "/anjuan/{case}/tuihui"
PICKED, PICK = "xuan", "xuan"
"""The boxes beside the material, and the button that takes what is ticked into the form."""
ITEMS = "items"
FREE = ""
"""In the place of a defect: something else, in the office's own words."""


class Box(NamedTuple):
    """A defect that can be ticked at a piece: what is sent, its words, its clause."""

    value: str
    words: str
    ground: str


class Shelf(NamedTuple):
    """A section of the material with its pieces, each with its boxes."""

    name: str
    pieces: tuple[tuple[Piece, tuple[Box, ...]], ...]
    is_open: bool


@dataclass(frozen=True)
class ReturnAct(CaseAct):
    """An act that sends the material back, by whoever is signed in."""

    template = "return_form.html"
    buttons: ClassVar[frozenset[str]] = frozenset({PICK})

    async def brought(self, typed: Typed) -> Typed:
        """Each ticked box as a row; the words of a usual defect where a row only names it."""
        office, ticked = self.visit.house.office, self._ticked()
        known = await defects_of(office, self.page.case)
        found = dict(typed)
        field = next(item for item in await self.fields() if item.key == ITEMS)
        for number in row_numbers(field, found):
            defect = known.get(_one(found, number, "defect"))
            if defect and not _one(found, number, "text").strip():
                found[f"{ITEMS}.{number}.text"] = [defect.text]
        if not ticked:
            return found
        number = max(row_numbers(field, found), default=-1)
        for piece, key in _chosen(await material_of(office, self.page), ticked):
            number += 1
            row = _row(piece, known.get(key))
            found |= {f"{ITEMS}.{number}.{name}": [value] for name, value in row.items()}
        return found

    async def aids(self) -> Mapping[str, Any]:
        pieces = await material_of(self.visit.house.office, self.page)
        return {"shelves": _shelves(pieces), "picked": PICKED, "pick": PICK}

    def _ticked(self) -> frozenset[str]:
        values = self.visit.form.getlist(PICKED)
        return frozenset(value for value in values if isinstance(value, str))


async def choose(visit: Visit) -> Response:
    """退回：一种的直接填写，几种的选一种；都不能办的说明原因。"""
    page = await seen_case(visit, "ban")
    views = [view for view in page.actions if view.action in RETURNS]
    allowed = [view.action for view in views if view.allowed]
    case, kept = page.case.application, carried(visit)
    if len(allowed) == 1:
        return await visit.go(f"{case_act_path(case, allowed[0])}{kept}")
    return visit.page(
        "return_choose.html",
        **around(page, "ban", kept),
        kinds=[
            (f"{case_act_path(case, name)}{kept}", label("acts", name), help_text("acts", name))
            for name in allowed
        ],
        reasons=[
            (label("acts", view.action), reason_of(view.refusal, page.names))
            for view in views
            if view.refusal is not None
        ],
    )


async def returning_here(visit: Visit) -> ReturnAct:
    """The case and the act of the address.

    Raises:
        HTTPException: 404.
    """
    name = str(visit.request.path_params["act"])
    if name not in RETURNS:
        visit.nothing()
    return ReturnAct(visit, name, CATALOGUE[name].payload, await seen_case(visit, "ban"))


def _shelves(pieces: Sequence[Piece]) -> list[Shelf]:
    return [
        Shelf(
            name,
            tuple((piece, tuple(_boxes(piece))) for piece in of),
            is_open=any(piece.refers_to for piece in of),
        )
        for name, of in ((name, tuple(group)) for name, group in groupby(pieces, _group))
    ]


def _group(piece: Piece) -> str:
    return piece.group


def _boxes(piece: Piece) -> Iterator[Box]:
    for defect in piece.defects:
        yield Box(_value(piece, defect.key), defect.text, defect.ground)
    yield Box(_value(piece, FREE), "其他问题，自己填写", "")


def _value(piece: Piece, defect: str) -> str:
    """What a box sends: names of the case, never words."""
    return "|".join((piece.subject, piece.refers_to, defect))


def _chosen(pieces: Sequence[Piece], ticked: frozenset[str]) -> Iterator[tuple[Piece, str]]:
    """What was ticked, in the order of the material; what is not offered is nothing."""
    for piece in pieces:
        for key in (*(defect.key for defect in piece.defects), FREE):
            if _value(piece, key) in ticked:
                yield piece, key


def _row(piece: Piece, defect: Defect | None) -> dict[str, str]:
    row = {
        "subject": piece.subject,
        "defect": defect.key if defect else "",
        "text": defect.text if defect else "",
        "refers_to": piece.refers_to,
    }
    # A row with nothing in it is none: what is about the whole is at least its own words to come.
    return row if any(row.values()) else row | {"text": " "}


def _one(typed: Typed, number: int, name: str) -> str:
    return next(iter(typed.get(f"{ITEMS}.{number}.{name}", ())), "")


PAGES = (Page(PATH, choose), *flow(f"{PATH}/{{act}}", returning_here))
