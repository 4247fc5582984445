"""Which characters could not be shown as they are: the table behind every text that comes in or goes out.

Apart from the types of `text`, so that a command line that only prints need not load their library.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

BREAKS = frozenset("\n\r\t")
_LINES = frozenset("\u2028\u2029")
FILLERS = frozenset("\u115f\u1160\u3164\uffa0")
"""Letters that show as nothing."""
_HIDING = FILLERS | frozenset("\u206a\u206b\u206c\u206d\u206e\u206f\ufff9\ufffa\ufffb")
"""Those, shaping switches and annotations."""
_TAGS = range(0xE0000, 0xE0080)
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_MARKS = _BIDI | _LINES | _HIDING
_LAST_TWO_OF_A_PLANE = 0xFFFE
_NO_CHARACTERS = range(0xFDD0, 0xFDF0)


@lru_cache(maxsize=16384)
def is_unsafe(char: str, *, breaks: bool = False) -> bool:
    """True for a control, a bidi mark, what hides, a line separator, a surrogate, a non-character.

    Args:
        breaks: new lines and tabs may stand in it.
    """
    if char in BREAKS:
        return not breaks
    if unicodedata.category(char) in ("Cc", "Cs") or char in _MARKS:
        return True
    point = ord(char)
    if point in _TAGS:
        return True
    return point & _LAST_TWO_OF_A_PLANE == _LAST_TWO_OF_A_PLANE or point in _NO_CHARACTERS
