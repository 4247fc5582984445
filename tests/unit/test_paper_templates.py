"""Every paper from sample data: typeset without a warning, the same twice, whole with long names."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from activities.papers import typesetting
from activities.papers.case_notices import one_off_notice
from activities.papers.catalogue import PAPERS
from activities.papers.making import CASE_DATA
from activities.papers.seals import SealKey, Seals
from activities.papers.typesetting import TEMPLATES, TypesettingError, canonical, typeset
from activities.papers.words import days_zh
from activities.views import TimelineEntry
from activities.wording import label
from tests.paper_samples import LONG_NAME, LONG_UNIT, case_of, data_of
from workers.stack.seals import demo_seal
from workflows.rules.covering import CASE_ACTS
from workflows.rules.papers import PaperKind, Subject

OF_CASE = [kind for kind, row in PAPERS.items() if row.subject is Subject.APPLICATION]
LETTERS = {
    kind
    for kind, row in PAPERS.items()
    if re.search(r"#show: (official-)?letter", (TEMPLATES / row.template).read_text())
}
A4 = (595.3, 841.9)
EDGE = 8.0
"""Points; nothing may be printed nearer to the edge of the page."""


@pytest.fixture(scope="session")
def seal(tmp_path_factory: pytest.TempPathFactory) -> SealKey:
    """A demonstration's seal."""
    made = demo_seal(tmp_path_factory.mktemp("seals"))
    found = Seals.load(made.store, made.password).of("anybody")
    assert found is not None
    return found


