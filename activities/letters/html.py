"""What a letter needs besides its words where it is shown as a page: what no line may break."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_PIECES = re.compile(
    r"(?:\d{4}年)?\d{1,2}月\d{1,2}日"
    r"|（周[一二三四五六日]）(?:\d{1,2}:\d{2})?"
    r"|0\d{2,3}[-—－]\d{7,8}(?:转\d{1,6})?"
)
"""A day, its weekday with the hour, a telephone number: on a telephone's narrow screen the number was
cut at its dash, and whoever touched it rang half of it."""
_KEPT = r'<span style="white-space:nowrap">\g<0></span>'


def in_one_piece(text: str) -> Markup:
    """The text as HTML, with what belongs together in one piece."""
    # A piece has nothing that a page would take for its own, so that what is around it is all to escape.
    return Markup(_PIECES.sub(_KEPT, str(escape(text))))  # noqa: S704 - escaped a word before
