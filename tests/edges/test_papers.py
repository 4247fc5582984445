"""Every paper with values as long and as many as people make them (issue 9, point 5)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pypdfium2
import pytest

from activities.papers.catalogue import PAPERS
from activities.papers.seals import SealKey
from activities.papers.typesetting import draw_seal, typeset
from tests.edges.paper_extremes import LONG_NAME, UNBROKEN, faults, sixty, stretched, unbroken
from tests.paper_samples import data_of
from tests.unit.test_paper_templates import plain, seal  # noqa: F401 - a fixture
from workflows.rules.papers import PaperKind, Subject

OF_BATCH = [kind for kind, row in PAPERS.items() if row.subject is Subject.BATCH]
FILE = "energy_data_platform_white_paper_v3_final_signed.pdf"
LONG = "近三年考核均为称职以上，履职良好，" * 300
ITEMS = [
    {
        "id": f"1.{number}",
        "subject": "achievement:a1",
        "text": FILE * 6 if number % 3 else LONG[:90],
    }
    for number in range(700)
]


@pytest.mark.parametrize("how", [sixty, unbroken])
@pytest.mark.parametrize("kind", PaperKind)
def test_no_field_is_too_long_for_its_place(
    kind: PaperKind,
    how: Callable[[str], str],
    seal: SealKey,  # noqa: F811
) -> None:
    few = {"rows": 2} if kind in OF_BATCH else {}
    data = stretched(data_of(kind, seal, **few), how)

    made = typeset(kind, data)

    assert list(faults(made.content)) == []
    whole = LONG_NAME if how is sixty else UNBROKEN * 4
    assert whole[:40] in plain(made.content), "searched and copied as it was written"
    assert tuple(place.of for place in made.places) == PAPERS[kind].seals


@pytest.mark.parametrize("kind", [PaperKind.ONE_OFF_NOTICE, PaperKind.RETURN_NOTICE])
def test_seven_hundred_points(kind: PaperKind, seal: SealKey) -> None:  # noqa: F811
    content = typeset(kind, data_of(kind, seal, items=ITEMS)).content

    assert list(faults(content)) == []
    assert "1.699．" in plain(content)


@pytest.mark.parametrize("kind", [PaperKind.PUBLICITY_FORM, PaperKind.REVIEW_FORM])
def test_seven_hundred_achievements_with_the_names_of_files(
    kind: PaperKind,
    seal: SealKey,  # noqa: F811
) -> None:
    data = dict(data_of(kind, seal, achievements=700))
    data["achievements"] = [
        [number, sort, f"{number}_{FILE}", *rest] for number, sort, _, *rest in data["achievements"]
    ]

    content = typeset(kind, data).content

    assert list(faults(content)) == []
    assert f"700_{FILE}" in plain(content)


@pytest.mark.parametrize("kind", OF_BATCH)
@pytest.mark.parametrize("rows", [1, 700, 5000])
def test_a_list_of_one_and_of_thousands(kind: PaperKind, rows: int, seal: SealKey) -> None:  # noqa: F811
    content = typeset(kind, data_of(kind, seal, rows=rows)).content

    assert list(faults(content)) == []


LONG_TEXTS: dict[str, tuple[PaperKind, dict[str, Any]]] = {
    "推荐意见": (PaperKind.PUBLICITY_FORM, {"merits": LONG}),
    "反映渠道": (PaperKind.PUBLICITY_FORM, {"contacts": [f"纪检信箱 {FILE}"] * 200}),
    "评审表的推荐意见": (PaperKind.REVIEW_FORM, {}),
    "评议意见": (PaperKind.REVIEW_FORM, {"opinion": LONG}),
    "不予受理的理由": (PaperKind.NOT_ACCEPTED_NOTICE, {"reason": LONG}),
    "复查的理由": (PaperKind.RECHECK_ANSWER, {"reason": LONG}),
}


@pytest.mark.parametrize("name", LONG_TEXTS)
def test_a_text_longer_than_a_page_goes_on_to_the_next(name: str, seal: SealKey) -> None:  # noqa: F811
    kind, stated = LONG_TEXTS[name]
    data = dict(data_of(kind, seal, **stated))
    if not stated:
        data["opinions"] = [{**opinion, "lines": [LONG]} for opinion in data["opinions"]]

    made = typeset(kind, data)

    assert list(faults(made.content)) == []
    assert LONG[:60] in plain(made.content) or name == "反映渠道"
    assert tuple(place.of for place in made.places) == PAPERS[kind].seals


def test_a_certificate_is_one_page_whatever_it_names(seal: SealKey) -> None:  # noqa: F811
    for how in (sixty, unbroken):
        data = stretched(data_of(PaperKind.CERTIFICATE, seal), how)
        document = pypdfium2.PdfDocument(typeset(PaperKind.CERTIFICATE, data).content)
        assert len(document) == 1
        document.close()


@pytest.mark.parametrize("length", [1, 12, 30, 60])
def test_a_seal_has_room_for_its_name(length: int) -> None:
    name = sixty("江州市职称改革办公室")[:length]
    size = 113.4

    document = pypdfium2.PdfDocument(draw_seal(name, "电子印章", size))
    page = document[0]
    text = page.get_textpage()
    assert text.count_chars() >= length
    for index in range(text.count_chars()):
        left, bottom, right, top = text.get_charbox(index)
        assert left > 0
        assert bottom > 0
        assert right < size
        assert top < size
    document.close()


def test_a_letter_has_the_form_of_an_official_document(seal: SealKey) -> None:  # noqa: F811
    """GB/T 9704-2012: 22 lines of 28 characters in 156 by 225 mm, page numbers by odd and even."""
    kind = PaperKind.ONE_OFF_NOTICE
    document = pypdfium2.PdfDocument(
        typeset(kind, data_of(kind, seal, items=[{"text": LONG}])).content
    )
    millimetre = 72 / 25.4
    for number, page in enumerate(document, 1):
        text = page.get_textpage()
        boxes = [
            (text.get_charbox(index), text.get_text_range(index, 1))
            for index in range(text.count_chars())
        ]
        height = page.get_size()[1]
        body = [
            (box, char)
            for box, char in boxes
            if char.strip() and 35 * millimetre < box[1] < height - 37 * millimetre
        ]
        assert min(box[0] for box, _ in body) >= 28 * millimetre - 1
        assert max(box[2] for box, _ in body) <= (210 - 26) * millimetre + 3
        bottoms = sorted(
            text.get_charbox(index, loose=True)[1]
            for index, (box, char) in enumerate(boxes)
            if char >= "\u4e00" and 35 * millimetre < box[1] < height - 37 * millimetre
        )
        lines = 1 + sum(after - before > 6 for before, after in pairwise(bottoms))
        assert lines <= 22
        assert lines == 22 or number != 2
        folio = [box for box, char in boxes if char == "—" and box[3] < 35 * millimetre]
        assert len(folio) == 2
        assert (folio[0][0] > 105 * millimetre) is (number % 2 == 1)
    document.close()