def pages(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    found = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return found


def plain(content: bytes) -> str:
    return re.sub(r"\s+", "", "".join(pages(content)))


def objects(content: bytes) -> Iterator[tuple[tuple[float, float], tuple[float, ...]]]:
    """The page's size and the box of every object on it."""
    document = pypdfium2.PdfDocument(content)
    for page in document:
        size = page.get_size()
        for item in page.get_objects():
            yield size, item.get_bounds()
    document.close()


def test_the_catalogue_has_every_kind_with_its_template_and_its_name() -> None:
    assert set(PAPERS) == set(PaperKind)
    for kind, paper in PAPERS.items():
        assert paper.kind is kind
        assert (TEMPLATES / paper.template).is_file()
        assert label("papers", kind, "")
        assert paper.readers


def test_no_template_is_left_over() -> None:
    files = {path.name for path in TEMPLATES.glob("*.typ")}
    used = {paper.template for paper in PAPERS.values()}
    assert files == used | {typesetting.SHARED, typesetting.SEAL_TEMPLATE}


@pytest.mark.parametrize("kind", PaperKind)
def test_the_same_data_gives_the_same_bytes(kind: PaperKind, seal: SealKey) -> None:
    data = data_of(kind, seal)
    backwards = dict(reversed(list(data.items())))
    assert typeset(kind, data).sha256 == typeset(kind, backwards).sha256


@pytest.mark.parametrize("kind", PaperKind)
def test_other_data_gives_other_bytes(kind: PaperKind, seal: SealKey) -> None:
    data = data_of(kind, seal)
    other = {**data, "title": "另一题名", "document": "渝〔2099〕1号", "number": "2099X"}
    assert typeset(kind, data).sha256 != typeset(kind, other).sha256


@pytest.mark.parametrize("kind", PaperKind)
def test_nothing_of_a_long_name_is_lost_and_nothing_leaves_the_page(
    kind: PaperKind, seal: SealKey
) -> None:
    whole = {"name": LONG_NAME} if kind in OF_CASE else {}
    content = typeset(kind, data_of(kind, seal, unit=LONG_UNIT, **whole)).content
    text = plain(content)
    assert LONG_NAME in text
    assert LONG_UNIT in text or kind in {
        # These name no unit, or are written by the office.
        PaperKind.ONE_OFF_NOTICE,
        PaperKind.NOT_ACCEPTED_NOTICE,
        PaperKind.PAYMENT_NOTICE,
        PaperKind.RECHECK_ANSWER,
        PaperKind.DEADLINE_SHEET,
    }
    for size, (left, bottom, right, top) in objects(content):
        assert left >= EDGE
        assert bottom >= EDGE
        assert right <= size[0] - EDGE
        assert top <= size[1] - EDGE


@pytest.mark.parametrize("kind", PaperKind)
def test_a_page_is_a4_and_says_which_of_how_many_it_is(kind: PaperKind, seal: SealKey) -> None:
    content = typeset(
        kind, data_of(kind, seal, **({} if kind in OF_CASE else {"rows": 60}))
    ).content
    document = pypdfium2.PdfDocument(content)
    sizes = {tuple(round(side, 1) for side in sorted(page.get_size())) for page in document}
    document.close()
    assert sizes == {A4}
    if kind is not PaperKind.CERTIFICATE:
        found = pages(content)
        for number, page in enumerate(found, 1):
            # The first page of a 函 has the issuer at its head and no number (GB/T 9704-2012, 10.1).
            if kind is PaperKind.REPLY and number == 1:
                assert "—" not in page
                continue
            numbered = rf"— {number} —" if kind in LETTERS else rf"第{number}页，共{len(found)}页"
            assert re.sub(r"\s", "", numbered) in re.sub(r"\s", "", page)
            assert "渝大数据发〔2023〕54号" in page


@pytest.mark.parametrize("kind", PaperKind)
def test_the_places_of_seals_are_those_of_the_catalogue(kind: PaperKind, seal: SealKey) -> None:
    made = typeset(kind, data_of(kind, seal))
    assert tuple(place.of for place in made.places) == PAPERS[kind].seals
    document = pypdfium2.PdfDocument(made.content)
    for place in made.places:
        width, height = document[place.page - 1].get_size()
        assert 0 < place.x < width - place.size
        assert 0 < place.y < height - place.size
    document.close()


@pytest.mark.parametrize("kind", PaperKind)
def test_another_reader_reads_the_same_words(
    kind: PaperKind, seal: SealKey, tmp_path: Path
) -> None:
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    file = tmp_path / "paper.pdf"
    file.write_bytes(typeset(kind, data_of(kind, seal)).content)
    out = subprocess.run([program, str(file), "-"], capture_output=True, check=True).stdout  # noqa: S603
    text = re.sub(r"\s+", "", out.decode())
    title = re.sub(r"\s+", "", data_of(kind, seal)["title"])
    assert title in text or kind is PaperKind.CERTIFICATE
    assert "\ufffd" not in text


def test_a_list_of_five_thousand_repeats_its_head_on_every_page(seal: SealKey) -> None:
    content = typeset(
        PaperKind.RESULT_LIST, data_of(PaperKind.RESULT_LIST, seal, rows=5000)
    ).content
    found = pages(content)
    assert len(found) > 100
    rows = [page for page in found if re.search(r"\*{6}", page)]
    assert len(rows) >= len(found) - 1  # the last may hold the signature alone
    assert all("证件号码" in page for page in rows)
    assert "以上共4500名" in re.sub(r"\s+", "", found[-1])


def test_a_long_opinion_is_printed_to_its_last_word(seal: SealKey) -> None:
    opinion = "该同志业绩突出，" * 300 + "同意提交评审。"
    content = typeset(PaperKind.REVIEW_FORM, data_of(PaperKind.REVIEW_FORM, seal, opinion=opinion))
    assert opinion in plain(content.content)


def test_a_paper_of_a_step_under_cover_names_both(seal: SealKey) -> None:
    kind = PaperKind.ONE_OFF_NOTICE
    facts = case_of(kind)
    step = facts.step.model_copy(update={"principal": "wang", "actor_name": "李某（代王某）"})
    under_cover = one_off_notice(replace(facts, step=step))

    made = typeset(kind, {**data_of(kind, seal), "sign": under_cover["sign"]})

    assert "经办：李某（代王某）" in plain(made.content)
    assert "经办" not in plain(typeset(kind, data_of(kind, seal)).content)


def test_the_signature_never_stands_alone_on_its_page(seal: SealKey) -> None:
    for count in range(1, 26):
        items = [{"text": "扫描件不清晰，请重新上传完整的扫描件，并注明页码。"}] * count
        kind = PaperKind.ONE_OFF_NOTICE
        made = typeset(kind, data_of(kind, seal, items=items))
        last = re.sub(r"\s+", "", pages(made.content)[-1])
        assert "依据：" in last
        assert "2023年11月2日" in last


def test_a_case_without_ballot_achievements_or_title_is_printed_too(seal: SealKey) -> None:
    from activities.papers.case_forms import review_form

    case = case_of(PaperKind.REVIEW_FORM, achievements=0)
    assert case.case.facts is not None
    bare = case.case.facts.model_copy(update={"current_title": None, "years_in_title": None})
    data = review_form(
        replace(case, ballot=None, case=case.case.model_copy(update={"facts": bare}))
    )
    assert "（无）" in plain(typeset(PaperKind.REVIEW_FORM, data).content)


def test_a_template_without_its_data_says_so_and_shows_no_value() -> None:
    with pytest.raises(TypesettingError) as caught:
        typeset(
            PaperKind.RETURN_NOTICE, {"title": "张三的秘密", "document": "", "rehearsal": False}
        )
    assert "张三" not in str(caught.value)


@pytest.mark.parametrize("kind", PaperKind)
def test_only_the_fonts_of_the_package_are_used(kind: PaperKind, seal: SealKey) -> None:
    content = typeset(kind, data_of(kind, seal)).content
    fonts = set(re.findall(rb"/FontName\s*/(?:[A-Z]{6}\+)?([A-Za-z-]+)", content))
    assert fonts <= {b"NotoSerifSC-Regular", b"NotoSansSC-Regular", b"NotoSerifSC", b"NotoSansSC"}


@pytest.mark.parametrize(
    ("days", "shown"),
    [
        ((date(2023, 12, 8),), "2023年12月8日"),
        ((date(2023, 12, 7), date(2023, 12, 8)), "2023年12月7日至8日"),
        ((date(2023, 11, 30), date(2023, 12, 1)), "2023年11月30日至12月1日"),
        ((date(2023, 12, 31), date(2024, 1, 1)), "2023年12月31日至2024年1月1日"),
        ((date(2023, 12, 8), date(2023, 12, 11)), "2023年12月8日、11日"),
        ((), ""),
    ],
)
def test_the_days_of_a_meeting_as_people_write_them(days: Any, shown: str) -> None:
    assert days_zh(days) == shown


def test_canonical_data_does_not_depend_on_order() -> None:
    assert canonical({"b": 1, "a": "字"}) == canonical({"a": "字", "b": 1}) == '{"a":"字","b":1}'


LENT = [
    (kind, act)
    for kind, paper in PAPERS.items()
    for act in sorted({*paper.steps} & {*CASE_ACTS})
    if kind in CASE_DATA
]


@pytest.mark.parametrize(("kind", "act"), LENT)
def test_a_paper_of_an_act_that_can_be_lent_prints_both_names_or_the_organisation_alone(
    kind: PaperKind, act: str
) -> None:
    facts, both = case_of(kind), "李某（代王某）"
    own = facts.step.model_copy(update={"name": act, "actor": "li", "actor_name": "李某"})
    lent = own.model_copy(update={"principal": "wang", "actor_name": both})

    def printed(step: TimelineEntry) -> str:
        data = CASE_DATA[kind](replace(facts, step=step, entries=(*facts.entries[:-1], step)))
        return plain(typeset(kind, data).content)

    assert f"经办：{both}" in printed(lent)
    assert "李某" not in printed(own)


def test_of_every_act_that_can_be_lent_a_paper_is_tried() -> None:
    # A deadline that was set later stands on 期限计算书 (test_extended_deadlines.py).
    assert {act for _, act in LENT} == {*CASE_ACTS} - {"extend_deadline"}
