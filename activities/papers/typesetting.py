"""Typesetting with Typst: the same data and fonts give the same bytes; no font is the system's."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import typst

from activities.papers.catalogue import PAPERS
from activities.papers.fonts import SHIPPED, Fonts, named
from workflows.rules.papers import PaperKind, SealOf, Subject

TEMPLATES = Path(__file__).parent.parent / "templates" / "papers"
SHARED = "_paper.typ"
SEAL_TEMPLATE = "seal.typ"
LARGE = 200_000
"""Characters of data from which on a paper is a list of hundreds."""
ROUNDS_TO_FORGET = 12
"""Typst keeps what it laid out for the next ten documents: 300 MB for a list of 5,000."""

_lock = threading.Lock()
"""A compiler keeps its inputs between calls, and papers are set in worker threads."""


class TypesettingError(Exception):
    """A template does not compile with its data; retrying will not help."""


class MissingGlyphsError(TypesettingError):
    """No font has some characters of the data: the paper would show boxes for them.

    Attributes:
        characters: which, each once.
    """

    def __init__(self, characters: str) -> None:
        super().__init__(f"no glyph for {named(characters)}")
        self.characters = characters


@dataclass(frozen=True)
class SealPlace:
    """Where a template wants a seal, in points from the page's top left corner."""

    of: SealOf
    page: int
    x: float
    y: float
    size: float


@dataclass(frozen=True)
class Typeset:
    """A paper before sealing.

    Attributes:
        content: the PDF.
        places: where its seals belong, in the order of the pages.
    """

    content: bytes
    places: tuple[SealPlace, ...]

    @property
    def sha256(self) -> str:
        """The hash of the unsealed bytes."""
        return sha256(self.content).hexdigest()


def typeset(kind: PaperKind, data: Mapping[str, Any], fonts: Fonts = SHIPPED) -> Typeset:
    """Set a paper. CPU work: call it in a thread.

    Args:
        data: JSON values; the same values in any order give the same bytes.

    Raises:
        MissingGlyphsError: the fonts lack characters of it.
        TypesettingError: naming what the template stumbled over, never a value.
    """
    with _compiling(kind, data, fonts) as compiler:
        # A list with the tags of an accessible document is ten times as large; a person's own
        # papers have them.
        tagged = PAPERS[kind].subject is Subject.APPLICATION
        content = _compiled(compiler, kind.value, data, fonts, tagged=tagged)
        found = json.loads(compiler.query("<seal>", field="value"))
    places = tuple(
        SealPlace(SealOf(item["seal"]), item["page"], item["x"], item["y"], item["size"])
        for item in found
    )
    return Typeset(content, places)


def pictured(kind: PaperKind, data: Mapping[str, Any], fonts: Fonts = SHIPPED) -> tuple[bytes, ...]:
    """The same paper as pictures of its pages (SVG: half of a PNG on its way, and sharp at any size).
    CPU work: call it in a thread.

    Raises:
        MissingGlyphsError: the fonts lack characters of it.
        TypesettingError: naming what the template stumbled over, never a value.
    """
    with _compiling(kind, data, fonts) as compiler:
        try:
            pages = compiler.compile(format="svg", sys_inputs=_inputs(data, fonts))
        except typst.TypstError as err:
            raise TypesettingError(f"{kind.value}: {err.message}") from None
    return tuple(pages) if isinstance(pages, list) else (pages or b"",)


@contextmanager
def _compiling(kind: PaperKind, data: Mapping[str, Any], fonts: Fonts) -> Iterator[typst.Compiler]:
    """The compiler of a paper's template, alone with it; what a large list leaves in it is let go."""
    if lost := fonts.lacking_in(data):
        raise MissingGlyphsError(lost)
    with _lock:
        yield _compiler(PAPERS[kind].template, fonts)
        if len(canonical(data)) > LARGE:
            _forget()


@lru_cache(maxsize=64)
def draw_seal(name: str, below: str, size: float, fonts: Fonts = SHIPPED) -> bytes:
    """A round red seal as a one-page PDF of its own size in points.

    Raises:
        MissingGlyphsError: the fonts lack characters of the name.
    """
    if lost := fonts.lacking(name + below):
        raise MissingGlyphsError(lost)
    with _lock:
        return _compiled(
            _compiler(SEAL_TEMPLATE, fonts),
            "seal",
            {"name": name, "below": below, "size": size},
            fonts,
        )


@cache
def template_version(kind: PaperKind) -> str:
    """A short hash of the paper's template and what it shares: tells which wording was printed."""
    parts = (TEMPLATES / PAPERS[kind].template, TEMPLATES / SHARED)
    return sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()[:12]


def canonical(data: Mapping[str, Any]) -> str:
    """Data as it is hashed and handed to the template: sorted, so that order changes nothing."""
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _forget() -> None:
    """Let Typst's memory of a large paper grow old, so that the next does not come on top of it."""
    small = _compiler(SEAL_TEMPLATE, SHIPPED)
    for number in range(ROUNDS_TO_FORGET):
        _compiled(small, "seal", {"name": "", "below": str(number), "size": 100}, SHIPPED)


def _compiled(
    compiler: typst.Compiler,
    what: str,
    data: Mapping[str, Any],
    fonts: Fonts,
    *,
    tagged: bool = True,
) -> bytes:
    try:
        content, warnings = compiler.compile_with_warnings(
            format="pdf",
            sys_inputs=_inputs(data, fonts),
            pdf_tags=tagged,
        )
    except typst.TypstError as err:
        raise TypesettingError(f"{what}: {err.message}") from None
    if warnings:
        # A font that is not found, or a layout that does not settle, must not leave the house.
        raise TypesettingError(f"{what}: {warnings[0].message}")
    if not isinstance(content, bytes):
        raise TypesettingError(f"{what}: no document")
    return content


def _inputs(data: Mapping[str, Any], fonts: Fonts) -> dict[str, str]:
    return {"data": canonical(data), "fonts": json.dumps(fonts.families)}


@cache
def _compiler(template: str, fonts: Fonts) -> typst.Compiler:
    return typst.Compiler(
        input=str(TEMPLATES / template),
        root=str(TEMPLATES),
        font_paths=fonts.loaded(),
        ignore_system_fonts=True,
    )
