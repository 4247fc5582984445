"""The fonts have the characters that they promise, and the ones they lack are found before a paper."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import typst

from activities.papers.fonts import RARE, SET_SMALL, SHIPPED, Fonts, named
from activities.papers.typesetting import MissingGlyphsError, draw_seal, typeset
from tests.paper_samples import data_of
from tests.unit.test_paper_templates import plain, seal  # noqa: F401 - a fixture
from workflows.rules.papers import PaperKind

BLOCKS = {
    "CJK Unified Ideographs": (range(0x4E00, 0xA000), 20_992),
    "Extension A": (range(0x3400, 0x4DC0), 6_592),
    "Extension B": (range(0x20000, 0x2A6E0), 42_720),
    "Extension C": (range(0x2A700, 0x2B73A), 4_154),
    "Extension D": (range(0x2B740, 0x2B81E), 222),
    "Extension E": (range(0x2B820, 0x2CEA2), 5_762),
    "Extension F": (range(0x2CEB0, 0x2EBE1), 7_473),
    "Extension G": (range(0x30000, 0x3134B), 3_045),
    "Extension H": (range(0x31350, 0x323B0), 2_271),
    "Extension I": (range(0x2EBF0, 0x2EE5E), 0),
}
NAMES = "𠮷𡋤𢀖𣲘𤧛𥖎𦈡𦭜𧟰𨐈𨱑𩽾𪟝𪣻𫖯𫘧𫟹𬇙𬭊𬶟𬺓𭓛𮧵𰀀𱁬𲎯㑇㛃䶮鿍鿫"
"""One at least of each block, among them the 人名用字 of the 通用规范汉字表 beyond the first plane."""


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_is_covered_as_the_readme_says(block: str) -> None:
    points, has = BLOCKS[block]
    lacking = SHIPPED.lacking("".join(map(chr, points)))

    assert len(points) - len(lacking) == has
    row = next(
        line for line in (RARE / "README.md").read_text().splitlines() if f"| {block}" in line
    )
    assert f"{len(points):,}" in row
    assert row.endswith(f" {has:,} |")


def test_each_rare_character_has_a_drawing_of_its_own(tmp_path: Path) -> None:
    """The `cmap` says so; the ink shows it: a box would be the same for two of them."""
    inks = {_ink(char, tmp_path) for char in NAMES}

    assert len(inks) == len(NAMES)


@pytest.mark.parametrize("kind", [PaperKind.CERTIFICATE, PaperKind.PUBLICITY_FORM])
def test_a_rare_name_is_printed_and_can_be_searched(kind: PaperKind, seal: Any) -> None:  # noqa: F811
    assert NAMES in plain(typeset(kind, data_of(kind, seal, name=NAMES)).content)


@pytest.mark.parametrize(
    "kind", [PaperKind.CERTIFICATE, PaperKind.PUBLICITY_FORM, PaperKind.REVIEW_FORM]
)
def test_small_signs_are_set_from_those_of_full_size(kind: PaperKind, seal: Any) -> None:  # noqa: F811
    """CO₂ in a title kept every paper of a notice about carbon from being made: no font has its ₂."""
    signs = "".join(sorted(SET_SMALL))
    content = typeset(kind, data_of(kind, seal, name=f"CO₂{signs}x⁵")).content

    assert "CO2" in plain(content)
    assert "x5" in plain(content)
    assert SHIPPED.lacking(signs) == signs


def test_a_seal_sets_nothing_small() -> None:
    with pytest.raises(MissingGlyphsError):
        draw_seal("CO₂减排职称改革办公室", "电子印章", 113.0)


@pytest.mark.parametrize("kind", PaperKind)
@pytest.mark.parametrize("char", ["\U0002ebf0", "\U00031353", "\ue863", "😀"])
def test_what_no_font_has_stops_the_paper(kind: PaperKind, char: str, seal: Any) -> None:  # noqa: F811
    data = {**data_of(kind, seal), "title": f"张{char}"}

    with pytest.raises(MissingGlyphsError) as stopped:
        typeset(kind, data)

    assert stopped.value.characters == char
    assert f"U+{ord(char):04X}" in named(char)


def test_a_seal_with_a_box_is_not_drawn() -> None:
    assert draw_seal("𠮷阳市职称改革办公室", "电子印章", 113.0)
    with pytest.raises(MissingGlyphsError):
        draw_seal("\U0002ebf0阳市职称改革办公室", "电子印章", 113.0)


def test_a_file_that_the_compiler_does_not_take_promises_nothing(tmp_path: Path) -> None:
    (tmp_path / "broken.ttf").write_bytes((RARE / "rare-song.ttf").read_bytes()[:4096])

    assert Fonts(tmp_path).lacking("\U0002ebf0") == "\U0002ebf0"


def _ink(char: str, folder: Path) -> bytes:
    """How a character looks in the font chain of the papers, as pixels."""
    page = folder / "one.typ"
    shared = json.dumps(str(RARE.parent / "templates" / "papers" / "_paper.typ"))
    page.write_text(
        f"#import {shared}: song\n#set page(width: 40pt, height: 40pt, margin: 4pt)\n"
        f"#text(font: song, size: 28pt, {json.dumps(char, ensure_ascii=False)})"
    )
    content = typst.Compiler(
        input=str(page), root="/", font_paths=SHIPPED.loaded(), ignore_system_fonts=True
    ).compile(format="pdf")
    assert isinstance(content, bytes)
    document = pypdfium2.PdfDocument(content)
    pixels = bytes(document[0].render(scale=2).buffer)
    document.close()
    return pixels
