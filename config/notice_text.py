"""The notice word for word: whether it has these words, where it comes nearest, what is not quoted.

White space is nothing: a text copied from a page breaks its lines anywhere. Everything else is
compared as printed. `……` in words stands for a passage that was left out.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from config.campaign_findings import shortened

OMITTED = "……"
NEAR = 0.55
"""Below this likeness a passage of the text is another one."""
MOST_SHOWN = 3
"""Differences that are shown one by one."""
LEAST_SENTENCE = 8
"""Characters; shorter lines are headings and numbers."""
COVERED = 0.4
"""A sentence is quoted where so much of it stands in a quote."""

HEAD = 400
"""Characters of the head where the body has no heading."""

_FIRST_HEADING = re.compile(r"\n\s*一、")
_SPACE = re.compile(r"\s+")
_SENTENCE = re.compile(r"[^。；\n]+[。；]?")
_NUMBERING = re.compile(
    r"^(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十0-9]+）|[0-9]+[.．、])"
)
_SAYS_MORE = re.compile(r"[，：:0-9不应须需可]")
"""A numbered line without any of these is a heading (`1.市属事业单位、国有企业人员。`)."""
_DOCUMENT = re.compile(r"([\u4e00-\u9fff]{2,14})[〔\[［【(（]([0-9]{4})[〕\]］】)）]([0-9]{1,4}号)")
"""A 文号; pages print its brackets in every form."""
_OPENING, _CLOSING = "（《〈(", "）》〉)"


class NoticeText:
    """The text of one notice, or of a document of another layer that it rests on."""

    def __init__(self, printed: str, name: str = "") -> None:
        self.name = name
        self._printed = printed
        self.plain = _SPACE.sub("", printed)

    def has(self, words: str) -> bool:
        """True where these words stand in the text; what `……` parts, in this order."""
        start = 0
        pieces = parts_of(words)
        for piece in pieces:
            found = self.plain.find(piece, start)
            if found < 0:
                return False
            start = found + len(piece)
        return bool(pieces)

    def nearest(self, words: str) -> str:
        """Where it says something like these words, and how they differ, as a sentence."""
        told = [self._nearest(piece) for piece in parts_of(words) if piece not in self.plain]
        return "；".join(told) or "各段的先后与原文不同"

    def _nearest(self, piece: str) -> str:
        window, ratio = self._window(piece)
        if ratio < NEAR:
            return f"原文中没有与“{shortened(piece)}”相近的语句"
        differences = _differences(piece, window)
        shown = "，".join(differences[:MOST_SHOWN])
        more = f"等 {len(differences)} 处" if len(differences) > MOST_SHOWN else ""
        return f"{shown}{more}；原文为“{shortened(window)}”"

    def _window(self, piece: str) -> tuple[str, float]:
        """The passage that is most like the piece, trimmed to where it begins and ends alike."""
        matcher = difflib.SequenceMatcher(None, piece, self.plain, autojunk=False)
        anchor = matcher.find_longest_match(0, len(piece), 0, len(self.plain))
        slack = max(4, len(piece) // 4)
        start = max(0, anchor.b - anchor.a - slack)
        rough = self.plain[start : anchor.b + len(piece) - anchor.a + slack]
        inner = difflib.SequenceMatcher(None, piece, rough, autojunk=False)
        alike = [block for block in inner.get_matching_blocks() if block.size]
        if not alike:
            return "", 0.0
        first, last = alike[0], alike[-1]
        # What the piece has before its first and after its last likeness is as long in the text.
        begins = max(0, first.b - first.a)
        ends = min(len(rough), last.b + last.size + len(piece) - last.a - last.size)
        window = rough[begins:ends]
        return window, difflib.SequenceMatcher(None, piece, window, autojunk=False).ratio()

    @cached_property
    def number(self) -> str:
        """Its own 文号, with 〔〕: the first of its head outside brackets; empty where it has none."""
        printed = self._printed_head
        own = (
            f"{match[1]}〔{match[2]}〕{match[3]}"
            for match in _DOCUMENT.finditer(printed)
            if not _in_brackets(printed[: match.start()])
        )
        return next(own, "")

    @cached_property
    def head(self) -> str:
        """Everything before the first heading of the body, without white space."""
        return _SPACE.sub("", self._printed_head)

    @property
    def _printed_head(self) -> str:
        found = _FIRST_HEADING.search(self._printed)
        return self._printed[: found.start() if found else HEAD]

    def unquoted(self, quotes: Iterable[str], known: Iterable[str]) -> Iterator[str]:
        """The sentences of the body that no quote has.

        Args:
            known: what the notice's data states beside the quotes (title, links, …).
        """
        covered = bytearray(len(self.plain))
        for words in (*quotes, *known):
            for piece in parts_of(words):
                start = self.plain.find(piece)
                while start >= 0:
                    covered[start : start + len(piece)] = b"\x01" * len(piece)
                    start = self.plain.find(piece, start + 1)
        at = len(self.head)
        for sentence in self._sentences():
            start = self.plain.find(sentence, at)
            if start < 0:
                continue
            at = start + len(sentence)
            if sum(covered[start:at]) < COVERED * len(sentence):
                yield sentence

    def _sentences(self) -> Iterator[str]:
        for match in _SENTENCE.finditer(self._printed):
            numbered = _SPACE.sub("", match[0])
            sentence = _NUMBERING.sub("", numbered)
            heading = sentence != numbered and not _SAYS_MORE.search(sentence)
            if len(sentence) >= LEAST_SENTENCE and sentence[-1] in "。；" and not heading:
                yield sentence


def parts_of(words: str) -> tuple[str, ...]:
    """Words without white space, parted where `……` leaves something out."""
    return tuple(piece for piece in _SPACE.sub("", words).split(OMITTED) if piece)


def read_text(path: Path) -> NoticeText | None:
    """The text in a file; None where there is none."""
    if not path.is_file():
        return None
    return NoticeText(path.read_text(encoding="utf-8-sig", errors="replace"), path.name)


def _differences(stated: str, printed: str) -> list[str]:
    found = []
    codes = difflib.SequenceMatcher(None, stated, printed, autojunk=False).get_opcodes()
    for tag, from_, to, printed_from, printed_to in codes:
        ours, theirs = shortened(stated[from_:to]), shortened(printed[printed_from:printed_to])
        if tag == "replace":
            found.append(f"引文作“{ours}”处原文作“{theirs}”")
        elif tag == "delete":
            found.append(f"引文多出“{ours}”")
        elif tag == "insert":
            found.append(f"引文在“{stated[max(0, from_ - 4) : from_]}”之后缺“{theirs}”")
    return found


def _in_brackets(before: str) -> bool:
    opened = sum(before.count(char) for char in _OPENING)
    return opened > sum(before.count(char) for char in _CLOSING)
