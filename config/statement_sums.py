"""What a bank's statement says of itself: sums and counts, held against its lines.

A file that was cut off, or edited, is shown by nothing else. What a sum covers differs by bank (income,
both directions, their difference, the page), so a stated one fits if it fits any of these; one that fits
none is a bad file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

FEN = 100

_SIDE = {"收": "in", "贷": "in", "转入": "in", "存入": "in", "入账": "in"}
_SIDE |= {"支": "out", "借": "out", "转出": "out", "付": "out", "出账": "out"}
_WORDS = "|".join(sorted(_SIDE, key=len, reverse=True))
_MONEY = r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.\d{1,2})?"
_SUM = re.compile(
    rf"(?P<side>(?:{_WORDS})[^\d:,;]{{0,4}})?(?:总|合计|累计)[^\d:,;]{{0,4}}(?:金额|发生额|额)"
    rf"[^\d:,;]{{0,6}}[:\s]*¥?(?P<money>{_MONEY})(?![\d,]*\s*笔)"
)
_COUNT = re.compile(
    rf"(?:(?P<side>(?:{_WORDS})[^\d:,;]{{0,4}})?(?:总)?笔数[^\d:,;]{{0,4}}[:\s]*(?P<n>\d{{1,7}})"
    rf"|(?P<side2>(?:{_WORDS})[^\d:,;]{{0,6}})?(?:共|合计|总计|小计)[^\d,;]{{0,4}}(?P<m>\d{{1,7}})\s*笔)"
)
_BARE_SUM = re.compile(r"(?:合计|总计|小计)[:\s]*¥?(\d[\d,]{0,14}\.\d{2})(?!\d)")
_PLAIN_MONEY = re.compile(_MONEY)


class Movement(NamedTuple):
    """Money that moved on a line, in fen: negative where it left us or was taken back."""

    line: int
    fen: int


class Said(NamedTuple):
    """One sum (in fen) or count that a statement states."""

    side: str
    """`in`, `out`, or empty where it does not say."""
    is_count: bool
    value: int


def unfitting(
    rows: Iterable[tuple[int, str, tuple[str, ...]]], movements: Sequence[Movement]
) -> list[str]:
    """What does not fit, as Chinese sentences.

    Args:
        rows: rows outside the lines: line, text, and what stands in the columns of amount, credit
            and debit.
        movements: the lines, in their order.
    """
    problems: list[str] = []
    since = 0
    for line, text, columns in rows:
        before = [item for item in movements if item.line < line]
        covered = [before or list(movements), [item for item in before if item.line > since]]
        for said in _said(text, columns):
            if not any(said.value in _fitting(said, part) for part in covered):
                problems.append(f"第 {line} 行：{_told(said, covered[0])}，文件可能不完整")
        since = line if before else 0
    return problems


def says_of_the_whole(text: str) -> bool:
    """Whether a cell states a sum or a count of the statement."""
    return bool(_SUM.match(text) or _COUNT.match(text) or _BARE_SUM.match(text))


def _said(text: str, columns: tuple[str, ...]) -> list[Said]:
    found = [
        Said(side, False, fen)
        for side, stated in zip(("", "in", "out"), columns, strict=False)
        if (fen := _fen(stated)) is not None
    ]
    found += [
        Said(_side(match["side"]), False, fen)
        for match in _SUM.finditer(text)
        if (fen := _fen(match["money"])) is not None
    ]
    found += [
        Said("", False, fen)
        for match in _BARE_SUM.finditer(text)
        if (fen := _fen(match[1])) is not None
    ]
    found += [
        Said(_side(match["side"] or match["side2"]), True, int(match["n"] or match["m"]))
        for match in _COUNT.finditer(text)
    ]
    # The same value in its column and in the row's text is one statement.
    return list({(said.is_count, said.value): said for said in reversed(found)}.values())[::-1]


def _fitting(said: Said, covered: Sequence[Movement]) -> set[int]:
    """The values that would fit: taken-back money counts among the income or is left out."""
    moved = [item.fen for item in covered if item.fen]
    into = [fen for fen in moved if fen > 0]
    out = [-fen for fen in moved if fen < 0]
    if said.is_count:
        return {"in": {len(into)}, "out": {len(out)}}.get(
            said.side, {len(into), len(out), len(moved)}
        )
    net = sum(moved)
    either = {sum(into), sum(out), sum(into) + sum(out), net, -net}
    # A row of sums has fewer cells than the lines: a count may stand in a column of money.
    counts = {FEN * len(into), FEN * len(out), FEN * len(moved)}
    return {"in": {sum(into), net}, "out": {sum(out), -net}}.get(said.side, either) | counts


def _told(said: Said, covered: Sequence[Movement]) -> str:
    into = [item.fen for item in covered if item.fen > 0]
    out = [-item.fen for item in covered if item.fen < 0]
    if said.is_count:
        return f"写明 {said.value} 笔，实有收入 {len(into)} 笔、其他 {len(out)} 笔"
    return (
        f"写明合计 {_yuan(said.value)} 元，各行收入相加 {_yuan(sum(into))} 元、"
        f"其他相加 {_yuan(sum(out))} 元"
    )


def _side(words: str | None) -> str:
    found = next(
        (known for known in sorted(_SIDE, key=len, reverse=True) if known in (words or "")), ""
    )
    return _SIDE.get(found, "")


def _fen(stated: str) -> int | None:
    text = stated.removeprefix("¥").removesuffix("元").strip()
    if not _PLAIN_MONEY.fullmatch(text):
        return None
    return int(Decimal(text.replace(",", "")) * FEN)


def _yuan(fen: int) -> str:
    return f"{Decimal(fen) / FEN:.2f}"
