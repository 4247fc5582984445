"""How fast papers are made and what memory they take; printed beside a bare page (`make bench`)."""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pypdfium2
import pytest
import typst

from activities.papers.case_forms import review_form
from activities.papers.fonts import SHIPPED
from activities.papers.sealing import Impression, sealed
from activities.papers.seals import SealKey, Seals
from activities.papers.typesetting import typeset
from tests.paper_samples import at, case_of, data_of
from workers.stack.seals import demo_seal
from workflows.rules.papers import PaperKind

pytestmark = pytest.mark.benchmark

FORMS, SEALED, ROWS = 1_000, 200, 5_000
BARE = """
#set document(date: none)
#set page(paper: "a4")
#set text(font: "Noto Serif SC", lang: "zh", size: 11pt)
#sys.inputs.number
#for _ in range(26) [一页普通的文字，没有表格，没有印章，只有同一种字体，用来比较。]
"""


def measured(make: Callable[[int], bytes], times: int) -> tuple[float, int, float]:
    """Seconds, pages of one, and by how many MiB the process grew at its highest."""
    process = psutil.Process()
    pages = len(pypdfium2.PdfDocument(make(0)))  # the first also loads fonts and template
    gc.collect()
    before = highest = process.memory_info().rss
    began = time.perf_counter()
    for number in range(1, times + 1):
        make(number)
        if number % 50 == 0:
            highest = max(highest, process.memory_info().rss)
    took = time.perf_counter() - began
    highest = max(highest, process.memory_info().rss)
    return took, pages, (highest - before) / 2**20


def show(what: str, times: int, took: float, pages: int, grew: float) -> None:
    print(
        f"{what:<34} {times:>5} papers of {pages} pages  {times * pages / took:>7.0f} pages/s"
        f"  {1000 * took / times:>6.1f} ms a paper  +{grew:>5.0f} MiB"
        f"  (peak of the process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10:.0f} MiB)"
    )


def test_a_thousand_review_forms(tmp_path: Path) -> None:
    """Each of another person, so that nothing is only repeated."""
    print()
    file = tmp_path / "bare.typ"
    file.write_text(BARE, encoding="utf-8")
    bare = typst.Compiler(input=str(file), font_paths=SHIPPED.loaded(), ignore_system_fonts=True)

    def bare_page(number: int) -> bytes:
        content = bare.compile(format="pdf", sys_inputs={"number": str(number)})
        assert isinstance(content, bytes)
        return content

    def form(number: int) -> bytes:
        case = case_of(PaperKind.REVIEW_FORM, name=f"张三{number}", opinion=f"意见{number}。" * 8)
        return typeset(PaperKind.REVIEW_FORM, review_form(case)).content

    show("a bare page of text", FORMS, *measured(bare_page, FORMS))
    took, pages, grew = measured(form, FORMS)
    show("评审表, typeset", FORMS, took, pages, grew)
    show("a bare page of text, again", FORMS, *measured(bare_page, FORMS))
    key = seal_in(tmp_path)
    show(
        "评审表, typeset and sealed twice",
        SEALED,
        *measured(lambda n: twice(form(n), n, key), SEALED),
    )
    assert pages >= 3


def test_a_list_of_five_thousand(tmp_path: Path) -> None:
    """The longest paper there is."""
    print()
    key = seal_in(tmp_path)

    def result_list(number: int) -> bytes:
        data = data_of(PaperKind.RESULT_LIST, key, rows=ROWS)
        return typeset(PaperKind.RESULT_LIST, {**data, "reference": str(number)}).content

    show(f"评审结果公示 of {ROWS} candidates", 3, *measured(result_list, 3))


def seal_in(folder: Path) -> SealKey:
    """A demonstration's seal."""
    made = demo_seal(folder)
    found = Seals.load(made.store, made.password).of("anybody")
    assert found is not None
    return found


def twice(content: bytes, number: int, key: SealKey) -> bytes:
    """Both seals of a result page, where the template wants them."""
    places = typeset(PaperKind.REVIEW_FORM, review_form(case_of(PaperKind.REVIEW_FORM))).places
    return sealed(content, [Impression(p.of.value, key, p) for p in places], at("2024-01-12"))
