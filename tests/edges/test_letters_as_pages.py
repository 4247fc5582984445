"""Letters as pages: what a telephone shows of them. Looked at by eye at 360 and 720 points (README)."""

from __future__ import annotations

import re

import pytest

from activities.letters.html import in_one_piece
from activities.letters.writing import write
from tests.unit.test_templates import SAMPLES, about
from workflows.rules.names import LetterKind, Party

KEPT = re.compile(r'<span style="white-space:nowrap">([^<]*)</span>')


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("电话023-00000002。", ["023-00000002"]),
        ("电话0830—0000000转8012", ["0830—0000000转8012"]),
        ("请于2023年11月1日（周三）24:00前", ["2023年11月1日", "（周三）24:00"]),
        ("11月1日前", ["11月1日"]),
        ("申报编号00000000cafe，（2023）第54号", []),
    ],
)
def test_what_belongs_together_is_not_broken(text: str, kept: list[str]) -> None:
    """At 360 points `023-` stood on one line and the number on the next, `2023年11` and `月1日`."""
    shown = in_one_piece(text)
    assert KEPT.findall(shown) == kept
    assert re.sub(r"<[^>]*>", "", shown) == text


def test_words_stay_words() -> None:
    said = "<b>张三</b> & 023-00000002<script>"
    shown = in_one_piece(said)
    assert "<b>" not in shown
    assert "<script>" not in shown
    assert "&lt;b&gt;张三&lt;/b&gt; &amp; " in shown


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_telephone_shows_a_letter_at_its_own_width(kind: LetterKind) -> None:
    """Without a viewport it is drawn for a desk and shrunk; two margins left thirteen characters a line."""
    for params in SAMPLES[kind]:
        page = write(about(kind, Party.APPLICANT, params)).html
        assert 'name="viewport" content="width=device-width' in page
        assert "overflow-wrap:anywhere" in page
        margins = [int(left) for left in re.findall(r"padding:(?:\d+px )?(\d+)px", page)]
        assert sum(margins) <= 24
        assert max(map(len, KEPT.findall(page)), default=0) < 20
