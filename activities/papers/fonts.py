"""The fonts papers are set in, and which characters they have: asked before a paper is made.

Typst puts a box where no font has a character, and warns of nothing. So the fonts themselves are
asked (`cmap`), before anything is sealed: a certificate must not show a box for a name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn as package_fonts
import typst
from fontTools.ttLib import TTFont

RARE = Path(__file__).parent.parent / "fonts"
"""Han characters beyond the first plane, which the package lacks (activities/fonts/README.md)."""
LAID_OUT = frozenset("\n\r\t")
"""Breaks are laid out, not drawn."""
SET_SMALL = frozenset("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎⁰⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁱⁿ")
"""Signs that no font has and every paper sets from those of full size (`_paper.typ`, small-signs)."""
UNDRAWN = frozenset({"qr", "keywords"})
"""Parts of a paper's data that are no text on it: a drawing and what a search finds."""


@dataclass(frozen=True)
class Fonts:
    """Where fonts come from: the package, our own folder, and what the installation adds.

    Attributes:
        more: a folder of further fonts, for characters that the shipped ones lack; None: no more.
    """

    more: Path | None = None

    @property
    def folders(self) -> tuple[Path, ...]:
        """Each folder with fonts; those of the system are never used."""
        shipped = (package_fonts.serif_path().parent, package_fonts.sans_path().parent, RARE)
        return tuple(dict.fromkeys((*shipped, *([self.more] if self.more else []))))

    def loaded(self) -> typst.Fonts:
        """The fonts as the compiler takes them."""
        return _loaded(self)

    @property
    def families(self) -> tuple[str, ...]:
        """The families that the installation adds: a template names them last."""
        shipped = {font.family for font in _loaded(SHIPPED).fonts()}
        added = (font.family for font in self.loaded().fonts() if font.family not in shipped)
        return tuple(dict.fromkeys(added))

    def lacking(self, text: str) -> str:
        """The characters of a text that no font has, each once, in their order."""
        covered = _covered(self)
        lost = (char for char in text if char not in LAID_OUT and ord(char) not in covered)
        return "".join(dict.fromkeys(lost))

    def lacking_in(self, data: Mapping[str, Any]) -> str:
        """The characters of everything a paper shows that no font has."""
        lost = self.lacking("".join(_texts(data)))
        return "".join(char for char in lost if char not in SET_SMALL)


SHIPPED = Fonts()


def named(characters: str) -> str:
    """Characters with their numbers, since they may show as nothing: `𪚥（U+2A6A5）`."""
    return "、".join(f"{char}（U+{ord(char):04X}）" for char in characters)


def _texts(value: Any) -> Iterator[str]:
    """Every text of a paper's data, its keys and what is not drawn apart."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, part in value.items():
            if key not in UNDRAWN:
                yield from _texts(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _texts(part)


@cache
def _covered(fonts: Fonts) -> frozenset[int]:
    # Of the files that the compiler took: one that it cannot read would promise what it does not print.
    return frozenset().union(*(_points(font.path, font.index) for font in fonts.loaded().fonts()))


@cache
def _points(file: str, index: int) -> frozenset[int]:
    """Every code point a font has a glyph for."""
    with TTFont(file, fontNumber=index, lazy=True) as font:
        return frozenset(font.getBestCmap() or ())


@cache
def _loaded(fonts: Fonts) -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(folder) for folder in fonts.folders],
    )
